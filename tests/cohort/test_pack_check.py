"""A pack tried on stored measures: criteria that mark everybody alike are named, and no others."""

from __future__ import annotations

import os
import shutil

import pytest
from rich.console import Console
from typer.testing import CliRunner

from liyi.batch.search import LeftOut
from liyi.cli import app
from liyi.cohort.pack_check import check_on
from liyi.cohort.pack_check_table import print_check
from liyi.core.errors import LiyiError
from liyi.core.words import translate
from liyi.etiquette.assess import signals_of
from liyi.etiquette.norms import load_pack
from liyi.etiquette.performance import Performance
from liyi.etiquette.store import save_performance
from tests.etiquette.conftest import make_body

TILTS = (0.0, 2.0, 5.0, 8.0, 11.0, 14.0)


@pytest.fixture(scope="module")
def counter():
    return load_pack("counter")


@pytest.fixture(scope="module")
def folder(counter, tmp_path_factory):
    """Six people who differ in how their shoulders hang and in nothing else."""
    folder = tmp_path_factory.mktemp("scored")
    for k, tilt_deg in enumerate(TILTS):
        body = make_body(seconds=12.0, tilt_deg=tilt_deg, calibration=None)
        options = {"camera": "auto", "calibration": None, "language": "auto"}
        performance = Performance(f"{k}.mp4", f"{k:064d}", 12.0, body, None, options=options)
        (folder / str(k)).mkdir()
        save_performance(folder / str(k) / "measures.parquet", performance, signals_of(performance, counter))
    return folder


def test_who_hangs_a_shoulder_is_told_apart_and_a_level_head_tells_nobody(counter, folder):
    found = {s.criterion: s for s in check_on(counter, folder) if s.profile == "standing"}
    tilt, roll = found["shoulder_tilt"], found["head_roll"]
    assert (tilt.n, tilt.seen, tilt.never_tells_apart) == (6, 6, False)
    assert tilt.spread > 0.5
    assert tilt.full < 0.5
    assert roll.never_tells_apart
    assert roll.full == 1
    assert roll.agreement is None  # everybody is alike in it
    assert found["pace"].n == 0
    assert not found["crossed_arms"].never_tells_apart  # nobody crossed the arms: that is as it should be


def test_people_who_stand_are_not_judged_by_profiles_for_sitting(counter, folder):
    assert {s.seen for s in check_on(counter, folder) if s.profile == "seated"} == {0}


def test_a_recording_that_lies_there_twice_counts_once_by_its_newest_measures(counter, folder, tmp_path):
    for k, (name, of) in enumerate((("2", "2"), ("again/0", "2"), ("5", "5"))):
        shutil.copytree(folder / of, tmp_path / name)
        os.utime(tmp_path / name / "measures.parquet", (k, k))
    left_out = LeftOut()
    tilt = {s.criterion: s for s in check_on(counter, tmp_path, left_out) if s.profile == "standing"}["shoulder_tilt"]
    assert (tilt.n, tilt.seen) == (2, 2)
    assert left_out.older == ["2"]
    said = "Left out: 1 result of a recording that counts by a newer one: 2."
    assert said in " ".join(typer_output(["norms", "check", "counter", "--on", str(tmp_path), "--lang", "en"]).split())


def typer_output(arguments: list[str]) -> str:
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 0
    return told.output


def test_the_table_names_those_that_tell_nobody_apart(counter, folder):
    console = Console(record=True, width=160)
    print_check(check_on(counter, folder), counter, "zh", console)
    told = console.export_text().partition(
        translate("These criteria never tell people apart in these recordings:", "zh")
    )[2]
    assert "head_roll" in told
    assert "shoulder_tilt" not in told


def test_a_folder_without_measures_is_told(counter, tmp_path):
    with pytest.raises(LiyiError, match="score recordings into it first"):
        check_on(counter, tmp_path)


def test_one_recording_is_told_in_few_lines_each_value_with_its_unit(counter, folder):
    console = Console(record=True, width=80)
    print_check(check_on(counter, folder / "3"), counter, "en", console)
    text = console.export_text()
    standing = text.partition("(standing)")[2].partition("\n\n(")[0]
    (tilt,) = [line for line in standing.splitlines() if line.startswith(" Shoulder tilt")]
    assert "1/1" in tilt
    assert "% of the time good" in tilt
    assert " – " not in text.partition("Assessed in none")[0]  # one value, no spread
    assert "Agrees" not in text
    assert "…" not in text
    assert "Assessed in none of them: Face toward the citizen" in " ".join(text.split())
    assert len(text.splitlines()) < 70


def test_no_name_is_cut_off_in_a_narrow_terminal(counter, folder):
    console = Console(record=True, width=60)
    print_check(check_on(counter, folder), counter, "zh", console)
    assert "…" not in console.export_text()


def test_percentiles_stand_where_there_are_several(counter, folder):
    console = Console(record=True, width=160)
    print_check(check_on(counter, folder), counter, "en", console)
    (tilt, *_) = [line for line in console.export_text().splitlines() if "Shoulder tilt" in line]
    assert "0 – 0 – 100 % of the time good" in tilt
    assert "6/6" in tilt
