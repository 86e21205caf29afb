"""Which drills to practise next, and why: what was weakest in the last assessments, and what is due.

Pure: the same assessments, tries and clock give the same choice. It holds for the whole day: today's tries only say
which of its drills are done.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from liyi.core.words import N_
from liyi.etiquette.drill import all_drills, drills_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from liyi.etiquette.assessment import Assessment, Verdict
    from liyi.etiquette.drill import Drill
    from liyi.records.operations.tries import Try

DAY_S = 86400.0
MANY = 3  # drills of one day: about three minutes with their results
LAST = 3  # assessments that are looked at
_MOST_WEAK = 2  # of a day's drills, as long as something else is due
# Days until a drill that was passed once, twice … in a row is due again: intervals that grow, as in spaced repetition.
_REST_DAYS = (1, 3, 7, 14, 30)
_MASTERED = 2  # passed so often in a row since the last assessment, a weakness waits for the next assessment
# At which posts a drill of a profile is practised, beside its own.
_ALSO = {"complaint": ("seated",)}

_WEAKEST = N_("Weakest in your last assessments: {criterion}")
_WEAK = N_("Among the weakest in your last assessments: {criterion}")
_FAILED = N_("Not met the last time: once more")
_DUE = N_("Last practised {days} days ago: time to refresh it")
_NEW = N_("Not practised yet")
_KEEP = N_("So that it stays easy")


@dataclass(frozen=True)
class Choice:
    """A drill, and in one sentence (with its fields) why it is proposed."""

    drill: Drill
    why: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_of_tries(self) -> bool:
        """Whether the reason is about earlier tries, so that a try of today ends it."""
        return self.why not in (_WEAK, _WEAKEST)


def fits(drill: Drill, post: str) -> bool:
    """Whether a drill is for this post: of its profile, or for the voice alone, which every post needs."""
    return drill.camera == "none" or drill.profile in (post, *_ALSO.get(post, ()))


def choose(
    found: Sequence[Assessment], tries: Iterable[Try], *, post: str, today_s: float, many: int = MANY,
    without: Collection[str] = (),
) -> tuple[Choice, ...]:  # fmt: skip
    """The drills of a day, each with its reason.

    Parameters
    ----------
    found
        Assessments of the person, newest first.
    tries
        Tries of drills of the person, newest first.
    post
        Id of the profile of the person's work.
    today_s
        When the day began, in seconds since 1970; tries since then do not change the choice.
    many
        How many.
    without
        Ids of drills that cannot be practised here.
    """
    drills = {id: drill for id, drill in all_drills().items() if fits(drill, post) and id not in without}
    past: dict[str, list[Try]] = {}
    for each in tries:
        if each.at < today_s and each.drill in drills:
            past.setdefault(each.drill, []).append(each)
    weak = _weak(found[:LAST], drills, past)
    others = [*_failed(drills, past), *_due(drills, past, today_s), *_new(drills, past, weak[:_MOST_WEAK])]
    rest = sorted((drill for drill in drills.values() if drill.id in past), key=lambda d: past[d.id][0].at)
    wanted = [*weak[:_MOST_WEAK], *others, *weak[_MOST_WEAK:], *(Choice(drill, _KEEP) for drill in rest)]
    chosen: dict[str, Choice] = {}
    for choice in wanted:
        chosen.setdefault(choice.drill.id, choice)
    return tuple(chosen.values())[:many]


def _weak(found: Sequence[Assessment], drills: Mapping[str, Drill], past: Mapping[str, list[Try]]) -> list[Choice]:
    """For what was weakest, its drill; once for each drill, the weakest first."""
    scores: dict[str, list[float]] = {}
    verdicts: dict[str, Verdict] = {}
    for assessment in found:
        for verdict in assessment.verdicts:
            if verdict.status == "assessed" and verdict.kind != "condition" and verdict.sub_score is not None:
                scores.setdefault(verdict.criterion, []).append(verdict.sub_score)
                verdicts.setdefault(verdict.criterion, verdict)
    means = {criterion: sum(each) / len(each) for criterion, each in scores.items()}
    chosen: dict[str, Choice] = {}
    for criterion in sorted((c for c in means if means[c] < 1), key=means.__getitem__):
        drill = next((drill for drill in drills_for(criterion) if drill.id in drills), None)
        if drill is None or drill.id in chosen or _mastered(past.get(drill.id, ())):
            continue
        name = verdicts[criterion].name
        fields = {"criterion": name.en or criterion, "criterion_zh": name.zh or criterion}
        chosen[drill.id] = Choice(drill, _WEAK if chosen else _WEAKEST, fields)
    return list(chosen.values())


def _mastered(tries: Sequence[Try]) -> bool:
    return len(tries) >= _MASTERED and all(each.passed for each in tries[:_MASTERED])


def _failed(drills: Mapping[str, Drill], past: Mapping[str, list[Try]]) -> list[Choice]:
    """What was not met the last time, the longest ago first."""
    missed = [id for id in drills if id in past and not past[id][0].passed]
    return [Choice(drills[id], _FAILED) for id in sorted(missed, key=lambda id: past[id][0].at)]


def _due(drills: Mapping[str, Drill], past: Mapping[str, list[Try]], today_s: float) -> list[Choice]:
    """What was met, and has rested for longer than its interval; the most overdue first."""
    late: list[tuple[float, Choice]] = []
    for id, drill in drills.items():
        if id in past and past[id][0].passed:
            passed = next((n for n, each in enumerate(past[id]) if not each.passed), len(past[id]))
            days = (today_s - past[id][0].at) / DAY_S
            interval = _REST_DAYS[min(passed, len(_REST_DAYS)) - 1]
            if days >= interval:
                late.append((days / interval, Choice(drill, _DUE, {"days": math.ceil(days)})))
    return [choice for _, choice in sorted(late, key=lambda pair: -pair[0])]


def _new(drills: Mapping[str, Drill], past: Mapping[str, list[Try]], before: Sequence[Choice]) -> list[Choice]:
    """What was never tried, in the order of the files, but of bearing, voice and both in turn."""
    counts: dict[str, int] = {}
    for choice in before:
        counts[choice.drill.module] = counts.get(choice.drill.module, 0) + 1
    left = [drill for drill in drills.values() if drill.id not in past]
    told: list[Choice] = []
    while left:
        drill = min(left, key=lambda each: counts.get(each.module, 0))
        left.remove(drill)
        counts[drill.module] = counts.get(drill.module, 0) + 1
        told.append(Choice(drill, _NEW))
    return told
