"""What an assessment has left: its files, its report, and the same measures judged by another profile."""

from __future__ import annotations

import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from liyi.etiquette.assessment import Assessment
from liyi.records.operations import assessments
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT
from liyi.ui import people
from liyi.ui.exempting import exemptions_of

if TYPE_CHECKING:
    from liyi.ui.entries import Entry


def result(entry: Entry, name: str) -> Path:
    """A file of its assessment, by name."""
    assert entry.assessment is not None
    return assessments.assessment_file(people.records(), people.viewer(), entry.assessment, name)


def judged(entry: Entry) -> Assessment:
    """What the assessment says; raises OSError or ValueError when its file is missing or damaged."""
    if entry.sha256 is None or entry.assessment is None:
        return read(result(entry, ASSESSMENT))
    return read(_filed(people.records().folder, entry.assessment))


@lru_cache(maxsize=5000)  # of an assessment that is filed no file is ever another; to open one's own leaves no line
def _filed(_folder: Path, assessment: str) -> Path:
    return assessments.assessment_file(people.records(), people.viewer(), assessment, ASSESSMENT)


@lru_cache(maxsize=500)  # files of the vault are named by what is in them
def read(path: Path) -> Assessment:
    """What an assessment's file says; raises OSError or ValueError when it is missing or damaged."""
    return Assessment.model_validate_json(path.read_bytes())


def fitting_profile(entry: Entry) -> str | None:
    """The profile that the assessment says fits the recording; None where the one that was asked for does.

    None too where its file is missing or damaged: its report can be read all the same.
    """
    try:
        warnings = judged(entry).recording.warnings
    except (OSError, ValueError):
        return None
    return next((str(w.fields.get("fitting")) for w in warnings if w.code == "profile_mismatch"), None)


def judge_by(entry: Entry, profile: str, lang: str) -> None:
    """Judge what was measured by another profile of the same pack, and file that as the newest assessment.

    Raises
    ------
    LiyiError
        When the measures are gone or damaged, or the assessment cannot be written.
    """
    from liyi.etiquette.norms import load_pack
    from liyi.report.html import HTML
    from liyi.scoring.rejudge import rejudge

    with tempfile.TemporaryDirectory(prefix="liyi-judge-") as room:
        before, after = Path(room, "before"), Path(room, "after")
        before.mkdir()
        for name in (ASSESSMENT, MEASURES, REPORT):  # the report has the stills
            if (path := result(entry, name)).is_file():
                shutil.copyfile(path, before / name)
        anew = rejudge(before, pack=load_pack(entry.pack), profile=profile, out=after, lang=lang,
                       exemptions=exemptions_of(entry.id, entry.pack), report=HTML)  # fmt: skip
        files = {name: after / name for name in (ASSESSMENT, MEASURES, REPORT)}
        assessments.file_assessment(people.records(), people.viewer(), entry.id, anew, files)
