"""What light and what distance the pose models need: ``python benchmarks/check.py PICTURE...``.

For the limits of the check step (`liyi.ui.live.check`). PICTURE is a photo or a video (a frame from its first second)
of one person from the front. Darkness and distance are **simulated**: light is taken away in linear light, with the
noise of a webcam's sensor (`FULL_WELL`, `READ_NOISE`) put on it; distance is a smaller picture in a frame of 480 lines.
Each picture is looked at for 20 frames as the live page does, and held against what the same model reads of it
undisturbed: how often head and shoulders are usable, and how far roll of the head and tilt of the shoulders go astray.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from collections.abc import Callable

    from posture.track import PoseTrack

FRAMES, LINES = 20, 480
FULL_WELL, READ_NOISE = 2000.0, 5.0  # electrons: a small webcam's pixel at white, and its amplifier
LIGHT = (0.4, 0.3, 0.2, 0.16, 0.12, 0.08, 0.06, 0.04, 0.03, 0.02)  # brightness as the page takes it: mean luma, 0..1
DISTANCE = (1.0, 1.3, 1.7, 2.1, 2.6, 3.2, 4.0, 5.0, 6.5, 8.0)  # metres of height that the picture shows


def picture(path: Path) -> np.ndarray:
    """The photo, or a frame of the video, 480 lines high."""
    import cv2

    if path.suffix in (".jpg", ".png"):
        image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    else:
        from liyi.media.recording import open_media

        image = next(frame.image for frame in open_media(path).frames() if frame.t_s > 0.5)
    return cv2.resize(image, (round(image.shape[1] * LINES / image.shape[0]), LINES), interpolation=cv2.INTER_AREA)


def darkened(image: np.ndarray, share: float, noise: np.random.Generator) -> np.ndarray:
    """``share`` of the brightness, with the noise that so little light has."""
    electrons = FULL_WELL * (image / 255 * share) ** 2.2
    caught = noise.poisson(electrons) + noise.normal(0, READ_NOISE, image.shape)
    return np.uint8(255 * np.clip(caught / FULL_WELL, 0, 1) ** (1 / 2.2))


def farther(image: np.ndarray, share: float, noise: np.random.Generator) -> np.ndarray:
    """The picture ``share`` as large amid its own edges, with some noise and moved by parts of a pixel."""
    import cv2

    height, width = image.shape[:2]
    shift = noise.uniform(-0.5, 0.5, 2)
    place = [[share, 0, (1 - share) * width / 2 + shift[0]], [0, share, (1 - share) * height / 2 + shift[1]]]
    way = cv2.INTER_AREA if share < 1 else cv2.INTER_LINEAR
    moved = cv2.warpAffine(image, np.array(place), (width, height), flags=way, borderMode=cv2.BORDER_REPLICATE)
    return np.uint8(np.clip(moved + noise.normal(0, 2, moved.shape), 0, 255))


def watched(image: np.ndarray, model: str, change: Callable[[np.ndarray], np.ndarray]) -> PoseTrack:
    """``FRAMES`` changed copies of the picture as one track, for which the person is found anew."""
    from posture.subject import LANDMARK_FIELDS
    from posture.track import PoseTrack

    rows = np.full((FRAMES, 33, LANDMARK_FIELDS), np.nan, dtype=np.float32)
    with landmarker(model) as found:
        for at in range(FRAMES):
            pose = look(found, change(image), at * 100)
            if pose is not None:
                rows[at] = pose
    t = np.arange(FRAMES) / 10
    return PoseTrack(t, rows[..., :2], rows[..., 2:5], np.nan_to_num(rows[..., 5]), np.nan_to_num(rows[..., 6]),
                     (image.shape[1], image.shape[0]), 1)  # fmt: skip


def landmarker(model: str):
    from mediapipe.tasks.python import BaseOptions
    from mediapipe.tasks.python.vision import PoseLandmarker, PoseLandmarkerOptions, RunningMode

    from liyi.modelfiles.registry import path

    base = BaseOptions(model_asset_path=str(path(f"pose_landmarker_{model}")))
    return PoseLandmarker.create_from_options(PoseLandmarkerOptions(base_options=base, running_mode=RunningMode.VIDEO))


def look(found, image: np.ndarray, ms: int) -> np.ndarray | None:
    import mediapipe

    result = found.detect_for_video(mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=image), ms)
    if not result.pose_landmarks:
        return None
    size = image.shape[1], image.shape[0]
    pairs = zip(result.pose_landmarks[0], result.pose_world_landmarks[0], strict=True)
    return np.array([(p.x * size[0], p.y * size[1], w.x, w.y, w.z, p.visibility, p.presence) for p, w in pairs])


def angles(track: PoseTrack) -> np.ndarray:
    """Roll of the head and tilt of the shoulders in degrees, shape (n, 2)."""
    from posture.track import Joint

    across = [(Joint.LEFT_EAR, Joint.RIGHT_EAR), (Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER)]
    lines = np.stack([track.points[:, left] - track.points[:, right] for left, right in across], axis=1)
    return np.degrees(np.arctan2(lines[..., 1], lines[..., 0]))


def astray(track: PoseTrack, truth: np.ndarray) -> np.ndarray:
    """How far both angles are from the undisturbed ones, -180 to 180 degrees, shape (n, 2)."""
    return (angles(track) - truth + 180) % 360 - 180


def usable(track: PoseTrack) -> float:
    """Share of the frames in which ears and shoulders are usable."""
    from posture.gate import usable_joints
    from posture.track import Joint

    needed = [Joint.LEFT_EAR, Joint.RIGHT_EAR, Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]
    return float(usable_joints(track)[:, needed].all(axis=1).mean())


def shown_m(track: PoseTrack) -> float:
    from posture.subject import body_scale

    return track.size[1] / float(np.nanmedian(body_scale(track.points, track.world)))


def table(title: str, rows: list[tuple[float, float, np.ndarray]]) -> None:
    """Print the mean of the usable shares and the spread of both angles' errors, for each level."""
    print(f"\n{title}\n{'level':>8} {'usable':>8} {'head roll':>10} {'shoulders':>10}   (degrees, root mean square)")
    for level in dict.fromkeys(level for level, _, _ in rows):
        here = [(share, errors) for at, share, errors in rows if at == level]
        errors = np.concatenate([errors for _, errors in here])
        with np.errstate(invalid="ignore"):
            head, shoulders = np.sqrt(np.nanmean(errors**2, axis=0))
        print(f"{level:8.3f} {100 * np.mean([share for share, _ in here]):7.0f}% {head:10.2f} {shoulders:10.2f}")


def main(paths: list[Path]) -> None:
    noise = np.random.default_rng(1)
    images = {path.name: picture(path) for path in paths}
    for model in ("lite", "full"):
        light, distance = [], []
        for name, image in images.items():
            calm = watched(image, model, lambda image: image)
            truth, size_m, bright = np.nanmedian(angles(calm), axis=0), shown_m(calm), image.mean() / 255
            print(f"{name}: {model}, brightness {bright:.2f}, the picture shows {size_m:.2f} m, "
                  f"usable {usable(calm):.0%}", flush=True)  # fmt: skip
            for level in (level for level in LIGHT if level <= bright):
                track = watched(image, model, lambda image, share=level / bright: darkened(image, share, noise))
                light.append((level, usable(track), astray(track, truth)))
            for metres in DISTANCE:
                track = watched(image, model, lambda image, zoom=size_m / metres: farther(image, zoom, noise))
                distance.append((metres, usable(track), astray(track, truth)))
        table(f"{model}: brightness (mean luma, 0 to 1)", light)
        table(f"{model}: metres of height that the picture shows", distance)


if __name__ == "__main__":
    main([Path(each) for each in sys.argv[1:]])
