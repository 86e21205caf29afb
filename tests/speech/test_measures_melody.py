"""Pitch and level of phrases set by hand, then transposed, louder and noisier speech."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from liyi.core.reasons import Reason
from liyi.core.trace import Interval, Scalar
from speech.measures import MEASURES
from speech.voice import Voice
from tests.speech.sounds import RATE, buzz, clips, load, silence, voice_of

MEASURE = {measure.id: measure for measure in MEASURES}
PHRASE_S, PAUSE_S = 2.0, 0.5


def voice(
    pitches_st: list[float],
    levels_db: list[float],
    *,
    last_db: float = 0.0,
    fall_db: float = 0.0,
    wobble_st: float = 0.0,
) -> Voice:
    """Phrases of two seconds with eight nuclei, each of its own pitch (re 100 Hz) and level.

    The pitch swings by ``wobble_st`` in every phrase; the last quarter second of each is ``last_db`` lower, and each
    syllable ``fall_db`` lower than the one before.
    """
    period = PHRASE_S + PAUSE_S
    t = (np.arange(round(period * len(pitches_st) * 100)) + 0.5) / 100
    number, place = np.divmod(t, period)
    number = number.astype(int)
    sounding = place < PHRASE_S
    swing = wobble_st * np.sqrt(2) * np.sin(2 * np.pi * place)
    pitch = 100 * 2 ** ((np.array(pitches_st)[number] + swing) / 12)
    level = np.array(levels_db)[number] + np.where(place > PHRASE_S - 0.25, -last_db, 0.0) - fall_db * (place // 0.25)
    starts = period * np.arange(len(pitches_st))
    return Voice(
        duration_s=float(t[-1]),
        stretches=tuple(Interval(a, a + PHRASE_S) for a in starts),
        t=t,
        level_db=np.where(sounding, level, -80).astype(np.float32),
        pitch_hz=np.where(sounding, pitch, np.nan).astype(np.float32),
        nuclei_s=np.concatenate([a + (np.arange(8) + 0.5) / 4 for a in starts]),
        filled=(),
        clipped_share=0.002,
        snr_db=40.0,
        transcript=None,
    )


def take(id: str, heard: Voice, **params: Any) -> Scalar:
    signal = MEASURE[id](heard, params)
    assert isinstance(signal, Scalar)
    return signal


PITCHES = [0.0, 2.0, -1.0, 3.0, 1.0, -2.0]
LEVELS = [-20.0, -24.0, -18.0, -22.0, -20.0, -26.0]


def test_pitch_variation_of_phrases_ignores_what_happens_inside_them() -> None:
    """Tones swing within a phrase; the phrases' medians do not notice."""
    spread = np.std(PITCHES, ddof=1)
    for wobble_st in (0.0, 3.0):
        heard = voice(PITCHES, LEVELS, wobble_st=wobble_st)
        assert take("pitch_variation", heard).value == pytest.approx(spread, abs=0.05)
    frames = take("pitch_variation", voice(PITCHES, LEVELS, wobble_st=3.0), level="frame").value
    assert frames == pytest.approx(np.hypot(np.std(PITCHES), 3.0), rel=0.03)


def test_transposing_does_not_change_the_variation() -> None:
    low, high = (take("pitch_variation", voice([p + shift for p in PITCHES], LEVELS)) for shift in (0.0, 7.0))
    assert high.value == pytest.approx(low.value, abs=1e-3)


def test_level_stability_is_the_spread_of_the_phrases() -> None:
    steady = take("level_stability", voice(PITCHES, LEVELS))
    assert steady.value == pytest.approx(np.std(LEVELS, ddof=1), abs=0.02)
    assert steady.evidence[0].attributes["value"] == pytest.approx(-5.0, abs=0.01)  # -26 re -21
    heard = voice(PITCHES, LEVELS)
    louder = replace(heard, level_db=heard.level_db + np.float32(6))
    assert take("level_stability", louder).value == pytest.approx(steady.value, abs=1e-3)


@pytest.mark.parametrize("last_db", [0.0, 5.0, 11.0])
def test_final_drop_is_how_far_the_last_syllable_falls(last_db: float) -> None:
    drop = take("final_drop", voice(PITCHES, LEVELS, last_db=last_db))
    assert drop.value == pytest.approx(last_db, abs=0.01)
    assert drop.unit == "dB"


def test_the_last_syllable_is_no_part_of_what_it_is_compared_with() -> None:
    drop = take("final_drop", voice(PITCHES, LEVELS, fall_db=2.0))
    assert drop.value == pytest.approx(4 * 2.0, abs=0.01)  # of eight, the eighth below the middle of the first seven


def test_fewer_phrases_mean_a_larger_error() -> None:
    few = take("level_stability", voice(PITCHES[:5], LEVELS[:5]))
    many = take("level_stability", voice(PITCHES * 4, LEVELS * 4))
    assert few.error > 1.8 * many.error > 0


@pytest.mark.parametrize("id", ["pitch_variation", "level_stability", "final_drop"])
def test_too_little_or_too_noisy_speech_is_not_judged(id: str) -> None:
    heard = voice(PITCHES, LEVELS)
    assert take(id, heard).reason is None
    for poor, reason in (
        (voice(PITCHES[:2], LEVELS[:2]), Reason.TOO_LITTLE_SPEECH),
        (replace(heard, snr_db=7.9), Reason.TOO_NOISY),
        (replace(heard, stretches=(), snr_db=float("nan")), Reason.NO_SPEECH),
    ):
        signal = take(id, poor)
        assert np.isnan(signal.value)
        assert (signal.reason, signal.watched_s) == (reason, 0)


def test_unvoiced_speech_has_no_pitch_variation() -> None:
    whispered = replace(voice(PITCHES, LEVELS), pitch_hz=np.full(1500, np.nan, np.float32))
    assert take("pitch_variation", whispered).reason is Reason.TOO_LITTLE_SPEECH


def test_six_decibels_leave_real_speech_as_it_was(shared) -> None:
    sound = load(clips(shared)["zh_ms_audio2_long.wav"][0]) * np.float32(0.4)
    plain, louder = (voice_of(s) for s in (sound, sound * np.float32(10**0.3)))
    for id in ("pitch_variation", "level_stability", "final_drop", "articulation_rate"):
        a, b = take(id, plain), take(id, louder)
        assert np.isfinite(a.value)
        assert b.value == pytest.approx(a.value, abs=0.25 * a.error), id
    assert np.nanmedian(louder.pitch_hz) == pytest.approx(np.nanmedian(plain.pitch_hz), rel=1e-3)


def test_recording_quality_is_handed_on() -> None:
    heard = voice(PITCHES, LEVELS)
    assert take("snr", heard).value == 40.0
    cleanest = take("snr", replace(heard, snr_db=66.9))  # the converter's last bits, not the room
    assert cleanest.value == 45.0
    assert take("snr", replace(heard, snr_db=30.0)).error < take("snr", heard).error < cleanest.error
    assert take("clipping", heard).value == pytest.approx(0.2)
    for id in ("snr", "clipping"):
        assert take(id, heard).watched_s == pytest.approx(PHRASE_S * len(PITCHES))
        assert take(id, replace(heard, stretches=(), snr_db=float("nan"))).reason is Reason.NO_SPEECH
    assert take("snr", replace(heard, snr_db=3.0)).value == 3.0  # noise is what it measures, so noise is no obstacle


def test_every_measure_answers_for_any_sound() -> None:
    """No sound, however poor, makes a measure fail or answer with infinity."""
    tick = buzz(150, 0.2)
    for sound in (
        silence(0.0),
        silence(0.2),
        tick,
        np.concatenate([tick, silence(5.0), tick]),
        np.ones(RATE, np.float32),
    ):
        heard = voice_of(sound)
        for measure in MEASURES:
            signal = measure(heard)
            assert signal.id == measure.id
            if isinstance(signal, Scalar):
                assert np.isfinite(signal.value) or signal.reason is not None
