"""What a reader should know about how a voice was heard: recorded too quietly, whispered, by one recogniser alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from liyi.core.errors import Notice
from speech import second
from speech.frames import recorded
from speech.measures.phrasing import sounding, whispered

if TYPE_CHECKING:
    from speech.voice import Voice

# Loud syllables re full scale; a proposal, between a soft recording and one that 16 bit no longer hold well.
QUIET_DB = -48.0


def notices(voice: Voice | None, phrases: tuple[str, ...] = ()) -> tuple[Notice, ...]:
    """Notices about the voice, in which ``phrases`` were to be listened for: none when there is nothing to say."""
    if voice is None:
        return ()
    found = []
    level_db = _loud_db(voice)
    if level_db < QUIET_DB:
        sentence = (
            "The sound is very quiet ({level} dB of full scale): turn the microphone's level up or come closer to it."
        )
        found.append(Notice(sentence, {"level": round(level_db)}))
    if whispered(voice):
        found.append(Notice("It sounds like whispering, without a voice: speak aloud."))
    if voice.foreign:
        sentence = (
            "For {seconds} s, from second {start} on, another language is spoken: no words are given there, and "
            "what was said there is not judged."
        )
        start_s = voice.foreign[0].start_s
        found.append(Notice(sentence, {"seconds": round(voice.foreign_s, 1), "start": round(start_s, 1)}))
    if phrases and voice.second is None and voice.transcript and voice.transcript.language == second.LANGUAGE:
        sentence = (
            "Phrases were listened for by one recogniser alone, so a person must confirm them: run `liyi doctor`, "
            "which says what the second one lacks, and score the recording again."
        )
        found.append(Notice(sentence))
    return tuple(found)


def _loud_db(voice: Voice) -> float:
    """Level of the loud syllables; of everything that is no digital silence where no speech was found."""
    level_db = voice.level_db[sounding(voice)] if voice.stretches else voice.level_db[recorded(voice.level_db)]
    return float(np.percentile(level_db, 95)) if level_db.size else 0.0
