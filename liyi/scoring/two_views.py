"""The second camera of a performance: its recording opened, aligned by its sound, and watched while the first one ran.

What belongs here: the pass over the second file. Its sound is heard for the alignment alone, never for words or voice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError, MediaError, Notice
from liyi.core.words import N_
from liyi.etiquette.views import SideView, read_side
from liyi.scoring.reporting import Shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from liyi.core.options import Options
    from liyi.etiquette.performance import Performance
    from liyi.media.aligning import Alignment, Modulation
    from liyi.media.recording import Frame, Media

    Progress = Callable[[str, float], None]

ALIGNING, WATCHING_SIDE = N_("Aligning both recordings"), N_("Watching the picture from the side")
UNALIGNED = N_(
    "{side} could not be aligned with this recording by its sound (no sound in one of them, too little in common, or "
    "another performance): nothing was taken from it, and what only the side shows is not assessed."
)
ALIGNED_PARTLY = N_("{side} shows {seconds} s of this recording: what only the side shows was assessed there.")
PARTLY = 0.9  # of the recording, from which on that is not said


def opened_beside(media: Media, path: str | Path, options: Options, *, shows: Callable[[Media], float]) -> Media:
    """Open the recording from the side of an opened one; ``shows`` as in `liyi.media.recording.open_media`.

    Raises
    ------
    LiyiError
        As `open_media`, and for two files that cannot be two views of one performance.
    """
    from liyi.media.recording import open_media

    if options.camera == "side":
        raise LiyiError("Of two recordings the first is the one from the front: name that from the side as --side.")
    side = open_media(path, shows=shows)
    if side.info.sha256 == media.info.sha256:
        raise LiyiError(
            "{file} and {side} are the same recording: name the one from the other camera.",
            file=media.info.name,
            side=side.info.name,
        )
    for each in (media, side):
        if each.kind != "video":
            raise MediaError(each.path, "{file} has no moving picture: of two cameras, both need one.")
    return side


def shown_in(media: Media, side: Media | None, performance: Performance) -> tuple[Shown, ...]:
    """The recordings of a performance in which somebody was seen, to draw stills from."""
    body, second = performance.body, performance.side
    front = () if body is None else (Shown(media, body, "front" if second else ""),)
    if second is None or second.body is None or side is None:
        return front
    return (*front, Shown(side, second.body, "side", second.alignment))


def see_side(
    media: Media, side: Media, heard: Modulation, *, options: Options, progress: Progress
) -> tuple[SideView, tuple[Notice, ...]]:
    """Align a second recording and watch it.

    Parameters
    ----------
    media, side
        Both recordings, opened.
    heard
        What aligning needs of the first one's sound.
    options
        As `liyi.scoring.perform.perform` takes them; ``calibration`` is a stretch of the first.
    progress
        Called with a stage and how much of it is done.
    """
    from liyi.core.memory import give_back
    from posture.pose import track_pose

    clock = _aligned(heard, side, progress)
    view = SideView(side.info.name, side.info.sha256, side.info.duration_s, clock, None)
    if clock is None:
        return view, (Notice(UNALIGNED, {"side": side.info.name}),)
    length_s = max(media.info.duration_s, 1e-3)
    progress(WATCHING_SIDE, 0.0)
    track = track_pose(
        _while_running(side, clock, length_s), progress=lambda second: progress(WATCHING_SIDE, second / length_s)
    )
    progress(WATCHING_SIDE, 1.0)
    give_back()
    body = read_side(track, options.calibration)
    shared_s = min(length_s, clock.first(side.info.duration_s)) - max(0.0, clock.offset_s)
    told = Notice(ALIGNED_PARTLY, {"side": side.info.name, "seconds": round(shared_s, 1)})
    return replace(view, body=body), ((told,) if shared_s < PARTLY * length_s else ())


def _aligned(heard: Modulation, side: Media, progress: Progress) -> Alignment | None:
    """Where the second recording lies in the first; None without sound, or where it is not sure."""
    from liyi.media.aligning import Modulation, align
    from liyi.media.sound import SAMPLE_RATE_HZ

    if not side.info.has_sound:
        return None
    progress(ALIGNING, 0.0)
    own, length_s, second = Modulation(), max(side.info.duration_s, 1e-3), 0.0
    for block in side.samples():
        own.take(block)
        second += block.size / SAMPLE_RATE_HZ
        progress(ALIGNING, min(1.0, second / length_s))
    found = align(heard, own)
    progress(ALIGNING, 1.0)
    return found


def _while_running(side: Media, clock: Alignment, length_s: float) -> Iterator[Frame]:
    """The frames of the second recording on the clock of the first, while that one ran."""
    for frame in side.frames():
        at_s = clock.first(frame.t_s)
        if at_s > length_s:
            return
        if at_s >= 0:
            yield replace(frame, t_s=at_s)
