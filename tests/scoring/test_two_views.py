"""Two cameras: the side's recording is aligned by its sound, and each criterion comes from the view that shows it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.core.reasons import Reason
from liyi.etiquette.assess import circumstances_of, signals_of
from liyi.etiquette.judge import judge
from liyi.etiquette.norms import load_pack
from liyi.etiquette.store import load_performance, save_performance
from liyi.etiquette.views import SideView
from liyi.media.aligning import Alignment
from liyi.media.recording import open_media
from liyi.report.html import HTML
from liyi.scoring.limited import run_limited
from liyi.scoring.two_views import opened_beside
from tests.scoring.two_cameras import partner

SAMPLES = Path(__file__).resolve().parents[2] / "sample_media"
FRONT, SIDE = SAMPLES / "counter_front_zh.mp4", SAMPLES / "counter_side_zh.mp4"
ALIGNED = Alignment(offset_s=3.0, drift_ppm=0.0, error_s=0.005, windows=5, agreeing=5)
SIDE_ONLY = ("trunk_forward_lean", "head_forward", "hip_angle", "knee_angle")


def two_views(*, begins_s: float | None):
    """The sample from the front with that from the side beside it, as if it began then; None: not aligned."""
    front, side = (load_performance(SAMPLES / f"{each.stem}.measures.parquet") for each in (FRONT, SIDE))
    body = None
    if begins_s is not None:
        body = replace(side.body, track=replace(side.body.track, t=side.body.track.t + begins_s))
    alignment = None if begins_s is None else replace(ALIGNED, offset_s=begins_s)
    return replace(front, side=SideView("side.mp4", "0" * 64, side.duration_s, alignment, body))


def judged(performance):
    pack = load_pack("counter")
    found = judge(signals_of(performance, pack), pack, "seated", circumstances_of(performance, []))
    return found, {verdict.criterion: verdict for verdict in found.verdicts}


def test_each_criterion_comes_from_the_view_that_shows_it():
    front, _ = judged(two_views(begins_s=None))
    found, verdicts = judged(two_views(begins_s=3.0))
    alone = {v.criterion: v for v in judged(load_performance(SAMPLES / f"{SIDE.stem}.measures.parquet"))[0].verdicts}
    assert {id for id, v in verdicts.items() if v.view == "side"} == {*SIDE_ONLY}
    assert verdicts["shoulder_tilt"].view == "front"
    assert verdicts["pace"].view == ""
    assert [verdicts[id].value for id in SIDE_ONLY] == [alone[id].value for id in SIDE_ONLY]
    first = verdicts["head_forward"].evidence[0].start_s
    assert first == pytest.approx(alone["head_forward"].evidence[0].start_s + 3.0, abs=0.002)
    assert found.coverage > front.coverage


def test_what_is_not_aligned_counts_as_not_assessed_and_never_as_the_front():
    found, verdicts = judged(two_views(begins_s=None))
    assert {verdicts[id].reason for id in SIDE_ONLY} == {Reason.NOT_ALIGNED}
    alone = judged(replace(two_views(begins_s=None), side=None))[0]
    assert found.coverage < alone.coverage  # of two cameras, what either should have shown is expected


def test_both_views_are_kept_to_be_judged_again(tmp_path):
    performance = two_views(begins_s=3.0)
    save_performance(tmp_path / "measures.parquet", performance, {})
    again = load_performance(tmp_path / "measures.parquet")
    assert again.camera == "both"
    assert again.side.alignment == performance.side.alignment
    assert np.array_equal(again.side.body.track.t, performance.side.body.track.t)
    assert judged(again)[0] == judged(performance)[0]


def test_the_same_recording_twice_is_refused(tmp_path):
    media = open_media(FRONT)
    with pytest.raises(LiyiError, match="are the same recording"):
        opened_beside(media, FRONT, Options(), shows=lambda media: 1.0)
    with pytest.raises(LiyiError, match="the first is the one from the front"):
        opened_beside(media, SIDE, Options(camera="side"), shows=lambda media: 1.0)


def test_two_files_become_one_assessment(models_ready, tmp_path):
    front = partner(tmp_path / "front.mp4", FRONT, FRONT, 0.0, most_s=11.0)
    side = partner(tmp_path / "side.mp4", SIDE, FRONT, 2.0)
    run_limited(front, tmp_path / "out", pack=load_pack("counter"), side=side, options=Options(recogniser=None),
                lang="en", report=HTML)  # fmt: skip
    told = json.loads((tmp_path / "out" / "assessment.json").read_bytes())
    assert told["recording"]["camera"] == "both"
    assert told["recording"]["side"]["alignment"]["offset_s"] == pytest.approx(2.0, abs=0.01)
    views = {v["criterion"]: v["view"] for v in told["verdicts"]}
    assert views["head_forward"] == "side"
    assert views["crossed_arms"] == "front"
    page = (tmp_path / "out" / "report.html").read_text()
    assert 'data-criterion="head_forward"' in page  # drawn from the side's file
    assert '"side":{"media":"./side.mp4"' in page
