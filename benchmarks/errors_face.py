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
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from benchmarks.figures import tell
from liyi.core.errors import LiyiError
from liyi.media.recording import Frame, open_media
from posture.face import MIN_PRESENCE
from posture.measures import MEASURES
from posture.measures.front import roll_of_pose
from posture.measures.geometry import shoulder_width
from posture.measures.head import head_roll
from posture.mesh import FaceMesh, face_crop
from posture.pose import track_pose
from posture.reading import read_body

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from posture.body import Body
    from posture.track import PoseTrack

PHOTOS = {".jpg", ".jpeg", ".png", ".webp"}
VIDEOS = {".mp4", ".mov", ".webm", ".avi"}
SECONDS = 3.0
# Head to trunk; the first three change with the turn of the picture.
ROLLING = ("head_roll", "shoulder_tilt", "trunk_side_lean")
MIRRORED = (*ROLLING, "head_turn")
TAKEN = (*MIRRORED, "head_pitch", "face_toward")
EYES = ((263, 362, True), (33, 133, False))  # points of the mesh: outer and inner corner, of the own left and right
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
        same = [r for r in rows if (r.picture, r.measure) == (row.picture, row.measure) and r.change != row.change]
        others = [r.back for r in same if r.change not in ("half", "quarter")]
        if len(others) >= 3:
            found.append((row, row.back - float(np.mean(others))))
    return found


def told(rows: Sequence[tuple[Row, float]], title: str, keep: str = "") -> None:
    """One line: bias, spread, and the shares inside one and two errors; handed over as figures of ``keep``."""
    if len(rows) < LEAST:
        print(f"  {title:34s} n {len(rows)}, too few")
        return
    by = np.array([value for _, value in rows])
    error = np.array([row.error for row, _ in rows])
    inside = [float(np.mean(np.abs(by) <= k * error)) for k in (1, 2)]
    if keep:
        tell(**{f"{keep}_n": len(rows), f"{keep}_rms": round(float(np.sqrt(np.mean(by**2))), 2),
                f"{keep}_inside_one": round(inside[0], 2), f"{keep}_inside_two": round(inside[1], 2)})  # fmt: skip
    print(
        f"  {title:34s} n {len(rows):4d}  mean {by.mean():+5.2f}  rms {np.sqrt(np.mean(by**2)):5.2f}  "
        f"median {np.median(np.abs(by)):4.2f}  told {np.median(error):4.1f}  "
        f"inside one {inside[0]:4.0%}, two {inside[1]:4.0%}"
    )


def summary(rows: Sequence[Row]) -> None:
    """The tables."""
    plain = {(r.picture, r.measure): r for r in rows if r.change == "as it is"}
    every = off(rows)
    for id in TAKEN:
        mine = [(row, by) for row, by in every if row.measure == id]
        print(f"{id}: {sum(key[1] == id for key in plain)} pictures")
        told([m for m in mine if m[0].change not in ("half", "quarter")], "full size, all changes", id)
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


def beside_pupils(paths: Sequence[Path], iris: Path) -> None:
    """Head roll of photos, by the mesh and by the pose, against the line through the pupils."""
    from ai_edge_litert.interpreter import Interpreter

    network = Interpreter(model_path=str(iris), num_threads=1)
    network.allocate_tensors()
    found: dict[str, list[tuple[Row, float]]] = {"mesh less pupils": [], "pose less pupils": []}
    for path in (p for p in paths if p.suffix.lower() in PHOTOS):
        held = list(frames(path, CHANGES[0]))
        if not held:
            continue
        track = track_pose(held)
        body = read_body(track)
        pupils = _pupils_deg(held[-1].image, track, network) if track.face is not None else None
        if pupils is None:
            continue
        roll, (gate, posed, error) = head_roll(body, {}), roll_of_pose(body)
        readings = [(roll.value, roll.error), (np.where(gate.open, posed, np.nan), error)]
        for title, (value, told_error) in zip(found, readings, strict=True):
            if np.isfinite(value).any():
                deg = float(np.nanmedian(value))
                row = Row(path.name, "as it is", title, deg, deg, told_error, *sizes(body))
                found[title].append((row, deg - pupils))
                print(
                    f"{path.name:50s} {title} {deg - pupils:+5.1f} of {pupils:+6.1f}, told {told_error:.1f}", flush=True
                )
    for title, rows in found.items():
        told(rows, title)


def _pupils_deg(image: np.ndarray, track: PoseTrack, network: Any) -> float | None:
    """Slope of the line through the pupils in the last frame, degrees; None where there is no face in it."""
    pose = np.concatenate([track.points[-1], np.zeros((33, 5))], axis=1).astype(np.float32)
    crop = face_crop(image, pose) if np.isfinite(pose).all() else None
    if crop is None:
        return None
    square, level_deg, _ = crop
    mesh, presence = FaceMesh().read(square)
    if presence < MIN_PRESENCE:
        return None
    left, right = (_pupil(square, mesh[a, :2], mesh[b, :2], mirrored, network) for a, b, mirrored in EYES)
    return float(np.degrees(np.arctan2(left[1] - right[1], left[0] - right[0]))) + level_deg


def _pupil(square: np.ndarray, outer: np.ndarray, inner: np.ndarray, mirrored: bool, network: Any) -> np.ndarray:
    """Middle of the iris (2,) by the iris network, which takes 64 pixels around an eye, the own left one mirrored."""
    centre, scale = (outer + inner) / 2, 64 / (2.3 * float(np.hypot(*(outer - inner))))
    matrix = np.array([[scale, 0, 32 - scale * centre[0]], [0, scale, 32 - scale * centre[1]]])
    eye = cv2.warpAffine(square, matrix, (64, 64))
    eye = eye[:, ::-1] if mirrored else eye
    network.set_tensor(network.get_input_details()[0]["index"], eye[None].astype(np.float32) / 255)
    network.invoke()
    outputs = [network.get_tensor(each["index"]).ravel() for each in network.get_output_details()]
    (points,) = (each for each in outputs if each.size == 15)
    return np.asarray(centre + (points[:2] - 32) * np.array([-1 if mirrored else 1, 1]) / scale)


def media_in(folders: Sequence[Path]) -> list[Path]:
    """Photos and videos below the folders, or those of the development media; says so when there are none."""
    folders = folders or [Path(os.environ.get("LIYI_SHARED", "../shared")) / "media"]
    paths = sorted(p for folder in folders for p in folder.rglob("*") if p.suffix.lower() in PHOTOS | VIDEOS)
    if not paths:
        print(f"no photos or videos in {', '.join(map(str, folders))}: nothing measured")
    return paths


def main() -> None:
    """Read the folders and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--rows", type=Path, help="write every reading into this file")
    parser.add_argument("--iris", type=Path, help="iris_landmark.tflite of mediapipe 0.10.21; only compares the roll")
    options = parser.parse_args()
    paths = media_in(options.folders)
    if not paths:
        return
    if options.iris:
        beside_pupils(paths, options.iris)
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
            lines = ("\t".join(map(str, vars(row).values())) + "\n" for row in rows)
            options.rows.write_text("".join(lines), encoding="utf-8")
    summary(rows)


if __name__ == "__main__":
    main()
