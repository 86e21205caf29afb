"""Freed memory goes back to the machine, which keeps a long recording from needing much more than a short one."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Return what was freed to the operating system.

    glibc keeps the large blocks that models and arrays have freed, in pieces that the next step rarely fits into:
    over half an hour some 100 MB more than over a minute. Does nothing where the C library cannot do it.
    """
    if sys.platform != "linux":
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
