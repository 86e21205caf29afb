"""`assess`: a performance and a norm pack become an `Assessment`: the one path of score, rejudge, live and batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etiquette.assessment import (
    Assessment,
    RecordingInfo,
    RecordingWarning,
    TranscriptLine,
    TranscriptWord,
)
from etiquette.judge import Circumstances, judge
from etiquette.performance import Performance, measure, measures

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from etiquette.pack import NormPack
    from signals.trace import Signal
    from speech.voice import Utterance, Voice


def signals_of(performance: Performance, pack: NormPack) -> dict[str, Signal]:
    """Everything that is measured of a performance.

    Returns
    -------
    dict
        The signal of every criterion of the pack, with its ``params``, by the criterion's id; and of every other
        measure there is, with the measure's own defaults, by the measure's id.
    """
    signals = {id: measure(performance, c.measure, c.params) for id, c in pack.criteria.items()}
    judged = {criterion.measure for criterion in pack.criteria.values()}
    return signals | {id: measure(performance, id) for id in measures() if id not in judged | signals.keys()}


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
    circumstances = Circumstances(
        duration_s=performance.duration_s,
        speech_s=performance.speech_s,
        camera=performance.camera,
        language=performance.language,
        exemptions=exempt,
    )
    judgement = judge(taken, pack, chosen, circumstances)
    return Assessment(
        liyi_version=liyi_version,
        created_at=created_at,
        elapsed_s=elapsed_s,
        recording=_recording(performance),
        pack=pack.ref,
        profile=chosen,
        options={**performance.options, "exemptions": exempt},
        models=performance.models,
        verdicts=judgement.verdicts,
        coverage=judgement.coverage,
        coverage_floor=pack.coverage_floor,
        total=judgement.total,
        dimensions=dict(judgement.dimensions),
        deductions=judgement.deductions,
        transcript=_transcript(performance.voice),
    )


def _recording(performance: Performance) -> RecordingInfo:
    body = performance.body
    return RecordingInfo(
        name=performance.name,
        sha256=performance.sha256,
        duration_s=round(performance.duration_s, 3),
        camera=performance.camera,
        framing=body.framing if body else "none",
        position=body.position if body else "unknown",
        people=body.track.people if body else 0,
        warnings=tuple(
            RecordingWarning(text=notice.text, sentence=notice.sentence, fields=dict(notice.fields))
            for notice in performance.notices
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
