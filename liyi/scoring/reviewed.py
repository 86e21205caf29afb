"""The total with what people decided on findings, beside the tool's; both stay.

What belongs here: which decisions stand, what they do to signals and verdicts, and the same judge that judged first.
Nothing is measured again, and nothing is added up here: signals come from the stored measures, the rest from the judge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from liyi.core.errors import LiyiError
from liyi.core.reasons import Reason
from liyi.core.trace import Event, Events, Interval, Trace
from liyi.etiquette.aggregate import TOLERABLE, value_at
from liyi.etiquette.assess import circumstances_of, signals_of
from liyi.etiquette.calibration import checked
from liyi.etiquette.judge import judge_criteria, weigh
from liyi.etiquette.performance import measures
from liyi.etiquette.red_lines import CONFIRMED
from liyi.scoring.confirming import Answer, Said, about_sound, answers_in, informed, settled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from liyi.core.trace import Signal
    from liyi.etiquette.assessment import Assessment, CapFound, Deduction, DimensionScore, NeedMissing, Verdict
    from liyi.etiquette.judge import Circumstances
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.performance import Performance


_NOT_ASSESSED: Mapping[str, Any] = {
    "status": "not_assessed", "reason": Reason.REJECTED, "value": None, "error": None, "sub_score": None,
    "score_error": None, "evidence": (), "undecided": (), "typical": None, "outside": None, "side": "",
}  # fmt: skip


class Confirmed(Protocol):
    """What somebody decided on a finding, as `liyi.records.review_schema.Confirmation` keeps it."""

    @property
    def criterion(self) -> str:
        """Whose finding."""

    @property
    def decision(self) -> str:
        """``confirmed``, ``rejected``, ``changed`` or ``added``."""

    @property
    def start_s(self) -> float | None:
        """Start of the moment in seconds; None for the whole criterion."""

    @property
    def end_s(self) -> float | None:
        """End of the moment in seconds."""

    @property
    def new(self) -> float | None:
        """Of ``changed``: the sub-score 0..1, None for not assessed."""


@dataclass(frozen=True)
class Measured:
    """What judging a recording again needs of its measures: of 20 minutes some MB.

    ``signals`` are those that one norm pack takes; ``heard`` is the performance without its picture, of which phrases
    are taken anew when a person has decided on them; ``circumstances`` are without exemptions.
    """

    heard: Performance
    signals: Mapping[str, Signal]
    circumstances: Circumstances


@dataclass(frozen=True)
class Reviewed:
    """What an assessment comes to with what people decided.

    A verdict that was changed keeps the measured value beside its new sub-score. ``waiting``: criteria on which a
    person still has to decide something. ``uncounted``: decisions that change no number (what was added to a quantity
    over time, or to a criterion of which nothing could be watched): such a criterion is ``changed`` instead.
    """

    total: float | None
    total_error: float | None
    dimensions: Mapping[str, DimensionScore]
    caps: tuple[CapFound, ...]
    verdicts: tuple[Verdict, ...]
    deductions: tuple[Deduction, ...]
    coverage: float
    needs_missing: tuple[NeedMissing, ...] = ()
    waiting: tuple[str, ...] = ()
    uncounted: tuple[Confirmed, ...] = ()


def as_decided(assessment: Assessment, found: Reviewed) -> Assessment:
    """The assessment as it is with what people decided; what the tool found stands in the one that was given."""
    names = ("total", "total_error", "dimensions", "caps", "verdicts", "deductions", "coverage", "needs_missing")
    return assessment.model_copy(update={name: getattr(found, name) for name in names})


def measured(measures: Path, pack: NormPack) -> Measured:
    """Read the stored measures of a recording and take the pack's signals of them (a second for some minutes).

    Raises
    ------
    LiyiError
        When they are not there or damaged.
    """
    from liyi.etiquette.store import load_performance

    performance = checked(load_performance(measures), pack)
    answers = answers_in(performance.options)
    signals = settled(signals_of(informed(performance, pack, answers), pack), pack, answers)
    return Measured(replace(performance, body=None, side=None), signals, circumstances_of(performance, []))


def standing(confirmations: Sequence[Confirmed]) -> tuple[Confirmed, ...]:
    """Of one criterion and moment the last one; ``changed`` is on the whole criterion, whatever moment it names.

    A decision on the whole criterion takes the place of those on its moments before it, as the inspector shows them;
    what was added stays unless the criterion is rejected.
    """
    kept: list[Confirmed] = []
    for each in reversed(confirmations):
        if not any(_same(each, other) or _is_within(each, other) for other in kept):
            kept.append(each)
    return tuple(reversed(kept))


def reviewed(
    assessment: Assessment,
    pack: NormPack,
    confirmations: Sequence[Confirmed],
    kept: Measured | None = None,
) -> Reviewed:
    """Judge an assessment again with what people decided on its findings.

    A rejected moment did not happen, or cannot be judged where it is a stretch of a quantity over time; a rejected
    criterion has no findings, and where it is a quality it is not assessed. A confirmed moment happened: undecided
    moments count then, and a red line that waits for a person holds. A changed criterion has the new sub-score, without
    error; a fault the points of the value that has this score. An added moment is one more event. What is said of a
    moment holds for every criterion that judges the same measure. A hint of the pack never scores unless it is changed;
    conditions of the recording are not decided on.

    Parameters
    ----------
    assessment
        As it was filed; a criterion that no decision touches keeps its verdict.
    pack
        The norm pack that it was judged by.
    confirmations
        Oldest first, as `liyi.records.operations.confirmations.confirmations` gives them.
    kept
        What `measured` gave of the recording; needed as soon as there is a decision.

    Raises
    ------
    LiyiError
        When the pack is not the one that judged.
    """
    judged = {v.criterion for v in assessment.verdicts if v.kind != "condition"}
    decisions = standing([each for each in confirmations if each.criterion in judged])
    if not decisions:
        return _unchanged(assessment)
    if pack.ref != assessment.pack:
        raise LiyiError(
            "{name} was assessed by {pack} {version}, which has changed since: assess it again before its findings are "
            "decided on.",
            name=assessment.recording.name,
            pack=assessment.pack.id,
            version=assessment.pack.version,
        )
    if kept is None:
        raise ValueError("decisions are judged from the stored measures")
    judging = _Judging(assessment, pack, kept)
    return judging.with_decisions(decisions)


@dataclass(frozen=True)
class _Judging:
    """One assessment judged once more."""

    assessment: Assessment
    pack: NormPack
    kept: Measured

    @property
    def circumstances(self) -> Circumstances:
        """Those of the recording, with the exemptions by which it was judged."""
        return replace(self.kept.circumstances, exemptions=self.assessment.options.get("exemptions", []))

    def with_decisions(self, decisions: Sequence[Confirmed]) -> Reviewed:
        """Judge with what people decided: of single moments by the signals, of whole criteria by their verdicts."""
        signals, uncounted = self._decided_signals(decisions)
        verdicts = self._verdicts(signals)
        counted, shown = list(verdicts), list(verdicts)
        for at, verdict in enumerate(verdicts):
            last = _of_criterion(decisions, verdict.criterion)
            if last is not None and last.decision != "confirmed":
                counted[at], shown[at], signals[verdict.criterion] = self._replaced(
                    verdict, last, signals[verdict.criterion]
                )
        found = weigh(tuple(counted), signals, self.pack, self.assessment.profile, self.circumstances)
        return Reviewed(
            total=found.total,
            total_error=found.total_error,
            dimensions=found.dimensions,
            caps=found.caps,
            verdicts=tuple(shown),
            deductions=found.deductions,
            coverage=found.coverage,
            needs_missing=found.needs_missing,
            waiting=_waiting(shown, found.caps, decisions),
            uncounted=uncounted,
        )

    def _verdicts(self, signals: Mapping[str, Signal]) -> list[Verdict]:
        """Those of the assessment, but for what the decisions made of them."""
        profile, about = self.assessment.profile, self.circumstances
        criteria = [v.criterion for v in self.assessment.verdicts]
        before = judge_criteria(criteria, self.kept.signals, self.pack, profile, about)
        after = judge_criteria(criteria, signals, self.pack, profile, about)
        stored = {v.criterion: v for v in self.assessment.verdicts}
        return [stored[b.criterion] if a == b else a for b, a in zip(before, after, strict=True)]

    def _decided_signals(self, decisions: Sequence[Confirmed]) -> tuple[dict[str, Signal], tuple[Confirmed, ...]]:
        base = self.kept.signals
        answers = [answer for each in decisions for answer in self._answers(each, decisions)]
        before = answers_in(self.kept.heard.options)
        signals = dict(base) | self._heard_anew((*before, *answers))
        for answer in answers:
            signals = self._answered(signals, answer)
        uncounted = []
        for each in decisions:
            if each.decision == "added" and not self._add(signals, each):
                uncounted.append(each)
        return signals, tuple(uncounted)

    def _heard_anew(self, answers: Sequence[Answer]) -> dict[str, Signal]:
        """Signals of what was heard, where an answer is to a phrase that was heard unsurely: other words count then."""
        heard = about_sound(self.pack, answers)
        unsure = [event for id, signal in self.kept.signals.items() if id in self._spoken and
                  not isinstance(signal, Trace) for event in signal.undecided]  # fmt: skip
        if not any(answer.moment.is_same(event) for answer in heard for event in unsure):
            return {}
        performance = informed(self.kept.heard, self.pack, answers)
        return settled(signals_of(performance, self.pack, self._spoken), self.pack, answers)

    @property
    def _spoken(self) -> frozenset[str]:
        """Criteria that judge which phrases were said."""
        return frozenset(id for id, c in self.pack.criteria.items() if "phrases" in measures()[c.measure].params)

    def _answers(self, each: Confirmed, decisions: Sequence[Confirmed]) -> Iterator[Answer]:
        """A decision as answers about moments: its own, or all of the criterion that are not decided by themselves."""
        if each.decision not in ("confirmed", "rejected"):
            return
        said: Said = "yes" if each.decision == "confirmed" else "no"
        moment = _moment(each)
        if moment is not None:
            yield Answer(each.criterion, moment.start_s, moment.end_s, said)
            return
        by_itself = [own for other in decisions if other.criterion == each.criterion and (own := _moment(other))]
        for event in self._moments(each.criterion, said):
            if not any(own.is_same(event) for own in by_itself):
                yield Answer(each.criterion, event.start_s, event.end_s, said)

    def _moments(self, criterion: str, said: Said) -> tuple[Event, ...]:
        """Moments that a decision on a whole criterion is about.

        Who confirms a verdict that the tool gave confirms what it rests on: what was too little to matter stays
        undecided. Who rejects a quality that waits rejects what it waits for.
        """
        signal = self.kept.signals.get(criterion)
        if signal is None or isinstance(signal, Trace):
            return ()
        sure = signal.items if isinstance(signal, Events) and not (said == "no" and self._hangs(criterion)) else ()
        return (*sure, *(signal.undecided if said == "no" or self._waits(criterion) else ()))

    def _waits(self, criterion: str) -> bool:
        """Whether the tool left the criterion, or a red line on it, to a person."""
        lines = {id for cap in self.assessment.caps if cap.status == "needs_review" for id in cap.criteria}
        return criterion in lines or self._verdict(criterion).status == "needs_review"

    def _hangs(self, criterion: str) -> bool:
        """Whether the criterion is a quality that waits for what may have happened beside what did."""
        verdict = self._verdict(criterion)
        return verdict.status == "needs_review" and verdict.reason == Reason.UNDECIDED and verdict.kind == "quality"

    def _verdict(self, criterion: str) -> Verdict:
        return next(v for v in self.assessment.verdicts if v.criterion == criterion)

    def _answered(self, signals: dict[str, Signal], answer: Answer) -> dict[str, Signal]:
        """Undecided moments as `settled` has it; beside them those that the tool was sure of, and stretches."""
        done = settled(signals, self.pack, [answer])
        known = self.pack.criteria.get(answer.criterion)
        for id, signal in done.items():
            other = self.pack.criteria.get(id)
            if known is None or other is None or other.measure != known.measure:
                continue
            if isinstance(signal, Events):
                done[id] = _certain(signal, answer)
            elif isinstance(signal, Trace) and answer.said == "no":
                done[id] = replace(signal, value=np.where(answer.moment.covers(signal.t), np.nan, signal.value),
                                   reason=signal.reason or Reason.REJECTED)  # fmt: skip
        return done

    def _add(self, signals: dict[str, Signal], added: Confirmed) -> bool:
        """Add an event to what was seen or heard, unless one is there; whether it counts."""
        known = self.pack.criteria.get(added.criterion)
        moment = _moment(added)
        counts = False
        for id, signal in signals.items():
            other = self.pack.criteria.get(id)
            if known is None or other is None or moment is None or other.measure != known.measure:
                continue
            if isinstance(signal, Events) and signal.watched_s > 0:
                signals[id] = _with_event(signal, moment)
                counts = counts or (id == added.criterion and not other.attribute)
        return counts

    def _replaced(self, verdict: Verdict, last: Confirmed, signal: Signal) -> tuple[Verdict, Verdict, Signal]:
        """A verdict as it counts and as it is shown, and its signal, after a decision on the whole criterion."""
        criterion = self.pack.criteria[verdict.criterion]
        if last.decision == "rejected":
            happened = isinstance(signal, Events) and criterion.kind == "fault"
            if happened or self._hangs(verdict.criterion):  # its moments are gone already, and it was judged without
                return verdict, verdict, signal
        if last.new is None:  # of what is rejected, too
            gone = verdict.model_copy(update=_NOT_ASSESSED)
            return gone, gone, signal
        low = verdict.side == "low" and criterion.kind != "fault"
        implied = value_at(last.new, criterion, "low" if low else "high")
        shown = verdict.model_copy(update={"status": "assessed", "reason": None, "sub_score": round(last.new, 4),
                                           "score_error": 0.0})  # fmt: skip
        counted = shown.model_copy(update={"value": implied, "error": 0.0})
        if isinstance(signal, Events):
            sure = tuple(map(_sure, signal.items)) if last.new < TOLERABLE else ()
            signal = replace(signal, items=sure, undecided=())
        return counted, shown, signal


def _unchanged(assessment: Assessment) -> Reviewed:
    return Reviewed(
        total=assessment.total,
        total_error=assessment.total_error,
        dimensions=assessment.dimensions,
        caps=assessment.caps,
        verdicts=assessment.verdicts,
        deductions=assessment.deductions,
        coverage=assessment.coverage,
        needs_missing=assessment.needs_missing,
        waiting=_waiting(assessment.verdicts, assessment.caps, ()),
    )


def _moment(each: Confirmed) -> Interval | None:
    if each.start_s is None or each.end_s is None or each.decision == "changed":
        return None
    return Interval(each.start_s, each.end_s)


def _same(one: Confirmed, other: Confirmed) -> bool:
    a, b = _moment(one), _moment(other)
    return one.criterion == other.criterion and (a is b or (a is not None and b is not None and a.is_same(b)))


def _is_within(each: Confirmed, whole: Confirmed) -> bool:
    """Whether a later decision on the whole criterion decides this moment anew."""
    if each.criterion != whole.criterion or _moment(each) is None or _moment(whole) is not None:
        return False
    return whole.decision == "rejected" or (whole.decision == "confirmed" and each.decision != "added")


def _of_criterion(decisions: Sequence[Confirmed], criterion: str) -> Confirmed | None:
    return next((each for each in decisions if each.criterion == criterion and _moment(each) is None), None)


def _sure(event: Event) -> Event:
    return replace(event, attributes={**event.attributes, CONFIRMED: 1.0})


def _certain(events: Events, answer: Answer) -> Events:
    """What the tool was sure of, confirmed or left out."""
    if answer.said == "yes":
        items = tuple(_sure(event) if answer.moment.is_same(event) else event for event in events.items)
    else:
        items = tuple(event for event in events.items if not answer.moment.is_same(event))
    return replace(events, items=items)


def _with_event(events: Events, moment: Interval) -> Events:
    """With one more event; where others overlap it, they are one with it, so that no second counts twice."""
    inside = [event for event in events.items if event.overlap_s(moment) > 0]
    attributes = inside[0].attributes if inside else {}
    start_s = min([moment.start_s, *(event.start_s for event in inside)])
    end_s = max([moment.end_s, *(event.end_s for event in inside)])
    one = Event(start_s, end_s, {**attributes, CONFIRMED: 1.0}, inside[0].label if inside else "")
    items = tuple(sorted((*(event for event in events.items if event not in inside), one)))
    return replace(events, items=items, undecided=tuple(e for e in events.undecided if e.overlap_s(one) == 0))


def _waiting(verdicts: Sequence[Verdict], caps: Sequence[CapFound], decisions: Sequence[Confirmed]) -> tuple[str, ...]:
    """Criteria on which a person still has to decide: verdicts that wait, unless all that they show is decided."""
    lines = [id for cap in caps if cap.status == "needs_review" for id in cap.criteria]
    still = [v.criterion for v in verdicts if v.status == "needs_review" and not _is_decided(v, decisions)]
    return tuple(dict.fromkeys((*still, *lines)))


def _is_decided(verdict: Verdict, decisions: Sequence[Confirmed]) -> bool:
    if _of_criterion(decisions, verdict.criterion):
        return True
    told = [own for each in decisions if each.criterion == verdict.criterion and (own := _moment(each))]
    shown = [Interval(each.start_s, each.end_s) for each in (*verdict.evidence, *verdict.undecided)]
    return bool(shown) and all(any(own.is_same(moment) for own in told) for moment in shown)
