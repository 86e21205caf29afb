"""Processor time of each page of the web app over a big store: ``python benchmarks/pages.py [--assessments 20000]``.

The store of `benchmarks/records.py` (SQLite; ``--keep FOLDER`` fills it once and measures it again), and in it one
trainee with a thousand recordings, an evaluator with 200 batches, one of them of a thousand lines, a hundred cases and
ten thousand lines of the audit trail. Each page is drawn as Streamlit draws it, but without a browser, for each role
that has it: told are processor time and questions to the database of the first drawing and of a later one, which is
what somebody waits for who turns a page. Exits with 1 when a later one takes more than a second.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sys
import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import event, select  # noqa: E402

from benchmarks import records as lists  # noqa: E402
from benchmarks.figures import tell  # noqa: E402
from liyi.core.options import Options  # noqa: E402
from liyi.records import vault  # noqa: E402
from liyi.records.batch_tables import Batch, BatchLine, BatchState, LineState, Purpose  # noqa: E402
from liyi.records.case_tables import CaseForm, CasePurpose, CaseRow  # noqa: E402
from liyi.records.operations import assessments  # noqa: E402
from liyi.records.schema import (  # noqa: E402
    AssessmentFile,
    CohortMember,
    FileKind,
    Kind,
    Recording,
    State,
    now,
)
from liyi.records.store_tables import AuditLine  # noqa: E402
from liyi.scoring.folder import ASSESSMENT  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from liyi.etiquette.assessment import Assessment as Judged
    from liyi.records.engine import Records
    from liyi.records.viewer import Viewer

LIMIT_S = 1.0
OWN, LINES, BATCHES, CASES, TRAIL = 1000, 1000, 200, 100, 10_000
WHO = {"trainee": "Person 0", "trainer": "trainer of all", "evaluator": "evaluator of all", "administrator": "Admin"}
_DRAW = """
from uuid import UUID
from liyi.records.viewer import Viewer
from liyi.ui import faults, people
from liyi.ui.screens import {name}
with people.acting(Viewer(UUID("{person}"), UUID("{organisation}"))), faults.told():
    {name}.PAGE.draw()
"""


def fill(records: Records, count: int) -> None:
    """Fill a store with all of it."""
    from liyi.etiquette.store import load_performance
    from tests.ui.review.submitted import MEASURES, judged

    lists.fill(records, count)
    seen, found = lists.viewers(records), judged(load_performance(MEASURES))
    me, evaluator = seen[WHO["trainee"]], seen[WHO["evaluator"]]
    with records.reading() as session:
        cohort = session.scalars(select(CohortMember.cohort_id).where(CohortMember.person_id == me.person_id)).one()
        people = session.scalars(select(CohortMember.person_id).where(CohortMember.role == "trainee")).all()
    begin = now() - timedelta(days=200)
    own = assessed(records, found, [me.person_id] * OWN, begin, timedelta(hours=4))
    brought = assessed(records, found, [people[k % len(people)] for k in range(LINES)], begin, timedelta(minutes=1))
    batches(records, evaluator, brought)
    cases(records, seen[WHO["trainer"]], cohort, [id for id, _, _ in own])
    trail(records, seen[WHO["administrator"]], people)


def assessed(
    records: Records, found: Judged, people: Sequence[UUID], begin: datetime, step: timedelta
) -> list[tuple[UUID, UUID, UUID]]:
    """Keep a recording of each of the people, every other one submitted; ids of recording, assessment and person."""
    chance, made = random.Random(3), []
    with records.writing() as session:
        for k, person in enumerate(people):
            at, id, assessment = begin + k * step, uuid4(), uuid4()
            judged = found.model_copy(update={"total": chance.uniform(40, 100)})
            content = judged.model_dump_json().encode()
            sha256 = hashlib.sha256(content).hexdigest()
            place = vault.path_of(records, sha256)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            recording = Recording(
                id=id, person_id=person, sha256=f"{id.int:064x}", name=f"{k}.mp4", size_bytes=1, duration_s=20.0,
                kind=Kind.upload, state=State.kept, created_at=at, submitted_at=at if k % 2 else None,
            )  # fmt: skip
            session.add(recording)
            session.flush()
            row = assessments._row(recording, judged, f"{assessment.int:064x}")
            row.id, row.created_at = assessment, at
            session.add(row)
            session.flush()
            session.add(AssessmentFile(assessment_id=assessment, name=ASSESSMENT, kind=FileKind.assessment,
                                       sha256=sha256, size_bytes=len(content)))  # fmt: skip
            session.add_all(assessments._parts(assessment, judged))
            made.append((id, assessment, person))
    return made


def batches(records: Records, owner: Viewer, brought: Sequence[tuple[UUID, UUID, UUID]]) -> None:
    """Batches of an evaluator, the newest of which has all that was brought."""
    with records.writing() as session:
        for number in range(BATCHES):
            at = now() - timedelta(hours=BATCHES - number)
            made = Batch(
                id=uuid4(), organisation_id=owner.organisation_id, owner_id=owner.person_id, name=f"Batch {number}",
                purpose=Purpose.training, state=BatchState.done, pack="counter", lang="zh",
                options=Options("seated").as_json(), created_at=at, queued_at=at, began_at=at, ended_at=at,
            )  # fmt: skip
            session.add(made)
            session.flush()
            session.add_all(
                BatchLine(batch_id=made.id, position=k, cells={"file": f"{k}.mp4", "person": f"p{k}"},
                          state=LineState.done, person_id=person, key=f"{k:064x}", recording_id=recording,
                          assessment_id=assessment)
                for k, (recording, assessment, person) in enumerate(brought if number == BATCHES - 1 else ())
            )  # fmt: skip


def cases(records: Records, trainer: Viewer, cohort: UUID, recordings: Sequence[UUID]) -> None:
    """Cases that a cohort is shown."""
    with records.writing() as session:
        session.add_all(
            CaseRow(
                recording_id=id, cohort_id=cohort, by_id=trainer.person_id, trainer_id=trainer.person_id,
                purpose=CasePurpose.exemplary, pack_id="counter", criterion="shoulder_tilt", start_s=1.0, end_s=6.0,
                title=f"Case {k}", look_at="the shoulders", form=CaseForm.skeleton, until=now() + timedelta(days=30),
                agreed_at=now(), text_sha256="ab" * 32, accepted_at=now(), sha256="cd" * 32, size_bytes=1,
            )
            for k, id in enumerate(recordings[:CASES])
        )  # fmt: skip


def trail(records: Records, admin: Viewer, people: Sequence[UUID]) -> None:
    """Lines of the audit trail."""
    with records.writing() as session:
        session.add_all(
            AuditLine(person_id=admin.person_id, organisation_id=admin.organisation_id, action="added",
                      entity="person", entity_id=people[k % len(people)], seen_by=admin.organisation_id)
            for k in range(TRAIL)
        )  # fmt: skip


# --- what is drawn, and what it takes


@dataclass(frozen=True)
class Drawing:
    """A page for somebody: ``query`` is what stands in its address."""

    who: str
    address: str
    module: str
    query: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return " ".join([self.who, self.address, *(f"{name}={value[:8]}" for name, value in self.query)])


def drawings(records: Records) -> list[Drawing]:
    """Every page of each role, once by whom it is; of the evaluator each step of the largest batch, too."""
    from liyi.ui import pages, people

    found = []
    for who, viewer in viewers(records).items():
        with people.acting(viewer):
            roles = people.roles()
        found += [Drawing(who, page.address, page.draw.__module__.rpartition(".")[2]) for page in pages.pages_of(roles)]
    with records.reading() as session:
        largest = session.scalars(select(Batch.id).order_by(Batch.created_at.desc()).limit(1)).one()
    for step in ("bring", "run", "defend"):
        query = (("batch", largest.hex), ("step", step))
        found.append(Drawing("evaluator", "evaluate", "evaluate", query))
    return found


def viewers(records: Records) -> dict[str, Viewer]:
    """On whose behalf, by role."""
    seen = lists.viewers(records)
    return {who: seen[name] for who, name in WHO.items()}


def draw(drawing: Drawing, viewer: Viewer) -> None:
    """Draw it as a new tab does.

    Raises
    ------
    RuntimeError
        When it fails, or says that it cannot be shown.
    """
    from streamlit.testing.v1 import AppTest

    script = _DRAW.format(name=drawing.module, person=viewer.person_id, organisation=viewer.organisation_id)
    shown = AppTest.from_string(script, default_timeout=600)
    shown.session_state["lang"] = "zh"
    for name, value in drawing.query:
        shown.query_params[name] = value
    shown.run()
    if shown.exception or shown.error:
        raise RuntimeError(f"{drawing}: {[each.value for each in (*shown.exception, *shown.error)]}")


def measure(records: Records) -> float:
    """Print the table; gives the seconds of the slowest page."""
    asked = 0

    def count(*_: object) -> None:
        nonlocal asked
        asked += 1

    event.listen(records.engine, "before_cursor_execute", count)
    slowest = 0.0
    print(f"{'':<46}{'first s':>8}{'later s':>8}{'questions':>10}")
    for drawing in drawings(records):
        took = []
        for _ in range(3):
            asked, begun_s = 0, time.process_time()
            draw(drawing, viewers(records)[drawing.who])
            took.append(time.process_time() - begun_s)
        later = min(took[1:])
        slowest = max(slowest, later)
        print(
            f"{drawing!s:<46}{took[0]:>8.2f}{later:>8.2f}{asked:>10}{'  <-- over' if later > LIMIT_S else ''}",
            flush=True,
        )
    return slowest


def main() -> int:
    """Fill, draw and print; 0 when no page takes longer than `LIMIT_S`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assessments", type=int, default=20_000)
    parser.add_argument("--keep", help="folder in which the store stays, to be measured again")
    given = parser.parse_args()
    with nullcontext(given.keep) if given.keep else tempfile.TemporaryDirectory() as folder:
        os.environ |= {"LIYI_DATA": folder, "LIYI_TEAM": "1"}
        from liyi.ui import people

        records = people.records()
        if not lists.viewers(records):
            fill(records, given.assessments)
        slowest = measure(records)
        records.close()
    tell(slowest_page_cpu_s=round(slowest, 2))
    return int(slowest > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
