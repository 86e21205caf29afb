"""The results of what takes too long for the tests are there, and of this version of what they rest on."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest

from benchmarks import fingerprint, proof

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def kept():
    return proof.read()


@pytest.fixture(scope="module")
def versions(kept):
    return proof.current(copy.deepcopy(kept))


def test_every_result_is_of_this_version(kept, versions):
    stale = [f"{name} ({why}): run `make proof JOB={name}`" for name, why in proof.stale(kept, versions).items()]
    assert stale == []


def test_what_the_measures_give_is_what_was_proved(kept):
    """Tells which values changed, which a count alone does not."""
    assert fingerprint.changed(kept["fingerprints"]["measures"], fingerprint.measured()) == []
    assert fingerprint.changed(kept["fingerprints"]["judge"], fingerprint.judged()) == []


@pytest.mark.parametrize("name", ["measures", "judge"])
def test_another_outcome_is_another_version(kept, versions, name):
    changed = copy.deepcopy(kept)
    proof.current(changed)  # so that it tells of this change alone, even where results are stale
    key = sorted(changed["fingerprints"][name])[0]
    changed["fingerprints"][name][key] = "123.000"
    newer = proof.current(changed)
    assert int(newer[name]) == int(versions[name]) + 1
    assert {job for job, rests in proof.JOBS.items() if name in rests.rests_on} <= set(proof.stale(kept, newer))


@pytest.mark.parametrize("name", ["measures", "judge"])
def test_a_measure_or_criterion_that_is_new_is_no_other_version_and_one_that_is_gone_is(kept, name):
    fewer, more = copy.deepcopy(kept), copy.deepcopy(kept)
    now = int(proof.current(fewer)[name])
    proof.current(more)
    del fewer["fingerprints"][name][sorted(fewer["fingerprints"][name])[0]]
    more["fingerprints"][name]["voice/counter/gone"] = "1.000"
    assert int(proof.current(fewer)[name]) == now
    assert int(proof.current(more)[name]) == now + 1


def test_another_machines_rounding_is_none(kept):
    values = kept["fingerprints"]["measures"]
    rounded = {key: re.sub(r"\d+\.\d+", lambda found: f"{float(found[0]) * 1.0005:.3f}", text)
               for key, text in values.items()}  # fmt: skip
    assert fingerprint.differences(values, rounded) == []


def test_all_jobs_together_take_an_hour_and_name_what_they_rest_on(versions):
    assert sum(job.minutes for job in proof.JOBS.values()) <= proof.MOST_MINUTES
    for name, job in proof.JOBS.items():
        assert job.rests_on, name
        assert set(job.rests_on) <= versions.keys(), name
        assert (ROOT / "benchmarks" / job.command.split()[0]).is_file(), name


def test_a_job_that_hangs_is_ended_at_its_limit_and_one_that_fails_is_told(tmp_path):
    code = "import time; from benchmarks.figures import tell; tell(count=3); print('here', flush=True); time.sleep({})"
    python = [proof.sys.executable, "-c"]
    assert proof.run([*python, code.format(60)], 1.0, tmp_path) == ("stopped at its limit", {"count": 3}, ["here"])
    assert proof.run([*python, code.format(0)], 30.0, tmp_path) == ("passed", {"count": 3}, [])
    assert proof.run([*python, "print('why'); raise SystemExit(1)"], 30.0, tmp_path) == ("failed", {}, ["why"])
