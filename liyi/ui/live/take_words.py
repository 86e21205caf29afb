"""The words of a take, heard when it has ended by the second recogniser alone, which knows the drill's text.

What belongs here: what it listens for, and the voice that measures of words take. The report on a kept take hears it
with both recognisers; what one hears is good enough for a text that is known, within a second or two.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from liyi.core.words import N_, pick
from liyi.etiquette.drill import all_drills, pack_of, spoken_language
from speech import second
from speech.voice import SecondHearing, Transcript, Utterance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    import numpy.typing as npt

    from liyi.etiquette.drill import Drill
    from liyi.etiquette.pack import NormPack
    from speech.voice import Voice, Word

NOTE = N_("The words were heard by one recogniser, which listens for this text; a report hears them with two.")
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


def with_words(
    voice: Voice, sound: npt.NDArray[np.float32], drill: Drill, pack: NormPack, *, lang: str
) -> Voice:  # fmt: skip
    """The voice of a take with what was said in it; as it is where no words are asked for, or none can be heard.

    Parameters
    ----------
    voice
        What was heard of the take.
    sound : float32 array, shape (n,)
        The take at 16 kHz.
    drill, pack
        Which one was practised, with its pack (`liyi.etiquette.drill.pack_of`).
    lang
        Of the page.
    """
    if not needs_words(pack) or spoken_language(drill, lang) != "zh" or second.lacking():
        return voice
    asked = listened_for(drill)
    listener = second.Listener(asked)
    heard = (*second.hear(sound, voice.stretches, listener=listener), *listener.finish())
    return replace(voice, transcript=Transcript("zh", tuple(_said(heard))), second=SecondHearing(asked, heard))


def _said(words: Sequence[Word]) -> Iterator[Utterance]:
    """What was said, as far as it is known: it is cut where something else was said, and where nobody spoke."""
    run: list[Word] = []
    for word in (*words, None):
        if run and (word is None or word.text == second.UNKNOWN or word.start_s - run[-1].end_s > _GAP_S):
            yield Utterance(run[0].start_s, run[-1].end_s, "".join(each.text for each in run), tuple(run))
            run = []
        if word is not None and word.text != second.UNKNOWN:
            run.append(word)
