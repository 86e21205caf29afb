"""What was said, phrase by phrase: listed phrases that were heard, how each counts, and what to say instead.

What belongs here: from the events of a criterion, which carry the text of a phrase, to sentences about it. How a
transcript is laid out is `liyi.report.transcript`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from liyi.core import words
from liyi.core.bilingual import Bilingual
from liyi.core.reasons import Reason
from liyi.core.trace import Event, Events, Interval
from liyi.core.words import N_, translate
from liyi.etiquette.assessment import Source
from liyi.etiquette.pack_phrases import names_of, params_of
from liyi.etiquette.performance import measures
from liyi.report.findings import Mark
from speech.phrases import spoken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from liyi.core.trace import Signal
    from liyi.etiquette.assessment import Assessment, Verdict
    from liyi.etiquette.pack import Criterion, NormPack
    from liyi.etiquette.pack_phrases import ListedPhrase
    from liyi.etiquette.performance import Performance
    from speech.phrases import Hit
    from speech.voice import Voice


_NOTHING, _NOWHERE = Bilingual(), Source()


@dataclass(frozen=True)
class Heard(Interval):
    """A listed phrase where it was heard; ``mark`` says how it counts.

    Attributes
    ----------
    text
        As the pack writes it, not as it was recognised.
    criterion, name
        The criterion that found it.
    severity, stage, better, source
        Of the phrase in the pack; empty where the pack has it no more.
    wanted, softened
        Whether it is good to say it; whether what followed made it no fault.
    """

    text: str
    criterion: str
    name: Bilingual
    mark: Mark
    severity: str = ""
    stage: str = ""
    better: Bilingual = _NOTHING
    source: Source = _NOWHERE
    wanted: bool = False
    softened: bool = False

    @property
    def open(self) -> bool:
        """Whether a person must decide."""
        return self.mark is Mark.REVIEW

    @property
    def fault(self) -> bool:
        """Whether it is, or may be, one to avoid."""
        return not self.wanted and not self.softened


_IN_PARTS = ("courtesy_coverage", "told_at_once", "expectation", "first_asked")
_WEIGHT = {"veto": 3, "major": 2, "minor": 1}
# The parts of a conversation, and of what must be told at once: those of the packs that ship.
STAGES = {
    "greet": N_("greeting"),
    "ask": N_("asking"),
    "hold": N_("while waiting"),
    "explain": N_("explaining"),
    "redirect": N_("showing the way"),
    "soothe": N_("apology and comfort"),
    "expect": N_("what can be done"),
    "close": N_("farewell"),
    "phone": N_("on the telephone"),
    "order": N_("orders"),
    "materials": N_("what must be handed in"),
    "itemised": N_("item by item"),
    "written": N_("in writing"),
    "deadline": N_("by when"),
    "refusal": N_("refusals"),
    "promise": N_("promises"),
    "can": N_("what is possible"),
    "cannot": N_("what is not"),
    "basis": N_("on what rule"),
    "where": N_("where to go"),
    "how": N_("how to get there"),
    "handover": N_("handing over"),
    "demonstrative": N_("this and that as fillers"),
    "connective": N_("then and so as fillers"),
    "hello": N_("hello"),
    "please": N_("please"),
    "thanks": N_("thank you"),
    "sorry": N_("sorry"),
    "goodbye": N_("goodbye"),
}


def heard(
    assessment: Assessment, performance: Performance, signals: Mapping[str, Signal], pack: NormPack
) -> tuple[Heard, ...]:
    """Every listed phrase that was heard, in time order: for each criterion, so that one may stand here twice.

    Parameters
    ----------
    assessment
        Whose verdicts say how they count; what was not assessed is left out.
    performance
        What was heard.
    signals
        What was measured, by criterion, with what a person answered.
    pack
        Whose lists they are from.
    """
    found: list[Heard] = []
    for verdict in assessment.verdicts:
        found += of_criterion(verdict, signals.get(verdict.criterion), performance.voice, pack)
    return tuple(sorted(found, key=lambda each: (each.start_s, each.end_s)))


def of_criterion(verdict: Verdict, signal: Signal | None, voice: Voice | None, pack: NormPack) -> list[Heard]:
    """The listed phrases that one criterion found, in time order; none where it was not assessed."""
    criterion = pack.criteria.get(verdict.criterion)
    if criterion is None or "phrases" not in criterion.params or verdict.status == "not_assessed":
        return []
    known = {
        phrase.text: phrase for name in names_of(criterion.params["phrases"]) for phrase in pack.phrases.get(name, ())
    }
    hint = verdict.status == "needs_review" and verdict.reason == Reason.HUMAN_DECIDES
    stages = _stages(criterion)  # what stands in another one only gives the occasion
    found = []
    for event, how in _events(verdict, criterion, signal, voice, pack):
        listed = known.get(event.label)
        if event.label and (listed is None or not stages or listed.stage in stages):
            found.append(_heard(verdict, criterion, event, listed, "open" if hint and how == "sure" else how))
    return sorted(found, key=lambda each: (each.start_s, each.end_s))


def _events(
    verdict: Verdict, criterion: Criterion, signal: Signal | None, voice: Voice | None, pack: NormPack
) -> list[tuple[Event, str]]:  # fmt: skip
    """What was heard, each ``sure``, ``open`` or ``softened``: events as they were decided, all else as it was heard.

    A verdict keeps the chief moments alone, and a number those on which it rests.
    """
    if voice is None or voice.transcript is None:  # of an old recording, whose words are gone
        return [(Event(e.start_s, e.end_s, label=e.label), "sure") for e in verdict.evidence] + [
            (Event(e.start_s, e.end_s, label=e.label), "open") for e in verdict.undecided
        ]
    params = params_of(pack, criterion)
    said = spoken(voice, params["phrases"], params["allowances"])
    softened = [(_event(hit), "softened") for hit in said.softened]
    if isinstance(signal, Events):
        severities = criterion.params.get("severities")
        softened = [(e, how) for (e, how), hit in zip(softened, said.softened, strict=True)
                    if not severities or hit.phrase.severity in severities]  # fmt: skip
        return [(e, "sure") for e in signal.items] + [(e, "open") for e in signal.undecided] + softened
    return [(_event(hit), "sure") for hit in said.sure] + [(_event(hit), "open") for hit in said.unsure] + softened


def _event(hit: Hit) -> Event:
    return Event(hit.start_s, hit.end_s, label=hit.phrase.text)


def _stages(criterion: Criterion) -> tuple[str, ...]:
    """The parts that a criterion, or its measure, names; none where all of its list are asked for."""
    known = measures().get(criterion.measure)
    return tuple({**(known.params if known else {}), **criterion.params}.get("stages", ()))


def _heard(verdict: Verdict, criterion: Criterion, event: Event, listed: ListedPhrase | None, how: str) -> Heard:
    severity, stage = (listed.severity, listed.stage) if listed else ("", "")
    wanted = criterion.good[0] > 0 and stage != "order" and not severity
    mark = Mark.GOOD if wanted else Mark.FAULT if severity in ("major", "veto") else Mark.ATTENTION
    if how != "sure":
        mark = Mark.REVIEW if how == "open" else Mark.OPEN
    return Heard(
        event.start_s, event.end_s, event.label, verdict.criterion, verdict.name, mark, severity, stage,
        listed.better if listed else _NOTHING, listed.source if listed else _NOWHERE, wanted, how == "softened",
    )  # fmt: skip


def chief(found: Sequence[Heard]) -> Heard | None:
    """The phrase to tell of first: not what is good to say; the gravest, the certain before the open, the earliest."""
    faults = [each for each in found if each.fault]
    return min(faults, key=lambda each: (-_WEIGHT.get(each.severity, 0), each.open, each.start_s), default=None)


def sentence(found: Sequence[Heard], lang: str) -> str:
    """What was heard and what to say instead, in one sentence; empty where nothing of it is a fault."""
    first = chief(found)
    if first is None:
        return ""
    count = sum(each.open == first.open and each.fault for each in found)
    about = {"phrase": bare(first.text), "time": words.clock(first.start_s), "count": count}
    said = N_("Perhaps “{phrase}” was said ({time}): a person decides.") if first.open else (
        N_("“{phrase}” was heard ({time}).") if count == 1 else
        N_("“{phrase}” and the like were heard {count} times ({time})."))  # fmt: skip
    better = better_text(first, lang)
    return translate(said, lang, **about) + (("" if lang == "zh" else " ") + better if better else "")


def bare(text: str) -> str:
    """A phrase without the mark that ends it, as it stands inside a sentence."""
    return text.rstrip("。！!.,，")


def better_text(phrase: Heard, lang: str) -> str:
    """The better sentence; empty where the pack has none."""
    better = words.pick(phrase.better, lang)
    return translate("You could say: “{better}”", lang, better=better) if better else ""


def kind_text(phrase: Heard, lang: str) -> str:
    """How it counts, in words: its criterion or that it is a red line, and whether a person must confirm it."""
    veto = phrase.severity == "veto"
    told = [translate("a red line", lang) if veto else words.pick(phrase.name, lang) or phrase.criterion]
    if phrase.open:
        confirm = translate("a person must confirm it", lang)
        told.append(confirm if veto else Mark.REVIEW.word(lang))
    if phrase.softened:
        told.append(translate("a way out followed: no fault", lang))
    return " · ".join(told)


def parts_text(verdict: Verdict, found: Sequence[Heard], pack: NormPack, lang: str) -> str:
    """Of what consists of parts (told at once: item by item, in writing, by when) those that were heard and those not.

    Empty where the criterion names no parts.
    """
    criterion = pack.criteria.get(verdict.criterion)
    if criterion is None or verdict.status == "not_assessed" or not criterion.good[0] > 0:
        return ""
    if "phrases" not in criterion.params or criterion.measure not in _IN_PARTS:
        return ""
    listed = (phrase for name in names_of(criterion.params["phrases"]) for phrase in pack.phrases.get(name, ()))
    stages = _stages(criterion) or tuple(dict.fromkeys(each.stage for each in listed if each.stage))
    said = [stage for stage in stages if any(each.stage == stage and not each.open for each in found)]
    unsure = [stage for stage in stages if stage not in said and any(each.stage == stage for each in found)]
    rest = [stage for stage in stages if stage not in said and stage not in unsure]
    parts = ((N_("Said: {parts}."), said), (N_("Perhaps said: {parts}."), unsure), (N_("Not heard: {parts}."), rest))
    told = [translate(label, lang, parts=words.listed((stage_text(each, lang) for each in which), lang))
            for label, which in parts if which]  # fmt: skip
    return ("" if lang == "zh" else " ").join(told)


def stage_text(stage: str, lang: str) -> str:
    """A part in words; one that only a unit's pack has as it is written there."""
    return translate(STAGES[stage], lang) if stage in STAGES else stage


def exact(found: Sequence[Heard], lang: str) -> tuple[tuple[str, str], ...]:
    """What stands under a card about its phrase: how it counts, and the document that lists it."""
    first = chief(found)
    if first is None:
        return ()
    source = first.source.text(lang)
    told = (
        (translate("Phrase", lang), translate("“{phrase}”", lang, phrase=bare(first.text))),
        (translate("Counts as", lang), kind_text(first, lang)),
        (translate("Listed in", lang), source),
    )
    return tuple((name, text) for name, text in told if text)


_ONE_EAR = N_(
    "Phrases were listened for by one recogniser alone: those that it heard wait for a person, and cost nothing until "
    "then."
)
_TWO_EARS = N_(
    "Phrases were listened for by two recognisers, one of which knows the pack's lists: what both heard counts, what "
    "one heard waits for a person, and so does every red line. The whole sentence decides: quoted or softened words "
    "are no fault."
)


def method_text(performance: Performance, pack: NormPack, lang: str) -> str:
    """By whom phrases were heard, and what that means for them; empty where the pack lists none or nothing was said."""
    voice = performance.voice
    if voice is None or voice.transcript is None or not pack.phrases:
        return ""
    if voice.second is None:
        return translate(_ONE_EAR, lang)
    return translate(_TWO_EARS, lang)
