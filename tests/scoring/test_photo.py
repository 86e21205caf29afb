"""A photo from file to report: one frame of a sample, whose truth is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from liyi.core.errors import MediaError
from liyi.core.options import Options
from liyi.core.trace import Interval
from liyi.etiquette.norms import load_pack
from liyi.media.recording import open_media
from liyi.report.html import HTML
from liyi.scoring.rejudge import rejudge
from liyi.scoring.score import score
from tests.posture.recordings import truths

SAMPLE = Path(__file__).resolve().parents[2] / "sample_media" / "counter_front_zh.mp4"
AT_S = 2.4  # arms crossed


def test_a_frame_as_a_photo_reads_what_it_shows(tmp_path, models_ready):
    photo = tmp_path / "正面.png"
    Image.fromarray(open_media(SAMPLE).frame_at(AT_S).image).save(photo)
    options = Options(calibration=Interval(0.0, 6.0))
    found = score(photo, out=tmp_path / "out", pack=load_pack("counter"), options=options, report=HTML)
    verdicts = {verdict.criterion: verdict for verdict in found.verdicts}
    moments = json.loads(SAMPLE.with_suffix(".truth.json").read_text(encoding="utf-8"))["joints"]
    true = truths(min(moments, key=lambda moment: abs(moment["t"] - AT_S))["joints_px"])
    for id in ("shoulder_tilt", "trunk_side_lean"):
        assert abs(verdicts[id].value - true[id]) <= 2 * verdicts[id].error
    assert (verdicts["crossed_arms"].value, verdicts["crossed_arms"].status) == (1.0, "assessed")
    assert (found.total, found.recording.kind, len(found.recording.warnings)) == (None, "photo", 1)
    assert "no calibration stretch" in found.recording.warnings[0].text
    again = rejudge(tmp_path / "out", pack=load_pack("counter"), profile="standing", lang="en", report=HTML)
    assert (again.profile, again.is_photo) == ("standing", True)
    assert "<img" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_photo_without_a_person_says_so(tmp_path, models_ready):
    photo = tmp_path / "a.jpg"
    Image.new("RGB", (320, 240), (180, 190, 200)).save(photo)
    with pytest.raises(MediaError, match="shows no person who can be made out: take the photo in the light"):
        score(photo, out=tmp_path / "out", pack=load_pack("counter"))
