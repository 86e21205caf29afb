"""The side panel of a rehearsal: three lines in words, which change seldom and never say the opposite of a hint.

What belongs here: how verdicts on the last seconds become a line, and when the page may see another one. No line holds
a number: a glance takes in a word, and the error of a few seconds is larger than the digits would tell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from liyi.core.words import N_, pick, translate
from liyi.etiquette.performance import measures
from liyi.report.findings import Mark, mark_of, name_of
from liyi.ui.live.coach import counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from liyi.etiquette.assessment import Verdict
    from liyi.etiquette.pack import NormPack

Name = Literal["posture", "pace", "level"]

CHANGE_EVERY_S = 5.0
STEADY_S = 2.0  # what is new must hold so long: a value at the edge of its band wavers

_MARKS = {Mark.GOOD: "good", Mark.ATTENTION: "attention", Mark.FAULT: "fault"}
_GOOD: Mapping[Name, str] = {"posture": N_("upright"), "pace": N_("just right"), "level": N_("even")}
_SIDES = {"low": N_("rather slow"), "high": N_("rather fast")}
_SYLLABLES = {"low": N_("syllables drawn out"), "high": N_("syllables rushed")}


@dataclass(frozen=True)
class Line:
    """One line: its mark, its words, and the criterion that it speaks of (none where all is well or unknown)."""

    mark: str
    text: str
    criterion: str = ""


def lines(verdicts: Iterable[Verdict], pack: NormPack, lang: str, *, hinted: str = "") -> dict[Name, Line]:
    """What the last seconds say, each line by its worst criterion, or by the one that a hint has just named."""
    assessed = [v for v in verdicts if v.status == "assessed" and counts(v)]
    by_line = {name: [v for v in assessed if _line_of(v) == name] for name in _GOOD}
    return {name: _line(name, found, pack, lang, hinted) for name, found in by_line.items()}


def _line_of(verdict: Verdict) -> Name | None:
    measure = measures()[verdict.measure]
    return "posture" if measure.of == "body" else measure.live.panel


def _line(name: Name, verdicts: list[Verdict], pack: NormPack, lang: str, hinted: str) -> Line:
    if not verdicts:
        return Line("none", translate(N_("not seen"), lang) if name == "posture" else "–")
    worst = min(verdicts, key=lambda v: (v.criterion != hinted, v.sub_score if v.sub_score is not None else 1.0))
    mark = mark_of(worst)
    if mark is Mark.GOOD:
        return Line("good", translate(_GOOD[name], lang))
    return Line(_MARKS.get(mark, "none"), _words(name, worst, pack, lang), worst.criterion)


def _words(name: Name, verdict: Verdict, pack: NormPack, lang: str) -> str:
    """What is off, in words: which way the tempo is, else what to do about it, else its name."""
    if name == "pace" and verdict.side in _SIDES:
        return translate((_SIDES if verdict.measure == "pace" else _SYLLABLES)[verdict.side], lang)
    return pick(pack.criteria[verdict.criterion].hint.on(verdict.side), lang) or name_of(verdict, lang)


@dataclass
class Panel:
    """What the page shows; seconds are those of the recording's clock."""

    _shown: dict[Name, Line] = field(default_factory=dict)
    _coming: dict[Name, tuple[Line, float]] = field(default_factory=dict)
    _changed_s: float = float("-inf")

    def take(self, news: Mapping[Name, Line], *, now_s: float, hinted: str = "") -> dict[Name, Line]:
        """The lines to show now.

        Parameters
        ----------
        news
            The lines that the last seconds call for.
        now_s
            The newest second that was judged.
        hinted
            The criterion that a hint names now: its line changes with the hint.
        """
        if now_s < self._changed_s:  # the clock began anew
            self._coming, self._changed_s = {}, float("-inf")
        due = {name for name, line in news.items() if self._is_due(name, line, now_s)}
        at_once = {name for name, line in news.items() if hinted and line.criterion == hinted}
        at_once |= {name for name in news if self._shown.get(name, Line("none", "")).mark == "none"}
        for name in due | at_once:
            if self._shown.get(name) != news[name]:
                self._shown[name], self._changed_s = news[name], now_s
        return dict(self._shown)

    def _is_due(self, name: Name, line: Line, now_s: float) -> bool:
        if (line.mark, line.text) == self._said(name):
            self._coming.pop(name, None)
            return False
        coming, since_s = self._coming.get(name, (line, now_s))
        if (coming.mark, coming.text) != (line.mark, line.text):
            since_s = now_s
        self._coming[name] = (line, since_s)
        return now_s - since_s >= STEADY_S and now_s - self._changed_s >= CHANGE_EVERY_S

    def _said(self, name: Name) -> tuple[str, str] | None:
        shown = self._shown.get(name)
        return (shown.mark, shown.text) if shown else None
