"""Where a moment of the recording is in the file: the report's player goes by the clock of the file, which may leap."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace

import pytest
from playwright._impl._driver import compute_driver_executable

from liyi.core.templates import template
from liyi.core.words import clock
from liyi.etiquette.assess import signals_of
from liyi.etiquette.norms import load_pack
from liyi.etiquette.performance import Performance
from liyi.report.player import SCRIPT, STYLE, clock_in_file
from tests.conftest import ROOT

PLAIN = Performance("a.mp4", "0" * 64, 20.0, None, None)
AHEAD = replace(PLAIN, clock=((0.0, 0.0), (6.0, 54_000.0)))
BACK = replace(PLAIN, clock=((0.0, 0.0), (6.0, -6.0)))


def test_a_clock_that_runs_twice_through_the_same_seconds_cannot_be_sought():
    assert clock_in_file(PLAIN) == [[0.0, 0.0]]
    assert clock_in_file(AHEAD) == [[0.0, 0.0], [6.0, 54_000.0]]
    assert clock_in_file(BACK) is None


@pytest.mark.parametrize(
    ("performance", "second", "in_file"),
    [(PLAIN, 7.0, 7.0), (AHEAD, 2.0, 2.0), (AHEAD, 5.9, 5.9), (AHEAD, 6.0, 54_006.0), (AHEAD, 19.0, 54_019.0)],
)
def test_the_player_finds_a_moment_in_the_file_and_back(performance, second, in_file):
    page = (ROOT / "liyi/report/templates/player.mjs").read_text(encoding="utf-8")
    part = page[page.index("// The file's own clock") : page.index("const clock =")]
    script = f"""
        const data = {json.dumps({"clock": clock_in_file(performance)})}, video = {{}}, FRAME_S = 0.04;
        {part}
        video.currentTime = inFile({second});
        const found = [video.currentTime, now()];
        video.currentTime = {min(in_file, 5.99)};
        leap();
        console.log(JSON.stringify([...found, video.currentTime]));
    """
    node, _ = compute_driver_executable()
    ran = subprocess.run([node, "--input-type=module", "-e", script], capture_output=True, text=True, check=True)
    there, back, leaped = json.loads(ran.stdout)
    assert there == pytest.approx(in_file)
    assert back == pytest.approx(second)
    assert leaped == pytest.approx(54_006.0 if performance is AHEAD and in_file > 5.95 else min(in_file, 5.99))


def test_a_moment_is_found_in_the_file_from_the_side_and_back():
    page = (ROOT / "liyi/report/templates/player.mjs").read_text(encoding="utf-8")
    part = page[page.index("// The file's own clock") : page.index("const clock =")]
    script = f"""
        const data = {{ clock: [[0, 0]], side: {{ offset: 3, rate: 1.0001 }} }}, video = {{}}, FRAME_S = 0.04;
        {part}
        view = data.side;
        const found = [];
        for (const second of [1, 13]) {{
          video.currentTime = inFile(second);
          leap();
          found.push(video.currentTime, now());
        }}
        console.log(JSON.stringify(found));
    """
    node, _ = compute_driver_executable()
    ran = subprocess.run([node, "--input-type=module", "-e", script], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == pytest.approx([0.0, 3.0, 10 / 1.0001, 13.0])


def test_the_player_can_stand_in_another_page():
    """By itself, with what it needs beside it: the page of a review has it."""
    assert SCRIPT.is_file()
    assert STYLE.is_file()
    page = template("report.html.j2", SCRIPT.parent)
    given = {"_": lambda sentence, **fields: sentence, "media": "recording", "media_name": "a.mp4", "sound_only": True,
             "runs_twice": False, "length": clock(20.0), "lanes": [], "level": None,
             "a": {"transcript": (), "recording": {"duration_s": 20.0}}}  # fmt: skip
    shown = "".join(page.blocks["player"](page.new_context(given)))
    assert shown.count("<section") == shown.count("</section>") == 1
    assert 'src="recording"' in shown


def test_some_criteria_are_measured_alone(performance):
    pack = load_pack("counter")
    whole = signals_of(performance, pack)
    some = signals_of(performance, pack, only={"pace", "shoulder_tilt"})  # as NaN is no equal of itself: as text
    assert set(some) == {"pace", "shoulder_tilt"}
    assert [repr(some[id]) for id in some] == [repr(whole[id]) for id in some]
