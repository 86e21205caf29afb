"""scores.xlsx: a batch as people read it: ranking, dimensions, deductions, not assessed, failures, criteria.

Every text is written as text, in cells of the format Text: none becomes a formula or a link, not even when it is
edited. A mark is a shape in the number's own format beside its colour: cells stay numbers that can be sorted.
"""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from liyi.batch.outputs import IS_OWN, MADE_BY, SCORES_XLSX
from liyi.cohort import standing
from liyi.core import words
from liyi.core.cells import cell
from liyi.core.words import translate
from liyi.report import findings
from liyi.report.findings import Mark
from liyi.report.html import CAMERAS
from liyi.scoring.folder import result_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from liyi.batch.rows import Row
    from liyi.cohort.recheck import Note
    from liyi.etiquette.assessment import Assessment, Verdict

_ROWS_OF_A_SHEET = 1_048_576  # as many as Excel has
_COLOURS = {"good": "#1D6B3A", "attention": "#8F5A00", "fault": "#A63A28", "open": "#5C6968"}
_FILLS = {"good": "#D9EEE0", "attention": "#FBEBC8", "fault": "#F6D9D2", "open": "#ECEFEF"}
_AS_TEXT = 49  # Excel's own number of the format "@"
_FONT = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}


def write_workbook(rows: Sequence[Row], notes: Sequence[Sequence[Note]], path: Path, lang: str) -> None:
    """Write the workbook, whole or not at all.

    Parameters
    ----------
    rows
        In the order of the manifest.
    notes
        What should be looked at again, for each row (`liyi.cohort.recheck.recheck`).
    path
        The file.
    lang
        ``zh`` or ``en``.

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
        _write_ranking(book, rows, notes, lang)
        _write_dimensions(book, rows, lang)
        _write_deductions(book, rows, lang)
        _write_not_assessed(book, rows, lang)
        _write_failures(book, rows, lang)
        _write_criteria(book, rows, lang)
        try:
            workbook.close()
        except FileCreateError as error:  # an OSError in other clothes
            raise error.args[0] from error


def _made_at(rows: Sequence[Row]) -> datetime:
    """When the newest assessment was made: the same rows give the same file."""
    times = [row.assessment.created_at for row in rows if row.assessment is not None]
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
        self._write([(heading, "head") for heading, _ in self._columns])

    def append(self, cells: Iterable[tuple[str | float | None, str]]) -> None:
        """Add a row of (value, format)."""
        if self._row == _ROWS_OF_A_SHEET:
            self.close()
            self._open()
        self._write(cells)

    def close(self) -> None:
        """Set the filters: the number of rows is known now."""
        self._sheet.autofilter(0, 0, max(self._row - 1, 0), len(self._columns) - 1)

    def _write(self, cells: Iterable[tuple[str | float | None, str]]) -> None:
        for column, (value, style) in enumerate(cells):
            style_of = self._book.formats[style]
            if isinstance(value, str):
                self._sheet.write_string(self._row, column, cell(value), style_of)
            elif value is not None:
                self._sheet.write_number(self._row, column, value, style_of)
        self._row += 1


def _who(row: Row) -> list[tuple[str | float | None, str]]:
    return [(row.path, "text"), (row.person, "text"), (row.cohort, "text")]


def _who_columns(lang: str) -> list[tuple[str, int]]:
    return [(translate("Recording", lang), 36), (translate("Person", lang), 14), (translate("Cohort", lang), 14)]


def _judged(rows: Sequence[Row]) -> Iterator[tuple[Row, Assessment]]:
    return ((row, row.assessment) for row in rows if row.assessment is not None)


def _mark(score: float | None) -> Mark:
    return findings.mark_of_score(None if score is None else score / 100)


def _score(score: float | None) -> tuple[str | float | None, str]:
    """A score 0..100 with its mark; ○ and the word where there is none."""
    mark = _mark(score)
    return (mark.shape, f"{mark.name} word") if score is None else (score, mark.name)


def _write_ranking(book: _Book, rows: Sequence[Row], notes: Sequence[Sequence[Note]], lang: str) -> None:
    """Those with a total by group and rank; after them those without one, with the reason."""
    sheet = book.sheet(translate("Ranking", lang), [
        (translate("Rank", lang), 8), *_who_columns(lang), (translate("Total", lang), 10),
        (translate("Mark", lang), 12), (translate("Coverage", lang), 10), (translate("Profile", lang), 16),
        (translate("Camera", lang), 12), (translate("Norm pack", lang), 24), (translate("Why no total", lang), 48),
        (translate("To look at again", lang), 60),
    ], frozen=2)  # fmt: skip
    ranks = standing.ranks(rows)
    judged = [(index, row.assessment) for index, row in enumerate(rows) if row.assessment is not None]
    judged.sort(key=lambda each: (each[0] not in ranks, standing.alike(each[1]), ranks.get(each[0], 0), each[0]))
    for index, assessment in judged:
        total = standing.shown_total(assessment.total)
        mark = _mark(total)
        sheet.append([
            (ranks.get(index), "whole"), *_who(rows[index]), _score(total),
            (mark.word(lang), f"{mark.name} word"), (assessment.coverage, "share"),
            (standing.profile_text(assessment.pack, assessment.profile, lang), "text"),
            (translate(CAMERAS[assessment.recording.camera], lang), "text"),
            (standing.pack_text(assessment.pack, lang), "text"),
            (findings.total_text(assessment, lang) if total is None else None, "text"),
            (" ".join(note.text(assessment, lang) for note in notes[index]), "text"),
        ])  # fmt: skip
    sheet.close()


def _write_dimensions(book: _Book, rows: Sequence[Row], lang: str) -> None:
    names: dict[str, str] = {}
    for _, assessment in _judged(rows):
        for id in assessment.dimensions:
            names.setdefault(id, findings.dimension_name(assessment, id, lang))
    coverage = translate("Coverage", lang)
    sheet = book.sheet(translate("Dimensions", lang), [
        *_who_columns(lang), (translate("Total", lang), 10),
        *(column for name in names.values() for column in ((name, 10), (f"{name} · {coverage}", 10))),
    ])  # fmt: skip
    for row, assessment in _judged(rows):
        cells = [*_who(row), _score(standing.shown_total(assessment.total))]
        for id in names:
            found = assessment.dimensions.get(id)
            cells += [_score(found.score), (found.coverage, "share")] if found else [(None, "text"), (None, "text")]
        sheet.append(cells)
    sheet.close()


def _write_deductions(book: _Book, rows: Sequence[Row], lang: str) -> None:
    """Every deduction, the dearest of a recording first, with the moments that prove it."""
    sheet = book.sheet(translate("Deductions", lang), [
        *_who_columns(lang), (translate("Dimension", lang), 12), (translate("Criterion", lang), 20),
        (translate("Measured", lang), 24), (translate("Points", lang), 10), (translate("Charged", lang), 10),
        (translate("Clips", lang), 48),
    ])  # fmt: skip
    for row, assessment in _judged(rows):
        verdicts = {verdict.criterion: verdict for verdict in assessment.verdicts}
        for deduction in assessment.deductions:
            verdict = verdicts[deduction.criterion]
            moments = sorted((e.start_s, e.end_s) for e in deduction.evidence)
            sheet.append([
                *_who(row), (findings.dimension_name(assessment, deduction.dimension, lang), "text"),
                (findings.name_of(verdict, lang), "text"), (findings.value_text(verdict, lang), "text"),
                (deduction.points, "points"), (deduction.charged, "points"),
                (words.listed((words.span(*moment) for moment in moments), lang), "text"),
            ])  # fmt: skip
    sheet.close()


def _write_not_assessed(book: _Book, rows: Sequence[Row], lang: str) -> None:
    """The map: each recording by each criterion, the mark where it was assessed, ○ and the reason where not."""
    names: dict[str, str] = {}
    for _, assessment in _judged(rows):
        for verdict in assessment.verdicts:
            names.setdefault(verdict.criterion, findings.name_of(verdict, lang))
    sheet = book.sheet(
        translate("Not assessed", lang),
        [*_who_columns(lang), (translate("Coverage", lang), 10), *((name, 14) for name in names.values())],
    )
    for row, assessment in _judged(rows):
        verdicts = {verdict.criterion: verdict for verdict in assessment.verdicts}
        cells = (_map_cell(verdicts.get(id), lang) for id in names)
        sheet.append([*_who(row), (assessment.coverage, "share"), *cells])
    sheet.close()


def _map_cell(verdict: Verdict | None, lang: str) -> tuple[str | float | None, str]:
    if verdict is None:  # of another profile
        return None, "text"
    mark = findings.mark_of(verdict)
    reason = words.explain_reason(verdict.reason, lang)
    return f"{mark.shape} {reason}" if reason else mark.shape, f"{mark.name} word"


def _write_failures(book: _Book, rows: Sequence[Row], lang: str) -> None:
    sheet = book.sheet(translate("Failures", lang), [*_who_columns(lang), (translate("Why", lang), 100)])
    for row in rows:
        if row.assessment is None:
            sheet.append([*_who(row), (standing.failure_text(row, lang), "wrapped")])
    sheet.close()


def _write_criteria(book: _Book, rows: Sequence[Row], lang: str) -> None:
    """What the ids of scores.csv stand for, and on what each criterion rests."""
    sheet = book.sheet(translate("Criteria", lang), [
        ("id", 24), (translate("Criterion", lang), 20), (translate("Dimension", lang), 12),
        (translate("Good band", lang), 32), (translate("Source", lang), 60), (translate("Confidence", lang), 24),
        (translate("Norm pack", lang), 24),
    ])  # fmt: skip
    listed: set[tuple[str, str]] = set()
    for _, assessment in _judged(rows):
        for verdict in assessment.verdicts:
            same = (assessment.pack.sha256, verdict.criterion)
            if same not in listed:
                listed.add(same)
                told = (
                    verdict.criterion,
                    findings.name_of(verdict, lang),
                    findings.dimension_name(assessment, verdict.dimension, lang),
                    findings.band_text(verdict, lang),
                    verdict.source.text(lang),
                    findings.confidence_text(verdict, lang),
                    standing.pack_text(assessment.pack, lang),
                )
                sheet.append((text, "text") for text in told)
    sheet.close()
