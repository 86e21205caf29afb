"""Who is who: poses found in single frames become people, and one of them the subject.

Pure NumPy on landmark arrays, wherever they come from. Identity is place and size only: nobody's face is recognised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from posture.skeleton import HEAD_AND_SHOULDERS, TRUNK
from posture.track import CHANNELS, FloatFrames, Joint, Mirrored, PoseTrack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.core.trace import BoolArray, FloatArray

IntArray = npt.NDArray[np.intp]

LANDMARK_FIELDS = len(CHANNELS)
_CORE = [Joint.NOSE, *TRUNK]

# Landmarks as they are called in a mirror: the face has its own order, then left and right follow each other.
_OTHER_SIDE = [0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9, *[k + 1 if k % 2 else k - 1 for k in range(11, 33)]]

# The model's own word on what is nobody: 0.03-0.4 on equipment taken for a person, over 0.7 on people in a group.
MIN_PRESENCE = 0.5
# Two poses of one frame that differ by less than this are one person found twice.
DOUBLE_M = 0.25
# Two readings of one person may differ more, when one of them errs; somebody else is further away.
SECOND_READING_M = 0.5
# Nearer to the edge, as a share of the picture, the model has little left to look at, and pushes points beyond it back
# into the picture.
MARGIN = 0.03
# From the outermost landmarks to the outline: the eyes lie some 0.12 m below the crown, and hair stands above it.
HAIR_M = 0.25
CLOTHES_M = 0.15
# How far one person may get. Within 0.1 s people who talk, bow or walk differ from themselves by 0.2 m at most, one
# whose back is misread for the front by 0.43; a walker who is taken up in place of the man walked past, by 0.48.
JITTER_M = 0.3
SPEED_M_S = 1.5
# After a gap one may return to one's place, not to somebody else's half a room away.
REACH_M = 0.8
SIZE_RATIO = 1.4
# Whoever is seen for less is a passer-by or a misreading.
MOMENT_S = 2.0
SHARE_OF_ANOTHER = 0.2
# How far head and shoulders usually are from their middle place: 0.0013 m in a portrait on the wall, which is the
# model's jitter, 0.0033 and more in people who keep still.
PICTURE_M = 0.002
ALIVE_M = 0.003


@dataclass(frozen=True)
class Sightings:
    """Every pose that was found.

    Attributes
    ----------
    t : array, shape (n,)
        Seconds of the samples, increasing.
    sample : int array, shape (m,)
        The sample each pose was found in, not decreasing.
    landmarks : float32 array, shape (m, 33, 7)
        Pixels x, y; metres x, y, z; visibility; presence.
    """

    t: FloatArray
    sample: IntArray
    landmarks: FloatFrames


def choose_subject(sightings: Sightings, size: tuple[int, int]) -> PoseTrack:
    """Track of the subject: whoever is visible longest, largest and most in the middle, all three multiplied.

    Somebody is visible as far as head and shoulders are in the picture: who is cut by its edge is a neighbour. A figure
    that never moves is none where another one does: it hangs on the wall.

    Parameters
    ----------
    sightings : Sightings
        Every pose of the recording.
    size : (int, int)
        Width and height of the picture, in pixels.
    """
    person = link_people(sightings)
    mine = person == _subject(sightings, person, size) if person.size else np.zeros(0, dtype=np.bool_)
    if mine.size == sightings.t.size and mine.all():
        full = sightings.landmarks  # one person in every frame, as in most recordings: nothing to copy
    else:
        full = np.full((sightings.t.size, 33, LANDMARK_FIELDS), np.nan, dtype=np.float32)
        full[sightings.sample[mine]] = sightings.landmarks[mine]
    return PoseTrack(
        t=sightings.t,
        points=full[..., :2],
        world=full[..., 2:5],
        visibility=full[..., 5],
        presence=full[..., 6],
        size=size,
        people=count_people(sightings, person),
    )


def somebody_else(pose: FloatFrames, others: Sequence[FloatFrames]) -> bool:
    """Whether a pose (33, 7) shows head and shoulders of somebody who is not one of ``others`` in the same frame."""
    if pose[HEAD_AND_SHOULDERS, 6].min() < MIN_PRESENCE:
        return False
    found = _figures(np.stack([*others, pose]))
    return all(_difference_m(found, i, len(others)) >= DOUBLE_M for i in range(len(others)))


def outline(pose: FloatFrames) -> tuple[int, int, int, int]:
    """Left, top, right and bottom pixel of a box that covers the person of a pose (33, 7), hair and clothes too."""
    scale = float(_figures(pose[None]).scale[0])
    (left, top), (right, bottom) = pose[:, :2].min(axis=0), pose[:, :2].max(axis=0)
    return (
        int(left - CLOTHES_M * scale),
        int(top - HAIR_M * scale),
        int(right + CLOTHES_M * scale),
        int(bottom + CLOTHES_M * scale),
    )


def turned_back(pose: FloatFrames, width: int) -> FloatFrames:
    """A pose (33, 7) that was read in a mirrored picture of ``width`` pixels, as it is in the upright one."""
    back = pose[_OTHER_SIDE].copy()
    back[:, 0] = width - back[:, 0]
    back[:, 2] *= -1
    return back


def mirrored_of(track: PoseTrack, samples: Sequence[int], poses: Sequence[FloatFrames]) -> Mirrored | None:
    """Those of the poses (33, 7) found at ``samples`` that show the subject; None when none does."""
    kept = [k for k, (sample, pose) in enumerate(zip(samples, poses, strict=True)) if _shows(track, sample, pose)]
    if not kept:
        return None
    found = np.stack([poses[k] for k in kept])
    sample = np.array([samples[k] for k in kept], dtype=np.intp)
    return Mirrored(sample, found[..., 0:2].copy(), found[..., 2:5].copy())


def _shows(track: PoseTrack, sample: int, pose: FloatFrames) -> bool:
    if not np.isfinite(track.points[sample, 0, 0]):
        return False
    own = np.concatenate([track.points[sample], track.world[sample]], axis=1)
    return _difference_m(_figures(np.stack([own, pose[:, :5]])), 0, 1) < SECOND_READING_M


def link_people(sightings: Sightings) -> IntArray:
    """Number of the person (0, 1 …) that each sighting shows, shape (m,).

    A sighting continues the person it differs least from, unless that is more than one can change in the time gone
    by, or another pose of the same sample differs less. Otherwise somebody new begins.
    """
    found = _figures(sightings.landmarks)
    person = np.full(found.scale.size, -1, dtype=np.intp)
    last: list[int] = []  # each person's latest sighting
    bounds = np.flatnonzero(np.diff(sightings.sample, prepend=-1, append=sightings.t.size))
    for first, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        offers = []
        for new in range(first, end):
            for who, old in enumerate(last):
                gap_s = float(sightings.t[sightings.sample[new]] - sightings.t[sightings.sample[old]])
                difference = _difference_m(found, new, old)
                if difference <= min(JITTER_M + SPEED_M_S * gap_s, REACH_M):
                    offers.append((difference, who, new))
        taken: set[int] = set()
        for _, who, new in sorted(offers):
            if person[new] < 0 and who not in taken:
                person[new] = who
                taken.add(who)
        for new in range(first, end):
            if person[new] < 0:
                person[new] = len(last)
                last.append(new)
            last[person[new]] = new
    return person


def count_people(sightings: Sightings, person: IntArray) -> int:
    """How many people were seen for more than a moment: together, or one after the other.

    The larger of: as many as were there in two spans of 2 s that follow each other (seen once in each will do, since in
    a group some are lost between one look at everybody and the next); and those who each were there for a fifth of
    the recording.
    """
    if not person.size:
        return 0
    span = ((sightings.t[sightings.sample] - sightings.t[0]) // MOMENT_S).astype(np.intp)
    there = np.zeros((span.max() + 1, person.max() + 1), dtype=np.bool_)
    there[span, person] = True
    stayed = there[1:] & there[:-1] if len(there) > 1 else there
    long_enough = SHARE_OF_ANOTHER * sightings.t.size
    return max(1, int(stayed.sum(axis=1).max()), int(np.sum(np.bincount(person) >= long_enough)))


def _subject(sightings: Sightings, person: IntArray, size_px: tuple[int, int]) -> int:
    found = _figures(sightings.landmarks)
    inside = in_frame(sightings.landmarks[:, HEAD_AND_SHOULDERS, :2], size_px)
    seen = np.bincount(person, weights=inside.mean(axis=1))
    size = np.array([np.median(found.scale[person == who]) for who in range(seen.size)])
    off_centre = np.array([np.median(abs(found.centre[person == who, 0] - size_px[0] / 2)) for who in range(seen.size)])
    moves = np.array([_movement_m(sightings.landmarks[person == who], size[who]) for who in range(seen.size)])
    central = 1 - np.minimum(off_centre / max(size_px[0], 1), 0.5) / 2
    weight = seen * size * central
    others_move = moves[seen >= SHARE_OF_ANOTHER * seen.max()] >= ALIVE_M
    if others_move.any():
        weight[moves < PICTURE_M] = 0.0
    return int(np.argmax(weight))


def _movement_m(poses: FloatFrames, scale: float) -> float:
    """How far head and shoulders of one person's poses (k, 33, 7) usually are from their middle place, in metres."""
    place = poses[:, HEAD_AND_SHOULDERS, :2].astype(np.float64)
    away = np.linalg.norm(place - np.median(place, axis=0), axis=2)
    return float(np.median(away, axis=0).max()) / max(scale, 1e-6)


def in_frame(points: FloatFrames, size: tuple[int, int], *, margin: float = MARGIN) -> BoolArray:
    """Whether pixels (…, 2) lie in a picture of ``size``, a share of it within its edges, shape (…)."""
    share = points / np.maximum(size, 1)
    return np.asarray(np.all((share >= margin) & (share <= 1 - margin), axis=-1))


def body_scale(points: FloatFrames, world: FloatFrames) -> FloatArray:
    """Pixels per metre of the body, shape (m,), from points (m, 33, 2) and the model's metres (m, 33, 3).

    The spread of nose, shoulders and hips in the picture against that of the same points in the model's metres, so
    that it stays the same when a person turns or bows.
    """
    return _spread(points[:, _CORE]) / np.maximum(_spread(world[:, _CORE, :2]), 1e-6)


def _spread(points: FloatFrames) -> FloatArray:
    away = points.astype(np.float64) - points.mean(axis=1, keepdims=True, dtype=np.float64)
    return np.asarray(np.sqrt(np.sum(away**2, axis=(1, 2))))


@dataclass(frozen=True)
class _Figures:
    """What tells poses apart: middle of the trunk in pixels (m, 2), pixels per metre (m,), trunk in m (m, 5, 3)."""

    centre: FloatArray
    scale: FloatArray
    trunk: FloatArray


def _figures(landmarks: FloatFrames) -> _Figures:
    core = landmarks[:, _CORE].astype(np.float64)
    return _Figures(core[..., :2].mean(axis=1), body_scale(landmarks[..., :2], landmarks[..., 2:5]), core[..., 2:5])


def _difference_m(found: _Figures, i: int, j: int) -> float:
    """How far pose ``i`` is from ``j``: the way between their middles and the change of the trunk, in metres.

    Infinite when one is much larger than the other.
    """
    larger, smaller = max(found.scale[i], found.scale[j]), min(found.scale[i], found.scale[j])
    if larger > SIZE_RATIO * smaller:
        return float("inf")
    way = np.hypot(*(found.centre[i] - found.centre[j])) / max(larger, 1e-6)
    change = np.sqrt(np.sum((found.trunk[i] - found.trunk[j]) ** 2, axis=1)).mean()
    return float(way + change)
