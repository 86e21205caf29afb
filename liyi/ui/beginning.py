"""How a recording comes in: by upload or by rehearsal, and how its assessment begins.

A recording stands in the records from before its first byte, which needs its person's consent. What is being made of it
lies in its workroom until its assessment is filed.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import IO, TYPE_CHECKING

from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.records.operations import deletion, recordings
from liyi.records.schema import Kind
from liyi.ui import jobs, people, space, workroom
from liyi.ui.entries import anything_recorded, find
from liyi.ui.exempting import exempted
from liyi.ui.live import rehearsing, session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def upload(
    content: IO[bytes],
    name: str,
    pack: str,
    options: Options,
    *,
    lang: str,
    side: tuple[IO[bytes], str] | None = None,
) -> str:
    """Keep a recording that is there as one file and start its assessment; returns its id.

    Parameters
    ----------
    content
        The recording, read from its current position.
    name
        As the user's machine calls it; only its harmless characters are kept.
    pack, options, lang
        As `liyi.ui.jobs.order` takes them; exemptions are those of the records.
    side
        Content and name of the recording of the same performance from the side.

    Raises
    ------
    LiyiError
        When it is no recording by its first bytes, there is no consent to it, it is too large, the disk has no room
        for it, or it cannot be kept.
    """
    name = workroom.safe_name(name)
    workroom.check(content, name)
    if side is not None:
        side = side[0], workroom.safe_name(side[1])
        workroom.check(*side)
    space.check_upload(_size(content) + (_size(side[0]) if side else 0))
    id = _open(name, Kind.upload)
    try:
        jobs.start(id, content, name, _order(id, pack, lang, options), side)
    except LiyiError:
        deletion.delete_recording(people.records(), people.viewer(), id)
        raise
    return id


def rehearse(
    *, pack: str, options: Options, exam: bool, lang: str, name: str = "rehearsal", scene: str = "",
    hints_only: bool = False, sound_only: bool = False,
) -> tuple[str, str]:  # fmt: skip
    """Begin a rehearsal; returns its id and its token.

    Parameters
    ----------
    name
        What it is called: its file and its report bear that.
    pack, options, exam, lang, scene, hints_only, sound_only
        As `liyi.ui.live.session.begin` takes them; exemptions are those of the records.

    Raises
    ------
    LiyiError
        When there is no consent to it, or its folder cannot be made.
    """
    id = _open(name, Kind.rehearsal)
    try:
        return id, session.begin(
            id, pack=pack, options=exempted(id, pack, options), exam=exam, lang=lang, scene=scene,
            hints_only=hints_only, sound_only=sound_only,
        )  # fmt: skip
    except LiyiError:
        deletion.delete_recording(people.records(), people.viewer(), id)
        raise


def abandon(id: str) -> None:
    """Remove a rehearsal that is over before anything was recorded; one of which anything has arrived stays."""
    try:
        begun = find(id).state == "open" and not anything_recorded(id)
    except LiyiError:  # gone already
        return
    if begun:
        deletion.delete_recording(people.records(), people.viewer(), id)
        rehearsing.forget(id)


def by_voice(id: str) -> None:
    """Go on with a rehearsal, of which nothing was recorded, without its camera."""
    find(id)
    session.hear_only(id)
    rehearsing.forget(id)  # it was made for a camera


def assess(id: str, *, calibrated: bool = True) -> None:
    """Start the assessment of a recording, unless one is running or done; a rehearsal is ended.

    Parameters
    ----------
    id
        Of the recording.
    calibrated
        Whether the calibration stretch is used that there is. False assesses once more, without one.
    """
    entry = find(id)
    if entry.state in ("running", "done"):
        return
    if entry.kind == "upload":
        told = jobs.options(id)
        pack, lang, options = told["pack"], told["lang"], Options.of_json(told)
    else:
        session.end(id)
        now = session.open_session(id)
        pack, lang, options = now.pack, now.lang, now.options
    if not calibrated:
        options = replace(options, calibration=None)
    # The server begins what has ended too, and others may look at the same page: only the first one launches it.
    jobs.launch(id, _order(id, pack, lang, options), unless_running=True)


def _order(id: str, pack: str, lang: str, options: Options) -> Mapping[str, Any]:
    """What the job is told, with the exemptions of the recording's person as the records know them now."""
    return jobs.order(pack, lang, exempted(id, pack, options))


def _open(name: str, kind: Kind) -> str:
    return recordings.open_recording(people.records(), people.viewer(), name=name, kind=kind).id.hex


def _size(content: IO[bytes]) -> int:
    """Bytes from the current position to the end."""
    begin = content.tell()
    size = content.seek(0, os.SEEK_END) - begin
    content.seek(begin)
    return size
