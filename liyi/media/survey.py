"""What a recording holds, told by its packets and not by its header: streams, time stamps, length, first frames.

One pass over the packets; only the first frame of each stream is decoded, which proves that the stream can be.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from av.stream import Disposition

from liyi.media.clock import Clock
from liyi.media.container import decode, has_key, is_whole, packets, read_only
from liyi.media.picture import Geometry, geometry_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

_COVERS = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image


@dataclass(frozen=True)
class Track:
    """One stream that decodes.

    Attributes
    ----------
    index : int
        Of the stream in the container.
    time_base : Fraction
        Seconds per tick.
    first : int
        Tick of the first frame that decodes.
    stamps, keys : array of int64
        Presentation ticks of all packets, and of the key frames; sorted, without repetition.
    packets : int
        Up to which packet the recording goes: the last one whose stamps are to be believed.
    end_s : float
        End of the last packet, in seconds on the file's own clock.
    set_anew : bool
        Whether the file goes on after ``packets`` with its clock set anew.
    stamped : bool
        Whether the packets carry time stamps; without them frames are counted at ``rate_hz``.
    rate_hz : float
        Mean rate of the packets.
    geometry : Geometry or None
        Of a picture.
    sample_rate_hz, channels : int
        Of sound; 0 for a picture.
    """

    index: int
    time_base: Fraction
    first: int
    stamps: npt.NDArray[np.int64]
    keys: npt.NDArray[np.int64]
    packets: int
    end_s: float
    set_anew: bool
    stamped: bool
    rate_hz: float
    geometry: Geometry | None
    sample_rate_hz: int
    channels: int

    @property
    def start_s(self) -> Fraction:
        """Second of the first frame on the file's own clock."""
        return self.first * self.time_base

    def seconds(self, ticks: int | npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Seconds since the first frame."""
        since = np.asarray(ticks, dtype=np.int64) - self.first
        return np.asarray(since * self.time_base.numerator / self.time_base.denominator, dtype=np.float64)


class Stream:
    """The packets of one stream while they are being surveyed."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.kind: str = stream.type
        self.readable = stream.codec_context is not None
        self.encrypted = has_key(stream)
        self.packets = 0
        self.track: Track | None = None
        self._first: Any = None
        self._unstamped = 0
        self._stamps, self._ends, self._keys = array("q"), array("q"), array("q")
        self._clock = Clock(stream)
        self._seen = 0

    def take(self, packet: Any) -> None:
        """Count a packet whose stamps are to be believed."""
        self._seen += 1
        if not self._clock.accepts(packet):
            return
        self.packets = self._seen
        if packet.pts is None:
            self._unstamped += 1
        elif not packet.is_discard:
            self._stamps.append(packet.pts)
            self._ends.append(packet.pts + (packet.duration or 0))
            if packet.is_keyframe:
                self._keys.append(packet.pts)
        if self._first is None and not self.encrypted:
            self.encrypted = packet.has_sidedata("encryption_info")
            if not self.encrypted:  # a decoder may take what is encrypted for sound, once in a while
                self._look(packet)

    def finish(self) -> None:
        """Sum the packets up in ``track``; None stays for a stream of which nothing decodes."""
        if self._first is None and self.packets and not self.encrypted:
            self._look(None)
        if self._first is not None:
            self.track = self._summed()

    def rank(self) -> tuple[bool, int]:
        """Which of several streams is meant: the default one, then the largest picture."""
        size = self._first.width * self._first.height if self.kind == "video" else 0
        return bool(self.stream.disposition & Disposition.default), size

    def _look(self, packet: Any) -> None:
        if self.readable and (packet is None or is_whole(packet)):
            found = [frame for frame in decode(self.stream, packet) if frame is not None]
            self._first = found[0] if found else None

    def _summed(self) -> Track:
        stream, first = self.stream, self._first
        stamps = np.unique(np.array(self._stamps, dtype=np.int64))
        stamped = len(self._stamps) > self._unstamped
        if stamped:
            span = int(stamps[-1] - stamps[0])
            rate_hz = float((stamps.size - 1) / (span * stream.time_base)) if span else 0.0
            end = max(self._ends)
            if end == stamps[-1] and span:  # a last packet without a duration lasts as long as they usually do
                end += int(np.median(np.diff(stamps)))
            end_s = float(end * stream.time_base)
        else:
            rate_hz = float(stream.average_rate or stream.guessed_rate or 25) if self.kind == "video" else 0.0
            end_s = self.packets / rate_hz if rate_hz else 0.0
        start = first.pts if first.pts is not None else first.dts
        return Track(
            index=stream.index,
            time_base=stream.time_base,
            first=int(start) if stamped and start is not None else 0,
            stamps=stamps,
            keys=np.unique(np.array(self._keys, dtype=np.int64)),
            packets=self.packets,
            end_s=end_s,
            set_anew=self._clock.set_anew,
            stamped=stamped,
            rate_hz=rate_hz,
            geometry=geometry_of(first, stream.sample_aspect_ratio) if self.kind == "video" else None,
            sample_rate_hz=first.sample_rate if self.kind == "audio" else 0,
            channels=first.layout.nb_channels if self.kind == "audio" else 0,
        )


def survey(container: Any, *, most_packets: float) -> list[Stream] | None:
    """Read all packets of the pictures and sounds in ``container`` once; covers and thumbnails are no pictures.

    Returns None when there are more than ``most_packets``.
    """
    streams = {
        stream.index: Stream(stream)
        for stream in container.streams
        if stream.type in ("video", "audio") and not stream.disposition & _COVERS
    }
    for count, packet in enumerate(packets(container, read_only(container, streams), lambda: None)):
        if count >= most_packets:
            return None
        streams[packet.stream_index].take(packet)
    for each in streams.values():
        each.finish()
    return list(streams.values())


def best(streams: Sequence[Stream], kind: str) -> Track | None:
    """Track of the picture (``video``) or the sound (``audio``) that is meant; None when none decodes."""
    readable = [each for each in streams if each.kind == kind and each.track]
    return max(readable, key=Stream.rank).track if readable else None
