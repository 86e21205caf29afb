"""Freed memory goes back to the machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from liyi.core.memory import give_back

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator only")

_LARGE_FREED_BETWEEN_SMALL = """
from pathlib import Path
import numpy as np
from liyi.core.memory import keep_apart

def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

{call}
np.ones(3_000_000)  # 24 MB, freed at once: from now on glibc would keep what is smaller in the heap
large = [(np.ones(1_500_000), np.ones(10_000)) for _ in range(8)]  # 12 MB each, as in Whisper's encoder
small = [pair[1] for pair in large]
before = resident_mb()
large.clear()
print(before - resident_mb())
"""


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


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


def _given_back_mb(call: str) -> float:
    """How much of 96 MB goes back by itself, in a process of its own: the setting is for a whole process."""
    script = _LARGE_FREED_BETWEEN_SMALL.format(call=call)
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    return float(done.stdout)


def test_large_blocks_go_back_when_they_are_freed() -> None:
    assert _given_back_mb("keep_apart()") > 90
    assert _given_back_mb("") < 50  # else glibc does it by itself by now, and `keep_apart` can go
