"""Media files that should never have been: seeds in many containers, and what accident or malice makes of them.

`seeds` writes short recordings of a person; `mutant` changes one by a named way of damage, the same for the same
numbers; `specials` are made by hand: bombs, lies, and what is no recording at all.
"""

from __future__ import annotations

import gzip
import io
import sqlite3
import struct
import tempfile
import zipfile
import zlib
from contextlib import closing, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

SAMPLE = Path(__file__).resolve().parent.parent / "sample_media" / "counter_front_zh.mp4"

# suffix -> (picture codec, pixel format, sound codec)
RECIPES: Mapping[str, tuple[str | None, str, str | None]] = {
    "mp4": ("libx264", "yuv420p", "aac"),
    "mkv": ("libx264", "yuv420p", "flac"),
    "webm": ("libvpx", "yuv420p", "libopus"),
    "mov": ("mjpeg", "yuvj420p", "pcm_s16le"),
    "avi": ("mpeg4", "yuv420p", "libmp3lame"),
    "ts": ("mpeg2video", "yuv420p", "mp2"),
    "flv": ("flv", "yuv420p", "libmp3lame"),
    "wmv": ("wmv2", "yuv420p", "wmav2"),
    "nut": ("ffv1", "yuv420p", "pcm_s16le"),
    "gif": ("gif", "rgb8", None),
    "wav": (None, "", "pcm_s16le"),
    "mp3": (None, "", "libmp3lame"),
    "flac": (None, "", "flac"),
    "ogg": (None, "", "libopus"),
    "m4a": (None, "", "aac"),
    "aac": (None, "", "aac"),
    "aiff": (None, "", "pcm_s16be"),
}
_FORMS = {"ts": "mpegts", "m4a": "ipod", "aac": "adts", "wmv": "asf", "mkv": "matroska"}


def seeds(*, seconds: float = 2.5, rate_hz: int = 10) -> dict[str, bytes]:
    """A short recording for each suffix of `RECIPES`, from the front sample."""
    frames, sound_of = _content(seconds, rate_hz)
    made = {}
    for suffix, (picture, pixels, sound) in RECIPES.items():
        buffer = io.BytesIO()
        with av.open(buffer, "w", format=_FORMS.get(suffix, suffix)) as out:
            tracks: list[tuple[Any, list[Any]]] = []
            if picture:
                track = out.add_stream(picture, rate=rate_hz)
                track.width, track.height, track.pix_fmt = frames[0].width, frames[0].height, pixels
                tracks.append((track, [_numbered(frame, pixels, n, rate_hz) for n, frame in enumerate(frames)]))
            if sound:
                track = out.add_stream(sound, rate=48_000, layout="mono")
                track.bit_rate = 64_000
                track.codec_context.open()
                tracks.append((track, sound_of(track.codec_context)))
            for track, given in tracks:
                for packet in [packet for frame in [*given, None] for packet in track.encode(frame)]:
                    out.mux(packet)
        made[suffix] = buffer.getvalue()
    return made


def _content(seconds: float, rate_hz: int) -> tuple[list[Any], Callable[[Any], list[Any]]]:
    """Small pictures of the sample, and what gives its sound as an encoder wants it."""
    frames: list[Any] = []
    with av.open(str(SAMPLE)) as media:
        for frame in media.decode(video=0):
            if frame.time >= seconds:
                break
            if frame.time >= len(frames) / rate_hz:
                frames.append(frame.reformat(width=320, height=180, format="yuv420p"))

    def sound_of(encoder: Any) -> list[Any]:
        resampler = av.AudioResampler(encoder.format, encoder.layout, encoder.sample_rate, encoder.frame_size or 1024)
        with av.open(str(SAMPLE)) as media:
            heard = [frame for frame in media.decode(audio=0) if frame.time < seconds]
        return [out for frame in [*heard, None] for out in resampler.resample(frame)]

    return frames, sound_of


def _numbered(frame: Any, pixels: str, number: int, rate_hz: int) -> Any:
    copy = frame.reformat(format=pixels)
    copy.pts, copy.time_base = number, Fraction(1, rate_hz)
    return copy


def flipped(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """Some bits anywhere."""
    copy = bytearray(data)
    for at in rng.integers(0, len(data), rng.integers(1, 200)):
        copy[at] ^= 1 << int(rng.integers(8))
    return bytes(copy)


def flipped_head(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """Some bits of the first KB, where sizes and codecs stand."""
    copy = bytearray(data)
    for at in rng.integers(0, min(1024, len(data)), rng.integers(1, 12)):
        copy[at] ^= 1 << int(rng.integers(8))
    return bytes(copy)


def truncated(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """The file up to somewhere."""
    return data[: int(rng.integers(1, len(data)))]


def swapped_head(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """The start of another file."""
    size = int(rng.choice([4, 16, 64, 512, 4096]))
    return other[:size] + data[size:]


def spliced(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """The first part of one file and the last of another."""
    return data[: int(rng.integers(1, len(data)))] + other[int(rng.integers(0, len(other))) :]


def blanked(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """A stretch of zeros, ones or noise."""
    start = int(rng.integers(0, len(data)))
    size = min(len(data) - start, int(rng.integers(1, len(data) // 2)))
    fill = (bytes(size), b"\xff" * size, rng.bytes(size))[int(rng.integers(3))]
    return data[:start] + fill + data[start + size :]


def doubled(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """A stretch that comes twice, or never."""
    start, end = sorted(int(each) for each in rng.integers(0, len(data), 2))
    return data[:end] + data[start:] if rng.integers(2) else data[:start] + data[end:]


def lying(rng: np.random.Generator, data: bytes, other: bytes) -> bytes:
    """A field of the header, two or four bytes long, that holds an extreme number."""
    copy = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        field = rng.choice([b for b in _FIELDS if b in data] or [b""])
        begin = data.find(bytes(field)) + len(field) if field else 0
        at = min(begin + int(rng.integers(0, 48 if field else 600)), len(copy) - 4)
        size = int(rng.choice([2, 4]))
        number = int(rng.choice([0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF])) & (256**size - 1)
        copy[at : at + size] = number.to_bytes(size, "little" if rng.integers(2) else "big")
    return bytes(copy)


# Beginnings of fields that state lengths, sizes and counts (MP4, Matroska, RIFF, FLAC, GIF).
_FIELDS = (
    b"mvhd", b"tkhd", b"mdhd", b"stsz", b"stts", b"stsc", b"stco", b"avc1", b"jpeg", b"mp4a", b"elst", b"\x44\x89",
    b"\xb0\x82", b"\xba\x81", b"\xb5\x88", b"\x9f\x81", b"\x2a\xd7\xb1", b"avih", b"strh", b"strf", b"fmt ", b"data",
    b"fLaC", b"COMM", b"GIF89a", b"idx1",
)  # fmt: skip

WAYS: Mapping[str, Callable[[np.random.Generator, bytes, bytes], bytes]] = {
    "bits flipped": flipped,
    "bits of the head flipped": flipped_head,
    "truncated": truncated,
    "swapped head": swapped_head,
    "spliced": spliced,
    "stretch blanked": blanked,
    "stretch doubled": doubled,
    "lying header": lying,
}


def mutant(number: int, seed: int, given: Mapping[str, bytes]) -> tuple[str, str, bytes]:
    """The ``number``-th mutant of a run: (way, suffix, content)."""
    rng = np.random.default_rng([seed, number])
    way = list(WAYS)[number % len(WAYS)]
    suffix, other = (str(each) for each in rng.choice(list(given), 2))
    return way, suffix, WAYS[way](rng, given[suffix], given[other])


def _zeroed_middle(rng: np.random.Generator, data: bytes) -> bytes:
    copy = bytearray(data)
    copy[len(data) // 4 : len(data) // 2] = bytes(len(data) // 2 - len(data) // 4)
    return bytes(copy)


def _noisy_middle(rng: np.random.Generator, data: bytes) -> bytes:
    copy = bytearray(data)
    copy[len(data) // 4 : len(data) * 3 // 4] = rng.bytes(len(data) * 3 // 4 - len(data) // 4)
    return bytes(copy)


def _flipped_rows(rng: np.random.Generator, data: bytes) -> bytes:
    """Bits beyond the first page, where the rows are."""
    copy = bytearray(data)
    for at in rng.integers(4096, len(data), 200):
        copy[at] ^= 1 << int(rng.integers(8))
    return bytes(copy)


def _edited(data: bytes, edit: Callable[[sqlite3.Connection], None]) -> bytes:
    """A SQLite file after an edit by which its own rules were switched off."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "edited.sqlite3"
        file.write_bytes(data)
        with closing(sqlite3.connect(file, isolation_level=None)) as rows:
            for pragma in ("foreign_keys = OFF", "ignore_check_constraints = ON", "writable_schema = ON"):
                rows.execute(f"PRAGMA {pragma}")
            for (trigger,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                rows.execute(f"DROP TRIGGER {trigger}")
            edit(rows)
        return file.read_bytes()  # closed by now, so that all of it stands in the file itself


def _tables(rows: sqlite3.Connection) -> list[str]:
    """Tables that hold rows, by name."""
    names = [name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return [name for name in names if rows.execute(f"SELECT EXISTS (SELECT * FROM {name})").fetchone()[0]]


_ODD_VALUES = ("", "x", "1e999", -1, 2**62, 1e308, b"\xff\xfe", "0000-00-00", "9999-12-31 23:59:59.999999", "\0", "[",
               "a" * 100_000)  # fmt: skip


def _odd_value(rng: np.random.Generator, rows: sqlite3.Connection) -> None:
    table = str(rng.choice(_tables(rows)))
    columns = [name for _, name, *_ in rows.execute(f"PRAGMA table_info({table})")]
    column = str(rng.choice(columns))
    value = _ODD_VALUES[int(rng.integers(len(_ODD_VALUES)))]
    where = f"WHERE {column} = (SELECT {column} FROM {table} LIMIT 1)"
    with suppress(sqlite3.IntegrityError):  # two rows of one key: the file stays as it is
        rows.execute(f"UPDATE OR REPLACE {table} SET {column} = ? {where}", (value,))


def _rows_lost(rng: np.random.Generator, rows: sqlite3.Connection) -> None:
    table = str(rng.choice(_tables(rows)))
    most = f"LIMIT {int(rng.integers(1, 4))}" if rng.integers(2) else ""
    key = next(name for _, name, *_, key in rows.execute(f"PRAGMA table_info({table})") if key)
    rows.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} {most})")


def _lost(rng: np.random.Generator, rows: sqlite3.Connection, kind: str) -> None:
    query = "SELECT name FROM sqlite_master WHERE type = ? AND sql IS NOT NULL ORDER BY name"
    names = [name for (name,) in rows.execute(query, (kind,))]
    rows.execute(f"DROP {kind} {rng.choice(names)}")


def _column_renamed(rng: np.random.Generator, rows: sqlite3.Connection) -> None:
    table = str(rng.choice(_tables(rows)))
    columns = [name for _, name, *_ in rows.execute(f"PRAGMA table_info({table})")]
    rows.execute(f"ALTER TABLE {table} RENAME COLUMN {rng.choice(columns)} TO other")


def _other_version(rng: np.random.Generator, rows: sqlite3.Connection) -> None:
    known = ("0001", "0002", "0003", "9999", "", "\0")
    how = int(rng.integers(3))
    if how == 0:
        rows.execute("DELETE FROM alembic_version")
    elif how == 1:
        rows.execute("INSERT INTO alembic_version VALUES (?)", ("0001",))
    else:
        rows.execute("UPDATE alembic_version SET version_num = ?", (str(rng.choice(known)),))


def _other_store(rng: np.random.Generator, rows: sqlite3.Connection) -> None:
    other = rng.bytes(16).hex()
    how = int(rng.integers(3))
    if how == 0:
        rows.execute("DELETE FROM store")
    elif how == 1:
        rows.execute("INSERT INTO store (id, created_at) VALUES (?, '1999-01-01 00:00:00')", (other,))
    else:
        rows.execute("UPDATE store SET id = ?", (other,))


DATABASE_WAYS: Mapping[str, Callable[[np.random.Generator, bytes], bytes]] = {
    "header of noise": lambda rng, data: rng.bytes(100) + data[100:],
    "bits of the header flipped": lambda rng, data: flipped_head(rng, data, data),
    "middle of noise": _noisy_middle,
    "middle of zeros": _zeroed_middle,
    "bits of rows flipped": _flipped_rows,
    "truncated": lambda rng, data: data[: int(rng.integers(1, len(data)))],
    "truncated to pages": lambda rng, data: data[: 4096 * int(rng.integers(1, len(data) // 4096))],
    "text": lambda rng, data: "你好，请问办理什么业务？\n".encode(),
    "nothing": lambda rng, data: b"",
    "zeros": lambda rng, data: bytes(len(data)),
    "value of another kind": lambda rng, data: _edited(data, lambda rows: _odd_value(rng, rows)),
    "rows lost": lambda rng, data: _edited(data, lambda rows: _rows_lost(rng, rows)),
    "table lost": lambda rng, data: _edited(data, lambda rows: _lost(rng, rows, "table")),
    "index lost": lambda rng, data: _edited(data, lambda rows: _lost(rng, rows, "index")),
    "column renamed": lambda rng, data: _edited(data, lambda rows: _column_renamed(rng, rows)),
    "version of the tables": lambda rng, data: _edited(data, lambda rows: _other_version(rng, rows)),
    "identity of the store": lambda rng, data: _edited(data, lambda rows: _other_store(rng, rows)),
}


def database(number: int, seed: int, given: bytes) -> tuple[str, bytes]:
    """The ``number``-th mutant of a SQLite file in a run: (way, content)."""
    rng = np.random.default_rng([seed, number])
    way = list(DATABASE_WAYS)[number % len(DATABASE_WAYS)]
    return way, DATABASE_WAYS[way](rng, given)


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


def _png_film(width: int, height: int, count: int, extra: bytes = b"") -> Callable[[Path, Mapping[str, bytes]], None]:
    def make(path: Path, given: Mapping[str, bytes]) -> None:
        image = _png(width, height, extra)
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
    ("picture whose text unpacks to 4 GB", "mov", _png_film(320, 180, 1, _text_bomb())),
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
