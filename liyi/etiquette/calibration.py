"""The calibration outside the verdict: its samples are cut from what is judged, and it is itself checked.

What belongs here: what a stretch that the person did or named means for judging. A forbidden posture that is held in
it must never become the person's own normal, so such a calibration is refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.errors import Notice
from liyi.core.trace import Event, Events, Interval, Scalar, Signal, Trace

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
        if criterion.kind != "fault" or not measures()[criterion.measure].cameras:
            continue
        signal = measure(performance, criterion.measure, criterion.params)
        if isinstance(signal, Events) and sum(event.overlap_s(stretch) for event in signal.items) >= REFUSED_S:
            what = criterion.name.en or id
            about = {"start": round(stretch.start_s, 1), "end": round(stretch.end_s, 1), "what": what}
            notice = _refused(about)
            return replace(
                performance,
                body=replace(performance.body, calibration=None),
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
        keep = (signal.t < stretch.start_s) | (signal.t >= stretch.end_s)
        return replace(signal, value=np.where(keep, signal.value, np.nan))
    inside_s = sum(span.overlap_s(stretch) for span in signal.watched or ())
    return replace(
        signal,
        items=_cut(signal.items, stretch),
        undecided=_cut(signal.undecided, stretch),
        watched_s=max(0.0, signal.watched_s - inside_s),
        watched=None,
    )


def _cut(events: tuple[Event, ...], stretch: Interval) -> tuple[Event, ...]:
    """Events without what lies inside the stretch; one that reaches over both ends becomes two."""
    kept = []
    for event in events:
        for start, end in ((event.start_s, min(event.end_s, stretch.start_s)),
                           (max(event.start_s, stretch.end_s), event.end_s)):  # fmt: skip
            if end > start:
                kept.append(replace(event, start_s=start, end_s=end))
    return tuple(kept)


def voice_outside(voice: Voice, stretch: Interval) -> Voice:
    """What was said outside the calibration; loudness and pitch frames stay, measures read them in speech only."""
    between = [cut for each in voice.stretches for cut in _pieces(each, stretch)]
    nuclei = voice.nuclei_s[(voice.nuclei_s < stretch.start_s) | (voice.nuclei_s >= stretch.end_s)]
    spoken = voice.transcript
    if spoken is not None:
        kept = tuple(each for each in spoken.utterances if not _mostly_in(each.start_s, each.end_s, stretch))
        spoken = replace(spoken, utterances=kept)
    return replace(
        voice,
        stretches=tuple(between),
        nuclei_s=nuclei,
        filled=voice.filled and _cut(voice.filled, stretch),
        transcript=spoken,
    )


def _pieces(span: Interval, stretch: Interval) -> list[Interval]:
    parts = [
        Interval(span.start_s, min(span.end_s, stretch.start_s)),
        Interval(max(span.start_s, stretch.end_s), span.end_s),
    ]
    return [part for part in parts if part.end_s > part.start_s]


def _mostly_in(start_s: float, end_s: float, stretch: Interval) -> bool:
    return Interval(start_s, end_s).overlap_s(stretch) > (end_s - start_s) / 2
