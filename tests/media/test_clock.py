"""Clocks made by hand: what is wild, what is a pause, and what is a clock set anew, told by what follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liyi.media.clock import NONE, SetRight, Stamps, set_right

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PICTURE_MS, SOUND_MS = 40, 23
DAY_MS = 86_400_000


@dataclass
class Packet:
    """One packet of a stream (0: the picture, 1: the sound), in milliseconds."""

    stream: int
    dts: int
    wait: int = 0
    right: int = field(default=0)


def recording(seconds: float = 12.0, streams: Sequence[int] = (PICTURE_MS, SOUND_MS)) -> list[Packet]:
    """Packets as a recorder interleaves them; ``right`` is what their stamps have to become."""
    packets = [Packet(n, t, right=t) for n, step in enumerate(streams) for t in range(0, round(1000 * seconds), step)]
    return sorted(packets, key=lambda packet: packet.dts)


def judged(packets: list[Packet], *, stated_s: float | None = None, by_pts: bool = False) -> SetRight:
    streams = []
    for number in range(max(each.stream for each in packets) + 1):
        mine = [(place, each) for place, each in enumerate(packets) if each.stream == number]
        dts = np.array([each.dts for _, each in mine], dtype=np.int64)
        pts = dts + np.array([each.wait for _, each in mine], dtype=np.int64)
        places = np.array([place for place, _ in mine], dtype=np.int64)
        none = np.full(dts.size, NONE)
        streams.append(Stamps(Fraction(1, 1000), places, pts, none if by_pts else dts, np.ones(dts.size, np.bool_)))
    return set_right(streams, stated_s)


def off_ms(packets: list[Packet], done: SetRight) -> int:
    """The most by which a stamp set right is from where it should be."""
    return max(
        int(np.abs(pts - [each.right + each.wait for each in packets if each.stream == number]).max())
        for number, pts in enumerate(done.pts)
    )


def test_a_sound_clock_is_left_as_it_is() -> None:
    done = judged(recording())
    assert done.changed == [False, False]
    assert (done.leaps, done.wild_s) == ([], [])


@pytest.mark.parametrize("stream", [0, 1])
@pytest.mark.parametrize("wild_ms", [3_600_000, 300_000, 12_000, -50_000, -3_600_000, 15 * 3_600_000])
@pytest.mark.parametrize("where", ["first", "second", "middle", "last but one", "last"])
def test_one_wild_stamp_costs_nothing(stream: int, wild_ms: int, where: str) -> None:
    packets = recording()
    mine = [packet for packet in packets if packet.stream == stream]
    at = {"first": 0, "second": 1, "middle": len(mine) // 2, "last but one": -2, "last": -1}[where]
    mine[at].dts += wild_ms
    done = judged(packets, stated_s=12.0)
    assert off_ms(packets, done) <= PICTURE_MS
    assert done.leaps == []
    assert len(done.wild_s) == 1
    assert done.changed[1 - stream] is False


@pytest.mark.parametrize("stated_s", [None, 10_812.0, 312.0])
@pytest.mark.parametrize("late_ms", [3 * 3_600_000, 300_000])
def test_a_last_picture_hours_late_is_wild_whatever_the_header_says(stated_s: float | None, late_ms: int) -> None:
    packets = recording()
    max((each for each in packets if each.stream == 0), key=lambda each: each.dts).dts += late_ms
    packets.sort(key=lambda packet: packet.dts)  # as MP4 is read
    assert off_ms(packets, judged(packets, stated_s=stated_s)) <= PICTURE_MS


def test_a_few_wild_stamps_in_a_row_cost_nothing_behind_them() -> None:
    packets = recording()
    for packet in [each for each in packets if each.stream == 0][100:103]:
        packet.dts += 3_600_000
    assert off_ms(packets, judged(packets)) <= PICTURE_MS * 3


@pytest.mark.parametrize("leap_ms", [-6000, 15 * 3_600_000, 2 * 3_600_000, 40_000, -16_777_216])
@pytest.mark.parametrize("begin_ms", [0, 20_000_000])
def test_a_clock_that_all_streams_set_anew_is_read_on(leap_ms: int, begin_ms: int) -> None:
    packets = recording()
    for packet in packets:
        packet.dts += begin_ms + leap_ms * (packet.right >= 6000)
        packet.right += begin_ms
    done = judged(packets, stated_s=12.0)
    assert off_ms(packets, done) <= PICTURE_MS
    [leap] = done.leaps
    assert leap.all
    assert leap.at_s == pytest.approx(6.0 + begin_ms / 1000, abs=0.05)
    assert leap.by_s == pytest.approx(leap_ms / 1000, abs=0.05)


def test_picture_and_sound_keep_their_places_to_each_other_behind_a_leap() -> None:
    """The first clip's sound ended 1.5 s before its picture."""
    packets = [each for each in recording(6.0) if each.stream == 0 or each.dts < 4500]
    packets += [Packet(each.stream, each.dts, right=each.dts + 6000) for each in recording(6.0)]
    assert off_ms(packets, judged(packets)) <= PICTURE_MS


def test_clips_put_behind_each_other_are_one_recording() -> None:
    packets = []
    for clip in range(5):
        packets += [Packet(each.stream, each.dts, right=each.dts + 4000 * clip) for each in recording(4.0)]
    done = judged(packets)
    assert len(done.leaps) == 4
    assert off_ms(packets, done) <= 4 * PICTURE_MS


def test_a_recording_that_paused_stays_one_where_the_header_has_room_for_it() -> None:
    packets = recording()
    for packet in packets:
        packet.dts += 40_000 * (packet.dts >= 6000)
    assert judged(packets, stated_s=52.0).changed == [False, False]
    for stated_s in (None, 0.0, 12.0):
        assert off_ms(packets, judged(packets, stated_s=stated_s)) <= PICTURE_MS


def test_no_pause_lasts_for_hours() -> None:
    packets = recording()
    for packet in packets:
        packet.dts += 2 * 3_600_000 * (packet.dts >= 6000)
    assert off_ms(packets, judged(packets, stated_s=7212.0)) <= PICTURE_MS


@pytest.mark.parametrize("stream", [0, 1])
@pytest.mark.parametrize("stated_s", [None, 60.0])
def test_a_camera_off_or_a_microphone_muted_is_a_pause(stream: int, stated_s: float | None) -> None:
    packets = [each for each in recording(60.0) if each.stream != stream or not 6000 <= each.dts < 46_000]
    assert judged(packets, stated_s=stated_s).changed == [False, False]


def test_a_camera_on_late_is_no_leap() -> None:
    packets = [each for each in recording(60.0) if each.stream == 1 or each.dts >= 30_000 or each.dts == 0]
    assert judged(packets).changed == [False, False]


@pytest.mark.parametrize("stream", [0, 1])
@pytest.mark.parametrize("leap_ms", [3_600_000, 40_000, -4000, -40_000])
def test_the_clock_of_one_stream_alone_is_set_right_by_the_others(stream: int, leap_ms: int) -> None:
    packets = recording()
    for packet in packets:
        if packet.stream == stream:
            packet.dts += leap_ms * (packet.dts >= 6000)
    done = judged(packets, stated_s=12.0 + abs(leap_ms) / 1000)
    assert off_ms(packets, done) <= PICTURE_MS
    assert [leap.all for leap in done.leaps] == [False]


def test_a_clock_that_is_set_back_for_a_second_costs_nothing() -> None:
    packets = recording()
    for packet in packets:
        packet.dts -= 2800 * (3000 <= packet.dts < 4000)
    done = judged(packets, stated_s=12.0)
    assert off_ms(packets, done) <= 2 * PICTURE_MS
    assert len(done.leaps) == 2


def test_some_seconds_sent_twice_are_no_clock_set_anew() -> None:
    packets = recording()
    burst = [Packet(1, each.dts, right=each.dts) for each in packets if each.stream == 1 and 4000 <= each.dts < 6000]
    at = next(place for place, each in enumerate(packets) if each.dts >= 6000)
    done = judged(packets[:at] + burst + packets[at:])
    assert done.changed == [False, False]


@pytest.mark.parametrize("by_pts", [False, True])
def test_pictures_that_wait_for_their_turn_are_in_time(by_pts: bool) -> None:
    order = [0, 6000, 2000, 1000, 3000, 4000, 5000, 12_000, 8000, 7000, 9000, 10_000, 11_000, 13_000]  # B frames
    packets = [Packet(0, 1000 * at - 2000, shown - 1000 * at + 2000) for at, shown in enumerate(order)]
    assert judged(packets, by_pts=by_pts).changed == [False]


def test_a_wild_time_of_showing_alone_is_set_right() -> None:
    packets = recording()
    mine = [each for each in packets if each.stream == 0]
    for packet in mine:
        packet.wait = 80
    mine[50].wait = 8_388_000  # a composition offset of 24 bits
    done = judged(packets)
    mine[50].wait = 80
    assert off_ms(packets, done) == 0


def test_packets_without_stamps_move_with_the_ones_before_them() -> None:
    stamps = np.array([*range(0, 320, 40), NONE, 320, NONE, *range(80_000_000, 80_000_800, 40), NONE], dtype=np.int64)
    places = np.arange(stamps.size, dtype=np.int64)
    done = set_right([Stamps(Fraction(1, 1000), places, stamps, stamps, np.ones(stamps.size, np.bool_))], None)
    assert done.pts[0].tolist() == [*range(0, 320, 40), NONE, 320, NONE, *range(360, 1160, 40), NONE]


def test_nothing_and_next_to_nothing() -> None:
    empty = np.zeros(0, dtype=np.int64)
    assert set_right([], None).pts == []
    assert set_right([Stamps(Fraction(1, 1000), empty, empty, empty, empty.astype(np.bool_))], None).changed == [False]
    assert judged([Packet(0, 5)]).changed == [False]


@settings(max_examples=40)
@given(st.lists(st.integers(0, 9_999), max_size=200))
def test_time_that_runs_forward_is_never_changed(steps: list[int]) -> None:
    packets = [Packet(0, int(ms)) for ms in np.cumsum([0, *steps])]
    assert judged(packets).changed == [False]


@settings(max_examples=40)
@given(st.lists(st.integers(-DAY_MS, DAY_MS), min_size=9, max_size=300))
def test_whatever_the_stamps_a_recording_is_no_longer_than_its_packets_can_last(stamps: list[int]) -> None:
    [pts] = judged([Packet(0, ms) for ms in stamps]).pts
    assert int(pts.max() - pts.min()) <= 10_000 * (pts.size + 1)


@settings(max_examples=40)
@given(st.lists(st.integers(-DAY_MS, DAY_MS), min_size=1, max_size=300), st.sampled_from([None, 0.0, 1e5]))
def test_whatever_the_stamps_two_streams_are_judged(stamps: list[int], stated_s: float | None) -> None:
    done = judged([Packet(place % 2, ms) for place, ms in enumerate(stamps)], stated_s=stated_s)
    assert sum(pts.size for pts in done.pts) == len(stamps)


def many(count: int, made: Callable[[int], int]) -> list[Packet]:
    return [Packet(at % 2, made(at)) for at in range(count)]


def test_a_file_that_is_all_jumps_ends_in_time() -> None:
    rng = np.random.default_rng(7)
    wild = rng.integers(0, DAY_MS, 20_000)
    done = judged(many(20_000, lambda at: int(wild[at // 40 * 40]) + at))
    assert done.leaps
