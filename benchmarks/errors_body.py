"""How far head roll, shoulder tilt and side lean of a picture and of its mirrored copy differ, on people.

``python -m benchmarks.errors_body FOLDER`` reads every photo (held for a second) and video in FOLDER, or in the folder
``media`` of ``LIYI_SHARED``, twice: as it is and left for right, each with its own second reading. No truth is needed:
the signs must be opposite. Printed are the readings, and the share within one and two published errors of a difference.
Of the same pictures, held still for some seconds under the noise of a camera, is printed what `sway` reads of somebody
who cannot move: how far mid-hip and mid-shoulder wander, in percent of shoulder width.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from benchmarks.figures import tell
from liyi.core.errors import LiyiError
from liyi.media.recording import Frame, open_media
from posture.measures.front import shoulder_tilt, trunk_side_lean
from posture.measures.geometry import middle, shoulder_width
from posture.pose import track_pose
from posture.reading import read_body
from posture.skeleton import HIPS, SHOULDERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PHOTOS = {".jpg", ".jpeg", ".png"}
VIDEOS = {".mp4", ".mov", ".webm", ".avi"}
SECONDS = 20.0
MEASURES = (shoulder_tilt, trunk_side_lean)
NOISE, STILL, RATE, MOSTLY = 2.0, 25, 5, 0.9  # of 255; pictures, and how many a second
LEAST = 5  # recordings, below which a share says nothing


def _frames(path: Path, mirrored: bool) -> Iterator[Frame]:
    if path.suffix.lower() in PHOTOS:
        picture = cv2.imread(str(path))
        if picture is None:
            return
        scale = min(1.0, 960 / max(picture.shape[:2]))
        image = cv2.cvtColor(cv2.resize(picture, None, fx=scale, fy=scale), cv2.COLOR_BGR2RGB)
        source: Iterator[Frame] = (Frame(k / 10, image) for k in range(10))
    else:
        source = (frame for frame in open_media(path).frames() if frame.t_s < SECONDS)
    for frame in source:
        yield Frame(frame.t_s, np.ascontiguousarray(frame.image[:, ::-1])) if mirrored else frame


def _readings(path: Path) -> dict[str, tuple[float, float, float]]:
    """By measure: median of the picture, of the mirrored one turned back, and the error of a difference."""
    both = [read_body(track_pose(_frames(path, mirrored))) for mirrored in (False, True)]
    found = {}
    for measure in MEASURES:
        own, copy = (measure(body) for body in both)
        if np.isfinite(own.value).any() and np.isfinite(copy.value).any():
            values = float(np.nanmedian(own.value)), -float(np.nanmedian(copy.value))
            found[measure.id] = (*values, float(np.hypot(own.error, copy.error)))
    return found


def still_sway(path: Path) -> float | None:
    """Percent of shoulder width that the restless one of mid-hip and mid-shoulder wanders; None where not seen.

    Of a photo, or a video's first picture, held still: only the model moves. Seen from the front, with the hips.
    """
    first = next(_frames(path, False), None)
    if first is None:
        return None
    noise = np.random.default_rng(0)
    images = (np.uint8(np.clip(first.image + noise.normal(0, NOISE, first.image.shape), 0, 255)) for _ in range(STILL))
    body = read_body(track_pose(Frame(k / RATE, image) for k, image in enumerate(images)))
    width = shoulder_width(body)
    if body.camera != "front" or not body.usable[:, [*SHOULDERS, *HIPS]].all(axis=1).mean() >= MOSTLY:
        return None
    with np.errstate(invalid="ignore"):
        wandered = [middle(body, *pair)[:, 0] - np.nanmedian(middle(body, *pair)[:, 0]) for pair in (HIPS, SHOULDERS)]
    return float(max(100 * np.sqrt(np.nanmean(by**2)) for by in wandered) / np.nanmedian(width))


def _tell_sway(paths: Sequence[Path]) -> None:
    wandered = []
    for path in paths:
        try:
            found = still_sway(path)
        except LiyiError:
            continue
        if found is not None:
            wandered.append(found)
            print(f"{path.name:50s} sway of a still picture {found:.2f} %")
    if len(wandered) >= LEAST:
        rms, tenth = float(np.sqrt(np.mean(np.square(wandered)))), float(np.percentile(wandered, 90))
        tell(sway_still_n=len(wandered), sway_still_rms=round(rms, 2), sway_still_p90=round(tenth, 2))
        print(f"sway of still pictures: n {len(wandered)}, rms {rms:.2f} %, nine tenths under {tenth:.2f}")


def main() -> None:
    """Read the folder and print."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(os.environ.get("LIYI_SHARED", "../shared")) / "media"
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PHOTOS | VIDEOS)
    if not paths:
        print(f"no photos or videos in {folder}: nothing measured")
        return
    every: dict[str, list[tuple[float, float, float]]] = {measure.id: [] for measure in MEASURES}
    for path in paths:
        try:
            readings = _readings(path)
        except LiyiError as error:
            print(f"{path.name}: {error}")
            continue
        for id, row in readings.items():
            every[id].append(row)
            print(f"{path.name:50s} {id:16s} {row[0]:7.1f} {row[1]:7.1f}  error of a difference {row[2]:.1f}")
    _tell_sway(paths)
    for id, rows in every.items():
        if len(rows) < LEAST:
            print(f"{id}: {len(rows)} recordings, too few")
            continue
        own, copy, error = np.array(rows).T
        apart = np.abs(own - copy)
        inside = [float(np.mean(apart <= k * error)) for k in (1, 2)]
        tell(**{f"{id}_n": len(rows), f"{id}_half_difference_rms": round(float(np.sqrt(np.mean(apart**2)) / 2), 2),
                f"{id}_inside_one": round(inside[0], 2), f"{id}_inside_two": round(inside[1], 2)})  # fmt: skip
        print(
            f"{id}: n {len(rows)}, half the difference {np.sqrt(np.mean(apart**2)) / 2:.2f} rms, "
            f"median {np.median(apart) / 2:.2f}; within one error {inside[0]:.0%}, within two {inside[1]:.0%}"
        )


if __name__ == "__main__":
    main()
