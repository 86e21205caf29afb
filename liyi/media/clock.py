"""The clock of a file set right: wild time stamps, clocks that begin anew, and pauses, told by what follows them.

A stamp is judged by the packets behind it and by the other streams, never by the latest one so far. What leaps away
and comes back is wild: it gets the place that its neighbours leave for it. What leaps and stays is one of three:

* a *pause* of that stream (camera off, microphone muted): another stream goes on through it in the file;
* a *pause of the recording*: all streams leap ahead together, by an hour at most, and the length that the header
  states has room for it;
* a *clock set anew*, by all streams or by one: it is read on, straight behind what came before.

Seconds here are those of the file's own clock.
"""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from liyi.core.words import N_

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    Ticks = npt.NDArray[np.int64]
    Seconds = npt.NDArray[np.float64]

CLOCK_LEAPS = N_("The file's clock leaps by {leap} s at {second} s; it was set right and read on.")
CLOCK_LEAPS_OFTEN = N_("The file's clock leaps {count} times, first at {second} s; it was set right and read on.")

NONE = -(2**63)  # stands for a stamp that is not there, as in FFmpeg
# Packets follow each other in the order of decoding, and recorders jitter by far less than this.
BACK_S = 1.0
# FFmpeg's own bound for a clock that leaps (`-dts_delta_threshold`).
LEAP_S = 10.0
# Nobody rehearses with a pause of more than an hour in one recording; clocks of live streams leap by hours.
LONGEST_PAUSE_S = 3600.0
# Pictures wait for their turn across so many others at most (H.264, H.265).
MOST_WAITING = 16
# So many packets behind one tell whether it was wild; half as many at either end of a stream are no recording.
FOLLOWING = 8
FEW = FOLLOWING // 2
# As many jumps behind one are held against it, which bounds the work on a file that is all jumps.
NEAR = 32
# A header rounds its length, or counts without the last packet.
STATED_SHARE, STATED_S = 0.98, 1.0


@dataclass(frozen=True)
class Stamps:
    """What the packets of one stream carry, in the order of the file; arrays (n,).

    Attributes
    ----------
    time_base : Fraction
        Seconds per tick.
    place : array
        Number of the packet among those of all streams.
    pts, dts : array
        Ticks of showing and of decoding; `NONE` where there is none.
    counts : bool array
        Whether the packet is shown at all: a decoder needs some that are not.
    """

    time_base: Fraction
    place: Ticks
    pts: Ticks
    dts: Ticks
    counts: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Leap:
    """A clock set anew at second ``at_s`` (set right) by ``by_s`` seconds: that of ``all`` streams, or of one."""

    at_s: float
    by_s: float
    all: bool


@dataclass
class SetRight:
    """Time stamps set right.

    Attributes
    ----------
    pts : list of array
        For each stream, ticks in the order of its packets, `NONE` where it carries none.
    changed : list of bool
        For each stream, whether they differ from those in the file.
    leaps : list of Leap
        Where clocks were set anew, in the order of the file.
    wild_s : list of float
        Seconds at which single stamps were wrong.
    pieces : list of list of (float, float)
        For each stream, from which second on, set right, how many seconds were added to what the file carries.
    """

    pts: list[Ticks]
    changed: list[bool]
    leaps: list[Leap] = field(default_factory=list)
    wild_s: list[float] = field(default_factory=list)
    pieces: list[list[tuple[float, float]]] = field(default_factory=list)


@dataclass
class _Stream:
    """One stream on its way: ``k`` counts its stamped packets."""

    stamps: Stamps
    at: Ticks  # which of the packets are stamped and count
    x: Seconds  # their decoding seconds
    usual_s: float  # the usual way from one to the next
    wild: set[int]
    jumps: list[int]
    returns: set[int] = field(default_factory=set)  # of the jumps, those after which an earlier clock holds again
    pieces: list[tuple[int, float]] = field(default_factory=lambda: [(0, 0.0)])  # from which k on what is added

    @property
    def added_s(self) -> float:
        return self.pieces[-1][1]

    def place(self, k: int) -> int:
        return int(self.stamps.place[self.at[k]])

    def latest_before(self, place: int) -> float | None:
        """Seconds of the last packet that stands before ``place`` in the file and is not wild."""
        k = int(np.searchsorted(self.stamps.place[self.at], place)) - 1
        while k in self.wild:
            k -= 1
        return float(self.x[k]) if k >= 0 else None

    def before(self, k: int) -> int:
        """The last packet before ``k`` that is not wild."""
        k -= 1
        while k > 0 and k in self.wild:
            k -= 1
        return max(k, 0)

    def expected_s(self, k: int) -> float:
        """When packet ``k`` should come, set right."""
        return float(self.x[self.before(k)]) + self.added_s + self.usual_s

    def lasts(self, k: int) -> int:
        """How many packets follow from ``k`` to the next jump, or to the end."""
        return next((jump for jump in self.jumps if jump > k), self.x.size) - k


def set_right(streams: Sequence[Stamps], stated_s: float | None) -> SetRight:
    """Set the clocks of all streams of a file right.

    Parameters
    ----------
    streams
        Every picture and every sound.
    stated_s : float or None
        The length that the file's header states.
    """
    ways = [_judged(each) for each in streams]
    if max((way.x.size for way in ways), default=0) <= FOLLOWING:  # too few to judge any of them by the others
        return SetRight([each.pts for each in streams], [False for _ in streams], pieces=[[] for _ in streams])
    if not any(way.wild or way.jumps for way in ways):
        leaps: list[Leap] = []
    else:
        leaps, paused = _joined(ways, pauses=True)
        if paused and not _has_room(stated_s, ways):
            for way in ways:
                way.pieces = [(0, 0.0)]
            leaps, _ = _joined(ways, pauses=False)
    done = SetRight([], [], leaps)
    for way in ways:
        pts, wild_s = _applied(way)
        done.pts.append(pts)
        done.changed.append(not np.array_equal(pts, way.stamps.pts))
        done.wild_s += wild_s
        done.pieces.append(
            [(float(way.x[k]) + added_s, added_s) for k, added_s in way.pieces if k and not _few(way, k)]
        )
    done.wild_s.sort()
    return done


def _judged(stamps: Stamps) -> _Stream:
    """Which stamps of a stream are wild, and before which its clock jumps to somewhere it stays."""
    at = np.flatnonzero(stamps.counts & ((stamps.pts != NONE) | (stamps.dts != NONE)))
    both = (stamps.pts[at] != NONE) & (stamps.dts[at] != NONE)
    by_dts = 2 * int((stamps.dts[at] != NONE).sum()) > at.size
    ticks = np.where(both, stamps.dts[at] if by_dts else stamps.pts[at], np.maximum(stamps.pts[at], stamps.dts[at]))
    x = ticks * float(stamps.time_base)
    steps = np.diff(x)
    ahead = steps[(steps > 0) & (steps <= LEAP_S)]
    usual_s = float(np.median(ahead)) if ahead.size else 0.0
    back_s = BACK_S if by_dts else max(BACK_S, MOST_WAITING * usual_s)  # of showing: not in their order
    way = _Stream(stamps, at, x, usual_s, set(), [])
    suspects = np.flatnonzero((steps < -back_s) | (steps > LEAP_S)) + 1
    if suspects.size:
        _tell_apart(way, suspects, back_s)
        way.returns = _ways_back(way)
        way.jumps = sorted({*way.jumps, *way.returns})
    return way


def _tell_apart(way: _Stream, suspects: Ticks, back_s: float) -> None:
    """Go through the suspect steps of a stream: what follows tells a wild stamp from a jump."""
    x = way.x
    near_s = LEAP_S + FOLLOWING * way.usual_s
    k = int(suspects[0])
    last_s = float(x[k - 1])
    while k < x.size:
        if -back_s <= x[k] - last_s <= LEAP_S:
            later = suspects[np.searchsorted(suspects, k, side="right") :]
            if not later.size:
                return
            k = int(later[0])
            last_s = float(x[k - 1])
            continue
        following = x[k + 1 : k + 1 + FOLLOWING]
        middle_s = float(np.median(following)) if following.size else float(x[k])
        if abs(middle_s - x[k]) <= min(near_s, abs(middle_s - last_s)):
            way.jumps.append(k)
            last_s = float(x[k])
        else:
            way.wild.add(k)
        k += 1


def _ways_back(way: _Stream) -> set[int]:
    """Where a clock that was set back by some seconds returns to what it was: such a step is no leap by itself."""
    found: set[int] = set()
    for k in way.jumps[:NEAR]:
        later = way.x[k : k + way.lasts(k)]
        set_back_s = float(way.x[k - 1]) + way.usual_s - later[0]
        steps = np.flatnonzero(np.diff(later) > BACK_S) + 1
        if 0 < set_back_s <= LEAP_S:
            ahead_s = later[steps] - later[steps - 1] - way.usual_s
            found |= {k + int(each) for each in steps[np.abs(ahead_s - set_back_s) <= BACK_S / 2][:1]}
    return found


def _joined(ways: list[_Stream], *, pauses: bool) -> tuple[list[Leap], bool]:
    """Decide about the jumps of all streams, in the order of the file; tells too whether a pause was kept."""
    waiting = sorted((way.place(k), number, k) for number, way in enumerate(ways) for k in way.jumps)
    decided: set[tuple[int, int, int]] = set()
    leaps: list[Leap] = []
    paused = False
    for at, jump in enumerate(waiting):
        if jump in decided:
            continue
        group = _together([jump, *(each for each in waiting[at + 1 : at + 1 + NEAR] if each not in decided)], ways)
        decided.update(group)
        members = [(ways[number], k) for _, number, k in group]
        others = [way for number, way in enumerate(ways) if number not in {each[1] for each in group} and way.x.size]
        if len(members) == 1 and (_goes_through(members[0], others) or _comes_back(members[0], others)):
            continue
        if any(k in way.returns for way, k in members) and _shared(members[0][0], ways) > len(members):
            continue  # picture and sound stay together: a pause for both
        whole = not any(_goes_on(way, members[0]) for way in others)
        if pauses and whole and _may_be_pause(members) and _known(members) is None:
            paused = True
            continue
        way, k = members[0]
        by_s = float(way.x[k] - way.x[way.before(k)])
        at_s = _read_on(members)
        if at_s is not None:
            leaps.append(Leap(at_s, by_s, whole))
    return leaps, paused


def _together(waiting: list[tuple[int, int, int]], ways: list[_Stream]) -> list[tuple[int, int, int]]:
    """The first jump that waits, and those of other streams that land on about the same second soon after it."""
    first = waiting[0]
    way, k = ways[first[1]], first[2]
    landed_s, last = float(way.x[k]), k + way.lasts(k) - 1
    until = next((j for j in range(k, last) if way.x[j] - landed_s > LEAP_S), last)
    group = [first]
    for place, number, other in waiting[1:]:
        taken = {each[1] for each in group}
        soon = place <= way.place(until)
        if number not in taken and soon and abs(float(ways[number].x[other]) - landed_s) <= LEAP_S:
            group.append((place, number, other))
    return group


def _goes_through(member: tuple[_Stream, int], others: list[_Stream]) -> bool:
    """Whether another stream goes on through what one stream leaps over: there it paused."""
    way, k = member
    gap_s = float(way.x[k] - way.x[way.before(k)])
    if gap_s <= 0:
        return False
    for other in others:
        # Pictures that wait for their turn are written, and in a transport stream read, some packets late.
        until_s = other.latest_before(way.place(k))
        from_s = other.latest_before(way.place(max(0, k - FOLLOWING)))
        if until_s is None:
            continue
        start_s = float(other.x[0]) if from_s is None else from_s
        if until_s - start_s >= gap_s / 2 and abs(until_s - way.x[k]) <= LEAP_S:
            return True
    return False


def _comes_back(member: tuple[_Stream, int], others: list[_Stream]) -> bool:
    """Whether a stream only repeats some seconds, while the others stand still in the file: it overlaps itself."""
    way, k = member
    before_s = float(way.x[way.before(k)])
    if not -LEAP_S <= way.x[k] - before_s < 0:
        return False
    caught = next((j for j in range(k, k + way.lasts(k)) if way.x[j] > before_s), None)
    if caught is None:
        return False
    for other in others:
        from_s, until_s = other.latest_before(way.place(k)), other.latest_before(way.place(caught))
        if from_s is not None and until_s is not None:
            return until_s - from_s < (before_s - float(way.x[k])) / 2
    return False


def _shared(way: _Stream, ways: list[_Stream]) -> int:
    """How many streams were set right by as much as this one is now."""
    return sum(each.added_s == way.added_s for each in ways if each.x.size)


def _goes_on(other: _Stream, member: tuple[_Stream, int]) -> bool:
    """Whether another stream, which was in step so far, goes on by the old clock behind a jump."""
    way, k = member
    place = way.place(k)
    latest_s = other.latest_before(place)
    first = int(np.searchsorted(other.stamps.place[other.at], place))
    following = [float(other.x[j]) for j in range(first, min(first + FOLLOWING, other.x.size)) if j not in other.wild]
    if latest_s is None or not following:
        return False
    in_step = abs(latest_s - float(way.x[way.before(k)])) <= LEAP_S
    return in_step and abs(float(np.median(following)) - latest_s) <= LEAP_S + FOLLOWING * other.usual_s


def _may_be_pause(members: list[tuple[_Stream, int]]) -> bool:
    """Whether the recording may have paused: ahead, by an hour at most, and not for a few packets at an end."""
    return any(not (_few(way, k) or _begins(way, k)) for way, k in members) and all(
        0 < way.x[k] - way.x[way.before(k)] <= LONGEST_PAUSE_S for way, k in members
    )


def _begins(way: _Stream, k: int) -> bool:
    """Whether only a few packets of a stream come before ``k``."""
    return k <= FEW and way.x.size > FOLLOWING


def _few(way: _Stream, k: int) -> bool:
    """Whether only a few packets of a stream are left from ``k`` on."""
    return way.x.size > FOLLOWING and way.lasts(k) <= FEW and k + way.lasts(k) == way.x.size


def _read_on(members: list[tuple[_Stream, int]]) -> float | None:
    """Put what follows straight behind what came before; gives the second, None where only a few packets moved.

    All members keep their places to each other. Where a clock that was there before fits again, it holds again.
    """
    if len(members) == 1 and _begins(*members[0]):
        way, k = members[0]  # its first packets are wild: they are put before what follows
        later_s = float(way.x[k]) - way.expected_s(k)
        way.pieces = [*((first, added_s + later_s) for first, added_s in way.pieces), (k, 0.0)]
        return None
    at_s = max(way.expected_s(k) for way, k in members)
    known_s = _known(members)
    added_s = at_s - min(float(way.x[k]) for way, k in members) if known_s is None else known_s
    alone = all(_few(way, k) for way, k in members)
    for way, k in members:
        way.pieces.append((k, added_s))
    return None if alone else at_s


def _known(members: list[tuple[_Stream, int]]) -> float | None:
    """What was added to a clock that was there before and fits again behind a jump; None when none does."""
    at_s = max(way.expected_s(k) for way, k in members)
    landed_s = min(float(way.x[k]) for way, k in members)
    known = (added_s for way, _ in members for _, added_s in way.pieces[-NEAR:])
    return next((added_s for added_s in known if abs(landed_s + added_s - at_s) <= BACK_S), None)


def _has_room(stated_s: float | None, ways: list[_Stream]) -> bool:
    """Whether the stated length has room for all that the streams last, set right."""
    if stated_s is None:
        return False
    ends = [(float(way.x[-1]) + way.added_s, float(way.x[0]) + way.pieces[0][1]) for way in ways if way.x.size]
    lasts_s = max(end_s for end_s, _ in ends) - min(start_s for _, start_s in ends)
    return stated_s >= STATED_SHARE * lasts_s - STATED_S


def _applied(way: _Stream) -> tuple[Ticks, list[float]]:
    """The stamps of showing of a stream set right, and the seconds of those that were wild."""
    stamps, tick_s = way.stamps, float(way.stamps.time_base)
    pts = stamps.pts.copy()
    if not way.x.size:
        return pts, []
    added = np.zeros(way.x.size)
    for (k, added_s), end in zip(way.pieces, [*(k for k, _ in way.pieces[1:]), way.x.size], strict=True):
        added[k:end] = added_s
    right_s = way.x + added
    head = next((k for k, added_s in way.pieces if k and not added_s), 0) if way.pieces[0][1] else 0
    told = list(range(head))
    for k in sorted(way.wild):
        added[k] += right_s[k - 1] + way.usual_s - right_s[k]
        right_s[k] = right_s[k - 1] + way.usual_s
        told.append(k)
    tail = next((k for k in way.jumps if _few(way, k) and added[k]), way.x.size)
    told += range(tail, way.x.size)
    moved = np.round(added / tick_s).astype(np.int64)
    # Packets that carry no stamp to count by move with the one before them.
    of_all = np.maximum(np.searchsorted(way.at, np.arange(pts.size), side="right") - 1, 0)
    shown = pts != NONE
    pts[shown] += moved[of_all[shown]]
    told += _showing(way, pts, right_s)
    return pts, [float(right_s[k]) for k in sorted(set(told))]


def _showing(way: _Stream, pts: Ticks, right_s: Seconds) -> list[int]:
    """Set right what is shown far from when it is decoded, as no picture waits so long; which those are.

    Around a pause or a leap pictures wait for their turn across it: what fits the other side of it is moved as that
    is, and what is shown when others near it are is left as it is.
    """
    tick_s = float(way.stamps.time_base)
    here = pts[way.at] != NONE
    wait_s = np.where(here, pts[way.at] * tick_s - right_s, 0.0)
    usual_s = float(np.median(wait_s[here])) if here.any() else 0.0
    wrong = []
    for k in np.flatnonzero(here & (np.abs(wait_s - usual_s) > LEAP_S)).tolist():
        carried_s = float(way.stamps.pts[way.at[k]]) * tick_s
        sides = [added_s for _, added_s in _pieces_near(way, k)]
        added_s = min(sides, key=lambda each: abs(carried_s + each - right_s[k] - usual_s))
        around = np.concatenate((right_s[max(0, k - MOST_WAITING) : k], right_s[k + 1 : k + 1 + MOST_WAITING]))
        if abs(carried_s + added_s - right_s[k] - usual_s) <= LEAP_S:
            pts[way.at[k]] = round((carried_s + added_s) / tick_s)
        elif not any(np.abs(around - pts[way.at[k]] * tick_s) <= LEAP_S):
            pts[way.at[k]] = round((right_s[k] + usual_s) / tick_s)
            wrong.append(k)
    return wrong


def _pieces_near(way: _Stream, k: int) -> list[tuple[int, float]]:
    """What was added around packet ``k``, before it and behind it."""
    at = bisect([first for first, _ in way.pieces], k)
    return way.pieces[max(0, at - 2) : at + 1]
