"""How the head is held: tipped, turned, raised, and how far it points away from the camera or the partner.

Read from the face mesh (`FaceTrack`), whose readings are three a second; two that are near each other are joined by a
line. Half of what a second, mirrored reading differs is added, as for the shoulders. Where the mesh sees the face for
less than half the time that the pose does, the roll is told by the pose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import Camera, Line, OverTime
from liyi.core.reasons import Reason
from liyi.core.smoothing import rolling_median
from posture.errors import published
from posture.face import MIN_PRESENCE
from posture.measures.declare import measure
from posture.measures.front import NOSE_AHEAD, roll_of_pose
from posture.measures.gating import Gate, gated
from posture.measures.geometry import distance, joint
from posture.skeleton import EAR_LINE, EARS, FACE_LINE
from posture.track import Joint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.core.trace import BoolArray, FloatArray
    from posture.body import Body
    from posture.face import FaceTrack
    from posture.track import FloatFrames

TOWARDS: frozenset[Camera] = frozenset({"front", "oblique"})

MIN_FACE_PX = 30.0  # of 24 pixels one of people was read 6 degrees off its pupils; from 30 on none was by more than 3
MAX_TURN_DEG = 30.0  # beyond which the roll is not told: nodding would read as rolling
ASIDE_DEG = 60.0  # in profile, where the mesh begins to see no face
MAX_SPLIT_DEG = 20.0  # both readings of one face further apart than this: one of them is no face
_PIXEL_DEG = 19.0  # a third of a pixel across a face one pixel wide
_STEADY_S = 0.9  # a median of three readings: it takes out the one in which the mesh slips
_JOINED_S = 0.65  # readings further apart are not joined


@measure(
    "head_roll",
    kind="trace",
    unit="deg",
    cameras={"front"},
    error=("head_roll", "head_roll.pose", "head_roll.pose.alone"),
    shows=Line((EAR_LINE,), "level"),
)
def head_roll(body: Body, gate: Gate, params: Mapping[str, Any]) -> OverTime:
    """Roll of the head: degrees, positive where it tips to the person's own left.

    By the face mesh; by the pose where the mesh shows the face for less than half of the time that the pose does.
    Not measured while the head is turned aside, where nodding would read as rolling.
    """
    by_pose, value, error = roll_of_pose(body)
    seen = _face_seen(body, gate)
    if 2 * seen.open.sum() < by_pose.open.sum() or not seen.open.any():
        return gated(body, value, by_pose, error)
    gate = seen.need(~(np.abs(_angle(body, "turn")) > MAX_TURN_DEG), Reason.HEAD_TURNED)
    return gated(body, _angle(body, "roll"), gate, _error(body, "roll", "head_roll", gate))


@measure("head_turn", kind="trace", unit="deg", cameras=TOWARDS, shows=Line((FACE_LINE,)))
def head_turn(body: Body, gate: Gate, params: Mapping[str, Any]) -> OverTime:
    """How far the head is turned aside from the camera: degrees, positive to the person's own left."""
    gate = _face_seen(body, gate)
    return gated(body, _angle(body, "turn"), gate, _error(body, "turn", "head_turn", gate))


@measure("head_pitch", kind="trace", unit="deg", cameras=TOWARDS, shows=Line((FACE_LINE,)))
def head_pitch(body: Body, gate: Gate, params: Mapping[str, Any]) -> OverTime:
    """How far the face is raised above the line to the camera: degrees, lowered is negative."""
    gate = _face_seen(body, gate)
    value = _angle(body, "pitch") - published("head_pitch.bias")
    return gated(body, value, gate, _error(body, "pitch", "head_pitch", gate))


@measure(
    "face_toward",
    kind="trace",
    unit="deg",
    cameras=TOWARDS,
    error=("face_toward", "face_toward.own"),
    params={"needs_calibration": False},
    shows=Line((FACE_LINE,)),
)
def face_toward(body: Body, gate: Gate, params: Mapping[str, Any]) -> OverTime:
    """Angle between where the face points and where the partner is: degrees in 0..180.

    The partner is where the face pointed in the calibration stretch that was named, else the camera; with
    ``needs_calibration`` only the first, since a camera beside the screen does not show where the partner sits. A head
    turned so far aside that the mesh sees no face in it is not left out, which would hide that it is turned away: there
    the pose tells by how much.
    """
    aside = _aside_deg(body)
    away = np.isfinite(aside)
    gate = _face_seen(body, gate, or_else=away)
    level = published("head_pitch.bias")
    turn, pitch = np.where(away, aside, _angle(body, "turn")), np.where(away, level, _angle(body, "pitch"))
    ahead = _directions(turn, pitch)
    own = _calibration_direction(body, np.where(gate.open[:, None], ahead, np.nan))
    if own is None and params["needs_calibration"]:
        gate = gate.need(False, Reason.NO_CALIBRATION)
    partner = _directions(np.zeros(1), np.full(1, level))[0] if own is None else own
    value = np.degrees(np.arccos(np.clip(ahead @ partner, -1.0, 1.0)))
    return gated(body, value, gate, published("face_toward" if own is None else "face_toward.own"))


def _face_seen(body: Body, gate: Gate, or_else: BoolArray | bool = False) -> Gate:
    """Close the gate where the face mesh saw no face, or one too small, unless ``or_else`` (n,) holds."""
    face = body.track.face
    if face is None:
        return gate.need(False, Reason.FACE_NOT_SEEN)
    gate = gate.need(~(_between(body, face.width) < MIN_FACE_PX), Reason.TOO_SMALL)
    return gate.need(np.isfinite(_angle(body, "roll")) | or_else, Reason.FACE_NOT_SEEN)


def _aside_deg(body: Body) -> FloatArray:
    """Turn of a head in profile by the pose, shape (n,), degrees; NaN where the mesh sees a face or it is less turned.

    The nose's distance from the middle of the ears along their line, over their distance, is 0.68 times the tangent of
    the turn. Rendered heads turned by 75 to 105 degrees read 67 to 81, and the mesh found no face from 85 on.
    """
    face = body.track.face
    if face is None:
        return np.full(body.t.size, np.nan)
    looked_in_vain = _between(body, face.presence[:, 0]) < MIN_PRESENCE
    left, right = (joint(body, ear) for ear in EARS)
    along = np.sum((joint(body, Joint.NOSE) - (left + right) / 2) * (left - right), axis=1)
    turn = np.degrees(np.arctan2(along, NOSE_AHEAD * distance(left, right) ** 2))
    return np.where(looked_in_vain & (np.abs(turn) >= ASIDE_DEG), turn, np.nan)


def _angle(body: Body, name: str) -> FloatArray:
    """An angle of the face at every sample, mean of both readings, shape (n,); NaN where no face was seen."""
    face = body.track.face
    if face is None:
        return np.full(body.t.size, np.nan)
    direct = np.where(_split(face), np.nan, getattr(face, name)[:, 0]).astype(np.float64)
    return _between(body, rolling_median(body.t[face.sample], direct + _half_difference(face, name), _STEADY_S))


def _split(face: FaceTrack) -> BoolArray:
    """Samples in which both readings are there and contradict each other, shape (m,)."""
    apart = [np.abs(np.diff(pair, axis=1)[:, 0]) > MAX_SPLIT_DEG for pair in (face.roll, face.turn, face.pitch)]
    return np.asarray(np.any(apart, axis=0))


def _half_difference(face: FaceTrack, name: str) -> float:
    """Half of what the mirrored reading is more than the direct one, usually, degrees; 0 where there is none."""
    half = np.diff(getattr(face, name), axis=1)[~_split(face), 0] / 2
    return float(np.nanmedian(half)) if np.isfinite(half).any() else 0.0


def _between(body: Body, reading: FloatFrames | FloatArray) -> FloatArray:
    """Readings (m,) of the face at every sample, shape (n,): on the line between two that are near each other."""
    face = body.track.face
    assert face is not None
    at, known = body.t[face.sample], np.isfinite(reading)
    at, reading = at[known], np.asarray(reading, dtype=np.float64)[known]
    if not at.size:
        return np.full(body.t.size, np.nan)
    after = np.searchsorted(at, body.t)
    later, earlier = np.minimum(after, at.size - 1), np.maximum(after - 1, 0)
    beside = np.minimum(np.abs(at[later] - body.t), np.abs(at[earlier] - body.t)) <= _JOINED_S / 2
    return np.where(beside, np.interp(body.t, at, reading), np.nan)


def _error(body: Body, name: str, constant: str, gate: Gate) -> float:
    """One sigma: what was published, half the difference of both readings, and what the pixel adds."""
    face = body.track.face
    if face is None or not gate.open.any():
        return published(constant)
    pixel = _PIXEL_DEG / float(np.median(_between(body, face.width)[gate.open]))
    return float(np.sqrt(published(constant) ** 2 + _half_difference(face, name) ** 2 + pixel**2))


def _directions(turn_deg: FloatArray, pitch_deg: FloatArray) -> FloatArray:
    """Unit vectors of a turn and a pitch, shape (n, 3)."""
    turn, pitch = np.radians(turn_deg), np.radians(pitch_deg)
    return np.column_stack([np.sin(turn) * np.cos(pitch), np.sin(pitch), np.cos(turn) * np.cos(pitch)])


def _calibration_direction(body: Body, ahead: FloatArray) -> FloatArray | None:
    """Median direction (3,) over the calibration stretch; None without one, or when the face was not seen in it."""
    if body.calibration is None:
        return None
    within = (body.t >= body.calibration.start_s) & (body.t <= body.calibration.end_s) & np.isfinite(ahead[:, 0])
    if not within.any():
        return None
    middle = np.median(ahead[within], axis=0)
    return np.asarray(middle / np.linalg.norm(middle))
