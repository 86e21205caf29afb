"""Where speech is: pauses to a tenth of a second, pieces that do not depend on blocks, sound that holds no speech."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from liyi.core.trace import Interval
from speech.stretches import FRAME, RATE, _cut_at, cut
from tests.speech.sounds import load

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    Sound = npt.NDArray[np.float32]


def speech_of(sound: Sound) -> tuple[Interval, ...]:
    (piece,) = cut([sound])
    return piece.speech


def in_blocks(sound: Sound, seconds: float) -> list[Sound]:
    size = round(seconds * RATE)
    return [sound[first : first + size] for first in range(0, sound.size, size)]


@pytest.fixture(scope="module")
def reading(shared: Path) -> Sound:
    return load(shared / "media/speech/zh_ms_audio2_long.wav")


@pytest.fixture(scope="module")
def phrases(shared: Path) -> Sound:
    clips = [load(p) for p in sorted((shared / "studio/clips").glob("zh_*.wav"))]
    assert clips
    return np.concatenate(clips)


def test_speech_begins_and_ends_where_the_sound_does(reading: Sound) -> None:
    level_db = 10 * np.log10(np.mean(reading[: reading.size // FRAME * FRAME].reshape(-1, FRAME) ** 2, axis=1) + 1e-12)
    loud = np.flatnonzero(level_db > level_db.max() - 30) * FRAME / RATE
    speech = speech_of(reading)
    assert speech[0].start_s == pytest.approx(loud[0], abs=0.1)
    assert speech[-1].end_s == pytest.approx(loud[-1], abs=0.1)
    assert all(later.start_s - earlier.end_s >= 0.15 - 1e-9 for earlier, later in pairwise(speech))


@pytest.mark.parametrize("noise_db", [None, -60.0, -45.0])
def test_a_pause_put_between_two_phrases_is_found_to_a_tenth(reading: Sound, noise_db: float | None) -> None:
    speech = speech_of(reading)
    middle = speech[len(speech) // 2]
    # Between the words, not in the pause: the sound is cut where speech ends and goes on where it begins.
    before, after = reading[: round(middle.end_s * RATE)], reading[round(middle.start_s * RATE) :]
    sound = np.concatenate([before, np.zeros(4 * RATE, np.float32), after])
    if noise_db is not None:
        noise = np.random.default_rng(0).standard_normal(sound.size) * 10 ** (noise_db / 20)
        sound = sound + noise.astype(np.float32)
    gaps = [(a.end_s, b.start_s) for a, b in pairwise(speech_of(sound)) if b.start_s - a.end_s > 2]
    assert len(gaps) == 1
    assert gaps[0][0] == pytest.approx(middle.end_s, abs=0.1)
    assert gaps[0][1] == pytest.approx(middle.end_s + 4, abs=0.1)


def test_a_pause_in_the_middle_of_a_word_is_found_too(reading: Sound) -> None:
    at = 21.0
    sound = np.concatenate([reading[: int(at * RATE)], np.zeros(4 * RATE, np.float32), reading[int(at * RATE) :]])
    gaps = [(a.end_s, b.start_s) for a, b in pairwise(speech_of(sound)) if b.start_s - a.end_s > 2]
    assert len(gaps) == 1
    assert gaps[0] == pytest.approx((at, at + 4), abs=0.15)


def test_pieces_do_not_depend_on_blocks(phrases: Sound) -> None:
    sound = np.tile(phrases, 3)
    whole = list(cut([sound]))
    assert len(whole) > 3
    for seconds in (0.1, 3.3, 60.0):
        pieces = list(cut(in_blocks(sound, seconds)))
        assert [(p.start_s, p.speech) for p in pieces] == [(p.start_s, p.speech) for p in whole]
        assert all(np.array_equal(a.samples, b.samples) for a, b in zip(pieces, whole, strict=True))


def test_pieces_follow_each_other_and_part_in_pauses(phrases: Sound) -> None:
    sound = np.tile(phrases, 10)
    pieces = list(cut(in_blocks(sound, 1.0)))
    assert np.array_equal(np.concatenate([p.samples for p in pieces]), sound)
    assert all(0 < p.samples.size <= 60 * RATE for p in pieces)
    for before, after in pairwise(pieces):
        assert before.samples.size % FRAME == 0
        assert after.start_s == pytest.approx(before.start_s + before.samples.size / RATE)
        assert before.speech[-1].end_s < before.samples.size / RATE
        assert after.speech[0].start_s > 0


def test_without_a_pause_the_quietest_moment_parts() -> None:
    level_db = np.full(6000, -20.0)
    level_db[5500:5520] = -30.0
    assert _cut_at((Interval(0.0, 60.0),), level_db) == 5510 * FRAME


def test_the_longest_pause_of_the_last_fifth_parts() -> None:
    speech = (Interval(0.0, 10.0), Interval(20.0, 49.0), Interval(50.0, 55.0), Interval(55.5, 60.0))
    assert _cut_at(speech, np.full(6000, -20.0)) == 4950 * FRAME


@pytest.mark.parametrize("gain_db", [-20.0, -40.0, -50.0])
def test_quiet_speech_is_speech(reading: Sound, gain_db: float) -> None:
    loud = sum(s.duration_s for s in speech_of(reading))
    quiet = sum(s.duration_s for s in speech_of(reading * np.float32(10 ** (gain_db / 20))))
    assert quiet == pytest.approx(loud, rel=0.03)


def test_an_offset_and_hum_change_nothing_much(reading: Sound) -> None:
    hum = 0.05 * np.sin(2 * np.pi * 50 * np.arange(reading.size) / RATE) + 0.1
    clean = speech_of(reading)
    assert sum(s.duration_s for s in speech_of(reading + hum.astype(np.float32))) == pytest.approx(
        sum(s.duration_s for s in clean), rel=0.05
    )


@pytest.mark.parametrize("gain_db", [0.0, -40.0, -80.0])
def test_noise_tones_and_clicks_are_not_speech(gain_db: float) -> None:
    rng = np.random.default_rng(0)
    t = np.arange(20 * RATE) / RATE
    for sound in (rng.standard_normal(t.size), np.sin(2 * np.pi * 440 * t), (rng.random(t.size) > 0.9995) * 1.0):
        assert speech_of((sound * 0.3 * 10 ** (gain_db / 20)).astype(np.float32)) == ()


@pytest.mark.parametrize(
    "sound",
    [np.zeros(1), np.zeros(3200), np.full(3200, np.nan), np.full(3200, np.inf), np.ones(RATE), np.zeros(RATE + 7)],
    ids=["one sample", "0.2 s", "not a number", "infinite", "offset", "no whole frame"],
)
def test_what_is_hardly_sound_is_a_piece_without_speech(sound: npt.NDArray[np.float64]) -> None:
    (piece,) = cut([sound.astype(np.float32)])
    assert piece.speech == ()
    assert piece.samples.size == sound.size
    assert np.isfinite(piece.samples).all()


def test_no_sound_is_no_piece() -> None:
    assert list(cut([])) == list(cut([np.zeros(0, np.float32)])) == []
