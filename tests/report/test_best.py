"""The best moment is where all was good over time, spoken, and free of faults; what is uncertain is not praised."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liyi.core.trace import Interval
from liyi.etiquette.assessment import Evidence
from liyi.etiquette.pack import NormPack
from liyi.report.best import LENGTH_S, best_moment
from tests.report.conftest import PACK


def roll(pack):
    """The pack with a second criterion over time."""
    return NormPack.model_validate(
        {**PACK, "criteria": {**PACK["criteria"], "head_roll": {
            **PACK["criteria"]["shoulder_tilt"], "measure": "head_roll", "good": (-5.0, 5.0), "tolerable": (-8.0, 8.0),
        }}},
    )  # fmt: skip


@pytest.fixture
def found(assessment, performance, signals, pack):
    def best(**changes):
        given = {"assessment": assessment, "performance": performance, "signals": signals, **changes}
        return best_moment(given["assessment"], given["performance"], given["signals"], roll(pack), "zh")

    return best


def with_values(signals, **values):
    return {**signals, **{id: replace(signals[id], value=value) for id, value in values.items()}}


def test_it_lies_where_both_traces_are_good_and_somebody_speaks(found, signals, performance):
    t = signals["shoulder_tilt"].t
    tilt = np.where((t >= 23) & (t < 29), 2.0, 9.0)
    best = found(signals=with_values(signals, shoulder_tilt=tilt))
    assert best.start_s >= 23 - 0.5
    assert best.end_s <= 29 + 0.5
    assert best.duration_s == LENGTH_S
    spoken = sum(best.overlap_s(stretch) for stretch in performance.voice.stretches)
    assert spoken >= 0.6 * LENGTH_S
    assert set(best.good) == {"肩线水平 2.0° ± 1.1°", "头部端正不到 1.1°"}


def test_the_calibration_and_the_time_of_a_fault_are_no_best_moment(found, signals, assessment, performance):
    t = signals["shoulder_tilt"].t
    good_twice = np.where((t < 6) | ((t >= 23) & (t < 29)), 2.0, 9.0)
    given = with_values(signals, shoulder_tilt=good_twice)
    assert found(signals=given).start_s > 20  # not in the calibration, 0 to 6 s
    faulty = assessment.verdicts[6].model_copy(update={
        "kind": "fault", "sub_score": 0.2, "evidence": (Evidence(start_s=25.0, end_s=26.0),),
    })  # fmt: skip
    others = tuple(v for v in assessment.verdicts if v.criterion != faulty.criterion)
    told = assessment.model_copy(update={"verdicts": (*others, faulty)})
    best = found(signals=given, assessment=told)
    assert best is None or best.overlap_s(Interval(25.0, 26.0)) == 0


def test_what_is_not_certain_is_not_praised(found, signals):
    loose = {id: replace(signal, error=40.0) for id, signal in signals.items()}
    assert found(signals=loose) is None
    assert found(signals={}) is None


def test_an_hour_is_searched_in_a_moment(long_example, pack):
    performance, signals, assessment = long_example(3600.0)
    assert best_moment(assessment, performance, signals, roll(pack), "en") is not None
