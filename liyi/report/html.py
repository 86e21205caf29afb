"""The report as one HTML file: no network, no font of its own, one script; reads the same today and in ten years.

The app serves the same page from its own address, under the same policy (`content_security_policy`).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from liyi.core import words
from liyi.core.templates import template
from liyi.core.words import translate
from liyi.report import charts, facts, findings, photo, player, remarks, transcript, wording
from liyi.report.findings import Mark
from liyi.report.first_screen import first_screen
from liyi.report.page_parts import Page, percent
from liyi.report.setting import ALONE
from liyi.report.stills import WHOLE, stills_in, to_draw
from liyi.report.stills import stills as draw_stills
from liyi.report.timeline import timeline_of, unseen
from liyi.scoring.reporting import Report, Still

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.core.trace import Signal
    from liyi.etiquette.assessment import Assessment
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.performance import Performance
    from liyi.report.setting import Setting

_TEMPLATES = Path(__file__).parent / "templates"
_IMPORT = 'import { bytes, drawJoints, jointsOf } from "./skeleton.mjs";\n'  # of the player, which stands with it here


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
    if assessment.is_photo:
        return _photo_report(assessment, performance, signals, pack, lang, stills, setting)
    decided = setting.remarks.decided(assessment)
    heard = wording.heard(assessment, performance, signals, pack)
    page = Page(decided, performance, signals, pack, lang, charts.rows(performance.duration_s), heard)
    context: dict[str, Any] = {
        **_document(lang, setting, "file: data:"),
        "a": decided,
        **first_screen(assessment, performance, signals, pack=pack, lang=lang, setting=setting),
        "people": remarks.told(setting.remarks, assessment, lang),
        "subtitle": facts.subtitle(assessment, pack, lang, has_picture=performance.body is not None),
        "facts": facts.facts(assessment, pack, performance, lang),
        **_playing(page, assessment, setting),
        **_over_time(page, assessment, setting),
        **_found(page, assessment, stills),
        "transcript": [page.said(line) for line in transcript.lines(assessment.transcript, heard, lang)],
        "phrases_told": bool(heard),
        "two_ears": wording.method_text(performance, pack, lang),
    }
    return template("report.html.j2", _TEMPLATES).render(context)


def _document(lang: str, setting: Setting, media: str) -> dict[str, Any]:
    """What every page of a report has; ``media`` are the sources that it may show as a file."""
    return {
        "_": partial(translate, lang=lang),
        "lang": lang,
        "css": Markup(_css()),
        "policy": "" if setting.in_app else _policy(media),
        "in_app": setting.in_app,
        "seen_by": setting.seen_by,
    }


def _playing(page: Page, assessment: Assessment, setting: Setting) -> dict[str, Any]:
    """The player: which file it plays, and what it shows beside the picture."""
    performance, lang = page.performance, page.lang
    media = setting.media or player.address_beside(assessment.recording.name)
    beside = assessment.recording.side
    side_media = setting.side_media or (player.address_beside(beside.name) if beside and not setting.in_app else "")
    return {
        "script": Markup(_script()),
        "player": player.player_data(assessment, performance, media, page.heard, side_media),
        "sound_only": player.is_sound(assessment.recording.name, picture=performance.body is not None),
        "media": media,
        "media_name": assessment.recording.name,
        "runs_twice": player.clock_in_file(performance) is None,
        "lanes": player.lanes(page.assessment, performance.duration_s, lang),
        "level": player.level_strip(performance, lang),
        "ticks": remarks.ticks(setting.remarks, performance.duration_s),
        "length": words.clock(performance.duration_s),
    }


def _over_time(page: Page, assessment: Assessment, setting: Setting) -> dict[str, Any]:
    """The timeline with its rows, and what could not be seen, heard or compared."""
    performance, body, lang = page.performance, page.performance.body, page.lang
    timeline = timeline_of(assessment, performance, lang)
    if (comments := remarks.lane(setting.remarks, lang)) is not None:
        timeline = replace(timeline, lanes=(*timeline.lanes, comments))
    return {
        "rows": [Markup(page.row(timeline, row)) for row in page.rows],
        "words_left_out": bool(assessment.transcript) and not charts.shows_words(performance.duration_s),
        "unseen": unseen(body, lang) if body is not None else (),
        "has_sound": performance.voice is not None,
        "calibration": body is not None and body.calibration is not None,
        "calibration_note": facts.calibration_note(body, lang),
        "reading_note": facts.reading_note(performance, lang),
    }


def _found(page: Page, assessment: Assessment, stills: Mapping[str, Still] | None) -> dict[str, Any]:
    """Each verdict in words: counted, with its still, by dimension, as deductions, and what was not assessed."""
    decided, lang = page.assessment, page.lang
    found = {v.criterion: page.finding(v) for v in decided.verdicts}
    return {
        "marks": list(Mark),
        "coverage": {"text": percent(decided.coverage, lang), "floor": percent(decided.coverage_floor, lang)},
        "counts": _counts(decided),
        "gallery": page.gallery(stills or {}, found),
        "without_still": _without_still(assessment, stills, lang),
        "stills_missing": stills is None and page.performance.body is not None,
        "details": [
            {"name": findings.dimension_name(assessment, name, lang), "findings": [found[v.criterion] for v in group]}
            for name, group in findings.by_dimension(decided).items()
        ],
        **page.deductions(found),
        "open": _open(decided, lang),
    }


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
    page = Page(decided, performance, signals, pack, lang, (), ())
    drawn, still, body = photo.lines_of(assessment), (stills or {}).get(WHOLE), performance.body
    numbers = {id: each.number for each in drawn for id in each.criteria}
    shown = [v for group in findings.by_dimension(decided).values() for v in group if v.status != "not_assessed"]
    context: dict[str, Any] = {
        **_document(lang, setting, "data:"),
        "a": assessment,
        **first_screen(assessment, performance, signals, pack=pack, lang=lang, setting=setting),
        "picture": still and {"data": base64.b64encode(still.jpeg).decode("ascii"), "width": still.width,
                              "height": still.height},
        "people": remarks.told(replace(setting.remarks, appealable=False), assessment, lang),  # it has no script
        "overlay": photo.overlay(body, drawn) if body is not None else "",
        "measured": [(numbers.get(v.criterion), page.finding(v)) for v in shown],
        "open": _open(decided, lang),
        "subtitle": facts.subtitle(assessment, pack, lang, has_picture=True),
        "facts": facts.facts(assessment, pack, performance, lang),
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


def _without_still(assessment: Assessment, stills: Mapping[str, Still] | None, lang: str) -> str:
    """Names of findings whose moment gave no picture; empty where no recording was at hand at all."""
    lacking = [v for v, _ in to_draw(assessment) if v.criterion not in stills] if stills is not None else []
    return words.listed((findings.name_of(v, lang) for v in lacking), lang)


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


HTML = Report(draw=draw_stills, write=write_report, stills_in=stills_in)  # what every interface hands to scoring
