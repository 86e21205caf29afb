"""Where a batch's recordings are assessed: in the worker's own child process, within the limits."""

from __future__ import annotations

from report.sandbox import StoppedError, run_limited
from signals.limits import Limits

__all__ = ["Limits", "StoppedError", "run_limited"]
