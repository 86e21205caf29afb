"""The live half of a drill: poses and sound of a take in, its result out. In memory only; nothing of it is a recording.

What is kept of a take is its try (`liyi.records.operations.tries`): numbers, for who practised. The take itself goes in
as a recording of its own only when its trainee asks for that (`Drilling.keep`).

`Drilling.take` and `Drilling.told` are called by the server's event loop and never wait; `Drilling.look` does the work
and belongs in a worker thread, one at a time for each drill.
"""

from __future__ import annotations

import io
import json
import math
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.core.timeline import Timeline
from liyi.core.trace import Events, Interval
from liyi.core.words import N_, explain_error, pick, translate
from liyi.etiquette.drill import drill_named, pack_of
from liyi.etiquette.drill_files import pack_named
from liyi.etiquette.drill_shape import LONGEST_S
from liyi.etiquette.performance import measures
from liyi.records.operations import tries
from liyi.ui import beginning, exempting, people, takes
from liyi.ui.live import access, melody
from liyi.ui.live.messages import Sound, parse
from liyi.ui.live.take import Judged, dots, judge_take, told
from liyi.ui.live.take_words import TakeEar, ear_for, followed, make_ready, with_words
from liyi.ui.live.window import PoseWindow, SoundWindow
from posture.skeleton import SHOULDERS

if TYPE_CHECKING:
    from liyi.etiquette.drill import Drill
    from liyi.records.viewer import Viewer
    from liyi.ui.live.window import Seen
    from speech.voice import Voice

REFERENCE_S = 3.0  # of standing ready; the calibration asks for as much
COUNT_S = 3.0  # 3-2-1
SHOWN_TRIES = 5
LARGEST_TAKE_BYTES = 32 << 20  # a minute at the page's rate is 8 MB
_KEEP_S = LONGEST_S + REFERENCE_S + COUNT_S + 10.0
_LONGEST_REFERENCE_S = 6.0
_FORBIDDEN_S = 1.0  # a forbidden posture that is held for so long within the reference
_IDLE_S = 1900.0  # half an hour, for which a reference holds: then what was seen and heard is forgotten
_MOST = 500  # drills that are open at once; of more, the one that was idle for longest goes

_live: dict[str, Drilling] = {}  # by the digest of their token


class Drilling:
    """What is known of one person's practice of one drill."""

    def __init__(self, drill: Drill, lang: str, viewer: Viewer, exempt: tuple[str, ...] = ()) -> None:
        self.drill, self.lang, self.viewer, self._exempt = drill, lang, viewer, exempt
        self._pack = pack_of(drill)
        self.seq = 0  # all messages up to here were taken
        self.touched = time.monotonic()
        self.pages = 0  # that listen at the moment
        self._new = False
        self._poses, self._sound = PoseWindow(_KEEP_S), SoundWindow(_KEEP_S)
        self._reference: Interval | None = None  # one that was not looked at yet
        self._finished: tuple[int, Interval] | None = None  # number of a take, and when it was
        self._begun_s: float | None = None  # when the take that goes on began, and what hears its words
        self._ear: tuple[float, TakeEar | None] | None = None
        # The last take with its result, so that nothing is judged or kept twice. A page that comes back counts its
        # takes from one again: a take is known by when it was as well.
        self._last: tuple[int, Interval] | None = None
        self._result: dict[str, Any] = {}
        self._kept: dict[int, str] = {}
        self._looking, self._keeping = threading.Lock(), threading.Lock()

    @property
    def key(self) -> str:
        """What the log calls it."""
        return f"drill {self.drill.id}"

    @property
    def due(self) -> bool:
        """Whether anything waits to be looked at."""
        return (self._new or self.urgent) and not self._looking.locked()

    @property
    def urgent(self) -> bool:
        """Whether somebody waits for the answer: a take has ended, or a reference was given."""
        return self._finished is not None or self._reference is not None

    def take(self, data: bytes) -> None:
        """Take a binary message unless it was taken before; raises ValueError when it is malformed."""
        message = parse(data)
        self.touched = time.monotonic()
        if message.seq <= self.seq:
            return
        self.seq = message.seq
        if isinstance(message, Sound):
            self._sound.add(message)
            self._new = True
        else:
            self._poses.add(message)

    def told(self, text: str) -> None:
        """Take a text message; raises ValueError when it is malformed."""
        try:
            message = json.loads(text)
            if message["type"] == "reference":
                self._reference = _stretch(message, _LONGEST_REFERENCE_S)
            elif message["type"] == "begin":
                self._begun_s = _second(message["start_s"])
            elif message["type"] == "finish":
                self._finished = int(message["n"]), _stretch(message, LONGEST_S + 1.0)
        except (KeyError, TypeError, OverflowError, RecursionError) as error:
            raise ValueError("malformed message") from error
        self.touched = time.monotonic()

    def look(self) -> list[dict[str, Any]]:
        """Hear what is new, look at a reference, judge a take that has ended; returns the messages for the page."""
        with self._looking:
            self._new = False
            try:
                with np.errstate(all="ignore"):  # bodies that no browser sees: a warning each would fill the log
                    return [*self._looked_at_reference(), *self._judged()]
            except Exception as error:
                self._finished = self._reference = None
                logs.event("drill_failed", key=self.key, error=error)
                return [{"type": "failed", "sentence": translate(N_("This try could not be measured. Do it again."),
                                                                 self.lang)}]  # fmt: skip

    def _looked_at_reference(self) -> list[dict[str, Any]]:
        stretch, self._reference = self._reference, None
        if stretch is None:
            return []
        seen = self._poses.seen(_camera(self.drill), take=stretch)
        reason = refusal(seen, self.drill, self.lang)
        if reason is None:
            self._poses.calibrate(stretch)
        return [{"type": "reference", "good": reason is None, "text": reason or ""}]

    def _judged(self) -> list[dict[str, Any]]:
        finished, self._finished = self._finished, None
        if finished is None:
            self._sound.hear()
            make_ready(self._pack)
            melody.make_ready(self.drill, self._pack)
            self._follow()
            return []
        number, stretch = finished
        if finished == self._last:  # asked again after a cut
            return [self._result]
        seen = None if self.drill.camera == "none" else self._poses.seen(_camera(self.drill), take=stretch)
        judged = judge_take(self.drill, seen, self._heard(stretch), self.lang, exempt=self._exempt)
        before = self.tries(newest=SHOWN_TRIES)
        news = told(judged, self.lang, before=before[0].results if before else ())
        shown = [*self._stored(judged), *before][:SHOWN_TRIES]
        drawn = dots(shown, self.drill, judged.pack, self.lang)
        self._last, self._result = finished, {"type": "result", "n": number, **news, "tries": drawn}
        self._kept.pop(number, None)
        return [self._result]

    def _follow(self) -> None:
        """Hear the words of the take that goes on, so that little is left when it has ended."""
        begun_s = self._begun_s
        if begun_s is None:
            return
        if self._ear is None or self._ear[0] != begun_s:
            self._ear = begun_s, ear_for(self.drill, self._pack, self.lang)
        sound = self._sound.sound(Interval(begun_s, begun_s + LONGEST_S))
        self._ear = begun_s, followed(self._ear[1], sound)

    def _heard(self, stretch: Interval) -> Voice | None:
        """What was heard of a take, with its words where the drill is about them."""
        voice = self._sound.take(stretch)
        followed_s, ear = self._ear or (math.nan, None)
        self._begun_s = self._ear = None
        if voice is None:
            return None
        ear = ear if followed_s == stretch.start_s else None
        return with_words(voice, self._sound.sound(stretch), self.drill, self._pack, lang=self.lang, ear=ear)

    def _stored(self, judged: Judged) -> list[tries.Try]:
        """The try, kept for who practised; none where it cannot be kept, which is no reason to hold the result back."""
        try:
            return [
                tries.add(
                    people.records(), self.viewer, drill=self.drill.id, results=judged.values, passed=judged.passed
                )
            ]
        except LiyiError as error:
            logs.event("try_not_kept", key=self.key, error=error)
            return []

    def tries(self, newest: int) -> tuple[tries.Try, ...]:
        """One's own tries of this drill, newest first; none where they cannot be read."""
        try:
            return tries.mine(people.records(), self.viewer, self.drill.id, newest)
        except LiyiError as error:
            logs.event("tries_not_read", key=self.key, error=error)
            return ()

    def keep(self, number: int, content: bytes) -> str:
        """Put the recording of a take that was judged in as one of its own, once; returns its id.

        Raises
        ------
        LiyiError
            When there is no such take, or the recording cannot be kept.
        """
        with self._keeping:
            if number in self._kept:
                return self._kept[number]
            if self._last is None or number != self._last[0]:
                raise LiyiError("Only the take that was made last can be kept.")
            # The count before the take, in which the person stands ready, is the calibration of its recording.
            own = Interval(0.0, COUNT_S) if self.drill.camera != "none" else None
            options = Options(self.drill.profile, "side" if self.drill.camera == "side" else "front", calibration=own)
            name = takes.take_name(self.drill, self.lang)
            with people.acting(self.viewer):
                id = beginning.upload(io.BytesIO(content), name, self.drill.pack, options, lang=self.lang)
            self._kept[number] = id
            return id


def refusal(seen: Seen | None, drill: Drill, lang: str) -> str | None:
    """Why a reference is not taken, in ``lang``; None where it is good.

    The shoulders must be seen for most of it, and nothing forbidden may be held in it: it would become the person's
    own normal.
    """
    if seen is None or not seen.body.usable[:, SHOULDERS].all(axis=1).mean() > 0.5:
        return translate(N_("Your shoulders were not seen: move into the outline."), lang)
    pack = pack_named(drill.pack, drill.folder)
    for criterion in pack.criteria.values() if pack else ():
        measure = measures()[criterion.measure]
        if criterion.kind != "fault" or measure.of != "body" or measure.kind != "events":
            continue
        signal = measure(seen.body, criterion.params)
        whole = Interval(0.0, seen.duration_s)
        if isinstance(signal, Events) and Timeline(signal.items).overlap_s(whole) >= _FORBIDDEN_S:
            return pick(criterion.advice, lang)
    return None


def begin(drill: str, *, lang: str) -> str:
    """Open a drill for who looks at the page; returns its token. Nothing is written.

    Raises
    ------
    LiyiError
        When there is no such drill, or its pack cannot be read.
    """
    found = drill_named(drill)
    exempt = exempting.of_viewer(pack_of(found))
    _tidy()
    token = access.new_token()
    _live[access.digest(token)] = Drilling(found, "zh" if lang == "zh" else "en", people.viewer(), exempt)
    return token


def by_token(token: str) -> Drilling | None:
    """The drill that a token opens; None for any other."""
    return _live.get(access.digest(token))


def _tidy() -> None:
    """Forget what nobody has used for long."""
    now = time.monotonic()
    for key, drilling in sorted(_live.items(), key=lambda each: each[1].touched):  # a copy: two pages may begin at once
        if now - drilling.touched > _IDLE_S or len(_live) >= _MOST:
            _live.pop(key, None)


def _camera(drill: Drill) -> Any:
    return "side" if drill.camera == "side" else "front"


def _stretch(message: Any, longest_s: float) -> Interval:
    start_s, end_s = _second(message["start_s"]), float(message["end_s"])
    if not start_s < end_s <= start_s + longest_s:
        raise ValueError("not a stretch of a take")
    return Interval(start_s, end_s)


def _second(value: Any) -> float:
    second = float(value)
    if not (math.isfinite(second) and second >= 0):
        raise ValueError("not a second of the recording")
    return second


def explain(error: LiyiError, drilling: Drilling) -> str:
    """A fault in the page's language."""
    return explain_error(error, drilling.lang)
