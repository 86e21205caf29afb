"""The calibration outside the verdict: its samples are cut from what is judged, and it is itself checked.

What belongs here: what a stretch that the person did or named means for judging. A forbidden posture that is held in
it must never become the person's own normal, so such a calibration is refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.errors import Notice
from liyi.core.timeline import Timeline
from liyi.core.trace import Events, Interval, Scalar, Signal, Trace
from liyi.core.words import pick

if TYPE_CHECKING:
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.performance import Performance
    from speech.voice import Voice

REFUSED_S = 1.0  # a forbidden posture held so long within the stretch


def named(performance: Performance) -> Interval | None:
    """The calibration that the person did or named; None without one, and where it was refused."""
    stretch = performance.options.get("calibration")
    return Interval(*stretch) if stretch and not any(map(is_refusal, performance.notices)) else None


def checked(performance: Performance, pack: NormPack) -> Performance:
    """The performance without its calibration where a forbidden posture is held in it, and with a notice of that.

    Its options stay: they say what was asked, and another pack, which may forbid other postures, checks it anew.
    """
    from liyi.etiquette.performance import measure, measures

    if any(map(is_refusal, performance.notices)):
        performance = replace(performance, notices=tuple(each for each in performance.notices if not is_refusal(each)))
    stretch = named(performance)
    if stretch is None or performance.body is None:
        return performance
    for id, criterion in pack.criteria.items():
        if criterion.kind != "fault" or not measures()[criterion.measure].by_picture:
            continue
        signal = measure(performance, criterion.measure, criterion.params)
        if isinstance(signal, Events) and Timeline(signal.items).overlap_s(stretch) >= REFUSED_S:
            about = {"start": round(stretch.start_s, 1), "end": round(stretch.end_s, 1),
                     "what": pick(criterion.name, "en") or id, "what_zh": pick(criterion.name, "zh") or id}  # fmt: skip
            notice, side = _refused(about), performance.side
            return replace(
                performance,
                body=replace(performance.body, calibration=None),
                side=side and replace(side, body=side.body and replace(side.body, calibration=None)),
                notices=(*performance.notices, notice),
            )
    return performance


def _refused(about: dict[str, Any]) -> Notice:
    return Notice(
        "The calibration from {start} to {end} s shows a forbidden posture ({what}) and was refused: "
        "sit upright with the hands down for it.",
        about,
    )


def is_refusal(notice: Notice) -> bool:
    """Whether a notice says that the calibration was refused."""
    return notice.sentence == _refused({"start": 0, "end": 0, "what": ""}).sentence


def outside(signal: Signal, stretch: Interval | None) -> Signal:
    """A signal without the calibration; scalars and the voice were measured without it (`voice_outside`)."""
    if isinstance(signal, Events) and stretch is None:
        return replace(signal, watched=None)
    if stretch is None or isinstance(signal, Scalar):
        return signal
    if isinstance(signal, Trace):
        return replace(signal, value=np.where(stretch.covers(signal.t), np.nan, signal.value))
    inside_s = Timeline(signal.watched or ()).overlap_s(stretch)
    return replace(
        signal,
        items=Timeline(signal.items).without(stretch),
        undecided=Timeline(signal.undecided).without(stretch),
        watched_s=max(0.0, signal.watched_s - inside_s),
        watched=None,
    )


def voice_outside(voice: Voice, stretch: Interval) -> Voice:
    """What was said outside the calibration; loudness and pitch frames stay, measures read them in speech only."""
    nuclei = voice.nuclei_s[~stretch.covers(voice.nuclei_s)]
    spoken = voice.transcript
    if spoken is not None:
        kept = tuple(each for each in spoken.utterances if not _mostly_in(each.start_s, each.end_s, stretch))
        spoken = replace(spoken, utterances=kept)
    again = voice.second
    if again is not None:
        words = tuple(each for each in again.words if not _mostly_in(each.start_s, each.end_s, stretch))
        again = replace(again, words=words)
    return replace(
        voice,
        stretches=Timeline(voice.stretches).without(stretch),
        nuclei_s=nuclei,
        filled=voice.filled and Timeline(voice.filled).without(stretch),
        transcript=spoken,
        second=again,
    )


def _mostly_in(start_s: float, end_s: float, stretch: Interval) -> bool:
    return Interval(start_s, end_s).overlap_s(stretch) > (end_s - start_s) / 2
