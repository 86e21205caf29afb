"""What the measures of the body find, leave undecided and deny on photos and videos of people.

``python -m benchmarks.people FOLDER... [--shows FILE] [--old CHECKOUT] [--rows FILE]`` reads every photo (as a clip of
four seconds, with the noise and the small movements of a camera) and video (its first seconds) under the folders, or in
``media`` of ``LIYI_SHARED``: as it is, mirrored, cut below the waist and cut just below the arms.

``FILE`` tells what each picture shows, one a line: its name, a tab, and ``crossed_arms``, ``hands_on_hips`` or
``chin_prop``, several with commas, ``-`` for none of them; a question mark behind one says that it may be seen either
way; when not given, what the development media show (``people.tsv``). A picture that it does not name counts only for
whether the copies agree. Printed are, for each of the three, what was found where it is shown and where it is not,
whether copies agree, and where readings of shoulders and trunk differ among copies by more than their errors tell.

``CHECKOUT`` is a folder with another version of this project and its ``.venv`` (`OLD_READER` fits commit 0356c63): what
it measures in the same pictures is compared with what is measured now.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np

from benchmarks.errors_face import PHOTOS, media_in
from benchmarks.figures import tell
from liyi.core.errors import LiyiError
from liyi.core.trace import Events, Scalar
from liyi.media.recording import Frame, open_media
from posture.measures import MEASURES
from posture.pose import track_pose
from posture.reading import read_body
from posture.track import Joint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from liyi.core.trace import Signal
    from posture.body import Body

LENGTH_S = 4.0
RATE = 3
LARGEST_PX = 720
NOISE, SWAY_PX = 2.0, 1.5  # of 255; and how far a camera held in the hand moves
POSTURES = ("crossed_arms", "hands_on_hips", "chin_prop")
ANGLES = ("shoulder_tilt", "trunk_side_lean", "head_roll")  # a mirror turns them round
ARMS = [Joint.LEFT_ELBOW, Joint.RIGHT_ELBOW, Joint.LEFT_WRIST, Joint.RIGHT_WRIST]
HIPS, SHOULDERS = [Joint.LEFT_HIP, Joint.RIGHT_HIP], [Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER]
COPIES = ("mirrored", "cut at the waist", "cut below the arms")
HALF = 0.5
SHOWS = Path(__file__).with_suffix(".tsv")  # what the development media show

OLD_READER = """
import json, sys
import numpy as np
from signals.media import open_media
from posture.pose import track_pose
from posture.reading import read_body
from posture.measures import MEASURES
for line in sys.stdin:
    name, path = json.loads(line)
    try:
        track = track_pose(open_media(path).frames())
        signals = [(m.id, m(read_body(track))) for m in MEASURES] if track.t.size else []
    except Exception as error:
        signals = []
    length = max(float(track.t[-1] - track.t[0]), 1e-6) if signals else 1
    share = {}
    for id, s in signals:
        if hasattr(s, "items"): share[id] = s.watched_s / length
        else: share[id] = float(np.mean(np.isfinite(s.value)))
    print(json.dumps([name, share]), flush=True)
"""


@dataclass(frozen=True)
class Row:
    """One measure of one picture in one copy.

    ``share`` is what was measured of the clip, 0..1; ``outcome`` of a posture ``found``, ``undecided``, ``none`` or
    ``not seen``; ``value`` and ``error`` of an angle are in degrees, NaN where it was not measured.
    """

    picture: str
    copy: str
    measure: str
    share: float
    outcome: str
    value: float
    error: float
    reason: str


def clip(path: Path) -> list[Frame]:
    """A photo as a clip, or the first seconds of a video; empty where it can't be read."""
    if path.suffix.lower() in PHOTOS:
        picture = cv2.imread(str(path))
        if picture is None:
            return []
        scale = min(1.0, LARGEST_PX / max(picture.shape[:2]))
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        return list(_held(cv2.cvtColor(small, cv2.COLOR_BGR2RGB)))
    frames = []
    for frame in open_media(path).frames():
        if frame.t_s > LENGTH_S:
            break
        frames.append(frame)
    return frames


def _held(image: np.ndarray) -> Iterator[Frame]:
    rng = np.random.default_rng(0)
    height, width = image.shape[:2]
    for k in range(round(LENGTH_S * RATE)):
        shift = SWAY_PX * np.array([np.sin(2.1 * k / RATE), np.cos(1.7 * k / RATE)])
        matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]])
        moved = cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        noise = rng.standard_normal(image.shape, dtype=np.float32) * NOISE
        yield Frame(k / RATE, np.clip(moved + noise, 0, 255).astype(np.uint8))


def read(frames: Sequence[Frame]) -> Body | None:
    """The body in a clip; None where nobody is in it."""
    track = track_pose(frames)
    return read_body(track) if np.isfinite(track.points).any() else None


def rows_of(picture: str, copy: str, body: Body) -> list[Row]:
    """Every measure of a body."""
    rows = []
    length_s = max(float(body.t[-1] - body.t[0]), 1e-6)
    for measure in MEASURES:
        signal = measure(body)
        share, outcome, value = _seen(signal, length_s)
        rows.append(Row(picture, copy, measure.id, share, outcome, value, signal.error, str(signal.reason or "")))
    return rows


def _seen(signal: Signal, length_s: float) -> tuple[float, str, float]:
    if isinstance(signal, Events):
        share = min(1.0, signal.watched_s / length_s)
        outcome = "found" if signal.items else "undecided" if signal.undecided else "none"
        return share, outcome if outcome != "none" or share >= HALF else "not seen", float("nan")
    if isinstance(signal, Scalar):
        return float(np.isfinite(signal.value)), "", signal.value
    known = np.isfinite(signal.value)
    return float(known.mean()), "", float(np.nanmedian(signal.value)) if known.any() else float("nan")


def copies(frames: Sequence[Frame], body: Body) -> Iterator[tuple[str, list[Frame]]]:
    """The clip mirrored, and cut off at two heights where there is something below them."""
    yield COPIES[0], [Frame(frame.t_s, np.ascontiguousarray(frame.image[:, ::-1])) for frame in frames]
    height = frames[0].image.shape[0]
    hips, shoulders = (np.nanmedian(body.track.points[:, some, 1]) for some in (HIPS, SHOULDERS))
    arms = np.where(body.usable[:, ARMS], body.track.points[:, ARMS, 1], np.nan)
    lowest = np.nanmax(arms) if np.isfinite(arms).any() else height
    trunk = hips - shoulders
    for name, bottom in ((COPIES[1], hips + 0.1 * trunk), (COPIES[2], lowest + 0.05 * trunk)):
        if trunk > 0 and shoulders + 0.3 * trunk < bottom < 0.97 * height:
            yield name, [Frame(frame.t_s, np.ascontiguousarray(frame.image[: int(bottom)])) for frame in frames]


def read_all(paths: Sequence[Path], rows_file: Path | None) -> list[Row]:
    """Every picture and copy; each row also into ``rows_file`` as it comes."""
    rows: list[Row] = []
    for at, path in enumerate(paths):
        mine: list[Row] = []
        try:
            frames = clip(path)
            body = read(frames) if frames else None
            if body is not None:
                mine += rows_of(path.name, "", body)
                for copy, changed in copies(frames, body):
                    other = read(changed)
                    mine += rows_of(path.name, copy, other) if other is not None else []
        except LiyiError as error:
            print(f"{path.name}: {error}")
        print(f"{at + 1}/{len(paths)} {path.name}", file=sys.stderr, flush=True)
        rows += mine
        if rows_file is not None:
            with rows_file.open("a", encoding="utf-8") as file:
                file.writelines("\t".join(map(str, vars(row).values())) + "\n" for row in mine)
    return rows


def shown(file: Path | None) -> dict[str, set[str]]:
    """Postures by the picture's name, a doubtful one with its question mark."""
    if file is None:
        return {}
    pairs = (
        line.rstrip("\n").split("\t")[:2] for line in file.read_text(encoding="utf-8").splitlines() if "\t" in line
    )
    return {name: set(what.split(",")) - {"-"} for name, what in pairs}


def postures(rows: Sequence[Row], shows: dict[str, set[str]]) -> None:
    """What was found where it is shown and where not, by the picture as it is and by all copies."""
    for id in POSTURES:
        for title, only in (("as they are", ("",)), ("mirrored", ("mirrored",)), ("cut", COPIES[1:])):
            mine = [row for row in rows if row.measure == id and row.copy in only and row.picture in shows]
            with_it = Counter(row.outcome for row in mine if id in shows[row.picture])
            without = [row for row in mine if not shows[row.picture] & {id, f"{id}?"}]
            seen = Counter(row.outcome for row in without)
            print(
                f"{id}, {title}: shown {sum(with_it.values())}: {dict(with_it)}; not shown {len(without)}: {dict(seen)}"
            )
        for row in rows:
            what = shows.get(row.picture)
            if row.measure == id and what is not None and f"{id}?" not in what:
                wrong = row.outcome != "found" if id in what else row.outcome in ("found", "undecided")
                if wrong:
                    print(f"    {row.picture} {row.copy or 'as it is'}: {row.outcome}, {row.reason}")


def without(rows: Sequence[Row], shows: dict[str, set[str]]) -> None:
    """Of all copies in which a posture is not shown: how many were found or left undecided, and in how many seen."""
    for id in POSTURES:
        mine = [row for row in rows if row.measure == id and row.picture in shows]
        seen = Counter(row.outcome for row in mine if not shows[row.picture] & {id, f"{id}?"})
        count, judged = seen.total(), seen.total() - seen["not seen"]
        print(
            f"{id}: of {count} pictures and copies without it found in {seen['found']}, undecided in "
            f"{seen['undecided']}; the arms were seen in {judged}"
        )
        tell(**{f"{id}_without": count, f"{id}_seen": judged,
                f"{id}_found": seen["found"], f"{id}_undecided": seen["undecided"]})  # fmt: skip


def agreement(rows: Sequence[Row]) -> None:
    """Whether copies say the same of postures, and differ in angles by no more than their errors tell."""
    plain = {(row.picture, row.measure): row for row in rows if not row.copy}
    for copy in COPIES:
        for id in POSTURES:
            pairs = Counter(
                " / ".join(sorted({plain[row.picture, id].outcome, row.outcome}))
                for row in rows if (row.copy, row.measure) == (copy, id)
            )  # fmt: skip
            print(f"{id}, {copy}: {dict(pairs)}")
        for id in ANGLES:
            off = [
                ((-1 if copy == "mirrored" else 1) * row.value - was.value, np.hypot(row.error, was.error))
                for row in rows if (row.copy, row.measure) == (copy, id)
                for was in (plain[row.picture, id],) if np.isfinite(row.value + was.value)
            ]  # fmt: skip
            if off:
                by, error = np.abs(np.array(off).T)
                print(
                    f"{id}, {copy}: n {by.size}, rms {np.sqrt(np.mean(by**2)):.2f}, told {np.median(error):.1f}, "
                    f"inside one {np.mean(by <= error):.0%}, two {np.mean(by <= 2 * error):.0%}, most {by.max():.1f}"
                )


def beside_old(rows: Sequence[Row], paths: Sequence[Path], checkout: Path) -> None:
    """Of what another version measures for half the clip, how much is still measured."""
    now = {(row.picture, row.measure): row.share >= HALF for row in rows if not row.copy}
    still, before = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        lines = [json.dumps([path.name, str(_file_of(path, Path(folder)))]) for path in paths if clip(path)]
        done = subprocess.run(
            [checkout / ".venv/bin/python", "-c", OLD_READER],
            input="\n".join(lines), cwd=checkout, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        print(done.stderr)
    for name, shares in map(json.loads, done.stdout.splitlines()):
        for id, share in shares.items():
            if share >= HALF:
                before[id] += 1
                still[id] += now.get((name, id), False)
    for id, count in before.items():
        print(f"{id}: measured before in {count}, still in {still[id]}")
    if total := sum(before.values()):
        print(f"all: measured before {total}, still {sum(still.values())}, {sum(still.values()) / total:.0%}")


def _file_of(path: Path, folder: Path) -> Path:
    """The clip as a video file, such as another version can open."""
    out = folder / f"{path.name}.mp4"
    frames = clip(path)
    height, width = (side // 2 * 2 for side in frames[0].image.shape[:2])
    with av.open(str(out), "w") as file:
        stream = file.add_stream("libx264", rate=RATE if path.suffix.lower() in PHOTOS else 10, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for frame in frames:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame.image[:height, :width]))))
        file.mux(stream.encode())
    return out


def main() -> None:
    """Read the folders and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument(
        "--shows", type=Path, default=SHOWS, help="what each picture shows, a name and a posture in each line"
    )
    parser.add_argument("--old", type=Path, help="a checkout of another version with its .venv")
    parser.add_argument("--rows", type=Path, help="write every reading into this file")
    options = parser.parse_args()
    paths = media_in(options.folders)
    if not paths:
        return
    rows = read_all(paths, options.rows)
    shows = shown(options.shows)
    postures(rows, shows)
    without(rows, shows)
    agreement(rows)
    if options.old:
        beside_old(rows, paths, options.old)


if __name__ == "__main__":
    main()
