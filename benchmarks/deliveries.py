"""Ways of speaking made from a plain reading by signal processing: choppy, sleepy, whispered, mumbled, shouted.

What belongs here: one function a way, samples in, samples out (mono, float in [-1, 1]). They are no people: what holds
on them is believed of people only after it was heard on people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RATE = 16_000
ORDER = 18  # of the linear prediction: two for every kHz, and two
FRAME, HOP = 400, 160


def read(path: Path) -> np.ndarray:
    """A sound file as mono samples at 16 kHz, brought to a usual level."""
    import soundfile
    from librosa import resample

    samples, rate = soundfile.read(str(path), dtype="float64", always_2d=True)
    return levelled(resample(samples.mean(axis=1), orig_sr=rate, target_sr=RATE))


def levelled(samples: np.ndarray, db: float = -26.0) -> np.ndarray:
    """The same sound with its louder parts at ``db`` full scale."""
    loud = _level(samples)
    return samples * 10 ** (db / 20) / np.sqrt(np.mean(loud[loud > np.median(loud)] ** 2))


def altered(samples: np.ndarray, way: str, folder: Path) -> np.ndarray:
    """One alteration: its name and its numbers, as they stand in the ladder's list."""
    name, *rest = way.split()
    if name == "insert":
        return insert(samples, read(folder / rest[0]), float(rest[1]))
    return WAYS[name](samples, *(float(number) for number in rest))


def tempo(samples: np.ndarray, rate: float) -> np.ndarray:
    """``rate`` times as fast at the same pitch."""
    from librosa.effects import time_stretch

    return time_stretch(samples, rate=rate, n_fft=1024)


def pitch(samples: np.ndarray, semitones: float) -> np.ndarray:
    """Higher (or lower) by semitones at the same tempo."""
    from librosa.effects import pitch_shift

    return pitch_shift(samples, sr=RATE, n_steps=semitones)


def gain(samples: np.ndarray, db: float) -> np.ndarray:
    """Louder by ``db``."""
    return samples * 10 ** (db / 20)


def pauses(samples: np.ndarray, seconds: float) -> np.ndarray:
    """Every pause of 0.18 s and more longer by ``seconds``."""
    pieces, last = [], 0
    for start, end in _runs(_level(samples) < 0.1 * _usual(samples), int(0.18 * RATE / HOP)):
        middle = (start + end) // 2 * HOP
        pieces += [samples[last:middle], np.zeros(int(seconds * RATE))]
        last = middle
    return np.concatenate([*pieces, samples[last:]])


def choppy(samples: np.ndarray, run_s: float = 0.55, hole_s: float = 0.32) -> np.ndarray:
    """A hole after every ``run_s``, wherever in a word that is."""
    step, fade = int(run_s * RATE), int(0.01 * RATE)
    ramp = np.ones(step)
    ramp[:fade], ramp[-fade:] = np.linspace(0, 1, fade), np.linspace(1, 0, fade)
    hole = np.zeros(int(hole_s * RATE))
    cut = [samples[k : k + step] for k in range(0, samples.size, step)]
    return np.concatenate([part for piece in cut for part in (piece * ramp[: piece.size], hole)])


def fade(samples: np.ndarray, db: float) -> np.ndarray:
    """Every stretch between pauses dies away by ``db``."""
    faded = samples.copy()
    for start, end in _runs(_level(samples) >= 0.1 * _usual(samples), int(0.3 * RATE / HOP)):
        faded[start * HOP : end * HOP] *= 10 ** (np.linspace(0, -db, (end - start) * HOP) / 20)
    return faded


def muffle(samples: np.ndarray, hertz: float) -> np.ndarray:
    """Nothing above ``hertz`` is left."""
    from scipy.signal import butter, sosfiltfilt

    return sosfiltfilt(butter(4, hertz, fs=RATE, output="sos"), samples)


def harsh(samples: np.ndarray) -> np.ndarray:
    """The tilt of a shout: high harmonics up to 10 dB stronger, peaks flattened, one level."""
    bright = samples + 2.0 * np.diff(samples, prepend=0.0)
    strong = bright / (np.sqrt(np.mean(bright**2)) * 3)
    return levelled(np.tanh(2 * strong))


def outburst(samples: np.ndarray, start_s: float, end_s: float) -> np.ndarray:
    """From ``start_s`` to ``end_s`` louder by 11 dB, higher by 4 semitones, harsh."""
    first, last = int(start_s * RATE), int(end_s * RATE)
    loud = gain(harsh(pitch(samples[first:last], 4)), 11)
    return np.concatenate([samples[:first], loud, samples[last:]])


def insert(samples: np.ndarray, other: np.ndarray, at_s: float) -> np.ndarray:
    """``other`` spoken between, with half a second of silence on both sides."""
    silence = np.zeros(RATE // 2)
    at = int(at_s * RATE)
    return np.concatenate([samples[:at], silence, other, silence, samples[at:]])


def whisper(samples: np.ndarray) -> np.ndarray:
    """The same mouth without a voice: every frame's filter driven by noise."""
    return _spoken_again(samples, lambda frame, voiced, noise: noise)


def monotone(samples: np.ndarray) -> np.ndarray:
    """The same words on one note: voiced frames driven by pulses of the speaker's median pitch."""
    period = _median_period(samples)
    pulses = np.zeros(samples.size + FRAME)
    pulses[::period] = np.sqrt(period)

    def drive(frame: int, voiced: bool, noise: np.ndarray) -> np.ndarray:
        return pulses[frame * HOP : frame * HOP + FRAME] if voiced else noise

    return _spoken_again(samples, drive)


WAYS: dict[str, Callable[..., np.ndarray]] = {
    "tempo": tempo, "pitch": pitch, "gain": gain, "pauses": pauses, "choppy": choppy, "fade": fade,
    "muffle": muffle, "harsh": harsh, "outburst": outburst, "whisper": whisper, "monotone": monotone,
}  # fmt: skip


def _level(samples: np.ndarray) -> np.ndarray:
    """Root mean square of every 25 ms, every 10 ms."""
    from librosa.feature import rms

    return rms(y=samples, frame_length=FRAME, hop_length=HOP)[0]


def _usual(samples: np.ndarray) -> float:
    return float(np.quantile(_level(samples), 0.8))


def _runs(mask: np.ndarray, least: int) -> list[tuple[int, int]]:
    """Stretches of true frames, at least ``least`` long."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    return [(a, b) for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True) if b - a >= least]


def _autocorrelation(frame: np.ndarray) -> np.ndarray:
    return np.correlate(frame, frame, "full")[frame.size - 1 :]


def _voicing(frame: np.ndarray) -> tuple[int, float]:
    """Lag of the best repetition between 70 and 400 Hz, and how well it repeats."""
    found = _autocorrelation(frame)
    low, high = RATE // 400, RATE // 70
    lag = low + int(np.argmax(found[low:high]))
    return lag, float(found[lag] / (found[0] + 1e-12))


def _median_period(samples: np.ndarray) -> int:
    long = 2 * FRAME
    lags = [_voicing(samples[k : k + long]) for k in range(0, samples.size - long, 4 * HOP)]
    return int(np.median([lag for lag, strength in lags if strength > 0.5]))


def _spoken_again(samples: np.ndarray, drive: Callable[[int, bool, np.ndarray], np.ndarray]) -> np.ndarray:
    """Linear prediction frame by frame, the filter driven by what ``drive`` gives, added up under windows."""
    from scipy.linalg import solve_toeplitz
    from scipy.signal import lfilter

    window = np.hanning(FRAME)
    made = np.zeros(samples.size + FRAME)
    noise = np.random.default_rng(5).normal(0, 1, made.size)
    for frame in range((samples.size - FRAME) // HOP):
        at = frame * HOP
        piece = samples[at : at + FRAME] * window
        found = _autocorrelation(piece)[: ORDER + 1]
        if found[0] < 1e-9:
            continue
        found[0] *= 1.0001
        filter = np.concatenate([[1.0], -solve_toeplitz(found[:-1], found[1:])])
        strength = np.sqrt(max(filter @ found, 1e-12) / FRAME)
        spoken = lfilter([strength], filter, drive(frame, _voicing(piece)[1] > 0.35, noise[at : at + FRAME]))
        made[at : at + FRAME] += spoken * window
    made = made[: samples.size]
    return made * np.sqrt(np.mean(samples**2) / np.mean(made**2))
