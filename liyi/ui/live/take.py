"""One take of a drill judged by the live measures, and what is said about it: one sentence, the moment, the try's dots.

What belongs here: from what was seen and heard to the message that the page shows. Nothing here knows of sockets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from liyi.core.reasons import Reason
from liyi.core.timeline import Timeline
from liyi.core.trace import Interval
from liyi.core.words import N_, decimals, explain_reason, labelled, number, pick, quantity, translate, unit
from liyi.etiquette.drill import is_good, pack_of, passed, spoken_language
from liyi.etiquette.judge import Circumstances, judge_criteria
from liyi.etiquette.pack_phrases import params_of
from liyi.etiquette.performance import measures
from liyi.records.operations.tries import Result
from liyi.report import wording
from liyi.report.findings import Mark, edges_text, mark_of, name_of, side_text, unit_of
from liyi.ui.live.coach import verdicts_on_bearing
from liyi.ui.live.melody import is_voiced, melody, melody_of_example
from liyi.ui.live.take_words import NOTE, needs_words

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from liyi.core.trace import Signal
    from liyi.etiquette.assessment import Evidence, Verdict
    from liyi.etiquette.drill import Drill
    from liyi.etiquette.pack import NormPack
    from liyi.records.operations.tries import Try
    from liyi.report.wording import Heard
    from liyi.ui.live.window import Seen
    from speech.voice import Voice

_APART = 2.0  # two tries differ when they lie more than two sigma of their difference apart, as two totals do
_READ = N_("Hardly anything of the text was heard: read it aloud, clearly and close to the microphone.")
_UNHEARD = {  # of words that are read aloud, as they are told while one practises
    Reason.NO_EVENT: _READ,
    Reason.WORDS_UNSURE: _READ,
    Reason.TOO_LITTLE_SPEECH: _READ,
    Reason.UNDECIDED: N_("It was not heard for certain: say it once more, clearly."),
}


@dataclass(frozen=True)
class Judged:
    """A take as it was judged; ``voice`` is what was heard of it, None where it is not asked for.

    ``signals`` is what was measured of the voice, by criterion.
    """

    drill: Drill
    pack: NormPack
    verdicts: tuple[Verdict, ...]
    passed: bool
    voice: Voice | None = None
    signals: Mapping[str, Signal] = field(default_factory=dict)

    @property
    def values(self) -> tuple[Result, ...]:
        """What each criterion read, as it is kept of a try."""
        return tuple(_value(verdict) for verdict in self.verdicts)

    def phrases(self, verdict: Verdict) -> list[Heard]:
        """The listed phrases that a criterion found."""
        return wording.of_criterion(verdict, self.signals.get(verdict.criterion), self.voice, self.pack)


def judge_take(
    drill: Drill, seen: Seen | None, voice: Voice | None, lang: str, *, exempt: Collection[str] = ()
) -> Judged:  # fmt: skip
    """Judge a take by the drill's criteria.

    Parameters
    ----------
    drill
        Which one was practised.
    seen, voice
        What was seen and heard of the take; None where nothing was.
    lang
        Of the page, ``zh`` or ``en``: what the drill's text is read in.
    exempt
        From what the person is exempt, as far as the drill's criteria know it.
    """
    pack = pack_of(drill)
    found: dict[str, Verdict] = {}
    if seen is not None:
        found |= {v.criterion: v for v in verdicts_on_bearing(seen, pack, drill.profile, exempt)}
    signals = _signals(voice, pack, drill)
    found |= {v.criterion: v for v in _on_voice(signals, voice, pack, drill, spoken_language(drill, lang), exempt)}
    rest = [id for id in drill.criteria if id not in found]
    found |= {v.criterion: v for v in _unseen(rest, pack, drill, exempt)}
    verdicts = tuple(found[id] for id in drill.criteria)
    return Judged(drill, pack, verdicts, passed(verdicts, pack), voice, signals)


def _signals(voice: Voice | None, pack: NormPack, drill: Drill) -> dict[str, Signal]:
    """What is measured of the whole take's voice; without one, that nothing was heard."""
    signals = {}
    for id in drill.criteria:
        measure = measures()[pack.criteria[id].measure]
        if measure.of == "voice":
            there = voice is not None and bool(voice.stretches)
            nothing = Reason.NO_SOUND if voice is None else Reason.NO_SPEECH
            signals[id] = measure(voice, params_of(pack, pack.criteria[id])) if there else measure.nothing(nothing)
    return signals


def _on_voice(
    signals: Mapping[str, Signal], voice: Voice | None, pack: NormPack, drill: Drill, language: str,
    exempt: Collection[str],
) -> list[Verdict]:  # fmt: skip
    about = Circumstances(
        voice.duration_s if voice else 0.0, voice.speech_s if voice else 0.0, "none", language=language,
        exemptions=exempt,
    )  # fmt: skip
    return list(judge_criteria(signals, signals, pack, drill.profile, about))


def _unseen(ids: Sequence[str], pack: NormPack, drill: Drill, exempt: Collection[str]) -> list[Verdict]:
    signals = {id: measures()[pack.criteria[id].measure].nothing(Reason.NO_PERSON) for id in ids}
    about = Circumstances(0.0, 0.0, drill.camera, exemptions=exempt)
    return list(judge_criteria(signals, signals, pack, drill.profile, about))


def _value(verdict: Verdict) -> Result:
    """The number that people know a criterion by: degrees, not the share of time in the band."""
    value, error, code = verdict.value, verdict.error, verdict.unit
    if verdict.typical is not None:
        value, error, code = verdict.typical, verdict.typical_error, verdict.typical_unit
    if verdict.measure == "pace" and code == "syll/min":
        code = "字/分"  # only judged where Chinese is spoken, in which a syllable is a character
    return Result(verdict.criterion, value, error, code, verdict.sub_score, verdict.side or None)


# ---------------------------------------------------------------- what is said


def told(judged: Judged, lang: str, *, before: Sequence[Result] = ()) -> dict[str, Any]:
    """What the page shows of a take.

    Parameters
    ----------
    judged
        The take.
    lang
        ``zh`` or ``en``.
    before
        Values of the try before it, as they were kept; empty without one.
    """
    worst = _worst(judged)
    mark = _mark(worst, judged.pack)
    sentence = _sentence(judged, worst, lang)
    change = _change(worst, judged, before)
    own = melody(judged.voice) if judged.voice is not None and _is_spoken(judged) else None
    return {
        "passed": judged.passed,
        "mark": mark.style,
        "sentence": sentence,
        "change": translate(change, lang) if change else "",
        "advice": "" if judged.passed else _advice(worst, lang),
        "details": [_detail(verdict, judged.pack, lang) for verdict in judged.verdicts],
        "worst": None if judged.passed else _moment(worst, judged),
        "note": translate(NOTE, lang) if _by_words(judged) else "",
        "voice": own,
        "example": melody_of_example(judged.drill) if own is not None and is_voiced(own) else None,
    }


def _worst(judged: Judged) -> Verdict:
    """What is told: the worst of what was judged, a forbidden thing first; else what could not be judged."""
    scored = [v for v in judged.verdicts if v.sub_score is not None and v.sub_score < 1]
    if scored:
        return min(scored, key=lambda v: (v.kind != "fault", v.sub_score))
    others = [v for v in judged.verdicts if not _counts(v)]
    unsure = [v for v in judged.verdicts if not is_good(v, judged.pack)]
    return [*others, *unsure, judged.verdicts[0]][0]


def _mark(verdict: Verdict, pack: NormPack) -> Mark:
    """The mark of one criterion; one that is good only within its error has the mark of what is to be watched."""
    mark = mark_of(verdict)
    return Mark.ATTENTION if mark is Mark.GOOD and not is_good(verdict, pack) else mark


def _is_spoken(judged: Judged) -> bool:
    return any(measures()[verdict.measure].of == "voice" for verdict in judged.verdicts)


def _by_words(judged: Judged) -> bool:
    """Whether it was judged by words that were heard."""
    return judged.voice is not None and judged.voice.transcript is not None and needs_words(judged.pack)


def _counts(verdict: Verdict) -> bool:
    return verdict.status == "assessed" or verdict.reason in (Reason.LANGUAGE, Reason.EXEMPT)


def _sentence(judged: Judged, worst: Verdict, lang: str) -> str:
    if judged.passed:
        return translate("Done: {what}.", lang, what=pick(judged.drill.title, lang))
    if worst.status == "needs_review" and worst.reason == Reason.HUMAN_DECIDES:
        return translate("{what} heard {n} times: listen and decide.", lang,
                         what=name_of(worst, lang), n=len(worst.evidence))  # fmt: skip
    if said := _said(judged, worst, lang):
        return said
    if worst.status != "assessed":
        return explain_reason(worst.reason, lang)
    if mark_of(worst) is Mark.GOOD:
        value = _value(worst)
        return translate("{what} {value}: within the measuring error of {error}, so not sure yet.", lang,
                         what=name_of(worst, lang), value=plain(value.value, value.error, value.unit, lang),
                         error=plain(value.error, value.error, value.unit, lang))  # fmt: skip
    return size_text(worst, lang)


def _said(judged: Judged, worst: Verdict, lang: str) -> str:
    """Of words: the phrase to avoid with the better one, or which parts were said and which not; else nothing."""
    found = judged.phrases(worst)
    told = wording.sentence(found, lang) or wording.parts_text(worst, found, judged.pack, lang)
    return told or _unheard(worst, judged.pack, lang)


def _unheard(verdict: Verdict, pack: NormPack, lang: str) -> str:
    """Why words were not judged, as it is told while one practises; empty for anything else."""
    if "phrases" in pack.criteria[verdict.criterion].params and verdict.reason in _UNHEARD:
        return translate(_UNHEARD[Reason(verdict.reason)], lang)
    return ""


def size_text(verdict: Verdict, lang: str) -> str:
    """What was off, with its side and size: ``左肩低约 4°``; no digit finer than the error."""
    value = _value(verdict)
    much = verdict.outside if verdict.outside is not None else value.value
    said = pick(verdict.says, lang)
    size = plain(abs(much) if value.unit == "deg" and much is not None else much, value.error, value.unit, lang)
    return said.replace("{value}", size) if said else f"{name_of(verdict, lang)} {size}"


def plain(value: float | None, error: float | None, code: str, lang: str) -> str:
    """A value with its unit and without its error, in as many digits as that leaves."""
    if value is None or not math.isfinite(value):
        return "–"
    name = unit(code, lang)
    coarse = 10 ** math.floor(math.log10(error)) if error and error >= 10 else 1.0
    text = number(round(value / coarse) * coarse, 0) if error and error >= 1 else number(value, decimals(value, error))
    return f"{text}{name}" if name in ("°", "") else f"{text}\N{NO-BREAK SPACE}{name}"


def _advice(verdict: Verdict, lang: str) -> str:
    return pick(verdict.advice, lang) if verdict.status == "assessed" else ""


def _detail(verdict: Verdict, pack: NormPack, lang: str) -> dict[str, str]:
    """One line for each criterion: its mark, its name and its value."""
    mark, value = _mark(verdict, pack), _value(verdict)
    if verdict.status == "not_assessed":
        text = _unheard(verdict, pack, lang) or explain_reason(verdict.reason, lang)
    else:
        text = side_text(verdict, lang) or quantity(value.value, value.unit, lang, error=value.error)
    return {"mark": mark.style, "shape": mark.shape, "word": mark.word(lang),
            "text": labelled(name_of(verdict, lang), text, lang)}  # fmt: skip


def _change(worst: Verdict, judged: Judged, before: Sequence[Result]) -> str:
    """Better, worse, or no clear change against the try before, in what is told now; empty where none can be said."""
    earlier = {value.criterion: value for value in before}
    about = worst if worst.value is not None else judged.verdicts[0]
    now, then = _value(about), earlier.get(about.criterion)
    if then is None or now.value is None or then.value is None or now.unit != then.unit:
        return ""
    low, high = judged.pack.criteria[about.criterion].good
    if about.good_share is None and about.typical is not None:
        return ""
    off = [max(0.0, low - value, value - high) for value in (now.value, then.value)]
    apart = _APART * math.hypot(now.error or 0.0, then.error or 0.0)
    if abs(off[0] - off[1]) <= apart or off == [0.0, 0.0]:
        return N_("no clear change")
    return N_("better than the last time") if off[0] < off[1] else N_("further off than the last time")


def _moment(verdict: Verdict, judged: Judged) -> dict[str, Any] | None:
    """The moment that shows it, with the line to draw on its picture; None where there is none."""
    found: Interval | Evidence | None = next(iter(verdict.evidence), None)
    if "phrases" in judged.pack.criteria[verdict.criterion].params:  # what is good to say is no moment to mend
        found = wording.chief(judged.phrases(verdict))
    moment = _longest_without(verdict, judged) if _is_wanted(verdict, judged) else found
    if moment is None:
        return None
    shown = measures()[verdict.measure].shows
    return {
        "start_s": moment.start_s,
        "end_s": moment.end_s,
        "paths": [[[int(joint) for joint in vertex] for vertex in path] for path in shown.paths] if shown else [],
        "against": shown.against if shown else None,
        "seen": measures()[verdict.measure].by_picture,
    }


def _is_wanted(verdict: Verdict, judged: Judged) -> bool:
    """Whether what is found is what is asked for, such as folded hands: then it lacks where nothing was found."""
    known = measures()[verdict.measure].kind == "events"
    return known and verdict.status == "assessed" and judged.pack.criteria[verdict.criterion].good[0] > 0


def _longest_without(verdict: Verdict, judged: Judged) -> Interval | None:
    """The longest stretch of the take in which nothing of it was found."""
    whole = Timeline([Interval(0.0, judged.drill.seconds)])
    for found in verdict.evidence:
        whole = whole.without(Interval(found.start_s, found.end_s))
    return max(whole, key=lambda stretch: stretch.duration_s, default=None)


def dots(tries: Sequence[Try], drill: Drill, pack: NormPack, lang: str) -> list[dict[str, Any]]:
    """The tries, oldest first, as dots over the chief criterion's axis, each with its error.

    Parameters
    ----------
    tries
        Newest first, each with ``passed`` and its ``results``.
    """
    chief = drill.criteria[0]
    low, high = pack.criteria[chief].good
    shown = []
    for each in reversed(tries):
        value = next((v for v in each.results if v.criterion == chief), None)
        mark = _dot_mark(each, value)
        text = plain(value.value, value.error, value.unit, lang) if value is not None else "–"
        shown.append(
            {
                "mark": mark.style,
                "shape": mark.shape,
                "value": value.value if value is not None else None,
                "error": value.error if value is not None else None,
                "good": [edge if math.isfinite(edge) else None for edge in (low, high)],
                "text": f"{mark.word(lang)} {text}",
            }
        )
    return shown


def axis_text(drill: Drill, pack: NormPack, lang: str) -> str:
    """What the dots of `dots` stand over, and what is shaded."""
    criterion = pack.criteria[drill.criteria[0]]
    low, high = (edge if math.isfinite(edge) else None for edge in criterion.good)
    return translate("Your last five tries: {what}; shaded: {good}", lang, what=pick(criterion.name, lang),
                     good=edges_text(low, high, unit_of(criterion), lang))  # fmt: skip


def _dot_mark(tried: Try, value: Result | None) -> Mark:
    if tried.passed:
        return Mark.GOOD
    scores = [v.sub_score for v in tried.results if v.sub_score is not None]
    if value is None or not scores:
        return Mark.OPEN
    return Mark.FAULT if min(scores) < 0.6 else Mark.ATTENTION
