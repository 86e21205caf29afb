"""Reports of a batch as one archive that explains itself, sent as it is made: nothing of it is written on the disk."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from liyi.batch.outputs import SCORES_CSV, SCORES_PARQUET
from liyi.cohort.dataset import NAME, dataset_text, described_columns
from liyi.cohort.marks_table import marks_csv
from liyi.core.errors import LiyiError
from liyi.core.moments import day, moment, zone_of
from liyi.core.names import readable_name
from liyi.core.words import N_, translate
from liyi.etiquette.norms import load_pack
from liyi.records.archive_writer import Outgoing, Pipe
from liyi.records.schema import now
from liyi.scoring.folder import ASSESSMENT
from liyi.ui import reports
from liyi.ui.evaluating import results_taken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from liyi.records.operations.batch_exports import BatchContent
    from liyi.records.operations.batch_marks import BatchRow
    from liyi.ui.evaluating.results_taken import Asking

_MARKS = "marks.csv"
_PROVISIONAL = N_("Totals are provisional: by the tool alone. Only marks.csv holds what a person has confirmed.")
_RECORDINGS = N_("The recordings themselves are not in it. A report plays the recording that lies beside it under the "
                 "name that it has here.")  # fmt: skip
_RIGHTS = N_("Sensitive personal information: for the purpose of the batch alone, given to nobody else, and "
             "deleted when the recordings are. Whoever took it answers for it.")  # fmt: skip
_ERRORS = N_("Errors are one standard deviation (1 SD) of the measurement.")


def reports_zip(asking: Asking) -> Iterator[bytes]:
    """The archive of a batch's reports with captions, tables, marks and what explains them, in pieces.

    Whoever takes the first piece has asked for it: only then it is noted and gathered.
    """
    content = asking.content()
    pipe = Pipe()
    with ZipFile(pipe, "w") as archive:
        target = Outgoing(archive, now())
        told = []
        for row in content.rows:
            told.append(_add_report(target, row, content, asking))
            yield pipe.taken()
        rows = results_taken.rows_of(content, asking.lang)
        for name in (SCORES_CSV, SCORES_PARQUET):
            _add(target, name, results_taken.written(rows, name, asking.lang))
            yield pipe.taken()
        del rows
        _add(target, _MARKS, marks_csv(results_taken.mark_lines(content, asking), asking.lang))
        target.text(NAME, dataset_text(_about(content, told, asking)))
        yield pipe.taken()
    yield pipe.taken()


def sheets_zip(asking: Asking, template_id: UUID | None) -> Iterator[bytes]:
    """The sheets of deductions of a batch, one for each recording that was assessed, as one archive in pieces."""
    content = asking.content()
    workbook = results_taken.template(asking, template_id)
    pipe = Pipe()
    with ZipFile(pipe, "w") as archive:
        target = Outgoing(archive, now())
        for row in content.rows:
            filled = results_taken.sheet_of(row, content, asking, workbook)
            if filled is not None:
                _add(target, f"{row.position + 1:04d}_{safe_name(row.person or row.file)}.xlsx", filled)
                yield pipe.taken()
    yield pipe.taken()


def safe_name(text: str) -> str:
    """A person's or a file's name as part of the name of a file."""
    kept = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in readable_name(text))
    return kept.strip("-")[:60] or "x"


def _add(target: Outgoing, name: str, content: bytes) -> None:
    with target.open(name) as member:
        member.write(content)


def _add_report(target: Outgoing, row: BatchRow, content: BatchContent, asking: Asking) -> dict[str, Any]:
    """Put the report, the captions and the assessment of a row into the archive; returns what is told of it."""
    told: dict[str, Any] = {"line": row.position + 1, "recording": row.file, "person": row.person or None}
    recording = content.recordings.get(row.recording_id) if row.recording_id else None
    judged = content.assessments.get(row.assessment_id) if row.assessment_id else None
    if recording is None or judged is None:
        error = row.error or {}
        return told | {"state": "failed", "why": translate(error.get("sentence", ""), asking.lang,
                                                           **error.get("fields", {}))}  # fmt: skip
    folder = f"reports/{row.position + 1:04d}_{safe_name(row.person or row.file)}"
    paths = content.files.get(judged.id, {})
    files = []
    try:
        report, captions = reports.of_batch(asking.viewer, recording, judged, paths, lang=asking.lang,
                                            zone=asking.zone, media=recording.name)  # fmt: skip
        target.text(f"{folder}/report.html", report)
        target.text(f"{folder}/captions.vtt", captions)
        _add(target, f"{folder}/{ASSESSMENT}", paths[ASSESSMENT].read_bytes())
        files = [f"{folder}/{name}" for name in ("report.html", "captions.vtt", ASSESSMENT)]
    except (LiyiError, OSError, KeyError, ValueError):  # a file of it is missing: the others are whole
        told["why"] = translate(N_("The assessment's file is missing or damaged."), asking.lang)
    return told | {
        "state": "confirmed" if row.mark is not None and "changed" not in row.needs else "provisional",
        "sha256": recording.sha256,
        "pack": {"id": row.pack_id, "version": row.pack_version, "sha256": row.pack_sha256},
        "consent": _consent(row, content, asking),
        "files": files,
    }


def _consent(row: BatchRow, content: BatchContent, asking: Asking) -> dict[str, Any] | None:
    """How consent was given: as the list says, else as the records do."""
    on, form = row.cells.get("consent_on"), row.cells.get("consent_form")
    if on or form:
        return {"on": on or None, "form": form or None, "by": "list"}
    given = content.consents.get(row.person_id, ()) if row.person_id else ()
    if not given:
        return None
    last = given[-1]
    withdrawn = day(last.withdrawn_at, zone_of(asking.zone)) if last.withdrawn_at else None
    return {"on": day(last.given_at, zone_of(asking.zone)), "text": last.version, "withdrawn": withdrawn}


def _about(content: BatchContent, told: list[dict[str, Any]], asking: Asking) -> dict[str, Any]:
    """What `dataset.yaml` says."""
    lang, batch = asking.lang, content.batch
    return {
        "title": batch.name,
        "organisation": content.organisation,
        "purpose": str(batch.purpose),
        "evaluator": content.evaluator,
        "made_at": moment(now(), zone_of(asking.zone), named=True),
        "state": translate(_PROVISIONAL, lang),
        "errors": translate(_ERRORS, lang),
        "recordings_note": translate(_RECORDINGS, lang),
        "rights": translate(_RIGHTS, lang),
        "counts": {
            "lines": len(told),
            "confirmed": sum(each["state"] == "confirmed" for each in told),
            "provisional": sum(each["state"] == "provisional" for each in told),
            "failed": sum(each["state"] == "failed" for each in told),
        },
        "packs": _packs(content, lang),
        "files": {
            SCORES_CSV: translate(N_("Scores by the tool, for spreadsheets."), lang),
            SCORES_PARQUET: translate(N_("The same scores with types, for programs."), lang),
            _MARKS: translate(N_("Marks: totals that a named person has confirmed."), lang),
            "reports/": translate(N_("A folder for each recording: report, captions, assessment."), lang),
        },
        "columns": described_columns(lang),
        "recordings": told,
    }


def _packs(content: BatchContent, lang: str) -> list[dict[str, Any]]:
    """The norm packs that judged, by name where they are here, each with its checksum."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in content.assessments.values():
        each: dict[str, Any] = {"id": row.pack_id, "version": row.pack_version, "sha256": row.pack_sha256}
        with suppress(LiyiError):
            each["name"] = getattr(load_pack(row.pack_id).name, lang)
        found.setdefault((row.pack_id, row.pack_version, row.pack_sha256), each)
    return [found[key] for key in sorted(found)]
