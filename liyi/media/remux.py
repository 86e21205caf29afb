"""Pieces of a recording, as a browser sends them, joined into one seekable file; nothing is encoded again.

A recorder begins each recording with a header and sends the rest in pieces that mean nothing alone. When it had to
begin anew (a reloaded page), its second header starts a new stretch, which is put straight behind the first.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av

from liyi.core.atomic import settle
from liyi.core.errors import MediaError
from liyi.core.words import N_
from liyi.media.container import decode, opened, packets, read_only
from liyi.media.joined import Joined
from liyi.media.parameter_sets import SELF_CONTAINED, TAGS
from liyi.media.parameter_sets import in_band as in_band_sets

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

# First bytes of a recording: the EBML header of WebM and Matroska, or the ``ftyp`` box of MP4 behind its length.
_EBML, _FTYP = b"\x1a\x45\xdf\xa3", b"ftyp"
# Which container browsers play for these codecs; Matroska takes the rest.
_WEBM = {"vp8", "vp9", "av1", "opus", "vorbis"}
_MP4 = {"h264", "hevc", "av1", "aac", "mp3", "opus"}
# Same pieces, same bytes; the index stands before the pictures, so that a player can seek at once.
_OPTIONS = {
    "webm": {"cues_to_front": "1", "fflags": "+bitexact"},
    "matroska": {"cues_to_front": "1", "fflags": "+bitexact"},
    "mp4": {"movflags": "+faststart", "fflags": "+bitexact"},
}
_HEADER_S = 1.0  # of the joined recording, no header is as large as that
MOST_REORDERED_S = 0.5  # by how much a picture is decoded before it is shown, at most
_NOTHING = N_("Nothing in the recording can be read. Practise once more.")
_SUFFIX = {"webm": ".webm", "matroska": ".mkv", "mp4": ".mp4"}


def join_pieces(pieces: Sequence[Path], stem: Path) -> Joined:
    """Join a recorder's pieces into one file whose clock begins at 0.

    A torn end is left out: what came before it is kept. A camera may be at another size in a later run. The joined file
    is read back, so that whoever has the pieces knows whether they are still needed.

    Parameters
    ----------
    pieces
        Files in the order in which the recorder gave them.
    stem
        Path of the result without its suffix, which follows from the codecs: ``.webm``, ``.mkv`` or ``.mp4``.

    Returns
    -------
    Joined
        The file, which appears whole or not at all, and what of the pieces is not in it.

    Raises
    ------
    MediaError
        When there is no piece, or no packet in them can be read.
    """
    with tempfile.TemporaryDirectory(dir=stem.parent, prefix=".join-") as workshop:
        found = list(_stretches(pieces, Path(workshop)))
        if not found:
            raise MediaError(stem, "Nothing was recorded: neither picture nor sound arrived. Practise once more.")
        stretches = [path for path in found if _can_be_read(path)]
        if not stretches:
            raise MediaError(stem, _NOTHING)
        kind = _kind(stretches)
        part = Path(workshop) / f"joined{_SUFFIX[kind]}"
        held = _copy(stretches, part, kind)
        if not held:
            raise MediaError(stem, _NOTHING)
        result = stem.with_suffix(_SUFFIX[kind])
        lost_s = max(_lost_s(part, held), _unread_s({*found} - {*stretches}, part, held))
        settle(part, result, sync=False)  # synced by who asked, where it comes to stay
        return Joined(result, lost_s)


def _stretches(pieces: Sequence[Path], workshop: Path) -> Iterator[Path]:
    """One file per run of the recorder; pieces before the first header belong to none and are left out."""
    current: Path | None = None
    count = 0
    for piece in pieces:
        content = piece.read_bytes()  # 16 MB at most
        if content.startswith(_EBML) or content[4:8] == _FTYP:
            if current is not None:
                yield current
            current = workshop / f"stretch-{count}"
            count += 1
        if current is not None:
            with current.open("ab") as out:
                out.write(content)
    if current is not None:
        yield current


def _kind(stretches: Sequence[Path]) -> str:
    """Container for the codecs of the joined file: of picture and of sound, that of the first stretch that has one."""
    codecs: dict[str, str] = {}
    for path in stretches:
        with opened(path) as container:
            codecs = {each.type: _codec(each) for each in _wanted(container)} | codecs
    names = set(codecs.values())
    return "webm" if names <= _WEBM else "mp4" if names <= _MP4 else "matroska"


def _wanted(container: Any) -> list[Any]:
    known = (
        [each for each in streams if each.codec_context]
        for streams in (container.streams.video, container.streams.audio)
    )
    return [each for streams in known for each in streams[:1]]


def _can_be_read(path: Path) -> bool:
    """Whether a stretch holds a packet: a recorder that is stopped at once, or torn off, leaves less than that."""
    try:
        with opened(path) as container:
            return any(True for _ in packets(container, _wanted(container), failed=lambda: None))
    except MediaError:
        return False


def _unread_s(unread: Collection[Path], joined: Path, held: dict[str, _Length]) -> float:
    """About how many seconds stretches hold that cannot be read, by their size; 0 where that is hardly a header."""
    bytes_a_second = joined.stat().st_size / max(float(max(each.end_s for each in held.values())), 1e-3)
    seconds = sum(path.stat().st_size for path in unread) / bytes_a_second
    return seconds if seconds >= _HEADER_S else 0.0


def _copy(stretches: Sequence[Path], target: Path, kind: str) -> dict[str, _Length]:
    """Write the packets of all stretches behind each other; returns what they hold, by ``video`` and ``audio``."""
    in_band = _need_in_band(stretches)
    held: dict[str, _Length] = {}
    with av.open(str(target), "w", format=kind, options=_OPTIONS[kind]) as output:
        streams = _streams(output, stretches, kind, in_band=in_band)
        last: dict[str, int] = {}
        begin_s = Fraction(0)
        for path in stretches:
            first_s = _first_s(path)
            with opened(path) as container:
                wanted = _wanted(container)
                fitting = {each.index for each in wanted if _continues(each, streams.get(each.type), in_band=in_band)}
                before = _before_key_frames(wanted) if in_band else b""
                end_s = begin_s
                for packet in _moved(container, wanted, begin_s - first_s, begin_s):
                    name, until_s = packet.stream.type, _end_s(packet)
                    length = held.setdefault(name, _Length())
                    length.take(packet)
                    if packet.stream_index not in fitting:
                        continue
                    end_s = max(end_s, until_s)
                    written = _with_sets(packet, before if name == "video" else b"")
                    written.dts = _rising(packet, last, name)
                    written.stream = streams[name]
                    output.mux(written)
                begin_s = end_s
    return held


@dataclass
class _Length:
    """Packets of a picture or a sound: how many, until when, how long together, and when key frames are shown."""

    packets: int = 0
    end_s: Fraction = Fraction(0)
    sum_s: Fraction = Fraction(0)
    keys_s: list[Fraction] = field(default_factory=list)

    def take(self, packet: Any) -> None:
        """Count a packet."""
        self.packets += 1
        self.end_s = max(self.end_s, _end_s(packet))
        self.sum_s += (packet.duration or 0) * packet.time_base
        if packet.is_keyframe:
            self.keys_s.append(Fraction(packet.pts * packet.time_base))


def _end_s(packet: Any) -> Fraction:
    return Fraction((packet.pts + (packet.duration or 0)) * packet.time_base)


def _streams(output: Any, stretches: Sequence[Path], kind: str, *, in_band: bool) -> dict[str, Any]:
    """The output's picture and sound, each like that of the first stretch that has one."""
    made: dict[str, Any] = {}
    for path in stretches:
        with opened(path) as container:
            for each in _wanted(container):
                if each.type not in made:
                    made[each.type] = _stream_like(output, each, kind, in_band=in_band)
    return made


def _stream_like(output: Any, stream: Any, kind: str, *, in_band: bool) -> Any:
    """A stream of the output for packets of ``stream``."""
    # opaque: by the codec itself, not by the name of a decoder that has no encoder
    made = output.add_stream_from_template(stream, opaque=True)
    tag = TAGS.get(_codec(stream)) if in_band and kind == "mp4" else None
    if tag:
        made.codec_context.codec_tag = tag
    return made


def _codec(stream: Any) -> str:
    return str(stream.codec_context.codec.canonical_name)


def _need_in_band(stretches: Sequence[Path]) -> bool:
    """Whether what a decoder must know of the picture changes from one stretch to another."""
    told = set()
    for path in stretches:
        with opened(path) as container:
            told |= {
                (_codec(each), each.codec_context.extradata) for each in _wanted(container) if each.type == "video"
            }
    return len(told) > 1 and all(codec in TAGS for codec, _ in told)


def _before_key_frames(streams: Sequence[Any]) -> bytes:
    """What is to stand before each key frame of the picture."""
    found = (in_band_sets(_codec(each), each.codec_context.extradata) for each in streams if each.type == "video")
    return next(found, None) or b""


def _with_sets(packet: Any, before: bytes) -> Any:
    """The packet, with parameter sets before it where it is a key frame."""
    if not before or not packet.is_keyframe:
        return packet
    made = av.Packet(before + bytes(packet))
    made.pts, made.dts, made.duration, made.time_base = packet.pts, packet.dts, packet.duration, packet.time_base
    made.is_keyframe = True
    return made


def _rising(packet: Any, last: dict[str, int], name: str) -> int:
    """When the packet is decoded: later than the one before it, which a run that reorders more would not keep to."""
    ticks = 1 / packet.time_base
    least = last.get(name)
    dts = packet.dts
    if dts is None:  # before the demuxer has seen how far pictures are reordered
        dts = packet.pts - round(MOST_REORDERED_S * ticks) if least is None else least + 1
    dts = dts if least is None else max(dts, least + 1)
    last[name] = dts
    return int(dts)


def _first_s(path: Path) -> Fraction:
    """When the first picture is shown (the first sound without a picture), on the stretch's own clock."""
    with opened(path) as container:
        for packet in packets(container, _wanted(container)[:1], failed=lambda: None):
            if packet.pts is not None:
                return Fraction(packet.pts * packet.time_base)
    return Fraction(0)


def _continues(stream: Any, target: Any, *, in_band: bool) -> bool:
    """Whether packets of ``stream`` can stand behind those already in ``target``."""
    if target is None or _codec(stream) != _codec(target):
        return False
    own, codec = stream.codec_context, _codec(stream)
    if codec in SELF_CONTAINED or own.extradata == target.codec_context.extradata:
        return True
    return in_band and stream.type == "video" and in_band_sets(codec, own.extradata) is not None


def _moved(container: Any, wanted: list[Any], shift_s: Fraction, begin_s: Fraction) -> Iterator[Any]:
    """Whole packets of ``wanted`` on the new clock: none that is shown before ``begin_s``."""
    for packet in packets(container, wanted, failed=lambda: None):
        if packet.pts is None or packet.is_corrupt:
            continue
        shift = round(shift_s / packet.time_base)
        packet.pts += shift
        if packet.dts is not None:
            packet.dts += shift
        if packet.pts * packet.time_base >= begin_s - Fraction(1, 1000):
            yield packet


def _lost_s(path: Path, held: dict[str, _Length]) -> float:
    """Seconds that the stretches hold and the joined file does not give back; what is within a packet is no loss.

    Of the picture the key frames are decoded: one that cannot be takes with it what follows until the next.
    """
    found: dict[str, _Length] = {}
    with opened(path) as container:
        for packet in packets(container, _wanted(container), failed=lambda: None):
            if packet.pts is not None:
                found.setdefault(packet.stream.type, _Length()).take(packet)
    lost_s = 0.0
    for name, length in held.items():
        got = found.get(name, _Length())
        packet_s = length.sum_s / length.packets
        missing = max(length.packets - got.packets, 0) * packet_s
        early_s = length.end_s - got.end_s - packet_s if got.packets else 0
        lost_s = max(lost_s, float(missing), float(early_s))
    if "video" in found:
        lost_s = max(lost_s, _undecoded_s(path, found["video"]))
    return lost_s


def _undecoded_s(path: Path, picture: _Length) -> float:
    """Seconds of the picture that stand behind key frames which do not decode."""
    shown_s: set[Fraction] = set()
    with opened(path) as container:
        [stream] = read_only(container, [container.streams.video[0].index])
        stream.codec_context.skip_frame = "NONKEY"
        for packet in chain(packets(container, [stream], failed=lambda: None), [None]):
            shown_s |= {
                Fraction(frame.pts * stream.time_base)
                for frame in decode(stream, packet)
                if frame is not None and frame.pts is not None
            }
    keys_s = [*sorted(set(picture.keys_s)), picture.end_s]
    return float(sum(after - key for key, after in pairwise(keys_s) if key not in shown_s))
