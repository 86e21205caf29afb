"""Errors and other numbers that were measured once: each says where it comes from, and each is used."""

from __future__ import annotations

import datetime
import math
import re
from pathlib import Path

import pytest

from liyi.core.published import NOT_REPRODUCIBLE, constants, published

ROOT = Path(__file__).resolve().parents[2]
EVERY = [(package, constant) for package in ("liyi", "posture", "speech") for constant in constants(package).values()]


@pytest.mark.parametrize(("package", "constant"), EVERY, ids=lambda each: getattr(each, "name", each))
class TestEveryConstant:
    def test_says_where_it_comes_from(self, package, constant):
        values = constant.value if isinstance(constant.value, tuple) else (constant.value,)
        assert all(map(math.isfinite, values))
        assert isinstance(constant.measured, datetime.date)
        assert constant.n >= 0
        assert constant.on.strip()
        if constant.reproducible:
            assert (ROOT / constant.script).is_file(), constant.script
            assert constant.script.startswith("benchmarks/")
            assert constant.n > 0
        else:
            assert len(constant.script) > len(NOT_REPRODUCIBLE) + 10, "say why it cannot be had again"

    def test_is_used(self, package, constant):
        text = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / package).rglob("*.py"))
        last = constant.name.rpartition(".")[2]
        assert re.search(rf'["\'{{.](?:[\w{{}}]+\.)*{last}["\']', text), f"nothing in {package} reads {constant.name}"


def test_unknown_names_and_lists_are_refused():
    with pytest.raises(KeyError):
        published("posture", "no_such_thing")
    with pytest.raises(TypeError, match="several numbers"):
        published("speech", "fillers.weights")
