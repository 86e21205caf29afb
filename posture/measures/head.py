"""How the head is held: tipped, turned, raised, and how far away from the camera or the partner it points.

Read from the face mesh (`FaceTrack`), whose readings are five a second; between two that are near each other they are
joined by a line. Where the mesh does not see the face for at least half the time, the roll is told by the pose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from posture.measures.errors import ERROR, PITCH_BIAS
from posture.measures.front import roll_of_pose
from posture.measures.gating import Gate, from_camera, from_front, gated_trace
from signals.measure import Camera, Measure
from signals.reasons import Reason
from signals.smoothing import rolling_median

if TYPE_CHECKING:
    from collections.abc import Mapping

    from posture.body import Body
    from posture.track import FloatFrames
    from signals.trace import BoolArray, FloatArray, Trace

FRONT: frozenset[Camera] = frozenset({"front"})
TOWARDS: frozenset[Camera] = frozenset({"front", "oblique"})

MIN_FACE_PX = 24.0
MAX_TURN_DEG = 30.0  # beyond which the roll is not told: nodding would read as rolling
MAX_SPLIT_DEG = 20.0  # both readings of one face further apart than this: one of them is no face
_STEADY_S = 0.6  # a median of three readings: it takes out the one in which the mesh slips
_JOINED_S = 0.45  # readings further apart are not joined


def head_roll(body: Body, params: Mapping[str, Any]) -> Trace:
    """Roll of the head: degrees, positive where it tips to the person's own left.

    By the face mesh; by the pose where the mesh shows the face for less than half of the time that the pose does.
    Not measured while the head is turned aside, where nodding would read as rolling.
    """
    by_pose, value, error = roll_of_pose(body)
    gate = _face_seen(body, from_front(body)).need(~(np.abs(_angle(body, "turn")) > MAX_TURN_DEG), Reason.HEAD_TURNED)
    if 2 * gate.open.sum() < by_pose.open.sum() or not gate.open.any():
        return gated_trace("head_roll", "deg", body, value, by_pose, error)
    return gated_trace("head_roll", "deg", body, _angle(body, "roll"), gate, _error(body, "roll", "head_roll", gate))


def head_turn(body: Body, params: Mapping[str, Any]) -> Trace:
    """How far the head is turned aside from the camera: degrees, positive to the person's own left."""
    gate = _face_seen(body, from_camera(body, "front", "oblique"))
    return gated_trace("head_turn", "deg", body, _angle(body, "turn"), gate, _error(body, "turn", "head_turn", gate))


def head_pitch(body: Body, params: Mapping[str, Any]) -> Trace:
    """How far the face is raised above the line to the camera: degrees, lowered is negative."""
    gate = _face_seen(body, from_camera(body, "front", "oblique"))
    value = _angle(body, "pitch") - PITCH_BIAS
    return gated_trace("head_pitch", "deg", body, value, gate, _error(body, "pitch", "head_pitch", gate))


def face_toward(body: Body, params: Mapping[str, Any]) -> Trace:
    """Angle between where the face points and where the partner is: degrees in 0..180.

    The partner is where the face pointed in the calibration stretch that was named, else the camera.
    """
    gate = _face_seen(body, from_camera(body, "front", "oblique"))
    ahead = _directions(_angle(body, "turn"), _angle(body, "pitch"))
    own = _calibration_direction(body, np.where(gate.open[:, None], ahead, np.nan))
    partner = _directions(np.zeros(1), np.full(1, PITCH_BIAS))[0] if own is None else own
    value = np.degrees(np.arccos(np.clip(ahead @ partner, -1.0, 1.0)))
    error = ERROR["face_toward" if own is None else "face_toward_own"]
    return gated_trace("face_toward", "deg", body, value, gate, error)


def _face_seen(body: Body, gate: Gate) -> Gate:
    """Close the gate where the face mesh saw no face, or one too small."""
    face = body.track.face
    if face is None:
        return gate.need(False, Reason.FACE_NOT_SEEN)
    size = _between(body, face.width)
    small = size < MIN_FACE_PX
    return gate.need(~small, Reason.TOO_SMALL).need(np.isfinite(_angle(body, "roll")), Reason.FACE_NOT_SEEN)


def _angle(body: Body, name: str) -> FloatArray:
    """An angle of the face at every sample, mean of both readings, shape (n,); NaN where no face was seen."""
    face = body.track.face
    if face is None:
        return np.full(body.t.size, np.nan)
    pair = np.where(_agreeing(body)[:, None], getattr(face, name), np.nan).astype(np.float64)
    return _between(body, rolling_median(body.t[face.sample], pair.mean(axis=1), _STEADY_S))


def _agreeing(body: Body) -> BoolArray:
    """Readings in which both, direct and mirrored, say about the same, shape (m,)."""
    face = body.track.face
    assert face is not None
    split = [np.abs(np.diff(pair, axis=1)[:, 0]) for pair in (face.roll, face.turn, face.pitch)]
    return np.asarray(np.max(split, axis=0) <= MAX_SPLIT_DEG)  # NaN is not


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


def _error(body: Body, name: str, id: str, gate: Gate) -> float:
    """One sigma: what was published, half the difference of both readings, and what the pixel adds."""
    face = body.track.face
    if face is None or not gate.open.any():
        return ERROR[id]
    used = gate.open[face.sample] & _agreeing(body)
    if not used.any():
        return ERROR[id]
    half = float(np.median(np.diff(getattr(face, name)[used], axis=1))) / 2
    pixel = 57.3 / float(np.median(face.width[used]))
    return float(np.sqrt(ERROR[id] ** 2 + half**2 + pixel**2))


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


MEASURES = (
    Measure("head_roll", "deg", "trace", head_roll, FRONT, ("head",)),
    Measure("head_turn", "deg", "trace", head_turn, TOWARDS, ("face", "shoulders")),
    Measure("head_pitch", "deg", "trace", head_pitch, TOWARDS, ("face", "shoulders")),
    Measure("face_toward", "deg", "trace", face_toward, TOWARDS, ("face", "shoulders")),
)
