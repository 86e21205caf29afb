"""A folder gives every recording once, however it is reached, and says what it passed over."""

from __future__ import annotations

import os
from pathlib import Path

import fsspec
import pytest

from liyi.batch.manifest import Defaults, ManifestError, read_lines
from liyi.batch.search import LeftOut
from liyi.batch.source import find_sources
from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.core.words import explain_error
from liyi.media.kinds import SUFFIXES


def touched(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def found(*paths: object) -> tuple[list[str], LeftOut]:
    left_out = LeftOut()
    return [line.path for line in read_lines([str(path) for path in paths], Defaults(), left_out)], left_out


def names(paths: list[str], below: Path) -> list[str]:
    return [os.path.relpath(path, below) for path in paths]


def test_every_kind_that_can_be_read_is_found(tmp_path):
    touched(tmp_path, *(f"clip{suffix.upper()}" for suffix in SUFFIXES))
    got, left_out = found(tmp_path)
    assert len(got) == len(SUFFIXES)
    assert not left_out


def test_links_are_followed_and_nothing_is_found_twice(tmp_path):
    top = touched(tmp_path / "in", "z/a.mp4", "b.mp4")
    touched(tmp_path / "elsewhere", "k.mp4", "deep/l.mp4")
    (top / "linked").symlink_to("../elsewhere")
    (top / "again").symlink_to("z")  # by name before the folder itself
    (top / "loop").symlink_to(".")
    (top / "up").symlink_to("..")
    (tmp_path / "elsewhere" / "back").symlink_to("../in/z")
    (top / "a-link.mp4").symlink_to("b.mp4")
    (top / "broken.mp4").symlink_to("nowhere")
    (top / "itself").symlink_to("itself")
    got, left_out = found(top)
    assert names(got, top) == ["b.mp4", "linked/deep/l.mp4", "linked/k.mp4", "z/a.mp4"]
    assert sorted(left_out.links) == ["broken.mp4", "itself"]
    assert len(found(top, tmp_path / "elsewhere", top / "a-link.mp4")[0]) == 4


def test_what_is_named_itself_or_searched_twice_is_left_out_once(tmp_path):
    touched(tmp_path, "a.mp4", "1.jpg", "2.jpg", "sub/b.mp4", "sub/x.docx")
    got, left_out = found(tmp_path, tmp_path / "sub", tmp_path / "1.jpg")
    assert names(got, tmp_path) == ["a.mp4", "sub/b.mp4", "1.jpg"]
    assert (
        left_out.text("en")
        == "Left out: 2 files (.docx 1, .jpg 1). Photos are taken only where they are named, such as 'DIR/*.jpg'."
    )


def test_what_is_left_out_is_told_by_its_suffix(tmp_path, monkeypatch):
    touched(tmp_path, "a.mp4", "1.JPG", "2.jpg", "x.docx", "README", "甲班/b.mp4", "乙班/c.mp4")
    (tmp_path / "gone.mov").symlink_to("nowhere")
    scandir = os.scandir

    def locked(path):
        if str(path).endswith("乙班"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", locked)
    got, left_out = found(tmp_path)
    assert names(got, tmp_path) == ["a.mp4", "甲班/b.mp4"]
    assert left_out.text("en") == (
        "Left out: 4 files (.jpg 2, without a suffix 1, .docx 1), 1 folder that may not be read: 乙班, "
        "1 link that leads nowhere: gone.mov. Photos are taken only where they are named, such as 'DIR/*.jpg'."
    )
    assert left_out.text("zh") == (
        "未纳入：4 个文件（.jpg 2、无后缀 1、.docx 1）；1 个文件夹无权读取：乙班；1 个链接没有指向任何文件：gone.mov。"
        "照片要写明才评估，例如“文件夹/*.jpg”。"
    )


def test_many_kinds_and_names_stay_one_line():
    left_out = LeftOut(folders=[f"f{at}" for at in range(7)])
    left_out.passed.update({f"{at}-{n}": f".x{at:02d}" for at in range(11) for n in range(20 - at)})
    assert left_out.text("en").endswith(".x07 13, others 33), 7 folders that may not be read: f0, f1, f2, f3, f4, ….")


def test_what_systems_and_liyi_keep_is_neither(tmp_path):
    touched(tmp_path, "a.mp4", "._a.mp4", ".cache/b.mp4", "Thumbs.db", "@eaDir/a.mp4/x.jpg", "#recycle/old.mp4",
            "$RECYCLE.BIN/o.mp4", "System Volume Information/x", "~$list.xlsx", "a.liyi/assessment.json",
            "a.liyi/measures.parquet", "a.liyi/report.html", "scores.csv", "scores.xlsx", "cohort.html", ".lock",
            "recordings/0f/assessment.json", "recordings/0f/measures.parquet")  # fmt: skip
    got, left_out = found(tmp_path)
    assert names(got, tmp_path) == ["a.mp4"]
    assert not left_out
    touched(tmp_path, "b/report.html")  # somebody's own
    assert found(tmp_path)[1].files == {".html": 1}


def test_a_glob_finds_files_and_folders_and_says_when_it_finds_none(tmp_path):
    touched(tmp_path, "学员1/a.mp4", "学员1/x.txt", "学员2.mp4", "notes.docx", "[x].mp4", ".h.mp4")
    assert names(found(tmp_path / "学员*")[0], tmp_path) == ["学员1/a.mp4", "学员2.mp4"]
    assert names(found(tmp_path / "**/*.mp4")[0], tmp_path) == ["[x].mp4", "学员1/a.mp4", "学员2.mp4"]
    assert names(found(tmp_path / "[x].mp4")[0], tmp_path) == ["[x].mp4"]
    with pytest.raises(LiyiError) as refused:
        found(tmp_path / "*.docx")
    assert "Left out: 1 file (.docx 1)." in str(refused.value)
    assert "未纳入：1 个文件（.docx 1）。" in explain_error(refused.value, "zh")


def test_a_glob_of_lists_is_read(tmp_path):
    for name in ("1.csv", "2.csv"):
        (tmp_path / name).write_text(f"file\n{name}.mp4\n")
    assert found(tmp_path / "*.csv")[0] == ["1.csv.mp4", "2.csv.mp4"]
    with pytest.raises(LiyiError, match="Nothing to assess"):
        found(tmp_path / "*.xlsx")


def test_what_is_not_there_is_told_with_what_is(tmp_path):
    touched(tmp_path, "甲班/a.mp4")
    for lost in ("甲班/b.mp4", "甲班/c/d", "甲班/list.csv"):
        with pytest.raises(LiyiError, match=rf"{tmp_path}/甲班\.$"):
            found(tmp_path / lost)
    (tmp_path / "link.mp4").symlink_to("nowhere")
    with pytest.raises(LiyiError, match="leads nowhere"):
        found(tmp_path / "link.mp4")


def test_addresses_are_searched_alike(tmp_path):
    memory = fsspec.filesystem("memory")
    for name in ("a.mp4", "x.docx", "@eaDir/a.mp4", ".h/b.mp4", "r/assessment.json", "r/report.html", "list.mp4/c.mp4"):
        memory.pipe(f"/folder16/{name}", b"x")
    got, left_out = found("memory://folder16")
    assert got == ["memory:///folder16/a.mp4", "memory:///folder16/list.mp4/c.mp4"]
    assert left_out.files == {".docx": 1}
    got, left_out = found("memory://folder16/*")
    assert (got, left_out.files) == (["memory:///folder16/a.mp4"], {".docx": 1})
    with pytest.raises(LiyiError, match=r"\.docx 1"):
        found("memory://folder16/*.docx")


def test_a_manifest_reads_file_urls_and_tells_bad_ones_by_their_cell(tmp_path):
    (tmp_path / "list.csv").write_text(f"file,side\nfile://{tmp_path}/a%20b.mp4,\nfile://far/c.mp4,file:d.mp4\n")
    with pytest.raises(ManifestError) as refused:
        found(tmp_path / "list.csv")
    assert [(fault.line, fault.key) for fault in refused.value.faults] == [(3, "file"), (3, "side")]
    (tmp_path / "list.csv").write_text(f"file\nfile://localhost{tmp_path}/a%20b.mp4\n")
    [line] = read_lines([f"file://{tmp_path}/list.csv"], Defaults())
    assert line.source == str(tmp_path / "a b.mp4")


def test_the_command_tells_it_beside_its_numbers_and_does_not_end_well(tmp_path, monkeypatch, capsys):
    from contextlib import nullcontext
    from functools import partial
    from types import SimpleNamespace

    import typer

    from liyi.batch import cluster, run
    from liyi.cli.batch import batch
    from liyi.cli.shared import Lang

    monkeypatch.setattr("signal.signal", lambda *a: None)
    monkeypatch.setattr(cluster, "local", lambda workers: nullcontext())
    monkeypatch.setattr(cluster, "dashboard", lambda client: None)
    outcome = SimpleNamespace(done=1, with_total=1, error=None, stopped=False)
    monkeypatch.setattr(run, "run_batch", lambda *a, **k: outcome)
    top = touched(tmp_path / "in", "a.mp4", "b.docx")
    do = partial(batch.__wrapped__, paths=[str(top)], options=Options(), lang=Lang.en)
    do(out=tmp_path / "out")
    told = capsys.readouterr()
    assert told.out.splitlines()[1] == "Left out: 1 file (.docx 1)."
    assert "Left out" in told.err
    monkeypatch.setattr(os, "scandir", _refuse("in/locked", os.scandir))
    touched(top, "locked/c.mp4")
    with pytest.raises(typer.Exit) as left:
        do(out=tmp_path / "out2")
    assert left.value.exit_code == 1


def _refuse(end: str, then):
    def scandir(path):
        if str(path).endswith(end):
            raise PermissionError(13, "Permission denied", path)
        return then(path)

    return scandir


def test_photos_are_taken_where_they_are_named_and_left_out_of_a_folders_search(tmp_path):
    for name in ("a.mp4", "b.jpg", "c.HEIC"):
        (tmp_path / name).write_bytes(b"x")
    found = {pattern: [Path(each).name for each in find_sources(str(tmp_path / pattern), LeftOut())]
             for pattern in ("*", "b.jpg", "*.jpg", "*.[hH]*")}  # fmt: skip
    assert found == {"*": ["a.mp4"], "b.jpg": ["b.jpg"], "*.jpg": ["b.jpg"], "*.[hH]*": ["c.HEIC"]}
    left_out = LeftOut()
    assert [Path(each).name for each in find_sources(str(tmp_path), left_out)] == ["a.mp4"]
    assert dict(left_out.files) == {".jpg": 1, ".heic": 1}
