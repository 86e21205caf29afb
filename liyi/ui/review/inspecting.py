"""What the inspector lists: the tool's findings in the order in which a person should look at them, with decisions.

What belongs here: from an assessment and what people have decided to what the browser half draws. A finding is one
moment where each counts by itself (faults, what is undecided), else the whole criterion with its moments.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from liyi.core import words
from liyi.core.trace import Interval
from liyi.core.words import N_, translate
from liyi.etiquette.aggregate import TOLERABLE
from liyi.etiquette.pack import RATED
from liyi.etiquette.performance import measures
from liyi.records.review_schema import Decision
from liyi.report import findings
from liyi.report.findings import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from uuid import UUID

    from liyi.etiquette.assessment import Assessment, Evidence, Verdict
    from liyi.records.operations.appeals import Appeal
    from liyi.records.review_schema import Confirmation

MOST_MOMENTS = 8  # of a criterion, each decided by itself; more are decided together

_RED_LINE, _UNDECIDED, _FAULT, _ATTENTION, _REST = range(5)

DECIDED: Mapping[Decision, tuple[str, str]] = {
    Decision.confirmed: ("✓", N_("Confirmed")),
    Decision.rejected: ("✗", N_("Rejected")),
    Decision.changed: ("✎", N_("Changed")),
    Decision.added: ("＋", N_("Added")),
}
# Sub-scores in words, as far apart as their marks; None is not assessed.
STEPS: tuple[tuple[Mark, float | None], ...] = (
    (Mark.GOOD, 1.0), (Mark.ATTENTION, (1 + TOLERABLE) / 2), (Mark.FAULT, TOLERABLE / 2), (Mark.OPEN, None),
)  # fmt: skip

# Steps of a blind rating, 0..100.
RATINGS = ((N_("very good"), 100), (N_("good"), 75), (N_("acceptable"), 50), (N_("weak"), 25), (N_("very weak"), 0))


@dataclass(frozen=True)
class Item:
    """One finding to look at.

    Attributes
    ----------
    verdict
        Whose.
    moment
        What is decided; None for the whole criterion.
    clips
        The moments that prove it, in time order.
    rank
        The lower, the earlier it is looked at.
    label
        What was heard there; empty for what was seen.
    """

    verdict: Verdict
    moment: Interval | None
    clips: tuple[Interval, ...]
    rank: int
    label: str = ""

    @property
    def key(self) -> str:
        """Its name on the page: the criterion, and the moment if it is about one."""
        return key_of(self.verdict.criterion, self.moment)


def key_of(criterion: str, moment: Interval | None) -> str:
    """Name of a criterion, or of a moment of it."""
    return criterion if moment is None else f"{criterion}@{moment.start_s:.3f}-{moment.end_s:.3f}"


def items(assessment: Assessment) -> tuple[Item, ...]:
    """The findings of an assessment: red lines and what is undecided first, then faults, then all other criteria."""
    lines = {id for cap in assessment.caps if cap.status == "needs_review" for id in cap.criteria}
    found = [item for verdict in assessment.verdicts for item in _items_of(verdict, verdict.criterion in lines)]
    return tuple(sorted(found, key=lambda item: (item.rank, item.clips[0].start_s if item.clips else math.inf)))


def _items_of(verdict: Verdict, red_line: bool) -> list[Item]:
    undecided = _RED_LINE if red_line else _UNDECIDED
    mark = findings.mark_of(verdict)
    sure = {Mark.FAULT: _FAULT, Mark.ATTENTION: _ATTENTION, Mark.REVIEW: undecided}.get(mark, _REST)
    waiting = _alone(verdict, verdict.undecided, undecided)
    single = verdict.kind == "fault" and sure in (_FAULT, _ATTENTION)
    certain = _alone(verdict, verdict.evidence, sure) if single else None
    if waiting and certain is None and (sure == undecided or not verdict.evidence):
        return waiting  # all there is to it waits for a person
    whole = Item(verdict, None, _clips((*verdict.evidence, *(() if waiting else verdict.undecided))), sure)
    return [*(waiting or ()), *(certain or (whole,))]


def _alone(verdict: Verdict, moments: Sequence[Evidence], rank: int) -> list[Item] | None:
    """Each moment as a finding of its own; None where there are none, or too many."""
    if not 0 < len(moments) <= MOST_MOMENTS:
        return None
    heard = not measures()[verdict.measure].by_picture if verdict.measure in measures() else False
    return [Item(verdict, Interval(e.start_s, e.end_s), _clips((e,)), rank, e.label if heard else "") for e in moments]


def _clips(moments: Iterable[Evidence]) -> tuple[Interval, ...]:
    return tuple(sorted({Interval(e.start_s, e.end_s) for e in moments}, key=lambda i: (i.start_s, i.end_s)))


def moment_of(row: Confirmation) -> Interval | None:
    """The moment that a decision is about."""
    return None if row.start_s is None or row.end_s is None else Interval(row.start_s, row.end_s)


@dataclass(frozen=True)
class Decided:
    """Decisions as the page shows them.

    Attributes
    ----------
    rows
        Oldest first; of one criterion and moment the last counts.
    authors
        Names by id.
    own
        Who looks: only their own can be taken back.
    sent
        Ids of decisions that stay: they were sent, or came of the answer to an appeal.
    """

    rows: Sequence[Confirmation]
    authors: Mapping[UUID, str]
    own: UUID
    sent: frozenset[UUID] = frozenset()

    def on(self, criterion: str, moment: Interval | None) -> Confirmation | None:
        """The decision that counts: the last on this moment, or on the whole criterion, as every change is."""
        for row in reversed(self.rows):
            whole = row.decision == Decision.changed or moment_of(row) is None
            if row.criterion == criterion and (whole or _same(moment_of(row), moment)):
                return row
        return None

    def counts(self) -> dict[str, int]:
        """How many decisions of each kind count."""
        last = {(row.criterion, moment_of(row)): row.decision for row in self.rows}
        return {each.value: sum(decision == each for decision in last.values()) for each in Decision}

    def shown(self, row: Confirmation, lang: str) -> dict[str, Any]:
        """One decision in words."""
        shape, word = DECIDED[row.decision]
        return {
            "id": str(row.id),
            "shape": shape,
            "word": translate(word, lang),
            "text": score_text(row.new, lang) if row.decision == Decision.changed else "",
            "why": row.why,
            "author": self.authors.get(row.author_id) or translate("another reviewer", lang),
            "back": row.author_id == self.own and row.id not in self.sent,
        }


def _same(one: Interval | None, other: Interval | None) -> bool:
    return one is other or (one is not None and other is not None and one.is_same(other))


def score_text(score: float | None, lang: str) -> str:
    """A sub-score of 0..1 in words, with its number."""
    if score is None:
        return Mark.OPEN.word(lang)
    return f"{_mark_of(score).word(lang)} {words.number(100 * score, 0)}"


def _mark_of(score: float) -> Mark:
    return Mark.GOOD if score >= 1 else Mark.ATTENTION if score >= TOLERABLE else Mark.FAULT


def listed(assessment: Assessment, decided: Decided, lang: str) -> list[dict[str, Any]]:
    """Findings and what people have added, as the browser half draws them."""
    found = items(assessment)
    names = {verdict.criterion: verdict for verdict in assessment.verdicts}
    known = {item.key for item in found}
    added = {key_of(row.criterion, moment_of(row)): row for row in decided.rows if row.decision == Decision.added}
    by_hand = [_added(row, names, decided, lang) for key, row in added.items() if key not in known]
    return [*(_shown(item, decided, lang) for item in found), *by_hand]


def _shown(item: Item, decided: Decided, lang: str) -> dict[str, Any]:
    verdict = item.verdict
    value, typical = findings.measured_texts(verdict, lang)
    needs = item.rank in (_RED_LINE, _UNDECIDED)
    row = decided.on(verdict.criterion, item.moment)
    mark = Mark.REVIEW if needs else findings.mark_of(verdict)
    told = " · ".join(part for part in (value, typical) if part and part != "–")
    reason = words.explain_reason(verdict.reason, lang) if verdict.status != "assessed" else ""
    band = findings.band_text(verdict, lang)
    advice = words.pick(verdict.advice, lang)
    return {
        "key": item.key,
        "criterion": verdict.criterion,
        "name": _name(verdict, item.label, lang),
        "mark": _mark(mark, lang) if row is None or mark is not Mark.REVIEW else _decided_mark(row.decision, lang),
        "value": told,
        "band": words.labelled(translate("Good band", lang), band, lang) if band else "",
        "advice": "" if mark is Mark.GOOD else advice,
        "reason": "" if reason in told else reason,
        "clips": [_clip(clip) for clip in item.clips],
        "moment": None if item.moment is None else [item.moment.start_s, item.moment.end_s],
        "needs": needs,
        "veto": item.rank == _RED_LINE,
        "rest": item.rank == _REST,
        "added": False,
        "decision": None if row is None else decided.shown(row, lang),
        "phrases": [advice] if advice and mark is not Mark.GOOD else [],
        "appeal": None,
    }


def _added(row: Confirmation, names: Mapping[str, Verdict], decided: Decided, lang: str) -> dict[str, Any]:
    verdict, moment = names.get(row.criterion), moment_of(row)
    return {
        "key": key_of(row.criterion, moment),
        "criterion": row.criterion,
        "name": _name(verdict, "", lang) if verdict else row.criterion,
        "mark": _mark(Mark.ATTENTION, lang),
        "value": "", "band": "", "advice": "", "reason": "",
        "clips": [_clip(moment)] if moment else [],
        "moment": [moment.start_s, moment.end_s] if moment else None,
        "needs": False, "veto": False, "rest": False, "added": True,
        "decision": decided.shown(row, lang),
        "phrases": [],
        "appeal": None,
    }  # fmt: skip


def _name(verdict: Verdict, label: str, lang: str) -> str:
    name = findings.name_of(verdict, lang)
    return f"{name} {translate('“{phrase}”', lang, phrase=label)}" if label else name


def _mark(mark: Mark, lang: str) -> dict[str, str]:
    return {"shape": mark.shape, "style": mark.style, "word": mark.word(lang)}


def _decided_mark(decision: Decision, lang: str) -> dict[str, str]:
    """In place of *needs review* once somebody has decided."""
    shape, word = DECIDED[decision]
    return {"shape": shape, "style": "soft", "word": translate(word, lang)}


def _clip(clip: Interval) -> list[Any]:
    return [clip.start_s, clip.end_s, words.span(clip.start_s, clip.end_s)]


def clip_at(at_s: float) -> list[Any]:
    """The moment of a comment."""
    return [at_s, at_s, words.clock(at_s)]


def item_of(found: Iterable[dict[str, Any]], appeal: Appeal) -> dict[str, Any] | None:
    """The finding against which an appeal is; that of the whole criterion where the moment is none of its own."""
    own = [item for item in found if item["criterion"] == appeal.criterion]
    moment = None if appeal.start_s is None or appeal.end_s is None else Interval(appeal.start_s, appeal.end_s)
    exact = [item for item in own if _same(Interval(*item["moment"]) if item["moment"] else None, moment)]
    return next(iter([*exact, *own]), None)


def rated(assessment: Assessment, lang: str, asked: Sequence[str] = ()) -> list[dict[str, str]]:
    """The criteria that a person rates by looking and listening alone: nothing of what the tool found in them.

    Parameters
    ----------
    assessment, lang
        Of what, in which language.
    asked
        Ids of those that the norm pack asks for; those of them that can be seen or heard. Without, or where none can,
        the `RATED` that weigh most, in the order of the pack.
    """
    camera = assessment.recording.camera
    shown = [each for each in assessment.verdicts if each.kind != "condition" and _can_show(each.measure, camera)]
    chosen = [each for each in shown if each.criterion in asked]
    if not chosen:
        shares = shares_of(assessment)
        weighed = [each for each in shown if shares[each.criterion] > 0] or shown
        heaviest = sorted(weighed, key=lambda each: -shares[each.criterion])[:RATED]
        chosen = [each for each in shown if each in heaviest]
    return [
        {
            "id": verdict.criterion,
            "name": findings.name_of(verdict, lang),
            "dimension": findings.dimension_name(assessment, verdict.dimension, lang),
        }
        for verdict in chosen
    ]


def shares_of(assessment: Assessment) -> dict[str, float]:
    """By criterion what it counts for in the total: its part of its dimension's weight, where dimensions have any."""
    within: dict[str, float] = defaultdict(float)
    for each in assessment.verdicts:
        within[each.dimension] += each.weight
    dimensions = {id: each.weight for id, each in assessment.dimensions.items() if each.weight > 0}
    return {
        each.criterion: dimensions.get(each.dimension, 0.0) * each.weight / (within[each.dimension] or 1.0)
        if dimensions else each.weight for each in assessment.verdicts
    }  # fmt: skip


def _can_show(measure: str, camera: str) -> bool:
    known = measures().get(measure)
    views = {"front", "side"} if camera == "both" else {camera}
    return known is not None and (not known.by_picture or bool(views & known.cameras))


def criteria(assessment: Assessment, lang: str) -> list[dict[str, str]]:
    """The criteria of which a person can add a finding."""
    return [
        {"id": verdict.criterion, "name": findings.name_of(verdict, lang)}
        for verdict in assessment.verdicts
        if verdict.kind != "condition"
    ]
