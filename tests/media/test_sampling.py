import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liyi.media.sampling import sampled, slot


def test_thirty_frames_a_second_give_every_third() -> None:
    assert np.flatnonzero(sampled(np.arange(30) / 30, 10.0)).tolist() == list(range(0, 30, 3))


@pytest.mark.parametrize("fps", [1.0, 3.0, 5.0, 10.0])
def test_slow_recordings_keep_every_frame(fps: float) -> None:
    assert sampled(np.arange(50) / fps, 10.0).all()


def test_millisecond_rounding_and_jitter_lose_no_frame() -> None:
    jitter = np.random.default_rng(1).uniform(-0.02, 0.02, 200)
    jitter[0] = 0.0
    assert sampled(np.round(np.arange(200) / 10 + jitter, 3), 10.0).all()


@given(
    st.lists(st.floats(0.001, 3.0), min_size=1, max_size=200),
    st.sampled_from([1.0, 4.0, 10.0, 15.0, 30.0]),
)
def test_exactly_one_frame_in_every_slot_that_has_one(gaps: list[float], rate_hz: float) -> None:
    t_s = np.concatenate(([0.0], np.cumsum(gaps)))
    taken = slot(t_s[sampled(t_s, rate_hz)], rate_hz)
    assert taken.tolist() == np.unique(slot(t_s, rate_hz)).tolist()


@given(st.floats(1.0, 30.0), st.integers(0, 10_000))
def test_a_slot_begins_a_quarter_early(rate_hz: float, k: int) -> None:
    assert slot((k - 0.24) / rate_hz, rate_hz) == k
    assert slot((k - 0.26) / rate_hz, rate_hz) == k - 1
