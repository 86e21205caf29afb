"""How much light there is on the people of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from posture.skeleton import HEAD_TO_HIPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.core.trace import FloatArray
    from liyi.media.recording import Frame
    from posture.track import FloatFrames
    from posture.watch import People

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # of red, green, blue (ITU-R BT.601)
_THIN = 8  # every eighth pixel both ways is enough for a mean


class Light:
    """Observes how bright each frame is."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._luma: list[float] = []

    def see(self, frame: Frame) -> None:
        """Take the next frame."""
        self._luma.append(brightness(frame.image, self._people.poses))

    def result(self) -> FloatArray:
        """Luma of each frame, 0..1, shape (n,)."""
        return np.array(self._luma, dtype=np.float64)


def brightness(image: npt.NDArray[np.uint8], poses: Sequence[FloatFrames]) -> float:
    """Mean luma, 0..1, of the picture or of the brightest person (33, 7) in it from head to hips, whichever is more.

    A speaker in the light on a dark stage can be seen, and so can somebody in black in a bright room.
    """
    luma = image[::_THIN, ::_THIN] @ _LUMA
    means = [float(luma.mean())]
    for pose in poses:
        place = np.maximum(pose[HEAD_TO_HIPS, :2] / _THIN, 0).astype(np.intp)
        (left, top), (right, bottom) = place.min(axis=0), place.max(axis=0)
        if (person := luma[top:bottom, left:right]).size:
            means.append(float(person.mean()))
    return max(means) / 255
