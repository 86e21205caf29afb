"""Which files of a folder are tables and pages of a batch: by their names, and by what Liyi writes into them.

What else bears such a name is somebody's, a table too that somebody went on with: it is never overwritten.
"""

from __future__ import annotations

import csv
import re
import zipfile
from typing import TYPE_CHECKING

from liyi.core.atomic import require_own
from liyi.scoring.ownership import is_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from liyi.core.atomic import IsOwn

SCORES_CSV, SCORES_PARQUET, SCORES_XLSX = "scores.csv", "scores.parquet", "scores.xlsx"
FAILURES_CSV, COHORT_HTML, LOG_CSV = "failures.csv", "cohort.html", "log.csv"
AGREEMENT_CSV, AGREEMENT_HTML = "agreement.csv", "agreement.html"
OF_A_BATCH = (SCORES_CSV, SCORES_PARQUET, FAILURES_CSV, SCORES_XLSX, COHORT_HTML, LOG_CSV)
OF_AN_AGREEMENT = (AGREEMENT_CSV, AGREEMENT_HTML)

MADE_BY = "Liyi"  # in the workbook's properties
OF_FAILURES = ("file", "sentence")
OF_A_LOG = ("at", "file", "what", "seconds", "sentence")
OF_AGREEMENT = (
    "target", "comparison", "statistic", "value", "ci95_low", "ci95_high", "n", "raters", "not_assessed", "dropped",
)  # fmt: skip
# What every table of scores has had from the first on; between them stand those of its dimensions and criteria.
_FIRST, _AMONG = ("file", "person", "cohort"), frozenset(("outcome", "total", "coverage", "liyi_version", "key"))
_PARTED = re.compile(
    r"(dimension|dimension_coverage|status|value|unit|error|sub_score|weight|charged|coverage|reason)\..+"
)
_MOST_NAMES = 1 << 20  # characters of a heading
_CREATED = re.compile(rb"<dcterms:created[^>]*>([^<]*)<.*<dcterms:modified[^>]*>\1<", re.DOTALL)


def require_own_outputs(out: Path, names: Iterable[str]) -> None:
    """Refuse a folder in which one of these names is a file that Liyi did not write.

    Raises
    ------
    LiyiError
        With the file and the remedy.
    """
    for name in names:
        require_own(out / name, IS_OWN[name])


def _heading(file: Path) -> list[str]:
    """Names in the first line of a CSV file that Liyi wrote: with the mark of UTF-8, and quotes where it sets them."""
    with file.open(encoding="utf-8", newline="") as lines:
        first = lines.readline(_MOST_NAMES)
    if not first.startswith("\ufeff") or not first.endswith("\r\n"):
        return []
    return next(csv.reader([first[1:]]))


def _is_scores(names: Iterable[str]) -> bool:
    names = list(names)
    known = _PARTED.fullmatch
    ours = {*_FIRST, *_AMONG} <= {*names} and tuple(names[:3]) == _FIRST and names[-1] == "failure"
    return ours and all(known(name) or re.fullmatch(r"[a-z0-9_]+", name) for name in names)


def _is_scores_csv(file: Path) -> bool:
    with file.open("rb") as content:
        quoted = content.read(9) == b'\xef\xbb\xbf"file"'
    return quoted and _is_scores(_heading(file))


def _is_scores_parquet(file: Path) -> bool:
    import pyarrow.parquet as pq

    return _is_scores(pq.read_schema(file).names)


def _is_workbook(file: Path) -> bool:
    """Whether Liyi wrote it and nobody saved it again: Excel sets the time of that."""
    with zipfile.ZipFile(file) as book, book.open("docProps/core.xml") as about:
        said = about.read(_MOST_NAMES)
    return f"<dc:description>{MADE_BY}</dc:description>".encode() in said and _CREATED.search(said) is not None


IS_OWN: Mapping[str, IsOwn] = {
    SCORES_CSV: _is_scores_csv,
    SCORES_PARQUET: _is_scores_parquet,
    SCORES_XLSX: _is_workbook,
    FAILURES_CSV: lambda file: tuple(_heading(file)) == OF_FAILURES,
    COHORT_HTML: is_page,
    LOG_CSV: lambda file: tuple(_heading(file)) == OF_A_LOG,
    AGREEMENT_CSV: lambda file: tuple(_heading(file)) == OF_AGREEMENT,
    AGREEMENT_HTML: is_page,
}
