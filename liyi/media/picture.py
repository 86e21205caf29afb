"""From decoded pictures to upright RGB images: orientation, square pixels, size.

The orientation is that of the first frame; every image of a recording has one shape.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import numpy.typing as npt

from liyi.media.container import display_matrix

if TYPE_CHECKING:
    from collections.abc import Callable

Image = npt.NDArray[np.uint8]

# Formats of nearly all recordings: shrunk as they are and then made RGB, they cost 1.1 ms from 1080p to 960 pixels;
# both in one go take the general path of swscale, 2.8 ms. Pixels differ by about 1 in 255 on natural pictures.
_SHRUNK_FIRST = {"yuv420p", "yuvj420p"}


@dataclass(frozen=True)
class Geometry:
    """How a stored picture is shown: its pixels ``aspect`` wide, transposed, then mirrored along x and y.

    ``coded`` is the stored (width, height); ``rotation_deg`` the clockwise rotation in words.
    """

    coded: tuple[int, int]
    aspect: Fraction
    transpose: bool
    flip_x: bool
    flip_y: bool
    rotation_deg: int

    def upright(self, coded: tuple[int, int]) -> tuple[int, int]:
        """(width, height) at which a stored picture of ``coded`` pixels is shown."""
        width, height = max(1, round(coded[0] * self.aspect)), coded[1]
        return (height, width) if self.transpose else (width, height)


def geometry_of(frame: Any, aspect: Fraction | None) -> Geometry:
    """Read the geometry off the first frame, its display matrix taken to the nearest right angle.

    The matrix maps a stored point to ``x' = a x + c y``, ``y' = b x + d y`` (FFmpeg, libavutil/display.h).
    """
    if not aspect or not Fraction(1, 4) <= aspect <= 4:  # no camera has such pixels: a broken header
        aspect = Fraction(1)
    a, b, c, d = display_matrix(frame)
    transpose = abs(b) + abs(c) > abs(a) + abs(d)
    return Geometry(
        coded=(frame.width, frame.height),
        aspect=aspect,
        transpose=transpose,
        flip_x=(c if transpose else a) < 0,
        flip_y=(b if transpose else d) < 0,
        rotation_deg=round(math.degrees(math.atan2(b, a)) / 90) * 90 % 360,
    )


def make_renderer(geometry: Geometry, max_side: int) -> Callable[[Any], Image | None]:
    """Make the function that turns decoded frames into images (h, w, 3) of one size, ``max_side`` at most.

    Pictures are never enlarged, but one that changes its shape on the way (browsers do when the window or the
    network changes) is fitted into the first one's shape. The function returns None for a frame that cannot be drawn.
    """
    width, height = geometry.upright(geometry.coded)
    scale = min(1.0, max_side / max(width, height))
    canvas = max(1, round(width * scale)), max(1, round(height * scale))
    shrinker, converter = av.video.reformatter.VideoReformatter(), av.video.reformatter.VideoReformatter()

    def size_of(coded: tuple[int, int]) -> tuple[int, int]:
        if coded == geometry.coded:
            return canvas
        shown = geometry.upright(coded)
        fit = min(canvas[0] / shown[0], canvas[1] / shown[1])
        return max(1, round(shown[0] * fit)), max(1, round(shown[1] * fit))

    def draw(frame: Any) -> Image | None:
        """The frame as RGB, upright; None when it cannot be converted."""
        size = size_of((frame.width, frame.height))
        stored = size[::-1] if geometry.transpose else size
        target = {"width": stored[0], "height": stored[1], "interpolation": "BILINEAR"}
        try:
            if frame.format.name in _SHRUNK_FIRST:
                frame = shrinker.reformat(frame, **target)
            rgb = converter.reformat(frame, **target, format="rgb24")
            image: Image = rgb.to_ndarray()
        except (av.error.FFmpegError, ValueError, AttributeError):  # a pixel format that cannot be converted
            return None
        image = image.swapaxes(0, 1) if geometry.transpose else image
        image = image[:: -1 if geometry.flip_y else 1, :: -1 if geometry.flip_x else 1]
        return np.ascontiguousarray(image) if size == canvas else _centred(image, canvas)

    return draw


def _centred(image: Image, canvas: tuple[int, int]) -> Image:
    """``image`` in the middle of a black ``canvas`` (width, height)."""
    top, left = (canvas[1] - image.shape[0]) // 2, (canvas[0] - image.shape[1]) // 2
    board = np.zeros((canvas[1], canvas[0], 3), dtype=np.uint8)
    board[top : top + image.shape[0], left : left + image.shape[1]] = image
    return board
