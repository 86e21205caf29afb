"""Whether what is said live is what the report says: ``python -m benchmarks.live_report [FOLDER...] [--pack counter]``.

Every photo (as a clip of four seconds), video (its first seconds) and voice under the folders, or in ``media`` of
``LIYI_SHARED``, is a take. The live side has the landmarks of the browser's small model, *lite* (``--full``: of the
report's own), and the sound in pieces as the page sends it, without words; the report's side has the model *full*, the
face and the words of the file. Each criterion of the profiles that both assess is compared: its mark, and whether the
values lie within the error that is told live; that error is also held against the report's.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np

from benchmarks.errors_face import media_in
from benchmarks.figures import tell
from benchmarks.people import clip
from liyi.core.errors import LiyiError
from liyi.core.trace import Interval
from liyi.etiquette.assess import signals_of
from liyi.etiquette.judge import Circumstances, judge_criteria
from liyi.etiquette.norms import load_pack
from liyi.etiquette.performance import Performance, measures
from liyi.media.recording import open_media
from liyi.modelfiles.registry import path as model_path
from liyi.report.findings import mark_of
from liyi.ui.live.coach import live_criteria, verdicts_on_bearing
from liyi.ui.live.messages import FULL, LITE, parse
from liyi.ui.live.window import PoseWindow, SoundWindow
from posture.pose import track_pose
from posture.reading import read_body
from speech.listening import listen
from speech.stretches import RATE as RATE_HZ
from tests.ui.live.simulated import landmarks_of, pose_message, sound_message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from liyi.etiquette.assessment import Verdict
    from liyi.etiquette.pack import NormPack

VOICES = {".wav", ".flac"}
LEAST_S = 8.0  # of a voice
SAME, WITHIN = 0.9, 0.9  # what is promised
POSES_AT_ONCE = 100


@dataclass(frozen=True)
class Pair:
    """One criterion of one take: its marks, its values and their errors; NaN where there is none."""

    take: str
    criterion: str
    live: str
    report: str
    values: tuple[float, float]
    errors: tuple[float, float]

    @property
    def is_near(self) -> bool | None:
        """Whether the values lie within the live error; None where there is nothing to compare."""
        known = np.isfinite([*self.values, *self.errors]).all() and self.errors[0] > 0
        return abs(self.values[0] - self.values[1]) <= self.errors[0] if known else None


def pairs(take: str, live: Iterable[Verdict], report: Iterable[Verdict]) -> Iterator[Pair]:
    """The criteria that both sides assess."""
    found = {verdict.criterion: verdict for verdict in report}
    for mine in live:
        other = found.get(mine.criterion)
        if other is None or "not_assessed" in (mine.status, other.status):
            continue
        (a, da), (b, db) = _known_by(mine), _known_by(other)
        yield Pair(take, mine.criterion, mark_of(mine).style, mark_of(other).style, (a, b), (da, db))


def _known_by(verdict: Verdict) -> tuple[float, float]:
    """The number that people know a criterion by, and its error: degrees, not the share of time in the band."""
    typical = verdict.typical is not None
    value, error = (verdict.typical, verdict.typical_error) if typical else (verdict.value, verdict.error)
    return float("nan" if value is None else value), float("nan" if error is None else error)


def of_body(path: Path, pack: NormPack, *, full: bool) -> Iterator[Pair]:
    """Bearing in one photo or video."""
    frames = clip(path)
    if not frames:
        return
    track = track_pose(frames)
    body = read_body(track)
    if body.camera not in ("front", "side"):
        return
    live = track
    if not full:
        with patch("posture.pose.model_path", lambda name: model_path("pose_landmarker_lite")):
            live = track_pose(frames)
    window, landmarks = PoseWindow(1e9), landmarks_of(live)
    for first in range(0, live.t.size, POSES_AT_ONCE):
        part = slice(first, first + POSES_AT_ONCE)
        message = pose_message(1, live.t[part], landmarks[part], size=live.size, model=FULL if full else LITE)
        window.add(parse(message))
    whole = Interval(0.0, float(track.t[-1]) + 0.05)
    seen = window.seen(body.camera, take=whole)
    if seen is None:
        return
    kept = Performance(path.name, "", whole.end_s, body, None, options={})
    signals = signals_of(kept, pack)
    about = Circumstances(whole.end_s, 0.0, body.camera)
    for profile in pack.profiles:
        criteria = live_criteria(pack, profile, "body")
        report = judge_criteria(criteria, {id: signals[id] for id in criteria}, pack, profile, about)
        yield from pairs(path.name, verdicts_on_bearing(seen, pack, profile), report)


def of_voice(path: Path, pack: NormPack) -> Iterator[Pair]:
    """A voice whose language the pack judges."""
    language = path.name[:2]
    samples = np.concatenate(list(open_media(path).samples()))
    if samples.size < LEAST_S * RATE_HZ or language not in pack.languages:
        return
    window = SoundWindow(1e9)
    for first in range(0, samples.size, 4000):
        window.add(parse(sound_message(1, first / RATE_HZ, samples[first : first + 4000])))
        window.hear()
    heard, voice = window.take(Interval(0.0, samples.size / RATE_HZ)), listen([samples], language=language)
    kept = Performance(path.name, "", voice.duration_s, None, voice, options={})
    if heard is None or not heard.stretches:
        return
    signals = signals_of(kept, pack)
    about = Circumstances(voice.duration_s, voice.speech_s, "none", language=language)
    for profile in pack.profiles:
        criteria = live_criteria(pack, profile, "voice")
        report = judge_criteria(criteria, {id: signals[id] for id in criteria}, pack, profile, about)
        quick = {id: measures()[c.measure](heard, c.params) for id, c in criteria.items()}
        known = replace(about, language=language if language == "zh" else None)  # as in `liyi.ui.live.coach`
        yield from pairs(path.name, judge_criteria(criteria, quick, pack, profile, known), report)


def told(rows: Sequence[Pair]) -> int:
    """Print the sums and what differs; 0 when what is promised holds."""
    by_criterion: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        count = by_criterion[row.criterion]
        count["takes"] += 1
        count["same"] += row.live == row.report
        count["values"] += row.is_near is not None
        count["within"] += bool(row.is_near)
        if row.live != row.report or row.is_near is False:
            (a, b), (da, db) = row.values, row.errors
            print(f"  {row.take} {row.criterion}: {row.live} {a:.3g} ± {da:.2g}, "
                  f"report {row.report} {b:.3g} ± {db:.2g}")  # fmt: skip
    for criterion, count in sorted(by_criterion.items()):
        print(f"{criterion}: same mark in {count['same']} of {count['takes']}, within the live error in "
              f"{count['within']} of {count['values']}")  # fmt: skip
    total = sum(by_criterion.values(), Counter())
    wide = [row.errors[0] / row.errors[1] for row in rows if row.is_near is not None and row.errors[1] > 0]
    ratio = float(np.median(wide)) if wide else float("nan")
    print(f"all: {len({row.take for row in rows})} takes, same mark in {total['same']} of {total['takes']}, values "
          f"within the live error in {total['within']} of {total['values']}; that error is {ratio:.2g} times the "
          f"report's in the median")  # fmt: skip
    tell(takes=len({row.take for row in rows}), compared=total["takes"], same_mark=total["same"],
         values=total["values"], within_error=total["within"], error_ratio=round(ratio, 2))  # fmt: skip
    return int(total["same"] < SAME * total["takes"] or total["within"] < WITHIN * total["values"])


def main() -> int:
    """Read the folders and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--pack", default="counter")
    parser.add_argument("--full", action="store_true", help="the live side has the report's own model")
    asked = parser.parse_args()
    pack = load_pack(asked.pack)
    pictures = media_in(asked.folders)
    folders = asked.folders or sorted({path.parents[1] for path in pictures})
    voices = sorted(p for folder in folders for p in folder.rglob("*") if p.suffix.lower() in VOICES)
    rows: dict[str, Pair] = {}  # what several profiles judge alike counts once
    for at, path in enumerate([*pictures, *voices]):
        try:
            found = of_voice(path, pack) if path in voices else of_body(path, pack, full=asked.full)
            rows |= {repr(row): row for row in found}
        except LiyiError as error:
            print(f"{path.name}: {error}")
        print(f"{at + 1}/{len(pictures) + len(voices)} {path.name}", file=sys.stderr, flush=True)
    return told(sorted(rows.values(), key=lambda row: (row.criterion, row.take)))


if __name__ == "__main__":
    sys.exit(main())
