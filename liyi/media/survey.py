"""What a recording holds, told by its packets and not by its header: streams, time stamps, length, first frames.

One pass over the packets; only the first frame of each stream is decoded, which proves that the stream can be.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from av.stream import Disposition

from liyi.media.clock import LEAP_S, NONE, Leap, Stamps, set_right
from liyi.media.container import decode, has_key, is_whole, packets, read_only
from liyi.media.picture import Geometry, geometry_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

# Flags of a packet: it is shown, and it is a key frame.
_COUNTS, _KEY = 1, 2
# A counter of 33 bits wraps here after 26.5 hours, and what FFmpeg makes of that depends on which streams are read.
_WRAPPING = {"mpegts", "mpeg"}
# What accompanies a recording: a comment, a description for those who do not see, a second view of the same picture.
_ASIDE = (
    Disposition.comment
    | Disposition.visual_impaired
    | Disposition.descriptions
    | Disposition.karaoke
    | Disposition.clean_effects
    | Disposition.non_diegetic
    | Disposition.dependent
    | Disposition.multilayer
)
# Of several sounds the first packets and then some (every half second of AAC) are listened to, until one is heard.
_LISTEN_EVERY = 24
_SILENT = 2 / 2**15
# A telephone's moving photo has so many larger pictures of its best moments beside the moving one, at most.
STILLS = 4
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
        How many there are.
    end_s : float
        End of the last packet, in seconds on the file's own clock, as it is set right.
    set_anew : bool
        Whether ``ticks`` differ from what the packets carry, so that nothing can be sought by them.
    ticks : array of int64 or None
        Presentation ticks of the packets in the order of the file, set right (`liyi.media.clock`), `NONE` where there
        is none; None where what each packet carries is right.
    pieces : sequence of (float, float)
        From which second on the file's clock, set right, how many seconds were added to what the packets carry.
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
    ticks: npt.NDArray[np.int64] | None = None
    pieces: Sequence[tuple[float, float]] = ()

    @property
    def start_s(self) -> Fraction:
        """Second of the first frame on the file's own clock, as it is set right."""
        return self.first * self.time_base

    def seconds(self, ticks: int | npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Seconds since the first frame."""
        since = np.asarray(ticks, dtype=np.int64) - self.first
        return np.asarray(since * self.time_base.numerator / self.time_base.denominator, dtype=np.float64)


class Stream:
    """The packets of one stream while they are being surveyed."""

    def __init__(self, stream: Any, *, among_sounds: bool = False) -> None:
        self.stream = stream
        self.kind: str = stream.type
        self.readable = stream.codec_context is not None
        self.encrypted = has_key(stream)
        self.packets = 0
        self.track: Track | None = None
        self.aside = bool(stream.disposition & _ASIDE)
        self.silent = among_sounds  # until something is heard
        self._first: Any = None
        self._place = array("I")
        self._pts, self._dts, self._lasting = array("q"), array("q"), array("q")
        self._flags = array("B")

    def take(self, packet: Any, place: int) -> None:
        """Note a packet, the ``place``-th of the file."""
        self.packets += 1
        self._place.append(place)
        self._pts.append(NONE if packet.pts is None else packet.pts)
        self._dts.append(NONE if packet.dts is None else packet.dts)
        self._lasting.append(packet.duration or 0)
        self._flags.append(_COUNTS * (not packet.is_discard) + _KEY * packet.is_keyframe)
        if self._first is None and not self.encrypted:
            self.encrypted = packet.has_sidedata("encryption_info")
            if not self.encrypted:  # a decoder may take what is encrypted for sound, once in a while
                self._look(packet)
        if self.silent and self._is_listened_to(packet):
            self.silent = not any(_sounds(frame) for frame in decode(self.stream, packet) if frame is not None)

    def looked(self) -> None:
        """The last packet was taken: have the decoder give what it still holds."""
        if self._first is None and self.packets and not self.encrypted:
            self._look(None)

    @property
    def stamps(self) -> Stamps:
        """What the packets carry."""
        return Stamps(
            time_base=self.stream.time_base,
            place=np.array(self._place, dtype=np.int64),
            pts=np.array(self._pts, dtype=np.int64),
            dts=np.array(self._dts, dtype=np.int64),
            counts=self._flagged(_COUNTS),
        )

    def finish(
        self,
        ticks: npt.NDArray[np.int64],
        *,
        changed: bool = False,
        pieces: Sequence[tuple[float, float]] = (),
        longest_s: float = LEAP_S,
    ) -> None:
        """Sum the packets up in ``track``; None stays for a stream of which nothing decodes.

        Parameters
        ----------
        ticks, changed
            Presentation ticks set right, and whether they differ from what the packets carry.
        pieces
            What was added to them, and from which second on.
        longest_s
            How long the last packet may last at most.
        """
        if self._first is not None:
            self.track = replace(self._summed(ticks, changed, longest_s), pieces=tuple(pieces))

    def rank(self) -> tuple[bool, bool, bool, int]:
        """Which of several is meant: one that is not silent, one that moves, the default one, the largest picture."""
        size = self._first.width * self._first.height if self.kind == "video" else 0
        moves = self.kind != "video" or self.packets > STILLS
        return not self.silent, moves, bool(self.stream.disposition & Disposition.default), size

    def _is_listened_to(self, packet: Any) -> bool:
        regular = self.packets % _LISTEN_EVERY == 0 or self.packets <= _LISTEN_EVERY
        return regular and self._first is not None and not self.encrypted and is_whole(packet)

    def _look(self, packet: Any) -> None:
        if self.readable and (packet is None or is_whole(packet)):
            found = [frame for frame in decode(self.stream, packet) if frame is not None]
            self._first = found[0] if found else None

    def _flagged(self, flag: int) -> npt.NDArray[np.bool_]:
        return np.asarray(np.array(self._flags, dtype=np.uint8) & flag, dtype=np.bool_)

    def _summed(self, ticks: npt.NDArray[np.int64], changed: bool, longest_s: float) -> Track:
        stream, first = self.stream, self._first
        counted = (ticks != NONE) & self._flagged(_COUNTS)
        stamps = np.unique(ticks[counted])
        stamped = 2 * int(counted.sum()) > int((counted | (ticks == NONE)).sum())
        rate_hz = end_s = 0.0
        if stamped:
            span = int(stamps[-1] - stamps[0])
            rate_hz = float((stamps.size - 1) / (span * stream.time_base)) if span else 0.0
            end_s = float((int(stamps[-1]) + self._last_lasts(ticks, stamps, longest_s)) * stream.time_base)
        elif self.kind == "video":
            rate_hz = float(stream.average_rate or stream.guessed_rate or 25)
            end_s = self.packets / rate_hz
        else:  # sound that is only counted: what FFmpeg makes of the size and the bit rate
            end_s = (stream.container.duration or 0) / 1e6
        return Track(
            index=stream.index,
            time_base=stream.time_base,
            first=self._first_tick(ticks) if stamped else 0,
            stamps=stamps,
            keys=np.unique(ticks[counted & self._flagged(_KEY)]),
            packets=self.packets,
            end_s=end_s,
            set_anew=changed,
            stamped=stamped,
            rate_hz=rate_hz,
            geometry=geometry_of(first, stream.sample_aspect_ratio) if self.kind == "video" else None,
            sample_rate_hz=first.sample_rate if self.kind == "audio" else 0,
            channels=first.layout.nb_channels if self.kind == "audio" else 0,
            ticks=ticks if changed or stream.container.format.name in _WRAPPING else None,
        )

    def _first_tick(self, ticks: npt.NDArray[np.int64]) -> int:
        """When the first frame that decodes is shown, set right."""
        start = self._first.pts if self._first.pts is not None else self._first.dts
        if start is None:
            return 0
        carried = np.array(self._pts, dtype=np.int64)
        shown = np.flatnonzero(carried != NONE)
        if not shown.size:
            return int(start)
        nearest = shown[np.argmin(np.abs(carried[shown] - start))]  # a decoder may leave out its first samples
        return int(start + ticks[nearest] - carried[nearest])

    def _last_lasts(self, ticks: npt.NDArray[np.int64], stamps: npt.NDArray[np.int64], longest_s: float) -> int:
        """Ticks that the packet shown last lasts: as it says, unless that is nothing or beyond belief."""
        between = np.diff(stamps)
        usual = int(np.median(between)) if between.size else 0
        said = max(self._lasting[k] for k in np.flatnonzero(ticks == stamps[-1]))
        longest = max(longest_s / self.stream.time_base, 2 * int(between.max()) if between.size else said)
        return int(said) if 0 < said <= longest else usual


@dataclass(frozen=True)
class Survey:
    """What a file holds: its pictures and sounds, and what had to be set right (seconds of the file's own clock)."""

    streams: list[Stream]
    leaps: list[Leap]
    wild_s: list[float]


def survey(container: Any, *, most_packets: float, stated_s: float | None = None) -> Survey | None:
    """Read all packets of the pictures and sounds in ``container`` once; covers and thumbnails are no pictures.

    ``stated_s`` is the length that the header states. Returns None when there are more than ``most_packets``.
    """
    meant = [
        stream for stream in container.streams if stream.type in ("video", "audio") and not stream.disposition & _COVERS
    ]
    several = sum(stream.type == "audio" for stream in meant) > 1
    streams = {stream.index: Stream(stream, among_sounds=several and stream.type == "audio") for stream in meant}
    for count, packet in enumerate(packets(container, read_only(container, streams), lambda: None)):
        if count >= most_packets:
            return None
        streams[packet.stream_index].take(packet, count)
    for each in streams.values():
        each.looked()
    clock = set_right([each.stamps for each in streams.values()], stated_s)
    for each, ticks, changed, pieces in zip(streams.values(), clock.pts, clock.changed, clock.pieces, strict=True):
        each.finish(ticks, changed=changed, pieces=pieces)
    return Survey(list(streams.values()), clock.leaps, clock.wild_s)


def _sounds(frame: Any) -> bool:
    """Whether a frame of sound is more than silence: its samples differ by more than the last bit of 16."""
    try:
        values = frame.to_ndarray()
    except ValueError:  # a format without a name: taken for sound
        return True
    full = float(np.iinfo(values.dtype).max) if values.dtype.kind in "iu" else 1.0
    return bool(values.size) and float(values.max()) - float(values.min()) > _SILENT * full
