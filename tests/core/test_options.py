"""`Options`: each field is an option of the terminal and a column of a manifest; JSON gives back what was written."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields

import pytest

from liyi.core.options import OptionError, Options, known
from liyi.core.trace import Interval

EVERY = Options("seated", "side", Interval(0.5, 6.0), "zh", None, ("spine", "head_roll"), 0.08, "v2,a1")
TEXTS = {"profile": "seated", "camera": "side", "calibration": "0.5-6", "speech": "zh", "recogniser": "none",
         "exempt": "head_roll、spine", "reading-error": "0.08", "track": "A1、 v2"}  # fmt: skip


def test_each_field_is_an_option_with_a_name_of_its_own():
    assert list(known()) == [each.name for each in fields(Options)]
    assert len({option.name for option in known().values()}) == len(known())


def test_the_command_line_and_a_manifest_have_each_of_them():
    from typer.main import get_command

    from liyi.batch.manifest import COLUMNS
    from liyi.cli import app

    names = {option.name for option in known().values()}
    assert names <= set(COLUMNS)
    for command in ("score", "batch"):
        flags = {flag for each in get_command(app).commands[command].params for flag in each.opts}
        assert {f"--{name}" for name in names} <= flags


def test_texts_are_read_and_an_empty_one_leaves_the_option_as_it_is():
    read = Options().with_texts(TEXTS)
    assert read == Options("seated", "side", Interval(0.5, 6.0), "zh", None, ("head_roll", "spine"), 0.08, "v2,a1")
    assert read.with_texts({"camera": "", "file": "a.mp4", "profile": "standing"}).camera == "side"


@pytest.mark.parametrize(("name", "text"), [("camera", "ceiling"), ("speech", "latin"), ("calibration", "5-2"),
                                            ("calibration", "5"), ("calibration", "nan-7"), ("calibration", "0-inf"),
                                            ("calibration", "-3-2"),
                                            ("reading-error", "8%"), ("reading-error", "1.2"),
                                            ("reading-error", "nan"), ("reading-error", "-0.1"),
                                            ("track", "2"), ("track", "v0"), ("track", "v1,v2"), ("track", "v1,"),
                                            ("track", "s1")])  # fmt: skip
def test_a_text_that_is_not_understood_names_its_option(name, text):
    with pytest.raises(OptionError) as caught:
        Options().with_texts({name: text})
    assert caught.value.name == name
    assert text in str(caught.value)


@pytest.mark.parametrize("options", [Options(), EVERY])
def test_json_gives_back_what_was_written(options):
    stored = json.loads(json.dumps({"pack": "counter", **options.as_json()}))
    assert Options.of_json(stored).as_json() == options.as_json()


def test_what_an_earlier_version_did_not_write_has_its_default():
    assert Options.of_json({"profile": "seated"}) == Options("seated")


@pytest.mark.parametrize(("field", "value"), [
    ("profile", 3), ("camera", "ceiling"), ("camera", None), ("calibration", [5.0, 2.0]), ("calibration", [1.0]),
    ("calibration", ["0", "5"]), ("calibration", [0, 1e13]), ("calibration", [float("nan"), 1.0]), ("language", 1),
    ("recogniser", []), ("exemptions", "spine"), ("exemptions", [1]),
    ("reading_error", "0.1"), ("reading_error", True), ("reading_error", 2), ("reading_error", float("nan")),
    ("track", "first"), ("track", 1), ("track", "a1,a2"),
])  # fmt: skip
def test_json_of_another_kind_is_refused(field, value):
    with pytest.raises(ValueError, match=r"."):
        Options.of_json({**EVERY.as_json(), field: value})


def test_a_performance_keeps_how_it_was_read_and_not_how_it_is_judged():
    assert {"profile", "exemptions"}.isdisjoint(EVERY.reading())
    assert {"camera", "calibration", "language", "recogniser"} <= set(EVERY.reading())
    assert set(EVERY.reading()) == {id for id, option in known().items() if not option.judging}


def test_the_options_of_the_terminal_cost_no_heavy_import():
    code = "import sys, liyi.core.options; print(sorted({'numpy', 'pydantic', 'typer'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
