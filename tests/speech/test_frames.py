"""Frames: level and pitch of sounds whose level and pitch are known, then real clips against Praat."""

from __future__ import annotations

import os
from dataclasses import fields

import numpy as np
import pytest

from liyi.core.trace import Interval
from speech.frames import FRAME_S, Frames, analyse, clipped_share, join, snr_db
from tests.speech.sounds import RATE, buzz, clips, everything, frames_of_clip, load, noise, silence


def cents(found: np.ndarray, true: float | np.ndarray) -> np.ndarray:
    return 1200 * np.log2(found / true)


@pytest.mark.parametrize("pitch_hz", [80.0, 120.0, 180.0, 260.0, 400.0])
def test_pitch_of_a_steady_voice(pitch_hz: float) -> None:
    sound = buzz(pitch_hz, 1.0)
    found = analyse(sound, speech=everything(sound)).pitch_hz[10:-10]
    assert np.abs(cents(found, pitch_hz)).max() < 15
    assert abs(np.median(cents(found, pitch_hz))) < 10


def test_pitch_follows_a_glide_on_the_clock() -> None:
    true = 120 * 2 ** (np.arange(2 * RATE) / (2 * RATE))  # an octave in two seconds: 6 cents per frame
    sound = buzz(true, 2.0)
    frames = analyse(sound, speech=everything(sound))
    apart = cents(frames.pitch_hz, np.interp(frames.t, np.arange(true.size) / RATE, true))[10:-10]
    assert abs(np.median(apart)) < 10
    assert np.nanpercentile(np.abs(apart), 95) < 15


def test_level_of_a_sine() -> None:
    t = np.arange(RATE) / RATE
    for amplitude, level_db in ((1.0, -3.01), (0.1, -23.01), (0.001, -63.01)):
        sound = (amplitude * np.sin(2 * np.pi * 1000 * t)).astype(np.float32)
        frames = analyse(sound, speech=everything(sound))
        assert frames.level_db[5:-5] == pytest.approx(level_db, abs=0.05)
        assert frames.sonorant_db[5:-5] == pytest.approx(level_db, abs=0.05)
        assert frames.frication_db[5:-5].max() < level_db - 40


def test_frames_tile_the_sound() -> None:
    for count, expected in ((0, 0), (1, 0), (159, 0), (160, 1), (3200, 20), (3359, 20)):
        frames = analyse(np.zeros(count, np.float32), speech=(Interval(0.0, 0.2),))
        assert all(getattr(frames, f.name).shape == (expected,) for f in fields(Frames))
    assert frames.t[0] == pytest.approx(FRAME_S / 2)


def test_six_decibels_move_the_level_and_nothing_else() -> None:
    sound = np.concatenate([buzz(140, 0.6), noise(0.3, amplitude=0.01), buzz(200, 0.6)])
    plain, louder = (analyse(s, speech=everything(sound)) for s in (sound, sound * np.float32(10**0.3)))
    assert louder.level_db - plain.level_db == pytest.approx(6.0, abs=0.01)
    assert louder.loudness_db - plain.loudness_db == pytest.approx(6.0, abs=0.05)
    np.testing.assert_allclose(louder.pitch_hz, plain.pitch_hz, rtol=1e-4)
    np.testing.assert_allclose(louder.change, plain.change, atol=0.05)


def test_transposing_shifts_the_pitch_only() -> None:
    wobble = 1 + 0.1 * np.sin(2 * np.pi * 2 * np.arange(3 * RATE) / RATE)
    low, high = (buzz(f * wobble, 3.0) for f in (120.0, 180.0))
    a, b = (12 * np.log2(analyse(s, speech=everything(s)).pitch_hz[10:-10]) for s in (low, high))
    assert np.median(b) - np.median(a) == pytest.approx(12 * np.log2(1.5), abs=0.1)
    assert np.std(b) == pytest.approx(np.std(a), abs=0.05)


def test_an_offset_and_rumble_are_not_heard() -> None:
    voice = buzz(150, 1.0, amplitude=0.05)
    rumble = 0.05 * np.sin(2 * np.pi * 20 * np.arange(voice.size) / RATE)
    plain = analyse(voice, speech=everything(voice))
    shaken = analyse((voice + 0.3 + rumble).astype(np.float32), speech=everything(voice))
    assert np.median(np.abs(shaken.level_db - plain.level_db)) < 0.1
    np.testing.assert_allclose(shaken.pitch_hz[20:-20], plain.pitch_hz[20:-20], rtol=5e-3)


@pytest.mark.parametrize("sound", [silence(1.0), np.full(RATE, 0.5, np.float32), np.full(RATE, np.nan, np.float32)])
def test_silence_has_no_pitch(sound: np.ndarray) -> None:
    frames = analyse(sound, speech=everything(sound))
    assert np.isnan(frames.pitch_hz).all()
    assert frames.level_db[20:].max() < -60
    assert np.isfinite(frames.loudness_db).all()


def test_noise_is_unvoiced() -> None:
    sound = noise(2.0)
    assert np.isfinite(analyse(sound, speech=everything(sound)).pitch_hz).mean() < 0.05


def test_pitch_is_looked_for_in_speech_only() -> None:
    sound = buzz(150, 2.0)
    frames = analyse(sound, speech=(Interval(0.5, 1.0),))
    assert np.isfinite(frames.pitch_hz[51:99]).all()
    assert np.isnan(np.delete(frames.pitch_hz, slice(50, 100))).all()


def test_pieces_join_without_a_seam() -> None:
    first = np.concatenate([buzz(150, 0.8), silence(0.7)])
    second = np.concatenate([silence(0.7), buzz(200, 0.8)])
    whole = np.concatenate([first, second])
    speech = (Interval(0.0, 0.8), Interval(2.2, 3.0))
    joined = join([analyse(first, speech=speech[:1]), analyse(second, speech=(Interval(0.7, 1.5),))])
    at_once = analyse(whole, speech=speech)
    assert len(joined) == len(at_once) == 300
    np.testing.assert_array_equal(joined.speech, at_once.speech)
    voiced = np.isfinite(joined.pitch_hz) & np.isfinite(at_once.pitch_hz)
    assert voiced.sum() > 150
    np.testing.assert_allclose(joined.pitch_hz[voiced], at_once.pitch_hz[voiced], rtol=2e-3)
    np.testing.assert_allclose(joined.level_db[:78], at_once.level_db[:78], atol=0.01)
    assert len(join([])) == 0


def test_clipping_is_counted_in_speech() -> None:
    t = np.arange(RATE) / RATE
    sine = np.sin(2 * np.pi * 100 * t)
    clipped = np.clip(2 * sine, -1, 1).astype(np.float32)  # over full scale for two thirds of each period
    sound = np.concatenate([clipped, silence(1.0)])
    assert clipped_share(analyse(sound, speech=(Interval(0.0, 1.0),))) == pytest.approx(2 / 3, abs=0.01)
    assert clipped_share(analyse(sound, speech=(Interval(1.0, 2.0),))) == 0
    assert clipped_share(analyse(sound, speech=())) == 0


@pytest.mark.parametrize("snr", [5.0, 10.0, 20.0, 40.0])
def test_snr_of_noise_of_known_level(snr: float) -> None:
    """The noise fills the speech band, so the ratio is that of what lies in the band."""
    from scipy.signal import butter, sosfilt

    voice = np.concatenate([silence(1.0), buzz(150, 2.0), silence(1.0)])
    band = butter(8, (90, 5000), "bandpass", fs=RATE, output="sos")
    hiss = sosfilt(band, noise(4.0))
    hiss *= np.sqrt(np.mean(voice[RATE : 3 * RATE] ** 2) / np.mean(hiss**2)) * 10 ** (-snr / 20)
    frames = analyse((voice + hiss).astype(np.float32), speech=(Interval(1.0, 3.0),))
    assert snr_db(frames) == pytest.approx(snr, abs=1.0)


def test_snr_without_speech_or_background() -> None:
    sound = buzz(150, 1.0)
    assert np.isnan(snr_db(analyse(sound, speech=())))
    assert np.isfinite(snr_db(analyse(sound, speech=everything(sound))))


def test_two_runs_agree_bit_for_bit() -> None:
    sound = np.concatenate([buzz(140, 0.7), noise(0.2, amplitude=0.02), buzz(220, 0.7)])
    a, b = (analyse(sound, speech=everything(sound)) for _ in range(2))
    for f in fields(Frames):
        np.testing.assert_array_equal(getattr(a, f.name), getattr(b, f.name))


def test_a_minute_of_frames_is_small() -> None:
    frames = analyse(silence(60.0), speech=())
    assert sum(getattr(frames, f.name).nbytes for f in fields(Frames)) < 300_000


def test_median_pitch_against_praat(shared) -> None:
    if os.environ.get("CI") == "true":
        import parselmouth
    else:
        parselmouth = pytest.importorskip("parselmouth")
    apart = []
    for path, count in clips(shared).values():
        if count < 12:
            continue
        sound = load(path)
        pitch = parselmouth.Sound(sound.astype(np.float64), RATE).to_pitch(time_step=FRAME_S, pitch_floor=60)
        praat_hz = pitch.selected_array["frequency"]
        ours_hz = frames_of_clip(path)[0].pitch_hz
        apart.append(12 * np.log2(np.nanmedian(ours_hz) / np.median(praat_hz[praat_hz > 0])))
    assert len(apart) >= 10
    assert np.abs(apart).max() < 0.5
