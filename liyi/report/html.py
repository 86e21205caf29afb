"""The report as one HTML file: no network, no script, no font of its own; reads the same today and in ten years."""

from __future__ import annotations

import base64
import math
import re
from dataclasses import dataclass
from functools import cache, partial
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from liyi.core import words
from liyi.core.templates import template
from liyi.core.trace import Interval, Trace
from liyi.core.words import N_, translate
from liyi.report import charts, findings, totals
from liyi.report.findings import Mark
from liyi.report.stills import stills as draw_stills
from liyi.report.stills import to_draw
from liyi.report.timeline import timeline_of, unseen
from liyi.scoring.reporting import Report, Still

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from liyi.core.trace import Signal
    from liyi.etiquette.assessment import Assessment, Evidence, TranscriptLine, Verdict
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.performance import Performance
    from posture.body import Body

_TEMPLATES = Path(__file__).parent / "templates"
_UNSURE_BELOW = 0.5  # a word the recogniser itself gives less than even odds

CAMERAS = {
    "front": N_("from the front"),
    "oblique": N_("from an angle"),
    "side": N_("from the side"),
    "none": N_("no picture"),
}
FRAMINGS = {"upper_body": N_("upper body"), "full_body": N_("full body"), "none": N_("nobody in the picture")}
POSITIONS = {"standing": N_("standing"), "sitting": N_("sitting"), "unknown": N_("position unknown")}


@dataclass(frozen=True)
class Clip:
    """A moment that proves a finding: its text, and the row of the timeline that shows it."""

    text: str
    row: int


@dataclass(frozen=True)
class Finding:
    """One verdict in words, as the page shows it."""

    name: str
    mark: Mark
    value: str
    typical: str
    band: str
    score: str
    coverage: str
    clips: tuple[Clip, ...]
    source: str
    confidence: str
    advice: str
    reason: str
    spark: Markup

    @property
    def assessed(self) -> bool:
        """Whether it scored."""
        return self.mark.style != "open"


def write_report(
    assessment: Assessment,
    performance: Performance,
    signals: Mapping[str, Signal],
    *,
    pack: NormPack,
    lang: str,
    stills: Mapping[str, Still] | None,
) -> str:
    """The whole report as the text of one HTML file.

    Parameters
    ----------
    assessment
        What is reported.
    performance
        The curves and the words come from it.
    signals
        What was measured, by criterion.
    pack
        The norm pack that judged, for the names of pack and profile.
    lang
        ``zh`` or ``en``.
    stills
        Drawn pictures by criterion; None when there is no recording to take them from.
    """
    page = _Page(assessment, performance, signals, lang, charts.rows(performance.duration_s))
    found = {v.criterion: page.finding(v) for v in assessment.verdicts}
    timeline = timeline_of(assessment, performance, signals, lang)
    context: dict[str, Any] = {
        "_": partial(translate, lang=lang),
        "a": assessment,
        "css": Markup(_css()),
        "lang": lang,
        "marks": list(Mark),
        **_head(assessment, pack, lang, has_picture=performance.body is not None),
        "counts": _counts(assessment),
        "first": [found[v.criterion] for v in findings.priorities(assessment)],
        "dimensions": _dimensions(assessment, lang),
        "rows": [Markup(page.row(timeline, row)) for row in page.rows],
        "words_left_out": bool(assessment.transcript) and not charts.shows_words(performance.duration_s),
        "unseen": unseen(performance.body, lang) if performance.body is not None else (),
        "has_sound": performance.voice is not None,
        "calibration": performance.body is not None and performance.body.calibration is not None,
        "calibration_note": _calibration_note(performance.body, lang),
        "gallery": page.gallery(stills or {}, found),
        "without_still": _without_still(assessment, stills, lang),
        "stills_missing": stills is None and performance.body is not None,
        "details": [
            {"name": findings.dimension_name(assessment, name, lang), "findings": [found[v.criterion] for v in group]}
            for name, group in findings.by_dimension(assessment).items()
        ],
        **page.deductions(found),
        "open": _open(assessment, lang),
        "transcript": [page.said(line) for line in assessment.transcript],
        "facts": _facts(assessment, pack, performance, lang),
    }
    return template("report.html.j2", _TEMPLATES).render(context)


@cache
def _css() -> str:
    return (_TEMPLATES / "report.css").read_text(encoding="utf-8")


@dataclass(frozen=True)
class _Page:
    """One report being written: what every part of the page needs to look up."""

    assessment: Assessment
    performance: Performance
    signals: Mapping[str, Signal]
    lang: str
    rows: Sequence[Interval]

    def row_of(self, seconds: float) -> int:
        """Index of the timeline's row that shows this second."""
        return max((i for i, row in enumerate(self.rows) if row.start_s <= seconds), default=0)

    def clips(self, evidence: Sequence[Evidence]) -> tuple[Clip, ...]:
        """The moments in time order."""
        ordered = sorted(evidence, key=lambda e: e.start_s)
        return tuple(Clip(words.span(e.start_s, e.end_s), self.row_of(e.start_s)) for e in ordered)

    def finding(self, verdict: Verdict) -> Finding:
        """One verdict in words."""
        lang = self.lang
        score = verdict.sub_score
        value, typical = findings.measured_texts(verdict, lang)
        return Finding(
            name=findings.name_of(verdict, lang),
            mark=findings.mark_of(verdict),
            value=value,
            typical=typical,
            band=findings.band_text(verdict, lang),
            score="–" if score is None else words.number(100 * score, 0),
            coverage=_percent(verdict.coverage),
            clips=self.clips(verdict.evidence or verdict.undecided),
            source=verdict.source.text(lang),
            confidence=findings.confidence_text(verdict, lang),
            advice=words.pick(verdict.advice, lang),
            reason=words.explain_reason(verdict.reason, lang),
            spark=self.spark(verdict),
        )

    def spark(self, verdict: Verdict) -> Markup:
        """The trace behind a verdict, small, with its good band."""
        signal = self.signals.get(verdict.criterion)
        if verdict.status == "not_assessed" or verdict.good is None or not isinstance(signal, Trace):
            return Markup()
        low, high = verdict.good
        band = (-math.inf if low is None else low, math.inf if high is None else high)
        label = translate("{name} over time, good band shaded", self.lang, name=findings.name_of(verdict, self.lang))
        return Markup(charts.sparkline(signal.t, signal.value, self.performance.duration_s, band, label))

    def row(self, timeline: charts.Timeline, row: Interval) -> str:
        """One row of the timeline, with what a screen reader says of it."""
        shown = [s.title for lane in timeline.lanes for s in lane.spans if not lane.thin and s.overlap_s(row) > 0]
        label = f"{translate('Timeline', self.lang)} {words.span(row.start_s, row.end_s)}"
        return charts.draw_row(timeline, row, f"{label}: {'; '.join(shown)}" if shown else label)

    def gallery(self, stills: Mapping[str, Still], found: Mapping[str, Finding]) -> list[dict[str, Any]]:
        """Stills with their captions."""
        shown = []
        for criterion, still in stills.items():
            finding, time = found[criterion], words.clock(still.t_s)
            facts = [finding.value, finding.typical, "" if finding.mark is Mark.GOOD else finding.advice]
            shown.append({
                "criterion": criterion,
                "t_s": f"{still.t_s:.3f}",
                "finding": finding,
                "data": base64.b64encode(still.jpeg).decode("ascii"),
                "width": still.width,
                "height": still.height,
                "time": time,
                "row": self.row_of(still.t_s),
                "caption": " · ".join(fact for fact in facts if fact),
                "alt": translate("Still at {time}: the skeleton, with the line of {name} standing out", self.lang,
                                 time=time, name=finding.name),
            })  # fmt: skip
        return shown

    def deductions(self, found: Mapping[str, Finding]) -> dict[str, Any]:
        """Rows of the table of deductions, and their sum."""
        lines = [
            {
                "name": found[d.criterion].name,
                "dimension": findings.dimension_name(self.assessment, d.dimension, self.lang),
                "points": words.number(d.points, 1),
                "charged": words.number(d.charged, 1),
                "charged_any": d.charged > 0,
                "clips": self.clips(d.evidence),
            }
            for d in self.assessment.deductions
        ]
        return {"deductions": lines, "deducted": words.number(sum(d.charged for d in self.assessment.deductions), 1)}

    def said(self, line: TranscriptLine) -> dict[str, Any]:
        """One phrase of the transcript; a word the recogniser doubted is marked."""
        text, told, end = Markup(), 0, 0  # words are kept without what stands between them: that is the line's
        for word in line.words:
            start = line.text.find(word.text, end)
            if start < 0 or not word.text:
                continue
            end = start + len(word.text)
            if word.probability < _UNSURE_BELOW:
                text += escape(line.text[told:start]) + Markup('<span class="unsure">{}</span>').format(word.text)
                told = end
        return {
            "time": words.clock(line.start_s), "row": self.row_of(line.start_s), "text": text + line.text[told:],
        }  # fmt: skip


def _without_still(assessment: Assessment, stills: Mapping[str, Still] | None, lang: str) -> str:
    """Names of findings whose moment gave no picture; empty where no recording was at hand at all."""
    lacking = [v for v, _ in to_draw(assessment) if v.criterion not in stills] if stills is not None else []
    return words.listed((findings.name_of(v, lang) for v in lacking), lang)


def stills_in(page: str, assessment: Assessment) -> dict[str, Still]:
    """The stills of a report that stood here, as far as they show a finding of ``assessment``.

    Parameters
    ----------
    page
        Text of a ``report.html`` on the same recording; of anything else nothing is taken.
    assessment
        What the next report is about.
    """
    spans = {v.criterion: v.evidence for v, _ in to_draw(assessment)}
    reader = _Stills()
    reader.feed(page)
    return {
        id: still for id, still in reader.found.items()
        if any(each.start_s <= still.t_s <= each.end_s for each in spans.get(id, ()))
    }  # fmt: skip


class _Stills(HTMLParser):
    """Reads the stills of a report that this module wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Still] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an image that says of which criterion it is, and when."""
        about = {name: value or "" for name, value in attrs}
        if tag != "img" or "data-criterion" not in about:
            return
        try:
            data = about["src"].removeprefix("data:image/jpeg;base64,")
            still = Still(base64.b64decode(data, validate=True), float(about["data-t"]), int(about["width"]),
                          int(about["height"]))  # fmt: skip
        except (KeyError, ValueError):
            return
        self.found[about["data-criterion"]] = still


def _percent(share: float) -> str:
    return words.quantity(round(100 * share), "%", "en")


def _head(assessment: Assessment, pack: NormPack, lang: str, *, has_picture: bool) -> dict[str, Any]:
    """The first glance: total or why there is none, coverage, praise."""
    recording = assessment.recording
    about = [
        f"{words.pick(pack.name, lang) or pack.id} {assessment.pack.version}",
        pack.profile_name(assessment.profile, lang),
        words.clock(recording.duration_s),
    ]
    if recording.camera != "none" or not has_picture:  # else the reasons say why nobody could be seen in it
        about.append(translate(CAMERAS[recording.camera], lang))
    if recording.camera != "none":
        about += [translate(FRAMINGS[recording.framing], lang), translate(POSITIONS[recording.position], lang)]
    done_well = findings.well_done(assessment)
    return {
        "title": re.sub(r"(?i)(?<=.)\.(webm|mkv|mp4|mov)$", "", recording.name),
        "subtitle": " · ".join(about),
        "total": {
            "text": totals.total_text(assessment, lang),
            "name": totals.total_name(assessment, lang),
            "left_out": totals.left_out_text(assessment, lang),
            "mark": findings.mark_of_score(None if assessment.total is None else assessment.total / 100),
        },
        "coverage": {
            "text": _percent(assessment.coverage),
            "percent": round(100 * assessment.coverage, 1),
            "floor": _percent(assessment.coverage_floor),
            "floor_percent": round(100 * assessment.coverage_floor, 1),
        },
        "praise": words.listed((findings.praise_text(v, lang) for v in done_well), lang),
        "nothing_first": _nothing_first(assessment, lang),
        "caps": totals.caps_texts(assessment, lang),
        "warnings": [translate(w.sentence, lang, **w.fields) for w in recording.warnings],
    }


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


def _counts(assessment: Assessment) -> list[tuple[Mark, int]]:
    marks = [findings.mark_of(v) for v in assessment.verdicts]
    return [(mark, marks.count(mark)) for mark in Mark if mark in marks]


def _dimensions(assessment: Assessment, lang: str) -> list[dict[str, Any]]:
    return [
        {
            "name": findings.dimension_name(assessment, id, lang)
            if assessment.total is not None or d.score is None
            else totals.dimension_scope(assessment, id, lang),
            "mark": findings.mark_of_dimension(assessment, id),
            "points": findings.dimension_points(assessment, id),
            "coverage": _percent(d.coverage),
            "remedy": totals.dimension_remedy(assessment, id, lang),
        }
        for id, d in assessment.dimensions.items()
    ]


def _open(assessment: Assessment, lang: str) -> list[dict[str, str]]:
    """What was not assessed, by reason."""
    return [
        {
            "reason": words.explain_reason(code, lang),
            "names": words.listed((findings.name_of(v, lang) for v in group), lang),
        }
        for code, group in findings.not_assessed(assessment.verdicts).items()
    ]


def _calibration_note(body: Body | None, lang: str) -> str:
    if body is None:
        return translate("The file has no picture: the voice alone was assessed.", lang)
    if body.calibration is None:
        return translate(
            "There is no calibration stretch: what compares a person with their own upright posture was not assessed.",
            lang,
        )
    return translate(
        "Calibration stretch {span}: the quiet, upright seconds with which the rest is compared.",
        lang,
        span=words.span(body.calibration.start_s, body.calibration.end_s),
    )


def _facts(assessment: Assessment, pack: NormPack, performance: Performance, lang: str) -> list[tuple[str, str, str]]:
    """Provenance as (name, value, checksum): enough to do it again and get the same."""
    recording = assessment.recording
    options = "; ".join(f"{key} = {value}" for key, value in assessment.options.items() if value not in (None, [], ()))
    pack_name = words.pick(pack.name, lang) or pack.id
    return [
        (translate("Recording", lang), recording.name, f"sha256 {recording.sha256}"),
        (translate("People seen", lang), str(recording.people), ""),
        (translate("Language heard", lang), performance.language or "–", ""),
        (translate("Norm pack", lang), f"{pack_name} ({assessment.pack.id} {assessment.pack.version})",
         f"sha256 {assessment.pack.sha256}"),
        (translate("Profile", lang), f"{pack.profile_name(assessment.profile, lang)} ({assessment.profile})", ""),
        (translate("Options", lang), options or "–", ""),
        *((translate("Model", lang), model.id, f"sha256 {model.sha256}") for model in assessment.models),
        ("Liyi", f"{assessment.liyi_version} · schema {assessment.schema_version}", ""),
        (translate("Made", lang), f"{assessment.created_at} ({words.quantity(assessment.elapsed_s, 's', lang)})", ""),
    ]  # fmt: skip


HTML = Report(draw=draw_stills, write=write_report, stills_in=stills_in)  # what every interface hands to scoring
