"""What the viewer's own assessments and tries say over time: the criteria of one scene, each with all its attempts.

Only one's own, and only against oneself. Nothing here writes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from liyi.core.errors import LiyiError
from liyi.etiquette.change import Change, Reading, behind, change, comparable, reading_by, reading_of
from liyi.etiquette.drill import all_drills
from liyi.etiquette.norms import load_pack
from liyi.records import demo
from liyi.records.operations import people as persons
from liyi.records.operations import tries
from liyi.report.findings import Mark, mark_of
from liyi.ui import entries, outcomes, people, sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo

    from liyi.core.bilingual import Bilingual
    from liyi.etiquette.assessment import Assessment, Verdict
    from liyi.etiquette.pack import NormPack
    from liyi.records.operations.tries import Try
    from liyi.ui.entries import Entry

MOST = 60  # recordings that are looked at

Source = Literal["assessment", "drill"]


@dataclass(frozen=True)
class Judged:
    """A recording of one's own with what its newest assessment says."""

    entry: Entry
    assessment: Assessment


@dataclass(frozen=True)
class Point:
    """One attempt at a criterion, ``at`` in seconds since 1970; ``reading`` is None where nothing was assessed.

    Of a share of time it is the quantity behind it, which people know and drills measure: degrees, not percent.
    ``verdict`` and ``of`` are there for an assessment, and not for a drill.
    """

    at: float
    source: Source
    reading: Reading | None
    mark: Mark | None = None
    verdict: Verdict | None = None
    of: Judged | None = None


@dataclass(frozen=True)
class Series:
    """All attempts at a criterion, oldest first; ``low`` and ``high`` are the edges of its good band as it is now."""

    criterion: str
    name: Bilingual
    dimension: str
    unit: str
    low: float
    high: float
    points: tuple[Point, ...]

    @property
    def assessed(self) -> tuple[Point, ...]:
        """Attempts of recordings of which something was assessed."""
        return tuple(each for each in self.points if each.source == "assessment" and each.reading is not None)


def own(*, size: int = MOST) -> tuple[Judged, ...]:
    """The newest recordings that were assessed, newest first; without samples, which are what made-up people have.

    Photos are left out, which are no attempts, and those whose files are missing or damaged: their reports say so.
    """
    found = []
    samples = frozenset[str]() if demo.is_demo(people.records().folder) else sample.digests()
    for entry in entries.assessed(size=size):
        try:
            judged = outcomes.judged(entry)
        except (OSError, ValueError, LiyiError):  # its report says so
            continue
        if not judged.is_photo and judged.recording.sha256 not in samples:
            found.append(Judged(entry, judged))
    return tuple(found)


def own_tries(drill: str | None = None, newest: int | None = None) -> tuple[Try, ...]:
    """Tries of drills, newest first; a text that was read aloud before a rehearsal is none."""
    found = tries.mine(people.records(), people.viewer(), drill, newest)
    return tuple(each for each in found if not each.drill.startswith(tries.READING))


def post() -> str | None:
    """The profile of the viewer's work; None until it was chosen."""
    who = people.viewer()
    return persons.person(people.records(), who, who.person_id).post


def choose_post(profile: str) -> None:
    """Keep the profile of the viewer's work."""
    persons.choose_post(people.records(), people.viewer(), profile)


def scenes(found: Sequence[Judged]) -> list[tuple[Judged, ...]]:
    """Assessments that ask for the same, together; the scene of the newest one first."""
    groups: list[list[Judged]] = []
    for each in found:
        group = next((g for g in groups if comparable(g[0].assessment, each.assessment)), None)
        if group is None:
            groups.append([each])
        else:
            group.append(each)
    return [tuple(group) for group in groups]


def series(scene: Sequence[Judged], practised: Iterable[Try] = ()) -> tuple[Series, ...]:
    """Every criterion of a scene, in the order of its newest assessment, with its attempts.

    Parameters
    ----------
    scene
        Assessments that ask for the same, newest first.
    practised
        Tries of drills; those count that were judged by the same criterion with the same band.
    """
    newest = scene[0].assessment
    drilled = _drilled(newest.pack.id, practised)
    found = []
    for verdict in newest.verdicts:
        if verdict.kind == "condition":
            continue
        points = [_point(each, verdict.criterion) for each in scene]
        points += drilled.get(verdict.criterion, [])
        known = [each for each in points if each is not None]
        frame = next((each.reading for each in sorted(known, key=lambda p: -p.at) if each.reading is not None), None)
        unit = frame.unit if frame else verdict.unit
        kept = tuple(sorted((each for each in known if each.reading is None or each.reading.unit == unit),
                            key=lambda each: each.at))  # fmt: skip
        low, high = (frame.low, frame.high) if frame else (float("-inf"), float("inf"))
        found.append(Series(verdict.criterion, verdict.name, verdict.dimension, unit, low, high, kept))
    return tuple(found)


def since_first(one: Series) -> Change | None:
    """What changed from the first recording that was assessed to the last; None with fewer than two."""
    return _change(one.assessed, 0)


def since_last(one: Series) -> Change | None:
    """What changed from the recording before the last to the last; None with fewer than two."""
    return _change(one.assessed, -2)


def is_telling(one: Series) -> bool:
    """Whether there is something to see: a change, what is not good or not assessed by now, or a drill."""
    newest = one.points[-1]
    good = newest.reading is not None and newest.mark is Mark.GOOD
    return since_first(one) in ("better", "worse") or not good


def days(moments: Iterable[float], zone: tzinfo, *, now_s: float | None = None) -> tuple[int, int]:
    """On how many days in a row until now something was practised, and on how many of the last seven.

    Parameters
    ----------
    moments
        When something was practised, in seconds since 1970.
    zone
        Whose days count.
    now_s
        In seconds since 1970. A day that is not over yet ends no row.
    """
    today = datetime.fromtimestamp(time.time() if now_s is None else now_s, zone).date()
    practised = {datetime.fromtimestamp(moment, zone).date() for moment in moments}
    day = today if today in practised else today - timedelta(days=1)
    row = 0
    while day in practised:
        row += 1
        day -= timedelta(days=1)
    return row, sum(today - timedelta(days=n) in practised for n in range(7))


def start_of_day(zone: tzinfo, *, now_s: float | None = None) -> float:
    """When the day began where the user is, in seconds since 1970."""
    now = datetime.fromtimestamp(time.time() if now_s is None else now_s, zone)
    return now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def _change(known: Sequence[Point], before: int) -> Change | None:
    """What changed from one of several attempts to the last."""
    if len(known) < 2:
        return None
    first, last = known[before].verdict, known[-1].verdict
    return change(first, last) if first is not None and last is not None else None


def _point(of: Judged, criterion: str) -> Point | None:
    verdict = next((each for each in of.assessment.verdicts if each.criterion == criterion), None)
    if verdict is None:
        return None
    return Point(
        of.entry.created_at, "assessment", behind(verdict) or reading_of(verdict), mark_of(verdict), verdict, of
    )


def _drilled(pack_id: str, practised: Iterable[Try]) -> dict[str, list[Point]]:
    """Tries as points of the criteria by which they were judged, where the drill kept the pack's band."""
    pack = _pack(pack_id)
    drills = all_drills()
    points: dict[str, list[Point]] = {}
    for each in practised:
        drill = drills.get(each.drill)
        if pack is None or drill is None or drill.pack != pack_id:
            continue
        for result in each.results:
            if result.criterion in drill.bands or result.criterion not in pack.criteria:
                continue
            reading = reading_by(pack.criteria[result.criterion], result.value, result.error, result.unit)
            if reading is not None:
                points.setdefault(result.criterion, []).append(Point(each.at, "drill", reading))
    return points


def _pack(pack_id: str) -> NormPack | None:
    try:
        return load_pack(pack_id)
    except LiyiError:  # not here any more
        return None
