"""Lists and cohort queries over many assessments, on SQLite and on PostgreSQL.

    python benchmarks/records.py [--assessments 100000] [--runs 5] [--postgres URL] [--keep DIR]

Fills a store with people (50 assessments each, 50 to a cohort), each assessment with 5 dimensions and 30 verdicts, and
prints for each query, for viewers who see little and who see everything, the median of the time that passes, the
slowest, and the processor time of one run: of this process and of the server's that answers it. That is what is judged,
for it does not hang on what else the machine does.
``--postgres`` names an empty database (``postgresql://…``) or one that this script has filled; without it only SQLite
is measured.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import insert, select, text  # noqa: E402

from benchmarks.figures import tell  # noqa: E402
from liyi.records import sign_in  # noqa: E402
from liyi.records.access_tables import Assignment  # noqa: E402
from liyi.records.engine import Records, open_records  # noqa: E402
from liyi.records.operations import access, assessments, cohorts, people, queue, recordings, tables  # noqa: E402
from liyi.records.schema import (  # noqa: E402
    Assessment,
    CohortMember,
    Comment,
    DimensionRow,
    Kind,
    Person,
    Recording,
    Role,
    RoleGrant,
    State,
    Status,
    VerdictRow,
)
from liyi.records.viewer import Viewer  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

EACH, IN_COHORT, CRITERIA, DIMENSIONS = 50, 50, 30, 5
BATCH = 500
STAFF = ("trainer of 2 cohorts", "trainer of all", "evaluator of 500", "evaluator of all")


def fill(records: Records, count: int) -> None:
    """Fill the store."""
    chance = random.Random(7)

    def new() -> UUID:
        return UUID(int=chance.getrandbits(128), version=4)

    admin = sign_in.found_organisation(records, "Hall", admin="Admin", account="admin")
    hall = admin.organisation_id
    staff = {name: people.add_person(records, admin, name=name).id for name in STAFF}
    for name, person in staff.items():
        people.grant_role(records, admin, person, Role.trainer if "trainer" in name else Role.evaluator)
    trainees = [new() for _ in range(count // EACH)]
    groups = [cohorts.add_cohort(records, admin, name=f"Cohort {k}").id for k in range(-(-len(trainees) // IN_COHORT))]
    begin = datetime(2025, 1, 1, tzinfo=UTC)
    with records.writing() as session:
        put = session.execute
        put(
            insert(Person),
            [{"id": id, "organisation_id": hall, "name": f"Person {k}"} for k, id in enumerate(trainees)],
        )
        put(insert(RoleGrant), [{"person_id": id, "role": "trainee", "organisation_id": hall} for id in trainees])
        put(insert(CohortMember), [
            {"cohort_id": groups[k // IN_COHORT], "person_id": id, "role": "trainee"} for k, id in enumerate(trainees)
        ])  # fmt: skip
        trained = {"trainer of 2 cohorts": groups[:2], "trainer of all": groups}
        put(insert(CohortMember), [
            {"cohort_id": group, "person_id": staff[name], "role": "trainer"}
            for name, mine in trained.items() for group in mine
        ])  # fmt: skip
        put(insert(Assignment), [
            {"evaluator_id": staff["evaluator of all"], "cohort_id": group, "by_id": admin.person_id}
            for group in groups
        ])  # fmt: skip
    recorded = [(new(), trainees[k % len(trainees)], begin + timedelta(minutes=5 * k)) for k in range(count)]
    for start in range(0, count, BATCH):
        with records.writing() as session:
            chunk = recorded[start : start + BATCH]
            session.execute(insert(Recording), [
                {"id": id, "person_id": who, "sha256": f"{id.int:064x}", "name": "a.mp4", "size_bytes": 1,
                 "duration_s": 60, "kind": Kind.upload, "state": State.kept, "created_at": at,
                 "submitted_at": at if chance.random() < 0.5 else None} for id, who, at in chunk
            ])  # fmt: skip
            judged = [(new(), *each) for each in chunk]
            session.execute(insert(Assessment), [
                {"id": id, "recording_id": recording, "person_id": who, "key": f"{id.int:064x}", "pack_id": "counter",
                 "pack_version": "1", "pack_sha256": "ab" * 32, "profile": "seated", "models": [], "options": {},
                 "liyi_version": "0", "total": chance.uniform(40, 100), "coverage": 0.9, "status": Status.done,
                 "created_at": at} for id, recording, who, at in judged
            ])  # fmt: skip
            session.execute(insert(DimensionRow), [
                {"assessment_id": id, "dimension": f"dimension_{d}", "score": chance.uniform(40, 100), "coverage": 1}
                for id, *_ in judged for d in range(DIMENSIONS)
            ])  # fmt: skip
            session.execute(insert(VerdictRow), [
                {"assessment_id": id, "criterion": f"criterion_{c:02}", "dimension": f"dimension_{c % DIMENSIONS}",
                 "status": "assessed", "value": 1.0, "unit": "deg", "sub_score": chance.random(), "charged": 0.0}
                for id, *_ in judged for c in range(CRITERIA)
            ])  # fmt: skip
            session.execute(insert(Comment), [
                {"recording_id": recording, "author_id": staff["trainer of all"], "text": "well"}
                for _, recording, *_ in judged
            ])  # fmt: skip
    with records.writing() as session:
        session.execute(insert(Assignment), [
            {"evaluator_id": staff["evaluator of 500"], "recording_id": id, "by_id": admin.person_id}
            for id, *_ in chance.sample(recorded, min(500, count))
        ])  # fmt: skip
        session.execute(text("ANALYZE"))


def viewers(records: Records) -> dict[str, Viewer]:
    """Viewers of a filled store by what they see."""
    names = ("Person 0", *STAFF, "Admin")
    with records.reading() as session:
        rows = session.scalars(select(Person).where(Person.name.in_(names))).all()
        return {
            row.name: Viewer(row.id, row.organisation_id) for row in sorted(rows, key=lambda row: names.index(row.name))
        }


def queries(records: Records, viewer: Viewer) -> dict[str, Callable[[], Any]]:
    """What the pages ask for."""
    group = next(iter(cohorts.cohorts(records, viewer)), None)
    seen = assessments.assessments(records, viewer, size=1)
    found: dict[str, Callable[[], Any]] = {
        "assessments, newest": lambda: assessments.assessments(records, viewer),
        "assessments, page 20": lambda: assessments.assessments(records, viewer, offset=1000),
        "recordings, newest": lambda: recordings.recordings(records, viewer),
        "recordings, page 20": lambda: recordings.recordings(records, viewer, offset=1000),
        "people": lambda: people.people(records, viewer),
        "cohorts": lambda: cohorts.cohorts(records, viewer),
        "queue of reviews": lambda: queue.queue(records, viewer),
        "assignments": lambda: access.assignments(records, viewer),
        "audit trail": lambda: people.audit_trail(records, viewer),
    }
    if group:
        found["cohort table"] = lambda: tables.cohort_table(records, viewer, group.id)
        found["cohort table, one pack"] = lambda: tables.cohort_table(records, viewer, group.id, pack_id="counter")
    if seen:
        one = seen[0]
        found["of one person"] = lambda: assessments.assessments(records, viewer, person_id=one.person_id)
        found["recordings of one person"] = lambda: recordings.recordings(records, viewer, person_id=one.person_id)
        found["progress"] = lambda: assessments.progress(records, viewer, one.person_id)
        found["verdicts of one"] = lambda: assessments.verdicts(records, viewer, one.id)
    return found


def measure(records: Records, count: int, runs: int) -> float:
    """Print the table of one database; gives the most processor time of a query in milliseconds."""
    begun = time.perf_counter()
    if not viewers(records):
        fill(records, count)
    print(f"\n{records.engine.dialect.name}: {count} assessments filled in {time.perf_counter() - begun:.0f} s")
    print(f"{'viewer':<22}{'query':<28}{'median ms':>10}{'slowest ms':>12}{'processor ms':>14}")
    clock = processor(records)
    worst = 0.0
    for who, viewer in viewers(records).items():
        for name, ask in queries(records, viewer).items():
            times: list[float] = []
            ask()  # the first compiles the statement
            begun_s = clock()
            for _ in range(runs):
                start = time.perf_counter()
                ask()
                times.append(1000 * (time.perf_counter() - start))
            spent = 1000 * (clock() - begun_s) / runs
            worst = max(worst, spent)
            print(f"{who:<22}{name:<28}{statistics.median(times):>10.1f}{max(times):>12.1f}{spent:>14.1f}"
                  f"{'  <-- over 100 ms' if spent >= 100 else ''}", flush=True)  # fmt: skip
    return worst


def processor(records: Records) -> Callable[[], float]:
    """Tells the seconds of processor time of this process and of the one of PostgreSQL that answers it."""
    if records.engine.dialect.name != "postgresql":
        return time.process_time
    import psutil

    with records.reading() as session:
        server = psutil.Process(session.scalar(text("select pg_backend_pid()")))

    def spent_s() -> float:
        theirs = server.cpu_times()
        return time.process_time() + theirs.user + theirs.system

    return spent_s


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assessments", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--postgres")
    parser.add_argument("--keep", help="folder in which SQLite's file stays, to be measured again")
    parser.add_argument("--no-sqlite", action="store_true")
    arguments = parser.parse_args()
    worst = []
    with nullcontext(arguments.keep) if arguments.keep else tempfile.TemporaryDirectory() as folder:
        urls = [] if arguments.no_sqlite else [f"sqlite:///{folder}/liyi.sqlite3"]
        for url in [*urls, *([arguments.postgres] if arguments.postgres else [])]:
            records = open_records(Path(folder), url=url)
            worst.append(measure(records, arguments.assessments, arguments.runs))
            records.close()
    print(f"\nmost processor time: {max(worst):.1f} ms")
    tell(assessments=arguments.assessments, most_processor_ms=round(max(worst), 1))
    return int(max(worst) >= 100)


if __name__ == "__main__":
    raise SystemExit(main())
