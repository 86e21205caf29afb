"""The last seconds judged by the pack, and seldom a hint about them.

The measures and the judge are those of the report. What belongs here is what only a rehearsal needs: which of many
faults is said now, and when nothing is said. The side panel is `liyi.ui.live.panel`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from liyi.core.reasons import Reason
from liyi.core.trace import Trace
from liyi.core.words import pick
from liyi.etiquette.aggregate import TOLERABLE
from liyi.etiquette.judge import Circumstances, judge_criteria
from liyi.etiquette.pack_phrases import params_of
from liyi.etiquette.performance import measures, missing_person

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from liyi.core.measure import Of
    from liyi.core.trace import Signal
    from liyi.etiquette.assessment import Verdict
    from liyi.etiquette.pack import Criterion, NormPack
    from liyi.ui.live.window import Heard, Seen
    from speech.voice import Voice

CLEAR_S = 2.0  # a fault that lasts for so long is one
BRISK_CLEAR_S = 1.0  # of what is itself counted over some seconds
_GRACE_S = 0.15  # edges of a stretch are known to a sample or two
_OVER_S = 1.0  # what ended longer ago is not worth a hint any more
BETWEEN_HINTS_S = 20.0
FIRST_HINT_S = 10.0  # of the practice: somebody who has just begun is greeting, not listening to hints
SHOW_S = 3

# How much larger the error of bearing is where *lite* runs: lite minus full on the same frames of the sample recordings
# (root mean square), added in squares to a measure's own error, over that error. 1.0 to 1.5 for most measures, 1.97 for
# the largest, the trunk's side lean.
LITE_WIDENS = 2.0


@dataclass(frozen=True)
class Hint:
    """A few words about one criterion."""

    criterion: str
    text: str


@dataclass
class Coach:
    """Decides when a hint is due; seconds are those of the recording's clock. Practice begins at ``begins_s``."""

    silent: bool = False
    begins_s: float = float("-inf")
    _last: str = ""
    _last_s: float = float("-inf")
    _faulty_since_s: dict[str, float] = field(default_factory=dict)

    def hint(
        self, verdicts: Iterable[Verdict], pack: NormPack, lang: str, *, now_s: float, seen_s: float, heard_s: float
    ) -> Hint | None:
        """The worst fault that is clear, if one may be said now.

        Parameters
        ----------
        verdicts
            Of the last seconds.
        now_s
            The newest second of the recording that was judged.
        seen_s, heard_s
            Lengths of the windows of poses and of sound, the ends of their verdicts' evidence.
        """
        ends = {"body": seen_s, "voice": heard_s}
        faulty = self._faulty(verdicts, now_s)
        clear = [v for v in faulty if self._is_clear(v, now_s, ends[measures()[v.measure].of])]
        told = [
            v for v in clear if v.criterion != self._last and pick(pack.criteria[v.criterion].hint.on(v.side), lang)
        ]
        if self.silent or not told or now_s < max(self._last_s + BETWEEN_HINTS_S, self.begins_s + FIRST_HINT_S):
            return None
        worst = max(told, key=lambda v: (v.kind == "fault", v.weight * (1 - (v.sub_score or 0.0))))
        self._last, self._last_s = worst.criterion, now_s
        return Hint(worst.criterion, pick(pack.criteria[worst.criterion].hint.on(worst.side), lang))

    def _faulty(self, verdicts: Iterable[Verdict], now_s: float) -> list[Verdict]:
        faulty = [v for v in verdicts if counts(v) and v.sub_score is not None and v.sub_score < TOLERABLE]
        before = self._faulty_since_s
        self._faulty_since_s = {v.criterion: before.get(v.criterion, now_s) for v in faulty}
        return faulty

    def _is_clear(self, verdict: Verdict, now_s: float, end_s: float) -> bool:
        """Whether the fault has lasted long enough and still does; a value without moments must have stayed faulty."""
        measure = measures()[verdict.measure]
        if measure.kind == "scalar":
            least_s = BRISK_CLEAR_S if measure.live.brisk else CLEAR_S
            return now_s - self._faulty_since_s[verdict.criterion] >= least_s - _GRACE_S
        return any(
            moment.end_s - moment.start_s >= CLEAR_S - _GRACE_S and moment.end_s >= end_s - _OVER_S
            for moment in verdict.evidence
        )


def counts(verdict: Verdict) -> bool:
    """Whether a criterion is worth a word now: what weighs, what is forbidden, and a voice that clips."""
    return verdict.weight > 0 or verdict.kind != "quality"


def verdicts_on_bearing(
    seen: Seen, pack: NormPack, profile: str, exemptions: Collection[str] = ()
) -> list[Verdict]:  # fmt: skip
    """Judge what the last seconds showed of somebody with these exemptions."""
    criteria = live_criteria(pack, profile, "body")
    signals = {id: _of_bearing(criterion, seen) for id, criterion in criteria.items()}
    about = Circumstances(seen.duration_s, 0.0, seen.body.camera, exemptions=exemptions)
    return list(judge_criteria(criteria, signals, pack, profile, about))


def verdicts_on_voice(
    heard: Heard, pack: NormPack, profile: str, exemptions: Collection[str] = (), language: str | None = None
) -> list[Verdict]:  # fmt: skip
    """Judge what was heard in the last seconds of somebody with these exemptions: brisk measures over less of them.

    ``language`` is the one that is spoken. In Chinese the syllables of the sound are the characters of the report's
    pace; words of English are not counted here, so its pace is left to the report.
    """
    told = language if language == "zh" else None
    criteria = live_criteria(pack, profile, "voice")
    found: list[Verdict] = []
    for voice, brisk in ((heard.voice, False), (heard.brisk, True)):
        signals = {
            id: _of_voice(c, voice, pack) for id, c in criteria.items() if measures()[c.measure].live.brisk == brisk
        }
        about = Circumstances(voice.duration_s, voice.speech_s, "none", language=told, exemptions=exemptions)
        found += judge_criteria(signals, signals, pack, profile, about)
    return found


def live_criteria(pack: NormPack, profile: str, of: Of) -> dict[str, Criterion]:
    """Criteria of the profile that are judged live; what takes a whole performance waits for the report."""
    named = {id: pack.criteria[id] for id in pack.profiles[profile].weights}
    return {id: c for id, c in named.items() if measures()[c.measure].of == of}


def _of_bearing(criterion: Criterion, seen: Seen) -> Signal:
    """The criterion's signal in the window; a trace is measured with the calibration stretch and then cut."""
    measure = measures()[criterion.measure]
    body = seen.compared if measure.kind == "trace" and seen.compared is not None else seen.body
    if missing := missing_person(body):
        return measure.nothing(missing)
    signal = measure(body, criterion.params)
    if isinstance(signal, Trace) and body is seen.compared:
        window = signal.t >= seen.start_s
        signal = replace(signal, t=signal.t[window] - seen.start_s, value=signal.value[window])
    return replace(signal, error=signal.error * LITE_WIDENS) if seen.lite else signal


def _of_voice(criterion: Criterion, voice: Voice, pack: NormPack) -> Signal:
    measure = measures()[criterion.measure]
    return measure(voice, params_of(pack, criterion)) if voice.stretches else measure.nothing(Reason.NO_SPEECH)
