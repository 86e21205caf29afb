"""``import liyi``: what the library offers, at no cost until it is used, and its example as it is written."""

from __future__ import annotations

import doctest
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import liyi

ROOT = Path(__file__).resolve().parents[1]


def test_importing_it_imports_nothing_heavy(tmp_path):
    heavy = {"numpy", "av", "pydantic", "mediapipe", "typer", "streamlit"}
    code = f"import sys, liyi; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_name_is_there():
    assert set(liyi.__all__) <= set(dir(liyi))
    for name in liyi.__all__:
        thing = getattr(liyi, name)
        assert thing.__name__ == name
        assert thing.__doc__


def test_no_other_name_is():
    with pytest.raises(AttributeError, match="no attribute 'scores'"):
        liyi.scores  # noqa: B018


def test_the_example_is_true(scored_sample, tmp_path, monkeypatch):
    """What the command measured stands in for a second measuring: that two runs agree is tested elsewhere."""
    from liyi.etiquette.store import load_performance
    from liyi.scoring import score

    asked = []

    def perform(media, **options):
        asked.append((media.info.duration_s, options["options"]))
        return load_performance(scored_sample / "measures.parquet")

    monkeypatch.setattr(score, "perform", perform)
    shutil.copy(ROOT / "sample_media" / "counter_front_zh.mp4", tmp_path)
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testmod(liyi)
    assert (failed, tried) == (0, 8)
    assert asked == [(pytest.approx(20, abs=0.2), liyi.Options())]


def test_help_is_of_the_library_alone():
    """Not of what a class of it inherits from others."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", "import liyi; help(liyi)"], capture_output=True, text=True, check=True
    )
    assert "pydantic" not in done.stdout
    for name in (*liyi.__all__, "liyi.Assessment"):
        assert name in done.stdout
    assert liyi.Assessment.__name__ in dir(liyi)
