"""Samples become 10 ms frames: level, bands, pitch and spectral change. All that is acoustic and local belongs here.

Frame ``k`` is centred on ``(k + 0.5) * 10 ms``, so that the frames of consecutive pieces of sound follow each other
without a seam when a piece is a whole number of frames long. Frames keep no samples: a minute is about 0.2 MB.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from liyi.core.smoothing import runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.core.trace import BoolArray, FloatArray, Interval

Float32Array = npt.NDArray[np.float32]

SAMPLE_RATE = 16_000
FRAME_S = 0.01
HOP = 160

_WINDOW = 400  # 25 ms: long enough for two periods of a low voice, short enough for nine syllables a second
_N_FFT = 512
_CHUNK = 3000  # frames transformed at once: about 12 MB whatever the length of the piece
_FLOOR = 1e-12  # -120 dB re full scale, below the noise of any 16 bit recording

# A frame of nothing is -120 dB; one least bit of 16 now and then is -110. A fixed level would move with the gain.
_DIGITAL_SILENCE_DB = -115.0
_BESIDE = 1  # frames: a window of 25 ms reaches over the 10 ms of its frame by less than one on either side
_EDITED = 10  # frames: a soft recording in 16 bit holds shorter spans of nothing

_SPEECH_HZ = (90.0, 5000.0)
_HIGH_HZ = (1000.0, 5000.0)
_SONORANT_HZ = (90.0, 1500.0)
_FRICATION_HZ = (3000.0, 7500.0)

_MELS = 40
_MEL_TOP_HZ = 6000.0
_MFCC = 12
_LOUDNESS_HZ = (300.0, 3200.0)  # the first two formants: neither the hum of nasals nor the hiss of fricatives
_LOUDNESS_EXPONENT = 0.3  # Stevens' power law: loudness grows as intensity to the 0.3
_CHANGE_FRAMES = 4  # 40 ms on each side
_NORMAL_PEAK = 0.6  # amplitude to which a piece's speech is scaled before pitch and spectral change
_MEL_FLOOR = 1e-8  # in power of the scaled piece, as in the experiments behind the filler detector

_PITCH_HZ = (50.0, 600.0)
_PITCH_HOP = 256  # swift-f0's own hop, in samples
_PITCH_CONTEXT_S = 0.25  # its receptive field reaches 176 ms each way
VOICED = 0.4  # confidence of a voiced frame; at swift-f0's own 0.5 more of a hoarse voice is lost than Praat loses


@dataclass(frozen=True)
class Frames:
    """What was heard in each 10 ms frame; every array has shape (m,).

    Attributes
    ----------
    level_db, high_db, sonorant_db, frication_db : float32
        Level of 90-5000, 1000-5000, 90-1500 and 3000-7500 Hz, in dB re full scale (a sine of amplitude 1 is -3 dB).
    loudness_db : float32
        Loudness of the first two formants: mean over mel bands of power to the 0.3, as a level in dB.
    pitch_hz : float32
        Fundamental frequency; NaN where unvoiced, and outside speech.
    voicing : float32
        Confidence that the frame is voiced, 0..1; 0 outside speech.
    change : float32
        Spectral change: distance between the mean MFCC 1-12 of the 40 ms after and the 40 ms before.
    clipped : uint8
        Samples at full scale, 0..160.
    speech : bool
        Inside a stretch of speech.
    """

    level_db: Float32Array
    high_db: Float32Array
    sonorant_db: Float32Array
    frication_db: Float32Array
    loudness_db: Float32Array
    pitch_hz: Float32Array
    voicing: Float32Array
    change: Float32Array
    clipped: npt.NDArray[np.uint8]
    speech: BoolArray

    def __len__(self) -> int:
        return int(self.level_db.size)

    @property
    def t(self) -> FloatArray:
        """Centres of the frames, shape (m,), in seconds."""
        return (np.arange(len(self), dtype=np.float64) + 0.5) * FRAME_S


def analyse(samples: npt.ArrayLike, *, speech: tuple[Interval, ...]) -> Frames:
    """Turn a piece of sound into frames.

    Parameters
    ----------
    samples : array, shape (n,)
        Mono, 16 kHz, full scale 1. What is not finite counts as silence.
    speech : tuple of Interval
        Stretches of speech, in seconds within the piece. Pitch is looked for in them only.

    Returns
    -------
    Frames
        ``n // 160`` frames.
    """
    sound = np.nan_to_num(np.asarray(samples, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    count = sound.size // HOP
    inside = _inside(speech, count)
    clipped = _clipped(sound, count)
    sound = _without_rumble(sound)
    gain = _gain(sound, inside)
    levels, loudness_db, change = _spectra(sound, count, gain)
    pitch_hz, voicing = _pitch(sound * gain, inside)
    return Frames(
        level_db=levels[0],
        high_db=levels[1],
        sonorant_db=levels[2],
        frication_db=levels[3],
        loudness_db=loudness_db,
        pitch_hz=pitch_hz,
        voicing=voicing,
        change=change,
        clipped=clipped,
        speech=inside,
    )


def join(pieces: Sequence[Frames]) -> Frames:
    """Frames of consecutive pieces as one; of no piece, no frame."""
    if not pieces:
        return analyse(np.zeros(0, np.float32), speech=())
    return Frames(**{f.name: np.concatenate([getattr(p, f.name) for p in pieces]) for f in fields(Frames)})


def snr_db(frames: Frames) -> float:
    """Level of speech over level of the background, in dB; NaN without speech.

    The level of speech is the mean power inside the stretches of speech. The background is the median level outside
    them, digital silence left out (it says nothing about the noise under the voice), or, with less than 0.3 s of it,
    the 5th percentile of the frames inside.
    """
    if not frames.speech.any():
        return float("nan")
    voice = frames.level_db[frames.speech].astype(np.float64)
    rest = frames.level_db[~frames.speech & _room(frames.level_db)].astype(np.float64)
    background = np.median(rest) if rest.size >= 30 else np.percentile(voice, 5)
    noise = 10.0 ** (background / 10.0)
    power = float(np.mean(10.0 ** (voice / 10.0)))
    return float(10.0 * np.log10(max(power - noise, noise * 1e-3) / noise))


def recorded(level_db: Float32Array) -> BoolArray:
    """Frames that hold sound of the room: digital silence, which an editor or a gate put there, says nothing of it."""
    return level_db > _DIGITAL_SILENCE_DB


def _room(level_db: Float32Array) -> BoolArray:
    """Frames that are `recorded`, but for those beside an editor's silence, into which their window reaches."""
    there = recorded(level_db)
    kept = there.copy()
    for first, last in runs(~there):
        if last - first >= _EDITED:
            kept[max(0, first - _BESIDE) : last + _BESIDE] = False
    return kept if kept.any() else there


def background_db(level_db: Float32Array) -> float:
    """Level that 8 % of the frames with any sound stay under; that of digital silence where there is nothing else."""
    heard = level_db[_room(level_db)]
    return float(np.percentile(heard, 8)) if heard.size else _DIGITAL_SILENCE_DB


def clipped_share(frames: Frames) -> float:
    """Share of the samples in speech that stand at full scale, 0..1."""
    return float(np.mean(frames.clipped[frames.speech])) / HOP if frames.speech.any() else 0.0


def _inside(speech: tuple[Interval, ...], count: int) -> BoolArray:
    inside = np.zeros(count, dtype=np.bool_)
    for stretch in speech:
        inside[max(0, round(stretch.start_s / FRAME_S)) : max(0, round(stretch.end_s / FRAME_S))] = True
    return inside


def _clipped(sound: Float32Array, count: int) -> npt.NDArray[np.uint8]:
    full = np.abs(sound[: count * HOP]) >= 0.999  # 16 bit full scale, and what decoders make of it
    return np.asarray(full.reshape(count, HOP).sum(axis=1), dtype=np.uint8)


def _without_rumble(sound: Float32Array) -> Float32Array:
    """Sound without offset, handling noise and the foot of the mains hum, which would rule pitch and peak."""
    from scipy.signal import butter, sosfilt

    if sound.size == 0:
        return sound
    high_pass = butter(4, 60, "highpass", fs=SAMPLE_RATE, output="sos")
    return np.asarray(sosfilt(high_pass, sound - sound.mean(dtype=np.float64)), dtype=np.float32)


def _gain(sound: Float32Array, inside: BoolArray) -> np.float32:
    """Scale to the peak that pitch and spectral change are taken at: both have an absolute floor inside."""
    body = sound[: inside.size * HOP].reshape(inside.size, HOP)
    voice = np.abs(body[inside] if inside.any() else body)
    peak = float(np.percentile(voice, 99.9)) if voice.size else 0.0
    return np.float32(_NORMAL_PEAK / peak if peak > 1e-6 else 1.0)


@lru_cache(maxsize=1)
def _mel() -> tuple[Float32Array, BoolArray]:
    """Mel filters, shape (40, 257), and which of them lie in the range of the first two formants."""
    from librosa import mel_frequencies
    from librosa.filters import mel  # costs 0.4 s once: not at import

    centre = mel_frequencies(_MELS + 2, fmax=_MEL_TOP_HZ)[1:-1]
    filters = mel(sr=SAMPLE_RATE, n_fft=_N_FFT, n_mels=_MELS, fmax=_MEL_TOP_HZ)
    return np.asarray(filters, dtype=np.float32), (centre > _LOUDNESS_HZ[0]) & (centre < _LOUDNESS_HZ[1])


def _spectra(sound: Float32Array, count: int, gain: np.float32) -> tuple[Float32Array, Float32Array, Float32Array]:
    """Levels of four bands (4, m), loudness (m,), both in dB, and change (m,): a 25 ms Hann spectrum every 10 ms."""
    from scipy.fft import dct, rfft

    window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    padded = np.pad(sound, ((_WINDOW - HOP) // 2, _WINDOW))
    views = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP][:count]
    hz = np.fft.rfftfreq(_N_FFT, 1 / SAMPLE_RATE)
    masks = [(hz > low) & (hz < high) for low, high in (_SPEECH_HZ, _HIGH_HZ, _SONORANT_HZ, _FRICATION_HZ)]
    scale = 2.0 / (_N_FFT * float(np.sum(window**2)))  # Parseval: mean square of the frame
    filters, formants = _mel()
    levels = np.empty((len(masks), count), dtype=np.float32)
    loudness = np.empty(count, dtype=np.float32)
    cepstra = np.empty((count, _MFCC), dtype=np.float32)
    for first in range(0, count, _CHUNK):
        last = min(first + _CHUNK, count)
        power = np.abs(rfft(views[first:last] * window, _N_FFT, axis=1)) ** 2
        for row, mask in enumerate(masks):
            levels[row, first:last] = 10 * np.log10(power[:, mask].sum(axis=1) * scale + _FLOOR)
        mel = np.maximum(power @ filters.T * gain**2, _MEL_FLOOR)
        loudness[first:last] = np.log10(np.mean(mel[:, formants] ** _LOUDNESS_EXPONENT, axis=1))
        cepstra[first:last] = dct(10 * np.log10(mel), axis=1, norm="ortho")[:, 1 : _MFCC + 1]
    return levels, loudness * (10 / _LOUDNESS_EXPONENT) - 20 * np.log10(gain), _change(cepstra)


def _change(cepstra: Float32Array) -> Float32Array:
    """Distance of the mean cepstrum of the next 40 ms from that of the last 40 ms, for cepstra of shape (m, 12)."""
    side, count = _CHANGE_FRAMES, cepstra.shape[0]
    if count == 0:
        return np.zeros(0, dtype=np.float32)
    sums = np.cumsum(np.pad(cepstra, ((side, side), (0, 0)), mode="edge"), axis=0, dtype=np.float64)
    sums = np.pad(sums, ((1, 0), (0, 0)))
    last = sums[side : side + count] - sums[:count]
    following = sums[2 * side + 1 : 2 * side + 1 + count] - sums[side + 1 : side + 1 + count]
    return np.asarray(np.linalg.norm(following - last, axis=1) / side, dtype=np.float32)


@lru_cache(maxsize=1)
def _detector() -> Any:
    from swift_f0 import SwiftF0

    return SwiftF0(threads=1, spin=False)  # one thread: the sum's order, and so the result, never changes


def _pitch(sound: Float32Array, inside: BoolArray) -> tuple[Float32Array, Float32Array]:
    """Pitch (NaN where unvoiced) and voicing of each frame inside speech."""
    pitch = np.full(inside.size, np.nan, dtype=np.float32)
    voicing = np.zeros(inside.size, dtype=np.float32)
    context = round(_PITCH_CONTEXT_S / FRAME_S)
    grown = np.convolve(inside, np.ones(2 * context + 1), mode="same") > 0.5 if inside.any() else inside
    for first, last in runs(grown[: inside.size]):
        result = _detector().detect(sound[first * HOP : last * HOP], SAMPLE_RATE, *_PITCH_HZ)
        place = (np.arange(last - first) + 0.5) * HOP / _PITCH_HOP
        pitch[first:last], voicing[first:last] = _resampled(place, result.pitch_hz, result.confidence)
    pitch[~inside | (voicing < VOICED)] = np.nan
    voicing[~inside] = 0.0
    return pitch, voicing


def _resampled(place: FloatArray, pitch_hz: FloatArray, confidence: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Pitch and confidence at fractional detector frames: linear in log frequency between voiced neighbours."""
    left = np.clip(np.floor(place).astype(int), 0, confidence.size - 1)
    right = np.minimum(left + 1, confidence.size - 1)
    part = np.clip(place - left, 0.0, 1.0)
    part_pitch = np.where((confidence[left] >= VOICED) & (confidence[right] >= VOICED), part, np.round(part))
    steps = np.log2(np.maximum(pitch_hz, 1.0))
    pitch = 2.0 ** (steps[left] * (1 - part_pitch) + steps[right] * part_pitch)
    return pitch, confidence[left] * (1 - part) + confidence[right] * part
