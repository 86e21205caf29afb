import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liyi.core.errors import LiyiError, MediaError, Notice
from liyi.core.measure import Measure, Single
from liyi.core.reasons import Reason
from liyi.core.trace import Event, Interval, Trace

spans = st.tuples(st.floats(0, 100), st.floats(0, 100)).map(lambda pair: Interval(min(pair), max(pair)))


@given(spans, spans)
def test_overlap_is_symmetric_and_no_longer_than_either(a: Interval, b: Interval) -> None:
    shared = a.overlap_s(b)
    assert shared == b.overlap_s(a)
    assert 0.0 <= shared <= min(a.duration_s, b.duration_s)
    assert a.overlap_s(a) == a.duration_s


def test_touching_intervals_share_nothing() -> None:
    assert Interval(0.0, 1.0).overlap_s(Interval(1.0, 2.0)) == 0.0
    assert Interval(0.0, 1.5).overlap_s(Interval(1.0, 2.0)) == 0.5


def test_events_are_ordered_by_time_alone() -> None:
    late, early = Event(2.0, 3.0, {"angle": 30.0}, "bow"), Event(1.0, 9.0, {"angle": 15.0}, "bow")
    assert sorted([late, early]) == [early, late]
    assert Event(2.0, 3.0) == late


def test_a_trace_refuses_values_that_do_not_fit_its_clock() -> None:
    with pytest.raises(ValueError, match=r"sway: .*\(3,\) and \(4,\)"):
        Trace("sway", "%", np.zeros(3), np.zeros(4))
    with pytest.raises(ValueError):
        Trace("sway", "%", np.zeros((3, 1)), np.zeros((3, 1)))


def test_a_measure_lays_params_over_its_defaults() -> None:
    def compute(part: float, params: dict[str, float]) -> Single:
        return Single(part * params["times"] + params["plus"], 1.0)

    measure = Measure("x", "s", "scalar", "voice", compute, params={"times": 2.0, "plus": 1.0})
    assert measure(3.0).value == 7.0
    assert measure(3.0, {"plus": 10.0}).value == 16.0


def test_every_reason_has_its_own_sentence() -> None:
    sentences = [reason.sentence for reason in Reason]
    assert len(set(sentences)) == len(sentences)
    assert all(sentence.endswith(".") for sentence in sentences)


def test_errors_name_the_file_and_keep_their_key() -> None:
    fault = MediaError("/some/folder/训练.mp4", "{file} has {count} streams: export it again.", count=99)
    assert str(fault) == "训练.mp4 has 99 streams: export it again."
    assert fault.sentence == "{file} has {count} streams: export it again."
    assert fault.path == "/some/folder/训练.mp4"
    assert isinstance(fault, LiyiError)
    assert Notice("Off at {second} s.", {"second": 1.5}).text == "Off at 1.5 s."


def test_a_file_name_cannot_break_the_sentence_or_steer_the_terminal() -> None:
    fault = MediaError("/some/folder/a\nb\x1b[2J.mp4", "{file} is empty.")
    assert str(fault) == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}[2J.mp4 is empty."
    assert fault.path == "/some/folder/a\nb\x1b[2J.mp4"
