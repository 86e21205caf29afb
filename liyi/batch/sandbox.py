"""Where a batch's recordings are assessed: in the worker's own child process, within the limits."""

from __future__ import annotations

from liyi.media.limits import Limits
from liyi.scoring.sandbox import StoppedError, run_limited

__all__ = ["Limits", "StoppedError", "run_limited"]
