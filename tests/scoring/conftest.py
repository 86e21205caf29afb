"""The assessment, performance and pack made by hand for the report serve here, too."""

from __future__ import annotations

from tests.report.conftest import assessment, pack, performance, signals

__all__ = ["assessment", "pack", "performance", "signals"]
