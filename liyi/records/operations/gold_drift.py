"""How far somebody's ratings of gold clips lie from what people agreed on, and the tool from what it said then.

Everybody is told of their own ratings alone; of the tool all are told who rate or administer.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, select

from liyi.core.errors import LiyiError, Notice
from liyi.records.gold_tables import GoldCheck, GoldClip, GoldMove, GoldRating, GoldValue
from liyi.records.operations.gold import need_staff
from liyi.records.operations.gold_mixing import agreed_in
from liyi.records.operations.registry import operation
from liyi.records.schema import Assessment, Recording
from liyi.records.unit_of_work import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

TOTAL = "total"  # beside the criteria, what a check found of the total
_TOGETHER = timedelta(hours=12)  # ratings of one clip within it are of one sitting


@dataclass(frozen=True)
class Sitting:
    """One's rating of one clip: mean over its criteria of the rating less the agreed value, in points.

    ``low`` and ``high`` are the same means of the lowest and the highest of the ratings that were agreed on.
    """

    at: datetime
    difference: float
    low: float
    high: float
    criteria: int


@dataclass(frozen=True)
class Drift:
    """One's own ratings of gold clips: by sitting, oldest first, and the mean difference by criterion with how many."""

    sittings: tuple[Sitting, ...]
    criteria: Mapping[str, tuple[float, int]]


@dataclass(frozen=True)
class Shift:
    """What a check found of one criterion, or of the total: the mean change in points with its error (one sigma).

    ``moved`` of the ``clips`` on which there were points both times moved by more than their own error, or have points
    now or had them then and not both.
    """

    change: float | None
    error: float
    clips: int
    moved: int


@dataclass(frozen=True)
class Checked:
    """A check of the gold clips against what the tool said when people agreed on them."""

    at: datetime
    liyi_version: str
    packs: Mapping[str, str]
    measured: bool
    clips: int
    shifts: Mapping[str, Shift]

    @property
    def moved(self) -> tuple[str, ...]:
        """The criteria that moved on any clip, the total last."""
        return tuple(sorted((id for id, each in self.shifts.items() if each.moved), key=lambda id: (id == TOTAL, id)))


@operation
def gold_drift(records: Records, viewer: Viewer) -> Drift:
    """How far one's own ratings of gold clips lay from what people agreed on."""
    with reading(records, viewer) as unit:
        same = and_(GoldValue.recording_id == GoldRating.recording_id, GoldValue.criterion == GoldRating.criterion)
        query = unit.select(GoldRating, GoldRating.rater_id == viewer.person_id).join(GoldValue, same)
        ordered = query.add_columns(GoldValue).order_by(GoldRating.created_at, GoldRating.id)
        rows: Iterable[Any] = unit.session.execute(ordered)
        sittings: list[list[tuple[GoldRating, GoldValue]]] = []
        by_criterion: dict[str, list[float]] = defaultdict(list)
        for rating, value in rows:
            by_criterion[rating.criterion].append(rating.score - value.score)
            last = next((each for each in reversed(sittings) if each[0][0].recording_id == rating.recording_id), None)
            if last is not None and rating.created_at - last[0][0].created_at <= _TOGETHER:
                last.append((rating, value))
            else:
                sittings.append([(rating, value)])
        return Drift(
            tuple(_sitting(each) for each in sittings),
            {id: (fmean(found), len(found)) for id, found in sorted(by_criterion.items())},
        )


def _sitting(rated: Sequence[tuple[GoldRating, GoldValue]]) -> Sitting:
    return Sitting(
        at=rated[0][0].created_at,
        difference=fmean(rating.score - value.score for rating, value in rated),
        low=fmean(value.low - value.score for _, value in rated),
        high=fmean(value.high - value.score for _, value in rated),
        criteria=len(rated),
    )


@operation
def gold_checks(records: Records, viewer: Viewer) -> list[Checked]:
    """Every check of the unit's gold clips, oldest first, in sums over all clips."""
    with reading(records, viewer) as unit:
        need_staff(unit)
        return [checked_by(unit, row) for row in unit.all(unit.select(GoldCheck).order_by(GoldCheck.created_at))]


@operation
def gold_notices(records: Records, viewer: Viewer) -> list[Notice]:
    """What an upgrade has done to the gold clips, for who rates or administers: nothing where all is as it was."""
    with reading(records, viewer) as unit:
        need_staff(unit)
        return notices_of(unit)


def notices_of(unit: UnitOfWork) -> list[Notice]:
    """The same as `gold_notices`, within a look that holds more than this."""
    packs = pack_ids(unit)
    if not packs:
        return []
    newest = unit.all(unit.select(GoldCheck).order_by(GoldCheck.created_at.desc()).limit(1))
    version, sums = installed(packs)
    if not newest or (newest[0].liyi_version, newest[0].packs) != (version, sums):
        return [Notice("Liyi or a norm pack has changed since the gold clips were last checked: run `liyi records "
                       "gold-check` before results are used.")]  # fmt: skip
    last = checked_by(unit, newest[0])
    if not last.moved:
        return []
    return [Notice("This version moves gold clips by more than their error: {criteria} criteria (see Drift). Results "
                   "of before and after are not alike.", {"criteria": len(last.moved)})]  # fmt: skip


def pack_ids(unit: UnitOfWork) -> list[str]:
    """The norm packs by which the agreed gold clips of the viewer's unit were judged."""
    query = (
        select(Assessment.pack_id)
        .join(GoldClip, GoldClip.assessment_id == Assessment.id)
        .join(Recording, Recording.id == GoldClip.recording_id)
        .where(agreed_in(unit))
    )
    return sorted(set(unit.session.scalars(query)))


def installed(packs: Iterable[str]) -> tuple[str, dict[str, str]]:
    """The version of Liyi that is installed, and the checksums of norm packs; of one that is not here an empty one."""
    from importlib.metadata import version

    from liyi.etiquette.norms import load_pack

    found = {}
    for id in packs:
        try:
            found[id] = load_pack(id).sha256
        except LiyiError:
            found[id] = ""
    return version("liyi"), found


def checked_by(unit: UnitOfWork, row: GoldCheck) -> Checked:
    """What a check found, in sums over all clips."""
    by_criterion: dict[str, list[GoldMove]] = defaultdict(list)
    for each in unit.session.scalars(select(GoldMove).where(GoldMove.check_id == row.id)):
        by_criterion[each.criterion].append(each)
    shifts = {id: _shift(found) for id, found in by_criterion.items()}
    return Checked(row.created_at, row.liyi_version, row.packs, row.measured, row.clips, shifts)


def _shift(found: Sequence[GoldMove]) -> Shift:
    changes = [each.after - each.before for each in found if each.before is not None and each.after is not None]
    errors = [each.error for each in found if each.before is not None and each.after is not None]
    return Shift(
        change=fmean(changes) if changes else None,
        error=math.sqrt(sum(each**2 for each in errors)) / len(errors) if errors else 0.0,
        clips=len(changes),
        moved=sum(each.moved for each in found),
    )
