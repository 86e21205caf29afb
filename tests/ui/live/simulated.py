"""A rehearsal without a browser: poses and sound become the messages that the page would send."""

from __future__ import annotations

import struct
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from liyi.ui.live.rehearsing import Rehearsing
    from posture.track import PoseTrack

SOUND_S = 0.25


def sound_message(seq: int, t_s: float, samples) -> bytes:
    """Samples -1..1 as a message."""
    return struct.pack("<BId", 1, seq, t_s) + np.round(np.asarray(samples) * 32767).astype("<i2").tobytes()


def pose_message(seq: int, t_s, landmarks, *, size=(640, 480), model=1) -> bytes:
    """Moments (n,) and landmarks (n, 33, 7) as a message."""
    body = np.empty(len(t_s), dtype=[("t_s", "<f8"), ("landmarks", "<f4", (33, 7))])
    body["t_s"], body["landmarks"] = t_s, landmarks
    return struct.pack("<BIHHBB", 2, seq, *size, model, len(t_s)) + body.tobytes()


def landmarks_of(track: PoseTrack) -> np.ndarray:
    """A track as the browser would have it: shape (n, 33, 7), places as shares of the picture."""
    shares = track.points / np.array(track.size)
    return np.concatenate(
        (shares, track.world, track.visibility[..., None], track.presence[..., None]), axis=2, dtype=np.float32
    )


def perform(
    live: Rehearsing, *, t_s=None, landmarks=None, sound=None, size=(640, 480), start_s=0.0, model=1, step_s=0.5
) -> Iterator[tuple[float, dict]]:
    """Give a rehearsal poses (n, 33, 7) at ``t_s`` and sound from ``start_s`` on, as fast as it can take them.

    Yields what it tells the page, each with the second of the recording at which it is told.
    """
    last = [t_s[-1]] if t_s is not None else []
    last += [start_s + len(sound) / 16000] if sound is not None else []
    for now in np.arange(start_s + step_s, max(last) + step_s / 2, step_s):
        live.clock = partial(float, now)
        if sound is not None:
            for at in np.arange(now - step_s, now, SOUND_S):
                first = round((at - start_s) * 16000)
                piece = sound[first : first + round(SOUND_S * 16000)]
                live.take(sound_message(live.seq + 1, at, piece))
        if t_s is not None:
            new = (t_s > now - step_s) & (t_s <= now)
            live.take(pose_message(live.seq + 1, t_s[new], landmarks[new], size=size, model=model))
        for message in live.look():
            yield float(now), message
