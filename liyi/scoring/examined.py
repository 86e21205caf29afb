"""What a recording gave: its assessment, what was measured, the pictures; how a set of results is written."""

from __future__ import annotations

import importlib.metadata
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT, explain_os_errors

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from liyi.core.trace import Signal
    from liyi.etiquette.assessment import Assessment
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.performance import Performance
    from liyi.scoring.reporting import Report, Still


@dataclass(frozen=True)
class Examined:
    """What a recording gave: its assessment, what was measured, and the pictures (None without a person or report)."""

    assessment: Assessment
    performance: Performance
    signals: Mapping[str, Signal]
    stills: Mapping[str, Still] | None


class Clock:
    """When a run began, as ``created_at`` of its assessment, and how long it has taken."""

    def __init__(self) -> None:
        self._begun_s = time.monotonic()
        self.created_at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    @property
    def elapsed_s(self) -> float:
        """Seconds since then, to a tenth; the clock of the machine may be set meanwhile."""
        return round(time.monotonic() - self._begun_s, 1)


def version() -> str:
    """Version of Liyi that is installed."""
    return importlib.metadata.version("liyi")


def write_results(folder: Path, found: Examined, *, pack: NormPack, lang: str, report: Report | None) -> None:
    """Write all files into the scratch folder of `liyi.scoring.folder.results_in`."""
    from liyi.etiquette.store import save_performance

    page = None
    if report is not None:
        page = report.write(
            found.assessment, found.performance, found.signals, pack=pack, lang=lang, stills=found.stills
        )
    with explain_os_errors(folder):
        save_performance(folder / MEASURES, found.performance, found.signals)
        if page is not None:
            (folder / REPORT).write_text(page, encoding="utf-8")
        (folder / ASSESSMENT).write_text(assessment_text(found.assessment), encoding="utf-8")


def assessment_text(assessment: Assessment) -> str:
    """Content of ``assessment.json``."""
    return assessment.model_dump_json(indent=2) + "\n"
