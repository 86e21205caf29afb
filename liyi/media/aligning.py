"""Two recordings of one performance laid on one clock by their sound: how far apart they began, how their clocks run.

What belongs here: the modulation of the sound in four bands, which gain, room and coding change little; where that of
one recording is found in the other's; a straight line through it, since two cameras' clocks differ by some tens of
millionths; and whether that is sure. What is not sure is no alignment. ``benchmarks/aligning.py`` measures the error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from liyi.core.published import published
from liyi.media.sound import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from liyi.core.trace import FloatArray
    from liyi.media.sound import Samples

Matrix = npt.NDArray[np.float32]

# Spectra of 16 ms every 4 ms; bands that telephones and every coder keep.
_WINDOW, _HOP = 256, 64
_RATE_HZ = SAMPLE_RATE_HZ / _HOP
_BANDS_HZ = (150.0, 400.0, 900.0, 1800.0, 3500.0)
_FLOOR_PERCENTILE = 20  # of a band's power: what is there while nobody speaks
_FASTEST_S, _SLOWEST_S = 0.02, 0.5  # what changes more slowly is gain and room, what changes faster is noise

_COARSE = 5  # spectra that make one of the search through the whole recording
_PIECE_S, _PIECES = 60.0, 8
_LEAST_SHARED_S = 8.0  # less in common tells nothing
_FINE_S = 8.0  # windows of the second search, half over one another
_NEAR_S = 0.25  # within which it looks about the line of the first
_MOST_RATE = 300e-6  # clocks that differ more are none of cameras
_USUAL_RATE = 50e-6  # one sigma of what two clocks differ by, before anything is measured

_AGREE_S = 0.015  # a window farther from the line does not say the same; of simulated pairs none was by more than 8 ms
# Correlation of two windows from which on they are the same sound: of simulated pairs 0.7 to 0.94, in noise down to
# 5 dB; of sounds that have nothing to do with each other 0 to 0.44.
_ALIKE = 0.45
_LEAST_WINDOWS, _LEAST_SHARE = 3, 0.8
_THIRDS, _OF_EACH = 3, 0.5  # of the beginning, the middle and the end, so that no camera was paused on the way
# Whoever says the same words twice never says them at the same pace to a few milliseconds: windows too short for a pace
# to even out lie on the line throughout where it is one sound. Of 75 simulated pairs at least 0.95 of them did; of
# other takes that long windows let pass at most 0.37 where the tempo wanders by 5 %, at most 0.86 where it does by 2 %.
_SHORT_S, _SHORT_NEAR_S, _SHORT_AGREE_S, _LEAST_SHORT = 2.0, 0.1, 0.008, 0.9
_LEAST_COMMON = 0.5  # of the shorter recording: a sound that a machine repeats is alike at other places, too


@dataclass(frozen=True)
class Alignment:
    """Where the moments of a second recording lie in the first.

    Attributes
    ----------
    offset_s : float
        Second of the first recording at which the second one begins; negative where that began earlier.
    drift_ppm : float
        By how many millionths more than its own a second of the second recording lasts on the first one's clock.
    error_s : float
        One sigma of a moment that is carried over.
    windows, agreeing : int
        Windows in which both have sound, and those of them that lie on the line.
    """

    offset_s: float
    drift_ppm: float
    error_s: float
    windows: int
    agreeing: int

    def first(self, second_s: float) -> float:
        """A moment of the second recording on the clock of the first, in seconds."""
        return self.offset_s + second_s * (1 + self.drift_ppm * 1e-6)

    def second(self, first_s: float) -> float:
        """A moment of the first recording on the clock of the second, in seconds."""
        return (first_s - self.offset_s) / (1 + self.drift_ppm * 1e-6)


class Modulation:
    """What aligning needs of a sound, gathered while it goes by: 4 kB for a second of it."""

    def __init__(self) -> None:
        self._rest: Samples = np.zeros(0, dtype=np.float32)
        self._power: list[Matrix] = []
        bins_hz = np.fft.rfftfreq(_WINDOW, 1 / SAMPLE_RATE_HZ)
        self._edges = np.searchsorted(bins_hz, _BANDS_HZ)
        self._shape = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)

    def passing(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        """Hand the blocks on as they come, for whoever else listens to them."""
        for block in blocks:
            self.take(block)
            yield block

    def take(self, block: Samples) -> None:
        """Take the next samples, mono at 16 kHz."""
        sound = np.concatenate([self._rest, block])
        count = max(0, (sound.size - _WINDOW) // _HOP + 1)
        self._rest = sound[count * _HOP :]
        if count:
            frames = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[: count * _HOP : _HOP]
            spectra = np.abs(np.fft.rfft(frames * self._shape, axis=1)).astype(np.float32) ** 2
            self._power.append(np.add.reduceat(spectra, self._edges[:-1], axis=1)[:, : len(_BANDS_HZ) - 1])

    def result(self) -> Matrix:
        """How much louder or softer than around it each moment is in each band, shape (n, 4), at 250 Hz."""
        if not self._power:
            return np.zeros((0, len(_BANDS_HZ) - 1), dtype=np.float32)
        power = np.concatenate(self._power)
        floor = np.maximum(np.percentile(power, _FLOOR_PERCENTILE, axis=0), 1e-9)
        level = np.log1p(power / (4 * floor))
        return (_smooth(level, _FASTEST_S) - _smooth(level, _SLOWEST_S)).astype(np.float32)


def align(first: Modulation, second: Modulation) -> Alignment | None:
    """Where the second sound lies in the first; None where that is not sure.

    A correlation of pieces of the second with all of the first finds the place, one of windows of eight seconds about
    it measures it to some milliseconds, and the line through those gives offset and rate. It is sure where four of five
    windows in which both have sound say the same, most of each third of the time, nine of ten windows of two seconds
    say so too, and the two have half of the shorter one in common.
    """
    one, two = first.result(), second.result()
    if min(len(one), len(two)) < _LEAST_SHARED_S * _RATE_HZ:
        return None
    place = _find(one, two)
    if place is None or _common(len(one), len(two), place[0] * _RATE_HZ) < _LEAST_COMMON * min(len(one), len(two)):
        return None
    return _fit(one, two, *place)


def _common(first: int, second: int, lag: float) -> float:
    """How much of two recordings lies over one another."""
    return min(first, second + lag) - max(0.0, lag)


# ------------------------------------------------------------------ the place


def _find(one: Matrix, two: Matrix) -> tuple[float, float] | None:
    """Lag in seconds at the middle of the second sound, and how it changes a second; None where nothing is alike."""
    from scipy.fft import next_fast_len, rfft

    a, b = _coarse(one), _coarse(two)
    rate_hz = _RATE_HZ / _COARSE
    size = next_fast_len(len(a) + round(_PIECE_S * rate_hz), real=True)
    whole, energy = rfft(a, size, axis=0), rfft(np.sum(a**2, axis=1), size)
    there = rfft(np.ones(len(a)), size)
    found = [_of_piece(b, piece, whole, energy, there, size, len(a), rate_hz) for piece in _pieces(b, rate_hz)]
    best: tuple[float, float, float] | None = None
    for middle_s, lags_s, alike in found:
        at = int(np.argmax(alike))
        total, lags = 0.0, []
        for other_s, other_lags, other in found:
            near = np.abs(other_lags - lags_s[at]) <= 0.06 + _MOST_RATE * abs(other_s - middle_s)
            if near.any():
                top = int(np.argmax(np.where(near, other, -np.inf)))
                total += max(0.0, float(other[top]))
                lags.append((other_s, float(other_lags[top]), max(1e-3, float(other[top]))))
        if best is None or total > best[0]:
            best = total, *_line(lags, len(two) / _RATE_HZ / 2)
    return None if best is None else best[1:]


def _coarse(fine: Matrix) -> FloatArray:
    count = len(fine) // _COARSE
    return np.asarray(fine[: count * _COARSE].reshape(count, _COARSE, -1).mean(axis=1), dtype=np.float64)


def _pieces(b: FloatArray, rate_hz: float) -> list[tuple[int, int]]:
    """Pieces of the second sound, spread over it, those in which most happens of each part."""
    length = min(len(b), round(_PIECE_S * rate_hz))
    parts = min(_PIECES, max(1, len(b) // length))
    busy = np.concatenate(([0.0], np.cumsum(np.sum(b**2, axis=1))))
    chosen = []
    for part in np.array_split(np.arange(len(b)), parts):
        starts = np.arange(part[0], max(part[0], part[-1] + 1 - length) + 1, max(1, length // 12))
        starts = starts[starts + length <= len(b)]
        if starts.size:
            best = int(starts[np.argmax(busy[starts + length] - busy[starts])])
            chosen.append((best, best + length))
    return chosen


def _of_piece(
    b: FloatArray,
    piece: tuple[int, int],
    whole: npt.NDArray[np.complex128],
    energy: npt.NDArray[np.complex128],
    there: npt.NDArray[np.complex128],
    size: int,
    count: int,
    rate_hz: float,
) -> tuple[float, FloatArray, FloatArray]:
    """Middle of a piece in seconds; every lag of the first sound's clock, and how alike the two are with it."""
    from scipy.fft import irfft, rfft

    part = b[slice(*piece)]
    length = len(part)

    def at_every_lag(ours: npt.NDArray[np.complex128], theirs: FloatArray) -> FloatArray:
        full = irfft(ours * np.conj(rfft(theirs, size)), size)
        return np.asarray(np.concatenate([full[size - length + 1 :], full[:count]]), dtype=np.float64)

    product = sum(at_every_lag(whole[:, band], part[:, band]) for band in range(part.shape[1]))
    own = at_every_lag(there, np.sum(part**2, axis=1))
    other = at_every_lag(energy, np.ones(length))
    shared = at_every_lag(there, np.ones(length))
    least = min(0.5 * length, _LEAST_SHARED_S * rate_hz)
    known = np.sqrt(np.maximum(own * other, 1e-3 * own.max() * other.max() + 1e-12))
    # Little that is shared is alike by chance: what counts grows with the root of it.
    alike = np.where(shared >= least - 0.5, product / known * np.sqrt(np.maximum(shared, 0) / length), -1.0)
    lags = (np.arange(-length + 1, count) - piece[0]) / rate_hz
    return (piece[0] + length / 2) / rate_hz, lags, alike


def _line(lags: list[tuple[float, float, float]], middle_s: float) -> tuple[float, float]:
    """Lag at ``middle_s`` and its change a second, by (second, lag, weight)."""
    at, lag, weight = (np.array(each) for each in zip(*lags, strict=True))
    return _weighted(at - middle_s, lag, weight / 0.01**2)


# ------------------------------------------------------------------ and the line


def _fit(one: Matrix, two: Matrix, lag_s: float, rate: float) -> Alignment | None:
    """The line through the windows about a place; None where too few of them say the same."""
    middle_s = len(two) / _RATE_HZ / 2
    at, lag, alike = _windows(one, two, lambda t: lag_s + rate * (t - middle_s))
    if at.size < _LEAST_WINDOWS:
        return None
    sure = alike >= _ALIKE
    if not sure.any():
        return None
    keep = sure & (np.abs(lag - np.median(lag[sure])) <= _NEAR_S)
    level, slope = 0.0, 0.0
    for _ in range(10):
        level, slope = _weighted(at[keep] - middle_s, lag[keep], (alike[keep] / 0.004) ** 2)
        off = np.abs(lag - level - slope * (at - middle_s))
        spread = max(0.004, 1.48 * float(np.median(off[keep])))
        before, keep = keep, sure & (off <= min(_AGREE_S, 3 * spread))
        if not keep.any() or (keep == before).all():
            break
    off = np.abs(lag - level - slope * (at - middle_s))
    on_line = sure & (off <= _AGREE_S)
    agreeing = int(on_line.sum())
    paused = any(part.mean() < _OF_EACH for part in np.array_split(on_line, _THIRDS))
    if agreeing < _LEAST_WINDOWS or agreeing < _LEAST_SHARE * at.size or paused or abs(slope) > _MOST_RATE:
        return None
    if not _is_one_sound(one, two, lambda t: level + slope * (t - middle_s)):
        return None
    spread = 1.48 * float(np.median(off[keep])) / math.sqrt(keep.sum())
    return Alignment(
        offset_s=round(level - slope * middle_s, 4),
        drift_ppm=round(1e6 * slope, 1),
        error_s=round(math.hypot(published("liyi", "alignment"), spread), 4),
        windows=int(at.size),
        agreeing=agreeing,
    )


def _is_one_sound(one: Matrix, two: Matrix, line: Callable[[float], float]) -> bool:
    """Whether short windows lie on the line as the long ones do: of another take some run before it, some after."""
    at, lag, _ = _windows(one, two, line, _SHORT_S, _SHORT_NEAR_S)
    off = np.abs(lag - np.array([line(t) for t in at]))
    return at.size > 0 and float(np.mean(off <= _SHORT_AGREE_S)) >= _LEAST_SHORT


def _windows(
    one: Matrix, two: Matrix, line: Callable[[float], float], length_s: float = _FINE_S, near_s: float = _NEAR_S
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Middles of the windows in which both have sound, the lag in each, in seconds, and how alike the two are there."""
    length, step, near = (round(each * _RATE_HZ) for each in (length_s, length_s / 2, near_s))
    length = min(length, max(round(_RATE_HZ * _LEAST_SHARED_S / 2), len(two) // 4))
    found = []
    for start in range(0, len(two) - length + 1, min(step, max(1, length // 2))):
        middle_s = (start + length / 2) / _RATE_HZ
        begin = start + round(line(middle_s) * _RATE_HZ) - near
        if begin >= 0 and begin + length + 2 * near <= len(one):
            found.append((middle_s, begin - start, two[start : start + length], one[begin : begin + length + 2 * near]))
    if not found:
        return np.empty(0), np.empty(0), np.empty(0)
    energies = np.array([[np.sum(own**2), np.sum(other**2)] for _, _, own, other in found])
    busy = (energies >= 0.25 * np.median(energies, axis=0)).all(axis=1)
    out = []
    for (middle_s, lag, own, other), there in zip(found, busy, strict=True):
        if there:
            peak, alike = _peak(own.astype(np.float64), other.astype(np.float64))
            out.append((middle_s, (lag + peak) / _RATE_HZ, alike))
    at, lags, alike = np.array(out).T
    return at, lags, alike


def _peak(own: FloatArray, other: FloatArray) -> tuple[float, float]:
    """Where ``own`` is most like a stretch of ``other`` (longer), in steps with their fractions, and how alike."""
    from scipy.signal import fftconvolve

    product = fftconvolve(other, own[::-1], mode="valid", axes=0).sum(axis=1)
    running = np.concatenate(([0.0], np.cumsum(np.sum(other**2, axis=1))))
    energy = running[len(own) :] - running[: -len(own)]
    alike = product / np.sqrt(np.maximum(energy * np.sum(own**2), 1e-12))
    top = int(np.argmax(alike))
    if not 0 < top < alike.size - 1:
        return float(top), 0.0  # it may lie beyond
    left, middle, right = alike[top - 1 : top + 2]
    bend = left - 2 * middle + right
    return top + (0.5 * (left - right) / bend if bend < 0 else 0.0), float(middle)


def _weighted(at: FloatArray, lag: FloatArray, weight: FloatArray) -> tuple[float, float]:
    """Level at 0 and slope of a line, where a slope of some `_USUAL_RATE` is expected."""
    mean_at, mean_lag = np.average(at, weights=weight), np.average(lag, weights=weight)
    spread = float(np.sum(weight * (at - mean_at) ** 2))
    slope = float(np.sum(weight * (at - mean_at) * (lag - mean_lag))) / (spread + 1 / _USUAL_RATE**2)
    return float(mean_lag - slope * mean_at), slope


def _smooth(level: Matrix, width_s: float) -> Matrix:
    """Two running means, one after the other, along the first axis."""
    from scipy.ndimage import uniform_filter1d

    width = max(1, round(width_s * _RATE_HZ))
    for _ in range(2):
        level = uniform_filter1d(level, width, axis=0, mode="nearest")
    return level
