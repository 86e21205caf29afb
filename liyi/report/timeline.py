"""What stands on the timeline: an assessment's findings, what was seen, pitch and level, and the words, on one axis."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from liyi.core import words
from liyi.core.timeline import Timeline as Spans
from liyi.core.words import translate
from liyi.etiquette.performance import measures
from liyi.report import findings
from liyi.report.charts import Caption, Curve, Lane, Span, Timeline
from liyi.report.findings import Mark
from posture.gate import too_dark

if TYPE_CHECKING:
    from liyi.core.trace import BoolArray
    from liyi.etiquette.assessment import Assessment, Verdict
    from liyi.etiquette.performance import Performance
    from posture.body import Body
    from speech.voice import Voice

_PITCH_REACH_ST = (6.0, 12.0)  # half an octave up and down, an octave for lively voices
_QUIETEST_DB = 60.0  # below the loudest: room noise, not voice


def timeline_of(assessment: Assessment, performance: Performance, lang: str) -> Timeline:
    """Everything in a recording that has a time.

    Parameters
    ----------
    assessment
        Its evidence becomes the lanes, its transcript the captions.
    performance
        Seen and heard: the background and the curves.
    lang
        ``zh`` or ``en``.
    """
    body, voice = performance.body, performance.voice
    found = tuple(
        Lane(findings.name_of(v, lang), spans_of(v, lang))
        for group in findings.by_dimension(assessment).values()
        for v in group
        if v.evidence or v.undecided
    )
    return Timeline(
        duration_s=performance.duration_s,
        lanes=(*(_background(body, lang) if body else ()), *found),
        curves=curves_of(voice, lang) if voice else (),
        captions=tuple(Caption(w.start_s, w.end_s, w.text) for line in assessment.transcript for w in line.words),
        speech=voice.stretches if voice else (),
        speech_name=translate("speech", lang),
    )


def spans_of(verdict: Verdict, lang: str) -> tuple[Span, ...]:
    """The moments of a verdict as stretches on its lane."""
    mark = findings.mark_of(verdict)
    taken = measures().get(verdict.measure)
    if mark is Mark.GOOD and taken is not None and taken.kind == "trace":
        mark = Mark.ATTENTION  # evidence of a trace is what lay outside its band, however short
    told = [(mark, e) for e in verdict.evidence] + [(Mark.REVIEW, e) for e in verdict.undecided]
    name = findings.name_of(verdict, lang)
    return tuple(
        Span(e.start_s, e.end_s, mark.style, f"{name} {words.span(e.start_s, e.end_s)}, {mark.word(lang)}",
             verdict.criterion)
        for mark, e in told
    )  # fmt: skip


def unseen(body: Body, lang: str) -> dict[str, BoolArray]:
    """Samples (n,) in which nothing of the person could be used, by why not; without what does not occur."""
    nothing, dark = ~body.usable.any(axis=1), too_dark(body.track)
    why = {translate("too dark", lang): nothing & dark, translate("nobody seen", lang): nothing & ~dark}
    return {name: when for name, when in why.items() if when.any()}


def _background(body: Body, lang: str) -> tuple[Lane, ...]:
    """Behind the findings: when nobody was seen, and why, and the calibration stretch."""
    lanes = [
        Lane(name, tuple(Span(i.start_s, i.end_s, "open", name) for i in Spans.where(body.t, when)), thin=True)
        for name, when in unseen(body, lang).items()
    ]
    if body.calibration is not None:
        name = translate("calibration", lang)
        stretch = Span(body.calibration.start_s, body.calibration.end_s, "calibration", name)
        lanes.append(Lane(name, (stretch,), thin=True))
    return tuple(lanes)


def curves_of(voice: Voice, lang: str) -> tuple[Curve, ...]:
    """Pitch in semitones about the speaker's own median, and level; without any voiced sound the level alone."""
    curves: list[Curve] = []
    pitch_hz = voice.pitch_hz.astype(np.float64)
    voiced = np.isfinite(pitch_hz)
    if voiced.any():
        median_hz = float(np.median(pitch_hz[voiced]))
        semitones = 12 * np.log2(pitch_hz / median_hz)
        lively = float(np.percentile(np.abs(semitones[voiced]), 95)) > _PITCH_REACH_ST[0]
        reach = _PITCH_REACH_ST[lively]
        about = translate("semitones re {hz} Hz", lang, hz=words.number(median_hz, 0))
        ticks = (-reach, 0.0, reach)
        curves.append(Curve(translate("Pitch", lang), about, voice.t, semitones, -reach - 1, reach + 1, ticks))
    level_db = voice.level_db.astype(np.float64)
    heard = level_db[np.isfinite(level_db)]
    if heard.size:
        high = 10.0 * math.ceil(float(heard.max()) / 10)
        floor = 10.0 * math.floor(float(np.percentile(heard, 5)) / 10)
        low = max(min(floor, high - 20), high - _QUIETEST_DB)
        name = translate("Level", lang)
        curves.append(Curve(name, "dBFS", voice.t, level_db, low, high, (low, high), 44.0, peak=True))
    return tuple(curves)
