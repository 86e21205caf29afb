"""What is handed over of a batch, made when it is asked for: tables, marks, sheets of deductions, pages.

Each is made from the records, so that what was deleted since is not in it, and leaves its line in the audit trail.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from liyi.agreement.page import agreement_page
from liyi.agreement.ratings import ratings_of
from liyi.agreement.score_table import scored_of
from liyi.agreement.study import study
from liyi.batch.rows import Row, packed
from liyi.cohort.default_sheet import default_sheet
from liyi.cohort.marks_table import MarkLine, marks_csv, marks_workbook
from liyi.cohort.page import cohort_page
from liyi.cohort.ranks import pack_text, profile_text
from liyi.cohort.sheet import fill
from liyi.cohort.sheet_fields import About, sheet_items, sheet_values
from liyi.cohort.tables import write_tables
from liyi.core.errors import LiyiError
from liyi.core.moments import day, moment, zone_of
from liyi.core.spreadsheet_text import plain
from liyi.core.words import N_, listed, translate
from liyi.etiquette.assessment import Assessment
from liyi.etiquette.norms import load_pack
from liyi.records.operations import batch_exports, batch_ratings, batches, outcome, sheet_templates
from liyi.report.findings import whole_points
from liyi.scoring.folder import ASSESSMENT
from liyi.ui import people

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from liyi.records.operations.batch_exports import BatchContent
    from liyi.records.operations.batch_marks import BatchRow
    from liyi.records.viewer import Viewer

_GONE = N_("This recording was deleted since.")
MOST_PAGES = 4  # over all recordings of a batch, 1 MB each, that are kept in memory: one takes seconds to make
_pages: dict[object, str] = {}
_KEEPING = Lock()
_AFTER = ("total", "total_error", "dimensions", "caps", "verdicts", "deductions", "coverage", "needs_missing")


@dataclass(frozen=True)
class Asking:
    """Who asks for what came of which batch, in which language (``zh`` or ``en``) and time zone."""

    viewer: Viewer
    batch_id: UUID
    lang: str
    zone: str = ""

    def content(self, *, what: batch_exports.Taken = "results", line_id: UUID | None = None) -> BatchContent:
        """What the records hold of it; raises LiyiError for whoever may not have it."""
        store = people.records()
        return batch_exports.export_batch(store, self.viewer, self.batch_id, what=what, line_id=line_id)


def table(asking: Asking, name: str, *, ranked: bool = False) -> bytes:
    """A table of `liyi.cohort.tables` by its name, with the columns of `liyi batch`; ``ranked`` where asked for."""
    return written(rows_of(asking.content(), asking.lang), name, asking.lang, ranked=ranked)


def written(rows: Sequence[Row], name: str, lang: str, *, ranked: bool = False) -> bytes:
    """A table over these rows."""
    with tempfile.TemporaryDirectory(prefix="liyi-table-") as room:
        write_tables(rows, Path(room), lang, ranked=ranked, names=(name,))
        return Path(room, name).read_bytes()


def cohort(asking: Asking) -> str:
    """The page over all recordings of the batch; kept as long as the same results stand under the same names."""
    content = asking.content()
    made_of = asking.lang, tuple(_stands(row, content) for row in content.rows)
    if (kept := _pages.get(made_of)) is not None:
        return kept
    read: list[bool] = []  # of each row whether what stands in the vault could be read
    rows = packed(_noted(_row(row, content, asking.lang), _path(row, content), read) for row in content.rows)
    page = plain(cohort_page(rows, asking.lang))
    if not all(read):
        return page
    with _KEEPING:
        _pages.pop(made_of, None)
        _pages[made_of] = page
        while len(_pages) > MOST_PAGES:
            del _pages[next(iter(_pages))]
    return page


def _stands(row: BatchRow, content: BatchContent) -> tuple[object, ...]:
    """Everything that `_row` makes a row of: an assessment is known by its place, which is its content's digest."""
    failed = json.dumps(row.error, sort_keys=True, default=str) if row.error else ""
    return (row.file, _cell(row, "person"), _cell(row, "cohort"), row.key, _path(row, content), failed,
            "gone" in row.needs, row.assessment_id is None)  # fmt: skip


def _noted(row: Row, path: Path | None, read: list[bool]) -> Row:
    read.append(path is None or row.assessment is not None)
    return row


def _path(row: BatchRow, content: BatchContent) -> Path | None:
    """Where the assessment of a row stands."""
    return content.files.get(row.assessment_id, {}).get(ASSESSMENT) if row.assessment_id else None


def agreement(asking: Asking) -> str:
    """How well the people who rated agree with one another and with the tool, as a page.

    Raises
    ------
    LiyiError
        When nothing was rated yet.
    """
    store, lang = people.records(), asking.lang
    batch = batches.batch(store, asking.viewer, asking.batch_id)
    found = batch_ratings.batch_rating_tables(store, asking.viewer, asking.batch_id)
    if not found.ratings:
        raise LiyiError("Nobody has rated a recording of {name} yet.", name=batch.name)
    scored = scored_of(found.scores)
    facts = [
        (translate("Batch", lang), batch.name, ""),
        (translate("Scored by", lang), listed(scored.packs, lang), ""),
        *((translate("Second rating by {name}", lang, name=each.rater),
           translate("{rated} of {asked} recordings, drawn by {seed}", lang, rated=each.rated, asked=each.asked,
                     seed=each.seed), "")
          for each in batch_ratings.second_ratings(store, asking.viewer, asking.batch_id)),
    ]  # fmt: skip
    return agreement_page(study(ratings_of(found.ratings), scored), scored, load_pack(batch.pack), lang, facts=facts)


def marks(asking: Asking, suffix: str) -> bytes:
    """The marks (成绩) as ``.xlsx`` or ``.csv``: what is confirmed and was not decided otherwise since."""
    content = asking.content(what="marks")
    lines, lang = mark_lines(content, asking), asking.lang
    if suffix == ".csv":
        return marks_csv(lines, lang)
    left_out = sum("changed" in row.needs for row in content.rows)
    notes = [translate("Confirmed: {count} of {all}. Totals that nobody has confirmed are not in this table.", lang,
                       count=len(lines), all=len(content.rows))]  # fmt: skip
    if left_out:
        notes.append(translate("Left out, because somebody decided otherwise since they were confirmed: {count}.", lang,
                               count=left_out))  # fmt: skip
    notes.append(translate("Two marks differ for certain only where they lie more than twice the root of the sum of "
                           "their squared errors apart.", lang))  # fmt: skip
    heading = f"{content.organisation} · {content.batch.name}"
    return marks_workbook(lines, lang, heading=heading, notes=notes)


def mark_lines(content: BatchContent, asking: Asking) -> list[MarkLine]:
    """A line for each mark that stands, in the order of the list."""
    return [
        _mark_line(row, content, asking) for row in content.rows if row.mark is not None and "changed" not in row.needs
    ]  # fmt: skip


def _mark_line(row: BatchRow, content: BatchContent, asking: Asking) -> MarkLine:
    mark, lang = row.mark, asking.lang
    assert mark is not None
    judged = judged_of(row, content)
    pack = pack_text(judged.pack, lang) if judged else f"{row.pack_id} {row.pack_version}"
    return MarkLine(
        person=row.person,
        person_id=str(row.person_id or ""),
        department=content.departments.get(row.person_id, "") if row.person_id else "",
        cohort=str(row.cells.get("cohort") or ""),
        file=row.file,
        total=int(whole_points(mark.total)),
        total_error=mark.total_error,
        profile=profile_text(judged.pack, judged.profile, lang) if judged else row.profile,
        pack=pack.removesuffix(f" {row.pack_version}"),
        pack_version=row.pack_version,
        coverage=row.coverage,
        by=mark.by,
        on=moment(mark.at, zone_of(asking.zone), named=True),
        why=mark.why,
        undecided=len(row.findings),
        remark=translate("An appeal waits for an answer", lang) if "appeal" in row.needs else "",
    )


def sheet(asking: Asking, line_id: UUID, template_id: UUID | None) -> tuple[bytes, str]:
    """The sheet of deductions of one line, in a template of the unit or in the default one; and whose it is.

    Raises
    ------
    LiyiError
        When it was not assessed.
    """
    content = asking.content(line_id=line_id)
    [row] = content.rows
    filled = sheet_of(row, content, asking, template(asking, template_id))
    if filled is None:
        raise LiyiError("{name} was not assessed: there is nothing to confirm.", name=row.file)
    return filled, row.person or row.file


def template(asking: Asking, template_id: UUID | None) -> bytes:
    """A template by its id; the default one without."""
    if template_id is None:
        return default_sheet(asking.lang)
    return sheet_templates.sheet_template(people.records(), asking.viewer, template_id)


def sheet_of(row: BatchRow, content: BatchContent, asking: Asking, workbook: bytes) -> bytes | None:
    """The filled sheet of a row, with what people decided; None where nothing was assessed."""
    judged = judged_of(row, content, after=asking.viewer)
    if judged is None:
        return None
    zone = zone_of(asking.zone)
    mark = row.mark if "changed" not in row.needs else None  # it counts again once it is confirmed anew
    if mark is not None:
        judged = judged.model_copy(update={"total": mark.total, "total_error": mark.total_error})
    about = About(
        person=row.person, file=row.file, batch=content.batch.name, evaluator=content.evaluator,
        date=day(judged.created_at, zone), organisation=content.organisation,
        department=content.departments.get(row.person_id, "") if row.person_id else "",
        cohort=str(row.cells.get("cohort") or ""),
        confirmed_by=mark.by if mark else "", confirmed_on=day(mark.at, zone) if mark else "",
        why=mark.why if mark else "",
    )  # fmt: skip
    return fill(workbook, sheet_values(judged, about, asking.lang), sheet_items(judged, asking.lang))


def judged_of(row: BatchRow, content: BatchContent, *, after: Viewer | None = None) -> Assessment | None:
    """What the assessment of a row says, by the tool alone, or as the decisions that ``after`` sees have left it.

    It is read each time: of a large batch not all are held in memory.

    None where there is none, or its file is missing or damaged.
    """
    path = _path(row, content)
    try:
        judged = Assessment.model_validate_json(path.read_bytes()) if path is not None else None
    except (OSError, ValueError):
        return None
    if judged is None or after is None or not row.decisions or row.assessment_id is None:
        return judged
    found = outcome.outcome(people.records(), after, row.assessment_id)
    return judged.model_copy(update={name: getattr(found, name) for name in _AFTER})


def rows_of(content: BatchContent, lang: str) -> Sequence[Row]:
    """The lines of the batch as `liyi batch` has them, without the words that were said."""
    return packed(_row(row, content, lang) for row in content.rows)


def _row(row: BatchRow, content: BatchContent, lang: str) -> Row:
    judged = judged_of(row, content)
    bare = Row(row.file, _cell(row, "person"), _cell(row, "cohort"), row.key, None, None)
    if judged is not None:
        return replace(bare, assessment=judged.model_copy(update={"transcript": ()}))
    if row.error:
        return replace(bare, failure=translate(row.error["sentence"], lang, **row.error.get("fields", {})))
    return replace(bare, failure=translate(_GONE, lang) if "gone" in row.needs or row.assessment_id else None)


def _cell(row: BatchRow, name: str) -> str | None:
    return str(row.cells.get(name) or "") or None
