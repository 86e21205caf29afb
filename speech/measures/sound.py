"""How well the voice was recorded: noise under it, and clipping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signals.measure import Measure
from signals.trace import Scalar
from speech.measures.phrasing import not_measured, obstacle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speech.voice import Voice

_SNR_ERROR_DB = 1.0  # 1 sigma against noise mixed in at a known level; docs/measures-voice.md


def snr(voice: Voice, params: Mapping[str, Any]) -> Scalar:
    """Level of the voice over the level of the background, in dB."""
    if reason := obstacle(voice, quiet=False):
        return not_measured("snr", "dB", reason)
    return Scalar("snr", "dB", voice.snr_db, _speech_s(voice), error=_SNR_ERROR_DB)


def clipping(voice: Voice, params: Mapping[str, Any]) -> Scalar:
    """Percent of the samples in speech that stand at full scale: a count, without an error of its own."""
    if reason := obstacle(voice, quiet=False):
        return not_measured("clipping", "%", reason)
    return Scalar("clipping", "%", 100 * voice.clipped_share, _speech_s(voice))


def _speech_s(voice: Voice) -> float:
    return sum(stretch.duration_s for stretch in voice.stretches)


MEASURES: tuple[Measure[Voice], ...] = (
    Measure("snr", "dB", "scalar", snr),
    Measure("clipping", "%", "scalar", clipping),
)
