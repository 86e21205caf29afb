"""Pictures in which nobody can move: a camera that stopped, and a portrait filmed in a person's place.

Both are told from the pixels. A picture that stands still equals the one before; around a portrait the sensor's noise
or the coding goes on, but means over blocks of the picture and a second stay what they were, while people breathe,
blink, speak and shift, and their outline moves over such blocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from posture.skeleton import HEAD_TO_HIPS

if TYPE_CHECKING:
    from liyi.core.trace import BoolArray, FloatArray
    from liyi.media.recording import Frame
    from posture.track import FloatFrames
    from posture.watch import People

# A picture that stands still for so long comes from a camera or a line that stopped; no person does. Mean difference to
# the picture before, of 255: that of one picture encoded again and again is under 0.003 (but at a key frame), while
# within any two seconds of people it exceeds 0.3.
FROZEN_S = 2.0
SAME_PICTURE = 0.05
_THIN = 8  # every eighth pixel both ways is enough for a mean

# In a picture of a person the one-second means of `_BLOCKS` of the blocks between head and hips stay within
# `STILL_RANGE` (of 255) for `STILL_S`: 0.7-2.3 in two portraits under sensor noise (SD 2 to 15) and as H.264, MPEG-4
# and VP8 leave them; rendered people who breathe read 4.6-14.5, people in eight videos 23 and more.
STILL_S = 10.0
STILL_RANGE = 3.0
_BLOCKS = 0.9
_BLOCK_PX = 16
# A shorter rest at the end is judged as what came before it was.
_LEAST_S = 5.0


class Standstill:
    """Observes from when on the picture stands still."""

    def __init__(self) -> None:
        self._t: list[float] = []
        self._last: npt.NDArray[np.int16] | None = None
        self._since: list[float] = []

    def see(self, frame: Frame) -> None:
        """Compare the next frame with the one before."""
        self._t.append(frame.t_s)
        thin = frame.image[::_THIN, ::_THIN].astype(np.int16)
        same = (
            self._last is not None
            and self._last.shape == thin.shape
            and float(np.abs(thin - self._last).mean()) < SAME_PICTURE
        )
        self._since.append(self._since[-1] if same else frame.t_s)
        self._last = thin

    def result(self) -> BoolArray | None:
        """Samples (n,) of stretches in which the picture stood still for `FROZEN_S` and more; None without any."""
        t, since = np.array(self._t, dtype=np.float64), np.array(self._since, dtype=np.float64)
        _, stretch = np.unique(since, return_inverse=True)
        longest = np.zeros(t.size)
        np.maximum.at(longest, stretch, t - since)
        frozen = (longest[stretch] >= FROZEN_S) & (t > since)
        return frozen if frozen.any() else None


class StillFigure:
    """Observes in which spans of `STILL_S` nobody who was found moved at all."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._t: list[float] = []
        self._begun_s: float | None = None
        self._second = 0
        self._sum: FloatArray | npt.NDArray[np.float32] | None = None
        self._count = 0
        self._least: npt.NDArray[np.float32] | None = None
        self._most: npt.NDArray[np.float32] | None = None
        self._boxes: list[tuple[int, int, int, int]] = []
        self._moved: list[float] = []  # one a span: the largest of the boxes' ranges; NaN where nobody was found
        self._seconds: list[int] = []  # how many means each span holds
        self._held = 0

    def see(self, frame: Frame) -> None:
        """Take the next frame and everybody who was found in it."""
        self._t.append(frame.t_s)
        if self._begun_s is None:
            self._begun_s = frame.t_s
        second = int(frame.t_s - self._begun_s)
        if second != self._second:
            self._close_second()
            if second // STILL_S != self._second // STILL_S:
                self._close_span()
            self._second = second
        if len(self._people.poses) > len(self._boxes):  # somebody may come later than a portrait that hangs there
            self._boxes = [_box(pose) for pose in self._people.poses]
        blocks = _block_means(frame.image)
        self._sum = blocks if self._sum is None or self._sum.shape != blocks.shape else self._sum + blocks
        self._count = 1 if self._sum is blocks else self._count + 1

    def result(self) -> BoolArray | None:
        """Samples (n,) of the spans in which nobody moved; None without any. Closes the last span."""
        t = np.array(self._t, dtype=np.float64)
        self._close_second()
        self._close_span()
        moved, lasted = np.array(self._moved), np.array(self._seconds)
        if self._begun_s is None or not (lasted >= STILL_S - 1).any():
            return None
        kept = np.less(moved, STILL_RANGE)  # not where NaN
        if lasted[-1] < _LEAST_S and kept.size > 1:
            kept[-1] &= kept[-2]
        kept &= (lasted >= _LEAST_S) | (np.arange(kept.size) == kept.size - 1)
        span = np.minimum(((t - self._begun_s) // STILL_S).astype(np.intp), kept.size - 1)
        return np.asarray(kept[span]) if kept.any() else None

    def _close_second(self) -> None:
        if self._sum is None:
            return
        mean = np.asarray(self._sum / self._count, dtype=np.float32)
        self._least = mean if self._least is None else np.minimum(self._least, mean)
        self._most = mean if self._most is None else np.maximum(self._most, mean)
        self._held += 1
        self._sum = None

    def _close_span(self) -> None:
        ranges = None if self._least is None or self._most is None else self._most - self._least
        moved = [
            float(np.quantile(inside, _BLOCKS))
            for left, top, right, bottom in self._boxes
            if ranges is not None and (inside := ranges[top : bottom + 1, left : right + 1]).size
        ]
        self._moved.append(max(moved, default=float("nan")))
        self._seconds.append(self._held)
        self._least = self._most = None
        self._boxes, self._held = [], 0


def _block_means(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    import cv2

    height, width = (max(1, side // _BLOCK_PX) for side in image.shape[:2])
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA).mean(axis=2), dtype=np.float32)


def _box(pose: FloatFrames) -> tuple[int, int, int, int]:
    """Left, top, right and bottom block of a pose (33, 7) from head to hips."""
    place = np.maximum(pose[HEAD_TO_HIPS, :2] / _BLOCK_PX, 0).astype(np.intp)
    (left, top), (right, bottom) = place.min(axis=0), place.max(axis=0)
    return int(left), int(top), int(right), int(bottom)
