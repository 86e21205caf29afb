"""`Performance`: one recording as it was seen and heard, and the measures that can be taken of it.

What belongs here: the value that every path (a file, a live window, a batch, a stored recording) makes and judges,
and the registry that joins the measures of both rooms. Nothing here knows what is good or bad.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from liyi.core.reasons import Reason
from liyi.etiquette.views import SideView, better
from posture.gate import too_dark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.core.errors import Notice
    from liyi.core.measure import Cameras, Measure
    from liyi.core.trace import Signal, View
    from liyi.etiquette.assessment import ModelRef
    from liyi.media.kinds import Kind
    from posture.body import Body
    from speech.voice import Voice


@dataclass(frozen=True)
class Performance:
    """A recording as it was seen and heard.

    Attributes
    ----------
    name : str
        The recording's file name, without its folder.
    sha256 : str
        Of the recording's bytes, in hexadecimal.
    duration_s : float
        Length of the recording, in seconds.
    body : Body or None
        None when the file has no picture.
    voice : Voice or None
        None when the file has no sound.
    notices : tuple of Notice
        What a reader should know about the recording (damaged at second 12, several people …).
    options : mapping
        How the recording was read (``camera``, ``calibration``, ``language``, recogniser …): JSON values, enough to
        read it again in the same way.
    models : tuple of ModelRef
        The model files that were used.
    kind : str
        ``video``, ``sound``, or ``photo``: one picture, a single moment.
    clock : tuple of (float, float)
        Where the file's own clock, by which players go, was set right: from which second on how many seconds later a
        moment is found there. Empty where both clocks are one.
    side : SideView, optional
        What a second camera saw of the same performance.
    """

    name: str
    sha256: str
    duration_s: float
    body: Body | None
    voice: Voice | None
    notices: tuple[Notice, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    models: tuple[ModelRef, ...] = ()
    kind: Kind = "video"
    clock: tuple[tuple[float, float], ...] = ()
    side: SideView | None = None

    @property
    def camera(self) -> Cameras:
        """From where the recording shows the person; ``both`` where another one was made from the side."""
        if self.side is not None:
            return "both"
        return self.body.camera if self.body else "none"

    @property
    def position(self) -> str:
        """Whether the person stands or sits, told from the side where legs are hidden from the front."""
        bodies = [body for body in (self.body, self.side.body if self.side else None) if body is not None]
        return next((body.position for body in bodies if body.position != "unknown"), "unknown")

    def seen(self, view: View) -> Body | None:
        """What was seen in one of the views."""
        return self.side.body if self.side is not None and view == "side" else self.body

    @property
    def speech_s(self) -> float:
        """Seconds of speech that were heard."""
        return self.voice.speech_s if self.voice else 0.0

    @property
    def language(self) -> str | None:
        """Language of the transcript; None without one."""
        return self.voice.transcript.language if self.voice and self.voice.transcript else None


@cache
def measures() -> Mapping[str, Measure[Any]]:
    """Every measure there is, by id: those of bearing first, then those of voice."""
    from posture.measures import MEASURES as OF_BEARING
    from speech.measures import MEASURES as OF_VOICE

    every: tuple[Measure[Any], ...] = (*OF_BEARING, *OF_VOICE)
    return MappingProxyType({measure.id: measure for measure in every})


def measure(performance: Performance, id: str, params: Mapping[str, Any] | None = None) -> Signal:
    """Take one measure of a performance.

    Parameters
    ----------
    performance : Performance
    id : str
        Of a measure in `measures`.
    params : mapping, optional
        Laid over the measure's defaults.

    Returns
    -------
    Trace, Events or Scalar
        One that holds nothing but the reason where the part it needs (picture, person, sound, speech) is not there.
        Of two cameras, by the view that can show it (`liyi.etiquette.views`), which its ``view`` names.
    """
    taken, side = measures()[id], performance.side
    if side is None or not taken.by_picture:
        return _taken(taken, performance, params)
    front = performance.body.camera if performance.body else "none"
    shown: dict[View, Signal] = {}
    if "side" in taken.cameras:
        seen = replace(performance, body=side.body, side=None)
        signal = taken.nothing(side.reason) if side.reason else _taken(taken, seen, params)
        shown["side"] = replace(signal, view="side")
    if not shown or front in taken.cameras:
        shown["front"] = replace(_taken(taken, replace(performance, side=None), params), view="front")
    return better(shown)


def _taken(taken: Measure[Any], performance: Performance, params: Mapping[str, Any] | None) -> Signal:
    missing = missing_person(performance.body) if taken.by_picture else _missing_speech(performance.voice)
    part = {"body": performance.body, "voice": performance.voice, "performance": performance}[taken.of]
    return taken.nothing(missing) if missing else taken(part, params)


def missing_person(body: Body | None) -> Reason | None:
    """Why nothing at all can be measured of the person; None when it can."""
    if body is None:
        return Reason.NO_PICTURE
    if not body.usable.any():
        dark = too_dark(body.track)
        return Reason.TOO_DARK if 2 * dark.sum() > dark.size else Reason.NO_PERSON
    return Reason.PICTURE_TURNED if body.turned else None


def _missing_speech(voice: Voice | None) -> Reason | None:
    if voice is None:
        return Reason.NO_SOUND
    if voice.stretches:
        return None
    from speech.measures.phrasing import whispered

    return Reason.WHISPERED if whispered(voice) else Reason.NO_SPEECH
