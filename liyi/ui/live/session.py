"""One rehearsal: its folder on disk, which survives a restart, and its live half in memory, which need not.

The folder is the recording's workroom: it holds ``session.json``, the recorder's pieces in ``chunks/`` exactly as they
came, and after the end the joined recording until it is filed. A rehearsal is known by the recording's id; its routes
are opened by a token, of which only the digest is kept.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from filelock import FileLock, Timeout

from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.core.owner import make_folder
from liyi.core.typed_json import Amount, read_json, require
from liyi.core.words import N_
from liyi.ui import jobs, slots, space, workroom
from liyi.ui.live import access

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from liyi.core.trace import Interval

LONGEST_S = 7200.0
LARGEST_BYTES = 2_000_000_000  # four hours at the page's rate; the length binds first unless somebody lies
MOST_PIECES = round(1.1 * LONGEST_S / jobs.PIECE_S)  # a pause, and a busy browser, may cut pieces short

_DAMAGED = N_("The norm pack, profile and camera of this rehearsal cannot be read any more: start a new one. What was "
              "recorded stays under Recordings until you delete it.")  # fmt: skip
_FRONT = Options(camera="front")
_WAIT_S = 5.0  # a session is written within milliseconds
_LOCK = "sessions.lock"  # in the queue's folder: who holds it rewrites a session.json, among all servers on this data
_offered: dict[str, tuple[str, float]] = {}  # digest of a token that no route was asked by yet -> id, when
_ids: dict[str, str] = {}  # digest of a token -> id, as far as asked for; session.json decides


@dataclass(frozen=True)
class _Told:
    """What ``session.json`` says of a rehearsal beside its options.

    ``created_at`` and ``token_at`` (when the token was issued) are seconds since 1970. ``scene`` is what is practised,
    ``hints_only`` leaves the side panel out, ``sound_only`` the camera.
    """

    id: str
    token_sha256: str
    token_at: Amount
    created_at: Amount
    pack: str
    exam: bool
    lang: Literal["zh", "en"]
    state: Literal["open", "ended"] = "open"
    scene: str = ""
    hints_only: bool = False
    sound_only: bool = False


@dataclass(frozen=True)
class Session(_Told):
    """What ``session.json`` says of a rehearsal, in which the options stand beside the rest.

    Their camera is ``front`` or ``side``, never ``auto``.
    """

    options: Options = _FRONT

    @property
    def camera(self) -> Literal["front", "side"]:
        """From where the camera is to look."""
        return "side" if self.options.camera == "side" else "front"


def folder(id: str) -> Path:
    """Folder of the rehearsal ``id``; raises LiyiError for anything that is not an id."""
    return workroom.folder_of(id)


def begin(
    id: str, *, pack: str, options: Options, exam: bool, lang: str, scene: str = "", hints_only: bool = False,
    sound_only: bool = False,
) -> str:  # fmt: skip
    """Make the folder of the rehearsal whose recording is ``id``; returns its token.

    The camera of ``options`` is ``front`` unless it says ``side``; the rest is as `Session` has it.

    Raises
    ------
    LiyiError
        When the folder cannot be made, or the disk has too little room for a rehearsal.
    """
    space.check_room(space.to_begin_bytes())
    token, now = access.new_token(), time.time()
    seen = replace(options, camera="side" if options.camera == "side" else "front")
    session = Session(
        id, access.digest(token), now, now, pack, exam, lang="zh" if lang == "zh" else "en", scene=scene,
        hints_only=hints_only, sound_only=sound_only, options=seen,
    )  # fmt: skip
    try:
        make_folder(folder(id) / "chunks")
        _write(session)
    except OSError as error:
        raise LiyiError("The rehearsal could not be begun: {fault}. Free some space and try again.",
                        fault=error.strerror or str(error)) from error  # fmt: skip
    return token


def open_session(id: str) -> Session:
    """The rehearsal ``id`` as its folder has it; raises LiyiError when there is none."""
    try:
        stored = read_json(folder(id) / "session.json", dict[str, Any])
        told, options = require(stored, _Told), Options.of_json(stored)
    except FileNotFoundError as error:
        raise LiyiError("There is no such rehearsal. Start a new one.") from error
    except ValueError as error:  # DamagedError, too
        raise LiyiError(_DAMAGED) from error
    if told.id != id or options.camera == "auto":
        raise LiyiError(_DAMAGED)
    return Session(**asdict(told), options=options)


def offer_token(id: str) -> str:
    """A new token for the rehearsal, for a page that is drawn anew; nothing is written until it is used (`take_over`).

    In this process only: a page that has not begun to record asks again after a restart.
    """
    now = time.time()
    for old in [key for key, (_, offered_at) in _offered.items() if now - offered_at >= access.VALID_S]:
        _offered.pop(old, None)
    token = access.new_token()
    _offered[access.digest(token)] = (id, now)
    return token


def take_over(token: str) -> None:
    """Whoever holds an offered token goes on with the rehearsal: from now on the one before opens nothing."""
    key = access.digest(token)
    offer = _offered.get(key)
    if offer is not None:
        _change(offer[0], token_sha256=key, token_at=offer[1])
        _offered.pop(key, None)  # only now: on a full disk the page can ask again with it


def calibrate(id: str, stretch: Interval) -> None:
    """Keep the calibration stretch, in seconds of the recording."""
    with _alone(id) as now:
        _rewrite(now, options=replace(now.options, calibration=stretch))


def read_aloud(id: str, error: float | None) -> None:
    """Keep which share of a known text the recogniser misheard; None where none was read in this room today."""
    with _alone(id) as now:
        if now.options.reading_error != error:
            _rewrite(now, options=replace(now.options, reading_error=error))


def hear_only(id: str) -> None:
    """The camera stays off."""
    _change(id, sound_only=True)


def end(id: str) -> None:
    """No more pieces and no more socket; the files stay."""
    _change(id, state="ended")


def shut(id: str) -> None:
    """End it, and take its token away."""
    _change(id, state="ended", token_sha256="")


def by_token(token: str) -> Session | None:
    """The rehearsal that a token opens; None for a wrong, replaced or expired one."""
    key = access.digest(token)
    offer = _offered.get(key)
    if offer is not None:
        return _of_offer(*offer)
    id = _ids.get(key)
    found = _valid(id, token) if id else None
    if found is None and id is None:
        stored = (path.parent.name for path in workroom.workrooms().glob("*/session.json"))
        found = next((session for session in (_valid(id, token) for id in stored) if session), None)
    if found is None:
        _ids.pop(key, None)
    else:
        _ids[key] = found.id
    return found


def chunk_path(id: str, n: int) -> Path:
    """Where piece ``n`` of the recorder lies."""
    return folder(id) / "chunks" / f"{n:06d}.part"


def next_piece(id: str) -> int:
    """Number of the piece that follows those that are there; whoever goes on with a rehearsal begins with it."""
    return 1 + max((int(path.stem) for path in (folder(id) / "chunks").glob("*.part")), default=-1)


def recorded_s(id: str) -> float:
    """How long what has arrived is, in seconds; by the number of its pieces, of which none has a length of its own."""
    return jobs.PIECE_S * len(list((folder(id) / "chunks").glob("*.part")))


def discard(id: str, *, before: int) -> None:
    """Remove the pieces before a number: those of a calibration that must be made once more."""
    for path in (folder(id) / "chunks").glob("*.part"):
        if int(path.stem) < before:
            path.unlink(missing_ok=True)


def recorded_bytes(id: str) -> int:
    """How much of the rehearsal has arrived, in bytes."""
    with os.scandir(folder(id) / "chunks") as found:  # beside the pieces, scratch folders that come and go
        return sum(piece.stat().st_size for piece in found if piece.name.endswith(".part"))


def _of_offer(id: str, offered_at: float) -> Session | None:
    """The rehearsal for which a token was offered, as long as it goes on."""
    if time.time() - offered_at >= access.VALID_S:
        return None
    try:
        now = open_session(id)
    except LiyiError:
        return None
    return now if now.state == "open" else None


def _valid(id: str, token: str) -> Session | None:
    try:
        session = open_session(id)
    except LiyiError:
        return None
    fresh = time.time() - session.token_at < access.VALID_S
    return session if access.matches(token, session.token_sha256) and fresh else None


def _change(id: str, **changes: object) -> None:
    """Rewrite ``session.json``; raises LiyiError when there is no such rehearsal, or it cannot be written."""
    with _alone(id) as now:
        _rewrite(now, **changes)


@contextmanager
def _alone(id: str) -> Iterator[Session]:
    """The rehearsal as it stands, which no other thread and no other server rewrites meanwhile."""
    lock = FileLock(slots.folder() / _LOCK, timeout=_WAIT_S, mode=0o600)
    try:
        lock.acquire()
    except Timeout as error:
        raise LiyiError("Another server on the same data holds the rehearsals: try again in a moment, and end one of "
                        "the two servers.") from error  # fmt: skip
    except OSError as error:
        raise space.full(error) from error
    try:
        yield open_session(id)
    finally:
        lock.release()


def _rewrite(session: Session, **changes: object) -> None:
    try:
        _write(replace(session, **changes))  # type: ignore[arg-type]
    except OSError as error:
        raise space.full(error) from error


def _write(session: Session) -> None:
    told = {name: value for name, value in asdict(session).items() if name != "options"}
    workroom.write_json(folder(session.id) / "session.json", told | session.options.as_json(), sync=True)
