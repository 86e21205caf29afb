"""Which kind of recording a file is, by its first bytes alone: they say which demuxer may read it, and no other will.

A signature decides alone, and they come first; tags of sound and what repeats (`liyi.media.bare`) follow, where all
that match may read and FFmpeg's probing chooses. Left out on purpose: whatever opens other files or addresses
(playlists, concat scripts, DASH, SDP), subtitles, sequences of pictures, raw samples, which would match any bytes, and
formats of games. Single pictures are named apart (`photo_readers`).
"""

from __future__ import annotations

import re
from typing import Literal

from liyi.media.bare import FRAMED_SOUND, bare_demuxers, joined, tag_size

Kind = Literal["video", "sound", "photo"]  # of a recording, by what can be read of it

HEAD_BYTES = 1 << 16

# How the names of what can be read end, in lower case: what a folder's search takes and a browser's dialogue offers.
VIDEO_SUFFIXES = (
    ".mp4", ".m4v", ".mov", ".qt", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".m2v", ".m2p", ".ps", ".vob", ".mod",
    ".ts", ".mts", ".m2ts", ".m2t", ".tod", ".3gp", ".3g2", ".flv", ".f4v", ".wmv", ".asf", ".wtv", ".ogv", ".rm",
    ".rmvb", ".dv", ".mxf", ".dav", ".nut", ".ivf", ".y4m", ".h264", ".264", ".h265", ".265", ".hevc", ".obu", ".amv",
)  # fmt: skip
SOUND_SUFFIXES = (
    ".wav", ".w64", ".mp3", ".mp2", ".m4a", ".m4b", ".aac", ".adts", ".amr", ".awb", ".flac", ".ogg", ".oga", ".opus",
    ".wma", ".mka", ".weba", ".ac3", ".eac3", ".ec3", ".dts", ".aiff", ".aif", ".aifc", ".au", ".snd", ".ape", ".wv",
    ".tta", ".tak", ".mpc", ".voc", ".ra", ".qcp", ".dss", ".act", ".dsf", ".caf",  # codespell:ignore caf
)  # fmt: skip
SUFFIXES = VIDEO_SUFFIXES + SOUND_SUFFIXES
# Pictures are recordings of their own kind, taken where they are named: most folders are full of them.
PHOTO_SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".avif", ".heic",
    ".heif", ".hif", ".gif",
)  # fmt: skip

_RECORDED = {"matroska": ".webm", "mov": ".mp4"}  # by demuxer: what recorders in browsers write

# What may stand behind a tag of sound, beside what its own first bytes say.
_TAGGED = f"{FRAMED_SOUND},flac,tta,ape,wv,mpc,mpc8,tak,aiff,dsf"

# (demuxers by FFmpeg's names, pattern of the first bytes)
_KINDS: tuple[tuple[str, re.Pattern[bytes]], ...] = tuple(
    (demuxers, re.compile(pattern, re.DOTALL))
    for demuxers, pattern in (
        ("mov", rb"....(ftyp|mdat|moov|wide|free|skip|pnot|uuid|meta|junk|styp|moof|sidx|emsg|prft)"),
        ("matroska", rb"\x1aE\xdf\xa3"),
        ("avi", rb"(RIFF|ON2 )....(AVI[ \x19X]|ON2f|AMV )"),
        ("wav,xwma,act", rb"(RIFF|RIFX|RF64|BW64)....(WAVE|XWMA)"),
        ("qcp", rb"RIFF....QLCM"),
        ("mpeg", rb"RIFF....CDXA"),
        ("w64", rb"riff\x2e\x91\xcf\x11"),
        ("asf,wtv", rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11|\xb7\xd8\x00\x20\x37\x49\xda\x11"),
        ("flv,live_flv,kux", rb"FLV|KDK"),
        ("ogg", rb"OggS"),
        ("flac", rb"fLaC"),
        ("amr,amrnb,amrwb", rb"#!AMR"),
        ("ilbc", rb"#!iLBC[23]0\n"),
        ("aiff", rb"FORM....AIF[FC]"),
        ("iff", rb"FORM....8SVX|FRM8........DSD "),
        ("au", rb"\.snd"),
        ("caf", rb"caff"),  # codespell:ignore caf
        ("ape", rb"MAC "),
        ("wv", rb"wvpk"),
        ("tta", rb"TTA[12]"),
        ("tak", rb"tBaK"),
        ("mpc,mpc8", rb"MPCK|MP\+"),
        ("shn", rb"ajkg"),
        ("dsf", rb"DSD \x1c\0\0\0"),
        ("dss", rb"\x02dss|\x03ds2"),
        ("oma", rb"ea3\x03|EA3[\x01\x02]"),
        ("sox", rb"\.SoX|XoS\."),
        ("vqf", rb"TWIN(97012000|00052200)"),
        ("qoa", rb"qoaf"),
        ("dtshd", rb"DTSHDHDR"),
        ("truehd,mlp", rb"....\xf8\x72\x6f[\xba\xbb]"),
        ("gif", rb"GIF8[79]a"),
        ("mxf", rb".{0,2000}?\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02"),
        ("gxf", rb"\0\0\0\0\x01\xbc"),
        ("lxf", rb"LEITCH\0\0"),
        ("dv", rb"\x1f\x07\x00[\x3f\xbf]"),
        ("rm", rb"\.RMF|\.ra\xfd"),
        ("nut", rb"nut/multimedia container\x00"),
        ("nsv", rb"NSV[fs]"),
        ("nuv", rb"NuppelVideo\0|MythTVVideo\0"),
        ("pva", rb"AV[\x01\x02].\x55"),
        ("ivf", rb"DKIF"),
        ("yuv4mpegpipe", rb"YUV4MPEG2 "),
        ("voc", rb"Creative Voice File\x1a"),
        ("nistsphere", rb"NIST_1A\n"),
        ("dhav", rb"DAHUA|DHAV"),
        ("iamf", rb"\xf8.{1,4}iamf"),
        ("mpjpeg", rb"\r?\n?--[^\r\n]{1,70}\r?\nContent-"),
    )
)  # fmt: skip


def demuxers_for(head: bytes) -> str:
    """Names of the demuxers, separated by commas, that may read a file; empty for one that is no recording.

    Parameters
    ----------
    head
        The file's first `HEAD_BYTES` bytes.
    """
    signed = next((demuxers for demuxers, pattern in _KINDS if pattern.match(head)), "")
    if signed:
        return signed
    tag = tag_size(head)
    if tag:
        behind = next((demuxers for demuxers, pattern in _KINDS if pattern.match(head, tag)), "")
        return joined(_TAGGED, behind)
    return bare_demuxers(head)


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
    f"{_TAGGED},wav,xwma,act,w64,ogg,amr,amrnb,amrwb,au,voc,nistsphere,qcp,ilbc,shn,dss,oma,sox,vqf,qoa,dtshd,truehd,mlp,"
    "iff,iamf,caf".split(",")  # codespell:ignore caf
)
# Of a picture in Ogg: Theora, Dirac, VP8 and OGM.
_OGG_PICTURES = (b"theora", b"BBCD", b"OVP80", b"\x01video\0")


def is_sound_alone(head: bytes) -> bool:
    """Whether a recording has no picture, as far as its first bytes say: a false yes is impossible but for damage.

    Parameters
    ----------
    head
        The file's first `HEAD_BYTES` bytes.
    """
    demuxers = demuxers_for(head).split(",")
    if demuxers == ["matroska"]:  # its tracks, each with its codec, come first in what browsers record
        return b"A_" in head[:4096] and b"V_" not in head[:4096]
    if demuxers == ["mov"]:
        return head[4:11] == b"ftypM4A"
    if demuxers == ["ogg"]:
        return not any(name in head for name in _OGG_PICTURES)
    return _SOUND.issuperset(demuxers)


def recorded_suffix(head: bytes) -> str:
    """How the name of a recording made in a browser ends, with its dot; empty for other kinds.

    Parameters
    ----------
    head
        The file's first `HEAD_BYTES` bytes.
    """
    return _RECORDED.get(demuxers_for(head), "")
