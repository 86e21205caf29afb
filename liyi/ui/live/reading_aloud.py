"""A known text read aloud before a rehearsal: offered once per person, room and day, never asked for.

It is heard by a process of its own (`liyi.ui.reader`). Of it only figures are kept, as a try (`liyi.records.operations.
tries`) for its reader alone; its share of misheard syllables becomes an option of the rehearsal (``reading_error``).

`ReadingAloud.told` and `ReadingAloud.add` are called by the server's event loop and never wait; `ReadingAloud.look`
does the work in a worker thread.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.core.words import N_, quantity, translate
from liyi.modelfiles.registry import missing, registry
from liyi.records.operations import tries
from liyi.records.operations.tries import Result
from liyi.report.findings import Mark
from liyi.ui import people, reader
from liyi.ui.live import session as sessions
from speech.frames import SAMPLE_RATE
from speech.read_aloud import OTHER_TEXT, Reading, texts

if TYPE_CHECKING:
    import numpy.typing as npt

    from liyi.ui.live.check import Item
    from liyi.ui.live.session import Session

LONGEST_S = 75.0  # twice what a slow reader needs
_LEAST_S = 5.0  # of speech: less is a sentence or two
_MOST_LABEL = 300  # characters of a microphone's name
_MOST_DECLINED = 10_000
_declined: set[tuple[str, str, int]] = set()  # who, where, on which day; forgotten when the server restarts


class ReadingAloud:
    """What is known of a reading in one rehearsal."""

    def __init__(self, session: Session, language: str) -> None:
        self._session, self._language = session, language
        self._room = ""
        self._pieces: list[npt.NDArray[np.int16]] | None = None  # None while nobody reads
        self._asked: list[str] = []  # what the page did, to be looked at
        self._waiting: npt.NDArray[np.int16] | None = None  # a reading that was not begun to be heard
        self._hearing = False
        self._folder = sessions.folder(session.id) / "reading"

    @property
    def reads(self) -> bool:
        """Whether somebody reads now."""
        return self._pieces is not None

    def told(self, message: dict[str, Any]) -> None:
        """Take a message of the page: in which room it is, or what the reader did; raises KeyError or ValueError."""
        if message["type"] == "room":
            self._room = room_of(message["label"], message["device"])
            self._pieces = None
            self._asked.append("room")
        elif message["do"] == "begin":
            self._pieces = []
        elif message["do"] == "stop":
            self._pieces = None
        elif message["do"] in ("end", "skip"):
            self._asked.append(message["do"])
        else:
            raise ValueError("no step of a reading")

    def add(self, samples: npt.NDArray[np.int16]) -> None:
        """Take sound that follows the sound before; of what nobody reads nothing is kept."""
        pieces = self._pieces
        if pieces is not None and sum(piece.size for piece in pieces) < LONGEST_S * SAMPLE_RATE:
            pieces.append(samples)

    def look(self, sound: Item) -> list[dict[str, Any]]:
        """What the page is to know now.

        Parameters
        ----------
        sound
            How the sound of the last seconds was checked: its mark and what to mend.
        """
        asked, self._asked = self._asked, []
        found: list[dict[str, Any]] = []
        for what in asked:
            found += {"room": self._entered, "skip": self._skipped}[what]() if what != "end" else self._read(sound)
        return [*found, *self._heard()]

    def _entered(self) -> list[dict[str, Any]]:
        """Which offer the room calls for; what was read there today counts."""
        if not self._can_be_heard():
            return [self._message("none")]
        error = _read_today(self._room)
        self._count(error)
        if error is not None:
            return [self._done(error)]
        return [self._offer() if _key(self._room) not in _declined else self._message("quiet")]

    def _can_be_heard(self) -> bool:
        recogniser = self._session.options.recogniser
        known = registry()
        return self._language in texts() and recogniser is not None and not (recogniser in known and missing())

    def _message(self, state: str, said: str = "") -> dict[str, Any]:
        text = texts().get(self._language, "")
        return {"type": "reading", "state": state, "text": text, "lang": self._language, "said": said}

    def _offer(self, why: str = "") -> dict[str, Any]:
        return self._message("offer", why)

    def _done(self, error: float) -> dict[str, Any]:
        said = translate(
            N_("Read aloud today: the recogniser misheard {share} of the syllables. In another room, read again."),
            self._session.lang, share=quantity(round(100 * error), "%", self._session.lang),
        )  # fmt: skip
        return self._message("done", said)

    def _skipped(self) -> list[dict[str, Any]]:
        if len(_declined) >= _MOST_DECLINED:
            _declined.clear()
        _declined.add(_key(self._room))
        return [self._message("quiet")]

    def _read(self, sound: Item) -> list[dict[str, Any]]:
        """The reading is over: what can be told at once is, else it is heard."""
        pieces, self._pieces = self._pieces, None
        if pieces is None:
            return []
        samples = np.concatenate((np.empty(0, dtype=np.int16), *pieces))
        mark, text = sound
        if mark is Mark.FAULT:
            return [self._offer(text)]
        if samples.size < _LEAST_S * SAMPLE_RATE:
            return [self._offer(translate(_TOO_LITTLE, self._session.lang))]
        self._waiting = samples
        return [self._message("hearing")]

    def _heard(self) -> list[dict[str, Any]]:
        """What became of a reading, once; one that waits for a slot is begun."""
        if self._waiting is not None:
            recogniser = self._session.options.recogniser or ""
            try:
                self._hearing = reader.begin(self._folder, self._waiting, self._language, recogniser)
            except OSError as error:
                logs.event("reading_failed", key=self._session.id, error=error)
                self._waiting = None
                return [self._offer(translate(_FAILED, self._session.lang))]
            if self._hearing:
                self._waiting = None
        told = reader.told(self._folder) if self._hearing else None
        if told is None:
            return []
        self._hearing = False
        return [self._judged(told.reading)]

    def _judged(self, reading: Reading | None) -> dict[str, Any]:
        """A reading that holds is kept and counts from now on; another one is offered again, with what was wrong."""
        lang = self._session.lang
        if reading is None:
            return self._offer(translate(_FAILED, lang))
        if reading.speech_s < _LEAST_S:
            return self._offer(translate(_TOO_LITTLE, lang))
        if reading.misheard > OTHER_TEXT:
            return self._offer(translate(_OTHER, lang))
        _keep(self._room, reading)
        self._count(reading.misheard)
        return self._done(reading.misheard)

    def _count(self, error: float | None) -> None:
        """What is judged of the rehearsal's words goes by this from now on."""
        try:
            sessions.read_aloud(self._session.id, None if error is None else round(error, 4))
        except LiyiError as fault:  # a full disk, or a rehearsal that was deleted: it goes on as if nothing was read
            logs.event("reading_failed", key=self._session.id, error=fault)


_TOO_LITTLE = N_("Too little was heard: come closer to the microphone and read the text aloud, to its end.")
_OTHER = N_(
    "What was heard is not this text: read what is shown, from beginning to end. If you did, the recogniser does not "
    "understand you here: go on without it."
)
_FAILED = N_("The reading could not be heard this time: read again, or go on without it.")


def room_of(label: Any, device: Any) -> str:
    """A name for where somebody is: by the microphone and the browser, as far as a browser can tell."""
    told = "\n".join(str(part)[:_MOST_LABEL] for part in (label, device))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]


def _key(room: str) -> tuple[str, str, int]:
    return people.viewer().person_id.hex, room, _midnight()


def _midnight() -> int:
    """When this day began, in seconds since 1970, by the server's clock."""
    today = time.localtime()
    return int(time.mktime((today.tm_year, today.tm_mon, today.tm_mday, 0, 0, 0, 0, 0, -1)))


def _read_today(room: str) -> float | None:
    """Share that was misheard when the viewer read here today, 0..1; None where that was not done or cannot be read."""
    try:
        newest = tries.mine(people.records(), people.viewer(), tries.READING + room, 1)
    except LiyiError as error:
        logs.event("tries_not_read", error=error)
        return None
    if not newest or newest[0].at < _midnight():
        return None
    value = next((each.value for each in newest[0].results if each.criterion == "misheard"), None)
    return value / 100 if value is not None else None


def _keep(room: str, reading: Reading) -> None:
    """Keep the figures of a reading for its reader; where they cannot be kept, they count for this rehearsal alone."""
    results = [
        Result("misheard", 100 * reading.misheard, 100 * reading.misheard_error, "%", None, None),
        Result("pace", reading.pace, reading.pace_error, reading.pace_unit, None, None),
        Result("level", reading.level_db, None, "dB", None, None),
        Result("snr", reading.snr_db, reading.snr_error, "dB", None, None),
    ]
    try:
        tries.add(people.records(), people.viewer(), drill=tries.READING + room, results=results, passed=True)
    except LiyiError as error:
        logs.event("try_not_kept", error=error)
