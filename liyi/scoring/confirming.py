"""What the person themselves said of moments that the rules could not decide: asked for, kept, and judged again.

What belongs here: answers as they stand in ``options`` of an assessment and of its measures, which moments are worth a
question, and what an answer does to a signal. Nothing is measured again.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

from liyi.core.reasons import Reason
from liyi.core.trace import Events, Interval
from liyi.core.typed_json import LONGEST_S
from liyi.etiquette.performance import measures
from liyi.etiquette.red_lines import CONFIRMED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from liyi.core.trace import Event, Signal
    from liyi.etiquette.assessment import Assessment
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.performance import Performance

KEY = "confirmed"  # in the options of an assessment and of its measures
MOST_QUESTIONS = 3
Said = Literal["yes", "no", "unclear"]


@dataclass(frozen=True)
class Answer:
    """What was said of one moment of a criterion, in seconds of the recording."""

    criterion: str
    start_s: float
    end_s: float
    said: Said

    @property
    def moment(self) -> Interval:
        """The moment alone."""
        return Interval(self.start_s, self.end_s)


@dataclass(frozen=True)
class Question:
    """A moment that a person should decide; ``phrase`` is what may have been said there, empty of what was seen."""

    criterion: str
    start_s: float
    end_s: float
    phrase: str = ""


def answer_from(said: Any) -> Answer | None:
    """The answer that a JSON object holds; None for anything else."""
    if not isinstance(said, dict) or set(said) != {"criterion", "start_s", "end_s", "said"}:
        return None
    times = (said["start_s"], said["end_s"])
    # Compared, not converted: a whole number in JSON may be larger than any float.
    plain = all(isinstance(t, int | float) and not isinstance(t, bool) and abs(t) <= LONGEST_S for t in times)
    if not plain or not isinstance(said["criterion"], str) or said["said"] not in get_args(Said):
        return None
    return Answer(said["criterion"], float(times[0]), float(times[1]), said["said"])


def answers_in(options: Mapping[str, Any]) -> tuple[Answer, ...]:
    """The answers that stand in the options of an assessment or of measures; what is none of them is left out."""
    kept = options.get(KEY)
    return tuple(a for each in (kept if isinstance(kept, list | tuple) else ()) if (a := answer_from(each)) is not None)


def with_answers(options: Mapping[str, Any], answers: Iterable[Answer]) -> dict[str, Any]:
    """The same options with ``answers`` in place of theirs."""
    rest = {name: value for name, value in options.items() if name != KEY}
    told = [asdict(answer) for answer in answers]
    return {**rest, KEY: told} if told else rest


def confirmed(options: Mapping[str, Any]) -> frozenset[str]:
    """Criteria of which the person has confirmed or denied something."""
    return frozenset(answer.criterion for answer in answers_in(options) if answer.said != "unclear")


def questions(assessment: Assessment) -> tuple[Question, ...]:
    """The moments worth asking the person about, the dearest first; with those answered at most `MOST_QUESTIONS`.

    Only what could change a mark or a red line is asked: verdicts that wait for a person, and red lines that do. What
    only a trained person can tell (a pack's ``review``) is not asked here.
    """
    answered = answers_in(assessment.options)
    lines = {id: cap.total for cap in assessment.caps if cap.status == "needs_review" for id in cap.criteria}
    waiting = [v for v in assessment.verdicts if v.undecided and (v.reason == Reason.UNDECIDED or v.criterion in lines)]
    asked = [
        ((lines.get(v.criterion, math.inf), nth if v.criterion not in lines else 0, -v.weight, v.kind != "fault"),
         Question(v.criterion, e.start_s, e.end_s, e.label))
        for v in waiting
        for nth, e in enumerate(v.undecided)
        if not any(a.moment.is_same(Interval(e.start_s, e.end_s)) for a in answered if a.criterion == v.criterion)
    ]  # fmt: skip
    asked.sort(key=lambda each: each[0])  # beside red lines, one moment of each criterion comes before a second of any
    return tuple(question for _, question in asked[: max(0, MOST_QUESTIONS - len(answered))])


def is_asked(assessment: Assessment, answer: Answer) -> bool:
    """Whether the answer is to a question of this assessment."""
    return any(q.criterion == answer.criterion and answer.moment.is_same(Interval(q.start_s, q.end_s))
               for q in questions(assessment))  # fmt: skip


def about_sound(pack: NormPack, answers: Sequence[Answer]) -> tuple[Answer, ...]:
    """Answers about what was heard: what is seen at the same moment says nothing of what was said."""
    heard = {id for id, criterion in pack.criteria.items() if not measures()[criterion.measure].by_picture}
    return tuple(answer for answer in answers if answer.criterion in heard)


def informed(performance: Performance, pack: NormPack, answers: Sequence[Answer]) -> Performance:
    """The performance with the phrases that were confirmed heard for certain, and without those that were denied.

    A veto stays as it is: `settled` says of it that it was confirmed.
    """
    if performance.voice is None:
        return performance
    heard = about_sound(pack, answers)
    said, unsaid = (tuple(a.moment for a in heard if a.said == which) for which in ("yes", "no"))
    return replace(performance, voice=replace(performance.voice, said=said, unsaid=unsaid))


def settled(signals: Mapping[str, Signal], pack: NormPack, answers: Sequence[Answer]) -> dict[str, Signal]:
    """The signals with what was confirmed as having happened and what was denied left out; ``unclear`` changes nothing.

    An answer goes for every criterion that judges the same measure.
    """
    done = dict(signals)
    for answer in answers:
        known = pack.criteria.get(answer.criterion)
        if known is None or answer.said == "unclear":
            continue
        for id, signal in done.items():
            other = pack.criteria.get(id)
            if other is not None and other.measure == known.measure and isinstance(signal, Events):
                done[id] = _decided(signal, answer)
    return done


def _decided(events: Events, answer: Answer) -> Events:
    about = [event for event in events.undecided if answer.moment.is_same(event)]
    rest = tuple(event for event in events.undecided if event not in about)
    sure = [replace(event, attributes={**event.attributes, CONFIRMED: 1.0}) for event in about]
    happened: list[Event] = [*events.items, *sure] if answer.said == "yes" else [*events.items]
    return replace(events, items=tuple(sorted(happened)), undecided=rest)
