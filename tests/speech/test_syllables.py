"""Syllable nuclei: synthetic syllables of known number and time, then the transcripts of real clips, at any tempo."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from liyi.core.trace import Interval
from speech.frames import analyse
from speech.measures.tempo import articulation_rate
from speech.syllables import nuclei
from tests.speech.sounds import (
    RATE,
    at_tempo,
    buzz,
    clips,
    everything,
    frames_of,
    frames_of_clip,
    load,
    noise,
    pulses,
    silence,
    voice_of,
)


def heard(sound: np.ndarray) -> np.ndarray:
    return nuclei(analyse(sound, speech=everything(sound)))


@pytest.mark.parametrize("rate_hz", [1.5, 2.5, 4.0, 5.5, 7.0, 9.0])
def test_synthetic_syllables_are_counted_at_any_rate(rate_hz: float) -> None:
    count = round(6 * rate_hz)
    found = heard(pulses(rate_hz, count))
    assert found.size == count
    true = (np.arange(count) + 0.5) / rate_hz
    assert np.abs(found - true).max() < 0.03


@pytest.mark.parametrize("depth_db", [3.0, 6.0, 25.0])
def test_a_shallow_dip_is_enough(depth_db: float) -> None:
    assert heard(pulses(4.0, 20, depth_db=depth_db)).size == 20


def test_a_held_vowel_is_one_syllable() -> None:
    fade = np.clip(np.minimum(np.arange(RATE), np.arange(RATE)[::-1]) / 3000, 0, 1).astype(np.float32)
    assert heard(np.concatenate([silence(0.2), buzz(130, 1.0) * fade, silence(0.2)])).size == 1


def test_clicks_and_hiss_are_no_syllables() -> None:
    clicks = silence(3.0)
    clicks[::4000] = 0.5
    assert heard(clicks).size <= 1
    hiss = np.concatenate([np.concatenate([noise(0.1, seed=k), silence(0.15)]) for k in range(12)])
    assert heard(hiss).size <= 2


def test_nothing_in_silence() -> None:
    for sound in (silence(0.0), silence(0.2), silence(3.0), np.full(RATE, 0.5, np.float32)):
        assert heard(sound).size == 0
        assert nuclei(analyse(sound, speech=())).size == 0


def test_loudness_does_not_count() -> None:
    sound = pulses(5.0, 25)
    np.testing.assert_array_equal(heard(sound), heard(sound * np.float32(0.05)))


def test_fast_and_slow_speech_in_one_recording() -> None:
    """Every stretch of some seconds has its own rate, and a quiet one is measured by its own loudness."""
    parts = [pulses(3.0, 24), silence(0.6), pulses(8.0, 64) * np.float32(0.03)]
    sound = np.concatenate(parts)
    frames = analyse(sound, speech=(Interval(0.0, 8.0), Interval(8.6, 16.6)))
    found = nuclei(frames)
    assert np.count_nonzero(found < 8.3) == 24
    assert np.count_nonzero(found > 8.3) == 64


def test_syllables_of_clean_speech(shared) -> None:
    errors = {
        name: abs(nuclei(frames_of_clip(path)[0]).size / count - 1) for name, (path, count) in clips(shared).items()
    }
    assert len(errors) >= 11
    assert np.median(list(errors.values())) <= 0.05, errors


def test_noise_at_ten_decibels_keeps_the_count(shared) -> None:
    apart = []
    for path, count in clips(shared).values():
        if count < 25:
            continue
        sound = load(path)
        hiss = noise(sound.size / RATE, amplitude=float(np.sqrt(np.mean(sound**2)) * 10**-0.5))[: sound.size]
        apart.append(nuclei(frames_of(sound + hiss)[0]).size / nuclei(frames_of_clip(path)[0]).size - 1)
    assert np.median(np.abs(apart)) < 0.05


@pytest.mark.parametrize("language", ["zh", "en"])
def test_articulation_rate_scales_with_the_tempo(shared, language: str) -> None:
    """Concatenated clips at 0.6 and 1.8 times their tempo: the rate within 8 % of the factor times the original."""
    parts = [load(path) for name, (path, count) in clips(shared).items() if name.startswith(language) and count >= 12]
    sound = np.concatenate([np.concatenate([part, silence(0.5)]) for part in parts])
    original = articulation_rate(voice_of(sound)).value
    assert 3.5 < original < 5.5
    for factor in (0.6, 1.8):
        rate = articulation_rate(voice_of(at_tempo(sound, factor))).value
        assert rate == pytest.approx(factor * original, rel=0.08)


def test_times_increase_inside_speech(shared) -> None:
    path, _ = clips(shared)["zh_ms_audio2_long.wav"]
    whole, speech = frames_of_clip(path)
    found = nuclei(whole)
    assert all(a < b for a, b in pairwise(found))
    assert all(any(s.start_s <= t <= s.end_s for s in speech) for t in found)
