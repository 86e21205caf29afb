"""The live half of a rehearsal: messages in, what to tell the page out. In memory only; a restart begins it anew.

`Rehearsing.take` and `Rehearsing.told` are called by the server's event loop and never wait; `Rehearsing.look` does
the work and belongs in a worker thread, one at a time for each rehearsal.
"""

from __future__ import annotations

import json
import math
import threading
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core import logs
from liyi.core.trace import Interval
from liyi.etiquette.norms import load_pack
from liyi.ui.live import session as sessions
from liyi.ui.live.calibrating import fault_in
from liyi.ui.live.check import check, check_sound
from liyi.ui.live.coach import SHOW_S, Coach, Hint, verdicts_on_bearing, verdicts_on_voice
from liyi.ui.live.messages import LATEST_S, Sound, parse
from liyi.ui.live.panel import Panel, lines
from liyi.ui.live.reading_aloud import ReadingAloud
from liyi.ui.live.ticks import Ticks
from liyi.ui.live.window import PoseWindow, SoundWindow

if TYPE_CHECKING:
    from liyi.etiquette.assessment import Verdict
    from liyi.etiquette.pack import NormPack
    from liyi.ui.live.session import Session
    from liyi.ui.live.window import Heard, Seen

_PANEL_EVERY_S = 1.0
_CHECKING_S = 3.0  # the page says so every second while it is in the check step
_IDLE_S = 1800.0  # a rehearsal that nobody has talked to is forgotten; its folder stays
_LONGEST_CALIBRATION_S = 15.0
_MOST_PEOPLE = 9

_live: dict[str, Rehearsing] = {}


class Rehearsing:
    """What is known of a rehearsal while it goes on."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.seq = 0  # all messages up to here were taken
        self.touched = time.monotonic()
        self.pages = 0  # lines that are open: one page, or none while it is reloaded or cut off
        self.holder = ""  # token of the page that is at it
        self._pack = load_pack(session.pack)
        self._profile = self._pack.profile_id(session.options.profile)
        self._exempt = session.options.exemptions
        self._poses, self._sound = PoseWindow(), SoundWindow()
        self._language = _spoken(session, self._pack)
        self._reading = ReadingAloud(session, self._language)
        self._ticks = Ticks(self._pack, self._language, silent=session.exam or session.hints_only)
        self._blind = session.sound_only or self._pack.profiles[self._profile].camera == "none"
        self._coach, self._panel = Coach(silent=session.exam), Panel()
        self._practising = False
        self._asked: Interval | None = None  # a calibration that waits for its judgement
        if session.options.calibration is not None:
            self._practise(session.options.calibration.end_s)
        self._paused = False
        self._new = False
        self._brightness: float | None = None
        self._people = 1
        self._check_asked = self._panel_sent = float("-inf")
        self._heard: Heard | None = None
        self._on_voice: list[Verdict] = []
        self._faulty = False
        self._looking = threading.Lock()
        self.clock = time.monotonic  # of the panel; who plays a rehearsal in a moment sets one that keeps its pace

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
            self._reading.add(message.samples)
            if self._practising:
                self._ticks.add(message.samples)
        else:
            self._poses.add(message)

    def told(self, text: str) -> None:
        """Take a text message; raises ValueError when it is malformed."""
        try:
            message = json.loads(text)
            kind = message["type"]
            if kind == "calibrate":
                self._asked, self._new = _calibration(message), True
            elif kind == "calibrated":
                self._calibrated(_calibration(message))
            elif kind == "practising":
                self._practise(_second(message["start_s"]))
            elif kind == "check":
                brightness = float(message["brightness"])
                self._brightness = brightness if math.isfinite(brightness) else None
                self._people = min(max(0, int(message.get("people", 1))), _MOST_PEOPLE)
                self._check_asked = self.clock()
            elif kind in ("pause", "resume"):
                self._paused = kind == "pause"
            elif kind in ("room", "reading"):
                self._reading.told(message)
                self._new = True
        except (KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise ValueError("malformed message") from error
        self.touched = time.monotonic()

    def _calibrated(self, stretch: Interval) -> None:
        self._poses.calibrate(stretch)
        sessions.calibrate(self.session.id, stretch)
        self._practise(stretch.end_s)

    def _practise(self, start_s: float) -> None:
        """From this second of the recording on there are hints."""
        self._practising, self._coach.begins_s = True, start_s
        self._check_asked, self._asked = float("-inf"), None

    urgent = False  # hints can wait for the next look

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
            self._on_voice = (
                verdicts_on_voice(heard, self._pack, self._profile, self._exempt, self._language) if heard else []
            )
        on_bearing = verdicts_on_bearing(seen, self._pack, self._profile, self._exempt) if seen else []
        verdicts = [*on_bearing, *self._on_voice]
        now_s = max(seen.start_s + seen.duration_s if seen else 0.0, heard.end_s if heard else 0.0)
        hint = self._hint(seen, verdicts, now_s)
        said = [{"type": "hint", "criterion": hint.criterion, "text": hint.text, "show_s": SHOW_S}] if hint else []
        self._ticks.look(self.clock())
        read = self._reading.look(check_sound(heard, self._on_voice, self.session.lang))
        return [*self._judged(), *read, *said, *self._states(seen, verdicts, now_s, hint)]

    def _judged(self) -> list[dict[str, Any]]:
        """What came of a calibration, once."""
        stretch, self._asked = self._asked, None
        if stretch is None:
            return []
        body = self._poses.within(stretch, self.session.camera)
        lang = self.session.lang
        fault = fault_in(body, self._heard, stretch, self._pack, self._profile, self._exempt, lang)
        return [{"type": "calibration", "good": fault is None, "text": fault or ""}]

    def _hint(self, seen: Seen | None, verdicts: list[Verdict], now_s: float) -> Hint | None:
        if not self._practising or self._paused:
            return None
        seen_s = seen.duration_s if seen else 0.0
        heard_s = self._heard.voice.duration_s if self._heard else 0.0
        return self._coach.hint(verdicts, self._pack, self.session.lang, now_s=now_s, seen_s=seen_s, heard_s=heard_s)

    def _states(
        self, seen: Seen | None, verdicts: list[Verdict], now_s: float, hint: Hint | None
    ) -> list[dict[str, Any]]:  # fmt: skip
        now = self.clock()
        if hint is None and now - self._panel_sent < 0.9 * _PANEL_EVERY_S:
            return []
        self._panel_sent = now
        if now - self._check_asked < _CHECKING_S:
            about = check(
                seen,
                self._heard,
                verdicts,
                brightness=self._brightness,
                people=self._people,
                camera="none" if self._blind else self.session.camera,
                lang=self.session.lang,
            )
            return [{"type": "check", **about}]
        hinted = hint.criterion if hint else ""
        news = lines(verdicts, self._pack, self.session.lang, hinted=hinted)
        shown = self._panel.take(news, now_s=now_s, hinted=hinted)
        panel: dict[str, Any] = {"type": "panel", **{name: asdict(line) for name, line in shown.items()}}
        return [panel, *self._ticks.told(self.session.lang)]


def _calibration(message: dict[str, Any]) -> Interval:
    stretch = Interval(_second(message["start_s"]), _second(message["end_s"]))
    if not (0 <= stretch.start_s < stretch.end_s <= stretch.start_s + _LONGEST_CALIBRATION_S):
        raise ValueError("not a calibration stretch")
    return stretch


def _second(told: Any) -> float:
    second = float(told)
    if not 0 <= second <= LATEST_S:
        raise ValueError("not a second of a recording")
    return second


def _spoken(session: Session, pack: NormPack) -> str:
    """The language that is spoken: as it was told, else the only one that the pack judges, else the page's."""
    if session.options.language != "auto":
        return session.options.language
    return pack.languages[0] if len(pack.languages) == 1 else session.lang


def is_on_a_page(id: str) -> bool:
    """Whether a page is at this rehearsal now."""
    live = _live.get(id)
    return live is not None and live.pages > 0


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
