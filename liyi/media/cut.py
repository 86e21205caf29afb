"""A stretch of a recording as a film of its own: what stands before and after it is not in the file.

It is encoded anew: a copy of packets could begin at a key frame only, which may stand seconds before. VP8 and Opus in
WebM, which every browser of the floor plays; no title, name or time of the recording goes along.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

import av
import numpy as np

from liyi.core.errors import MediaError
from liyi.media.sampling import slot
from liyi.media.sound import SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from pathlib import Path

    from liyi.media.recording import Frame, Media
    from liyi.media.sound import Samples

MOST_SIDE, MOST_RATE_HZ = 960, 30.0
_TICKS = 1000  # a second: WebM's own clock
_PICTURE_BITS, _SOUND_BITS = 1_500_000, 48_000  # a second
# Fast enough that somebody waits for it; every picture is shown when it is decoded, and one can seek to each second.
# One thread: two wait for each other by turning, and took five times the computing on a busy machine (2026-11-30).
_PICTURE = {
    "deadline": "realtime", "cpu-used": "8", "threads": "1", "auto-alt-ref": "0", "lag-in-frames": "0", "g": "30",
}  # fmt: skip
_FILE = {"cues_to_front": "1", "fflags": "+bitexact"}
_STEP_S = 0.1  # of sound that is written at once


def cut(media: Media, start_s: float, end_s: float, target: Path) -> None:
    """Write the stretch of a recording as a film whose clock begins at 0.

    Parameters
    ----------
    media
        The opened recording.
    start_s, end_s
        The stretch, in seconds of the recording.
    target
        The file to write (WebM).

    Raises
    ------
    MediaError
        When there is neither picture nor sound in it.
    """
    sound = _sound(media, start_s, end_s)
    with av.open(str(target), "w", format="webm", options=_FILE) as output:
        film = _Film(output, sound)
        for frame in media.frames_between(start_s, end_s, max_side=MOST_SIDE):
            film.show(frame, frame.t_s - start_s)
        film.end()
    if not film.written:
        raise MediaError(media.path, "{file} has neither picture nor sound in this stretch: choose another one.")


class _Film:
    """A film being written: pictures as they come, the sound up to each of them first."""

    def __init__(self, output: Any, sound: Samples) -> None:
        self._output, self._sound, self._heard, self._slot = output, sound, 0, -1
        self.written = 0
        self._picture: Any = None
        self._voice: Any = None
        if sound.size:
            self._voice = output.add_stream("libopus", rate=SAMPLE_RATE_HZ, layout="mono")
            self._voice.bit_rate = _SOUND_BITS

    def show(self, frame: Frame, at_s: float) -> None:
        """Write a picture, unless there was one a moment ago."""
        here = int(slot(at_s, MOST_RATE_HZ))
        if here <= self._slot:
            return
        self._slot = here
        height, width = (side // 2 * 2 for side in frame.image.shape[:2])
        if self._picture is None:
            self._picture = self._stream(width, height)
        self._hear(at_s)
        shown = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame.image[:height, :width]), format="rgb24")
        shown.pts, shown.time_base = round(at_s * _TICKS), Fraction(1, _TICKS)
        self._mux(self._picture, shown)

    def end(self) -> None:
        """Write the rest of the sound, and what the encoders still hold."""
        self._hear(self._sound.size / SAMPLE_RATE_HZ)
        for stream in (self._picture, self._voice):
            if stream is not None:
                self._mux(stream, None)

    def _stream(self, width: int, height: int) -> Any:
        made = self._output.add_stream("libvpx", rate=round(MOST_RATE_HZ), options=_PICTURE)
        made.width, made.height, made.pix_fmt, made.bit_rate = width, height, "yuv420p", _PICTURE_BITS
        made.time_base = made.codec_context.time_base = Fraction(1, _TICKS)
        return made

    def _hear(self, until_s: float) -> None:
        until = min(self._sound.size, round(until_s * SAMPLE_RATE_HZ))
        step = round(_STEP_S * SAMPLE_RATE_HZ)
        while self._heard < until:
            part = self._sound[self._heard : min(self._heard + step, until)]
            whole = np.round(np.clip(part, -1, 1) * 32767).astype(np.int16)
            heard = av.AudioFrame.from_ndarray(whole[np.newaxis], format="s16", layout="mono")
            heard.sample_rate, heard.pts, heard.time_base = SAMPLE_RATE_HZ, self._heard, Fraction(1, SAMPLE_RATE_HZ)
            self._heard += part.size
            self._mux(self._voice, heard)

    def _mux(self, stream: Any, frame: Any) -> None:
        for packet in stream.encode(frame):
            self._output.mux(packet)
            self.written += 1


def _sound(media: Media, start_s: float, end_s: float) -> Samples:
    """The samples of the stretch; none without sound."""
    first, last = round(start_s * SAMPLE_RATE_HZ), round(end_s * SAMPLE_RATE_HZ)
    parts, at = [np.zeros(0, dtype=np.float32)], 0
    for block in media.samples():
        parts.append(block[max(0, first - at) : max(0, last - at)])
        at += block.size
        if at >= last:
            break
    return np.concatenate(parts)
