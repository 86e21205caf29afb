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

# Over the first the background is that of the converter: its last bits, which a smaller gain brings nearer. Over the
# second 20 dB less gain took away between 0 and 37 dB, so that no more is claimed than that. Proposals.
_ROOM_DB, _MOST_DB = 35.0, 45.0


def no_speech(voice: Voice) -> Reason | None:
    """The only obstacle here: a whisper and a noisy voice are recorded well or badly too."""
    return None if voice.stretches and not np.isnan(voice.snr_db) else Reason.NO_SPEECH


@measure("snr", kind="scalar", unit="dB", error=("snr", "snr.per_db"))
def snr(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Level of the voice over the level of the background, in dB; 45 stands for that and more."""
    if reason := no_speech(voice):
        return reason
    value = min(voice.snr_db, _MOST_DB)
    error = published("snr") + published("snr.per_db") * max(0.0, value - _ROOM_DB)
    return Single(value, voice.speech_s, error=error)


@measure("clipping", kind="scalar", unit="%", error=0.0, live=Live(brisk=True, panel="level"))
def clipping(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Percent of the samples in speech that stand at full scale: a count, without an error of its own."""
    if reason := no_speech(voice):
        return reason
    return Single(100 * voice.clipped_share, voice.speech_s)
