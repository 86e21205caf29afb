"""Units' own sheets of deductions (扣分表): workbooks that evaluators bring in, for all evaluators of the organisation.

What a workbook must hold is its reader's matter (`liyi.cohort.sheet`): whoever brings one in has it read first.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from sqlalchemy.orm import defer

from liyi.core.errors import LiyiError
from liyi.records.batch_tables import SheetTemplate
from liyi.records.operations.batches import need_evaluator
from liyi.records.operations.registry import operation
from liyi.records.unit_of_work import reading, writing
from liyi.records.validation import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.viewer import Viewer

MOST_TEMPLATES = 50  # of an organisation: a list to choose from
LARGEST_BYTES = 1 << 20


@operation
def add_sheet_template(records: Records, viewer: Viewer, *, name: str, content: bytes) -> SheetTemplate:
    """Bring in a template; all evaluators of the organisation may use it."""
    if len(content) > LARGEST_BYTES:
        raise LiyiError("{name} is too large for a sheet ({most} kB at most): take pictures out of it.", name=name,
                        most=LARGEST_BYTES // 1024)  # fmt: skip
    with writing(records, viewer) as unit:
        need_evaluator(unit)
        if unit.count(unit.select(SheetTemplate)) >= MOST_TEMPLATES:
            raise LiyiError("There are {most} templates already: remove one first.", most=MOST_TEMPLATES)
        row = SheetTemplate(organisation_id=viewer.organisation_id, author_id=viewer.person_id, name=name_of(name),
                            content=base64.b64encode(content).decode("ascii"))  # fmt: skip
        return unit.add(row, "add_sheet_template")


@operation
def sheet_templates(records: Records, viewer: Viewer) -> Sequence[SheetTemplate]:
    """Templates of the organisation, the newest first, without their content."""
    with reading(records, viewer) as unit:
        query = unit.select(SheetTemplate).options(defer(SheetTemplate.content, raiseload=True))
        return unit.all(query.order_by(SheetTemplate.created_at.desc(), SheetTemplate.id))


@operation
def sheet_template(records: Records, viewer: Viewer, template_id: UUID | str) -> bytes:
    """The workbook of a template."""
    with reading(records, viewer) as unit:
        return base64.b64decode(unit.one(SheetTemplate, template_id).content)


@operation
def remove_sheet_template(records: Records, viewer: Viewer, template_id: UUID | str) -> None:
    """Remove a template that one has brought in."""
    with writing(records, viewer) as unit:
        row = unit.one(SheetTemplate, template_id, SheetTemplate.author_id == viewer.person_id)
        unit.remove(row, "remove_sheet_template")
