"""What people hand in that is no recording, or one under lock, told by its first bytes and named with the remedy.

Each sentence is true of every file that its pattern matches; pictures, archives and playlists are told in
`liyi.media.files`.
"""

from __future__ import annotations

import re

from liyi.core.words import N_
from liyi.media.bare import is_scrambled
from liyi.media.kinds import demuxers_for

ARCHIVE = N_("{file} is an archive: unpack it and choose the recording inside.")
ENCRYPTED = N_("{file} is encrypted: choose a recording without copy protection.")
_OFFICE = N_("{file} is a spreadsheet, a document or a presentation: choose a recording; what a presentation shows can "
           "be exported as a video (MP4).")  # fmt: skip
_SILK = N_("{file} is a voice message of WeChat or QQ (SILK), which only these apps play: convert it to MP3 or WAV, or "
         "record with the telephone's own recorder.")  # fmt: skip
_MUSIC = N_("{file} is encrypted by a music app: choose a recording without copy protection.")
_WECHAT = N_("{file} is from WeChat's own store, which only WeChat opens: save the recording from WeChat as a file, "
             "and choose that.")  # fmt: skip
_POINTER = N_("{file} only points to the recording in Git LFS: fetch the recording itself with `git lfs pull`.")
_PAGE = N_("{file} is a web page or a server's message that was saved in place of the recording: download the "
           "recording again, logged in where that is needed.")  # fmt: skip
_SHORTCUT = N_("{file} is a shortcut: choose the recording that it points to.")
_TORRENT = N_("{file} is a torrent, which only says where to download from: choose what was downloaded with it.")
_DISC = N_("{file} is a disc image: open it and choose the recording inside (on a DVD the largest .VOB file).")
_SIDE_FILE = N_("{file} holds only what macOS notes about another file: choose the one whose name lacks the `._`.")
_IN_ICLOUD = N_("{file} stands for a recording that is still in iCloud: download it to this machine first.")
_ZEROS = N_("{file} begins with nothing but zeros, so it was not copied or downloaded to its end: copy or download it "
          "again.")  # fmt: skip
_UNFINISHED = N_("{file} is a download that has not finished: let it finish, or download it again.")
_SEGMENT = N_("{file} is one piece of a streamed video, without the start that says how to read it: download the whole "
            "recording.")  # fmt: skip

_ASF = b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"
# Objects of its header that say how it is encrypted (ASF specification 3.14, 3.15, 3.16).
_ASF_LOCKS = (
    b"\xfb\xb3\x11\x22\x23\xbd\xd2\x11\xb4\xb7\x00\xa0\xc9\x55\xfc\x6e",
    b"\x14\xe6\x8a\x29\x22\x26\x17\x4c\xb9\x35\xda\xe0\x7e\xe9\x28\x9c",
    b"\x33\x85\x05\x43\x81\x69\xe6\x49\x9b\x74\xad\x12\xcb\x86\xd5\x8c",
)

# What an MP4 calls a track under lock, beside the box that says how (ISO/IEC 14496-12, 8.12; iTunes).
_ISO_LOCKED = (b"encv", b"enca", b"drms", b"drmi")

# (pattern of the first bytes, sentence)
_NAMED: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), sentence)
    for pattern, sentence in (
        (rb"\x02?#!SILK", _SILK),
        # the parts of an Office file: [Content_Types].xml, and what Excel, Word and PowerPoint begin with
        (rb"PK\x03\x04.{26}(\[Content_Types\]\.xml|_rels/|docProps/|xl/|word/|ppt/)", _OFFICE),
        (rb"PK\x03\x04.{26}mimetypeapplication/vnd\.oasis", _OFFICE),
        (rb"CTENFDAM|yeelion-kuwo-tme|\x7c\xd5\x32\xeb\x86\x02\x7f\x4b|\x05\x28\xbc\x96\xe9\xe4\x5a\x43", _MUSIC),
        (rb"\x07\x08V[12]\x08\x07", _WECHAT),
        (rb"version https://git-lfs\.github\.com/", _POINTER),
        (rb"(?i)(\xef\xbb\xbf)?\s*(<!doctype html|<html|<\?xml[^>]*>\s*<(error|html|!doctype html)\b|<error\b)", _PAGE),
        (rb"\{\"(code|error|errno|errcode|message|msg|status)\"", _PAGE),
        (rb"\x4c\x00\x00\x00\x01\x14\x02\x00|(?i:\[internetshortcut\])|book\x00\x00\x00\x00mark", _SHORTCUT),
        (rb"d\d{1,3}:(announce|comment|created by|creation date|info|nodes)", _TORRENT),
        (rb".{32769}CD001", _DISC),
        (rb".{257}ustar|MSCF\0\0\0\0|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18|LZIP|\x1f\x9d|..-lh[0-7d]-", ARCHIVE),
        (rb"\x00\x05\x16[\x00\x07]\x00\x02\x00\x00", _SIDE_FILE),
    )
)  # fmt: skip

# What browsers and download managers add to a name until the download has finished.
_PARTIAL = (".part", ".partial", ".crdownload", ".download", ".downloading", ".opdownload", ".td", ".xltd", ".!qb",
            ".!ut", ".bc!", ".aria2")  # fmt: skip


def foreign(head: bytes, suffix: str) -> str | None:
    """Sentence that says what a file is, and what to do; None where it may be a recording.

    Parameters
    ----------
    head
        The file's first `liyi.media.kinds.HEAD_BYTES` bytes.
    suffix
        Of its name, with the dot, in any case.
    """
    for pattern, sentence in _NAMED:
        if pattern.match(head):
            return sentence
    if suffix.lower() == ".icloud" and head.startswith(b"bplist"):
        return _IN_ICLOUD
    return None


def locked(head: bytes) -> str | None:
    """Sentence for a recording that its first bytes say is encrypted; None for the others.

    Parameters
    ----------
    head
        As for `foreign`; it is known not to be text.
    """
    if head.startswith(_ASF) and any(lock in head for lock in _ASF_LOCKS):
        return ENCRYPTED
    return ENCRYPTED if demuxers_for(head) == "mpegts" and is_scrambled(head) else None


def unreadable(head: bytes, suffix: str) -> str | None:
    """Sentence for a file that no demuxer takes or can open, where there is more to say than that; else None.

    Parameters
    ----------
    head, suffix
        As for `foreign`.
    """
    if suffix.lower() in _PARTIAL:
        return _UNFINISHED
    if len(head) >= 512 and not any(head):
        return _ZEROS
    if head[4:8] == b"ftyp" and b"sinf" in head and any(entry in head for entry in _ISO_LOCKED):
        return ENCRYPTED
    if head[4:8] in (b"styp", b"sidx", b"moof", b"emsg", b"prft"):
        return _SEGMENT
    return _WECHAT if _is_masked_picture(head) else None


def _is_masked_picture(head: bytes) -> bool:
    """Whether this is a picture as WeChat keeps it: every byte changed by one and the same key."""
    for start in (b"\xff\xd8\xff", b"\x89PNG", b"GIF8"):
        key = head[0] ^ start[0] if head else 0
        if key and bytes(byte ^ key for byte in head[: len(start)]) == start:
            return True
    return False
