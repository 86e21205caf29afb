from dataclasses import dataclass
from fractions import Fraction
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liyi.media.clock import SET_ANEW, Clock


@dataclass
class Packet:
    pts: int | None
    is_keyframe: bool = True
    is_discard: bool = False


def clock(form: str = "mpegts") -> Clock:
    """A clock that ticks in milliseconds."""
    container = SimpleNamespace(format=SimpleNamespace(name=form))
    return Clock(SimpleNamespace(time_base=Fraction(1, 1000), container=container))


def accepted(packets: list[Packet], form: str = "mpegts") -> list[bool]:
    one = clock(form)
    return [one.accepts(packet) for packet in packets]


@pytest.mark.parametrize("wild", [9_000_000, -50_000])
def test_a_single_wild_stamp_is_left_out(wild: int) -> None:
    stamps = [*range(0, 1000, 40), wild, *range(1000, 2000, 40)]
    assert accepted([Packet(pts) for pts in stamps]) == [pts != wild for pts in stamps]


def test_a_clock_set_back_ends_the_recording() -> None:
    one = clock()
    first = [one.accepts(Packet(pts)) for pts in range(0, 60_000, 20)]
    second = [one.accepts(Packet(pts)) for pts in range(0, 120_000, 20)]
    assert all(first)
    assert not any(second)
    assert one.set_anew


def test_a_few_packets_out_of_time_do_not_set_it_anew() -> None:
    one = clock()
    for pts in [*range(0, 30_000, 20), *range(0, 20 * (SET_ANEW - 1), 20), *range(30_000, 60_000, 20)]:
        one.accepts(Packet(pts))
    assert not one.set_anew


def test_frames_that_wait_for_their_turn_are_in_time() -> None:
    order = [0, 6000, 2000, 1000, 3000, 4000, 5000, 12_000, 8000]  # one frame a second or less, with B frames
    assert all(accepted([Packet(pts, is_keyframe=pts == 0) for pts in order], "matroska,webm"))


def test_a_long_pause_is_a_pause_except_in_a_transport_stream() -> None:
    packets = [Packet(0), Packet(600_000), Packet(600_040)]
    assert accepted(packets, "mov,mp4,m4a,3gp,3g2,mj2") == [True, True, True]
    assert accepted(packets, "mpegts") == [True, False, False]


def test_packets_without_stamps_pass() -> None:
    assert accepted([Packet(None), Packet(0), Packet(None), Packet(-90_000, is_discard=True)]) == [True] * 4


@given(st.lists(st.integers(0, 9_999), max_size=200))
def test_time_that_runs_forward_is_always_accepted(steps: list[int]) -> None:
    pts, packets = 0, []
    for step in steps:
        pts += step
        packets.append(Packet(pts))
    assert all(accepted(packets))
