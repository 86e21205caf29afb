"""How well the voice was recorded: noise under it, and clipping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import Measure
from liyi.core.reasons import Reason
from liyi.core.trace import Scalar
from speech.measures.phrasing import not_measured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speech.voice import Voice

_SNR_ERROR_DB = 1.0  # 1 sigma against noise mixed in at a known level; docs/measures-voice.md


# Over 35 dB the background is that of the converter: its last bits, which a smaller gain brings nearer. A proposal.
_ROOM_DB, _ERROR_PER_DB = 35.0, 0.35


def no_speech(voice: Voice) -> Reason | None:
    """The only obstacle here: a whisper and a noisy voice are recorded well or badly too."""
    return None if voice.stretches and not np.isnan(voice.snr_db) else Reason.NO_SPEECH


def snr(voice: Voice, params: Mapping[str, Any]) -> Scalar:
    """Level of the voice over the level of the background, in dB."""
    if reason := no_speech(voice):
        return not_measured("snr", "dB", reason)
    error = _SNR_ERROR_DB + _ERROR_PER_DB * max(0.0, voice.snr_db - _ROOM_DB)
    return Scalar("snr", "dB", voice.snr_db, _speech_s(voice), error=error)


def clipping(voice: Voice, params: Mapping[str, Any]) -> Scalar:
    """Percent of the samples in speech that stand at full scale: a count, without an error of its own."""
    if reason := no_speech(voice):
        return not_measured("clipping", "%", reason)
    return Scalar("clipping", "%", 100 * voice.clipped_share, _speech_s(voice))


def _speech_s(voice: Voice) -> float:
    return voice.speech_s


MEASURES: tuple[Measure[Voice], ...] = (
    Measure("snr", "dB", "scalar", snr),
    Measure("clipping", "%", "scalar", clipping),
)
