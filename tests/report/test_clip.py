"""What is shown of a stretch without picture and sound: its own joints and words, none from before or after."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest

from liyi.core.errors import LiyiError
from liyi.etiquette.assessment import TranscriptLine, TranscriptWord
from liyi.report.clip import captions_between, moving_joints


def test_joints_are_of_the_stretch_alone_and_on_its_own_clock(performance, assessment):
    told = json.loads(moving_joints(performance, assessment, "shoulder_tilt", 1.0, 2.0))
    assert set(told) == {"duration", "chosen", "size", "t", "xy", "joints", "bones", "lines"}
    t = np.frombuffer(base64.b64decode(told["t"]), "<f4")
    body = performance.body
    inside = (body.t >= 1.0) & (body.t <= 2.0)
    assert t == pytest.approx(body.t[inside] - 1.0, abs=1e-5)
    xy = np.frombuffer(base64.b64decode(told["xy"]), "<u2")
    assert xy.size == 2 * told["joints"] * inside.sum()
    assert list(told["lines"]) == ["shoulder_tilt"]


def test_a_stretch_in_which_nobody_is_seen_is_refused(performance, assessment):
    with pytest.raises(LiyiError, match="Nobody is seen"):
        moving_joints(performance, assessment, "pace", 900.0, 905.0)


def words(text: str, start_s: float) -> TranscriptLine:
    each = [TranscriptWord(start_s=start_s + k, end_s=start_s + k + 0.9, text=sign, probability=1.0)
            for k, sign in enumerate(text)]  # fmt: skip
    return TranscriptLine(start_s=start_s, end_s=start_s + len(text), text=f"{text}。", words=tuple(each))


def test_captions_hold_whole_words_of_the_stretch_alone():
    told = captions_between((words("张三您好请坐", 0.0), words("再见", 8.0)), 2.0, 5.0)
    assert [(each["text"], each["start_s"], each["end_s"]) for each in told] == [("您好请", 0.0, 2.9)]
    assert captions_between((words("张三", 0.0),), 0.5, 1.5) == []
    assert [each["text"] for each in captions_between((words("再见", 8.0),), 7.0, 20.0)] == ["再见。"]
