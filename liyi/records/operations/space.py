"""How much is kept, for who must make room: sums of whole departments, never of a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from liyi.records.operations.registry import operation
from liyi.records.schema import Assessment, AssessmentFile, Department, Person, Recording, Role, RoleGrant
from liyi.records.unit_of_work import not_there, reading
from liyi.records.viewer import may

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

FEWEST = 5  # people of whom something is kept, below whom a sum tells of one of them


@dataclass(frozen=True)
class Kept:
    """Bytes that are kept of the people of a department; without one, of all whose department is not told alone."""

    department_id: UUID | None
    name: str
    size_bytes: int


@dataclass
class _Group:
    """Bytes by person, of one department or of what is told together."""

    department_id: UUID | None
    name: str
    sizes: dict[UUID, int] = field(default_factory=dict)

    def told(self) -> Kept:
        return Kept(self.department_id, self.name, sum(self.sizes.values()))


@operation
def space_by_department(records: Records, viewer: Viewer) -> list[Kept]:
    """Bytes kept in each department that the viewer administers: recordings with what was found in them, trash too.

    A sum of few people tells of one of them what is kept, and whether anything is. So a department in which fewer than
    `FEWEST` people keep something is told only together with others (and with people without a department), and that
    sum takes in the smallest other departments until it is of so many people, else a subtraction would tell it. Where
    there are too few people for that, nothing is told of them.
    """
    with reading(records, viewer) as unit:
        whole = unit.holds(may(viewer, Role.admin, viewer.organisation_id))
        mine = set(unit.session.scalars(select(RoleGrant.department_id).where(
            RoleGrant.person_id == viewer.person_id, RoleGrant.role == Role.admin,
            RoleGrant.organisation_id == viewer.organisation_id,
        )))  # fmt: skip
        if not mine:
            raise not_there()
        alone, together = _split(_groups(unit))
    found = [group.told() for group in alone if whole or group.department_id in mine]
    return found + ([together.told()] if whole and len(together.sizes) >= FEWEST else [])


def _groups(unit: UnitOfWork) -> list[_Group]:
    """What is kept of each person of the viewer's organisation, by department."""
    files = (
        select(Assessment.person_id, func.sum(AssessmentFile.size_bytes).label("size"))
        .join(AssessmentFile, AssessmentFile.assessment_id == Assessment.id)
        .group_by(Assessment.person_id)
        .subquery()
    )
    both = func.coalesce(Recording.size_bytes, 0) + func.coalesce(Recording.side_bytes, 0)
    media = select(Recording.person_id, func.sum(both).label("size")).group_by(Recording.person_id)
    kept = media.subquery()
    query = (
        select(Person.id, Department.id, Department.name, kept.c.size, files.c.size)
        .join(kept, kept.c.person_id == Person.id)
        .outerjoin(files, files.c.person_id == Person.id)
        .outerjoin(Department, Department.id == Person.department_id)
        .where(Person.organisation_id == unit.viewer.organisation_id)
    )
    groups: dict[UUID | None, _Group] = {}
    found: Sequence[Any] = unit.session.execute(query).all()
    for person, department, name, of_media, of_files in found:
        if size := int(of_media or 0) + int(of_files or 0):
            groups.setdefault(department, _Group(department, name or "")).sizes[person] = size
    return sorted(groups.values(), key=lambda group: (group.name, str(group.department_id)))


def _split(groups: list[_Group]) -> tuple[list[_Group], _Group]:
    """Departments that are told alone, and all others as one group."""
    alone = [group for group in groups if group.department_id is not None and len(group.sizes) >= FEWEST]
    together = _Group(None, "")
    for group in groups:
        if group not in alone:
            together.sizes.update(group.sizes)
    while together.sizes and len(together.sizes) < FEWEST and alone:
        smallest = min(alone, key=lambda group: len(group.sizes))
        alone.remove(smallest)
        together.sizes.update(smallest.sizes)
    return alone, together
