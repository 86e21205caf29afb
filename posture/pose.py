"""Frames in, `PoseTrack` out: the only module that knows MediaPipe.

One landmarker follows one person through the recording. From time to time a spare one is shown the picture with that
person painted out: whoever it finds it follows too, and `posture.subject` decides who was meant.
"""

from __future__ import annotations

from array import array
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from liyi.modelfiles.registry import path as model_path
from posture.mesh import FaceReader
from posture.quiet import quiet
from posture.skeleton import HEAD_TO_HIPS
from posture.standstill import Standstill, StillFigure
from posture.subject import LANDMARK_FIELDS, Sightings, choose_subject, mirrored_of, outline, somebody_else, turned_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from liyi.media.recording import Frame
    from posture.track import FloatFrames, PoseTrack

Image = npt.NDArray[np.uint8]

# MediaPipe asked for several people mostly returns the one who fills the picture (of a group of four, one), hence the
# painting out. A look costs one run of its detector: every 2 s it adds 4 % to following one person at 10 frames/s.
LOOK_EVERY_S = 2.0
MAX_PEOPLE = 4
# So often the picture is read a second time, left for right, which is 5 % more. Both readings differ by what the model
# errs on this person, in this light and dress; their mean errs less (a head's roll by 3.3 for 3.8 degrees rms).
MIRROR_EVERY_S = 2.0
# How sure the detector must be: MediaPipe's own 0.5 for the first follower. A spare one looks closer: at 0.5 a group of
# four is found or not by how the picture was scaled, at 0.4 either way; at 0.2 noise begins to look like people.
DETECTION = 0.5
CLOSE_DETECTION = 0.4

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # of red, green, blue (ITU-R BT.601)
_THIN = 8  # every eighth pixel both ways is enough for a mean


def track_pose(frames: Iterable[Frame], *, progress: Callable[[float], None] | None = None) -> PoseTrack:
    """Follow the subject through a recording.

    Parameters
    ----------
    frames : iterable of Frame
        In time order, upright, all of one size; read once and not kept.
    progress : callable, optional
        Called with the seconds of each frame when it is done.

    Returns
    -------
    PoseTrack
        One sample for each frame, NaN where the subject was not found.

    Raises
    ------
    LiyiError
        When the model file is missing.
    """
    t: list[float] = []
    luma: list[float] = []
    sample: list[int] = []
    found = array("f")  # grows in place: half an hour of poses is 17 MB, and as many again in single arrays
    size = (0, 0)
    stopped, lifeless = Standstill(), StillFigure()
    faces = FaceReader()
    with _Watcher() as watcher, _MirrorReader() as mirror:
        for frame in frames:
            size = (frame.image.shape[1], frame.image.shape[0])
            stopped.see(frame)
            poses = watcher.poses(frame)
            lifeless.see(frame, poses)
            if poses:
                mirror.see(frame, len(t))
            faces.see(frame, poses, len(sample))
            sample.extend([len(t)] * len(poses))
            for pose in poses:
                found.frombytes(pose.tobytes())
            t.append(frame.t_s)
            luma.append(brightness(frame.image, poses))
            if progress is not None:
                progress(frame.t_s)
    landmarks = np.frombuffer(found, dtype=np.float32).reshape(-1, 33, LANDMARK_FIELDS)
    sightings = Sightings(np.array(t, dtype=np.float64), np.array(sample, dtype=np.intp), landmarks)
    track = choose_subject(sightings, size)
    return replace(
        track,
        luma=np.array(luma, dtype=np.float64),
        mirrored=mirrored_of(track, mirror.samples, mirror.poses),
        frozen=stopped.frozen(sightings.t),
        still=lifeless.still(sightings.t),
        face=faces.result(track, sightings.sample, landmarks[..., :2]),
    )


def brightness(image: Image, poses: Sequence[FloatFrames]) -> float:
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


class _Watcher:
    """Follows everybody in the picture; holds the landmarkers and closes them.

    The first follower stays for the whole recording, so that a person alone is read exactly as MediaPipe by itself
    would read them; the others go when they lose their person or come upon somebody already followed.
    """

    def __init__(self) -> None:
        self._followers = [_Follower(DETECTION)]
        self._spare = _Follower(CLOSE_DETECTION)
        self._next_look_s = 0.0

    def __enter__(self) -> _Watcher:
        return self

    def __exit__(self, *error: object) -> None:
        for follower in (*self._followers, self._spare):
            follower.close()

    def poses(self, frame: Frame) -> list[FloatFrames]:
        """Everybody who is in ``frame``, each of shape (33, `LANDMARK_FIELDS`)."""
        first, *rest = self._followers
        pose = first.find(frame.image, frame.t_s)
        poses = [] if pose is None else [pose]
        for follower in rest:
            pose = follower.find(frame.image, frame.t_s)
            if pose is not None and somebody_else(pose, poses):
                poses.append(pose)
            else:
                self._followers.remove(follower)
                follower.close()
        if frame.t_s >= self._next_look_s:
            self._next_look_s = frame.t_s + LOOK_EVERY_S
            self._look_for_others(frame, poses)
        return poses

    def _look_for_others(self, frame: Frame, poses: list[FloatFrames]) -> None:
        """Add to ``poses`` whoever is found in the picture without them."""
        while len(poses) < MAX_PEOPLE:
            pose = self._spare.find(_painted_out(frame.image, poses), frame.t_s)
            if pose is None or not somebody_else(pose, poses):
                return
            poses.append(pose)
            self._followers.append(self._spare)
            self._spare = _Follower(CLOSE_DETECTION)


class _MirrorReader:
    """Reads a frame now and then left for right; holds a landmarker of its own."""

    def __init__(self) -> None:
        self._follower = _Follower(DETECTION)
        self._next_s = 0.0
        self.samples: list[int] = []
        self.poses: list[FloatFrames] = []

    def __enter__(self) -> _MirrorReader:
        return self

    def __exit__(self, *error: object) -> None:
        self._follower.close()

    def see(self, frame: Frame, sample: int) -> None:
        """Read ``frame``, the ``sample``-th one, when it is time to."""
        if frame.t_s < self._next_s:
            return
        self._next_s = frame.t_s + MIRROR_EVERY_S
        pose = self._follower.find(frame.image[:, ::-1], frame.t_s)
        if pose is not None:
            self.samples.append(sample)
            self.poses.append(turned_back(pose, frame.image.shape[1]))


class _Follower:
    """MediaPipe's *full* pose landmarker on one person, opened at first use."""

    def __init__(self, min_detection: float) -> None:
        self._min_detection = min_detection
        self._landmarker: Any = None
        self._settled = False
        self._last_ms = -1

    def find(self, image: Image, t_s: float) -> FloatFrames | None:
        """Pose of the person followed, or of whoever is found when nobody is; shape (33, `LANDMARK_FIELDS`)."""
        if self._settled:
            return self._detect(image, t_s)
        with quiet():  # it chatters when opened, at its first frame and at the first person
            if self._landmarker is None:
                self._landmarker = _open_landmarker(self._min_detection)
            pose = self._detect(image, t_s)
            self._settled = pose is not None
            return pose

    def _detect(self, image: Image, t_s: float) -> FloatFrames | None:
        import mediapipe

        self._last_ms = max(self._last_ms + 1, round(t_s * 1000))  # must increase strictly
        picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(image))
        result = self._landmarker.detect_for_video(picture, self._last_ms)
        if not result.pose_landmarks:
            return None
        height, width = image.shape[:2]
        rows = [
            (p.x * width, p.y * height, w.x, w.y, w.z, p.visibility, p.presence)
            for p, w in zip(result.pose_landmarks[0], result.pose_world_landmarks[0], strict=True)
        ]
        return np.array(rows, dtype=np.float32)

    def close(self) -> None:
        """Give the landmarker's memory and threads back."""
        if self._landmarker is not None:
            self._landmarker.close()


def _open_landmarker(min_detection: float) -> Any:
    from mediapipe.tasks.python import BaseOptions
    from mediapipe.tasks.python.vision import PoseLandmarker, PoseLandmarkerOptions, RunningMode

    model = BaseOptions(model_asset_path=str(model_path("pose_landmarker_full")))
    return PoseLandmarker.create_from_options(
        PoseLandmarkerOptions(
            base_options=model,
            running_mode=RunningMode.VIDEO,
            num_poses=1,
            min_pose_detection_confidence=min_detection,
        )
    )


def _painted_out(image: Image, poses: Sequence[FloatFrames]) -> Image:
    """``image`` with a plain box over each person, in the picture's mean colour."""
    painted = image.copy()
    plain = image[::8, ::8].mean(axis=(0, 1)).astype(np.uint8)
    height, width = image.shape[:2]
    for pose in poses:
        left, top, right, bottom = outline(pose)
        painted[max(0, top) : max(0, min(bottom, height)), max(0, left) : max(0, min(right, width))] = plain
    return painted
