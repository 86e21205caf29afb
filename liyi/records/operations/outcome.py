"""What an assessment comes to with what people decided on its findings, as far as the viewer sees it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import select

from liyi.core.errors import LiyiError
from liyi.records import vault
from liyi.records.operations.registry import operation
from liyi.records.review_schema import Confirmation
from liyi.records.schema import Assessment, AssessmentFile, FileKind, Recording
from liyi.records.unit_of_work import reading, writing

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from liyi.etiquette.assessment import Assessment as Judged
    from liyi.etiquette.pack import NormPack
    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer
    from liyi.scoring.reviewed import Measured, Reviewed

_KEPT = 8  # recordings of which the signals stay in memory while they are reviewed: some MB each


@operation
def outcome(records: Records, viewer: Viewer, assessment_id: UUID | str) -> Reviewed:
    """Judge an assessment again with the confirmations that the viewer sees; who asks of somebody else's has opened it.

    The first answer of a recording reads its measures; each after that takes some tens of milliseconds.

    Raises
    ------
    LiyiError
        When it is not there for this viewer, its files are missing or damaged, or its norm pack has changed since.
    """
    from liyi.scoring.reviewed import reviewed

    with reading(records, viewer) as unit:
        parent = unit.one(Assessment, assessment_id)
        query = unit.select(Confirmation, Confirmation.assessment_id == parent.id)
        decided = unit.all(query.order_by(Confirmation.created_at, Confirmation.id))
        files = {kind: _file(records, unit, parent, kind) for kind in (FileKind.assessment, FileKind.measures)}
        unopened = unit.one(Recording, parent.recording_id).opened_at is None
    if unopened and parent.person_id != viewer.person_id:
        with writing(records, viewer) as unit:
            unit.opened(unit.one(Recording, parent.recording_id, alone=True))
    judged = _judged(files[FileKind.assessment])
    pack, kept = _measured(files[FileKind.measures], parent.pack_id, parent.pack_sha256)
    return reviewed(judged, pack, decided, kept)


def _file(records: Records, unit: UnitOfWork, parent: Assessment, kind: FileKind) -> Path | None:
    query = select(AssessmentFile.sha256).where(AssessmentFile.assessment_id == parent.id, AssessmentFile.kind == kind)
    digest = unit.session.scalar(query)
    return vault.path_of(records, digest) if digest else None


@lru_cache(maxsize=_KEPT)
def _measured(file: Path | None, pack_id: str, pack_sha256: str) -> tuple[NormPack, Measured]:
    """Norm pack and measures of an assessment; ``pack_sha256`` tells one version of the pack from another."""
    from liyi.etiquette.norms import load_pack
    from liyi.scoring.reviewed import measured

    pack = load_pack(pack_id)
    if file is None:
        raise _damaged()
    return pack, measured(file, pack)


@lru_cache(maxsize=_KEPT)
def _judged(file: Path | None) -> Judged:
    from liyi.etiquette.assessment import Assessment as Judged

    if file is None:
        raise _damaged()
    try:
        return Judged.model_validate_json(file.read_bytes())
    except (OSError, ValueError) as error:
        raise _damaged() from error


def _damaged() -> LiyiError:
    return LiyiError("What was found in this recording is not there or damaged: assess the recording again.")
