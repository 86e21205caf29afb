"""Courteous words ticked off while they are said: a quiet line of the side panel, in Mandarin, never a fault.

The second recogniser (`speech.second`) listens beside the measures. It is given the whole list of the pack, one wording
each, because among many words the short ones are seldom heard where others were said; only the ten characters of
courtesy (十字文明用语) are ever told. Nothing of this enters the report, which listens again.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import numpy as np

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.core.words import N_, translate
from liyi.ui import slots
from speech.phrases import wordings
from speech.second import Listener, lacking

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from liyi.etiquette.pack import NormPack
    from speech.voice import Word

COURTEOUS = ("您好", "请", "对不起", "谢谢", "再见")
_SURE = 0.9  # of a word that is finished; one that is not must have stood for two looks
_LONGEST = 3  # syllables of what is ticked
_BEHIND_S = 5.0  # what could not be listened to for so long is let go: a tick belongs to its moment
_LOOK_FOR_ROOM_S = 30.0
# One takes some 4 % of a core: with so many, eight rehearsals on two cores still take under 12 % of a core each.
_MOST = 2 * (os.cpu_count() or 1)
_RATE = 16_000
_listening: WeakSet[Ticks] = WeakSet()


class Ticks:
    """The courteous words of one rehearsal.

    Parameters
    ----------
    pack
        Whose phrases are listened for; without Chinese ones nothing is.
    language
        That is spoken.
    silent
        Whether nothing is to be told, as in an exam.
    """

    def __init__(self, pack: NormPack, language: str, *, silent: bool = False) -> None:
        listed = () if silent or language != "zh" else _listed(pack)
        self._wordings = listed if not listed or not lacking() else ()
        self._new: list[npt.NDArray[np.int16]] = []
        self._listener: Listener | None = None
        self._before: tuple[str, ...] = ()
        self._said: list[str] = []
        self._room = True
        self._looked_s = float("-inf")

    def add(self, samples: npt.NDArray[np.int16]) -> None:
        """Take sound of the practice that follows the sound before; called by the event loop."""
        if self._wordings:
            self._new.append(samples)

    def look(self, now_s: float) -> None:
        """Listen to what is new; ``now_s`` is of any clock. For one thread at a time."""
        new, self._new = self._new, []
        if not new or len(self._said) == len(COURTEOUS):  # all were said: nothing is left to listen for
            return
        if now_s - self._looked_s >= _LOOK_FOR_ROOM_S:
            self._looked_s, self._room = now_s, self._has_room()
        if not self._room:
            self._before = ()
            return
        samples = np.concatenate(new)[-round(_BEHIND_S * _RATE) :].astype(np.float32) / np.float32(32768)
        try:
            finished, partial = self._heard(samples)
        except LiyiError as error:  # it is damaged, or fails: there are no ticks, as where it is lacking
            logs.event("ticks_failed", error=error)
            self._wordings = ()
            return
        self._tick(said_in([word.text for word in finished if word.probability >= _SURE]))
        steady = next((n for n, pair in enumerate(zip(partial, self._before, strict=False)) if pair[0] != pair[1]),
                      min(len(partial), len(self._before)))  # fmt: skip
        self._tick(said_in(partial[:steady]))
        self._before = partial

    def _heard(self, samples: npt.NDArray[np.float32]) -> tuple[tuple[Word, ...], tuple[str, ...]]:
        """Words that are finished, and words that have begun."""
        if self._listener is None:
            self._listener = Listener(self._wordings)
            _listening.add(self)
        return self._listener.accept(samples), self._listener.partial()

    def told(self, lang: str) -> list[dict[str, Any]]:
        """What the page shows: the words in the order in which they were first said, or why there are none."""
        if not self._wordings:
            return []
        note = "" if self._room else translate(N_("not now: the machine is busy"), lang)
        return [{"type": "ticks", "said": list(self._said), "note": note}]

    def _tick(self, words: Sequence[str]) -> None:
        self._said = list(dict.fromkeys((*self._said, *words)))

    def _has_room(self) -> bool:
        others = len(_listening) - (self in _listening)
        return others < _MOST and not slots.full()


def said_in(words: Sequence[str]) -> list[str]:
    """Which courteous words a sequence of recognised words holds; each begins where a word begins (请问, not 申请)."""
    starts = ("".join(words[n : n + _LONGEST]) for n in range(len(words)))
    return [word for start in starts for word in COURTEOUS if start.startswith(word)]


def _listed(pack: NormPack) -> tuple[str, ...]:
    """One wording of each Chinese phrase, and the words that are ticked; nothing where the pack lists none."""
    listed = (phrase.spoken for phrases in pack.phrases.values() for phrase in phrases)
    chinese = tuple(replace(phrase, patterns=()) for phrase in listed if phrase.language == "zh")
    return tuple(sorted({*wordings(chinese), *COURTEOUS})) if chinese else ()
