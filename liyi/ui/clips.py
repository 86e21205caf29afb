"""The same moment of two recordings, to see and hear what changed: the same sentence, else what each was judged by."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from liyi.media.clock import CLOCK_LEAPS, CLOCK_LEAPS_OFTEN

if TYPE_CHECKING:
    from liyi.etiquette.assessment import Assessment, TranscriptLine

_HEARD = ("voice", "language", "process")  # dimensions
_ALIKE = 0.75  # of two sentences' characters: a recogniser seldom writes the same twice
_LEAST_SIGNS = 4
_SHORTEST_S, _LONGEST_S = 3.0, 10.0


@dataclass(frozen=True)
class Clip:
    """A stretch of a recording in seconds; ``said`` is the sentence in it that both recordings have."""

    start_s: float
    end_s: float
    said: str = ""


def pair(first: Assessment, last: Assessment, criterion: str) -> tuple[Clip, Clip]:
    """A stretch of each of two recordings, about the criterion.

    For voice and words the sentence that both have, where there is one. Else the first moment that each was judged by;
    where there is none, since nothing was to be found, the middle of the recording.
    """
    if not is_seen(last, criterion):
        same = same_sentence(first, last)
        if same is not None:
            return _of_line(first, same[0]), _of_line(last, same[1])
    return _proof(first, criterion), _proof(last, criterion)


def is_seen(assessment: Assessment, criterion: str) -> bool:
    """Whether a criterion is about what is seen, and not about what is heard."""
    return not any(v.criterion == criterion and v.dimension in _HEARD for v in assessment.verdicts)


def same_sentence(first: Assessment, last: Assessment) -> tuple[TranscriptLine, TranscriptLine] | None:
    """The sentences of the two transcripts that are most alike, the earliest of them; None when none are."""
    best, found = _ALIKE, None
    for one in first.transcript:
        for other in last.transcript:
            left, right = _letters(one.text), _letters(other.text)
            if min(len(left), len(right)) < _LEAST_SIGNS:
                continue
            alike = difflib.SequenceMatcher(None, left, right, autojunk=False).ratio()
            if alike > best or (found is None and alike == best):
                best, found = alike, (one, other)
    return found


def _letters(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())


def _of_line(assessment: Assessment, line: TranscriptLine) -> Clip:
    clip = _clip(line.start_s, line.end_s, assessment.recording.duration_s)
    return Clip(clip.start_s, clip.end_s, line.text.strip())


def _proof(assessment: Assessment, criterion: str) -> Clip:
    duration = assessment.recording.duration_s
    verdict = next((each for each in assessment.verdicts if each.criterion == criterion), None)
    if verdict is None or not verdict.evidence:
        return _clip(duration / 2, duration / 2, duration)
    moment = verdict.evidence[0]
    return _clip(moment.start_s, moment.end_s, duration)


def _clip(start_s: float, end_s: float, duration_s: float) -> Clip:
    """A stretch that is long enough to see something and short enough to see it twice, inside the recording."""
    missing = max(0.0, _SHORTEST_S - (end_s - start_s))
    start = max(0.0, start_s - missing / 2)
    end = min(duration_s, max(start + _SHORTEST_S, min(end_s + missing / 2, start + _LONGEST_S)))
    return Clip(max(0.0, min(start, end - _SHORTEST_S)), end)


def start_in_file(assessment: Assessment, second: float) -> float | None:
    """Where a moment is by the clock of the file, by which a player goes; None where it cannot be sent there."""
    for told in assessment.recording.warnings:
        if told.sentence in (CLOCK_LEAPS, CLOCK_LEAPS_OFTEN) and second >= told.fields["second"]:
            ahead_s = told.fields.get("leap", 0.0)
            return second + ahead_s if ahead_s > 0 else None
    return second
