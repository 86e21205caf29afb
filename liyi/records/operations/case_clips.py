"""The one file that a case shows: made once its owner has agreed, kept, or told why it could not be made.

The server makes it, on the owner's behalf (`liyi.ui.cases.clip_making`). Until it is there nobody is shown anything.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from liyi.core.errors import LiyiError, error_to_json
from liyi.records import vault
from liyi.records.case_queue import wants_clip
from liyi.records.case_rules import owns_case
from liyi.records.case_tables import CaseForm, CaseRow
from liyi.records.operations.registry import operation
from liyi.records.unit_of_work import not_there, reading, writing

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from liyi.core.errors import Notice
    from liyi.records.engine import Records
    from liyi.records.viewer import Viewer

_EBML, _OBJECT = b"\x1a\x45\xdf\xa3", b"{"  # how a film (WebM) and joints (JSON) begin


@operation
def keep_clip(records: Records, viewer: Viewer, case_id: UUID | str, content: Path | IO[bytes]) -> CaseRow:
    """Keep what a case of one's own recording shows, in the form that one has agreed to, and nothing else.

    ``content`` is the stretch as a WebM film, or its joints as JSON. What was withdrawn meanwhile is not there.
    """
    with reading(records, viewer) as unit:  # refused before its bytes are copied
        unit.one(CaseRow, case_id, owns_case(viewer), wants_clip())
    with vault.copied_in(records, content) as stored, writing(records, viewer) as unit:
        row = unit.one(CaseRow, case_id, owns_case(viewer), wants_clip(), alone=True)
        with stored.part.open("rb") as made:
            begins = made.read(len(_EBML))
        if not begins.startswith(_OBJECT if row.form == CaseForm.skeleton else _EBML):
            raise not_there()  # a skeleton has neither picture nor sound, whoever brings it
        vault.keep(records, unit.session, stored)
        row.sha256, row.size_bytes, row.failed = stored.sha256, stored.size_bytes, None
        unit.note("keep_clip", CaseRow, row.id, only_for=viewer.person_id)
        return row


@operation
def fail_clip(records: Records, viewer: Viewer, case_id: UUID | str, failure: Notice) -> CaseRow:
    """Note why what a case of one's own recording shows could not be made; its owner is told."""
    with writing(records, viewer) as unit:
        row = unit.one(CaseRow, case_id, owns_case(viewer), wants_clip(), alone=True)
        row.failed = error_to_json(LiyiError(failure.sentence, **failure.fields))
        unit.note("fail_clip", CaseRow, row.id, only_for=viewer.person_id)
        return row


@operation
def retry_clip(records: Records, viewer: Viewer, case_id: UUID | str) -> CaseRow:
    """Have what a case of one's own recording shows made once more."""
    with writing(records, viewer) as unit:
        row = unit.one(CaseRow, case_id, owns_case(viewer), wants_clip(), alone=True)
        row.failed = None
        unit.note("retry_clip", CaseRow, row.id, only_for=viewer.person_id)
        return row
