"""What may be measured at each sample, and why not where it may not: person, camera, view and joints, in one place.

Of a measure's views and joints a `Gate` is opened, and it is measured only where that is open. The first fault of a
sample is its reason; the signal carries the commonest one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from liyi.core.measure import OverTime
from liyi.core.reasons import Reason
from liyi.core.timeline import Timeline
from posture.gate import MIN_PRESENCE, MIN_VISIBILITY, too_dark
from posture.subject import in_frame
from posture.track import Joint
from posture.view import FRONT, OBLIQUE, SIDE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from liyi.core.measure import Camera
    from liyi.core.trace import BoolArray, FloatArray
    from posture.body import Body

_REASONS = tuple(Reason)
_CODE = {reason: code for code, reason in enumerate(_REASONS, start=1)}
_OTHER_CAMERA: dict[Camera, Reason] = {
    "front": Reason.CAMERA_FRONT,
    "oblique": Reason.CAMERA_OBLIQUE,
    "side": Reason.CAMERA_SIDE,
    "none": Reason.SHOULDERS_OUT_OF_FRAME,
}
_OUT_OF_FRAME = (
    (Joint.MOUTH_RIGHT, Reason.HEAD_OUT_OF_FRAME),
    (Joint.RIGHT_SHOULDER, Reason.SHOULDERS_OUT_OF_FRAME),
    (Joint.RIGHT_THUMB, Reason.ARMS_OUT_OF_FRAME),
    (Joint.RIGHT_HIP, Reason.HIPS_OUT_OF_FRAME),
    (Joint.RIGHT_KNEE, Reason.LEGS_OUT_OF_FRAME),
    (Joint.RIGHT_FOOT_INDEX, Reason.FEET_OUT_OF_FRAME),
)


@dataclass(frozen=True)
class Gate:
    """Per sample: 0 where open, else the code of the first reason against it; shape (n,)."""

    code: npt.NDArray[np.int16]

    @property
    def open(self) -> BoolArray:
        """Where measuring is allowed, shape (n,)."""
        return np.asarray(self.code == 0)

    @property
    def reason(self) -> Reason | None:
        """The commonest reason among the closed samples; None when every sample is open."""
        counts = np.bincount(self.code, minlength=len(_REASONS) + 1)[1:]
        return _REASONS[int(counts.argmax())] if counts.any() else None

    def need(self, allowed: npt.ArrayLike, reason: Reason) -> Gate:
        """Close the samples that are open and not ``allowed`` (n,) or scalar, with ``reason``."""
        return Gate(
            np.where(self.open & ~np.asarray(allowed, dtype=np.bool_), _CODE[reason], self.code).astype(np.int16)
        )

    def need_joints(self, body: Body, joints: Iterable[int]) -> Gate:
        """Close the samples in which one of ``joints`` is not usable.

        The reason is that its part of the body is not in the picture, unless the model is sure of a joint well
        inside the picture that the gate still refused: then the joints do not fit a body.
        """
        gate = self
        for joint in joints:
            gate = gate.need(body.usable[:, joint] | ~_surely_there(body, joint), Reason.IMPLAUSIBLE)
            gate = gate.need(body.usable[:, joint], _out_of_frame(joint))
        return gate


def person_seen(body: Body) -> Gate:
    """Gate open wherever the subject was found in enough light, in a picture that did not stand still, alive."""
    found = np.isfinite(body.track.points[:, :, 0]).any(axis=1)
    gate = Gate(np.zeros(body.t.size, dtype=np.int16)).need(~too_dark(body.track), Reason.TOO_DARK)
    if body.track.frozen is not None:
        gate = gate.need(~body.track.frozen, Reason.PICTURE_FROZEN)
    if body.track.still is not None:
        gate = gate.need(~body.track.still, Reason.FIGURE_STILL)
    return gate.need(found, Reason.NO_PERSON)


def from_camera(body: Body, *cameras: Camera) -> Gate:
    """Gate open wherever the subject was found and its direction known, in a recording from one of ``cameras``."""
    return (
        person_seen(body)
        .need(np.isfinite(body.yaw), Reason.SHOULDERS_OUT_OF_FRAME)
        .need(body.camera in cameras, _OTHER_CAMERA[body.camera])
    )


def open_gate(body: Body, cameras: Collection[Camera], joints: Iterable[int]) -> Gate:
    """Gate for what can be seen from ``cameras`` with all ``joints`` usable."""
    if set(cameras) == {"front"}:
        return from_front(body, *joints)
    if set(cameras) == {"side"}:
        return from_side(body, *joints)
    return from_camera(body, *cameras).need_joints(body, joints)


def from_front(body: Body, *joints: int) -> Gate:
    """Gate for what only the front view shows: front camera, body towards it, ``joints`` usable."""
    gate = from_camera(body, "front").need(body.view < OBLIQUE, Reason.TURNED_AWAY).need_joints(body, joints)
    return gate.need(body.view == FRONT, Reason.TURNED_AWAY)


def from_side(body: Body, *joints: int) -> Gate:
    """Gate for what only the side view shows: side camera, body side-on to it, ``joints`` usable."""
    gate = from_camera(body, "side").need(body.view != FRONT, Reason.CAMERA_FRONT)
    gate = gate.need(body.view != OBLIQUE, Reason.CAMERA_OBLIQUE).need_joints(body, joints)
    return gate.need(body.view == SIDE, Reason.TURNED_AWAY)


def while_standing(body: Body, gate: Gate) -> Gate:
    """Close the gate unless the person is known to stand."""
    return gate.need(body.position != "unknown", Reason.POSITION_UNKNOWN).need(
        body.position == "standing", Reason.NOT_STANDING
    )


def while_sitting(body: Body, gate: Gate) -> Gate:
    """Close the gate unless the person is known to sit."""
    return gate.need(body.position != "unknown", Reason.POSITION_UNKNOWN).need(
        body.position == "sitting", Reason.NOT_SITTING
    )


def gated(body: Body, value: FloatArray, gate: Gate, error: float | None = None) -> OverTime:
    """``value`` (n,) where the gate is open, NaN elsewhere, with the gate's reason."""
    return OverTime(body.t, np.where(gate.open, value, np.nan), error, gate.reason)


def seconds(t: FloatArray, mask: BoolArray) -> float:
    """Seconds for which ``mask`` (n,) holds, each sample standing for the time up to the next."""
    return Timeline.where(t, mask).duration_s


def _surely_there(body: Body, joint: int) -> BoolArray:
    """Where the joint lies in the picture and the model believes in it, so that only its place can be the fault."""
    inside = in_frame(body.track.points[:, joint], body.track.size)
    sure = (body.track.presence[:, joint] >= MIN_PRESENCE) & (body.track.visibility[:, joint] >= MIN_VISIBILITY)
    return np.asarray(inside & sure)


def _out_of_frame(joint: int) -> Reason:
    return next(reason for last, reason in _OUT_OF_FRAME if joint <= last)
