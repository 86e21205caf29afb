"""Where the voice stops: silent pauses within turns, long ones, and pauses filled with 嗯 or um."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liyi.core.measure import Attribute, Found, Happened, Single
from liyi.core.reasons import Reason
from liyi.core.trace import Event
from speech.errors import published
from speech.measures.declare import measure
from speech.measures.phrasing import TURN_GAP_S, between_s, noise, obstacle, phrases, turns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from speech.measures.phrasing import Turn
    from speech.voice import Voice

_TURN_START_S = 0.15  # a lone 嗯 that opens a turn is an answer, not a hesitation; 呃 and um are none
# SNR from which filled pauses are looked for, lower than for other measures. Up to their limit the sound alone is not
# believed: in fluent speech under noise at 6 to 8 dB it gave false ones of 0.51 to 0.82 (`benchmarks/fillers.py`).
_LOUD_NOISE_DB = 6.0
_NO_ANSWERS = ("呃", "额", "u", "er")


@measure(
    "pause_share",
    kind="scalar",
    unit="%",
    error="pause_edges",
    params={"pause_s": 0.25, "turn_gap_s": TURN_GAP_S, "min_turns_s": 5.0},
)
def pause_share(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Percent of the time in turns that is silent pauses, with what counts of the silences between them."""
    if reason := obstacle(voice, quiet=True):
        return reason
    spoken = turns(phrases(voice, pause_s=params["pause_s"]), turn_gap_s=params["turn_gap_s"])
    length_s = spoken.duration_s + between_s(spoken, turn_gap_s=params["turn_gap_s"])
    if spoken.duration_s < params["min_turns_s"]:
        return Reason.TOO_LITTLE_SPEECH
    sounding_s = sum(turn.sounding_s for turn in spoken)
    count = sum(len(turn.phrases) - 1 for turn in spoken)
    silent = sorted((pause for turn in spoken for pause in turn.phrases.gaps()), key=lambda pause: -pause.duration_s)
    evidence = tuple(
        Event(p.start_s, p.end_s, {"duration_s": p.duration_s}, f"{p.duration_s:.1f} s") for p in silent[:5]
    )
    error = 100 * published("pause_edges") * count / length_s  # every pause is cut the same way: their errors add up
    value = 100 * (1 - sounding_s / length_s)
    return Single(value, sounding_s, error=error, evidence=evidence)


@measure(
    "long_pauses",
    kind="events",
    unit="s",
    error="pause_edges",
    params={"min_pause_s": 2.0},
    attributes={"duration_s": Attribute("s", "pause_edges")},
)
def long_pauses(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Silences of at least ``min_pause_s`` between the first and the last sound of the voice."""
    if reason := obstacle(voice, quiet=True):
        return reason
    phrased = phrases(voice)
    if not phrased:
        return Reason.NO_SPEECH
    items = tuple(
        Event(pause.start_s, pause.end_s, {"duration_s": pause.duration_s}, f"{pause.duration_s:.1f} s")
        for pause in phrased.gaps().lasting(params["min_pause_s"])
    )
    return Happened(items, phrased[-1].end_s - phrased[0].start_s)


@measure(
    "filled_pauses",
    kind="events",
    unit="s",
    error="pause_edges",
    params={"min_probability": 0.5, "turn_gap_s": TURN_GAP_S},
    attributes={"probability": Attribute("ratio"), "by_sound": Attribute("ratio"), "heard": Attribute("ratio")},
)
def filled_pauses(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Pauses filled with a steady vowel or with 嗯, 呃 or um, as far as sound and recogniser tell; no answer (嗯).

    In noise only those that both tell, and none found is no zero there; in loud noise none are looked for.
    """
    if reason := obstacle(voice, quiet=False):
        return reason
    if voice.snr_db < _LOUD_NOISE_DB:
        return Reason.TOO_NOISY
    if voice.filled is None:  # the detector has declined: nothing found is not none
        return Reason.SPEECH_TOO_SLOW
    spoken = turns(phrases(voice), turn_gap_s=params["turn_gap_s"])
    noisy = noise(voice)
    items = tuple(
        filled
        for filled in voice.filled
        if filled.attributes["probability"] >= params["min_probability"]
        and (filled.label or not noisy)
        and (filled.label.startswith(_NO_ANSWERS) or _within_turns(filled, spoken))
    )
    if noisy and not items:
        return noisy
    return Happened(items, spoken.duration_s)


def _within_turns(filled: Event, spoken: Iterable[Turn]) -> bool:
    """Whether it opens none of the turns."""
    return all(abs(filled.start_s - turn.start_s) > _TURN_START_S for turn in spoken)
