"""Smoothing and hysteresis on time stamps: samples may be unevenly spaced and may have gaps (NaN)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from liyi.core.trace import BoolArray, FloatArray

_AT_ONCE = 2048  # windows whose samples are laid out at once: a long recording needs no more memory than a short one


def sample_interval_s(t: FloatArray) -> float:
    """Median spacing of the time stamps ``t`` (n,), in seconds; 0 for fewer than two."""
    return float(np.median(np.diff(t))) if t.size > 1 else 0.0


def rolling_median(t: FloatArray, value: FloatArray, window_s: float) -> FloatArray:
    """Median of the finite samples within ``window_s`` centred on each sample; NaN stays NaN.

    Parameters
    ----------
    t, value : array, shape (n,) or value (n, ...)
        Increasing seconds, and the samples on them (the first axis is time).
    window_s : float
        Whole width of the window, in seconds.

    Returns
    -------
    array
        Shape of ``value``.
    """
    half = window_s / 2 + 1e-9
    first = np.searchsorted(t, t - half, side="left")
    last = np.searchsorted(t, t + half, side="right")
    out = np.empty(value.shape, dtype=np.float64)
    for start in range(0, t.size, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        out[part] = _window_medians(value, first[part], last[part])
    out[~np.isfinite(value)] = np.nan
    return out


def _window_medians(
    value: FloatArray, first: npt.NDArray[np.intp], last: npt.NDArray[np.intp]
) -> npt.NDArray[np.float64]:
    """Median of the finite samples of each window ``first[i]:last[i]`` along the first axis of ``value``."""
    width = int((last - first).max(initial=1))
    index = first[:, None] + np.arange(width)[None, :]
    block = value[np.minimum(index, value.shape[0] - 1)].astype(np.float64)
    block[index >= last[:, None]] = np.nan
    counts = np.sum(np.isfinite(block), axis=1)
    ordered = np.sort(block, axis=1)  # NaN sorts last
    low = np.take_along_axis(ordered, np.maximum((counts - 1) // 2, 0)[:, None], axis=1)[:, 0]
    high = np.take_along_axis(ordered, np.minimum(counts // 2, width - 1)[:, None], axis=1)[:, 0]
    return np.asarray((low + high) / 2)


def runs(mask: BoolArray) -> list[tuple[int, int]]:
    """Half-open index ranges ``(first, last + 1)`` of the True runs in ``mask`` (n,)."""
    edges = np.diff(np.concatenate(([0], mask.astype(np.int8), [0])))
    return list(zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True))


def hysteresis(enter: BoolArray, stay: BoolArray) -> BoolArray:
    """True from a sample where ``enter`` holds for as long as ``stay`` holds around it (both directions)."""
    out = np.zeros(enter.shape, dtype=np.bool_)
    both = enter | stay
    for first, last in runs(both):
        if enter[first:last].any():
            out[first:last] = True
    return out
