"""The calibration stretch: some quiet, upright seconds of the recording, which relative measures compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from posture.track import Joint
from posture.view import FRONT, SIDE
from signals.errors import LiyiError
from signals.smoothing import sample_interval_s
from signals.trace import Interval

if TYPE_CHECKING:
    from posture.track import FloatFrames
    from signals.trace import FloatArray

LENGTH_S = 5.0
SHORT_RECORDING_S = 20.0
SHORT_LENGTH_S = 3.0
# One sigma of the head's and the shoulders' place: quiet sitting and standing move them by 0.002-0.01 m in photos,
# renders and video, a bow, a step or a turn of the head by more than 0.03 m.
STILL_M = 0.02
# The first stretch that is as upright as the best, but for the error of reading it: trainees are told to begin with
# it, and the very best of many is one in which somebody happened to look up.
AS_UPRIGHT = 0.03
# No stretch will do in which one is this much less upright than in the upper tenth of the recording: a bow that is
# held, or a slouch, may be the only time that somebody keeps still (norms call 15 % of 0.6 a slouch).
SLOUCH = 0.1

_SHOULDERS = [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]
_EARS = [Joint.LEFT_EAR, Joint.RIGHT_EAR]
_HIPS = [Joint.LEFT_HIP, Joint.RIGHT_HIP]


def find_calibration(
    t: FloatArray, points: FloatFrames, *, scale: FloatArray, yaw: FloatArray, view: npt.NDArray[np.int8]
) -> Interval | None:
    """The first still stretch, seen from the front or the side throughout, in which the person is most upright.

    Parameters
    ----------
    t : array, shape (n,)
        Seconds.
    points : array, shape (n, 33, 2)
        Pixels; NaN where a joint is not usable.
    scale : array, shape (n,)
        Pixels per metre of the body (`posture.subject.body_scale`).
    yaw, view : array, shape (n,)
        As from `posture.view`.

    Returns
    -------
    Interval or None
        5 s long, 3 s in a recording shorter than 20 s; None when nobody keeps still for so long.
    """
    step = sample_interval_s(t)
    if not step:
        return None
    length_s = LENGTH_S if t[-1] - t[0] + step >= SHORT_RECORDING_S else SHORT_LENGTH_S
    upright = _uprightness(points, scale, yaw, view)
    # A side view begins nowhere near a front view: a stretch holds one of them only.
    for code in np.argsort(-np.bincount(view, minlength=SIDE + 1)[[FRONT, SIDE]]):
        seen = np.where(view == (FRONT, SIDE)[code], upright, np.nan)
        first, end = _windows(t, length_s, step)
        mean = _window_mean(seen, first, end)
        mean[_movement_m(points, scale, first, end) > STILL_M] = np.nan
        if np.isfinite(mean).any():
            mean[mean < np.nanpercentile(seen, 90) - SLOUCH] = np.nan
        if np.isfinite(mean).any():
            start = int(np.flatnonzero(mean >= np.nanmax(mean) - AS_UPRIGHT)[0])
            return Interval(float(t[start]), float(t[start]) + length_s)
    return None


def check_calibration(given: Interval, t: FloatArray, points: FloatFrames) -> Interval:
    """The stretch that the user named, if one can calibrate with it.

    Raises
    ------
    LiyiError
        When it is shorter than 3 s, lies outside the recording, or does not show the shoulders for most of the time.
    """
    end_s = float(t[-1]) + sample_interval_s(t) if t.size else 0.0
    stretch = {"start_s": round(given.start_s, 1), "end_s": round(given.end_s, 1)}
    if given.start_s < 0 or given.end_s > end_s + 0.05:
        raise LiyiError(
            "The calibration stretch {start_s}-{end_s} s lies outside the recording, which has {length_s} s: "
            "name seconds within it.",
            **stretch,
            length_s=round(end_s, 1),
        )
    if given.duration_s < SHORT_LENGTH_S:
        raise LiyiError(
            "The calibration stretch {start_s}-{end_s} s is too short: name at least {least_s} seconds.",
            **stretch,
            least_s=round(SHORT_LENGTH_S),
        )
    inside = (t >= given.start_s) & (t < given.end_s)
    shoulders = np.isfinite(points[inside][:, _SHOULDERS, 0]).all(axis=1)
    if not shoulders.size or shoulders.mean() < 0.5:
        raise LiyiError(
            "The shoulders are not in the picture for most of the calibration stretch {start_s}-{end_s} s: "
            "name another one, or none to have it found.",
            **stretch,
        )
    return given


def _uprightness(points: FloatFrames, scale: FloatArray, yaw: FloatArray, view: npt.NDArray[np.int8]) -> FloatArray:
    """How upright, shape (n,); larger is more so, in shares of the shoulders' width or of half a torso.

    From the front: height of the nose above the shoulder line over the shoulders' width (which a turn narrows by its
    cosine). From the side: how near ears, shoulders and hips (where seen) come to one vertical line.
    """
    p = points.astype(np.float64)
    shoulder = p[:, _SHOULDERS].mean(axis=1)
    across = np.linalg.norm(p[:, Joint.LEFT_SHOULDER] - p[:, Joint.RIGHT_SHOULDER], axis=1)
    facing = np.maximum(np.cos(np.radians(yaw)), 0.5)
    front = (shoulder[:, 1] - p[:, Joint.NOSE, 1]) * facing / np.maximum(across, 1.0)
    half_torso = 0.25 * scale
    head = np.abs(p[:, _EARS, 0].mean(axis=1) - shoulder[:, 0]) / half_torso
    trunk = np.abs(shoulder[:, 0] - p[:, _HIPS, 0].mean(axis=1)) / half_torso
    side = -(head + np.nan_to_num(trunk, nan=0.0))
    return np.where(view == FRONT, front, np.where(view == SIDE, side, np.nan))


def _windows(t: FloatArray, length_s: float, step_s: float) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Half-open index ranges ``first, end`` of the stretches of ``length_s`` without a gap that begin at a sample."""
    first = np.arange(t.size)
    end = np.searchsorted(t, t + length_s - step_s / 2)
    whole = (t[end - 1] + step_s >= t + length_s - step_s / 2) & (end - first >= 0.8 * length_s / step_s)
    return first[whole], end[whole]


def _window_mean(value: FloatArray, first: npt.NDArray[np.intp], end: npt.NDArray[np.intp]) -> FloatArray:
    """Mean of ``value`` (n,) in each window; NaN where one of its samples is."""
    total = np.concatenate(([0.0], np.cumsum(np.nan_to_num(value))))
    missing = np.concatenate(([0], np.cumsum(~np.isfinite(value))))
    mean = (total[end] - total[first]) / (end - first)
    mean[missing[end] > missing[first]] = np.nan
    return np.asarray(mean)


def _movement_m(
    points: FloatFrames, scale: FloatArray, first: npt.NDArray[np.intp], end: npt.NDArray[np.intp]
) -> FloatArray:
    """How far nose and shoulders stray in each window: one sigma, in metres, of whichever strays most."""
    variance = np.zeros(first.size)
    metres = _window_mean(scale, first, end)
    for joint in (Joint.NOSE, *_SHOULDERS):
        place = points[:, joint].astype(np.float64)
        place = place - np.nan_to_num(np.nanmean(place, axis=0)) if np.isfinite(place).any() else place
        both = sum(
            _window_mean(place[:, k] ** 2, first, end) - _window_mean(place[:, k], first, end) ** 2 for k in (0, 1)
        )
        variance = np.maximum(variance, both)
    return np.sqrt(np.maximum(variance, 0.0)) / metres
