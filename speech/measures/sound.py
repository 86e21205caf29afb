"""How well the voice was recorded: noise under it, and clipping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import Found, Live, Single
from liyi.core.reasons import Reason
from speech.errors import published
from speech.measures.declare import measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speech.voice import Voice

# Over this the background is that of the converter: its last bits, which a smaller gain brings nearer. A proposal.
_ROOM_DB = 35.0


def no_speech(voice: Voice) -> Reason | None:
    """The only obstacle here: a whisper and a noisy voice are recorded well or badly too."""
    return None if voice.stretches and not np.isnan(voice.snr_db) else Reason.NO_SPEECH


@measure("snr", kind="scalar", unit="dB", error=("snr", "snr.per_db"))
def snr(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Level of the voice over the level of the background, in dB."""
    if reason := no_speech(voice):
        return reason
    error = published("snr") + published("snr.per_db") * max(0.0, voice.snr_db - _ROOM_DB)
    return Single(voice.snr_db, voice.speech_s, error=error)


@measure("clipping", kind="scalar", unit="%", error=0.0, live=Live(brisk=True, panel="level"))
def clipping(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Percent of the samples in speech that stand at full scale: a count, without an error of its own."""
    if reason := no_speech(voice):
        return reason
    return Single(100 * voice.clipped_share, voice.speech_s)
