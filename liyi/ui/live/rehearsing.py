"""The live half of a rehearsal: messages in, what to tell the page out. In memory only; a restart begins it anew.

`Rehearsing.take` and `Rehearsing.told` are called by the server's event loop and never wait; `Rehearsing.look` does
the work and belongs in a worker thread, one at a time for each rehearsal.
"""

from __future__ import annotations

import json
import math
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core import logs
from liyi.core.trace import Interval
from liyi.etiquette.norms import load_pack
from liyi.ui.live import session as sessions
from liyi.ui.live.check import check
from liyi.ui.live.coach import SHOW_S, Coach, panel, verdicts_on_bearing, verdicts_on_voice
from liyi.ui.live.messages import Sound, parse
from liyi.ui.live.window import PoseWindow, SoundWindow

if TYPE_CHECKING:
    from liyi.etiquette.assessment import Verdict
    from liyi.ui.live.session import Session
    from liyi.ui.live.window import Heard, Seen

_PANEL_EVERY_S = 1.0
_CHECKING_S = 3.0  # the page says so every second while it is in the check step
_IDLE_S = 1800.0  # a rehearsal that nobody has talked to is forgotten; its folder stays
_LONGEST_CALIBRATION_S = 15.0

_live: dict[str, Rehearsing] = {}


class Rehearsing:
    """What is known of a rehearsal while it goes on."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.seq = 0  # all messages up to here were taken
        self.touched = time.monotonic()
        self._pack = load_pack(session.pack)
        self._profile = self._pack.profile_id(session.options.profile)
        self._exempt = session.options.exemptions
        self._poses, self._sound = PoseWindow(), SoundWindow()
        self._coach = Coach(silent=session.exam)
        self._practising = session.options.calibration is not None
        self._paused = False
        self._new = False
        self._brightness: float | None = None
        self._check_asked = self._panel_sent = float("-inf")
        self._heard: Heard | None = None
        self._on_voice: list[Verdict] = []
        self._faulty = False
        self._looking = threading.Lock()

    @property
    def key(self) -> str:
        """What the log calls it."""
        return self.session.id

    def take(self, data: bytes) -> None:
        """Take a binary message unless it was taken before; raises ValueError when it is malformed."""
        message = parse(data)
        self.touched = time.monotonic()
        if message.seq <= self.seq:
            return
        self.seq = message.seq
        self._new = True
        if isinstance(message, Sound):
            self._sound.add(message)
        else:
            self._poses.add(message)

    def told(self, text: str) -> None:
        """Take a text message; raises ValueError when it is malformed."""
        try:
            message = json.loads(text)
            kind = message["type"]
            if kind == "calibrated":
                self._calibrated(Interval(float(message["start_s"]), float(message["end_s"])))
            elif kind == "check":
                brightness = float(message["brightness"])
                self._brightness = brightness if math.isfinite(brightness) else None
                self._check_asked = time.monotonic()
            elif kind in ("pause", "resume"):
                self._paused = kind == "pause"
        except (KeyError, TypeError, OverflowError, RecursionError) as error:
            raise ValueError("malformed message") from error
        self.touched = time.monotonic()

    def _calibrated(self, stretch: Interval) -> None:
        if not (0 <= stretch.start_s < stretch.end_s <= stretch.start_s + _LONGEST_CALIBRATION_S):
            raise ValueError("not a calibration stretch")
        self._poses.calibrate(stretch)
        sessions.calibrate(self.session.id, stretch)
        self._practising = True
        self._check_asked = float("-inf")

    @property
    def due(self) -> bool:
        """Whether anything new came since the last look."""
        return self._new and not self._faulty and not self._looking.locked()

    def look(self) -> list[dict[str, Any]]:
        """Judge the last seconds; returns the messages for the page.

        A fault in judging ends the hints of this rehearsal with one line of log; its recording goes on.
        """
        with self._looking:
            self._new = False
            try:
                with np.errstate(all="ignore"):  # bodies that no browser sees: a warning each would fill the log
                    return self._look()
            except Exception as error:
                self._faulty = True
                logs.event("hints_failed", key=self.session.id, error=error)
                return []

    def _look(self) -> list[dict[str, Any]]:
        seen, heard = self._poses.seen(self.session.camera), self._sound.heard()
        if heard is not self._heard:
            self._heard = heard
            self._on_voice = verdicts_on_voice(heard, self._pack, self._profile, self._exempt) if heard else []
        on_bearing = verdicts_on_bearing(seen, self._pack, self._profile, self._exempt) if seen else []
        verdicts = [*on_bearing, *self._on_voice]
        return [*self._hints(seen, verdicts), *self._states(seen, verdicts)]

    def _hints(self, seen: Seen | None, verdicts: list[Verdict]) -> list[dict[str, Any]]:
        if not self._practising or self._paused:
            return []
        seen_s = seen.duration_s if seen else 0.0
        now_s = max(seen.start_s + seen_s if seen else 0.0, self._heard.end_s if self._heard else 0.0)
        heard_s = self._heard.voice.duration_s if self._heard else 0.0
        hint = self._coach.hint(verdicts, self._pack, self.session.lang, now_s=now_s, seen_s=seen_s, heard_s=heard_s)
        if hint is None:
            return []
        return [{"type": "hint", "criterion": hint.criterion, "text": hint.text, "show_s": SHOW_S}]

    def _states(self, seen: Seen | None, verdicts: list[Verdict]) -> list[dict[str, Any]]:
        now = time.monotonic()
        if now - self._panel_sent < 0.9 * _PANEL_EVERY_S:
            return []
        self._panel_sent = now
        if now - self._check_asked < _CHECKING_S:
            about = check(
                seen,
                self._heard,
                verdicts,
                brightness=self._brightness,
                camera=self.session.camera,
                lang=self.session.lang,
            )
            return [{"type": "check", **about}]
        return [{"type": "panel", **panel(verdicts, self.session.lang)}]


def rehearsing(session: Session) -> Rehearsing:
    """The live half of a rehearsal; a new one after a restart, or when its token was issued anew."""
    now = time.monotonic()
    for id in [id for id, live in _live.items() if now - live.touched > _IDLE_S]:
        del _live[id]
    live = _live.get(session.id)
    if live is None:
        live = _live[session.id] = Rehearsing(session)
    return live


def forget(id: str) -> None:
    """Give the memory of an ended rehearsal back."""
    _live.pop(id, None)
