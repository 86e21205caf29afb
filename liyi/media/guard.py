"""A surveyed recording held against the limits, before its pictures and sounds are decoded.

What the first bytes and the size tell is checked in `liyi.media.files`, the number of streams in
`liyi.media.container`. While decoding, the decoder itself refuses larger pictures, and `liyi.media.sound` leaves out
what is beyond the limits. Each refusal is a `MediaError` of one sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.core.errors import MediaError

if TYPE_CHECKING:
    from pathlib import Path

    from liyi.media.limits import Limits
    from liyi.media.survey import Track


def check_tracks(path: Path, picture: Track | None, sound: Track | None, limits: Limits) -> None:
    """Raise `MediaError` when the picture or the sound that is meant is beyond the limits."""
    if picture is not None and picture.geometry is not None:
        width, height = picture.geometry.coded
        if picture.rate_hz > limits.frame_rate_hz:
            raise MediaError(path, "{file} has {rate} pictures a second: export it with at most {limit}.",
                             rate=round(picture.rate_hz), limit=f"{limits.frame_rate_hz:g}")  # fmt: skip
        if width * height * picture.packets > limits.terapixels * 1e12:
            raise MediaError(
                path,
                "{file} holds {count} pictures of {width} x {height}, more than can be looked at: "
                "export it with a smaller picture, or cut it into parts.",
                count=picture.packets, width=width, height=height,
            )  # fmt: skip
    if sound is not None:
        if sound.sample_rate_hz > limits.sample_rate_hz:
            raise MediaError(path, "{file} has {rate} samples of sound a second: export it with at most {limit}.",
                             rate=sound.sample_rate_hz, limit=f"{limits.sample_rate_hz:g}")  # fmt: skip
        if sound.channels > limits.channels:
            raise MediaError(path, "{file} has {count} channels of sound: export it with one or two.",
                             count=sound.channels)  # fmt: skip


def check_length(path: Path, duration_s: float, limits: Limits) -> None:
    """Raise `MediaError` when the recording lasts longer than the limit."""
    if duration_s > limits.hours * 3600:
        raise MediaError(path, "{file} lasts {hours} hours: cut it into parts of at most {limit} hours.",
                         hours=round(duration_s / 3600, 1), limit=f"{limits.hours:g}")  # fmt: skip


def too_many_packets(path: Path, limits: Limits) -> MediaError:
    """The refusal of a recording in more pieces than the limit."""
    return MediaError(path, "{file} holds more than {limit} packets of picture and sound: export it again, or cut it "
                            "into parts.", limit=f"{limits.packets:.0f}")  # fmt: skip
