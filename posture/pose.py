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
from posture.light import Light
from posture.mesh import FaceReader
from posture.quiet import quiet
from posture.standstill import Standstill, StillFigure
from posture.subject import Sightings, choose_subject, mirrored_of, outline, somebody_else, turned_back
from posture.track import LANDMARKS
from posture.watch import show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from liyi.media.recording import Frame
    from posture.track import FloatFrames, Mirrored, PoseTrack
    from posture.watch import Observer, People

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
    with PoseTracking() as tracking:
        tracking.see(frames, progress=progress)
        return tracking.result()


def share_with_person(images: Sequence[Image]) -> float:
    """Share of some stills (h, w, 3), far apart in time, in which a person is found; 0 for none.

    Raises
    ------
    LiyiError
        When the model file is missing.
    """
    found = 0
    for image in images:
        follower = _Follower(DETECTION)
        found += follower.find(image, 0.0) is not None
        follower.close()
    return found / len(images) if images else 0.0


class PoseTracking:
    """`track_pose` in parts: frames as they come, the track when all were seen. Holds landmarkers until closed."""

    def __init__(self) -> None:
        self._people = PoseReader()
        self._mirror = MirrorReader(self._people)
        self._beside: dict[str, Observer] = {
            "mirrored": self._mirror,
            "luma": Light(self._people),
            "frozen": Standstill(),
            "still": StillFigure(self._people),
            "face": FaceReader(self._people),
        }

    def __enter__(self) -> PoseTracking:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def see(self, frames: Iterable[Frame], *, progress: Callable[[float], None] | None = None) -> None:
        """Take the frames that follow; parameters as for `track_pose`."""
        show(frames, (self._people, *self._beside.values()), progress=progress)

    def result(self) -> PoseTrack:
        """The subject's track; asked for once, after the last frame."""
        seen = {name: observer.result() for name, observer in self._beside.items()}
        return replace(self._people.result(), **seen)

    def close(self) -> None:
        """Give the landmarkers' memory and threads back."""
        self._people.close()
        self._mirror.close()


class PoseReader:
    """Observes people: who is in each frame, and at the end who was meant."""

    def __init__(self) -> None:
        self.poses: Sequence[FloatFrames] = ()
        self.first = 0
        self._t: list[float] = []
        self._sample: list[int] = []
        self._found = array("f")  # grows in place: half an hour of poses is 17 MB, and as many again in single arrays
        self._size = (0, 0)
        self._watcher = _Watcher()
        self._track: PoseTrack | None = None

    def close(self) -> None:
        """Give the landmarkers' memory and threads back."""
        self._watcher.close()

    @property
    def sample(self) -> int:
        """Number of the newest frame."""
        return len(self._t) - 1

    def see(self, frame: Frame) -> None:
        """Find everybody in the next frame."""
        self._size = (frame.image.shape[1], frame.image.shape[0])
        self.poses, self.first = self._watcher.poses(frame), len(self._sample)
        self._t.append(frame.t_s)
        self._sample.extend([self.sample] * len(self.poses))
        for pose in self.poses:
            self._found.frombytes(pose.tobytes())

    @property
    def sightings(self) -> Sightings:
        """Every pose that was found; asked for after the last frame."""
        landmarks = np.frombuffer(self._found, dtype=np.float32).reshape(-1, *LANDMARKS)
        return Sightings(np.array(self._t, dtype=np.float64), np.array(self._sample, dtype=np.intp), landmarks)

    def result(self) -> PoseTrack:
        """The subject's track; chosen once."""
        if self._track is None:
            self._track = choose_subject(self.sightings, self._size)
        return self._track


class _Watcher:
    """Follows everybody in the picture; holds the landmarkers and closes them.

    The first follower stays for the whole recording, so that a person alone is read exactly as MediaPipe by itself
    would read them; the others go when they lose their person or come upon somebody already followed.
    """

    def __init__(self) -> None:
        self._followers = [_Follower(DETECTION)]
        self._spare = _Follower(CLOSE_DETECTION)
        self._next_look_s = 0.0

    def close(self) -> None:
        """Give the landmarkers' memory and threads back."""
        for follower in (*self._followers, self._spare):
            follower.close()

    def poses(self, frame: Frame) -> list[FloatFrames]:
        """Everybody who is in ``frame``, each of the shape `LANDMARKS`."""
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


class MirrorReader:
    """Observes a frame with people in it now and then left for right; holds a landmarker of its own."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._follower = _Follower(DETECTION)
        self._next_s = 0.0
        self._samples: list[int] = []
        self._poses: list[FloatFrames] = []

    def close(self) -> None:
        """Give the landmarker's memory and threads back."""
        self._follower.close()

    def see(self, frame: Frame) -> None:
        """Read the next frame when it is time to."""
        if not self._people.poses or frame.t_s < self._next_s:
            return
        self._next_s = frame.t_s + MIRROR_EVERY_S
        pose = self._follower.find(frame.image[:, ::-1], frame.t_s)
        if pose is not None:
            self._samples.append(self._people.sample)
            self._poses.append(turned_back(pose, frame.image.shape[1]))

    def result(self) -> Mirrored | None:
        """The readings that show the subject; None without any."""
        return mirrored_of(self._people.result(), self._samples, self._poses)


class _Follower:
    """MediaPipe's *full* pose landmarker on one person, opened at first use."""

    def __init__(self, min_detection: float) -> None:
        self._min_detection = min_detection
        self._landmarker: Any = None
        self._settled = False
        self._last_ms = -1

    def find(self, image: Image, t_s: float) -> FloatFrames | None:
        """Pose of the person followed, or of whoever is found when nobody is; of the shape `LANDMARKS`."""
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
