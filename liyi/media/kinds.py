"""Which kind of recording a file is, by its first bytes alone: they say which demuxer may read it, and no other will.

Left out on purpose: whatever opens other files or addresses (playlists, concat scripts, DASH, SDP), subtitles,
sequences of pictures, and raw samples, which would match any bytes. Single pictures are named apart (`photo_readers`).
"""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["video", "sound", "photo"]  # of a recording, by what can be read of it

HEAD_BYTES = 4096

# How the names of what can be read end, in lower case: what a folder's search takes and a browser's dialogue offers.
VIDEO_SUFFIXES = (
    ".mp4", ".m4v", ".mov", ".qt", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".m2v", ".m2p", ".ps", ".vob", ".mod",
    ".ts", ".mts", ".m2ts", ".m2t", ".tod", ".3gp", ".3g2", ".flv", ".f4v", ".wmv", ".asf", ".wtv", ".ogv", ".rm",
    ".rmvb", ".dv", ".mxf", ".dav", ".nut", ".ivf", ".y4m", ".h264", ".264", ".h265", ".265", ".hevc", ".obu", ".amv",
)  # fmt: skip
SOUND_SUFFIXES = (
    ".wav", ".w64", ".mp3", ".mp2", ".m4a", ".m4b", ".aac", ".adts", ".amr", ".awb", ".flac", ".ogg", ".oga", ".opus",
    ".wma", ".mka", ".weba", ".ac3", ".eac3", ".ec3", ".dts", ".aiff", ".aif", ".aifc", ".au", ".snd", ".ape", ".wv",
    ".tta", ".tak", ".mpc", ".voc", ".ra", ".caf",  # codespell:ignore caf
)  # fmt: skip
SUFFIXES = VIDEO_SUFFIXES + SOUND_SUFFIXES
# Pictures are recordings of their own kind, taken where they are named: most folders are full of them.
PHOTO_SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".avif", ".heic",
    ".heif", ".hif", ".gif",
)  # fmt: skip

_RECORDED = {"matroska": ".webm", "mov": ".mp4"}  # by demuxer: what recorders in browsers write

# Sound without a container, which begins with a sync word or behind an ID3 tag; what else may stand behind one.
_BARE_SOUND = "mp3,aac,loas,ac3,eac3,dts"
_TAGGED = f"{_BARE_SOUND},flac,tta,ape,wv,mpc,mpc8,tak,aiff"

# (demuxers by FFmpeg's names, pattern of the first bytes)
_KINDS: tuple[tuple[str, re.Pattern[bytes]], ...] = tuple(
    (demuxers, re.compile(pattern, re.DOTALL))
    for demuxers, pattern in (
        ("mov", rb"....(ftyp|mdat|moov|wide|free|skip|pnot|uuid|meta|junk|styp|moof|sidx)"),
        ("matroska", rb"\x1aE\xdf\xa3"),
        ("avi", rb"(RIFF|ON2 )....(AVI[ \x19X]|ON2f|AMV )"),
        ("wav,xwma", rb"(RIFF|RIFX|RF64|BW64)....(WAVE|XWMA)"),
        ("w64", rb"riff\x2e\x91\xcf\x11"),
        ("asf,wtv", rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11|\xb7\xd8\x00\x20\x37\x49\xda\x11"),
        ("flv,live_flv,kux", rb"FLV|KDK"),
        ("ogg", rb"OggS"),
        ("flac", rb"fLaC"),
        (_TAGGED, rb"ID3"),
        ("amr,amrnb,amrwb", rb"#!AMR"),
        ("aiff", rb"FORM....AIF[FC]"),
        ("au", rb"\.snd"),
        ("caf", rb"caff"),  # codespell:ignore caf
        ("ape", rb"MAC "),
        ("wv", rb"wvpk"),
        ("tta", rb"TTA[12]"),
        ("tak", rb"tBaK"),
        ("mpc,mpc8", rb"MPCK|MP\+"),
        ("gif", rb"GIF8[79]a"),
        ("mxf", rb".{0,2000}?\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02"),
        ("dv", rb"\x1f\x07\x00[\x3f\xbf]"),
        ("rm", rb"\.RMF|\.ra\xfd"),
        ("nut", rb"nut/multimedia container\x00"),
        ("ivf", rb"DKIF"),
        ("yuv4mpegpipe", rb"YUV4MPEG2 "),
        ("voc", rb"Creative Voice File\x1a"),
        ("nistsphere", rb"NIST_1A\n"),
        ("dhav", rb"DAHUA|DHAV"),
        ("obu,av1", rb"\x12\x00\x0a|\x0a.\x12\x00"),
        ("mpjpeg", rb"\r?\n?--[^\r\n]{1,70}\r?\nContent-"),
        ("mpeg,mpegvideo,h264,hevc,m4v,h263", rb".{0,64}?\x00\x00\x01"),
        # packets of 188 bytes, bare or with 4 or 16 bytes between them; the file may begin inside one
        ("mpegts", rb".{0,400}?\x47(.{187}\x47.{187}\x47|.{191}\x47.{191}\x47|.{203}\x47.{203}\x47)"),
        ("h263", rb"\x00\x00[\x80-\x83]"),
        (_BARE_SOUND, rb".*?(\xff[\xe0-\xff]|\x56[\xe0-\xff]|\x0b\x77|\x7f\xfe\x80\x01|\xfe\x7f\x01\x80)"),
    )
)  # fmt: skip


def demuxers_for(head: bytes) -> str:
    """Names of the demuxers, separated by commas, that may read a file; empty for one that is no recording.

    Parameters
    ----------
    head
        The file's first `HEAD_BYTES` bytes.
    """
    return next((demuxers for demuxers, pattern in _KINDS if pattern.match(head)), "")


# (Pillow's readers, pattern of the first bytes); a GIF may be an animation, which only its pictures' number tells
_PHOTOS: tuple[tuple[tuple[str, ...], re.Pattern[bytes]], ...] = tuple(
    (readers, re.compile(pattern, re.DOTALL))
    for readers, pattern in (
        (("JPEG",), rb"\xff\xd8\xff"),
        (("PNG",), rb"\x89PNG\r\n\x1a\n"),
        (("WEBP",), rb"RIFF....WEBP"),
        (("BMP",), rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\x00\x00\x00"),
        (("TIFF",), rb"II\x2a\x00|MM\x00\x2a"),
        (("AVIF",), rb"....ftypavif"),
        (("HEIF",), rb"....ftyphei[cxms]"),
        (("HEIF", "AVIF"), rb"....ftypmif1"),
        (("GIF",), rb"GIF8[79]a"),
    )
)


def photo_readers(head: bytes) -> tuple[str, ...]:
    """Names of Pillow's readers that may read a picture file; none for what is no picture, or not one of these kinds.

    Parameters
    ----------
    head
        The file's first `HEAD_BYTES` bytes.
    """
    return next((readers for readers, pattern in _PHOTOS if pattern.match(head)), ())


def is_photo(head: bytes) -> bool:
    """Whether a file is a picture, as far as its first bytes say: of a GIF they do not.

    Parameters
    ----------
    head
        The file's first `HEAD_BYTES` bytes.
    """
    return photo_readers(head) not in ((), ("GIF",))


_SOUND = frozenset(
    ("wav", "w64", "ogg", "flac", "mp3", "amr", "aiff", "au", "ape", "wv", "tta", "tak", "mpc", "voc", "nistsphere")
) | {"caf"}  # codespell:ignore caf


def is_sound_alone(head: bytes) -> bool:
    """Whether a recording has no picture, as far as its first bytes say: a false yes is impossible but for damage.

    Parameters
    ----------
    head
        The file's first `HEAD_BYTES` bytes.
    """
    demuxer = demuxers_for(head).split(",")[0]
    if demuxer == "matroska":  # its tracks, each with its codec, come first in what browsers record
        return b"A_" in head and b"V_" not in head
    if demuxer == "mov":
        return head[4:11] == b"ftypM4A"
    return demuxer in _SOUND and b"theora" not in head


def recorded_suffix(head: bytes) -> str:
    """How the name of a recording made in a browser ends, with its dot; empty for other kinds.

    Parameters
    ----------
    head
        The file's first `HEAD_BYTES` bytes.
    """
    return _RECORDED.get(demuxers_for(head), "")
