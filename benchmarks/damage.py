"""Damaged packs, assessments and measures: what accident makes of the files that Liyi reads again.

``python benchmarks/damage.py --packs 100 --assessments 100 --seed 1 FOLDER`` (FOLDER: results of `liyi score`) says how
many were judged and how many refused; anything else is a fault, printed with its number, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.figures import tell
from liyi.core.errors import LiyiError
from liyi.etiquette.norms import load_pack, pack_bytes
from liyi.report.html import HTML
from liyi.scoring.folder import ASSESSMENT, MEASURES
from liyi.scoring.rejudge import rejudge

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ODD = [
    *("inf", "-inf", "nan", "1e400", '"x"', "[]", "{}", "true", "-1", "[[1]]", "1979-05-27", '"""'),
    *("[inf, inf]", "[-inf, -inf]", "[nan, 1]", "9" * 300, "9" * 5000),
    *("[" * 3000, "{a=" * 2000, ".".join("a" * 5000) + " = 1"),
]
_NUMBER = re.compile(r"(?<=[:\[,] )-?\d+(\.\d+)?(e-?\d+)?(?=[,\s\]}])")


def flip(rng: random.Random, data: bytes) -> bytes:
    """Return ``data`` with up to 20 bytes changed."""
    changed = bytearray(data)
    for _ in range(rng.choice([1, 3, 20])):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def cut(rng: random.Random, data: bytes) -> bytes:
    """Return the beginning of ``data``; nothing of it, now and then."""
    return data[: rng.choice([0, rng.randrange(len(data))])]


def odd_value(rng: random.Random, data: bytes) -> bytes:
    """Give a key of a TOML text a value that nobody meant."""
    lines = data.decode().splitlines()
    at = rng.choice([number for number, line in enumerate(lines) if "=" in line and not line.startswith("#")])
    lines[at] = f"{lines[at].partition('=')[0]}= {rng.choice(_ODD)}"
    return "\n".join(lines).encode()


def lines_moved(rng: random.Random, data: bytes) -> bytes:
    """Drop a line of a text, and repeat another one elsewhere."""
    lines = data.splitlines()
    del lines[rng.randrange(len(lines))]
    lines.insert(rng.randrange(len(lines)), rng.choice(lines))
    return b"\n".join(lines)


def odd_number(rng: random.Random, data: bytes) -> bytes:
    """Put something else where a number stands in a JSON text."""
    text = data.decode()
    found = rng.choice(list(_NUMBER.finditer(text)))
    other = rng.choice(["NaN", "Infinity", "-1", "1e400", "null", '"x"', "9" * 5000, "true"])
    return (text[: found.start()] + other + text[found.end() :]).encode()


def key_lost(rng: random.Random, data: bytes) -> bytes:
    """Take a key from a JSON object."""
    content = json.loads(data)
    del content[rng.choice(sorted(content))]
    return json.dumps(content).encode()


def odd_exemptions(rng: random.Random, data: bytes) -> bytes:
    """Make the exemptions of an assessment something else than a list of texts."""
    content = json.loads(data)
    content["options"]["exemptions"] = rng.choice(["abc", 5, None, [["x"]], [{}], {"a": 1}])
    return json.dumps(content).encode()


def deep(rng: random.Random, data: bytes) -> bytes:
    """Nest a JSON text far deeper than any reader goes."""
    return b"[" * 100_000


PACK_WAYS = (flip, cut, odd_value, lines_moved)
ASSESSMENT_WAYS = (flip, cut, odd_number, key_lost, odd_exemptions, deep)
MEASURES_WAYS = (flip, cut)


def mutant(number: int, seed: int, data: bytes, ways: tuple[Callable[[random.Random, bytes], bytes], ...]) -> bytes:
    """Mutant ``number`` of ``data``: the ways in turn, the same for the same seed."""
    return ways[number % len(ways)](random.Random(f"{seed}.{number}"), data)


def pack_outcome(content: bytes, folder: Path) -> str:
    """What becomes of a damaged pack: ``read`` or ``refused``; every other error is raised."""
    path = folder / "mutant.toml"
    path.write_bytes(content)
    try:
        load_pack(path)
    except LiyiError:
        return "refused"
    return "read"


def rejudge_outcome(name: str, content: bytes, results: Path, folder: Path) -> str:
    """What becomes of a rejudgement when the file ``name`` of ``results`` is damaged.

    ``judged``; ``refused`` when nothing in the folder was changed, ``changed`` when something was.
    """
    work = folder / "results"
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(results, work)
    (work / name).write_bytes(content)
    before = contents(work)
    try:
        rejudge(work, pack=load_pack("counter"), lang="en", report=HTML)
    except LiyiError:
        return "refused" if contents(work) == before else "changed"
    return "judged"


def contents(folder: Path) -> Mapping[str, bytes]:
    """Every file of a folder, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def main() -> int:
    """Run as many mutants as asked; 1 when one of them ended otherwise than judged or refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--packs", type=int, default=100)
    parser.add_argument("--assessments", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    tally: Counter[tuple[str, str]] = Counter()
    packs = [pack_bytes(name) for name in ("counter", "presentation")]
    files = {ASSESSMENT: ASSESSMENT_WAYS, MEASURES: MEASURES_WAYS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(asked.packs):
            made = mutant(number, asked.seed, packs[number % 2], PACK_WAYS)
            tally["pack", _told(number, lambda made=made: pack_outcome(made, folder))] += 1
        for number in range(asked.assessments):
            file = list(files)[number % 2]
            made = mutant(number // 2, asked.seed, (asked.results / file).read_bytes(), files[file])
            told = _told(number, lambda file=file, made=made: rejudge_outcome(file, made, asked.results, folder))
            tally[file, told] += 1
    for (what, outcome), count in sorted(tally.items()):
        print(f"{count:5d}  {what}  {outcome}")
    ended = Counter(outcome for _, outcome in tally.elements())
    faults = sum(count for outcome, count in ended.items() if outcome not in ("read", "judged", "refused"))
    tell(packs_read=ended["read"], judged=ended["judged"], refused=ended["refused"], faults=faults)
    return int(faults > 0)


def _told(number: int, run: Callable[[], str]) -> str:
    try:
        return run()
    except Exception as error:
        print(f"number {number}: {type(error).__name__}: {str(error)[:200]}")
        return type(error).__name__


if __name__ == "__main__":
    raise SystemExit(main())
