"""One report being written: its verdicts, moments, stills and rows of the timeline, in words and as drawings."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from liyi.core import words
from liyi.core.trace import Interval, Trace
from liyi.core.words import translate
from liyi.report import charts, findings, transcript, wording
from liyi.report.findings import Mark
from liyi.report.first_screen import Clip
from liyi.scoring.confirming import confirmed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from liyi.core.trace import Signal
    from liyi.etiquette.assessment import Assessment, Evidence, Verdict
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.performance import Performance
    from liyi.report.wording import Heard
    from liyi.scoring.reporting import Still


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


@dataclass(frozen=True)
class Page:
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
            coverage=percent(verdict.coverage, lang),
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


def percent(share: float, lang: str) -> str:
    """A share, 0..1, in whole percent."""
    return words.quantity(round(100 * share), "%", lang)
