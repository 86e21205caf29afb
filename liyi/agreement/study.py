"""How well people agree with each other, and Liyi with people: ratings held against a table of scores.

What belongs here: who is compared with whom, over which recordings, and what was left out. Every figure stands on the
report's scale of 0 to 100 points; the statistics are in `liyi.agreement.concordance`.
"""

from __future__ import annotations

import difflib
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from liyi.agreement.concordance import UNDEFINED, Estimate, Limits, icc, limits_of_agreement, spearman, weighted_kappa
from liyi.core.errors import Fault, LiyiError, Notice
from liyi.core.words import N_
from liyi.report.findings import Mark, mark_of_score

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from liyi.agreement.concordance import IntArray
    from liyi.agreement.ratings import Rating, Ratings, Scale
    from liyi.agreement.score_table import Scored
    from liyi.core.trace import FloatArray

FEW = 10  # fewer recordings than this: every figure is shown with a caution
_BANDS = (Mark.FAULT, Mark.ATTENTION, Mark.GOOD)

Given = dict[str, float]  # rater -> points, for one recording


@dataclass(frozen=True)
class Humans:
    """People with each other, over the recordings that every one of ``raters`` rated.

    ``dropped`` counts recordings that had a rating but not from all of them, ``left_out`` names raters who share too
    few recordings with the others.
    """

    recordings: int
    raters: tuple[str, ...]
    dropped: int
    left_out: tuple[str, ...]
    single: Estimate = UNDEFINED
    mean: Estimate = UNDEFINED
    kappa: Estimate = UNDEFINED
    rank: Estimate = UNDEFINED


@dataclass(frozen=True)
class Repeats:
    """People with themselves: first and second session, over pairs of recording and rater."""

    pairs: int
    single: Estimate
    kappa: Estimate
    rank: Estimate


@dataclass(frozen=True)
class ToolHuman:
    """Liyi with the mean of the people; ``not_assessed`` recordings were rated but not scored, and are left out.

    ``tool`` and ``human`` are in points, shape (n,), in the order of ``recordings`` (ids).
    """

    recordings: tuple[str, ...]
    not_assessed: int
    tool: FloatArray
    human: FloatArray
    single: Estimate
    kappa: Estimate
    rank: Estimate
    limits: Limits


@dataclass(frozen=True)
class Agreement:
    """All that is known of one target: the total, a dimension or a criterion."""

    target: str
    humans: Humans
    repeats: Repeats | None
    tool: ToolHuman | None


@dataclass(frozen=True)
class Study:
    """Every target of one file of ratings, and what the reader must know about the data."""

    scale: Scale
    targets: tuple[Agreement, ...]
    recordings: int
    raters: int
    ratings: int
    notices: tuple[Notice, ...]


def study(ratings: Ratings, scored: Scored) -> Study:
    """Compare people with each other and with Liyi, target by target.

    Parameters
    ----------
    ratings
        What people gave.
    scored
        What Liyi gave.

    Raises
    ------
    LiyiError
        When a name means several recordings, one recording was rated twice under two names, or no rated recording is
        among the scores.
    """
    items, unscored = _by_recording(ratings.items, scored)
    given: dict[str, dict[str, dict[str, Given]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))
    for item in items:  # target -> recording -> session -> rater
        given[item.criterion][item.recording][item.session][item.rater] = item.points
    order = [target for target in scored.targets if target in given]
    order += [target for target in given if target not in scored.points]
    return Study(
        scale=ratings.scale,
        targets=tuple(_agreement(target, given[target], ratings.scale, scored) for target in order),
        recordings=len({item.recording for item in items}),
        raters=len({item.rater for item in items}),
        ratings=len(items),
        notices=_notices(ratings, scored, unscored),
    )


def band(points: float) -> int:
    """0 fault, 1 attention, 2 good: the mark that the report gives a score of so many points."""
    return _BANDS.index(mark_of_score(round(points, 6) / 100))


def _by_recording(items: Sequence[Rating], scored: Scored) -> tuple[list[Rating], list[str]]:
    """Ratings with the recording's id in place of its name, and the names of recordings without a score."""
    from dataclasses import replace

    faults: list[Fault] = []
    found: list[Rating] = []
    unscored: dict[str, None] = {}
    first: dict[tuple[str, ...], int] = {}
    for item in items:
        ids = scored.names.get(item.recording, ())
        if len(ids) > 1:
            said = N_("{name} is the name of {count} scored recordings: write the path or the key.")
            faults.append(Fault(item.line, "recording", Notice(said, {"name": item.recording, "count": len(ids)})))
            continue
        if not ids:
            unscored[item.recording] = None
        named = replace(item, recording=ids[0] if ids else item.recording)
        cell = (named.recording, named.rater, named.criterion, named.session)
        if cell in first:
            said = N_("The same recording was rated on line {first} under another name.")
            faults.append(Fault(item.line, "recording", Notice(said, {"first": first[cell]})))
        first.setdefault(cell, item.line)
        found.append(named)
    if faults:
        raise AmbiguousError(faults)
    if not {item.recording for item in found} & scored.recordings.keys():
        raise LiyiError("No rated recording is among the scores: in the column recording, write the file name, "
                        "the path, the key or the sha256 that scores.csv shows.")  # fmt: skip
    return found, list(unscored)


class AmbiguousError(LiyiError):
    """Ratings that cannot be laid beside the scores; ``faults`` names each with its line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            "The ratings do not fit the scores; mend and try again:\n{faults}",
            faults="\n".join(fault.text for fault in faults),
        )


def _notices(ratings: Ratings, scored: Scored, unscored: Sequence[str]) -> tuple[Notice, ...]:
    notices = []
    if ratings.detected:
        said = N_("The scale {scale} was told from the scores: name it with --scale if that is wrong.")
        notices.append(Notice(said, {"scale": ratings.scale.name}))
    if unscored:
        said = N_("Rated but not among the scores, so compared between people only: {count} (the first: {name}).")
        notices.append(Notice(said, {"count": len(unscored), "name": unscored[0]}))
    for target in dict.fromkeys(item.criterion for item in ratings.items):
        if target in scored.points:
            continue
        near = difflib.get_close_matches(target, scored.targets, n=1)
        said = N_("The scores have no {target}: it is compared between people only.")
        if near:
            said = N_("The scores have no {target} (did you mean {near}?): it is compared between people only.")
        notices.append(Notice(said, {"target": target, "near": "".join(near)}))
    return tuple(notices)


def _agreement(target: str, given: Mapping[str, Mapping[str, Given]], scale: Scale, scored: Scored) -> Agreement:
    first = {recording: _first_session(sessions) for recording, sessions in sorted(given.items())}
    return Agreement(
        target=target,
        humans=_humans(first, scale),
        repeats=_repeats(given, scale),
        tool=_tool(target, first, scored) if target in scored.points else None,
    )


def _first_session(sessions: Mapping[str, Given]) -> Given:
    """What each rater gave first; sessions are ordered as numbers where they are, else as text."""
    chosen: Given = {}
    for session in sorted(sessions, key=_session_order):
        for rater, points in sessions[session].items():
            chosen.setdefault(rater, points)
    return chosen


def _session_order(session: str) -> tuple[float, str]:
    try:
        return float(session), session
    except ValueError:
        return (-math.inf if not session else math.inf), session


def _humans(given: Mapping[str, Given], scale: Scale) -> Humans:
    rated = {rater: sum(rater in row for row in given.values()) for row in given.values() for rater in row}
    raters = _sharing(given, sorted(rated, key=lambda rater: (-rated[rater], rater)))
    complete = [row for row in given.values() if all(rater in row for rater in raters)]
    left_out = tuple(sorted(set(rated) - set(raters)))
    if len(raters) < 2 or len(complete) < 3:
        return Humans(len(complete) if len(raters) > 1 else 0, tuple(raters), 0, left_out)
    scores = np.array([[row[rater] for rater in raters] for row in complete])
    single, mean = icc(scores)
    return Humans(
        recordings=len(complete),
        raters=tuple(raters),
        dropped=len(given) - len(complete),
        left_out=left_out,
        single=single,
        mean=mean,
        kappa=_human_kappa(scores, scale),
        rank=spearman(scores),
    )


def _sharing(given: Mapping[str, Given], raters: Sequence[str]) -> list[str]:
    """The busiest raters, as many as keep most ratings in recordings that all of them rated."""

    def kept(count: int) -> int:
        return count * sum(all(rater in row for rater in raters[:count]) for row in given.values())

    best = max(range(2, len(raters) + 1), key=lambda count: (kept(count), count), default=len(raters))
    return sorted(raters[:best])


def _human_kappa(scores: FloatArray, scale: Scale) -> Estimate:
    """On the raters' own grades where they gave grades, else on the report's three bands."""
    if scale.grades:
        return weighted_kappa(np.rint(scores / scale.points - scale.low).astype(np.intp), scale.grades)
    return weighted_kappa(_bands(scores), len(_BANDS))


def _bands(points: FloatArray) -> IntArray:
    return np.array([[band(value) for value in row] for row in points.tolist()], dtype=np.intp)


def _repeats(given: Mapping[str, Mapping[str, Given]], scale: Scale) -> Repeats | None:
    pairs: list[tuple[float, float]] = []
    for _, sessions in sorted(given.items()):
        by_rater: dict[str, list[float]] = defaultdict(list)
        for session in sorted(sessions, key=_session_order):
            for rater, points in sessions[session].items():
                by_rater[rater].append(points)
        pairs += [(points[0], points[1]) for _, points in sorted(by_rater.items()) if len(points) > 1]
    if not pairs:
        return None
    scores = np.array(pairs)
    return Repeats(len(pairs), icc(scores)[0], _human_kappa(scores, scale), spearman(scores))


def _tool(target: str, given: Mapping[str, Given], scored: Scored) -> ToolHuman:
    known = scored.points[target]
    rated = [recording for recording in given if recording in scored.recordings]
    both = tuple(recording for recording in rated if recording in known)
    human = np.array([math.fsum(given[r].values()) / len(given[r]) for r in both])
    tool = np.array([known[r] for r in both])
    scores = np.column_stack([tool, human]) if both else np.empty((0, 2))
    return ToolHuman(
        recordings=both,
        not_assessed=len(rated) - len(both),
        tool=tool,
        human=human,
        single=icc(scores)[0],
        kappa=weighted_kappa(_bands(scores), len(_BANDS)) if both else UNDEFINED,
        rank=spearman(scores),
        limits=limits_of_agreement(tool - human),
    )
