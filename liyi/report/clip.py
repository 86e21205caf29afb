"""A stretch of a recording as it can be shown to others without picture and sound: joints that move, and captions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.errors import LiyiError
from liyi.report.captions import MOST_WIDE, SENTENCE_ENDS, spelled
from liyi.report.player import skeleton
from liyi.report.stills import line_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from liyi.etiquette.assessment import Assessment, TranscriptLine, TranscriptWord
    from liyi.etiquette.performance import Performance


def moving_joints(
    performance: Performance, assessment: Assessment, criterion: str, start_s: float, end_s: float
) -> bytes:
    """The joints of a stretch as JSON, with the line that shows a criterion, and nothing else of the recording.

    Parameters
    ----------
    performance, assessment
        Where the joints were, and which measure the criterion is judged by.
    criterion
        Whose line is drawn, where it has one.
    start_s, end_s
        The stretch, in seconds of the recording; the clock of the answer begins at 0.

    Raises
    ------
    LiyiError
        When nobody is seen in it.
    """
    body = performance.body
    inside = np.zeros(0, dtype=bool) if body is None else (body.t >= start_s) & (body.t <= end_s)
    if body is None or not np.isfinite(body.points[inside]).any():
        raise LiyiError("Nobody is seen well enough in this stretch to be shown as a skeleton: choose another one, or "
                        "show it as it is.")  # fmt: skip
    lines = {
        v.criterion: line for v in assessment.verdicts if v.criterion == criterion and (line := line_of(v.measure))
    }
    told = {
        "duration": round(end_s - start_s, 3),
        "chosen": criterion,
        **skeleton(body.t[inside] - start_s, body.points[inside], body.track.size, lines),
    }
    return json.dumps(told, separators=(",", ":")).encode("ascii")


def captions_between(transcript: Sequence[TranscriptLine], start_s: float, end_s: float) -> list[dict[str, Any]]:
    """What is said within a stretch, by whole words, as captions on a clock that begins with it.

    Returns
    -------
    list of dict
        ``start_s``, ``end_s`` and ``text`` of each, at most two lines of a small picture long.
    """
    return [
        {"start_s": round(words[0].start_s - start_s, 3), "end_s": round(words[-1].end_s - start_s, 3), "text": text}
        for line in transcript
        for words, text in _cues(line, start_s, end_s)
    ]


def _cues(line: TranscriptLine, start_s: float, end_s: float) -> Iterator[tuple[list[TranscriptWord], str]]:
    words: list[TranscriptWord] = []
    text = ""
    for word, before, shown in spelled(line):
        if word.start_s < start_s or word.end_s > end_s:
            continue
        wide = sum(2 if ord(sign) >= 0x2E80 else 1 for sign in text + before + shown)
        if words and (wide > MOST_WIDE or text.rstrip().endswith(SENTENCE_ENDS)):
            yield words, " ".join(text.split())
            words, text = [], ""
        text += (before if words else "") + shown
        words = [*words, word]
    if words and text.strip():
        yield words, " ".join(text.split())
