"""Freed memory goes back to the machine, which keeps a long recording from needing much more than a short one."""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of glibc's malloc.h
_LARGE = 8 << 20  # bytes: the arrays of Whisper's encoder are 12 MB, and at 2 MB pages are cleared twice as long
_SLACK = 64 << 20  # bytes that may lie free at the heap's end: with less it shrinks and grows at every sentence heard


def keep_apart() -> None:
    """Have large blocks lie outside the heap from now on, so that each goes back to the system when it is freed.

    glibc does so at first, but at the first large block that is freed it takes all of them, up to 32 MB, into the
    heap, which then grows by the gaps between them with every minute of sound. For the whole process; does nothing
    where the C library cannot do it.
    """
    if sys.platform != "linux":
        return
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_M_MMAP_THRESHOLD, _LARGE)
        set_option(_M_TRIM_THRESHOLD, _SLACK)


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
