"""Paths, folders, globs, URLs and manifests become lines; a manifest is taken whole or refused with every fault."""

from __future__ import annotations

import os
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.registry import known_implementations

from liyi.batch.manifest import Defaults, ManifestError, read_lines
from liyi.batch.source import digest
from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.core.trace import Interval
from liyi.core.words import explain_error
from tests.batch.standin import recording, recordings

HERE = Defaults()


def manifest(path: Path, text: str, encoding: str = "utf-8") -> str:
    path.write_bytes(text.encode(encoding))
    return str(path)


def faults(path: str) -> list[tuple[int, str]]:
    with pytest.raises(ManifestError) as caught:
        read_lines([path], HERE)
    return [(fault.line, fault.key) for fault in caught.value.faults]


def test_a_folder_gives_its_recordings_and_nothing_hidden(tmp_path):
    recordings(tmp_path / "a", 2)
    recording(tmp_path / "b" / "deep" / "C.MP4")
    recording(tmp_path / ".trash" / "old.mp4")
    (tmp_path / "notes.txt").write_text("no recording")
    lines = read_lines([str(tmp_path)], HERE)
    assert [Path(line.path).name for line in lines] == ["000.mp4", "001.mp4", "C.MP4"]
    assert all(os.path.isabs(line.source) for line in lines)


def test_a_recording_named_twice_at_the_command_is_one_line(tmp_path):
    first, second = recordings(tmp_path, 2)
    lines = read_lines([str(second), str(tmp_path), str(tmp_path / "*.mp4")], HERE)
    assert [line.path for line in lines] == [str(second), str(first)]


def test_a_file_named_outright_is_taken_whatever_its_name(tmp_path):
    odd = recording(tmp_path / "clip [1].bin")
    assert [line.path for line in read_lines([str(odd)], HERE)] == [str(odd)]


def test_urls_are_read(tmp_path):
    inside = recording(tmp_path / "a b.mp4")
    memory = fsspec.filesystem("memory")
    memory.pipe("/clips/one.mp4", inside.read_bytes())
    memory.pipe("/clips/notes.txt", b"text")
    [by_file] = read_lines([f"file://{inside}"], HERE)
    [by_folder] = read_lines(["memory://clips"], HERE)
    [by_glob] = read_lines(["memory://clips/*.mp4"], HERE)
    assert by_folder == by_glob
    assert digest(by_file.source) == digest(by_folder.source) == digest(str(inside))


def test_an_address_of_no_known_kind_is_one_sentence():
    with pytest.raises(LiyiError, match=r"nonsense:// is no kind of address"):
        read_lines(["nonsense://clip.mp4"], HERE)


def test_an_address_whose_package_is_missing_is_one_sentence(monkeypatch):
    monkeypatch.setitem(known_implementations, "far", {"class": "no_such_package.FileSystem"})
    with pytest.raises(LiyiError, match="needs a Python package"):
        read_lines(["far://bucket/clip.mp4"], HERE)


def test_an_address_with_nothing_behind_it_is_one_sentence():
    with pytest.raises(LiyiError, match=r"nothing.mp4 could not be read from its address"):
        digest("memory://there/is/nothing.mp4")


def test_nothing_found_is_a_fault(tmp_path):
    for path in (tmp_path, tmp_path / "no.mp4", tmp_path / "*.mp4"):
        with pytest.raises(LiyiError, match="Nothing to assess"):
            read_lines([str(path)], HERE)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_manifest_as_excel_and_others_write_it(tmp_path, encoding):
    text = "file,person,cohort,profile,camera\r\n窗口一.mp4,王小明,一班,standing,front\r\n\r\n二.mp4,,,,\r\n"
    path = manifest(tmp_path / "名单.csv", text, encoding)
    first, second = read_lines([path], HERE)
    assert (first.person, first.cohort, first.options) == ("王小明", "一班", Options("standing", "front"))
    assert (second.person, second.cohort, second.options) == (None, None, Options(profile="seated"))
    assert first.path == "窗口一.mp4"
    assert first.source == str(tmp_path / "窗口一.mp4")


def test_a_parquet_manifest_says_the_same(tmp_path):
    pq.write_table(pa.table({"file": ["a.mp4", "b.mp4"], "person": ["7", None]}), tmp_path / "list.parquet")
    first, second = read_lines([str(tmp_path / "list.parquet")], HERE)
    assert (first.person, second.person) == ("7", None)


def test_the_partner_from_the_side_stands_in_the_same_line(tmp_path):
    path = manifest(tmp_path / "list.csv", "file,side,person\nfront.mp4,side.mp4,7\nalone.mp4,,8\n")
    assert [(line.path, line.side, line.person) for line in read_lines([path], HERE)] == [
        ("front.mp4", str(tmp_path / "side.mp4"), "7"),
        ("alone.mp4", None, "8"),
    ]
    assert faults(manifest(tmp_path / "list.csv", "file,side\nfront.mp4,front.mp4\n")) == [(2, "side")]


def test_a_pack_beside_the_manifest_is_meant(tmp_path):
    shipped = Path(__file__).resolve().parents[2] / "liyi/etiquette/packs/counter.toml"
    (tmp_path / "ours.toml").write_bytes(shipped.read_bytes() + b"\n# ours\n")
    path = manifest(tmp_path / "list.csv", "file,norms\na.mp4,ours.toml\nb.mp4,\n")
    ours, theirs = read_lines([path], HERE)
    assert ours.pack.sha256 != theirs.pack.sha256


def test_every_fault_is_told_with_its_line(tmp_path):
    path = manifest(tmp_path / "list.csv", "file,camera,norms,profile\n,front,,\na.mp4,ceiling,,\nb.mp4,,none,\n"
                    "c.mp4,,,dancing\n")  # fmt: skip
    assert faults(path) == [(2, "file"), (3, "camera"), (4, "norms"), (5, "profile")]


def test_profiles_to_choose_from_have_their_names(tmp_path):
    path = manifest(tmp_path / "list.csv", "file,profile\na.mp4,坐席\n")
    with pytest.raises(LiyiError) as refused:
        read_lines([path], HERE)
    assert "“政务服务窗口”没有场景类型“坐席”：请填 坐席窗口（seated）、导办站立（standing）" in explain_error(
        refused.value, "zh"
    )
    assert "seated, standing," in explain_error(refused.value, "en")


def test_every_option_is_a_column_and_what_is_left_open_the_command_says(tmp_path):
    (tmp_path / "ours").mkdir()
    path = manifest(tmp_path / "list.csv", "file,calibration,speech,recogniser,exempt\na.mp4,0-6.5,zh,none,head_roll\n"
                    "b.mp4,,,ours,shoulder_tilt；head_roll\nc.mp4,,,,\n")  # fmt: skip
    said = Options(language="en", exemptions=("pace",))
    a, b, c = (line.options for line in read_lines([path], Defaults(options=said)))
    assert a == Options("seated", "auto", Interval(0.0, 6.5), "zh", None, ("head_roll",))
    assert b == Options("seated", language="en", recogniser=str(tmp_path / "ours"),
                        exemptions=("head_roll", "shoulder_tilt"))  # fmt: skip
    assert c == Options("seated", language="en", exemptions=("pace",))


def test_values_may_stand_in_the_words_of_the_country(tmp_path):
    recording(tmp_path / "a.mp4")
    text = "文件,场景类型,机位,语言\na.mp4,坐席窗口,正面,普通话\na.mp4,Seated counter,侧 面,English\n"
    chinese, english = read_lines([manifest(tmp_path / "list.csv", text)], HERE)
    assert (chinese.options.profile, chinese.options.camera, chinese.options.language) == ("seated", "front", "zh")
    assert (english.options.profile, english.options.camera, english.options.language) == ("seated", "side", "en")


def test_a_text_that_an_option_does_not_take_is_a_fault_of_its_column(tmp_path):
    path = manifest(tmp_path / "list.csv", "file,calibration,speech,exempt\na.mp4,5-2,,\nb.mp4,,latin,\n"
                    "c.mp4,,,left_handed\n")  # fmt: skip
    assert faults(path) == [(2, "calibration"), (3, "speech"), (4, "exempt")]


def test_one_line_with_several_faults_tells_them_all(tmp_path):
    path = manifest(tmp_path / "list.csv", "file,camera,calibration,profile\na.mp4,ceiling,2,dancing\n")
    assert sorted(faults(path)) == [(2, "calibration"), (2, "camera"), (2, "profile")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("file,persn\na.mp4,x\n", [(1, "persn")]),
        ("person\nx\n", [(1, "file")]),
        ("file,file\na.mp4,b.mp4\n", [(1, "file")]),
        ("file\n", [(1, "")]),
        ("", [(1, "file")]),
        ("file\na,b.mp4\n", [(2, "")]),
        ('file\n"a.mp4\n', [(2, "")]),
    ],
)
def test_a_manifest_that_is_none_is_refused(tmp_path, text, expected):
    path = manifest(tmp_path / "list.csv", text)
    assert faults(path) == expected


def test_the_refusal_is_in_chinese_with_its_faults(tmp_path):
    with pytest.raises(ManifestError) as caught:
        read_lines([manifest(tmp_path / "list.csv", "file,persn\na,b\n")], HERE)
    text = explain_error(caught.value, "zh")
    assert "清单 list.csv" in text
    assert "没有这一列" in text


@pytest.mark.parametrize("name", ["list.csv", "list.parquet"])
def test_a_manifest_that_cannot_be_read_is_one_sentence(tmp_path, name):
    with pytest.raises(LiyiError):
        read_lines([str(tmp_path / name)], HERE)
    (tmp_path / name).write_bytes(b"\xff\xfe\x00\x81\xff" * 9)
    with pytest.raises(LiyiError):
        read_lines([str(tmp_path / name)], HERE)


def test_a_list_of_the_browser_is_read_and_its_columns_are_named_in_chinese(tmp_path):
    path = manifest(
        tmp_path / "list.csv", "文件,人员,规范包,同意日期,同意形式\na.mp4,张敏,政务服务窗口,2026-11-20,书面\n"
    )
    [line] = read_lines([path], HERE)
    assert (line.person, line.pack.id) == ("张敏", "counter")
    wrong = manifest(tmp_path / "wrong.csv", "文件,序号,备注\na.mp4,1,\n")
    with pytest.raises(LiyiError) as refused:
        read_lines([wrong], HERE)
    told = explain_error(refused.value, "zh")
    assert "序号：没有这一列：可用的列为 文件、人员、" in told
    assert told.count("可用的列为") == 1


def test_recordings_from_the_side_are_found_by_the_ending_of_their_names(tmp_path):
    for name in ("a.mp4", "a_Side.mov", "b.mp4", "sub/a.mp4", "sub/a_side.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    lines = read_lines([str(tmp_path)], Defaults(side_ending="_side"))
    found = {Path(line.source).relative_to(tmp_path).as_posix(): line.side for line in lines}
    assert {name: side and Path(side).relative_to(tmp_path).as_posix() for name, side in found.items()} == {
        "a.mp4": "a_Side.mov", "b.mp4": None, "sub/a.mp4": "sub/a_side.mp4"
    }  # fmt: skip
    assert len(read_lines([str(tmp_path)], Defaults())) == 5
    (tmp_path / "c_side.mp4").write_bytes(b"")
    with pytest.raises(LiyiError, match="no front recording"):
        read_lines([str(tmp_path)], Defaults(side_ending="_side"))
    (tmp_path / "c_side.mp4").unlink()
    (tmp_path / "a.mkv").write_bytes(b"")
    with pytest.raises(LiyiError, match="or several"):
        read_lines([str(tmp_path)], Defaults(side_ending="_side"))
