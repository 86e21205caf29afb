import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from liyi.core.smoothing import hysteresis, rolling_median, runs, sample_interval_s

masks = st.lists(st.booleans(), max_size=60).map(lambda values: np.array(values, dtype=np.bool_))
values = arrays(np.float64, st.integers(1, 60), elements=st.one_of(st.floats(-1e3, 1e3), st.just(np.nan)))


def test_sample_interval_is_the_median_spacing() -> None:
    assert sample_interval_s(np.array([0.0, 0.1, 0.2, 5.0])) == pytest.approx(0.1)
    assert sample_interval_s(np.array([3.0])) == 0.0
    assert sample_interval_s(np.array([])) == 0.0


def test_median_removes_a_spike_and_keeps_a_line() -> None:
    t = np.arange(50) / 10
    line = 3 * t + 1
    spiked = line.copy()
    spiked[20] = 1000.0
    smooth = rolling_median(t, spiked, 0.5)
    assert smooth[5:15] == pytest.approx(line[5:15])
    assert abs(smooth[20] - line[20]) <= 0.3 + 1e-9


def test_median_keeps_a_step_sharp_and_reads_the_clock_not_the_count() -> None:
    t = np.concatenate((np.arange(10) / 10, 10 + np.arange(10) / 10))
    step = np.where(t < 5, 1.0, 7.0)
    assert rolling_median(t, step, 2.0).tolist() == step.tolist()


def test_median_leaves_gaps_and_does_not_spread_them() -> None:
    t = np.arange(9) / 10
    value = np.ones(9)
    value[4] = np.nan
    assert np.isnan(rolling_median(t, value, 0.5)).tolist() == np.isnan(value).tolist()


def test_median_of_several_columns_is_the_median_of_each() -> None:
    rng = np.random.default_rng(2)
    t, value = np.arange(40) / 10, rng.normal(size=(40, 3))
    together = rolling_median(t, value, 0.7)
    for column in range(3):
        assert together[:, column] == pytest.approx(rolling_median(t, value[:, column], 0.7))


@given(values)
def test_median_stays_within_its_window(value: np.ndarray) -> None:
    t = np.arange(value.size) / 10
    out = rolling_median(t, value, 0.5)
    for i in np.flatnonzero(np.isfinite(value)):
        near = value[max(0, i - 2) : i + 3]
        assert out[i] == pytest.approx(np.median(near[np.isfinite(near)]))


@given(values, st.floats(-50, 50))
def test_median_moves_with_a_shift(value: np.ndarray, shift: float) -> None:
    t = np.arange(value.size) / 10
    np.testing.assert_allclose(rolling_median(t, value + shift, 0.5), rolling_median(t, value, 0.5) + shift, atol=1e-9)


def test_median_of_nothing_is_nothing() -> None:
    assert rolling_median(np.zeros(0), np.zeros(0), 0.5).size == 0


@given(masks)
def test_runs_rebuild_the_mask_and_do_not_touch(mask: np.ndarray) -> None:
    rebuilt = np.zeros_like(mask)
    found = runs(mask)
    for first, last in found:
        assert first < last
        rebuilt[first:last] = True
    assert rebuilt.tolist() == mask.tolist()
    assert all(a[1] < b[0] for a, b in itertools.pairwise(found))


def test_hysteresis_holds_through_a_dip_but_does_not_start_on_one() -> None:
    value = np.array([0, 6, 11, 6, 4, 6, 7, 6, 0])
    held = hysteresis(value > 10, value > 5)
    assert held.tolist() == [False, True, True, True, False, False, False, False, False]


@given(st.integers(0, 60).flatmap(lambda n: st.tuples(arrays(np.bool_, n), arrays(np.bool_, n))))
def test_hysteresis_lies_between_enter_and_stay(pair: tuple[np.ndarray, np.ndarray]) -> None:
    enter, stay = pair
    held = hysteresis(enter, stay)
    assert not (enter & ~held).any()
    assert not (held & ~(enter | stay)).any()
    assert hysteresis(held, held).tolist() == held.tolist()
