"""A store in which somebody has practised: assessments with what was found, and tries of drills, at given times."""

from __future__ import annotations

import hashlib
import io
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import update

from liyi.core.bilingual import Bilingual
from liyi.etiquette.assessment import Evidence, TranscriptLine, Verdict
from liyi.etiquette.drill import all_drills
from liyi.records.operations import assessments, recordings, tries
from liyi.records.schema import Kind, Recording, TryRow
from liyi.ui import people
from tests.records.world import judged

if TYPE_CHECKING:
    from uuid import UUID

    from liyi.etiquette.assessment import Assessment

NAMES = {"shoulder_tilt": ("双肩放平", "Level shoulders"), "pace": ("语速", "Pace")}
SAYS = {"shoulder_tilt": Bilingual(zh="左肩低约 {value}", en="left shoulder lower by about {value}")}


def tilt(value: float | None, *, error: float = 1.0, score: float | None = 0.5, at_s: float = 4.0) -> Verdict:
    """Shoulders that hang by so many degrees; not seen where there is no value."""
    zh, en = NAMES["shoulder_tilt"]
    common = {"criterion": "shoulder_tilt", "name": Bilingual(zh=zh, en=en), "measure": "shoulder_tilt",
              "dimension": "posture", "unit": "deg", "weight": 1.0}  # fmt: skip
    if value is None:
        return Verdict(**common, status="not_assessed", reason="shoulders_out_of_frame")
    return Verdict(**common, status="assessed", value=value, error=error, good=(-3.0, 3.0), sub_score=score,
                   says=SAYS["shoulder_tilt"], evidence=(Evidence(start_s=at_s, end_s=at_s + 5),))  # fmt: skip


def assessment(*verdicts: Verdict, total: float | None = 80.0, said: str = "", number: int = 0) -> Assessment:
    """What the judge says of the recording whose content is this number."""
    digest = hashlib.sha256(_content(number)).hexdigest()
    lines = (TranscriptLine(start_s=20.0, end_s=24.0, text=said),) if said else ()
    return judged(digest, total=total).model_copy(update={"verdicts": verdicts, "transcript": lines})


def practise(found: Assessment, at: float, *, number: int = 0) -> UUID:
    """Keep a recording of that time with its assessment."""
    store, who = people.records(), people.viewer()
    row = recordings.keep_recording(store, who, io.BytesIO(_content(number)), name="a.mp4", kind=Kind.upload,
                                    duration_s=60.0)  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "assessment.json")
        file.write_text(found.model_dump_json())
        assessments.file_assessment(store, who, row.id, found, {"assessment.json": file})
    with store.writing() as session:
        session.execute(update(Recording).where(Recording.id == row.id).values(created_at=_moment(at)))
    return row.id


def drill(id: str, at: float, *, passed: bool, value: float | None = 4.0) -> None:
    """Keep a try of that time."""
    store, who = people.records(), people.viewer()
    found = tries.Result(all_drills()[id].criteria[0], value, 2.0, "deg", 0.5, "high")
    kept = tries.add(store, who, drill=id, results=[found], passed=passed)
    with store.writing() as session:
        session.execute(update(TryRow).where(TryRow.id == kept.id).values(created_at=_moment(at)))


def _content(number: int) -> bytes:
    return b"\x1aE\xdf\xa3 film %d" % number


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
