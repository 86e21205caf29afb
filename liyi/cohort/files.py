"""Everything that a batch writes over its recordings: the tables, and the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.cohort.page import write_cohort_report
from liyi.cohort.tables import write_tables

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from liyi.batch.rows import Row


def write_cohort(rows: Sequence[Row], out: Path, lang: str) -> None:
    """Write the tables and the page into ``out``, in ``lang``.

    Raises
    ------
    LiyiError
        When one of them cannot be written.
    """
    write_tables(rows, out, lang)
    write_cohort_report(rows, out, lang)
