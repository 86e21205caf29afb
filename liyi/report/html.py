"""The report as one HTML file: no network, no font of its own, one script; reads the same today and in ten years.

The app serves the same page from its own address, under the same policy (`content_security_policy`).
"""

from __future__ import annotations

import base64
import hashlib
import math
from dataclasses import dataclass, replace
from functools import cache, partial
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from liyi.core import words
from liyi.core.moments import moment
from liyi.core.templates import template
from liyi.core.trace import Interval, Trace
from liyi.core.words import N_, translate
from liyi.etiquette.misheard import MOST_MISHEARD, reading_error
from liyi.etiquette.performance import measures
from liyi.report import charts, findings, photo, player, remarks, transcript, wording
from liyi.report.findings import Mark
from liyi.report.first_screen import Clip, first_screen
from liyi.report.setting import ALONE
from liyi.report.stills import stills as draw_stills
from liyi.report.stills import to_draw
from liyi.report.timeline import timeline_of, unseen
from liyi.scoring.confirming import answers_in, confirmed, with_answers
from liyi.scoring.reporting import Report, Still

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from liyi.core.trace import Signal
    from liyi.etiquette.assessment import Assessment, Evidence, SideInfo, Verdict
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.performance import Performance
    from liyi.report.setting import Setting
    from liyi.report.wording import Heard
    from posture.body import Body

_TEMPLATES = Path(__file__).parent / "templates"
_IMPORT = 'import { bytes, drawJoints, jointsOf } from "./skeleton.mjs";\n'  # of the player, which stands with it here

CAMERAS = {
    "front": N_("from the front"),
    "oblique": N_("from an angle"),
    "side": N_("from the side"),
    "both": N_("from the front and from the side"),
    "none": N_("no picture"),
}
FRAMINGS = {"upper_body": N_("upper body"), "full_body": N_("full body"), "none": N_("nobody in the picture")}
POSITIONS = {"standing": N_("standing"), "sitting": N_("sitting"), "unknown": N_("position unknown")}


@dataclass(frozen=True)
class Finding:
    """One verdict in words, as the page shows it."""

    criterion: str
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
    answered: bool
    parts: str
    view: str

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
    setting: Setting = ALONE,
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
    decided = setting.remarks.decided(assessment)
    if assessment.is_photo:
        return _photo_report(assessment, performance, signals, pack, lang, stills, setting)
    heard = wording.heard(assessment, performance, signals, pack)
    page = _Page(decided, performance, signals, pack, lang, charts.rows(performance.duration_s), heard)
    found = {v.criterion: page.finding(v) for v in decided.verdicts}
    timeline = timeline_of(assessment, performance, lang)
    if (comments := remarks.lane(setting.remarks, lang)) is not None:
        timeline = replace(timeline, lanes=(*timeline.lanes, comments))
    media = setting.media or player.address_beside(assessment.recording.name)
    beside = assessment.recording.side
    side_media = setting.side_media or (player.address_beside(beside.name) if beside and not setting.in_app else "")
    context: dict[str, Any] = {
        "_": partial(translate, lang=lang),
        "a": decided,
        "css": Markup(_css()),
        "script": Markup(_script()),
        "policy": "" if setting.in_app else _policy("file: data:"),
        "player": player.player_data(assessment, performance, media, heard, side_media),
        "sound_only": player.is_sound(assessment.recording.name, picture=performance.body is not None),
        "media": media,
        "runs_twice": player.clock_in_file(performance) is None,
        "media_name": assessment.recording.name,
        "lanes": player.lanes(decided, performance.duration_s, lang),
        "level": player.level_strip(performance, lang),
        "people": remarks.told(setting.remarks, assessment, lang),
        "ticks": remarks.ticks(setting.remarks, performance.duration_s),
        "length": words.clock(performance.duration_s),
        "lang": lang,
        "in_app": setting.in_app,
        "seen_by": setting.seen_by,
        "marks": list(Mark),
        **first_screen(assessment, performance, signals, pack=pack, lang=lang, setting=setting),
        "subtitle": _subtitle(assessment, pack, lang, has_picture=performance.body is not None),
        "coverage": {"text": _percent(decided.coverage, lang), "floor": _percent(decided.coverage_floor, lang)},
        "counts": _counts(decided),
        "rows": [Markup(page.row(timeline, row)) for row in page.rows],
        "words_left_out": bool(assessment.transcript) and not charts.shows_words(performance.duration_s),
        "unseen": unseen(performance.body, lang) if performance.body is not None else (),
        "has_sound": performance.voice is not None,
        "calibration": performance.body is not None and performance.body.calibration is not None,
        "calibration_note": _calibration_note(performance.body, lang),
        "reading_note": _reading_note(performance, lang),
        "gallery": page.gallery(stills or {}, found),
        "without_still": _without_still(assessment, stills, lang),
        "stills_missing": stills is None and performance.body is not None,
        "details": [
            {"name": findings.dimension_name(assessment, name, lang), "findings": [found[v.criterion] for v in group]}
            for name, group in findings.by_dimension(decided).items()
        ],
        **page.deductions(found),
        "open": _open(decided, lang),
        "transcript": [page.said(line) for line in transcript.lines(assessment.transcript, heard, lang)],
        "phrases_told": bool(heard),
        "two_ears": wording.method_text(performance, pack, lang),
        "facts": _facts(assessment, pack, performance, lang),
    }
    return template("report.html.j2", _TEMPLATES).render(context)


def _photo_report(
    assessment: Assessment,
    performance: Performance,
    signals: Mapping[str, Signal],
    pack: NormPack,
    lang: str,
    stills: Mapping[str, Still] | None,
    setting: Setting,
) -> str:
    """The report of one picture: the picture with its lines, what was measured; no player, no timeline, no voice."""
    decided = setting.remarks.decided(assessment)
    page = _Page(decided, performance, signals, pack, lang, (), ())
    drawn, still, body = photo.lines_of(assessment), (stills or {}).get(photo.WHOLE), performance.body
    numbers = {id: each.number for each in drawn for id in each.criteria}
    shown = [v for group in findings.by_dimension(decided).values() for v in group if v.status != "not_assessed"]
    context: dict[str, Any] = {
        "_": partial(translate, lang=lang),
        "a": assessment,
        "css": Markup(_css()),
        "policy": "" if setting.in_app else _policy("data:"),
        "lang": lang,
        "in_app": setting.in_app,
        "seen_by": setting.seen_by,
        **first_screen(assessment, performance, signals, pack=pack, lang=lang, setting=setting),
        "picture": still and {"data": base64.b64encode(still.jpeg).decode("ascii"), "width": still.width,
                              "height": still.height},
        "people": remarks.told(replace(setting.remarks, appealable=False), assessment, lang),  # it has no script
        "overlay": photo.overlay(body, drawn) if body is not None else "",
        "measured": [(numbers.get(v.criterion), page.finding(v)) for v in shown],
        "open": _open(decided, lang),
        "subtitle": _subtitle(assessment, pack, lang, has_picture=True),
        "facts": _facts(assessment, pack, performance, lang),
    }  # fmt: skip
    return template("photo.html.j2", _TEMPLATES).render(context)


def content_security_policy() -> str:
    """For whoever serves a report: its own style and script by their checksums, media and answers from the server."""
    return _policy("'self' data:") + "; connect-src 'self'; frame-ancestors 'self'"


@cache
def _policy(media: str) -> str:
    script, style = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii") for text in (_script(), _css())
    )
    return "; ".join((
        "default-src 'none'", f"script-src 'sha256-{script}'", f"style-src 'sha256-{style}'", "img-src data:",
        f"media-src {media}", "base-uri 'none'", "form-action 'none'",
    ))  # fmt: skip


def fault_page(sentence: str, lang: str) -> str:
    """A page in place of a report that cannot be shown, which says why."""
    return template("report_fault.html.j2", _TEMPLATES).render(sentence=sentence, lang=lang, css=Markup(_css()))


@cache
def _script() -> str:
    names = ("skeleton.mjs", "player.mjs", "appealing.mjs")
    skeleton, player, appealing = ((_TEMPLATES / name).read_text(encoding="utf-8") for name in names)
    player = player.replace(_IMPORT, "", 1)
    return f"\n{skeleton}\n{player}\n{{\n{appealing}}}\n"  # one module; the last part knows no names of the others


@cache
def _css() -> str:
    return "\n" + (_TEMPLATES / "report.css").read_text(encoding="utf-8")


@dataclass(frozen=True)
class _Page:
    """One report being written: what every part of the page needs to look up."""

    assessment: Assessment
    performance: Performance
    signals: Mapping[str, Signal]
    pack: NormPack
    lang: str
    rows: Sequence[Interval]
    heard: Sequence[Heard]

    def row_of(self, seconds: float) -> int:
        """Index of the timeline's row that shows this second."""
        return max((i for i, row in enumerate(self.rows) if row.start_s <= seconds), default=0)

    def clips(self, evidence: Sequence[Evidence], criterion: str) -> tuple[Clip, ...]:
        """The moments in time order."""
        ordered = sorted(evidence, key=lambda e: e.start_s)
        return tuple(
            Clip(words.span(e.start_s, e.end_s), e.start_s, e.end_s, self.row_of(e.start_s), criterion) for e in ordered
        )

    def finding(self, verdict: Verdict) -> Finding:
        """One verdict in words."""
        lang = self.lang
        score = verdict.sub_score
        value, typical = findings.measured_texts(verdict, lang)
        return Finding(
            criterion=verdict.criterion,
            name=findings.name_of(verdict, lang),
            mark=findings.mark_of(verdict),
            value=value,
            typical=typical,
            band=findings.band_text(verdict, lang),
            score="–" if score is None else findings.whole_points(100 * score),
            coverage=_percent(verdict.coverage, lang),
            clips=self.clips(verdict.evidence or verdict.undecided, verdict.criterion),
            source=verdict.source.text(lang),
            confidence=findings.confidence_text(verdict, lang),
            advice=words.pick(verdict.advice, lang),
            reason=words.explain_reason(verdict.reason, lang),
            spark=self.spark(verdict),
            answered=verdict.criterion in confirmed(self.assessment.options),
            parts=wording.parts_text(verdict, self.phrases(verdict), self.pack, lang),
            view=findings.view_text(verdict, lang),
        )

    def spark(self, verdict: Verdict) -> Markup:
        """The trace behind a verdict, small, with its good band."""
        signal = self.signals.get(verdict.criterion)
        if (
            self.performance.kind == "photo"
            or verdict.status == "not_assessed"
            or verdict.good is None
            or not isinstance(signal, Trace)
        ):
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
            facts = [finding.view, finding.value, finding.typical, "" if finding.mark is Mark.GOOD else finding.advice]
            shown.append({
                "criterion": criterion,
                "t_s": f"{still.t_s:.3f}",
                "finding": finding,
                "data": base64.b64encode(still.jpeg).decode("ascii"),
                "width": still.width,
                "height": still.height,
                "time": time,
                "clip": Clip(time, max(0.0, still.t_s - 1.0), still.t_s + 1.0, self.row_of(still.t_s), criterion),
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
                "clips": self.clips(d.evidence, d.criterion),
            }
            for d in self.assessment.deductions
        ]
        return {"deductions": lines, "deducted": words.number(sum(d.charged for d in self.assessment.deductions), 1)}

    def phrases(self, verdict: Verdict) -> list[Heard]:
        """The listed phrases that a criterion found."""
        return [each for each in self.heard if each.criterion == verdict.criterion]

    def said(self, line: transcript.Line) -> dict[str, Any]:
        """One phrase of the transcript with the time that plays it."""
        clip = Clip(words.clock(line.start_s), line.start_s, line.end_s, self.row_of(line.start_s))
        return {"clip": clip, "text": line.text, "notes": line.notes}


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
    if assessment.is_photo:
        return {id: still for id, still in reader.found.items() if id == photo.WHOLE}
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


def _percent(share: float, lang: str) -> str:
    return words.quantity(round(100 * share), "%", lang)


def _subtitle(assessment: Assessment, pack: NormPack, lang: str, *, has_picture: bool) -> str:
    """By which pack was judged, and what the picture shows."""
    recording = assessment.recording
    about = [f"{words.pick(pack.name, lang) or pack.id} {assessment.pack.version}"]
    if recording.camera != "none" or not has_picture:  # else the reasons say why nobody could be seen in it
        about.append(translate(CAMERAS[recording.camera], lang))
    if recording.camera != "none":
        about += [translate(FRAMINGS[recording.framing], lang), translate(POSITIONS[recording.position], lang)]
    return " · ".join(about)


def _language(heard: str | None, lang: str) -> str:
    """The name of a language; of one that no pack judges its code."""
    known = {"zh": N_("Mandarin"), "en": N_("English")}
    return translate(known[heard], lang) if heard in known else heard or "–"


def _counts(assessment: Assessment) -> list[tuple[Mark, int]]:
    marks = [findings.mark_of(v) for v in assessment.verdicts]
    return [(mark, marks.count(mark)) for mark in Mark if mark in marks]


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


def _reading_note(performance: Performance, lang: str) -> str:
    """What a known text that was read aloud means for the words; nothing where none was read."""
    error = reading_error(performance)
    if error is None:
        return ""
    widened = N_("In a text read aloud, the recogniser misheard {share} of the syllables: the criteria of words are "
                 "judged with that much more error.")  # fmt: skip
    left_out = N_("In a text read aloud, the recogniser misheard {share} of the syllables, too many: the criteria of "
                  "words are not assessed.")  # fmt: skip
    sentence = left_out if error > MOST_MISHEARD else widened
    return translate(sentence, lang, share=words.quantity(round(100 * error), "%", lang))


def _facts(assessment: Assessment, pack: NormPack, performance: Performance, lang: str) -> list[tuple[str, str, str]]:
    """Provenance as (name, value, checksum): enough to do it again and get the same."""
    recording = assessment.recording
    read_by = with_answers(assessment.options, ())
    options = "; ".join(f"{key} = {value}" for key, value in read_by.items() if value not in (None, [], ()))
    pack_name = words.pick(pack.name, lang) or pack.id
    made = f"{moment(assessment.created_at, named=True)} ({words.quantity(assessment.elapsed_s, 's', lang)})"
    return [
        (translate("Recording", lang), recording.name, f"sha256 {recording.sha256}"),
        *_side_facts(recording.side, lang),
        (translate("People seen", lang), str(recording.people), ""),
        (translate("Language heard", lang), _language(performance.language, lang), ""),
        (translate("Norm pack", lang), f"{pack_name} ({assessment.pack.id} {assessment.pack.version})",
         f"sha256 {assessment.pack.sha256}"),
        (translate("Profile", lang), f"{pack.profile_name(assessment.profile, lang)} ({assessment.profile})", ""),
        (translate("Options", lang), options or "–", ""),
        *((translate("Answered", lang), told, "") for told in _answers(assessment, lang)),
        *((translate("Model", lang), model.id, f"sha256 {model.sha256}") for model in assessment.models),
        ("Liyi", f"{assessment.liyi_version} · schema {assessment.schema_version}", ""),
        (translate("Made", lang), made, ""),
    ]  # fmt: skip


def _side_facts(side: SideInfo | None, lang: str) -> list[tuple[str, str, str]]:
    """The recording from the side, and where it begins."""
    if side is None:
        return []
    found = side.alignment
    told = translate("not aligned", lang) if found is None else translate(
        "begins at second {offset} of the recording, aligned by its sound to ±{error} ms ({agreeing} of {windows} "
        "windows; clocks differ by {drift} millionths)", lang, offset=f"{found.offset_s:.3f}",
        error=math.ceil(1000 * found.error_s), agreeing=found.agreeing, windows=found.windows,
        drift=words.number(found.drift_ppm, 0))  # fmt: skip
    return [(translate("Recording from the side", lang), f"{side.name}: {told}", f"sha256 {side.sha256}")]


_SAID = {"yes": N_("Yes"), "no": N_("No"), "unclear": N_("Cannot tell")}


def _answers(assessment: Assessment, lang: str) -> list[str]:
    """What the person said of undecided moments, one line each."""
    names = {v.criterion: findings.name_of(v, lang) for v in assessment.verdicts}
    heard = {v.criterion for v in assessment.verdicts if (m := measures().get(v.measure)) and not m.by_picture}
    said = {**_SAID, "unclear": N_("Cannot hear it")}
    return [
        f"{names.get(a.criterion, a.criterion)} {words.span(a.start_s, a.end_s)}: "
        f"{translate((said if a.criterion in heard else _SAID)[a.said], lang)}"
        for a in answers_in(assessment.options)
    ]


HTML = Report(draw=draw_stills, write=write_report, stills_in=stills_in)  # what every interface hands to scoring
