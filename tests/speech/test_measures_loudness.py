"""Raised voice: against the speaker's own usual level, whatever the microphone's gain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from liyi.core.reasons import Reason
from liyi.core.trace import Events
from speech.measures import MEASURES
from tests.speech.sounds import load, voice_of
from tests.speech.test_measures_melody import voice

if TYPE_CHECKING:
    from speech.voice import Voice

SAMPLE = Path(__file__).resolve().parents[2] / "sample_media" / "counter_front_zh.mp4"
MEASURE = {measure.id: measure for measure in MEASURES}["raised_voice"]


def take(heard: Voice, **params: Any) -> Events:
    signal = MEASURE(heard, params)
    assert isinstance(signal, Events)
    return signal


def levels(*each: float) -> Voice:
    """Phrases of two seconds every two and a half, each of its own level."""
    return voice([0.0] * len(each), list(each))


def test_two_shouted_phrases_are_one_stretch_with_its_rise() -> None:
    (event,) = take(levels(-30, -30, -30, -30, -18, -18, -30)).items
    assert event.start_s == pytest.approx(10.0, abs=0.6)
    assert event.end_s == pytest.approx(14.5, abs=0.6)
    assert event.attributes["rise_db"] == pytest.approx(12, abs=0.1)
    assert event.label == "+12 dB"


def test_the_gain_of_the_microphone_changes_nothing() -> None:
    quiet = take(levels(-50, -50, -50, -38))
    loud = take(levels(-20, -20, -20, -8))
    assert quiet.items == loud.items
    assert quiet.items


def test_what_rises_less_than_the_pack_says_is_no_raised_voice() -> None:
    heard = levels(-30, -30, -30, -24)
    assert take(heard).items == ()
    assert take(heard, rise_db=5.0).items


def test_shouting_for_most_of_the_time_is_found() -> None:
    heard = take(levels(-30, -30, -18, -18, -18))
    assert sum(event.duration_s for event in heard.items) == pytest.approx(7.0, abs=1.0)


def dying(*each: float, by_db: float) -> Voice:
    """Such phrases, each of which dies away by ``by_db`` from its beginning to its end."""
    heard = levels(*each)
    fall = -by_db * (heard.t % 2.5) / 2.0
    return replace(heard, level_db=heard.level_db + fall.astype(np.float32))


@pytest.mark.parametrize("by_db", [14.0, 22.0])
def test_a_voice_that_dies_away_in_every_phrase_is_not_raised_where_it_begins(by_db: float) -> None:
    assert take(dying(-30, -31, -30, -29, -30, by_db=by_db)).items == ()
    (event,) = take(dying(-30, -30, -30, -18, -30, by_db=by_db)).items
    assert event.start_s == pytest.approx(7.5, abs=0.6)
    assert event.attributes["rise_db"] == pytest.approx(12, abs=0.5)


def test_two_lone_words_between_pauses_are_no_stretch_of_raised_voice() -> None:
    """As loud as a shouted phrase, but three syllables in two seconds are an emphasis."""
    heard = levels(-30, -30, -30, -18, -30)
    lone = (heard.nuclei_s > 7.5) & (heard.nuclei_s < 10.0)
    lone[np.flatnonzero(lone)[[0, 4, 7]]] = False
    assert take(replace(heard, nuclei_s=heard.nuclei_s[~lone])).items == ()
    assert take(heard).items


def test_few_syllables_do_not_tell_what_is_usual() -> None:
    assert take(levels(-30, -18), min_syllables=17).reason is Reason.TOO_LITTLE_SPEECH
    assert take(replace(levels(-30, -18), snr_db=5.0)).reason is Reason.TOO_NOISY
    assert take(replace(levels(-30, -18), stretches=())).reason is Reason.NO_SPEECH


def test_ordinary_speech_is_never_raised_and_shouted_speech_is(models_ready) -> None:
    sound = load(SAMPLE)
    assert take(voice_of(sound)).items == ()
    half = sound.size // 2
    shouted = np.concatenate((sound[:half], sound[half:] * 10 ** (12 / 20)))
    (event, *_) = take(voice_of(0.1 * shouted)).items
    assert event.start_s == pytest.approx(half / 16_000, abs=1.0)
