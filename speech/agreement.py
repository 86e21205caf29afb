"""How far the two recognisers agree: whether the second hears the words that the first one wrote.

What belongs here: choosing a sample of what was written, having the second recogniser listen for these words and no
others, and counting the syllables that differ. To have it write everything down itself tells more and costs ten to
thirty times as much (docs/measures-voice.md).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from liyi.core.timeline import Timeline
from liyi.core.trace import Interval
from speech import second
from speech.characters import HAN, readings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    import numpy.typing as npt

    from speech.voice import Utterance

SAMPLE_S = 10.0  # of speech in each piece of up to a minute: some forty syllables
LEAST_PROBABILITY = 0.8  # of a word that counts as confirmed: it ranks recordings better than to take every word
LEAST_SYLLABLES = 10  # of fewer a share says nothing
_HAN = re.compile(f"[{HAN}]+")


def differing(
    samples: npt.NDArray[np.float32], utterances: Sequence[Utterance], *, offset_s: float = 0.0
) -> tuple[int, int]:
    """Syllables of a sample of the utterances that the second recogniser does not hear there, and how many there are.

    Parameters
    ----------
    samples : float32 array, shape (n,)
        One piece of sound, mono, 16 kHz.
    utterances : sequence of Utterance
        What the first recogniser wrote of it, with times of the recording.
    offset_s : float
        Start of the piece in the recording.
    """
    asked = sample(utterances)
    written = "".join(_HAN.findall("".join(each.text for each in asked)))
    if not written:
        return 0, 0
    listener = second.Listener(wordings(asked))
    spans = Timeline(Interval(each.start_s - offset_s, each.end_s - offset_s) for each in asked)
    heard = (*second.hear(samples, spans, listener=listener), *listener.finish())
    return distance(
        written, "".join(_HAN.findall("".join(word.text for word in heard if word.probability >= LEAST_PROBABILITY)))
    ), len(written)


def sample(utterances: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """Every n-th utterance, so many that they last hardly longer than `SAMPLE_S`."""
    lasting_s = sum(each.end_s - each.start_s for each in utterances)
    step = max(1, round(lasting_s / SAMPLE_S))
    return tuple(each for each in utterances[::step] if each.end_s > each.start_s)


def wordings(utterances: Iterable[Utterance]) -> tuple[str, ...]:
    """The Chinese of the utterances as the second recogniser can listen for it: without characters unknown to it."""
    clauses = [clause for each in utterances for clause in _HAN.findall(each.text)]
    return tuple(
        clause if second.split(clause) is not None else "".join(c for c in clause if second.split(c) is not None)
        for clause in clauses
    )


def distance(one: str, other: str) -> int:
    """Least number of syllables to be changed, added and left out so that two texts sound the same, tones apart."""
    row = list(range(len(other) + 1))
    for first, character in enumerate(one, start=1):
        sounds, before, row[0] = readings(character), row[0], first
        for place, heard in enumerate(other, start=1):
            changed = before + sounds.isdisjoint(readings(heard))
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, changed)
    return row[-1]
