"""Are a packet's time stamps to be believed: stamps that leap away are astray, and a clock may be set anew."""

from __future__ import annotations

from typing import Any

# A key frame is never shown before a frame that was coded ahead of it, and recorders jitter by far less than this.
BACK_S = 1.0
# FFmpeg's own bound for a broken stamp in a transport stream (`-dts_delta_threshold`). Frames that are not key frames
# may wait for each other's turn across any pause, so elsewhere they are never astray.
LEAP_S = 10.0
# So many astray packets in a row (about one second of sound) are no damage: the clock was set anew.
SET_ANEW = 50
# Stamps are coded in every packet and stand alone; elsewhere a pause of minutes is a pause.
_LEAPING = {"mpegts", "mpeg"}


class Clock:
    """Follows one stream's packets in the order of the file.

    Attributes
    ----------
    set_anew : bool
        Whether the stamps went elsewhere and stayed there: no later packet is accepted.
    """

    def __init__(self, stream: Any) -> None:
        tick_s = float(stream.time_base)
        self.set_anew = False
        self._back, self._leap = BACK_S / tick_s, LEAP_S / tick_s
        self._may_pause = stream.container.format.name not in _LEAPING
        self._latest: int | None = None
        self._astray = 0

    def accepts(self, packet: Any) -> bool:
        """Whether the packet belongs to the recording so far."""
        if self.set_anew:
            return False
        if packet.pts is None or packet.is_discard:
            return True
        if self._latest is not None and self._is_astray(packet, packet.pts - self._latest):
            self._astray += 1
            self.set_anew = self._astray >= SET_ANEW
            return False
        self._latest = packet.pts if self._latest is None else max(self._latest, packet.pts)
        self._astray = 0
        return True

    def _is_astray(self, packet: Any, step: int) -> bool:
        if step > 0:
            return step > self._leap and not self._may_pause
        if packet.is_keyframe or self._astray:
            return -step > self._back
        return -step > self._leap and not self._may_pause
