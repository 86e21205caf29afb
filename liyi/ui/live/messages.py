"""The socket's binary messages: sound and poses as the browser sends them, little endian.

``uint8 kind, uint32 seq``, then for sound (1) ``float64 t_s`` and int16 samples, for poses (2) ``uint16 width, uint16
height, uint8 model, uint8 n`` and n times ``float64 t_s`` with as many float32 as a pose has numbers.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from posture.track import LANDMARKS
from speech.frames import SAMPLE_RATE

if TYPE_CHECKING:
    from liyi.core.trace import FloatArray
    from posture.track import FloatFrames

LARGEST_BYTES = 1 << 18  # 255 poses, the most that a message can hold, are 238 kB
LONGEST_SOUND_S = 2.0  # eight times what the browser puts into one message
LITE, FULL = 0, 1
MOST_MESSAGES = 1 << 24  # a page sends some ten a second: nineteen days
LATEST_S = 1e6  # eleven days on the recording's clock, either way
FARTHEST = 1e3  # a landmark beyond so many pictures, or metres, is none

_HEAD = struct.Struct("<BI")
_SOUND = struct.Struct("<d")
_POSES = struct.Struct("<HHBB")
_SAMPLE = np.dtype([("t_s", "<f8"), ("landmarks", "<f4", LANDMARKS)])


@dataclass(frozen=True)
class Sound:
    """Some tenths of a second of mono 16 kHz sound; ``t_s`` is its first sample's time on the recording's clock."""

    seq: int
    t_s: float
    samples: npt.NDArray[np.int16]


@dataclass(frozen=True)
class Poses:
    """Landmarks of some moments.

    ``landmarks`` has shape (n, 33, 7): x and y as shares of the un-mirrored picture of ``size`` pixels, x, y, z in
    the model's metres, visibility, presence; NaN throughout where nobody was seen.
    """

    seq: int
    t_s: FloatArray
    landmarks: FloatFrames
    size: tuple[int, int]
    lite: bool


def parse(data: bytes) -> Sound | Poses:
    """Read one message; raises ValueError for anything that is not one."""
    try:
        kind, seq = _HEAD.unpack_from(data)
        rest = memoryview(data)[_HEAD.size :]
        if 0 < seq <= MOST_MESSAGES and kind == 1:
            return _sound(seq, rest)
        if 0 < seq <= MOST_MESSAGES and kind == 2:
            return _poses(seq, rest)
    except struct.error as error:
        raise ValueError("message cut short") from error
    raise ValueError("unknown message")


def _sound(seq: int, data: memoryview) -> Sound:
    (t_s,) = _SOUND.unpack_from(data)
    samples = np.frombuffer(data[_SOUND.size :], dtype="<i2")
    if not abs(t_s) <= LATEST_S or samples.size > LONGEST_SOUND_S * SAMPLE_RATE:
        raise ValueError("sound without a time, or too long")
    return Sound(seq, t_s, samples)


def _poses(seq: int, data: memoryview) -> Poses:
    width, height, model, n = _POSES.unpack_from(data)
    samples = np.frombuffer(data[_POSES.size :], dtype=_SAMPLE)
    t_s = samples["t_s"].astype(np.float64)
    if not (width and height and model in (LITE, FULL) and samples.size == n):
        raise ValueError("poses without a picture, or not as many as announced")
    if not (np.abs(t_s) <= LATEST_S).all() or (np.diff(t_s) <= 0).any():
        raise ValueError("poses out of time order")
    landmarks = samples["landmarks"].astype(np.float32)
    landmarks[~(np.abs(landmarks) <= FARTHEST).all(axis=(1, 2))] = np.nan
    return Poses(seq, t_s, landmarks, (width, height), model == LITE)
