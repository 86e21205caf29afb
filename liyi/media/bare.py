"""Recordings that begin without a signature: they are known by what repeats, a grid of packets or a chain of frames.

A sync word of 11 to 16 bits stands in nearly any 64 KiB by accident, so it counts only where the length that its
frame states leads to the next one. Several kinds may match; FFmpeg's own probing then chooses between them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FRAMED_SOUND = "mp3,aac,loas,ac3,eac3,dts"

# Packets of 188 bytes, bare or with 4 or 16 bytes between them; the file may begin inside one, or in rubbish.
_PACKETS = re.compile(rb"\x47(?:(?:.{187}\x47){4}|(?:.{191}\x47){4}|(?:.{203}\x47){4})", re.DOTALL)
_FEW_PACKETS = re.compile(rb"(?:\x47.{187}){1,4}|(?:\x47.{191}){1,4}|(?:.{4}\x47.{187}){1,4}", re.DOTALL)

# A start code at the start, or one of 32 bits and more anywhere: a pack header, an MPEG-1/2 or HEVC parameter set.
_START_CODES = re.compile(
    rb"\x00{0,16}\x00\x00\x01|.*?\x00\x00\x01(?:\xba[\x20-\x2f\x40-\x7f]|\xb3..[\x11-\x4f]|\x40\x01\x0c)", re.DOTALL
)

# In either order of bytes, with 16 or 14 bits in each pair; the last is of an extension alone.
_DTS = re.compile(
    rb"\x7f\xfe\x80\x01|\xfe\x7f\x01\x80|\x1f\xff\xe8\x00\x07|\xff\x1f\x00\xe8.\x07|\x64\x58\x20\x25", re.DOTALL
)

_OTHERS = (
    ("h263", re.compile(rb"\x00\x00[\x80-\x83]")),
    ("obu,av1", re.compile(rb"\x12\x00\x0a|\x0a.\x12\x00|..[\x01\x02]\x10", re.DOTALL)),
)

_CONFIRMED = 2  # headers that must follow the first one; one will do where the file begins with it
_MOST_TRIED = 20_000  # sync words of one kind looked at

# Kilobits a second by the header's index, from 1 on (ISO/IEC 11172-3, 13818-3).
_V1_LAYER_1 = tuple(range(32, 449, 32))
_V1_LAYER_2 = (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384)
_V1_LAYER_3 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_V2_LAYER_1 = (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256)
_V2_LAYER_2 = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_AC3_KBPS = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640)


def bare_demuxers(head: bytes) -> str:
    """Names of all demuxers, separated by commas, whose pattern repeats in ``head``; empty where none does.

    Parameters
    ----------
    head
        The file's first bytes.
    """
    found = []
    if _PACKETS.search(head) or _FEW_PACKETS.fullmatch(head):
        found.append("mpegts")
    found += [name for name, sync, length in _FRAMES if _is_chained(head, sync, length)]
    if _DTS.search(head):
        found.append("dts")
    if _START_CODES.match(head):
        found.append("mpeg,mpegvideo,h264,hevc,vvc,m4v,h263,vc1,cavsvideo")
    found += [name for name, pattern in _OTHERS if pattern.match(head)]
    return ",".join(found)


def is_scrambled(head: bytes) -> bool:
    """Whether a transport stream begins with packets that are mostly scrambled, as pay television sends them."""
    found = _PACKETS.search(head)
    if found is None:
        return False
    step = (found.end() - found.start() - 1) // 4
    packets = [head[at + 1 : at + 4] for at in range(found.start(), len(head) - 3, step) if head[at] == 0x47]
    meant = [each for each in packets if int.from_bytes(each[:2]) & 0x1FFF not in (0, 0x1FFF)]  # tables, stuffing
    return sum(each[2] >= 0x40 for each in meant) * 2 > len(meant) > 0


def tag_size(head: bytes) -> int:
    """Bytes of the tags of sound (ID3v2, APE) at the start; more than ``head`` has for those with a picture."""
    size = 0
    while True:
        start = head[size : size + 32]
        if start[:3] == b"ID3" and len(start) >= 10:
            digits = start[6:10]  # of 7 bits each
            size += 10 + sum((digit & 0x7F) << 7 * (3 - place) for place, digit in enumerate(digits))
        elif start[:8] == b"APETAGEX" and len(start) == 32:
            size += 32 + int.from_bytes(start[12:16], "little")
        else:
            return size


def joined(*demuxers: str) -> str:
    """Lists of demuxers as one, each named once."""
    return ",".join(dict.fromkeys(name for names in demuxers for name in names.split(",") if name))


def _is_chained(head: bytes, sync: re.Pattern[bytes], length: Callable[[bytes], tuple[int, bytes]]) -> bool:
    """Whether somewhere frames follow one another, each where the one before says, up to the end of a short file."""
    for tried, start in enumerate(match.start() for match in sync.finditer(head)):
        if tried >= _MOST_TRIED:
            break
        at, form, count = start, None, 0
        while count <= _CONFIRMED:
            size, this = length(head[at : at + 8])
            if not size or form not in (None, this):
                break
            at, form, count = at + size, this, count + 1
            if at == len(head):  # the last frame of a short file
                return True
        if count > _CONFIRMED or (start == 0 and count == _CONFIRMED):
            return True
    return False


def _mpeg_audio(header: bytes) -> tuple[int, bytes]:
    """Length in bytes of a frame of MPEG audio (0: it is none), and what the next one has in common with it."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0, b""
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    index, rate_index, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version == 1 or layer == 4 or index in (0, 15) or rate_index == 3:
        return 0, b""
    rates = {
        (True, 1): _V1_LAYER_1, (True, 2): _V1_LAYER_2, (True, 3): _V1_LAYER_3,
        (False, 1): _V2_LAYER_1, (False, 2): _V2_LAYER_2, (False, 3): _V2_LAYER_2,
    }  # fmt: skip
    bits = rates[version == 3, layer][index - 1] * 1000
    rate_hz = (44_100, 48_000, 32_000)[rate_index] >> {3: 0, 2: 1, 0: 2}[version]
    if layer == 1:
        size = (12 * bits // rate_hz + padding) * 4
    else:
        size = (72 if layer == 3 and version != 3 else 144) * bits // rate_hz + padding
    return size, bytes((header[1] & 0xFE, header[2] & 0x0C))


def _adts(header: bytes) -> tuple[int, bytes]:
    """Length of a frame of AAC with its header, and what the next one has in common with it."""
    if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0 or header[2] >> 2 & 15 > 12:
        return 0, b""
    size = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return (size if size > 7 else 0), bytes((header[1], header[2]))


def _loas(header: bytes) -> tuple[int, bytes]:
    """Length of a frame of LOAS (AAC of broadcasts)."""
    if len(header) < 3 or header[0] != 0x56 or header[1] & 0xE0 != 0xE0:
        return 0, b""
    return ((header[1] & 0x1F) << 8 | header[2]) + 3, b""


def _ac3(header: bytes) -> tuple[int, bytes]:
    """Length of a frame of AC-3 or Enhanced AC-3, in either order of bytes."""
    if header[:2] == b"\x77\x0b":
        header = bytes(header[at ^ 1] for at in range(len(header) & ~1))
    if len(header) < 6 or header[:2] != b"\x0b\x77":
        return 0, b""
    if header[5] >> 3 > 10:
        return (((header[2] & 7) << 8 | header[3]) + 1) * 2, b""
    rate, code = header[4] >> 6, header[4] & 63
    if rate == 3 or code >= 2 * len(_AC3_KBPS):
        return 0, b""
    kbps = _AC3_KBPS[code >> 1]
    return (4 * kbps, 2 * (kbps * 320 // 147 + (code & 1)), 6 * kbps)[rate], b""


_FRAMES = (
    ("mp3", re.compile(rb"\xff[\xe2-\xff][\x10-\xef]"), _mpeg_audio),
    ("aac", re.compile(rb"\xff[\xf0\xf1\xf8\xf9]"), _adts),
    ("loas", re.compile(rb"\x56[\xe0-\xff]"), _loas),
    ("ac3,eac3", re.compile(rb"\x0b\x77|\x77\x0b"), _ac3),
)
