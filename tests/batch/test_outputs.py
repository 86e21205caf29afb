"""Tables and pages of a batch are known as Liyi's, and nothing else of their names is ever overwritten."""

from __future__ import annotations

import hashlib
import os
import zipfile

import pytest

from liyi.batch import results
from liyi.batch.log_file import BatchLog
from liyi.batch.outputs import COHORT_HTML, IS_OWN, LOG_CSV, OF_A_BATCH, SCORES_CSV, SCORES_XLSX
from liyi.batch.unit import Done, Unit, environment_fingerprint, work
from liyi.cohort.page import write_cohort_report
from liyi.cohort.tables import write_tables
from liyi.core.atomic import is_replaceable
from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.etiquette.norms import load_pack
from tests.batch.standin import HEAD
from tests.cohort.batches import mixed


@pytest.fixture(params=["zh", "en"])
def written(tmp_path, request):
    write_tables(mixed(), tmp_path, request.param)
    write_cohort_report(mixed(), tmp_path, request.param)
    return tmp_path


def write(name, out):
    if name == COHORT_HTML:
        write_cohort_report(mixed(), out, "en")
    elif name == LOG_CSV:
        BatchLog(out).note("begun")
    else:
        write_tables(mixed(), out, "en")


def test_what_liyi_wrote_may_be_replaced(written):
    assert {name: is_replaceable(written / name, IS_OWN[name]) for name in OF_A_BATCH} == dict.fromkeys(
        OF_A_BATCH, True
    )
    write_tables(mixed(), written, "en")
    write_cohort_report(mixed(), written, "en")
    with results.batch_lock(written, resume=True):
        pass


def test_an_empty_batch_is_known_too(tmp_path):
    write_tables([], tmp_path, "zh")
    assert all(is_replaceable(tmp_path / name, IS_OWN[name]) for name in OF_A_BATCH)


@pytest.mark.parametrize("content", [b"file,score\r\na,1\r\n", b"PK\x03\x04mine", b"PAR1mine", b"<html>mine</html>"])
@pytest.mark.parametrize("name", OF_A_BATCH)
def test_a_strangers_file_is_refused_before_the_work_and_stays(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(results.OccupiedError, match=f"{name} is there"), results.batch_lock(tmp_path, resume=True):
        pytest.fail("the work began")
    with pytest.raises(LiyiError, match="not written by Liyi"):
        write(name, tmp_path)
    assert (tmp_path / name).read_bytes() == content


def test_a_table_that_somebody_went_on_with_is_a_strangers(written):
    text = (written / SCORES_CSV).read_text("utf-8-sig")
    heading, rest = text.split("\n", 1)
    names = heading.rstrip("\r").replace('"', "")
    for changed in (
        names + "\r\n" + rest,
        heading.rstrip("\r") + ',"remarks"\r\n' + rest,
    ):  # as Excel saves; a column more
        (written / SCORES_CSV).write_bytes(b"\xef\xbb\xbf" + changed.encode())
        assert not is_replaceable(written / SCORES_CSV, IS_OWN[SCORES_CSV])


def test_a_workbook_that_was_saved_again_is_a_strangers(written):
    with zipfile.ZipFile(written / SCORES_XLSX) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    about = parts["docProps/core.xml"]
    head, tail = about.split(b"</dcterms:modified>")
    parts["docProps/core.xml"] = head[:-20] + b"2030-01-01T00:00:00Z</dcterms:modified>" + tail
    with zipfile.ZipFile(written / SCORES_XLSX, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    assert not is_replaceable(written / SCORES_XLSX, IS_OWN[SCORES_XLSX])


def test_a_strangers_lock_file_is_not_emptied(tmp_path):
    (tmp_path / ".lock").write_text("mine")
    with pytest.raises(results.OccupiedError, match="was not written"), results.batch_lock(tmp_path, resume=False):
        pytest.fail("the work began")
    assert (tmp_path / ".lock").read_text() == "mine"


@pytest.mark.parametrize(("umask", "folder", "file"), [(0, 0o770, 0o660), (0o022, 0o750, 0o640), (0o077, 0o700, 0o600)])
def test_others_read_nothing_of_a_batch(tmp_path, umask, folder, file):
    before = os.umask(umask)
    try:
        with results.batch_lock(tmp_path / "deep" / "out", resume=False):
            results.write(tmp_path / "deep" / "out", "key", {"measures.parquet": b"x", "assessment.json": b"y"})
            write_tables(mixed(), tmp_path / "deep" / "out", "en")
            write_cohort_report(mixed(), tmp_path / "deep" / "out", "en")
            BatchLog(tmp_path / "deep" / "out").note("begun")
    finally:
        os.umask(before)
    found = list((tmp_path / "deep").rglob("*"))
    assert {path.stat().st_mode & 0o777 for path in found if path.is_dir()} == {folder}
    assert {path.stat().st_mode & 0o777 for path in found if path.is_file()} == {file}
    assert {path.name for path in found} >= {".lock", "recordings", "key", *OF_A_BATCH}


def test_a_lock_that_is_there_is_opened_no_wider(tmp_path):
    (tmp_path / ".lock").touch(mode=0o600)
    with results.batch_lock(tmp_path, resume=False):
        pass
    assert (tmp_path / ".lock").stat().st_mode & 0o777 == 0o600


def test_a_recording_may_be_called_as_the_folder_of_its_results(tmp_path):
    unit = Unit("elsewhere/out", "out", hashlib.sha256(HEAD).hexdigest(), len(HEAD), load_pack("counter"),
                Options("seated"), "en", False, environment_fingerprint())  # fmt: skip
    assert isinstance(work(unit, [HEAD], assess_bare), Done)


def assess_bare(recording, out, unit):
    assert recording.read_bytes() == HEAD
    out.mkdir()
    for name in ("measures.parquet", "assessment.json"):
        (out / name).touch()
