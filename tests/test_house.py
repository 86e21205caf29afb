"""Rules that a machine can hold: layers, no heavy work at import, and plain names and words."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_imports_only_go_up():
    done = subprocess.run([str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout


ROOMS = [
    "liyi.media.recording",
    "posture.pose",
    "speech.transcript",
    "liyi.etiquette.assess",
    "liyi.scoring.score",
    "liyi.scoring.rejudge",
]


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_without_models_or_decoders(room):
    heavy = "{'mediapipe', 'faster_whisper', 'ctranslate2', 'librosa', 'numba', 'streamlit', 'pandas', 'torch'}"
    code = f"import sys, importlib; importlib.import_module({room!r}); print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# What is read by developers, and by users in English. The licences tell of packages in their authors' words.
TEXTS = sorted(
    path
    for pattern in ("*.py", "*.md", "liyi/**/*.py", "posture/**/*.py", "speech/**/*.py", "benchmarks/**/*.py",
                    "docs/*.md", "liyi/**/*.j2", "liyi/**/*.mjs", "liyi/**/*.po")
    for path in ROOT.glob(pattern)
)  # fmt: skip
PRONOUNS = re.compile(r"\b(he|him|his|himself|she|her|hers|herself)\b", re.IGNORECASE)
FIGURES = re.compile(
    r"\b(the house|house's|ground floor|poisonous|in other clothes|every door|web door|terminal door)\b", re.IGNORECASE
)


def said(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in TEXTS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_people_are_they():
    assert len(TEXTS) > 250
    assert PRONOUNS.search("What is his own.")
    assert said(PRONOUNS) == []


def test_no_figure_of_speech_stands_for_a_term():
    assert FIGURES.search("an OSError in other clothes")
    assert said(FIGURES) == []


# Participles that name nothing (what was told, to whom?): a term of the field does, such as explain_os_errors.
NAMELESS = {
    "told", "whole", "kept", "kept_in", "shown", "sought", "found", "held", "given", "brought", "heard", "asked",
    "placed", "written", "noted", "edition", "painter", "somebody_else",
}  # fmt: skip
PLAIN_ROOMS = ("core", "media", "modelfiles", "scoring", "batch", "records", "cli")


@pytest.mark.parametrize("room", PLAIN_ROOMS)
def test_functions_are_named_by_what_they_do(room):
    named = {
        f"{path.name}: {node.name}"
        for path in (ROOT / "liyi" / room).rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.strip("_") in NAMELESS
    }
    assert named == set()
