"""What caps a total, and what a recording must hold before it gets one.

What belongs here: needs and red lines of a norm pack, held against verdicts and signals. A weighted mean forgives what
a trainer never would, and can be taken of nearly nothing: both are decided here, before and after the mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from liyi.core.trace import Events, Trace
from liyi.etiquette.aggregate import TOLERABLE, assessed_s
from liyi.etiquette.assessment import CapFound, NeedMissing
from liyi.etiquette.performance import measures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from liyi.core.trace import Signal
    from liyi.etiquette.assessment import Verdict
    from liyi.etiquette.judge import Circumstances
    from liyi.etiquette.pack import Cap, Criterion, NormPack, Profile

CONFIRMED = "confirmed"  # attribute of an event of which a person said that it happened


def needs_missing(
    profile: Profile, pack: NormPack, signals: Mapping[str, Signal], circumstances: Circumstances
) -> tuple[NeedMissing, ...]:
    """Needs of the profile that the recording does not meet, in the pack's order."""
    seen = [id for id in profile.weights if measures()[pack.criteria[id].measure].by_picture]
    bearing_s = max((assessed_s(signals[id]) for id in seen if isinstance(signals[id], Trace)), default=0.0)
    hands = [signals[id] for id in seen if pack.criteria[id].kind == "fault"]
    hands_s = max((signal.watched_s for signal in hands if isinstance(signal, Events)), default=0.0)
    got = {
        "bearing_s": bearing_s,
        "speech_s": circumstances.speech_s,
        "syllables": float(circumstances.syllables),
        "hands_s": hands_s,
    }
    wanted = {name: float(getattr(profile.needs, name)) for name in got}
    if circumstances.camera == "side":
        wanted["hands_s"] = 0.0  # crossed arms and their like are seen from the front
    missing = [
        NeedMissing(need=name, wanted=wanted[name], got=round(got[name], 1))
        for name in got
        if got[name] + 0.05 < wanted[name]
    ]
    unseen = profile.needs.position_seen and circumstances.position == "unknown"
    if unseen or mismatch(profile, circumstances.position):
        missing.append(NeedMissing(need="position", wanted=profile.needs.position, got=circumstances.position))
    return tuple(missing)


def mismatch(profile: Profile, position: str) -> bool:
    """Whether the person certainly stands where the profile expects sitting, or the other way round."""
    return bool(profile.needs.position) and position in ("standing", "sitting") and position != profile.needs.position


def caps_found(
    verdicts: Sequence[Verdict], signals: Mapping[str, Signal], pack: NormPack, profile: str
) -> tuple[CapFound, ...]:
    """Red lines that were crossed; with half or more of the evidence undecided a person is asked.

    A hint (``review``) that is itself undecided asks nobody here: its own verdict waits for a person, the total does
    not. Of several lines that one criterion crosses only the strictest is told.
    """
    found = []
    by_id = {v.criterion: v for v in verdicts}
    for cap in pack.caps:
        if cap.profiles and profile not in cap.profiles:
            continue
        every = [v for v in verdicts if not cap.dimensions or v.dimension in cap.dimensions]
        among = [v for id in cap.criteria if (v := by_id.get(id))] if cap.criteria else every
        crossed = [v for v in among if _crosses(cap, pack, v, signals[v.criterion], decided=False)]
        asked = [
            v
            for v in among
            if v not in crossed
            and not pack.criteria[v.criterion].review
            and _crosses(cap, pack, v, signals[v.criterion], decided=True)
        ]
        if crossed:
            evidence = tuple(moment for v in crossed for moment in v.evidence)
            # what certainly happened so often has happened, however much more may have
            unsure = cap.when != "count" and all(_mostly_undecided(signals[v.criterion]) for v in crossed)
            waits = unsure or (cap.confirm and not any(_is_confirmed(signals[v.criterion]) for v in crossed))
            status: Literal["applied", "needs_review"] = "needs_review" if waits else "applied"
            ids = tuple(v.criterion for v in crossed)
            found.append(CapFound(criteria=ids, total=cap.total, evidence=evidence, status=status))
        elif asked:
            evidence = tuple(moment for v in asked for moment in (*v.evidence, *v.undecided))
            ids = tuple(v.criterion for v in asked)
            found.append(CapFound(criteria=ids, total=cap.total, evidence=evidence, status="needs_review"))
    return tuple(cap for cap in found if not any(_covers(other, cap) for other in found))


def _covers(stricter: CapFound, cap: CapFound) -> bool:
    """Whether a lower red line is crossed, or waits as this one does, for the same reason: this one tells no more."""
    same = set(cap.criteria) <= set(stricter.criteria)
    return same and stricter.status in ("applied", cap.status) and stricter.total < cap.total


def _crosses(cap: Cap, pack: NormPack, verdict: Verdict, signal: Signal, *, decided: bool) -> bool:
    """Whether a criterion lies beyond a red line; ``decided``: if everything undecided were what it may be."""
    if verdict.status == "not_assessed" or verdict.value is None:
        return False
    if cap.when == "beyond_tolerable":
        return _beyond_tolerable(verdict)
    criterion = pack.criteria[verdict.criterion]
    if cap.when == "throughout":
        return _beyond_tolerable(verdict) and _throughout(cap, criterion, verdict)
    events = signal if isinstance(signal, Events) else None
    if cap.when == "count":
        return events is not None and len(events.items) + decided * len(events.undecided) >= cap.value
    more = 0.0
    if decided and events is not None and not criterion.attribute and verdict.unit in ("%", "s"):
        lengths = [event.duration_s for event in events.undecided]
        more = 100 * sum(lengths) / events.watched_s if verdict.unit == "%" else max(lengths, default=0.0)
    return verdict.value + more > cap.value


def _beyond_tolerable(verdict: Verdict) -> bool:
    """Whether a quality or a fault is certainly one to correct; what a person has yet to decide is not."""
    if verdict.kind == "condition" or verdict.status != "assessed" or verdict.sub_score is None:
        return False
    return verdict.sub_score + (verdict.score_error or 0.0) < TOLERABLE


def _throughout(cap: Cap, criterion: Criterion, verdict: Verdict) -> bool:
    """Whether a quality lies outside its good band for so long; a median or a scalar is the whole recording's.

    What single events were like (one bow that was too shallow) says nothing of the rest of the time.
    """
    if verdict.kind != "quality" or verdict.value is None or criterion.attribute:
        return False
    if criterion.aggregate == "share_in_band":
        return verdict.value <= 100 - cap.value
    return criterion.aggregate in ("median", "value")


def _is_confirmed(signal: Signal) -> bool:
    """Whether a person said of a moment that it happened."""
    return isinstance(signal, Events) and any(event.attributes.get(CONFIRMED) for event in signal.items)


def _mostly_undecided(signal: Signal) -> bool:
    if not isinstance(signal, Events):
        return False
    sure, unsure = (sum(event.duration_s for event in each) for each in (signal.items, signal.undecided))
    return unsure > 0 and unsure >= sure


def capped(points: float, caps: Sequence[CapFound]) -> float:
    """What is left of a total under the red lines that apply."""
    return min([points, *(cap.total for cap in caps if cap.status == "applied")])


def held_back(caps: Sequence[CapFound], pack: NormPack) -> tuple[NeedMissing, ...]:
    """A red line that hangs on what nobody has decided yet leaves no total, unless the pack lets the total stand."""
    stands = [rule for rule in pack.caps if rule.confirm or rule.undecided == "ask"]
    waiting = [cap for cap in caps if cap.status == "needs_review"]
    unsure = [cap for cap in waiting if not any(_is_of(cap, rule) for rule in stands)]
    return tuple(NeedMissing(need="review", wanted="decided", got=", ".join(cap.criteria)) for cap in unsure)


def _is_of(cap: CapFound, rule: Cap) -> bool:
    """Whether a red line that was found is that of the pack's rule."""
    return cap.total == rule.total and set(cap.criteria) <= set(rule.criteria)
