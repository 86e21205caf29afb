"""Media that are damaged, lie or are bombs, each through the path of `liyi score` in the child that batches use.

    python benchmarks/mutations.py [N] [--seed 0] [--media FOLDER] [--keep FOLDER] [--recogniser]

N mutants (default 1,000) and all files of `hostile_media.py`. Prints a table of outcomes by way of damage, and every
recording that stopped its child. Exit code 1 when the parent met anything but a result or one sentence, or one took
longer than its limit. Without ``--recogniser`` nothing is transcribed: decoding, pose, voice and report are as usual.
"""

from __future__ import annotations

import argparse
import collections
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(Path(__file__).resolve().parent)]

import hostile_media  # noqa: E402
import mutants  # noqa: E402

from benchmarks.figures import tell  # noqa: E402
from liyi.core.errors import LiyiError  # noqa: E402
from liyi.media.limits import Limits  # noqa: E402
from liyi.report.html import HTML  # noqa: E402
from liyi.scoring.limited import run_limited  # noqa: E402
from liyi.scoring.sandbox import StoppedError  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

# Tight, so that a hang shows soon; the longest special is 20 minutes of silence.
LIMITS = Limits(seconds=90.0, seconds_per_second=2.0, memory_gb=3.0)
SLACK_S = 5.0


@dataclass(frozen=True)
class Outcome:
    """What came of one file: ``end`` is assessed, refused, memory, time, crash, or BROKEN with what was raised."""

    way: str
    file: str
    end: str
    seconds: float
    sentence: str


def assess(way: str, path: Path, out: Path, asked: dict[str, Any]) -> Outcome:
    begun_s = time.monotonic()
    end, sentence = "assessed", ""
    try:
        run_limited(path, out, **asked, limits=LIMITS, report=HTML)
        if not (out / "assessment.json").is_file():
            end = "BROKEN"
    except StoppedError as stopped:
        end, sentence = stopped.cause, str(stopped)
    except LiyiError as refused:
        end, sentence = "refused", str(refused)
    except Exception as error:
        end, sentence = "BROKEN", repr(error)
    if end != "assessed" and out.exists() and any(out.iterdir()):
        end, sentence = "BROKEN", f"left {sorted(each.name for each in out.iterdir())}"
    shutil.rmtree(out, ignore_errors=True)
    return Outcome(way, path.name, end, time.monotonic() - begun_s, sentence)


def files(count: int, seed: int, media: Path | None, folder: Path) -> Iterator[tuple[str, Path]]:
    given = mutants.seeds()
    for name, content in given.items():
        path = folder / f"seed.{name}"
        path.write_bytes(content)
        yield "seed", path
    yield from hostile_media.specials(folder, given)
    if media:
        more = (path for path in sorted(media.rglob("*")) if path.is_file() and path.stat().st_size < 1_000_000)
        given |= {f"{path.stem}{path.suffix}": path.read_bytes() for path in more if path.suffix not in (".tsv", ".md")}
    for number in range(count):
        way, suffix, content = mutants.mutant(number, seed, given)
        path = folder / f"{number:04d}.{suffix.rpartition('.')[2]}"
        path.write_bytes(content)
        yield way, path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?", default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--media", type=Path, help="more seeds: files below 1 MB in this folder")
    parser.add_argument("--keep", type=Path, help="copy here what stopped its child or broke the parent")
    parser.add_argument("--recogniser", action="store_true")
    args = parser.parse_args()
    from liyi.core.options import Options
    from liyi.etiquette.norms import load_pack

    options = Options() if args.recogniser else Options(recogniser=None)
    asked: dict[str, Any] = {"pack": load_pack("counter"), "lang": "en", "options": options}
    outcomes: list[Outcome] = []
    os.environ["AV_LOG_LEVEL"] = "quiet"
    with tempfile.TemporaryDirectory() as name:
        for way, path in files(args.count, args.seed, args.media, Path(name)):
            outcome = assess(way, path, Path(name) / "out", asked)
            outcomes.append(outcome)
            special = not path.name[:4].isdigit()
            if outcome.end not in ("assessed", "refused") or special:
                print(f"{outcome.end:8} {outcome.seconds:6.1f} s  {way}: {outcome.sentence or path.name}", flush=True)
            if args.keep and outcome.end not in ("assessed", "refused"):
                args.keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, args.keep)
            path.unlink()
    report(outcomes)


def report(outcomes: list[Outcome]) -> None:
    ends = ["assessed", "refused", "memory", "time", "crash", "BROKEN"]
    ways = collections.Counter(each.way if each.way in mutants.WAYS or each.way == "seed" else "special"
                               for each in outcomes)  # fmt: skip
    print(f"\n{'way':26} {'files':>6} " + " ".join(f"{end:>8}" for end in ends) + f" {'longest':>9}")
    for way in ways:
        here = [each for each in outcomes
                if each.way == way or (way == "special" and each.way not in ways)]  # fmt: skip
        counts = collections.Counter(each.end for each in here)
        longest_s = max(each.seconds for each in here)
        print(f"{way:26} {len(here):6} " + " ".join(f"{counts[end]:8}" for end in ends) + f" {longest_s:7.1f} s")
    broken = [each for each in outcomes if each.end == "BROKEN"]
    late = [each for each in outcomes if each.seconds > LIMITS.wall_s(LIMITS.hours * 3600) + SLACK_S]
    total_s = sum(each.seconds for each in outcomes)
    print(f"\n{len(outcomes)} files in {total_s:.0f} s, {len(broken)} broke the parent, {len(late)} passed their limit")
    ended = collections.Counter(each.end for each in outcomes)
    tell(files=len(outcomes), late=len(late), **{end: ended[end] for end in ends})
    sys.exit(bool(broken or late))


if __name__ == "__main__":
    main()
