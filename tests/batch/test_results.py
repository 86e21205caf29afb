"""The folder of a batch: held by one, refused to a second, and what stands in it is trusted only when whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from liyi.batch import results
from liyi.batch.source import digest
from liyi.batch.unit import COMPUTING, OWN, SECOND, Unit, environment_fingerprint
from liyi.core.atomic import make_scratch_folder
from liyi.core.errors import LiyiError
from liyi.core.options import Options, known
from liyi.core.trace import Interval
from liyi.etiquette.norms import load_pack
from tests.batch.standin import assess, recording


@pytest.fixture
def unit(tmp_path):
    path = recording(tmp_path / "a.mp4")
    sha256, size = digest(str(path))
    return Unit(
        str(path),
        path.name,
        sha256,
        size,
        load_pack("counter"),
        Options("seated"),
        "en",
        True,
        environment_fingerprint(),
    )


@pytest.fixture
def out(tmp_path, unit):
    assess(tmp_path / "a.mp4", tmp_path / "made", unit)
    results.write(tmp_path / "out", unit.key, {p.name: p.read_bytes() for p in (tmp_path / "made").iterdir()})
    return tmp_path / "out"


def test_what_was_written_counts_as_done(out, unit):
    assert results.done(out, unit)


@pytest.mark.parametrize("name", ["assessment.json", "measures.parquet", "report.html"])
def test_a_result_without_one_of_its_files_is_not_done(out, unit, name):
    (out / "recordings" / unit.key / name).unlink()
    assert not results.done(out, unit)


@pytest.mark.parametrize("name", ["assessment.json", "measures.parquet"])
def test_a_damaged_result_is_not_done(out, unit, name):
    file = out / "recordings" / unit.key / name
    file.write_bytes(file.read_bytes()[:-20])
    assert not results.done(out, unit)


def test_the_result_of_another_recording_is_not_done(out, unit):
    file = out / "recordings" / unit.key / "assessment.json"
    file.write_text(file.read_text().replace(unit.sha256, "0" * 64))
    assert not results.done(out, unit)


CHANGES = (
    {"profile": "standing"},
    {"camera": "side"},
    {"calibration": Interval(0.0, 5.0)},
    {"language": "en"},
    {"recogniser": None},
    {"exemptions": ("pregnancy",)},
    {"reading_error": 0.1},
    {"track": "a1"},
)


def test_the_key_changes_with_all_that_a_result_depends_on(unit):
    assert {name for change in CHANGES for name in change} == set(known())
    others = [
        replace(unit, sha256="0" * 64),
        replace(unit, pack=load_pack("presentation")),
        *(replace(unit, options=replace(unit.options, **change)) for change in CHANGES),
        replace(unit, fingerprint={**unit.fingerprint, OWN: "0"}),
        replace(unit, fingerprint={**unit.fingerprint, "swift_f0": "0"}),
        replace(unit, fingerprint={**unit.fingerprint, SECOND: "-"}),
        *(replace(unit, fingerprint={**unit.fingerprint, name: "9.9"}) for name in COMPUTING),
    ]
    assert len({unit.key, *(other.key for other in others)}) == len(others) + 1
    assert replace(unit, lang="zh", source="/elsewhere/b.mp4", name="b.mp4").key == unit.key


def test_results_are_not_mixed_with_an_earlier_batchs(out):
    with pytest.raises(results.OccupiedError, match="--resume"), results.batch_lock(out, resume=False):
        pass
    with results.batch_lock(out, resume=True):
        pass


def test_two_batches_cannot_write_to_one_folder(tmp_path):
    with results.batch_lock(tmp_path / "new", resume=False):  # noqa: SIM117
        with (
            pytest.raises(results.OccupiedError, match="Another batch"),
            results.batch_lock(tmp_path / "new", resume=True),
        ):
            pass


def test_half_files_of_a_killed_batch_are_swept(out, unit):
    for scratch in (out, out / "recordings" / unit.key):
        make_scratch_folder(scratch).rename(scratch / ".liyi-4194305-x")  # a number above all process ids
    with results.batch_lock(out, resume=True):
        assert not [*out.rglob(".liyi-*")]
    assert results.done(out, unit)


def test_a_file_in_the_folders_place_is_one_sentence(tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(LiyiError, match="a file is in its place"), results.batch_lock(tmp_path / "out", resume=False):
        pass
