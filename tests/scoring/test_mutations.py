"""Damaged, lying and hostile media through the path of a batch: each a result or one sentence, and no child lost.

A small part of ``benchmarks/mutations.py``, with its seeds and its ways.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from liyi.core.errors import LiyiError
from liyi.media.limits import Limits
from liyi.report.html import HTML
from liyi.scoring.limited import close_shared, run_limited
from liyi.scoring.sandbox import StoppedError

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))

import hostile_media
import mutants

LIMITS = Limits(seconds=60.0, seconds_per_second=1.0)
SLOW = ("12 million", "pictures of 8K", "text unpacks", "changes its size", "silence", "zip bomb", "16k x 16k")


@pytest.fixture(scope="module")
def given(models_ready: None) -> dict[str, bytes]:
    return mutants.seeds(seconds=1.0, rate_hz=5)


@pytest.fixture(scope="module", autouse=True)
def child():
    yield
    close_shared()


def outcome(path: Path, out: Path, asked: dict[str, Any]) -> str:
    try:
        run_limited(path, out, **asked, limits=LIMITS, report=HTML)
    except StoppedError as stopped:
        return stopped.cause
    except LiyiError as refused:
        one_sentence = str(refused).startswith(path.name) and str(refused).endswith(".")
        return "refused" if one_sentence and not out.exists() else repr(refused)
    return "assessed" if (out / "assessment.json").is_file() else "nothing written"


@pytest.fixture(scope="module")
def asked() -> dict[str, Any]:
    from liyi.core.options import Options
    from liyi.etiquette.norms import load_pack

    return {"pack": load_pack("counter"), "options": Options(recogniser=None), "lang": "en"}


@pytest.mark.parametrize("way", mutants.WAYS)
def test_mutants(way: str, tmp_path: Path, given: dict[str, bytes], asked: dict[str, Any]) -> None:
    first = list(mutants.WAYS).index(way)
    for number in range(first, first + 2 * len(mutants.WAYS), len(mutants.WAYS)):
        made, suffix, content = mutants.mutant(number, 4, given)
        assert made == way
        path = tmp_path / f"{number}.{suffix}"
        path.write_bytes(content)
        assert outcome(path, tmp_path / str(number), asked) in ("assessed", "refused")


def test_specials(tmp_path: Path, given: dict[str, bytes], asked: dict[str, Any]) -> None:
    count = 0
    for name, path in hostile_media.specials(tmp_path, given, but=SLOW):
        assert outcome(path, tmp_path / "out", asked) == "refused", name
        count += 1
    assert count >= 18
