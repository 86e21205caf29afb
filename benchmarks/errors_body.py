"""How far head roll, shoulder tilt and side lean of a picture and of its mirrored copy differ, on people.

``python -m benchmarks.errors_body FOLDER`` reads every photo (held for a second) and video in FOLDER, or in the folder
``media`` of ``LIYI_SHARED``, twice: as it is and left for right, each with its own second reading. No truth is needed:
the signs must be opposite. Printed are the readings, and the share within one and two published errors of a difference.
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
from posture.pose import track_pose
from posture.reading import read_body

if TYPE_CHECKING:
    from collections.abc import Iterator

PHOTOS = {".jpg", ".jpeg", ".png"}
VIDEOS = {".mp4", ".mov", ".webm", ".avi"}
SECONDS = 20.0
MEASURES = (shoulder_tilt, trunk_side_lean)
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
