"""The check before a rehearsal: light, distance, framing, sound and camera angle, each with what to mend, said once.

Only whether measuring is possible is said here, so nothing of etiquette; noise and clipping are judged by the pack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from liyi.core.reasons import Reason
from liyi.core.words import N_, explain_reason, pick, translate
from liyi.report.findings import Mark, mark_of
from posture.gate import MIN_LUMA
from posture.skeleton import EARS, ELBOWS, HIPS, SHOULDERS
from posture.subject import body_scale
from posture.track import Joint
from posture.view import camera_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from liyi.core.measure import Camera
    from liyi.etiquette.assessment import Verdict
    from liyi.ui.live.window import Heard, Seen
    from posture.body import Body

_LAST_S = 2.0  # what one looks like now
# Measured with benchmarks/check.py on five people in photos and videos and two rendered ones, darkened and made small.
# Mean luma: at 0.08 angles go astray by twice as much as in bright light and one in five people is lost, at 0.06 most,
# at 0.04 all. Where the report's reading ends (`posture.gate.MIN_LUMA`), the page warns.
_DARK = 0.08
_GLARING = 0.92  # nearly everything at white: an estimate
# Height of the picture where the person stands, in metres, on those three whose body is not cut by its edge at once:
# angles are as good at 3.2 as at 1, the shoulders' less sure from 4 on, and at 6.5 two of three were not found. Head
# and shoulders were still usable at 0.5; whether the arms are in the picture is the framing's to say.
_NEAR_M, _FAR_M = 0.6, 3.6

_HEAD = (Joint.NOSE, *EARS)
_SEEN_FROM: dict[Camera, Reason] = {
    "front": Reason.CAMERA_FRONT,
    "side": Reason.CAMERA_SIDE,
    "oblique": Reason.CAMERA_OBLIQUE,
    "none": Reason.TURNED_AWAY,
}

Item = tuple[Mark, str]


def check(
    seen: Seen | None,
    heard: Heard | None,
    verdicts: Sequence[Verdict],
    *,
    brightness: float | None,
    people: int = 1,
    camera: Camera,
    lang: str,
) -> dict[str, dict[str, str]]:
    """What to mend before one begins: for each of five things a mark and a sentence in ``lang``.

    With camera ``none`` there is only the sound; ``people`` is how many the picture shows.
    """
    sound = check_sound(heard, verdicts, lang)
    if camera == "none":
        return _told({"sound": sound})
    there = seen.body if seen is not None and seen.body.usable.any() else None
    recent = there.t >= there.t[-1] - _LAST_S if there is not None else np.zeros(0, dtype=np.bool_)
    if there is None or not there.usable[recent].any():
        distance = (Mark.FAULT, explain_reason(Reason.NO_PERSON, lang))
        framing = angle = (Mark.OPEN, "–")
    else:
        distance = _distance(there, recent, lang)
        framing = _alone(people, lang) or _framing(there, recent, camera, lang)
        angle = _angle(there, recent, camera, lang)
    items = {
        "light": _light(brightness, lang),
        "distance": distance,
        "framing": framing,
        "sound": sound,
        "angle": angle,
    }
    return _told(items)


def _told(items: Mapping[str, Item]) -> dict[str, dict[str, str]]:
    return {name: {"mark": _STYLE[mark], "text": text} for name, (mark, text) in items.items()}


_STYLE = {Mark.GOOD: "good", Mark.ATTENTION: "attention", Mark.FAULT: "fault", Mark.OPEN: "none", Mark.REVIEW: "none"}


def _light(brightness: float | None, lang: str) -> Item:
    if brightness is None:
        return Mark.OPEN, "–"
    if brightness < MIN_LUMA:
        mark = Mark.FAULT if brightness < _DARK else Mark.ATTENTION
        return mark, translate(N_("Too dark: put a lamp in front of you."), lang)
    if brightness > _GLARING:
        return Mark.ATTENTION, translate(N_("Too bright: turn away from the window or lamp."), lang)
    return Mark.GOOD, translate(N_("Bright enough"), lang)


def _distance(body: Body, recent: np.ndarray, lang: str) -> Item:
    scale = float(np.nanmedian(body_scale(body.track.points[recent], body.track.world[recent])))
    shown_m = body.track.size[1] / max(scale, 1e-6)
    if shown_m < _NEAR_M:
        return Mark.ATTENTION, translate(N_("Too near: step back."), lang)
    if shown_m > _FAR_M:
        return Mark.ATTENTION, translate(N_("Too far away: come closer."), lang)
    return Mark.GOOD, translate(N_("Right distance"), lang)


def _alone(people: int, lang: str) -> Item | None:
    """A word to whoever is not alone in the picture; None for those who are."""
    if people < 2:
        return None
    return Mark.ATTENTION, translate(N_("Two people are in the picture: the one seen longest is assessed."), lang)


def _framing(body: Body, recent: np.ndarray, camera: Camera, lang: str) -> Item:
    """Head and shoulders must be in the picture; arms (from the side: hips) should."""
    usable = body.usable[recent].mean(axis=0) > 0.5
    one_of = np.any if camera == "side" else np.all  # from the side, one hides the other
    head, shoulders = one_of(usable[list(_HEAD)]), one_of(usable[list(SHOULDERS)])
    further, reason = (HIPS, Reason.HIPS_OUT_OF_FRAME) if camera == "side" else (ELBOWS, Reason.ARMS_OUT_OF_FRAME)
    if not head:
        return Mark.FAULT, explain_reason(Reason.HEAD_OUT_OF_FRAME, lang)
    if not shoulders:
        return Mark.FAULT, explain_reason(Reason.SHOULDERS_OUT_OF_FRAME, lang)
    if not one_of(usable[list(further)]):
        return Mark.ATTENTION, explain_reason(reason, lang)
    return Mark.GOOD, translate(N_("Well framed"), lang)


def _angle(body: Body, recent: np.ndarray, camera: Camera, lang: str) -> Item:
    now = camera_of(body.view[recent])
    if now == camera:
        return Mark.GOOD, translate(
            N_("Camera straight in front") if camera == "front" else N_("Camera at the side"), lang
        )
    return Mark.FAULT, explain_reason(_SEEN_FROM[now], lang)


def check_sound(heard: Heard | None, verdicts: Sequence[Verdict], lang: str) -> Item:
    """How the sound of the last seconds is, and what to mend."""
    if heard is None:
        return Mark.FAULT, explain_reason(Reason.NO_SOUND, lang)
    if not heard.voice.stretches:
        return Mark.OPEN, translate(N_("Say a sentence."), lang)
    recorded = [v for v in verdicts if v.measure in ("snr", "clipping") and v.sub_score is not None]
    worst = min(recorded, key=lambda v: v.sub_score or 0.0, default=None)
    if worst is not None and mark_of(worst) is not Mark.GOOD:
        return mark_of(worst), pick(worst.advice, lang)
    return Mark.GOOD, translate(N_("Clearly heard"), lang)
