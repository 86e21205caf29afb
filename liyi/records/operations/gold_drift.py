"""How far somebody's ratings of gold clips lie from what people agreed on, and the tool from what it said then.

Everybody is told of their own ratings alone; of the tool all are told who rate or administer.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from statistics import fmean
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, select

from liyi.core.errors import LiyiError, Notice
from liyi.core.moments import month_of
from liyi.records.gold_tables import GoldCheck, GoldClip, GoldMove, GoldRating, GoldValue
from liyi.records.operations.gold import need_staff
from liyi.records.operations.gold_mixing import agreed_in
from liyi.records.operations.registry import operation
from liyi.records.schema import Assessment, Recording, now
from liyi.records.unit_of_work import reading
from liyi.records.viewer import consent_stands

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

    _Rated = tuple[GoldRating, GoldValue]

TOTAL = "total"  # beside the criteria, what a check found of the total
FEWEST_RATED = 3  # clips of which a mean is told: of one or two whoever rated them would know which they were


@dataclass(frozen=True)
class Stretch:
    """One's ratings of the clips of some whole months: mean over clips and criteria, in whole points.

    ``difference`` is the rating less the agreed value; ``low`` and ``high`` are the same means of the lowest and the
    highest of the ratings that were agreed on. ``since`` is the first day, ``until`` the first day after it.
    """

    since: datetime
    until: datetime
    difference: int
    low: int
    high: int
    clips: int


@dataclass(frozen=True)
class Drift:
    """One's own ratings of gold clips: by stretch, oldest first; by criterion the mean difference, and of how many."""

    stretches: tuple[Stretch, ...]
    criteria: Mapping[str, tuple[int, int]]


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
    """How far one's own ratings of gold clips lay from what people agreed on.

    Only in months that are over, which are joined, from the first on, until they hold `FEWEST_RATED` clips: a point
    that appeared after a rating would tell that it was of a gold clip.
    """
    with reading(records, viewer) as unit:
        same = and_(GoldValue.recording_id == GoldRating.recording_id, GoldValue.criterion == GoldRating.criterion)
        over = GoldRating.created_at < month_of(now())
        query = unit.select(GoldRating, GoldRating.rater_id == viewer.person_id, over).join(GoldValue, same)
        ordered = query.add_columns(GoldValue).order_by(GoldRating.created_at, GoldRating.id)
        rows: Iterable[Any] = unit.session.execute(ordered)
        stretches = _stretches([(rating, value) for rating, value in rows])
    by_criterion: dict[str, list[float]] = defaultdict(list)
    for rating, value in chain.from_iterable(stretches):
        by_criterion[rating.criterion].append(rating.score - value.score)
    means = {id: (round(fmean(each)), len(each)) for id, each in sorted(by_criterion.items())}
    told = {id: mean for id, mean in means.items() if mean[1] >= FEWEST_RATED}
    return Drift(tuple(_stretch(each) for each in stretches), told)


def _stretches(rated: Sequence[_Rated]) -> list[list[_Rated]]:
    """Ratings in the order of time by stretches of whole months with enough clips; what is left over is not told."""
    found: list[list[_Rated]] = []
    open_: list[_Rated] = []
    for each in rated:
        if open_ and month_of(open_[-1][0].created_at) != month_of(each[0].created_at) and _has_enough(open_):
            found.append(open_)
            open_ = []
        open_.append(each)
    return [*found, open_] if _has_enough(open_) else found


def _has_enough(rated: Sequence[_Rated]) -> bool:
    return len({rating.recording_id for rating, _ in rated}) >= FEWEST_RATED


def _stretch(rated: Sequence[_Rated]) -> Stretch:
    clips: dict[UUID, list[_Rated]] = defaultdict(list)
    for each in rated:
        clips[each[0].recording_id].append(each)

    def mean(of: Callable[[GoldRating, GoldValue], float]) -> int:
        return round(fmean(fmean(of(*each) for each in clip) for clip in clips.values()))

    return Stretch(
        since=month_of(rated[0][0].created_at),
        until=month_of(month_of(rated[-1][0].created_at) + timedelta(days=32)),
        difference=mean(lambda rating, value: rating.score - value.score),
        low=mean(lambda _, value: value.low - value.score),
        high=mean(lambda _, value: value.high - value.score),
        clips=len(clips),
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
    shown = select(Recording.id).where(
        Recording.submitted_at.is_not(None), Recording.deleted_at.is_(None), consent_stands()
    )
    kept = select(GoldMove).where(GoldMove.check_id == row.id, GoldMove.recording_id.in_(shown))
    for each in unit.session.scalars(kept):
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
