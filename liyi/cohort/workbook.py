"""scores.xlsx: a batch as people read it: ranking, dimensions, deductions, not assessed, failures, criteria.

Every text is written as text, in cells of the format Text: none becomes a formula or a link, not even when it is
edited. A mark is a shape in the number's own format beside its colour: cells stay numbers that can be sorted.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from liyi.batch.outputs import IS_OWN, MADE_BY, SCORES_XLSX
from liyi.batch.rows import briefly, criteria_of
from liyi.cohort import ranks
from liyi.cohort.columns import (
    Cell,
    Column,
    dimension_columns,
    lines,
    rank_column,
    recording_columns,
    result_columns,
    score_columns,
    total_column,
)
from liyi.core import words
from liyi.core.lazy import LazySequence
from liyi.core.spreadsheet_text import cell
from liyi.core.words import translate
from liyi.report import findings
from liyi.report.findings import Mark
from liyi.scoring.folder import result_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from liyi.batch.rows import Row
    from liyi.cohort.columns import Line, OfRow
    from liyi.cohort.outliers import Note
    from liyi.etiquette.assessment import Assessment, Deduction, Verdict

About = TypeVar("About")
Key = TypeVar("Key")
_ROWS_OF_A_SHEET = 1_048_576  # as many as Excel has
_COLOURS = {"good": "#1D6B3A", "attention": "#8F5A00", "fault": "#A63A28", "open": "#5C6968"}
_FILLS = {"good": "#D9EEE0", "attention": "#FBEBC8", "fault": "#F6D9D2", "open": "#ECEFEF"}
_AS_TEXT = 49  # Excel's own number of the format "@"
_FONT = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}


def write_workbook(
    rows: Sequence[Row], notes: Sequence[Sequence[Note]], path: Path, lang: str, *, ranked: bool = True
) -> None:
    """Write the workbook, whole or not at all.

    Parameters
    ----------
    rows
        In the order of the manifest.
    notes
        What should be looked at again, for each row (`liyi.cohort.outliers.recheck`).
    path
        The file.
    lang
        ``zh`` or ``en``.
    ranked
        Whether the first sheet is a ranking; else it has the order of the manifest, and no ranks.

    Raises
    ------
    LiyiError
        When it cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    # Rows wait in files of their own until the workbook is packed: they stay in this folder and leave with the block.
    with (
        result_file(path, IS_OWN[SCORES_XLSX]) as part,
        tempfile.TemporaryDirectory(dir=part.parent, prefix=".xlsx-") as rows_folder,
    ):
        workbook = xlsxwriter.Workbook(str(part), {"constant_memory": True, "tmpdir": rows_folder,
                                                   "strings_to_urls": False, "strings_to_formulas": False})  # fmt: skip
        workbook.set_properties({
            "title": translate("Batch of recordings", lang), "comments": MADE_BY, "created": _made_at(rows),
        })  # fmt: skip
        book = _Book(workbook)
        recordings, brief = lines(rows, notes), [*lines(briefly(rows), notes)]
        places = [at for at, line in enumerate(brief) if line.row.assessment is not None]
        judged = LazySequence(places, recordings.__getitem__)
        ranking = LazySequence(sorted(places, key=lambda at: _by_rank(brief[at])), recordings.__getitem__)
        _write_recordings(book, ranking if ranked else judged, lang, ranked=ranked)
        _write_dimensions(book, rows, [brief[at] for at in places], lang)
        _write_deductions(book, judged, lang)
        first = _firsts(places, rows, lambda at, id: id)
        names = {id: findings.name_of(recordings[at].verdicts[id], lang) for id, at in first.items()}
        _write_not_assessed(book, judged, names, lang)
        _write_failures(book, [line for line in brief if line.row.assessment is None], lang)
        photos_last = sorted(places, key=lambda at: _of_photo(brief[at]))  # their bands are those of one moment
        of_packs = _firsts(photos_last, rows, lambda at, id: (_pack_of(brief[at]), id))
        _write_criteria(book, ((recordings[at], id) for (_, id), at in of_packs.items()), lang)
        try:
            workbook.close()
        except FileCreateError as error:  # the OSError is its argument
            raise error.args[0] from error


def _made_at(rows: Sequence[Row]) -> datetime:
    """When the newest assessment was made: the same rows give the same file."""
    times = [row.assessment.created_at for row in briefly(rows) if row.assessment is not None]
    made = datetime.fromisoformat(max(times)) if times else datetime(2000, 1, 1, tzinfo=UTC)
    return made.astimezone(UTC).replace(tzinfo=None)


class _Book:
    """The workbook and its cell formats."""

    def __init__(self, workbook: Any) -> None:
        self.workbook = workbook
        text = {**_FONT, "num_format": _AS_TEXT}
        self.formats = {
            "head": workbook.add_format({**text, "bold": True, "font_color": "#FFFFFF", "bg_color": "#0F6E6E",
                                         "text_wrap": True}),
            "text": workbook.add_format(text),
            "wrapped": workbook.add_format({**text, "text_wrap": True}),
            "whole": workbook.add_format({**_FONT, "num_format": "0"}),
            "points": workbook.add_format({**_FONT, "num_format": "0.0"}),
            "share": workbook.add_format({**_FONT, "num_format": "0%"}),
        }  # fmt: skip
        for mark in Mark:
            colours = {"font_color": _COLOURS[mark.style], "bg_color": _FILLS[mark.style]}
            self.formats[mark.name] = workbook.add_format({**_FONT, **colours, "num_format": f'"{mark.shape} "0.0'})
            self.formats[f"{mark.name} word"] = workbook.add_format({**text, **colours})

    def sheet(self, title: str, columns: Sequence[tuple[str, int]], *, frozen: int = 1) -> _Sheet:
        """A new sheet with these headings and widths (in characters); the first columns stay in sight."""
        return _Sheet(self, title, columns, frozen)


class _Sheet:
    """A table with a frozen heading and filters; it goes on in another sheet when one is full."""

    def __init__(self, book: _Book, title: str, columns: Sequence[tuple[str, int]], frozen: int) -> None:
        self._book, self._title, self._columns, self._frozen = book, title, columns, frozen
        self._parts = 0
        self._open()

    def _open(self) -> None:
        self._parts += 1
        self._sheet = self._book.workbook.add_worksheet(self._title + (f" {self._parts}" if self._parts > 1 else ""))
        self._sheet.freeze_panes(1, self._frozen)
        self._sheet.set_landscape()
        self._sheet.set_paper(9)  # A4
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(0)
        for column, (_, width) in enumerate(self._columns):
            self._sheet.set_column(column, column, width)
        self._row = 0
        self._write([Cell(heading, "head") for heading, _ in self._columns])

    def append(self, cells: Iterable[Cell]) -> None:
        """Add a row of (value, format)."""
        if self._row == _ROWS_OF_A_SHEET:
            self.close()
            self._open()
        self._write(cells)

    def close(self) -> None:
        """Set the filters: the number of rows is known now."""
        self._sheet.autofilter(0, 0, max(self._row - 1, 0), len(self._columns) - 1)

    def _write(self, cells: Iterable[Cell]) -> None:
        for column, (value, style) in enumerate(cells):
            style_of = self._book.formats[style]
            if isinstance(value, str):
                self._sheet.write_string(self._row, column, cell(value), style_of)
            elif value is not None:
                self._sheet.write_number(self._row, column, value, style_of)
        self._row += 1


def _write(
    book: _Book, title: str, columns: Sequence[Column[About]], about: Iterable[About], *, frozen: int = 1
) -> None:
    """One sheet: the columns that have a heading, a line for each of what it is about."""
    shown = [column for column in columns if column.heading]
    sheet = book.sheet(title, [(column.heading, column.width) for column in shown], frozen=frozen)
    for each in about:
        sheet.append(column.cell(each) for column in shown)
    sheet.close()


def _write_recordings(book: _Book, recordings: Sequence[Line], lang: str, *, ranked: bool) -> None:
    """Where it is ranked, those with a total by group and rank; after them those without one, with the reason."""
    columns = (*score_columns(lang), *result_columns(lang))
    if ranked:
        _write(book, translate("Ranking", lang), (rank_column(lang), *columns), recordings, frozen=2)
    else:
        _write(book, translate("Recordings", lang), columns, recordings)


def _by_rank(line: Line) -> tuple[bool, ranks.Alike | None, int]:
    assessment = line.row.assessment
    return line.rank is None, ranks.alike(assessment) if assessment else None, line.rank or 0


def _write_dimensions(book: _Book, rows: Sequence[Row], recordings: Sequence[Line], lang: str) -> None:
    columns: tuple[Column[Line], ...] = (
        *recording_columns(lang), total_column(lang), *dimension_columns(rows, lang),
    )  # fmt: skip
    _write(book, translate("Dimensions", lang), columns, recordings)


@dataclass(frozen=True)
class _Lost:
    """A deduction, with what it was taken for."""

    row: Row
    assessment: Assessment
    deduction: Deduction
    verdict: Verdict


def _lost(recordings: Sequence[Line]) -> Iterator[_Lost]:
    for line in recordings:
        if (assessment := line.row.assessment) is not None:
            for deduction in assessment.deductions:
                yield _Lost(line.row, assessment, deduction, line.verdicts[deduction.criterion])


def _write_deductions(book: _Book, recordings: Sequence[Line], lang: str) -> None:
    """Every deduction, the dearest of a recording first, with the moments that prove it."""

    def clips(lost: _Lost) -> str:
        moments = sorted((each.start_s, each.end_s) for each in lost.deduction.evidence)
        return words.listed((words.span(*moment) for moment in moments), lang)

    columns: tuple[Column[_Lost], ...] = (
        *recording_columns(lang),
        Column("", translate("Dimension", lang), "text", 12,
               lambda lost: findings.dimension_name(lost.assessment, lost.deduction.dimension, lang)),
        Column("", translate("Criterion", lang), "text", 20, lambda lost: findings.name_of(lost.verdict, lang)),
        Column("", translate("Measured", lang), "text", 24, lambda lost: findings.value_text(lost.verdict, lang)),
        Column("", translate("Points", lang), "points", 10, lambda lost: lost.deduction.points),
        Column("", translate("Charged", lang), "points", 10, lambda lost: lost.deduction.charged),
        Column("", translate("Clips", lang), "text", 48, clips),
    )  # fmt: skip
    _write(book, translate("Deductions", lang), columns, _lost(recordings))


def _firsts(places: Iterable[int], rows: Sequence[Row], key: Callable[[int, str], Key]) -> dict[Key, int]:
    """The first row in which there is a verdict of each kind, which ``key`` makes of a row and a criterion."""
    criteria, found = criteria_of(rows), dict[Key, int]()
    for at in places:
        for id in criteria[at]:
            found.setdefault(key(at, id), at)
    return found


def _write_not_assessed(book: _Book, recordings: Sequence[Line], names: Mapping[str, str], lang: str) -> None:
    """The map: each recording by each criterion, the mark where it was assessed, ○ and the reason where not."""
    columns: tuple[Column[Line], ...] = (
        *recording_columns(lang),
        *(column for column in score_columns(lang) if column.id == "coverage"),
        *(_map_column(id, name, lang) for id, name in names.items()),
    )
    _write(book, translate("Not assessed", lang), columns, recordings)


def _map_column(id: str, name: str, lang: str) -> Column[Line]:
    """A column of the map: what became of one criterion in each recording."""

    def shown(line: Line) -> Cell:
        verdict = line.verdicts.get(id)
        if verdict is None:  # of another profile
            return Cell(None, "text")
        mark = findings.mark_of(verdict)
        reason = words.explain_reason(verdict.reason, lang)
        return Cell(f"{mark.shape} {reason}" if reason else mark.shape, f"{mark.name} word")

    return Column("", name, "text", 14, lambda line: shown(line).value, shown)


def _write_failures(book: _Book, failed: Sequence[Line], lang: str) -> None:
    why: Column[OfRow] = Column("", translate("Why", lang), "wrapped", 100, lambda on: ranks.failure_text(on.row, lang))
    _write(book, translate("Failures", lang), (*recording_columns(lang), why), failed)


def _of_photo(line: Line) -> bool:
    return line.row.assessment is not None and line.row.assessment.is_photo


def _pack_of(line: Line) -> str:
    return line.row.assessment.pack.sha256 if line.row.assessment else ""


def _write_criteria(book: _Book, judged: Iterable[tuple[Line, str]], lang: str) -> None:
    """What the ids of scores.csv stand for, and on what each criterion rests."""
    columns: tuple[Column[tuple[Assessment, Verdict]], ...] = (
        Column("", "id", "text", 24, lambda of: of[1].criterion),
        Column("", translate("Criterion", lang), "text", 20, lambda of: findings.name_of(of[1], lang)),
        Column("", translate("Dimension", lang), "text", 12,
               lambda of: findings.dimension_name(of[0], of[1].dimension, lang)),
        Column("", translate("Good band", lang), "text", 32, lambda of: findings.band_text(of[1], lang)),
        Column("", translate("Source", lang), "text", 60, lambda of: of[1].source.text(lang)),
        Column("", translate("Confidence", lang), "text", 24, lambda of: findings.confidence_text(of[1], lang)),
        Column("", translate("Norm pack", lang), "text", 24, lambda of: ranks.pack_text(of[0].pack, lang)),
    )  # fmt: skip
    found = ((line.row.assessment, line.verdicts[id]) for line, id in judged)
    told = ((assessment, verdict) for assessment, verdict in found if assessment is not None)
    _write(book, translate("Criteria", lang), columns, told)
