"""A batch that was run: people without accounts, their recordings, and what was really measured in the sample."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from liyi.core.options import Options
from liyi.etiquette.assess import assess
from liyi.etiquette.norms import load_pack
from liyi.etiquette.store import load_performance
from liyi.records import sign_in, vault
from liyi.records.access_tables import Assignment
from liyi.records.batch_tables import Batch, BatchLine, BatchState, LineState, Purpose
from liyi.records.operations import assessments, batches, consent, people
from liyi.records.schema import Kind, Recording, Role, State, now
from liyi.records.viewer import Viewer
from liyi.scoring.reviewed import measured

if TYPE_CHECKING:
    from uuid import UUID

    from liyi.etiquette.assessment import Assessment
    from liyi.records.engine import Records

SAMPLE = Path(__file__).parents[2] / "sample_media" / "counter_front_zh.measures.parquet"
NAMES = ("李雷", "韩梅梅", "王芳", "=1+1", "赵敏", "孙浩")
TEXT_SHA256 = "ab" * 32


@dataclass(frozen=True)
class Evaluated:
    """Who evaluates, who may rate a second time, and the batch with its lines (the last one has failed)."""

    admin: Viewer
    evaluator: Viewer
    second: Viewer
    batch_id: UUID
    line_ids: tuple[UUID, ...]
    assessment_ids: tuple[UUID, ...]
    recording_ids: tuple[UUID, ...]


@cache
def sample() -> Assessment:
    """What the judge says of the sample."""
    pack = load_pack("counter")
    return assess(
        load_performance(SAMPLE), pack, profile="seated", signals=measured(SAMPLE, pack).signals,
        liyi_version="0.1.0", created_at="2026-11-05T08:00:00Z", elapsed_s=1.0,
    )  # fmt: skip


def evaluate(records: Records, folder: Path, count: int = 3, *, judged: Assessment | None = None) -> Evaluated:
    """Fill a store with a batch of ``count`` recordings that were assessed, and a line that failed."""
    admin = sign_in.found_organisation(records, "市政务中心", admin="管理员", account="admin")
    evaluator, second = _staff(records, admin, "王评"), _staff(records, admin, "陈评")
    begun = batches.add_batch(records, evaluator, name="十一月考核", purpose=Purpose.examination, pack="counter",
                              lang="zh", options=Options("seated"))  # fmt: skip
    lines, made, kept = [], [], []
    for position in range(count):
        name = NAMES[position % len(NAMES)] + (str(position) if position >= len(NAMES) else "")
        person = people.add_person(records, admin, name=name).id
        consent.give_consent(records, admin, version="list", text_sha256=TEXT_SHA256, person_id=person)
        recording = _keep(records, folder, person, evaluator, position)
        row = assessments.file_assessment(records, evaluator, recording.id, *_results(folder, recording, judged))
        cells = {"file": recording.name, "person": name, "cohort": "一班", "consent_on": "2026-11-01",
                 "consent_form": "书面"}  # fmt: skip
        lines.append(BatchLine(batch_id=begun.id, position=position, cells=cells, state=LineState.done,
                               person_id=person, key=f"{position:064x}", recording_id=recording.id,
                               assessment_id=row.id))  # fmt: skip
        made.append(row.id)
        kept.append(recording.id)
    error = {"sentence": "{file} is empty: copy it again.", "fields": {"file": "broken.mp4"}}
    lines.append(BatchLine(batch_id=begun.id, position=count, cells={"file": "broken.mp4", "person": "周"},
                           state=LineState.failed, error=error))  # fmt: skip
    with records.writing() as session:
        session.add_all(lines)
        session.get(Batch, begun.id).state = BatchState.done
    ids = tuple(line.id for line in lines)
    return Evaluated(admin, evaluator, second, begun.id, ids, tuple(made), tuple(kept))


def _staff(records: Records, admin: Viewer, name: str) -> Viewer:
    row = people.add_person(records, admin, name=name, account=name)
    people.grant_role(records, admin, row.id, Role.evaluator)
    return Viewer(row.id, row.organisation_id)


def _keep(records: Records, folder: Path, person: UUID, evaluator: Viewer, position: int) -> Recording:
    """A recording that its evaluator brought in, and judges."""
    content = folder / f"{position:03d}.mp4"
    content.write_bytes(b"recording %d" % position)
    with vault.copied_in(records, content) as stored, records.writing() as session:
        row = Recording(
            person_id=person, sha256=stored.sha256, name=content.name, size_bytes=stored.size_bytes, duration_s=20.0,
            kind=Kind.batch, state=State.kept, submitted_at=now(), opened_at=now(),
        )  # fmt: skip
        vault.keep(records, session, stored)
        session.add(row)
        session.flush()
        session.add(Assignment(evaluator_id=evaluator.person_id, by_id=evaluator.person_id, recording_id=row.id))
    return row


def _results(folder: Path, recording: Recording, judged: Assessment | None):
    found = judged or sample()
    about = found.recording.model_copy(update={"sha256": recording.sha256, "name": recording.name})
    found = found.model_copy(update={"recording": about})
    path = folder / f"{recording.name}.json"
    path.write_text(json.dumps(found.model_dump(mode="json"), ensure_ascii=False), encoding="utf-8")
    return found, {"assessment.json": path, "measures.parquet": SAMPLE}
