"""What a decoder must know before a picture, told with the picture itself, so that it may change within a recording.

MP4 and Matroska say it once for the whole track. H.264, HEVC and AV1 may say it again before each key frame: then a
track goes on when the camera's size has changed.
"""

from __future__ import annotations

# Codecs that say all a decoder must know in each key frame or packet.
SELF_CONTAINED = frozenset(("vp8", "vp9", "opus", "mp3", "mjpeg"))
# By codec: how MP4 names a track whose parameter sets stand in the pictures (ISO/IEC 14496-15); AV1 needs no name.
TAGS = {"h264": "avc3", "hevc": "hev1", "av1": None}


def in_band(codec: str, extradata: bytes | None) -> bytes | None:
    """What is to stand before a key frame, in the form of the track's own samples; None where that is unknown.

    Parameters
    ----------
    codec
        ``h264``, ``hevc`` or ``av1``.
    extradata
        As the container has it: avcC and hvcC of ISO/IEC 14496-15, av1C of AOM's binding to ISO BMFF.
    """
    data = extradata or b""
    try:
        if codec == "av1" and data[0] == 0x81:
            return data[4:]
        if codec == "h264" and data[0] == 1 and data[4] & 3 == 3:
            return _of_avc(data)
        if codec == "hevc" and data[0] == 1 and data[21] & 3 == 3:
            return _of_hevc(data)
    except IndexError:
        pass
    return None


def _of_avc(data: bytes) -> bytes:
    sequences, at = _units(data, 6, data[5] & 31)
    pictures, _ = _units(data, at + 1, data[at])
    return sequences + pictures


def _of_hevc(data: bytes) -> bytes:
    found, at = b"", 23
    for _ in range(data[22]):
        units, at = _units(data, at + 3, int.from_bytes(data[at + 1 : at + 3]))
        found += units
    return found


def _units(data: bytes, at: int, count: int) -> tuple[bytes, int]:
    """So many units from ``at`` on, each behind its length in four bytes, and where they end."""
    found = b""
    for _ in range(count):
        size = int.from_bytes(data[at : at + 2])
        if at + 2 + size > len(data):
            raise IndexError
        found += size.to_bytes(4) + data[at + 2 : at + 2 + size]
        at += 2 + size
    return found, at
