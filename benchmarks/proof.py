"""What takes too long for the tests, one job after another, and what came of it: `docs/proof.json`.

    python benchmarks/proof.py [JOB …] [--again] [--media FOLDER] [--list] [--put-off WHY] [--patience TIMES]

Without JOB all jobs are done whose result is missing, stale or put off; a run that was stopped goes on where it was. A
result is stale when what it rests on (`Job.rests_on`) has another version; ``--again`` does a job nevertheless. A job
that needs the media folder (``LIYI_SHARED``, else ``shared`` beside the checkout) is put off without it, with the
reason, unless its result holds. ``--put-off`` says in the file why the stale jobs were not done: a figure that nobody
measured must not stand there as if it held. Each job has its own limit; together they take 75 minutes at most, on a
machine with nothing else to do: ``--patience 10`` gives each ten times as long, and each result says the load that it
was had under. Exits 1 when a job failed. `tests/test_proof.py` compares the file with the code.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import figures, fingerprint  # noqa: E402

FILE = ROOT / "docs" / "proof.json"
SCRATCH = ROOT / "out" / "proof"  # what a job that was stopped goes on from
MOST_MINUTES = 75
PUT_OFF = "put off"
LAST_LINES = 3


@dataclass(frozen=True)
class Job:
    """A benchmark, what it may take, and what its result rests on.

    ``command`` is a script of this folder with its words, in which ``MEDIA``, ``SCRATCH`` and ``RESULTS`` stand for the
    media folder, a folder that stays while the versions do, and a folder with a scored sample.
    """

    command: str
    minutes: float
    rests_on: tuple[str, ...]
    of: str
    media: bool = False


JOBS = {
    "ladder": Job(
        "ladder.py --missing --cache SCRATCH --media MEDIA --write docs/ladder.md",
        17,
        ("measures", "judge", "packs", "ladder"),
        "performances in an order that any trainer would give",
        media=True,
    ),
    "errors_face": Job(
        "errors_face.py MEDIA/media", 8, ("measures",), "head, shoulders and trunk on people, turned, mirrored, shrunk",
        media=True,
    ),
    "errors_body": Job(
        "errors_body.py MEDIA/media", 4, ("measures",), "people and their mirrored copies", media=True
    ),
    "errors_rendered": Job(
        "errors_rendered.py MEDIA", 2, ("measures",), "rendered people whose joints are known", media=True
    ),
    "errors_voice": Job(
        "errors_voice.py MEDIA", 3, ("measures",), "voice on clips whose words and pauses are known", media=True
    ),
    "voices": Job(
        "voices.py MEDIA/media/speech --longest 20", 4, ("measures",), "20 dB softer, 6 dB louder, a pause", media=True
    ),
    "mutations": Job("mutations.py 100", 5, ("decoder", "limits"), "damaged, lying and hostile media"),
    "databases": Job("databases.py --count 17", 2, ("tables",), "damaged databases, through every command"),
    "damage": Job(
        "damage.py --packs 200 --assessments 200 RESULTS", 2, ("stored",), "damaged packs, assessments and measures"
    ),
    "team": Job("team_load.py", 7, ("tables",), "ten people practising and three reviewing, on two processes"),
    "pages": Job("pages.py", 4, ("tables",), "every page over 20,000 assessments: processor time"),
    "review": Job("review.py", 2, ("stored",), "the review of 20 minutes: whole page, seek, decision"),
    "live": Job("live.py 8 40", 2, ("measures", "packs"), "eight rehearsals at once: hints in time, processor time"),
    "batch": Job("batch.py overhead --count 200", 3, ("dask",), "what handing out the work of a batch costs"),
    "records": Job("records.py --assessments 20000", 3, ("tables",), "queries over 20,000 assessments"),
    "tables": Job("tables.py 5000", 2, ("schema",), "tables and page of 5,000 assessments"),
    "cost": Job("score.py --seconds 60 --runs 1", 3, ("decoder", "measures"), "processor time beside the floor"),
}  # fmt: skip


def digest(*paths: str) -> str:
    """Short checksum of files of the project."""
    return hashlib.sha256(b"".join((ROOT / path).read_bytes() for path in paths)).hexdigest()[:12]


def tables_version() -> str:
    """The newest migration of the records."""
    return sorted(path.stem for path in (ROOT / "liyi/records/migrations/versions").glob("[0-9]*.py"))[-1]


def stated() -> dict[str, str]:
    """Versions that stand in the code, of everything that results rest on but `measures` and `judge`."""
    from liyi.etiquette.assessment import Assessment
    from liyi.etiquette.norms import load_pack

    packs = [load_pack(name) for name in fingerprint.PACKS]
    return {
        "packs": ", ".join(f"{pack.id} {pack.version}" for pack in packs),
        "ladder": digest("benchmarks/ladder/ladder.toml"),
        "decoder": ", ".join(f"{name} {version(name)}" for name in ("av", "mediapipe")),
        "limits": digest("liyi/media/limits.py"),
        "tables": tables_version(),
        "stored": str(Assessment.model_fields["schema_version"].default),
        "schema": digest("docs/assessment.schema.json"),
        "dask": version("distributed"),
    }


def read() -> dict[str, Any]:
    """The result file; an empty one where there is none."""
    if FILE.exists():
        kept: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
        return kept
    return {"fingerprints": {"measures": {}, "judge": {}}, "versions": {"measures": 0, "judge": 0}, "jobs": {}}


def current(kept: dict[str, Any]) -> dict[str, str]:
    """Versions of everything that results rest on; `measures` and `judge` are counted up when their outcome changed.

    What is new among their values is taken into ``kept`` under the same version.
    """
    found = {"measures": fingerprint.measured(), "judge": fingerprint.judged()}
    for name, values in found.items():
        kept["versions"][name] += bool(fingerprint.changed(kept["fingerprints"][name], values))
        kept["fingerprints"][name] = dict(values)
    return stated() | {name: str(kept["versions"][name]) for name in found}


def put_off(kept: dict[str, Any]) -> dict[str, str]:
    """Jobs that were not done for their versions, and why."""
    return {name: result["why"] for name, result in kept["jobs"].items() if result["outcome"] == PUT_OFF}


def stale(kept: dict[str, Any], versions: dict[str, str]) -> dict[str, str]:
    """Jobs of which nothing is said for these versions, with the reason."""
    found = {}
    for name, job in JOBS.items():
        result = kept["jobs"].get(name)
        if result is None:
            found[name] = "never done"
        elif result["command"] != f"benchmarks/{job.command}":
            found[name] = "the command changed"
        elif changed := [each for each in job.rests_on if result["rests_on"].get(each) != versions[each]]:
            found[name] = f"{', '.join(changed)} changed"
    return found


def write(kept: dict[str, Any]) -> None:
    """Keep the results, a job at a time."""
    from liyi.core.atomic import NOBODY, atomic_write

    kept["jobs"] = {name: kept["jobs"][name] for name in JOBS if name in kept["jobs"]}
    with atomic_write(FILE, barred=NOBODY) as part:
        part.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def about(job: Job, versions: dict[str, str]) -> dict[str, Any]:
    """What stands in every result: of what, how it was had, what it rests on, and when."""
    return {
        "of": job.of,
        "command": f"benchmarks/{job.command}",
        "rests_on": {each: versions[each] for each in job.rests_on},
        "date": datetime.now(UTC).date().isoformat(),
    }


def done(job: Job, name: str, versions: dict[str, str], media: Path, patience: float = 1.0) -> dict[str, Any]:
    """Run a job: when, how long, whether it passed, its figures and its last lines, and the load at its end."""
    result = about(job, versions)
    if job.media and not (media / "media").is_dir():
        return {**result, "outcome": PUT_OFF, "why": "the media folder is not on this machine"}
    place = SCRATCH / name / hashlib.sha256(json.dumps(result["rests_on"]).encode()).hexdigest()[:12]
    place.mkdir(parents=True, exist_ok=True)
    words = {"MEDIA": str(media), "SCRATCH": str(place), "RESULTS": str(place / "scored")}
    script, *rest = job.command.split()
    if "RESULTS" in rest:
        subprocess.run([sys.executable, "-P", "-m", "liyi", "score", "sample_media/counter_front_zh.mp4", "--out",
                        words["RESULTS"]], cwd=ROOT, check=True, capture_output=True)  # fmt: skip
    for word, meant in words.items():
        rest = [each.replace(word, meant) for each in rest]
    begun_s = time.monotonic()
    outcome, told, said = run([sys.executable, f"benchmarks/{script}", *rest], job.minutes * 60 * patience, place)
    took = {"seconds": round(time.monotonic() - begun_s), "load": round(os.getloadavg()[1], 1)}
    return {**result, **took, "outcome": outcome, "figures": told, "said": said}


def run(command: list[str], most_s: float, place: Path) -> tuple[str, dict[str, Any], list[str]]:
    """Outcome, figures and last lines of a command, which is ended with all that it started at its limit."""
    with tempfile.TemporaryDirectory() as folder:
        told, log = Path(folder) / "figures.json", place / "log.txt"
        with log.open("w", encoding="utf-8") as output:
            child = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
                                     env={**os.environ, figures.FILE: str(told), "PYTHONPATH": str(ROOT)})  # fmt: skip
            try:
                code = child.wait(most_s)
                outcome = "passed" if code == 0 else "failed"
            except subprocess.TimeoutExpired:
                outcome = "stopped at its limit"
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        lines = [line.strip() for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
        found = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {}
        return outcome, found, [] if found and outcome == "passed" else lines[-LAST_LINES:]


def main() -> int:
    """Do what was asked; 1 when a job failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("jobs", nargs="*", metavar="JOB", choices=[[], *JOBS], default=[])
    parser.add_argument("--again", action="store_true", help="also where the result is of these versions")
    parser.add_argument("--media", type=Path, default=Path(os.environ.get("LIYI_SHARED", ROOT.parent / "shared")))
    parser.add_argument("--list", action="store_true", help="say which results are stale, and do nothing")
    parser.add_argument("--put-off", metavar="WHY", help="do nothing, and say so in the file for every stale job")
    parser.add_argument("--patience", type=float, default=1.0, help="so many times its limit a job may take")
    asked = parser.parse_args()
    kept = read()
    versions = current(kept)
    old = stale(kept, versions)
    if asked.list:
        for name, job in JOBS.items():
            print(f"{name:15s} {job.minutes:4g} min  {(old | put_off(kept)).get(name, 'holds')}: {job.of}")
        return 0
    if asked.put_off:
        why = {"outcome": PUT_OFF, "why": asked.put_off}
        kept["jobs"] |= {name: {**about(JOBS[name], versions), **why} for name in old}
        write(kept)
        return 0
    old = put_off(kept) | old
    failed = False
    for name in asked.jobs or JOBS:
        if name not in old and not asked.again:
            continue
        print(f"{name}: {old.get(name, 'again')} …", flush=True)
        result = done(JOBS[name], name, versions, asked.media.resolve(), asked.patience)
        if result["outcome"] != PUT_OFF or name in old:
            kept["jobs"][name] = result
            write(kept)
        failed |= result["outcome"] not in ("passed", PUT_OFF)
        print(f"{name}: {result['outcome']} in {result.get('seconds', 0)} s {result.get('figures') or ''}", flush=True)
        for line in result.get("said", ()):
            print(f"    {line}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
