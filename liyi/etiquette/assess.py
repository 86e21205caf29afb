"""`assess`: a performance and a norm pack become an `Assessment`: the one path of score, rejudge, live and batch."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np

from liyi.core.errors import Notice
from liyi.core.smoothing import sample_interval_s
from liyi.etiquette.assessment import (
    AlignmentInfo,
    Assessment,
    RecordingInfo,
    RecordingWarning,
    SideInfo,
    TranscriptLine,
    TranscriptWord,
)
from liyi.etiquette.calibration import is_refusal, named, outside, voice_outside
from liyi.etiquette.judge import Circumstances, judge
from liyi.etiquette.misheard import as_heard, reading_error
from liyi.etiquette.pack_phrases import params_of
from liyi.etiquette.performance import Performance, measure, measures
from liyi.etiquette.red_lines import mismatch

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from liyi.core.trace import Signal
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.views import SideView
    from posture.body import Body
    from speech.voice import Utterance, Voice

# Seconds without a picture that are no slow camera: nothing was seen there.
NO_PICTURE_S = 1.0


def signals_of(performance: Performance, pack: NormPack, only: Collection[str] | None = None) -> dict[str, Signal]:
    """Everything that is measured of a performance; what is judged, without the calibration that was done or named.

    Parameters
    ----------
    performance, pack
        What was seen and heard, and by what it is judged.
    only
        Ids of criteria; only their signals when given.

    Returns
    -------
    dict
        The signal of every criterion of the pack, with its ``params``, by the criterion's id; and of every other
        measure there is, with the measure's own defaults, by the measure's id.
    """
    stretch = named(performance)
    spoken = performance
    if stretch is not None and performance.voice is not None:
        spoken = replace(performance, voice=voice_outside(performance.voice, stretch))
    unheard = reading_error(performance)
    signals: dict[str, Signal] = {}
    for id, c in pack.criteria.items():
        if only is not None and id not in only:
            continue
        signal = outside(measure(spoken, c.measure, params_of(pack, c)), stretch)
        signals[id] = as_heard(signal, measures()[c.measure], unheard)
    if only is not None:
        return signals
    judged = {criterion.measure for criterion in pack.criteria.values()}
    rest = {id: measure(performance, id) for id in measures() if id not in judged | signals.keys()}
    return signals | {id: outside(signal, None) for id, signal in rest.items()}


def assess(
    performance: Performance,
    pack: NormPack,
    *,
    profile: str | None = None,
    exemptions: Collection[str] = (),
    liyi_version: str,
    created_at: str,
    elapsed_s: float,
    signals: Mapping[str, Signal] | None = None,
) -> Assessment:
    """Judge a performance by a norm pack.

    Parameters
    ----------
    performance : Performance
    pack : NormPack
    profile : str, optional
        The pack's default profile when not given.
    exemptions : collection of str
        What the person is exempt from.
    liyi_version, created_at, elapsed_s
        For the record: which Liyi, when (ISO 8601) and how long it took.
    signals : mapping, optional
        What `signals_of` returned for this performance and pack; measured here when not given.

    Raises
    ------
    NormPackError
        When the pack has no such profile.
    LiyiError
        When an exemption is not known.
    """
    chosen = pack.profile_id(profile)
    taken = signals_of(performance, pack) if signals is None else signals
    exempt = sorted(set(exemptions))
    circumstances = circumstances_of(performance, exempt)
    judgement = judge(taken, pack, chosen, circumstances)
    return Assessment(
        liyi_version=liyi_version,
        created_at=created_at,
        elapsed_s=elapsed_s,
        recording=_recording(performance, pack, chosen),
        pack=pack.ref,
        profile=chosen,
        options={**performance.options, "exemptions": exempt},
        models=performance.models,
        verdicts=judgement.verdicts,
        coverage=judgement.coverage,
        coverage_floor=pack.coverage_floor,
        total=judgement.total,
        total_error=judgement.total_error,
        total_of=judgement.total_of,
        total_before_caps=judgement.total_before_caps,
        caps=judgement.caps,
        needs_missing=judgement.needs_missing,
        dimensions=dict(judgement.dimensions),
        deductions=judgement.deductions,
        transcript=_transcript(performance.voice),
    )


def circumstances_of(performance: Performance, exempt: Sequence[str]) -> Circumstances:
    """What the judge must know, counted outside the calibration."""
    stretch, voice, body, side = named(performance), performance.voice, performance.body, performance.side
    if voice is not None and stretch is not None:
        voice = voice_outside(voice, stretch)
    left_s = performance.duration_s - (stretch.duration_s if stretch else 0.0)
    return Circumstances(
        duration_s=max(0.0, left_s),
        speech_s=voice.speech_s if voice else 0.0,
        camera=performance.camera,
        language=performance.language,
        exemptions=exempt,
        syllables=int(voice.nuclei_s.size) if voice else 0,
        position=performance.position,
        end_s=performance.duration_s,
        one_picture=performance.kind == "photo",
        unseen=_unseen(body, performance.duration_s),
        unseen_side=_unseen(side.body, performance.duration_s) if side else 0.0,
        unheard=min(1.0, voice.missing_s / performance.duration_s) if voice and performance.duration_s > 0 else 0.0,
    )


def _unseen(body: Body | None, duration_s: float) -> float:
    """Share of a recording of which there is no picture: it begins late, ends early, or was off on the way."""
    if body is None or not body.t.size or duration_s <= 0:
        return 0.0
    usual_s = sample_interval_s(body.t)
    ways = np.diff(body.t, prepend=0.0, append=duration_s) - usual_s
    return float(min(1.0, ways[ways > max(NO_PICTURE_S, 4 * usual_s)].sum() / duration_s))


def _recording(performance: Performance, pack: NormPack, profile: str) -> RecordingInfo:
    body, position = performance.body, performance.position
    return RecordingInfo(
        name=performance.name,
        kind=performance.kind,
        sha256=performance.sha256,
        duration_s=round(performance.duration_s, 3),
        camera=performance.camera,
        framing=body.framing if body else "none",
        position=position,
        people=body.track.people if body else 0,
        warnings=(*_mismatch(pack, profile, position), *map(_warning, performance.notices)),
        side=_side_info(performance.side) if performance.side else None,
    )


def _side_info(side: SideView) -> SideInfo:
    return SideInfo(
        name=side.name,
        sha256=side.sha256,
        duration_s=round(side.duration_s, 3),
        framing=side.body.framing if side.body else "none",
        people=side.body.track.people if side.body else 0,
        alignment=AlignmentInfo(**asdict(side.alignment)) if side.alignment else None,
    )


def _warning(notice: Notice) -> RecordingWarning:
    code = "calibration_refused" if is_refusal(notice) else ""
    return RecordingWarning(code=code, text=notice.text, sentence=notice.sentence, fields=dict(notice.fields))


def _mismatch(pack: NormPack, profile: str, position: str) -> tuple[RecordingWarning, ...]:
    """The warning where somebody stands in a profile for sitting or sits in one for standing, with what fits."""
    if not mismatch(pack.profiles[profile], position):
        return ()
    fitting = next((id for id, other in pack.profiles.items() if other.needs.position == position), "–")
    about = {"profile": profile, "fitting": fitting}
    stands = Notice(
        "The person stands, but the profile {profile} is for sitting: no total is given; "
        "judge the recording again with a profile for standing ({fitting}).",
        about,
    )
    sits = Notice(
        "The person sits, but the profile {profile} is for standing: no total is given; "
        "judge the recording again with a profile for sitting ({fitting}).",
        about,
    )
    notice = stands if position == "standing" else sits
    return (
        RecordingWarning(
            code="profile_mismatch", text=notice.text, sentence=notice.sentence, fields=dict(notice.fields)
        ),
    )


def _transcript(voice: Voice | None) -> tuple[TranscriptLine, ...]:
    if voice is None or voice.transcript is None:
        return ()
    return tuple(_line(utterance) for utterance in voice.transcript.utterances)


def _line(utterance: Utterance) -> TranscriptLine:
    return TranscriptLine(
        start_s=round(utterance.start_s, 3),
        end_s=round(utterance.end_s, 3),
        text=utterance.text,
        words=tuple(
            TranscriptWord(
                start_s=round(word.start_s, 3),
                end_s=round(word.end_s, 3),
                text=word.text,
                probability=round(word.probability, 3),
            )
            for word in utterance.words
        ),
    )
