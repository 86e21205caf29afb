"""The words of a take, heard while it goes on by the second recogniser alone, which knows the drill's text.

What belongs here: what it listens for, and the voice that measures of words take. The report on a kept take hears it
with both recognisers; what one hears is good enough for a text that is known, within a second or two.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.core.words import N_, pick
from liyi.etiquette.drill import all_drills, pack_of, spoken_language
from speech import second
from speech.stretches import RATE
from speech.transcript import padded
from speech.voice import SecondHearing, Transcript, Utterance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from liyi.etiquette.drill import Drill
    from liyi.etiquette.pack import NormPack
    from speech.voice import Voice, Word

NOTE = N_("The words were heard by one recogniser, which listens for this text; a report hears them with two.")
_STEP = RATE // 5  # samples
_AHEAD = 5  # steps: the loudest moment is known a second before it is heard
# The loud samples of the loudest step are brought to this level; a step that is softer than speech far away is noise.
_LOUD, _PEAK, _LEAST_PEAK = 99.0, 0.5, 0.001
_FAILED = "take_words_failed"  # in the log: a recogniser that fails is left out as one that is lacking is
_GAP_S = 1.0  # of silence, after which something else is said
_CLAUSE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")


def needs_words(pack: NormPack) -> bool:
    """Whether a criterion of a drill's pack is about words."""
    return any("phrases" in criterion.params for criterion in pack.criteria.values())


def lacking(drill: Drill) -> tuple[str, ...]:
    """What this machine lacks to hear the words of a drill; nothing where none are asked for."""
    absent = second.lacking()
    return absent if absent and needs_words(pack_of(drill)) else ()


def unheard() -> frozenset[str]:
    """Ids of the drills whose words cannot be heard on this machine."""
    return frozenset(id for id, drill in all_drills().items() if lacking(drill)) if second.lacking() else frozenset()


def make_ready(pack: NormPack) -> None:
    """Load the recogniser while somebody still speaks, so that the first result does not wait for it."""
    if needs_words(pack) and not second.lacking():
        second.load_second()


def listened_for(drill: Drill) -> tuple[str, ...]:
    """The clauses of the text that is read aloud, and nothing else.

    Told the wordings of its lists as well, it hears pieces of them in whatever else is said: somebody who read another
    text aloud passed a drill of requests.
    """
    return tuple(dict.fromkeys(_CLAUSE.findall(pick(drill.say, "zh")))) if drill.say else ()


class TakeEar:
    """The recogniser on its way through a take, so that at its end about a second is left to be heard.

    What it hears depends on the sound and on nothing else, so a take that is heard at its end has the same words. That
    is why the whole take is given to it, pauses too, and its level follows the loudest moment so far: what is speech,
    and how loud all of it is, is known at the end only.
    """

    def __init__(self, drill: Drill) -> None:
        self.listened_for = listened_for(drill)
        self._listener = second.Listener(self.listened_for)
        self._sound = np.zeros(0, np.float32)  # of the take, as far as it was heard
        self._peaks: list[float] = []  # the highest so far, at each step
        self._words: list[Word] = []

    def follow(self, sound: npt.NDArray[np.float32]) -> None:
        """Hear what is settled of a take: ``sound`` (16 kHz, full scale 1) is all of it that is there."""
        self._measure(sound[: sound.size - sound.size % _STEP])
        while len(self._peaks) >= self._sound.size // _STEP + _AHEAD:
            self._accept(sound)

    def end(self, sound: npt.NDArray[np.float32]) -> tuple[Word, ...] | None:
        """All the words of a take that is over; None where it does not begin with the sound that was followed."""
        if not np.array_equal(sound[: self._sound.size], self._sound):
            return None
        self._measure(sound)
        while self._sound.size < sound.size:
            self._accept(sound)
        return (*self._words, *self._listener.finish())

    def _measure(self, sound: npt.NDArray[np.float32]) -> None:
        for first in range(len(self._peaks) * _STEP, sound.size, _STEP):
            peak = float(np.percentile(np.abs(sound[first : first + _STEP]), _LOUD))
            self._peaks.append(max([peak, *self._peaks[-1:]]))

    def _accept(self, sound: npt.NDArray[np.float32]) -> None:
        first = self._sound.size
        peak = self._peaks[min(first // _STEP + _AHEAD, len(self._peaks)) - 1]
        self._sound = sound[: first + _STEP]
        gain = np.float32(_PEAK / max(peak, _LEAST_PEAK))
        self._words += self._listener.accept(self._sound[first:] * gain)


def ear_for(drill: Drill, pack: NormPack, lang: str) -> TakeEar | None:
    """What hears the words of a take; None where none are asked for, or none can be heard.

    Parameters
    ----------
    drill, pack
        Which one is practised, with its pack (`liyi.etiquette.drill.pack_of`).
    lang
        Of the page.
    """
    if not needs_words(pack) or spoken_language(drill, lang) != "zh" or second.lacking():
        return None
    try:
        return TakeEar(drill)
    except LiyiError as error:
        logs.event(_FAILED, error=error)
        return None


def followed(ear: TakeEar | None, sound: npt.NDArray[np.float32]) -> TakeEar | None:
    """The ear, when it has heard what is settled of a take; None when it fails."""
    try:
        if ear is not None:
            ear.follow(sound)
    except LiyiError as error:
        logs.event(_FAILED, error=error)
        return None
    return ear


def with_words(
    voice: Voice, sound: npt.NDArray[np.float32], drill: Drill, pack: NormPack, *, lang: str, ear: TakeEar | None = None
) -> Voice:  # fmt: skip
    """The voice of a take with what was said in it; as it is where no words are asked for, or none can be heard.

    Parameters
    ----------
    voice
        What was heard of the take.
    sound : float32 array, shape (n,)
        The take at 16 kHz.
    drill, pack, lang
        As for `ear_for`.
    ear
        That followed this take while it went on, if one did.
    """
    try:
        heard = ear.end(sound) if ear is not None else None
        if heard is None:
            ear = ear_for(drill, pack, lang)
            heard = ear.end(sound) if ear is not None else None
    except LiyiError as error:
        logs.event(_FAILED, error=error)
        return voice
    if ear is None or heard is None:
        return voice
    spans = padded(voice.stretches, sound.size / RATE)
    words = tuple(
        word for word in heard if any(word.start_s < span.end_s and span.start_s < word.end_s for span in spans)
    )
    return replace(
        voice, transcript=Transcript("zh", tuple(_said(words))), second=SecondHearing(ear.listened_for, words)
    )


def _said(words: Sequence[Word]) -> Iterator[Utterance]:
    """What was said, as far as it is known: it is cut where something else was said, and where nobody spoke."""
    run: list[Word] = []
    for word in (*words, None):
        if run and (word is None or word.text == second.UNKNOWN or word.start_s - run[-1].end_s > _GAP_S):
            yield Utterance(run[0].start_s, run[-1].end_s, "".join(each.text for each in run), tuple(run))
            run = []
        if word is not None and word.text != second.UNKNOWN:
            run.append(word)
