"""What is installed is pinned to its bytes, and docs/licences.md names all of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from liyi.modelfiles.registry import registry

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_its_hashes_and_no_address(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert len(entries) > 50
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_what_builds_liyi_and_srt_without_an_index_is_locked_too():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert {"hatchling", "editables", "setuptools", "wheel"} <= set(re.findall(r"^([a-z-]+)==", text, re.MULTILINE))


def test_the_makefile_installs_nothing_without_a_hash():
    installs = [line for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines() if " install " in line]
    assert len(installs) >= 3
    assert [line for line in installs if not ("--require-hashes" in line or "--no-index" in line)] == []


def test_the_licences_name_every_locked_package_and_model():
    page = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = re.findall(r"^([\w.-]+)==([^\s;]+)", lock, re.MULTILINE)
    assert [f"{name} {version}" for name, version in locked if f"| {name} | {version} |" not in page] == []
    assert [name for name in registry() if f"| {name} |" not in page] == []
