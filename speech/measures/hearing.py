"""How well the words were heard: what every measure of words asks before it says anything."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from liyi.core.reasons import Reason
from liyi.core.trace import Event
from speech.errors import published
from speech.measures import counting
from speech.measures.phrasing import obstacle
from speech.second import LANGUAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from speech.phrases import Hit, Phrase
    from speech.voice import Transcript, Voice, Word

# 20 Mandarin clips as they are and under white noise of 20 to 0 dB (`python benchmarks/words_unsure.py`): of 27
# hearings in which more than a quarter of the syllables are wrong 25 lie under this mean, of 50 others 6. Of single
# words under `liyi.core.words.UNSURE_BELOW` 58 % are wrong, of the others 17 %.
LEAST_PROBABILITY = 0.7  # of the words on average
MOST_DISAGREEMENT = 0.25  # share of syllables in which the two recognisers differ; a proposal, not fitted
MOST_FOREIGN = 0.2  # share of the speech in another language; of more, what was not heard may have been said there
LEAST_SYLLABLES = 20  # some five seconds: of less, what was not said says nothing


def words_of(transcript: Transcript) -> list[Word]:
    """All words in time order."""
    return [word for utterance in transcript.utterances for word in utterance.words]


def syllables_of(transcript: Transcript) -> int:
    """Syllables of all words."""
    return sum(counting.syllables(word.text, transcript.language) for word in words_of(transcript))


def no_words(voice: Voice) -> Reason | None:
    """Why there are no words at all."""
    return None if voice.transcript is not None else obstacle(voice, quiet=False) or Reason.NO_TRANSCRIPT


def no_list(voice: Voice, phrases: Sequence[Phrase]) -> Reason | None:
    """Why nothing can be looked for: no list, no words, or a list in another language."""
    if not phrases:
        return Reason.NO_PHRASES
    if reason := no_words(voice):
        return reason
    language = voice.transcript.language if voice.transcript else ""
    return None if any(phrase.language == language for phrase in phrases) else Reason.LANGUAGE


def poorly_heard(voice: Voice, least_syllables: float) -> Reason | None:
    """Why what was not found may have been said all the same: words that nobody can trust, or hardly any."""
    transcript = voice.transcript
    if transcript is None:
        return no_words(voice)
    if voice.foreign_s > MOST_FOREIGN * voice.speech_s:
        return Reason.LANGUAGE
    heard = words_of(transcript)
    probability = float(np.mean([word.probability for word in heard])) if heard else 0.0
    differ = voice.second.disagreement if voice.second else None
    if probability < LEAST_PROBABILITY or (differ is not None and differ > MOST_DISAGREEMENT):
        return Reason.WORDS_UNSURE
    return Reason.TOO_LITTLE_SPEECH if syllables_of(transcript) < least_syllables else None


def heard_once(voice: Voice) -> Reason | None:
    """Why a phrase that was not found may have been said all the same: no second recogniser listened for it.

    Of Mandarin only, which is what the second one hears: of four to six characters the first alone found 15 of 20 on
    clean sound. What is measured in other languages is heard once everywhere.
    """
    alone = voice.second is None and voice.transcript is not None and voice.transcript.language == LANGUAGE
    return Reason.HEARD_ONCE if alone else None


def missed(count: int) -> float:
    """One sigma of how many of ``count`` phrases that were not found were said all the same."""
    share = published("phrases.missed")
    return math.sqrt(count * share * (1 - share))


def events_of(hits: Iterable[Hit]) -> tuple[Event, ...]:
    """Hits as events with the listed text as label, in time order; two recognisers' times may overlap a little."""
    events: list[Event] = []
    for hit in sorted(hits, key=lambda hit: hit.start_s):
        start_s = max(hit.start_s, events[-1].end_s) if events else hit.start_s
        if hit.end_s > start_s or hit.end_s == hit.start_s:
            events.append(Event(start_s, max(start_s, hit.end_s), {}, hit.phrase.text))
    return tuple(events)
