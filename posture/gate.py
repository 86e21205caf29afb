"""Which joints may be believed: MediaPipe always answers with 33, also for those that are not in the picture.

In the dark none may be. Else a joint is usable when it lies in the picture with a margin, when the model holds it for
present and not for hidden, and when the limb that ends in it is not longer than a body of that size can have it. A limb
that looks too *short* is no fault: pointing at the camera shortens an arm, sitting a thigh.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posture.skeleton import ELBOWS, WRISTS
from posture.subject import body_scale, in_frame
from posture.track import Joint, PoseTrack

if TYPE_CHECKING:
    from liyi.core.trace import BoolArray, FloatArray

# `presence` tells what the picture's edge or a desk cuts off: measured on pictures cut or covered at chest, waist and
# knees it is under 0.4 there and over 0.5 for joints still seen. It does not tell what is hidden *inside* the body's
# outline; `visibility` does, roughly: 0.02-0.25 for the far arm from the side and for knees behind a low desk, while
# heels and side-view legs that can be seen go down to 0.5.
MIN_PRESENCE = 0.5
MIN_VISIBILITY = 0.3
# Elbows and wrists at which it is as sure as this are there, up to the very edge of the picture.
SURE_PRESENCE = 0.8
# Both flicker from frame to frame.
STEADY_S = 0.5
# Mean luma, 0..1. Of twelve people in photos and videos, darkened to 60..10 of 255 with four kinds of noise, 41 % were
# not found below this, and 32 % of the others misread (framing, view or arms other than in the light, angles 6 degrees
# astray); above it 15 and 11 %.
MIN_LUMA = 0.13
# A quarter more than usual: the scoring rule's own tolerance for bones.
MAX_STRETCH = 1.25

# Arms and legs: bones (from, to) and their outstretched length in the model's metres, as the model itself reads it on
# rendered people and photos (arms 0.25-0.28 and 0.23-0.26, legs 0.36-0.39 and 0.36-0.40).
_LIMBS: tuple[tuple[Joint, Joint, float], ...] = (
    (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, 0.28),
    (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, 0.28),
    (Joint.LEFT_ELBOW, Joint.LEFT_WRIST, 0.26),
    (Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST, 0.26),
    (Joint.LEFT_HIP, Joint.LEFT_KNEE, 0.39),
    (Joint.RIGHT_HIP, Joint.RIGHT_KNEE, 0.39),
    (Joint.LEFT_KNEE, Joint.LEFT_ANKLE, 0.40),
    (Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE, 0.40),
)

_ARMS = [*ELBOWS, *WRISTS]


def usable_joints(track: PoseTrack) -> BoolArray:
    """Joints that can be believed, shape (n, 33).

    Where nobody was found, and in the dark, none is.
    """
    seen = (track.presence >= MIN_PRESENCE) & (track.visibility >= MIN_VISIBILITY)
    usable = _inside(track) & _steadily(track.t, seen) & ~too_dark(track)[:, None]
    scale = body_scale(track.points, track.world)
    for start, end, outstretched_m in _LIMBS:
        length_m = np.linalg.norm(track.points[:, end] - track.points[:, start], axis=1) / scale
        usable[:, end] &= ~_too_long(length_m, usable[:, start] & usable[:, end], outstretched_m)
    return usable


def _inside(track: PoseTrack) -> BoolArray:
    """Whether each joint lies in the picture, shape (n, 33): with a margin, but for elbows and wrists surely there."""
    inside = in_frame(track.points, track.size)
    arms = track.points[:, _ARMS]
    inside[:, _ARMS] |= in_frame(arms, track.size, margin=0.0) & (track.presence[:, _ARMS] >= SURE_PRESENCE)
    return inside


def too_dark(track: PoseTrack) -> BoolArray:
    """Samples in which there is too little light for what the model says to be believed, shape (n,)."""
    if track.luma is None:
        return np.zeros(track.t.size, dtype=np.bool_)
    return np.asarray(track.luma < MIN_LUMA)


def _steadily(t: FloatArray, seen: BoolArray) -> BoolArray:
    """Whether ``seen`` (n, 33) holds for most of the samples within `STEADY_S` centred on each."""
    first = np.searchsorted(t, t - STEADY_S / 2)
    end = np.searchsorted(t, t + STEADY_S / 2, side="right")
    total = np.zeros((len(seen) + 1, seen.shape[1]), dtype=np.int64)
    np.cumsum(seen, axis=0, out=total[1:])
    return np.asarray(2 * (total[end] - total[first]) > (end - first)[:, None])


def _too_long(length_m: FloatArray, seen: BoolArray, outstretched_m: float) -> BoolArray:
    """Longer than an outstretched limb, and than this person's own usually is (tall people, limbs near the camera)."""
    own_m = float(np.median(length_m[seen])) if seen.any() else 0.0
    return np.asarray(length_m > MAX_STRETCH * max(outstretched_m, own_m))
