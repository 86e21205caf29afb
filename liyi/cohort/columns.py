"""Columns of a batch's tables: each is described once, for scores.csv, scores.parquet and scores.xlsx alike.

A column has an id where it stands in CSV and Parquet, and a heading where it stands in the workbook. Ids do not change
with the language; what the workbook shows may be another form of the same value (a name for an id, a mark beside a
number).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Generic, Literal, NamedTuple, Protocol, TypeVar

from liyi.batch.rows import briefly, criteria_of
from liyi.cohort.ranks import failure_text, outcome, pack_text, profile_text, ranks, shown_total
from liyi.core import words
from liyi.core.lazy import LazySequence
from liyi.core.spreadsheet_text import plain
from liyi.core.words import translate
from liyi.report import findings, totals
from liyi.report.facts import CAMERAS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from liyi.batch.rows import Row
    from liyi.cohort.outliers import Note
    from liyi.etiquette.assessment import Assessment, DimensionScore, Verdict

Value = str | float | None
# How the workbook shows a value; text, a whole number or a number with decimals in Parquet.
Format = Literal["text", "wrapped", "whole", "points", "share"]
About = TypeVar("About", contravariant=True)


class Cell(NamedTuple):
    """What a cell of the workbook holds, and the name of its style: a `Format`, or that of a mark."""

    value: Value
    style: str


@dataclass(frozen=True)
class Column(Generic[About]):
    """One column of a table whose lines are about something: a recording, a deduction.

    Attributes
    ----------
    id : str
        Name in CSV and Parquet; empty where the column is in the workbook only.
    heading : str
        What stands over it in the workbook, in the reader's language; empty where it is not in the workbook.
    format : Format
        Of the values.
    width : int
        In the workbook, in characters.
    value : callable
        The value of a line; None where it has none.
    shown : callable or None
        What the workbook shows instead; a `Cell` where the style follows from the value.
    """

    id: str
    heading: str
    format: Format
    width: int
    value: Callable[[About], Value]
    shown: Callable[[About], Value | Cell] | None = None

    def cell(self, about: About) -> Cell:
        """What the workbook shows of a line."""
        found = (self.shown or self.value)(about)
        return found if isinstance(found, Cell) else Cell(found, self.format)


class OfRow(Protocol):
    """Whatever a line is about, it belongs to a row of the batch."""

    @property
    def row(self) -> Row:
        """What came of a line of the manifest."""
        ...


@dataclass(frozen=True)
class Line:
    """A recording in the tables: its row, what should be looked at again, and its rank among those judged alike."""

    row: Row
    notes: Sequence[Note] = ()
    rank: int | None = None

    @cached_property
    def verdicts(self) -> Mapping[str, Verdict]:
        """Verdicts by criterion; none where nothing was assessed."""
        return {verdict.criterion: verdict for verdict in self.row.assessment.verdicts} if self.row.assessment else {}

    @cached_property
    def charged(self) -> Mapping[str, float]:
        """Points charged, by criterion: 0 for what was assessed and cost nothing."""
        if self.row.assessment is None:
            return {}
        if self.row.assessment.is_photo:
            return {}
        charged = {id: 0.0 for id, verdict in self.verdicts.items() if verdict.status == "assessed"}
        return charged | {each.criterion: each.charged for each in self.row.assessment.deductions}

    @property
    def dimensions(self) -> Mapping[str, DimensionScore]:
        """Dimensions by id; none where nothing was assessed."""
        return self.row.assessment.dimensions if self.row.assessment else {}


def lines(rows: Sequence[Row], notes: Sequence[Sequence[Note]]) -> Sequence[Line]:
    """The recordings, in the order of the manifest."""
    found = ranks(rows)
    return LazySequence(range(len(rows)), lambda index: Line(rows[index], notes[index], found.get(index)))


def score_cell(score: float | None) -> Cell:
    """A score of 0 to 100 with the style of its mark, as it is shown; the shape alone where there is none."""
    mark = findings.mark_of_score(None if score is None else round(score, 1) / 100)
    return Cell(mark.shape, f"{mark.name} word") if score is None else Cell(score, mark.name)


def recording_columns(lang: str) -> tuple[Column[OfRow], ...]:
    """Which recording a line is about: its file, person and cohort."""
    return (
        Column("file", translate("Recording", lang), "text", 36, lambda on: plain(on.row.path)),
        Column("person", translate("Person", lang), "text", 14, lambda on: plain(on.row.person or "") or None),
        Column("cohort", translate("Cohort", lang), "text", 14, lambda on: plain(on.row.cohort or "") or None),
    )


def total_column(lang: str) -> Column[OfRow]:
    """The total; the workbook shows it as ranks are given, so that what looks equal there shares a rank."""
    return Column(
        "total", translate("Total", lang), "points", 10, _of(lambda a: a.total), _of(lambda a: score_cell(_total(a)))
    )


def rank_column(lang: str) -> Column[Line]:
    """The rank among those judged alike; in the workbook only."""
    return Column("", translate("Rank", lang), "whole", 8, lambda line: line.rank)


def score_columns(lang: str) -> tuple[Column[Line], ...]:
    """What every recording has, in CSV, Parquet and the ranking: before its dimensions and criteria."""
    return (
        *recording_columns(lang),
        Column("outcome", "", "text", 0, lambda line: outcome(line.row)),
        total_column(lang),
        Column("total_error", "±", "whole", 6, _of(lambda a: a.total_error)),
        Column("total_before_caps", "", "points", 0, _of(lambda a: a.total_before_caps)),
        Column("red_lines", translate("Red lines", lang), "wrapped", 40, _of(_crossed),
               _of(lambda a: plain(" ".join(totals.caps_texts(a, lang))) or None)),
        Column("", translate("Mark", lang), "text", 12, _of(lambda a: _word(a, lang).value),
               _of(lambda a: _word(a, lang))),
        Column("coverage", translate("Coverage", lang), "share", 10, _of(lambda a: a.coverage)),
        Column("coverage_floor", "", "share", 0, _of(lambda a: a.coverage_floor)),
        Column("pack", "", "text", 0, _of(lambda a: a.pack.id)),
        Column("pack_version", "", "text", 0, _of(lambda a: a.pack.version)),
        Column("profile", translate("Profile", lang), "text", 16, _of(lambda a: a.profile),
               _of(lambda a: profile_text(a.pack, a.profile, lang))),
        Column("kind", "", "text", 0, _of(lambda a: a.recording.kind)),
        Column("camera", translate("Camera", lang), "text", 12, _of(lambda a: a.recording.camera),
               _of(lambda a: translate(CAMERAS[a.recording.camera], lang))),
        Column("framing", "", "text", 0, _of(lambda a: a.recording.framing)),
        Column("position", "", "text", 0, _of(lambda a: a.recording.position)),
        Column("duration_s", "", "points", 0, _of(lambda a: a.recording.duration_s)),
        Column("people", "", "whole", 0, _of(lambda a: a.recording.people)),
        Column("", translate("Norm pack", lang), "text", 24, _of(lambda a: pack_text(a.pack, lang))),
        Column("", translate("Why no total", lang), "text", 48,
               _of(lambda a: totals.total_text(a, lang) if a.total is None else None)),
    )  # fmt: skip


def result_columns(lang: str) -> tuple[Column[Line], ...]:
    """What every recording has after its dimensions and criteria: what to look at again, and where it came from."""
    return (
        Column("recheck", translate("To look at again", lang), "text", 60,
               lambda line: "; ".join(dict.fromkeys(note.code for note in line.notes)) or None,
               lambda line: _notes_text(line, lang)),
        Column("warnings", "", "text", 0, _of(lambda a: _warnings(a, lang))),
        Column("pack_sha256", "", "text", 0, _of(lambda a: a.pack.sha256)),
        Column("liyi_version", "", "text", 0, _of(lambda a: a.liyi_version)),
        Column("sha256", "", "text", 0, _of(lambda a: a.recording.sha256)),
        Column("key", "", "text", 0, lambda line: line.row.key),
        Column("failure", "", "text", 0, lambda line: plain(failure_text(line.row, lang)) or None),
    )  # fmt: skip


def dimension_columns(rows: Sequence[Row], lang: str) -> tuple[Column[Line], ...]:
    """Score and coverage of each dimension, in the order in which they first occur."""
    names: dict[str, str] = {}
    for row in briefly(rows):
        if row.assessment is not None:
            for id in row.assessment.dimensions:
                names.setdefault(id, findings.dimension_name(row.assessment, id, lang))
    return tuple(column for id, name in names.items() for column in dimension_parts(id, name, lang))


def dimension_parts(id: str, name: str, lang: str) -> tuple[Column[Line], ...]:
    """The columns of one dimension, which the workbook calls ``name``."""
    return (
        Column(f"dimension.{id}", name, "points", 10, _of_dimension(id, lambda d: d.score),
               _of_dimension(id, lambda d: score_cell(d.score))),
        Column(f"dimension_coverage.{id}", f"{name} · {translate('Coverage', lang)}", "share", 10,
               _of_dimension(id, lambda d: d.coverage)),
    )  # fmt: skip


def criterion_columns(rows: Sequence[Row]) -> tuple[Column[Line], ...]:
    """The parts of each criterion's verdict, in the order in which the criteria first occur; for programs only."""
    ids = dict.fromkeys(id for found in criteria_of(rows) for id in found)
    return tuple(column for id in ids for column in criterion_parts(id))


def criterion_parts(id: str) -> tuple[Column[Line], ...]:
    """The columns of one criterion."""
    return (
        Column(f"status.{id}", "", "text", 0, _of_verdict(id, lambda v: v.status)),
        Column(f"value.{id}", "", "points", 0, _of_verdict(id, lambda v: v.value)),
        Column(f"unit.{id}", "", "text", 0, _of_verdict(id, lambda v: v.unit or None)),
        Column(f"error.{id}", "", "points", 0, _of_verdict(id, lambda v: v.error)),
        Column(f"sub_score.{id}", "", "points", 0, _sub_score(id)),
        Column(f"weight.{id}", "", "points", 0, _of_verdict(id, lambda v: v.weight)),
        Column(f"charged.{id}", "", "points", 0, _charged(id)),
        Column(f"coverage.{id}", "", "share", 0, _of_verdict(id, lambda v: v.coverage)),
        Column(f"reason.{id}", "", "text", 0, _of_verdict(id, lambda v: v.reason)),
    )


Found = TypeVar("Found")


def _of(value: Callable[[Assessment], Found]) -> Callable[[OfRow], Found | None]:
    return lambda on: None if on.row.assessment is None else value(on.row.assessment)


def _of_dimension(id: str, value: Callable[[DimensionScore], Found]) -> Callable[[Line], Found | None]:
    return lambda line: value(line.dimensions[id]) if id in line.dimensions else None


def _sub_score(id: str) -> Callable[[Line], float | None]:
    """None of a photo: the moment it shows is no performance, and goes into no mean of such."""
    score = _of_verdict(id, lambda v: v.sub_score)
    return lambda line: None if line.row.assessment is None or line.row.assessment.is_photo else score(line)


def _charged(id: str) -> Callable[[Line], float | None]:
    return lambda line: line.charged.get(id)


def _of_verdict(id: str, value: Callable[[Verdict], Found]) -> Callable[[Line], Found | None]:
    return lambda line: value(line.verdicts[id]) if id in line.verdicts else None


def _total(assessment: Assessment) -> float | None:
    return shown_total(assessment.total)


def _crossed(assessment: Assessment) -> str | None:
    """The red lines that were crossed; one that waits for a person's decision makes the total provisional."""
    said = (f"{'+'.join(cap.criteria)}: {cap.status} {cap.total:g}" for cap in assessment.caps)
    return "; ".join(said) or None


def _word(assessment: Assessment, lang: str) -> Cell:
    total = _total(assessment)
    mark = findings.mark_of_score(None if total is None else total / 100)
    text = mark.word(lang)
    if totals.is_provisional(assessment):
        text = words.listed((text, translate("provisional", lang)), lang)
    return Cell(text, f"{mark.name} word")


def _notes_text(line: Line, lang: str) -> str | None:
    assessment = line.row.assessment
    return None if assessment is None else " ".join(note.text(assessment, lang) for note in line.notes)


def _warnings(assessment: Assessment, lang: str) -> str | None:
    said = (translate(warning.sentence, lang, **warning.fields) for warning in assessment.recording.warnings)
    return plain(" ".join(said)) or None
