"""One pass over one track: its frames with their seconds on the recording's clock, and what was damaged."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from liyi.media.clock import NONE
from liyi.media.container import DECODER_THREADS, decode, is_whole, packets, read_only
from liyi.media.sampling import sampled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from fractions import Fraction

    from liyi.media.survey import Track


@dataclass
class Damage:
    """What a pass met: ``first_s`` is None while nothing was broken, ``recovered`` whether a good frame followed."""

    first_s: float | None = None
    last_good_s: float = 0.0
    recovered: bool = False

    def broken(self, t_s: float | None = None) -> None:
        """Note a break at ``t_s`` seconds (None: after the last good frame)."""
        at_s = self.last_good_s if t_s is None else t_s
        self.first_s = at_s if self.first_s is None else min(self.first_s, at_s)
        self.recovered = False

    def good(self, t_s: float) -> None:
        """Note a good frame."""
        self.last_good_s = max(self.last_good_s, t_s)
        self.recovered = True


def read(
    container: Any,
    track: Track,
    origin_s: Fraction,
    damage: Damage,
    *,
    needed: Callable[[Any], bool] | None = None,
    begin: int | None = None,
) -> Iterator[tuple[float, Any]]:
    """Decode ``track`` in order of time.

    Parameters
    ----------
    origin_s : Fraction
        Second of the file's own clock at which the recording's clock starts.
    needed
        Tells for a packet whether its frame is wanted: the decoder may leave out the others when no frame is
        predicted from them. None: all are.
    begin : int, optional
        Tick of the key frame to start from; what comes before it is not decoded.

    Yields
    ------
    (t_s, frame)
        Broken frames are left out and noted in ``damage``.
    """
    [stream] = read_only(container, [track.index])
    context = stream.codec_context
    # Between frames MPEG-4's decoder patches damage from neighbours that other threads are still writing: two runs
    # then differ. Every other decoder gave the same frames in eight runs over damaged files.
    context.thread_type = "SLICE" if context.name == "mpeg4" else "AUTO"
    context.thread_count = DECODER_THREADS
    next_s = lead_s = float(track.start_s - origin_s)
    for packet in chain(_packets(container, stream, track, origin_s, damage, begin), [None]):
        if needed is not None and packet is not None:
            context.skip_frame = "DEFAULT" if needed(packet) else "NONREF"
        for frame in decode(stream, packet):
            if frame is None:
                damage.broken()
                continue
            ticks = frame.pts if frame.pts is not None else frame.dts
            t_s = lead_s + float(track.seconds(ticks)) if track.stamped and ticks is not None else next_s
            next_s = t_s + (frame.samples / frame.sample_rate if track.sample_rate_hz else 1 / (track.rate_hz or 1))
            damage.good(t_s)
            yield t_s, frame


def _packets(
    container: Any, stream: Any, track: Track, origin_s: Fraction, damage: Damage, begin: int | None
) -> Iterator[Any]:
    """Packets of the recording that are whole, their stamps set right, from the key frame ``begin`` on."""
    started, ticks = begin is None, track.ticks if begin is None else None
    most = track.packets if started else None  # what fails behind the last one was never part of it
    for number, packet in enumerate(islice(packets(container, [stream], damage.broken), most)):
        started = started or (packet.pts == begin and packet.is_keyframe)
        if not started:
            continue
        if ticks is not None and number < ticks.size:
            _set_right(packet, int(ticks[number]))
        if not is_whole(packet):
            damage.broken(None if packet.pts is None else float(packet.pts * track.time_base - origin_s))
        else:
            yield packet


def _set_right(packet: Any, tick: int) -> None:
    """Have the packet carry the tick at which it is shown; when it is decoded moves with it."""
    if packet.pts is None or tick == NONE or packet.pts == tick:
        return
    if packet.dts is not None:
        packet.dts += tick - packet.pts
    packet.pts = tick


def needed_for(track: Track, rate_hz: float) -> Callable[[Any], bool] | None:
    """Tell for a packet whether the sampling at ``rate_hz`` takes its frame (None: only its frame can tell).

    The survey knows all time stamps beforehand, so that leaving frames out never changes which ones are taken.
    """
    if not track.stamped:
        return None
    wanted = set(track.stamps[sampled(track.seconds(track.stamps), rate_hz)].tolist())
    return lambda packet: packet.pts is None or packet.pts in wanted
