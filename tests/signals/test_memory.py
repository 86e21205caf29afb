"""Freed memory goes back to the machine."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from signals.memory import give_back


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator only")
def test_what_lies_freed_between_live_blocks_is_given_back() -> None:
    kept = []
    for _ in range(400):
        kept.append((np.ones(12_000), np.ones(1_000)))  # 96 kB each: below what glibc maps by itself
    small = [pair[1] for pair in kept]
    kept.clear()
    before = _resident_mb()
    give_back()
    assert before - _resident_mb() > 20
    assert len(small) == 400
