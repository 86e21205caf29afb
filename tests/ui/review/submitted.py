"""A store in which a trainer has something to review: the sample, recorded and submitted by a trainee of theirs."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from liyi.etiquette.assess import assess, signals_of
from liyi.etiquette.norms import load_pack
from liyi.etiquette.store import load_performance, save_performance
from liyi.records import sign_in
from liyi.records.operations import assessments, cohorts, consent, people, recordings, submission
from liyi.records.schema import Kind, Role
from liyi.records.viewer import Viewer

if TYPE_CHECKING:
    from uuid import UUID

    from liyi.etiquette.assessment import Assessment
    from liyi.etiquette.performance import Performance
    from liyi.records.engine import Records

SAMPLES = Path(__file__).resolve().parents[3] / "sample_media"
FILM, MEASURES = SAMPLES / "counter_front_zh.mp4", SAMPLES / "counter_front_zh.measures.parquet"


@dataclass
class Hall:
    """An organisation: who may do what, and what is kept."""

    records: Records
    admin: Viewer
    trainer: Viewer
    trainee: Viewer
    stranger: Viewer
    cohort: UUID

    def submit(self, film: Path, found: Assessment, measured: Path, *, submitted: bool = True) -> UUID:
        """Keep a recording of the trainee with its assessment."""
        row = recordings.keep_recording(
            self.records, self.trainee, film, name=film.name, kind=Kind.upload, duration_s=found.recording.duration_s
        )
        with tempfile.TemporaryDirectory() as folder:
            told = Path(folder, "assessment.json")
            told.write_text(found.model_dump_json())
            files = {"assessment.json": told, "measures.parquet": measured}
            assessments.file_assessment(self.records, self.trainee, row.id, found, files)
        if submitted:
            submission.submit_recording(self.records, self.trainee, row.id)
        return row.id


def found_hall(records: Records) -> Hall:
    """Make it, through operations alone."""
    admin = sign_in.found_organisation(records, "政务大厅", admin="管理员", account="admin")

    def person(name: str, role: Role) -> Viewer:
        row = people.add_person(records, admin, name=name, account=name)
        people.grant_role(records, admin, row.id, role)
        return Viewer(row.id, row.organisation_id)

    trainer, trainee = person("王老师", Role.trainer), person("李学员", Role.trainee)
    stranger = person("外班讲师", Role.trainer)
    cohort = cohorts.add_cohort(records, admin, name="春季班").id
    cohorts.add_member(records, admin, cohort, trainee.person_id, Role.trainee)
    cohorts.add_member(records, admin, cohort, trainer.person_id, Role.trainer)
    consent.give_consent(records, trainee, version="1", text_sha256="ab" * 32)
    return Hall(records, admin, trainer, trainee, stranger, cohort)


def judged(performance: Performance) -> Assessment:
    """The assessment of a performance by the shipped pack."""
    pack = load_pack("counter")
    return assess(performance, pack, profile="seated", liyi_version="0.1.0", created_at="2026-01-05T08:00:00Z",
                  elapsed_s=1.0, signals=signals_of(performance, pack))  # fmt: skip


def performance_of(film: Path, folder: Path) -> tuple[Performance, Path]:
    """What was measured in the sample, as if in the file ``film``; and where that is kept."""
    performance = replace(load_performance(MEASURES), sha256=hashlib.sha256(film.read_bytes()).hexdigest())
    path = folder / f"{film.stem}.parquet"
    save_performance(path, performance, {})
    return load_performance(path), path
