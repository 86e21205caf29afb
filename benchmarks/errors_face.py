"""How true head, shoulders and trunk are read on people: each picture also mirrored, turned by known angles and shrunk.

``python -m benchmarks.errors_face FOLDER... [--rows FILE]`` reads every photo (held for three frames) and video (its
first seconds) under the folders, or in ``media`` of ``LIYI_SHARED``. A picture turned clockwise by ten degrees must
read ten degrees more to the person's own left, a mirrored one the opposite, a shrunk one the same. The truth of one
reading is the mean of the others of that picture, each turned back. What all of them get wrong alike is not in it:
for head roll the line through the pupils, found by another network where its file is given with ``--iris``, tells that.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from posture.measures import MEASURES
from posture.measures.geometry import shoulder_width
from posture.pose import track_pose
from posture.reading import read_body
from signals.errors import LiyiError
from signals.media import Frame, open_media

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from posture.body import Body

PHOTOS = {".jpg", ".jpeg", ".png"}
VIDEOS = {".mp4", ".mov", ".webm", ".avi"}
SECONDS = 3.0
# Head to trunk; the first three change with the turn of the picture.
ROLLING = ("head_roll", "shoulder_tilt", "trunk_side_lean")
MIRRORED = (*ROLLING, "head_turn")
TAKEN = (*MIRRORED, "head_pitch", "face_toward")
LEAST = 5  # readings, below which a share says nothing


@dataclass(frozen=True)
class Change:
    """What was done to a picture."""

    name: str
    turn_deg: float = 0.0
    mirrored: bool = False
    scale: float = 1.0

    def apply(self, image: np.ndarray) -> np.ndarray:
        """The picture so changed: turned clockwise on a larger canvas, whose edge goes on outwards."""
        if self.mirrored:
            image = np.ascontiguousarray(image[:, ::-1])
        if self.scale != 1:
            image = cv2.resize(image, None, fx=self.scale, fy=self.scale, interpolation=cv2.INTER_AREA)
        if self.turn_deg:
            height, width = image.shape[:2]
            matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -self.turn_deg, 1.0)
            wide, high = np.abs(matrix[:, :2]) @ (width, height)
            matrix[:, 2] += (wide - width) / 2, (high - height) / 2
            image = cv2.warpAffine(image, matrix, (int(wide), int(high)), borderMode=cv2.BORDER_REPLICATE)
        return image

    def back(self, id: str, value: float) -> float:
        """What the unchanged picture should read where this one reads ``value``."""
        if id in ROLLING:
            value -= self.turn_deg
        return -value if self.mirrored and id in MIRRORED else value


CHANGES = (
    Change("as it is"),
    Change("mirrored", mirrored=True),
    *(Change(f"turned {deg:+d}", turn_deg=deg) for deg in (-14, -7, 7, 14)),
    Change("half", scale=0.5),
    Change("quarter", scale=0.25),
)


@dataclass(frozen=True)
class Row:
    """One reading: of what, in which picture and change, its value turned back, error, and sizes in pixels."""

    picture: str
    change: str
    measure: str
    value: float
    back: float
    error: float
    shoulders_px: float
    face_px: float


def frames(path: Path, change: Change) -> Iterator[Frame]:
    """A photo held, or the first seconds of a video, changed."""
    if path.suffix.lower() in PHOTOS:
        picture = cv2.imread(str(path))
        if picture is None:
            return
        scale = min(1.0, 960 / max(picture.shape[:2]))
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        image = change.apply(cv2.cvtColor(small, cv2.COLOR_BGR2RGB))
        yield from (Frame(k / 10, image) for k in range(3))
    else:
        for frame in open_media(path).frames():
            if frame.t_s > SECONDS:
                return
            yield Frame(frame.t_s, change.apply(frame.image))


def read(path: Path, change: Change) -> list[Row]:
    """Every measure of a changed recording that could be taken."""
    track = track_pose(frames(path, change))
    if not track.t.size:
        return []
    body = read_body(track)
    rows = []
    for measure in MEASURES:
        signal = measure(body)
        if measure.id in TAKEN and np.isfinite(signal.value).any():
            value = float(np.nanmedian(signal.value))
            rows.append(
                Row(
                    path.name,
                    change.name,
                    measure.id,
                    value,
                    change.back(measure.id, value),
                    signal.error,
                    *sizes(body),
                )
            )
    return rows


def sizes(body: Body) -> tuple[float, float]:
    """Median widths of shoulders and face, pixels; 0 where there is none."""
    shoulders = shoulder_width(body)
    face = body.track.face.width if body.track.face is not None else np.zeros(0)
    return tuple(float(np.nanmedian(w)) if np.isfinite(w).any() else 0.0 for w in (shoulders, face))  # type: ignore[return-value]


def off(rows: Sequence[Row]) -> list[tuple[Row, float]]:
    """Each reading with what it is off from the mean of the other readings of its picture that are not shrunk."""
    found = []
    for row in rows:
        others = [r.back for r in rows if (r.picture, r.measure) == (row.picture, row.measure) and r.change != row.change
                  and r.change not in ("half", "quarter")]  # fmt: skip
        if len(others) >= 3:
            found.append((row, row.back - float(np.mean(others))))
    return found


def told(rows: Sequence[tuple[Row, float]], title: str) -> None:
    """One line: bias, spread, and the shares inside one and two errors."""
    if len(rows) < LEAST:
        print(f"  {title:34s} n {len(rows)}, too few")
        return
    by = np.array([value for _, value in rows])
    error = np.array([row.error for row, _ in rows])
    inside = [float(np.mean(np.abs(by) <= k * error)) for k in (1, 2)]
    print(
        f"  {title:34s} n {len(rows):4d}  mean {by.mean():+5.2f}  rms {np.sqrt(np.mean(by**2)):5.2f}  "
        f"median {np.median(np.abs(by)):4.2f}  told {np.median(error):4.1f}  inside one {inside[0]:4.0%}, two {inside[1]:4.0%}"
    )


def summary(rows: Sequence[Row]) -> None:
    """The tables."""
    plain = {(r.picture, r.measure): r for r in rows if r.change == "as it is"}
    every = off(rows)
    for id in TAKEN:
        mine = [(row, by) for row, by in every if row.measure == id]
        print(f"{id}: {sum(key[1] == id for key in plain)} pictures")
        told([m for m in mine if m[0].change not in ("half", "quarter")], "full size, all changes")
        for change in CHANGES:
            told([m for m in mine if m[0].change == change.name], change.name)
        size = "shoulders_px" if id in ROLLING[1:] else "face_px"
        for low, high in ((0, 20), (20, 30), (30, 45), (45, 70), (70, 120), (120, 1000)):
            told([m for m in mine if low <= getattr(m[0], size) < high], f"{size} {low}-{high}")
        shifts = [
            (r, r.value - plain[r.picture, id].value - c.turn_deg)
            for c in CHANGES if c.turn_deg
            for r in rows if (r.change, r.measure) == (c.name, id) and (r.picture, id) in plain
        ]  # fmt: skip
        if id in ROLLING:
            told(shifts, "turned less plain less the turn")


def main() -> None:
    """Read the folders and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--rows", type=Path, help="keep every reading in this file, and take up what stands there")
    options = parser.parse_args()
    folders = options.folders or [Path(os.environ.get("LIYI_SHARED", "../shared")) / "media"]
    paths = sorted(p for folder in folders for p in folder.rglob("*") if p.suffix.lower() in PHOTOS | VIDEOS)
    if not paths:
        print(f"no photos or videos in {', '.join(map(str, folders))}: nothing measured")
        return
    rows: list[Row] = []
    for at, path in enumerate(paths):
        for change in CHANGES:
            try:
                rows += read(path, change)
            except LiyiError as error:
                print(f"{path.name}: {error}")
                break
        print(f"{at + 1}/{len(paths)} {path.name}", file=sys.stderr, flush=True)
        if options.rows:
            options.rows.write_text(
                "".join("\t".join(map(str, vars(r).values())) + "\n" for r in rows), encoding="utf-8"
            )
    summary(rows)


if __name__ == "__main__":
    main()
