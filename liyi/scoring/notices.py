"""What a reader should know of what was seen and heard: who was taken, and where nothing could be assessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.core.errors import Notice
from liyi.core.words import N_

if TYPE_CHECKING:
    from posture.body import Body
    from speech.voice import Voice

STANDS_STILL = N_("The picture stands still for {seconds} s, from second {start} on: bearing is not assessed there.")
FIGURE_STILL = N_(
    "The figure does not move at all for {seconds} s, from second {start} on, as in a portrait: "
    "bearing is not assessed there."
)

DARK_FOR_S = 1.0  # shorter is how films begin


def about(body: Body | None, voice: Voice | None, phrases: tuple[str, ...]) -> tuple[Notice, ...]:
    """All notices; ``phrases`` is what the second recogniser was to listen for."""
    from speech.notices import notices

    return (*_about_people(body), *_about_light(body), *_about_standstill(body), *notices(voice, phrases))


def _about_people(body: Body | None) -> tuple[Notice, ...]:
    if body is None or body.track.people < 2:
        return ()
    sentence = N_("{people} people were seen: the one who was longest in view was assessed.")
    return (Notice(sentence, {"people": body.track.people}),)


def _about_light(body: Body | None) -> tuple[Notice, ...]:
    from liyi.core.timeline import Timeline
    from posture.gate import too_dark

    dark = Timeline.where(body.t, too_dark(body.track), least_s=DARK_FOR_S) if body is not None else None
    if not dark:
        return ()
    sentence = N_("The picture is too dark for {seconds} s, from second {start} on: the person is not assessed there.")
    return (Notice(sentence, {"seconds": round(dark.duration_s, 1), "start": round(dark[0].start_s, 1)}),)


def _about_standstill(body: Body | None) -> tuple[Notice, ...]:
    from liyi.core.timeline import Timeline

    if body is None:
        return ()
    found = []
    for flags, sentence in (
        (body.track.frozen, STANDS_STILL),
        (body.track.still if body.track.frozen is None else None, FIGURE_STILL),
    ):
        if flags is not None:
            still = Timeline.where(body.t, flags)
            found.append(Notice(sentence, {"seconds": round(still.duration_s, 1), "start": round(still[0].start_s, 1)}))
    return tuple(found)
