"""Pieces of a recording, as a browser sends them, joined into one seekable file; nothing is encoded again.

A recorder begins each recording with a header and sends the rest in pieces that mean nothing alone. When it had to
begin anew (a reloaded page), its second header starts a new stretch, which is put straight behind the first.
"""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av

from liyi.core.atomic import settle
from liyi.core.errors import MediaError
from liyi.media.container import opened, packets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
_SUFFIX = {"webm": ".webm", "matroska": ".mkv", "mp4": ".mp4"}


def join_pieces(pieces: Sequence[Path], stem: Path) -> Path:
    """Join a recorder's pieces into one file whose clock begins at 0.

    A torn end is left out: what came before it is kept.

    Parameters
    ----------
    pieces
        Files in the order in which the recorder gave them.
    stem
        Path of the result without its suffix, which follows from the codecs: ``.webm``, ``.mkv`` or ``.mp4``.

    Returns
    -------
    Path
        The file; it appears whole or not at all.

    Raises
    ------
    MediaError
        When there is no piece, or no packet in them can be read.
    """
    with tempfile.TemporaryDirectory(dir=stem.parent, prefix=".join-") as workshop:
        stretches = list(_stretches(pieces, Path(workshop)))
        if not stretches:
            raise MediaError(stem, "Nothing was recorded: neither picture nor sound arrived. Practise once more.")
        kind = _kind(stretches[0])
        part = Path(workshop) / f"joined{_SUFFIX[kind]}"
        if not _copy(stretches, part, kind):
            raise MediaError(stem, "Nothing in the recording can be read. Practise once more.")
        result = stem.with_suffix(_SUFFIX[kind])
        settle(part, result, sync=False)  # synced by who asked, where it comes to stay
        return result


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


def _kind(path: Path) -> str:
    """Container for the codecs of the stretch."""
    with opened(path) as container:
        names = {stream.codec_context.codec.canonical_name for stream in _wanted(container)}
    return "webm" if names <= _WEBM else "mp4" if names <= _MP4 else "matroska"


def _wanted(container: Any) -> list[Any]:
    return [*container.streams.video[:1], *container.streams.audio[:1]]


def _copy(stretches: Sequence[Path], target: Path, kind: str) -> int:
    """Write the packets of all stretches behind each other; returns how many."""
    written = 0
    with av.open(str(target), "w", format=kind, options=_OPTIONS[kind]) as output:
        streams: dict[str, Any] = {}
        begin_s = Fraction(0)
        for path in stretches:
            first_s = _first_s(path)
            with opened(path) as container:
                wanted = _wanted(container)
                if not streams:
                    # opaque: by the codec itself, not by the name of a decoder that has no encoder
                    streams = {each.type: output.add_stream_from_template(each, opaque=True) for each in wanted}
                same = [each for each in wanted if _continues(each, streams.get(each.type))]
                end_s = begin_s
                for packet in _moved(container, same, begin_s - first_s, begin_s):
                    end_s = max(end_s, (packet.pts + (packet.duration or 0)) * packet.time_base)
                    packet.stream = streams[packet.stream.type]
                    output.mux(packet)
                    written += 1
                begin_s = end_s
    return written


def _first_s(path: Path) -> Fraction:
    """When the first picture is shown (the first sound without a picture), on the stretch's own clock."""
    with opened(path) as container:
        for packet in packets(container, _wanted(container)[:1], failed=lambda: None):
            if packet.pts is not None:
                return Fraction(packet.pts * packet.time_base)
    return Fraction(0)


def _continues(stream: Any, target: Any) -> bool:
    """Whether packets of ``stream`` can stand behind those already in ``target``."""
    return target is not None and stream.codec_context.name == target.codec_context.name


def _moved(container: Any, wanted: list[Any], shift_s: Fraction, begin_s: Fraction) -> Iterator[Any]:
    """Whole packets of ``wanted`` on the new clock: none before ``begin_s``, each later than the one before it."""
    last: dict[int, int] = {}
    for packet in packets(container, wanted, failed=lambda: None):
        if packet.dts is None or packet.pts is None or packet.is_corrupt:
            continue
        index, shift = packet.stream_index, round(shift_s / packet.time_base)
        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
        if packet.dts > last.get(index, -1) and packet.pts * packet.time_base >= begin_s - Fraction(1, 1000):
            last[index] = packet.dts
            yield packet
