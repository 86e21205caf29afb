"""How fast: pace with its pauses, as people hear it, and the rate of articulation without them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import MOST_EVIDENCE, Found, Live, Single
from liyi.core.reasons import Reason
from liyi.core.trace import Event, Interval
from speech.errors import published
from speech.measures import counting
from speech.measures.declare import measure
from speech.measures.phrasing import (
    PAUSE_S,
    TURN_GAP_S,
    Turn,
    between_s,
    obstacle,
    phrases,
    syllables_by_run,
    turns,
    usual_run,
    within,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.core.timeline import Timeline
    from speech.voice import Transcript, Voice, Word

_BY_SOUND = "syll/min"
_COUNTED = ("zh", "en")  # languages whose syllables and words the counting rule covers
_LOOPS = 6  # pause and rate settle within three; a fixed number keeps the result exact
_LONGEST_PAUSE_S = 1.0  # however slow the speech, a second of silence is a pause

_BELIEVED = 0.6  # mean probability of the words, above which they are as good as usual
_QUIET_DB = 20.0  # noise adds nuclei, babble most, from here down
# A pause within a syllable parts its nucleus in two, and takes the silences at its edges out of the sound. Plain voices
# with a hole cut after every 0.4 to 2 s are read 13 % too fast in the median where the runs hold fewer syllables than
# this on average (29 voices, rms 24 %), and 7 % with more (16, rms 9 %): `python benchmarks/errors_voice.py`. Speech
# that stops at commas holds eight and more.
_SHORTEST_RUN = 4.5
_ARTICULATION = {"pause_syllables": 1.2, "min_syllables": 8, "min_run": _SHORTEST_RUN, "max_disagreement": 25.0}


@dataclass(frozen=True)
class _Count:
    """A turn with what was counted in it: ``units`` in the pace's unit, and ``syllables``."""

    turn: Turn
    units: float
    syllables: float

    @property
    def per_minute(self) -> float:
        return 60 * self.units / self.turn.duration_s


@measure(
    "pace",
    kind="scalar",
    unit="字/分",
    error=("words", "nuclei", "nuclei.noise_per_db", "nuclei.short_runs"),
    params={"min_syllables": 8, "min_run": _SHORTEST_RUN, "turn_gap_s": TURN_GAP_S, "max_disagreement": 15.0},
    live=Live(panel="pace"),  # its pauses need the long window
)
def pace(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Characters (Chinese) or words (English) per minute over turns of some length, pauses included.

    Of a silence too long for a turn a part counts (`between_s`): nobody speaks faster for having stopped for longer.

    Without a transcript, or in another language, it is syllables per minute from the sound, with a larger error, and in
    runs of fewer than ``min_run`` syllables a much larger one. Words
    that the recogniser itself hardly believes, or that are more or fewer than the syllables of the sound, widen the
    error; where they differ by more than ``max_disagreement`` percent, neither of the two can be believed.
    """
    if reason := obstacle(voice, quiet=True):
        return reason
    unit, error, counted = _counted(voice, params["turn_gap_s"])
    if unit == _BY_SOUND and _in_scraps(voice, params["min_run"]):
        error = published("nuclei.short_runs")
    counted = [count for count in counted if count.syllables >= params["min_syllables"]]
    if not counted:
        return Single(float("nan"), 0.0, 0.0, Reason.NO_TURN_LONG_ENOUGH, unit=unit)
    doubt = _doubt(voice, counted)
    if doubt > params["max_disagreement"] / 100:
        by_words = voice.transcript is not None and voice.transcript.language in _COUNTED
        reason = Reason.WORDS_UNSURE if by_words else Reason.TOO_NOISY
        return Single(float("nan"), 0.0, 0.0, reason, unit=unit)
    spoken = [count.turn for count in counted]
    lasted_s = sum(turn.duration_s for turn in spoken) + between_s(spoken, turn_gap_s=params["turn_gap_s"])
    value = 60 * sum(count.units for count in counted) / lasted_s
    watched_s = sum(count.turn.sounding_s for count in counted)
    apart = sorted(counted, key=lambda count: -abs(count.per_minute - value))[:MOST_EVIDENCE]
    evidence = tuple(
        Event(count.turn.start_s, count.turn.end_s, {"value": count.per_minute}, f"{count.per_minute:.0f} {unit}")
        for count in apart
    )
    return Single(value, watched_s, float(np.hypot(error, doubt)) * value, evidence=evidence, unit=unit)


def _doubt(voice: Voice, counted: list[_Count]) -> float:
    """Relative error (1 sigma) that the words have beyond their usual one; 0 where they fit the sound.

    Nuclei are off by 12 % (2 sigma) themselves: what goes beyond that is the words', and so is what is missing of a
    mean probability of 0.6.
    """
    if voice.transcript is None or voice.transcript.language not in _COUNTED:
        return published("nuclei.noise_per_db") * max(0.0, _QUIET_DB - voice.snr_db)
    heard = sum(within(voice.nuclei_s, count.turn).size for count in counted)
    said = sum(count.syllables for count in counted)
    apart = abs(said / heard - 1) if heard else 1.0
    probability = float(np.mean([word.probability for word in _words(voice.transcript)] or [0.0]))
    return float(max(0.0, apart - 2 * published("nuclei")) + max(0.0, _BELIEVED - probability))


@measure(
    "articulation_rate",
    kind="scalar",
    unit="syll/s",
    error=("nuclei", "nuclei.noise_per_db"),
    params=_ARTICULATION,
    live=Live(brisk=True, panel="pace"),
)
def articulation_rate(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Syllable nuclei per second of sound, silent pauses left out.

    A silence is a pause when it is longer than ``pause_syllables`` of the speaker's own syllables: what is a pause in
    fast speech is the closure of a plosive in slow speech. Where the transcript counts more than ``max_disagreement``
    percent more or fewer syllables, the difference is the error.
    """
    if reason := obstacle(voice, quiet=True):
        return reason
    phrased, heard = _articulated(voice, params["pause_syllables"])
    if heard < params["min_syllables"]:
        return Reason.TOO_LITTLE_SPEECH
    sounding_s = phrased.duration_s
    if _in_scraps(voice, params["min_run"]):
        return Reason.RUNS_TOO_SHORT
    rate = heard / sounding_s
    disagreement = _disagreement(voice, params["min_syllables"], params["min_run"])
    noise = published("nuclei.noise_per_db") * max(0.0, _QUIET_DB - voice.snr_db)
    error = float(np.hypot(published("nuclei"), noise)) * rate
    if not isinstance(disagreement, Reason) and abs(disagreement) > params["max_disagreement"]:
        error = max(error, abs(disagreement) / 100 * rate)
    return Single(rate, sounding_s, error, evidence=_standing_out(voice, phrased, params, rate))


@measure(
    "articulation_disagreement",
    kind="scalar",
    unit="%",
    error="nuclei",
    params={"min_syllables": 8, "min_run": _SHORTEST_RUN},
)
def articulation_disagreement(voice: Voice, params: Mapping[str, Any]) -> Found:
    """How many percent more syllables the transcript counts than the sound."""
    if reason := obstacle(voice, quiet=False):
        return reason
    value = _disagreement(voice, params["min_syllables"], params["min_run"])
    return value if isinstance(value, Reason) else Single(value, voice.speech_s, 100 * published("nuclei"))


def _in_scraps(voice: Voice, min_run: float) -> bool:
    """Whether the voice stops after fewer than ``min_run`` syllables, so that cut ones are counted twice."""
    _, counts = syllables_by_run(voice)
    return bool(counts.size) and usual_run(counts) < min_run


def _disagreement(voice: Voice, min_syllables: int, min_run: float) -> float | Reason:
    """Percent by which the transcript counts more syllables than the sound, or why that is not known."""
    transcript = voice.transcript
    if transcript is None or transcript.language not in _COUNTED:
        return Reason.NO_TRANSCRIPT
    if voice.nuclei_s.size < min_syllables:
        return Reason.TOO_LITTLE_SPEECH
    if _in_scraps(voice, min_run):
        return Reason.RUNS_TOO_SHORT
    written = sum(counting.syllables(word.text, transcript.language) for word in _words(transcript))
    return 100 * (written / voice.nuclei_s.size - 1)


def _articulated(voice: Voice, pause_syllables: float) -> tuple[Timeline[Interval], int]:
    """Phrases between pauses of at least so many mean syllables, and the nuclei in them."""
    pause_s = PAUSE_S
    for _ in range(_LOOPS):
        phrased = phrases(voice, pause_s=pause_s)
        heard = sum(within(voice.nuclei_s, phrase).size for phrase in phrased)
        if not heard:
            break
        pause_s = min(pause_syllables * phrased.duration_s / heard, _LONGEST_PAUSE_S)
    return phrased, heard


def _standing_out(
    voice: Voice, phrased: tuple[Interval, ...], params: Mapping[str, Any], rate: float
) -> tuple[Event, ...]:
    """Phrases of enough syllables whose own rate lies furthest from ``rate``, most first."""
    events = []
    for phrase in phrased:
        heard = within(voice.nuclei_s, phrase).size
        if heard >= params["min_syllables"]:
            own = heard / phrase.duration_s
            events.append(Event(phrase.start_s, phrase.end_s, {"value": own}, f"{own:.2g} syll/s"))
    return tuple(sorted(events, key=lambda event: -abs(event.attributes["value"] - rate))[:MOST_EVIDENCE])


def _counted(voice: Voice, turn_gap_s: float) -> tuple[str, float, list[_Count]]:
    """Unit of the pace, its relative error, and every turn with its count."""
    spoken = turns(phrases(voice), turn_gap_s=turn_gap_s)
    transcript = voice.transcript
    if transcript is None or transcript.language not in _COUNTED:
        heard = [float(within(voice.nuclei_s, turn).size) for turn in spoken]
        return _BY_SOUND, published("nuclei"), [_Count(turn, n, n) for turn, n in zip(spoken, heard, strict=True)]
    chinese = transcript.language == "zh"
    counted = []
    for turn, text in zip(spoken, _texts(transcript, spoken), strict=True):
        syllables = counting.syllables(text, transcript.language)
        counted.append(_Count(turn, syllables if chinese else counting.words(text), syllables))
    return "字/分" if chinese else "wpm", published("words"), counted


def _words(transcript: Transcript) -> list[Word]:
    return [word for utterance in transcript.utterances for word in utterance.words]


def _texts(transcript: Transcript, spoken: tuple[Turn, ...]) -> list[str]:
    """Text of each turn; a word belongs to the turn that its middle is in or nearest to."""
    texts = ["" for _ in spoken]
    edges = np.array([[turn.start_s, turn.end_s] for turn in spoken])
    for word in _words(transcript) if spoken else ():
        middle = (word.start_s + word.end_s) / 2
        distance = np.maximum(edges[:, 0] - middle, middle - edges[:, 1])
        texts[int(np.argmin(distance))] += f" {word.text.strip()}"
    return texts
