"""The first screen of a report: the total, the best moment, three things to do first. Everything else is folded.

What belongs here: what its reader is told without a tap, within the text budget: 160 characters, two notices.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from liyi.core import words
from liyi.core.moments import day
from liyi.core.trace import Interval
from liyi.core.words import N_, translate
from liyi.etiquette.drill import drills_for
from liyi.report import findings, totals, wording
from liyi.report.best import best_moment
from liyi.report.comparing import change_text
from liyi.report.priorities import praise_text, priorities, well_done
from liyi.scoring.confirming import confirmed, questions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from liyi.core.trace import Signal
    from liyi.etiquette.assessment import Assessment, Evidence, Verdict
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.performance import Performance
    from liyi.report.findings import Mark
    from liyi.report.setting import Setting
    from liyi.report.wording import Heard

MOST_NOTICES = 2
_TENTHS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Clip:
    """A moment that proves a finding: its text, the seconds to play, the row of the timeline, whose it is."""

    text: str
    start_s: float
    end_s: float
    row: int
    criterion: str = ""


@dataclass(frozen=True)
class DrillLink:
    """A drill for a criterion: its title and what to do in a line, and its page in the app."""

    title: str
    what: str
    address: str


@dataclass(frozen=True)
class Card:
    """One thing to do first, in a sentence; ``exact`` says how sure that is, in words."""

    criterion: str
    name: str
    mark: Mark
    text: str
    advice: str
    clip: Clip | None
    exact: tuple[tuple[str, str], ...]
    drill: DrillLink | None = None


def first_screen(
    assessment: Assessment,
    performance: Performance,
    signals: Mapping[str, Signal],
    *,
    pack: NormPack,
    lang: str,
    setting: Setting,
) -> dict[str, Any]:
    """What the template's first screen shows; parameters as for `liyi.report.html.write_report`.

    It goes by what people decided; only how it changed since the time before is told of what the tool found then and
    now.
    """
    found, assessment = assessment, setting.remarks.decided(assessment)
    best = best_moment(assessment, performance, signals, pack, lang)
    recording = assessment.recording

    def heard(verdict: Verdict) -> list[Heard]:
        said = wording.of_criterion(verdict, signals.get(verdict.criterion), performance.voice, pack)
        moments = (*verdict.evidence, *verdict.undecided)  # without what somebody has rejected
        return said if found is assessment else [h for h in said if any(_within(h, e) for e in moments)]

    notices = [translate(w.sentence, lang, **w.fields) for w in recording.warnings]
    told = [*totals.caps_texts(assessment, lang), *notices]
    return {
        "title": setting.drill or pack.profile_name(assessment.profile, lang),
        "person": setting.person,
        "about": _about(assessment, pack, setting, lang),
        "total": {
            "text": totals.total_text(assessment, lang),
            "name": totals.total_name(assessment, lang),
            "left_out": totals.left_out_text(assessment, lang),
            "mark": findings.mark_of_score(None if assessment.total is None else assessment.total / 100),
        },
        "seen": seen_text(assessment, lang),
        "open_count": sum(v.status == "not_assessed" for v in assessment.verdicts),
        "change": change_text(found, setting.before, lang),  # displaced by what people said
        "best": best,
        "best_clip": best and Clip(words.span(best.start_s, best.end_s), best.start_s, best.end_s, 0),
        "praise": words.listed(best.good if best else (praise_text(v, lang) for v in well_done(assessment)), lang),
        "cards": [card(v, assessment, lang, heard=heard(v), pack=pack) for v in priorities(assessment)],
        "nothing_first": _nothing_first(assessment, lang),
        "notices": told[:MOST_NOTICES],
        "more_notices": told[MOST_NOTICES:],
        "question": _question(assessment, lang) if setting.asks else None,
    }


def _within(heard: Heard, moment: Evidence) -> bool:
    return heard.overlap_s(Interval(moment.start_s, moment.end_s)) > 0


def _about(assessment: Assessment, pack: NormPack, setting: Setting, lang: str) -> str:
    """When, and how long; of a kept take also by what it is judged, which is not always what its drill asks for."""
    by = translate("drill, judged as {profile}", lang, profile=pack.profile_name(assessment.profile, lang))
    recording = assessment.recording
    length = translate("photo", lang) if assessment.is_photo else words.clock(recording.duration_s)
    at = setting.at or day(assessment.created_at)
    return " · ".join([*([by] if setting.drill else []), at, length])


def card(
    verdict: Verdict, assessment: Assessment, lang: str, *, heard: Sequence[Heard] = (), pack: NormPack | None = None
) -> Card:  # fmt: skip
    """One thing to do first; ``heard`` are the listed phrases that the criterion found, of the lists of ``pack``."""
    value, typical = findings.measured_texts(verdict, lang)
    advice = words.pick(verdict.advice, lang)
    exact = (
        *wording.exact(heard, lang),
        (translate("Measured ± error", lang), " · ".join(part for part in (value, typical) if part)),
        (translate("Camera", lang), findings.view_text(verdict, lang)),
        (translate("Advice", lang), advice),
        (translate("Good band", lang), findings.band_text(verdict, lang)),
        (translate("Source", lang), verdict.source.text(lang)),
        (translate("Answered", lang), _answered_text(verdict, assessment, lang)),
    )
    text, step = _told(verdict, advice, heard, pack, lang)
    return Card(
        criterion=verdict.criterion,
        name=findings.name_of(verdict, lang),
        mark=findings.mark_of(verdict),
        text=text,
        advice=step,
        clip=_moment(verdict, heard),
        exact=tuple((name, text) for name, text in exact if text),
        drill=_drill(verdict.criterion, lang),
    )


def _told(
    verdict: Verdict, advice: str, heard: Sequence[Heard], pack: NormPack | None, lang: str
) -> tuple[str, str]:  # fmt: skip
    """What was found in a sentence, and the first thing to do: of words, the phrase and the better one."""
    said = wording.sentence(heard, lang)
    first = wording.chief(heard)
    if said and first is not None and wording.better_text(first, lang):
        return said, ""
    said = said or (wording.parts_text(verdict, heard, pack, lang) if pack else "")
    said = said or findings.sentence_text(verdict, lang)
    return said, _first_step(advice, said, lang)


def _moment(verdict: Verdict, heard: Sequence[Heard]) -> Clip | None:
    """The moment that is played: of words, that of the phrase that is told."""
    first: Heard | Evidence | None = wording.chief(heard) or next(iter(verdict.evidence or verdict.undecided), None)
    return _clip(first, verdict.criterion) if first is not None else None


def _drill(criterion: str, lang: str) -> DrillLink | None:
    """The drill that is chiefly about a criterion; None where there is none."""
    found = drills_for(criterion)
    if not found:
        return None
    address = f"/drill?{urlencode({'id': found[0].id, 'lang': lang})}"
    return DrillLink(words.pick(found[0].title, lang), words.pick(found[0].what, lang), address)


def _first_step(advice: str, said: str, lang: str) -> str:
    """The first thing that an advice asks for; without the side, where ``said`` names it already."""
    stop, colon = ("。", "：") if lang == "zh" else (".", ": ")
    step = re.split("[；;。]|[.] ", advice.rstrip(".。"))[0]
    side, _, rest = step.partition(colon)
    if rest and said.lower().startswith(side.lower().removeprefix("too ")):
        step = rest
    return step and step[0].upper() + step[1:] + stop


def _clip(moment: Evidence | Heard, criterion: str) -> Clip:
    return Clip(words.span(moment.start_s, moment.end_s), moment.start_s, moment.end_s, 0, criterion)


def _answered_text(verdict: Verdict, assessment: Assessment, lang: str) -> str:
    return translate("confirmed by the person", lang) if verdict.criterion in confirmed(assessment.options) else ""


def _question(assessment: Assessment, lang: str) -> dict[str, Any] | None:
    """The dearest moment that a person should decide, with the clip; None where nothing is to be asked."""
    asked = questions(assessment)
    if not asked:
        return None
    first = asked[0]
    name = next(findings.name_of(v, lang) for v in assessment.verdicts if v.criterion == first.criterion)
    asked_of = translate("Was “{phrase}” said here?", lang, phrase=wording.bare(first.phrase)) if first.phrase else (
        translate("Is this {name}?", lang, name=name))  # fmt: skip
    return {
        "criterion": first.criterion,
        "start_s": first.start_s,
        "end_s": first.end_s,
        "text": asked_of,
        "unclear": translate(N_("Cannot hear it") if first.phrase else N_("Cannot tell"), lang),
        "holds_back": assessment.total is None,  # then it is what to do first
        "clip": Clip(words.span(first.start_s, first.end_s), first.start_s, first.end_s, 0, first.criterion),
    }


def seen_text(assessment: Assessment, lang: str) -> str:
    """How much of the profile could be assessed, as people say it."""
    tenths = round(10 * assessment.coverage)
    heard = assessment.recording.camera == "none" and assessment.recording.framing == "none"
    if tenths >= 10:
        return translate(N_("all of it heard") if heard else N_("all of it seen"), lang)
    share = words.quantity(round(100 * assessment.coverage), "%", lang)
    return translate(N_("{share} of it heard") if heard else N_("{share} of it seen"), lang, share=share,
                     share_zh=f"{_TENTHS[tenths]}成" if tenths else "不到一成")  # fmt: skip


def _nothing_first(assessment: Assessment, lang: str) -> str:
    """What is said in place of what to do first: without a total what it takes to get one."""
    if not any(v.status == "assessed" for v in assessment.verdicts):
        return translate("Nothing could be assessed: the reasons and remedies are below.", lang)
    if assessment.total is None:
        return totals.total_text(assessment, lang)
    said = [translate("Everything that was assessed lies in its good band.", lang)]
    waiting = [v for v in assessment.verdicts if v.status == "needs_review" and (v.value or v.undecided)]
    if names := [findings.name_of(v, lang) for v in waiting]:
        said.append(translate("For a person to decide: {names}.", lang, names=words.listed(names, lang)))
    if names := [
        findings.dimension_name(assessment, id, lang) for id, d in assessment.dimensions.items() if not d.ships
    ]:
        said.append(translate("Nothing is said of {names}: that cannot be assessed yet.", lang,
                              names=words.listed(names, lang)))  # fmt: skip
    return ("" if lang == "zh" else " ").join(said)
