"""Media files that should never have been: seeds in many containers, and what accident makes of them.

`seeds` writes short recordings of a person; `mutant` changes one by a named way of damage, the same for the same
numbers. `hostile_media` makes by hand what malice would; `mutant_databases` damages databases.
"""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
