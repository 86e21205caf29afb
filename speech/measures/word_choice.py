"""Which words were chosen: 您 or 你, the office's jargon, and words that only fill time."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import MOST_EVIDENCE, Found, Happened, Single
from liyi.core.reasons import Reason
from liyi.core.trace import Event
from liyi.core.words import UNSURE_BELOW
from speech.characters import simplified
from speech.errors import published
from speech.measures.declare import measure
from speech.measures.hearing import (
    LEAST_SYLLABLES,
    events_of,
    no_list,
    no_words,
    poorly_heard,
    syllables_of,
    words_of,
)
from speech.measures.phrasing import phrases as phrases_of
from speech.phrases import spoken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speech.phrases import Hit
    from speech.voice import Voice, Word

_LIST: dict[str, Any] = {"phrases": (), "allowances": (), "min_syllables": LEAST_SYLLABLES}
_YOU = re.compile("您|[你妳](?!们|們)")  # 你们 has no polite form
_AFTER_S = 0.1  # a recogniser's word may end a little before its sound does


@measure("nin_ratio", kind="scalar", unit="%", error="nin", params={"min_count": 4, "min_syllables": LEAST_SYLLABLES})
def nin_ratio(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Percent 您 among 您 and 你, as the recogniser wrote them.

    It hears no difference but the end of the syllable, and often writes 你 for 您: the error is large. Words that it
    hardly believes are left out.
    """
    if (reason := no_words(voice)) or voice.transcript is None:
        return reason or Reason.NO_TRANSCRIPT
    if voice.transcript.language != "zh":
        return Reason.LANGUAGE
    if reason := poorly_heard(voice, params["min_syllables"]):
        return reason
    said = _you(words_of(voice.transcript))
    if len(said) < params["min_count"]:
        return Reason.NO_EVENT
    plain = tuple(event for event in said if event.label != "您")
    error = math.hypot(published("nin"), 100 * math.sqrt(0.25 / len(said)) * published("phrases.missed"))
    return Single(100 * (1 - len(plain) / len(said)), voice.speech_s, error, evidence=plain[:MOST_EVIDENCE])


def _you(words: Sequence[Word]) -> list[Event]:
    """Every 您 and 你 at its word's time, those in words that are hardly believed left out."""
    text = simplified("".join(word.text for word in words))
    ends = np.cumsum([len(word.text) for word in words])
    found = [(words[int(np.searchsorted(ends, each.start(), side="right"))], each[0]) for each in _YOU.finditer(text)]
    return [
        Event(word.start_s, word.end_s, {}, character) for word, character in found if word.probability >= UNSURE_BELOW
    ]


@measure("jargon", kind="scalar", unit="/100字", error="phrases.missed", params=_LIST)
def jargon(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Words of the office that nobody outside it knows, in 100 characters, unless they were explained at once."""
    if reason := no_list(voice, params["phrases"]) or poorly_heard(voice, params["min_syllables"]):
        return reason
    found = spoken(voice, params["phrases"], params["allowances"])
    syllables = syllables_of(voice.transcript) if voice.transcript else 0
    sure, every = (100 * len(hits) / syllables for hits in (found.sure, (*found.sure, *found.unsure)))
    return Single(
        sure,
        voice.speech_s,
        sure * published("phrases.missed"),
        evidence=events_of((*found.sure, *found.unsure)),
        between=(sure, every) if every > sure else None,
    )


@measure(
    "lexical_fillers",
    kind="events",
    unit="s",
    error=0.0,
    params={**_LIST, "pause_s": 0.15, "per_characters": 40.0, "together_s": 5.0},
)
def lexical_fillers(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Words that fill time instead of saying something (那个, 然后), at least so many.

    Which they are is the pack's list. A phrase of stage ``demonstrative`` (那个, 这个) counts where a pause of
    ``pause_s`` follows or where it is repeated, and not where 哪个 was written, which asks; one of stage ``connective``
    (然后, 就是) where it comes twice within ``together_s`` or oftener than once in ``per_characters`` syllables; every
    other one always. A recogniser leaves fillers out, so that there were more.
    """
    if reason := no_list(voice, params["phrases"]) or poorly_heard(voice, params["min_syllables"]):
        return reason
    found = spoken(voice, params["phrases"], params["allowances"])
    hits = sorted((*found.sure, *found.unsure), key=lambda hit: hit.start_s)
    demonstrative = [hit for hit in hits if hit.phrase.stage == "demonstrative" and "哪" not in hit.heard]
    connective = [hit for hit in hits if hit.phrase.stage == "connective"]
    counted = [hit for hit in hits if hit.phrase.stage not in ("demonstrative", "connective")]
    counted += _hesitating(voice, demonstrative, params["pause_s"])
    counted += _too_often(connective, params["together_s"], params["per_characters"], voice)
    return Happened(events_of(counted), voice.speech_s, watched=voice.stretches)


def _hesitating(voice: Voice, hits: Sequence[Hit], pause_s: float) -> list[Hit]:
    """Those that are followed by a pause, or by another one at once."""
    pauses = phrases_of(voice, pause_s=pause_s).gaps()
    last_s = max((word.end_s for word in words_of(voice.transcript)), default=0.0) if voice.transcript else 0.0
    return [
        hit
        for place, hit in enumerate(hits)
        if any(hit.start_s < pause.start_s <= hit.end_s + _AFTER_S and pause.end_s < last_s for pause in pauses)
        or any(abs(other.start_s - hit.end_s) <= pause_s or abs(hit.start_s - other.end_s) <= pause_s
               for other in (*hits[max(0, place - 1) : place], *hits[place + 1 : place + 2]))
    ]  # fmt: skip


def _too_often(hits: Sequence[Hit], together_s: float, per_characters: float, voice: Voice) -> list[Hit]:
    """Those that come twice in a short time; else as many as there are beyond what is usual, the last ones."""
    close = [
        hit
        for hit in hits
        if any(
            o is not hit and o.phrase.id == hit.phrase.id and abs(o.start_s - hit.start_s) <= together_s for o in hits
        )
    ]
    usual = int((syllables_of(voice.transcript) if voice.transcript else 0) / per_characters)
    rest = [hit for hit in hits if hit not in close]
    return close + rest[max(0, usual - len(close)) :] if len(hits) > usual else close
