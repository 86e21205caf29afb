"""Media made by hand to do harm: bombs, lies, and what is no recording at all."""

from __future__ import annotations

import gzip
import struct
import zipfile
import zlib
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


def specials(folder: Path, given: Mapping[str, bytes], *, but: tuple[str, ...] = ()) -> Iterator[tuple[str, Path]]:
    """Files made by hand: (what it is, path), each written when it is asked for; ``but`` names those to leave out."""
    for name, suffix, make in _SPECIALS:
        if any(word in name for word in but):
            continue
        path = folder / f"{name.replace(' ', '_').replace('/', '_')}.{suffix}"
        made = make(path, given)
        if made is not None:
            path.write_bytes(made)
        yield name, path


def _element(id: bytes, content: bytes) -> bytes:
    """An element of Matroska."""
    return id + b"\x01" + len(content).to_bytes(7, "big") + content


def _matroska(tracks: bytes, *rest: bytes) -> bytes:
    head = _element(b"\x1a\x45\xdf\xa3", _element(b"\x42\x82", b"matroska"))
    info = _element(b"\x15\x49\xa9\x66", _element(b"\x2a\xd7\xb1", (1_000_000).to_bytes(4, "big")))
    return head + _element(b"\x18\x53\x80\x67", info + _element(b"\x16\x54\xae\x6b", tracks) + b"".join(rest))


def _pcm_track(number: int) -> bytes:
    sound = _element(b"\xb5", struct.pack(">d", 8000.0)) + _element(b"\x9f", b"\x01")
    fields = (
        _element(b"\xd7", number.to_bytes(4, "big")), _element(b"\x73\xc5", number.to_bytes(4, "big")),
        _element(b"\x83", b"\x02"), _element(b"\x86", b"A_PCM/INT/LIT"), _element(b"\xe1", sound),
    )  # fmt: skip
    return _element(b"\xae", b"".join(fields))


def _many_tracks(path: Path, given: Mapping[str, bytes]) -> bytes:
    return _matroska(b"".join(_pcm_track(number) for number in range(1, 100_001)))


def _many_packets(path: Path, given: Mapping[str, bytes]) -> bytes:
    block = _element(b"\xa3", b"\x81\0\0\x80" + b"\0\0")
    cluster = _element(b"\x1f\x43\xb6\x75", _element(b"\xe7", b"\0") + block * 2_000_000)
    return _matroska(_pcm_track(1), *[cluster] * 6)


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def _many_boxes(path: Path, given: Mapping[str, bytes]) -> bytes:
    trak = _box(b"trak", _box(b"tkhd", bytes(84)) + _box(b"mdia", _box(b"mdhd", bytes(24))))
    return _box(b"ftyp", b"isom\0\0\2\0isomiso2") + _box(b"moov", _box(b"mvhd", bytes(100)) + trak * 100_000)


def _packed_index(path: Path, given: Mapping[str, bytes]) -> bytes:
    """An MP4 whose index is compressed and says that it unpacks to 2 GB."""
    packed = zlib.compress(bytes(50_000_000))
    cmov = _box(b"dcom", b"zlib") + _box(b"cmvd", struct.pack(">I", 0x7FFFFFF0) + packed)
    return _box(b"ftyp", b"qt  \0\0\0\0qt  ") + _box(b"moov", _box(b"cmov", cmov))


def _index_of(count: int) -> Callable[[Path, Mapping[str, bytes]], bytes]:
    """An MP4 whose sound has ``count`` samples by its index."""

    def make(path: Path, given: Mapping[str, bytes]) -> bytes:
        data = bytearray(given["mp4"])
        at = data.rfind(b"stsz") + 4
        data[at + 4 : at + 12] = struct.pack(">II", 1, count)
        for name, place in ((b"stts", 8), (b"stsc", 12)):
            begin = data.rfind(name) + 4
            data[begin + place : begin + place + 4] = struct.pack(">I", count)
        return bytes(data)

    return make


def _png(width: int, height: int, extra: bytes = b"") -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    packer = zlib.compressobj(9)
    row = bytes(1 + 3 * width)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def _png_film(
    width: int, height: int, count: int, extra: Callable[[], bytes] = bytes
) -> Callable[[Path, Mapping[str, bytes]], None]:
    def make(path: Path, given: Mapping[str, bytes]) -> None:
        image = _png(width, height, extra())
        with av.open(str(path), "w") as out:
            track = out.add_stream("png", rate=10)
            track.width, track.height, track.pix_fmt = width, height, "rgb24"
            for number in range(count):
                packet = av.Packet(image)
                packet.stream, packet.time_base = track, Fraction(1, 10)
                packet.pts = packet.dts = number
                packet.is_keyframe = True
                out.mux(packet)

    return make


def _text_bomb() -> bytes:
    """A PNG chunk of text that unpacks to 4 GB."""
    packer, parts = zlib.compressobj(9), [b"zTXta\0\0"]
    for _ in range(256):
        parts.append(packer.compress(bytes(1 << 24)))
    content = b"".join(parts) + packer.flush()
    return struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))


def _silence(hours: float) -> Callable[[Path, Mapping[str, bytes]], None]:
    def make(path: Path, given: Mapping[str, bytes]) -> None:
        with av.open(str(path), "w") as out:
            track = out.add_stream("flac", rate=8000, layout="mono")
            for _ in range(round(hours * 3600 / 60)):
                frame = av.AudioFrame.from_ndarray(np.zeros((1, 480_000), np.int16), "s16", "mono")
                frame.sample_rate = 8000
                for packet in track.encode(frame):
                    out.mux(packet)
            for packet in track.encode(None):
                out.mux(packet)

    return make


def _changing_size(path: Path, given: Mapping[str, bytes]) -> None:
    """Pictures of one track that are small and 8K by turns."""
    with av.open(str(path), "w", format="matroska") as out:
        target, tick = None, 0
        for size in ((320, 180), (7680, 4320), (64, 2000), (320, 180)):
            maker = av.CodecContext.create("libvpx", "w")
            maker.width, maker.height, maker.pix_fmt, maker.time_base = *size, "yuv420p", Fraction(1, 10)
            maker.options = {"deadline": "realtime", "cpu-used": "8"}
            if target is None:
                target = out.add_stream("libvpx", rate=10)
                target.width, target.height, target.pix_fmt = *size, "yuv420p"
            made = []
            for number in range(3):
                frame = av.VideoFrame(*size, "yuv420p")
                frame.pts, frame.time_base = number, Fraction(1, 10)
                made += maker.encode(frame)
            for packet in made + maker.encode(None):
                packet.stream, packet.pts, packet.dts = target, tick, tick
                packet.time_base = Fraction(1, 10)
                tick += 1
                out.mux(packet)


def _zip(path: Path, given: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("talk.mp4", bytes(300_000_000))


def _text(content: str) -> Callable[[Path, Mapping[str, bytes]], bytes]:
    return lambda path, given: content.encode()


def _wave(rate: int, channels: int) -> Callable[[Path, Mapping[str, bytes]], bytes]:
    form = struct.pack("<HHIIHH", 1, channels, rate, min(2**32 - 1, rate * channels * 2), channels * 2 % 65536, 16)
    body = b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", 2_000_000) + bytes(2_000_000)
    return lambda path, given: b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


_HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\n{}\n#EXT-X-ENDLIST\n"
_SPECIALS: tuple[tuple[str, str, Callable[[Path, Mapping[str, bytes]], bytes | None]], ...] = (
    ("100,000 tracks in Matroska", "mkv", _many_tracks),
    ("100,000 tracks in MP4", "mp4", _many_boxes),
    ("12 million packets", "mkv", _many_packets),
    ("index of 100 million samples", "mp4", _index_of(100_000_000)),
    ("index of 4 billion samples", "mp4", _index_of(0xFFFFFFFF)),
    ("packed index of 2 GB", "mov", _packed_index),
    ("pictures of 16k x 16k", "mov", _png_film(16_000, 16_000, 1)),
    ("pictures of 8K, 60 of them", "mov", _png_film(7680, 4320, 60)),
    ("picture whose text unpacks to 4 GB", "mov", _png_film(320, 180, 1, _text_bomb)),
    ("picture that changes its size", "mkv", _changing_size),
    ("silence of 5 hours", "flac", _silence(5.0)),
    ("silence of 20 minutes", "flac", _silence(1 / 3)),
    ("sound of 4 GHz", "wav", _wave(2**32 - 1, 1)),
    ("sound of 65,535 channels", "wav", _wave(8000, 65_535)),
    ("gif of 65535 x 65535", "gif",
     lambda path, given: b"GIF89a" + b"\xff" * 4 + given["gif"][10:]),
    ("tag of 256 MB", "mp3", lambda path, given: b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + given["mp3"]),
    ("zip bomb", "mp4", _zip),
    ("gzip bomb", "wav", lambda path, given: gzip.compress(bytes(100_000_000))),
    ("playlist of a file", "mp4", _text(_HLS.format("file:///etc/passwd"))),
    ("playlist of an address", "ts", _text(_HLS.format("http://127.0.0.1:9/a.ts"))),
    ("playlist behind a mark", "mkv", _text("\ufeff" + _HLS.format("http://127.0.0.1:9/a.ts"))),
    ("concat script", "mp4", _text("ffconcat version 1.0\nfile 'http://127.0.0.1:9/a.ts'\n")),
    ("dash manifest", "mp4", _text('<?xml version="1.0"?><MPD><BaseURL>http://127.0.0.1:9/</BaseURL></MPD>')),
    ("session description", "mp4", _text("v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n")),
    ("subtitles", "mkv", _text("1\n00:00:00,000 --> 00:00:02,000\n你好\n")),
    ("drawing", "mp4", _text('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>')),
    ("text", "mp4", _text("你好，请问办理什么业务？\n" * 50)),
    ("noise", "mp4", lambda path, given: np.random.default_rng(5).bytes(300_000)),
    ("zeros", "wav", lambda path, given: bytes(1_000_000)),
)  # fmt: skip
