"""Whose results stand in a folder: known from any of the three files, and what is damaged stops nobody for good."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from liyi.core.atomic import is_replaceable
from liyi.core.errors import LiyiError
from liyi.etiquette.store import save_performance
from liyi.report.html import write_report
from liyi.scoring.examined import assessment_text
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT, results_in
from liyi.scoring.ownership import IS_OWN, place_results, standing

FILES = (ASSESSMENT, MEASURES, REPORT)
CONTENT = b"a recording"
MINE = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def made(tmp_path, monkeypatch, assessment, performance, signals, pack):
    """``f.mp4``, and ``f.liyi`` as `liyi score` leaves it."""
    monkeypatch.chdir(tmp_path)
    Path("f.mp4").write_bytes(CONTENT)
    folder = Path("f.liyi")
    folder.mkdir()
    info = assessment.recording.model_copy(update={"sha256": MINE})
    mine = assessment.model_copy(update={"recording": info})
    from dataclasses import replace

    of_mine = replace(performance, sha256=MINE)
    (folder / ASSESSMENT).write_text(assessment_text(mine), encoding="utf-8")
    (folder / REPORT).write_text(write_report(mine, of_mine, signals, pack=pack, lang="zh", stills=None), "utf-8")
    save_performance(folder / MEASURES, of_mine, signals)
    return folder


def cut(file: Path, share: float) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: round(share * len(content))])


def test_all_three_files_are_known_as_liyis_and_tell_the_recording(made):
    assert standing(made).recording == MINE
    assert (standing(made).damaged, standing(made).strange) == ((), ())
    for name in FILES:
        assert is_replaceable(made / name, IS_OWN[name])
        others = [other for other in FILES if other != name]
        kept = {other: (made / other).read_bytes() for other in others}
        for other in others:
            (made / other).unlink()
        assert standing(made).recording == MINE, name
        for other, content in kept.items():
            (made / other).write_bytes(content)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_file_that_was_cut_short_stops_nobody(made, name, share):
    cut(made / name, share)
    folder, notices = place_results(Path("f.mp4"), None, "en")
    assert folder == made
    if name != REPORT and share:
        assert [name in notice.text for notice in notices] == [True]
    with results_in(made, MINE) as scratch:
        for each in FILES:
            (scratch / each).write_text("new")
    assert {(made / each).read_text() for each in FILES} == {"new"}


@pytest.mark.parametrize("content", [b"[" * 100_000, b"\xff\xfe{", b'{"recording": 3}', b"null", b"mine"])
def test_a_file_of_which_nothing_can_be_told_is_left_and_the_new_results_go_elsewhere(made, content):
    for name in FILES:
        (made / name).unlink()
    (made / ASSESSMENT).write_bytes(content)
    folder, notices = place_results(Path("f.mp4"), None, "en")
    assert folder == Path("f-2.liyi")
    assert "f.liyi holds files named like results" in notices[0].text
    with pytest.raises(LiyiError, match="cannot be told"), results_in(made, MINE):
        pytest.fail("the work began")
    assert (made / ASSESSMENT).read_bytes() == content


@pytest.mark.parametrize("name", [MEASURES, REPORT])
def test_a_strangers_file_among_ones_own_results_is_not_overwritten(made, name):
    (made / name).write_bytes(b"<html>a stranger's</html>")
    folder, notices = place_results(Path("f.mp4"), None, "en")
    assert (folder, len(notices)) == (Path("f-2.liyi"), 1)
    for recording in (MINE, None):
        with pytest.raises(LiyiError, match=f"{name} is there and was not written"), results_in(made, recording):
            pytest.fail("the work began")
    assert (made / name).read_bytes() == b"<html>a stranger's</html>"


def test_a_strangers_parquet_is_none_of_liyis_measures(made):
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"mine": [1]}), made / MEASURES)
    assert standing(made).strange == (MEASURES,)


def test_another_recording_of_the_same_name_gets_another_folder_without_a_word(made):
    Path("f.mp4").write_bytes(b"another")
    assert place_results(Path("f.mp4"), None, "en") == (Path("f-2.liyi"), [])


def test_a_report_of_before_the_mark_is_known(made):
    text = (made / REPORT).read_text("utf-8").replace('<meta name="generator" content="Liyi">\n', "")
    text = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>\n', "", text)  # those of before had none
    (made / REPORT).write_text(text, "utf-8")
    assert standing(made).strange == ()


@pytest.mark.parametrize("stem", ["f" * 251, "礼" * 83], ids=["latin", "chinese"])
def test_a_name_as_long_as_can_be_has_a_folder_and_a_second_one(tmp_path, monkeypatch, stem):
    monkeypatch.chdir(tmp_path)
    recording = Path(f"{stem}.mp4")
    recording.write_bytes(CONTENT)
    first, _ = place_results(recording, None, "en")
    first.mkdir()
    (first / ASSESSMENT).write_text("another's")
    second, _ = place_results(recording, None, "en")
    second.mkdir()
    assert [len(str(folder).encode()) <= 255 and stem.startswith(folder.name[:80]) for folder in (first, second)] == [
        True, True,
    ]  # fmt: skip
    assert (first.name[-5:], second.name[-7:]) == (".liyi", "-2.liyi")
