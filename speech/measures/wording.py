"""What was said, held against the lists of a norm pack: courtesies, forbidden phrases, requests, what must be told.

A measure is handed its list in ``phrases`` (and what frees a phrase in ``allowances``); without a list there is nothing
to hold speech against. What one recogniser alone heard counts neither for nor against: the value is what is certain,
``between`` says what it may be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liyi.core.measure import Found, Happened, Single
from liyi.core.reasons import Reason
from speech.errors import published
from speech.measures.declare import measure
from speech.measures.hearing import LEAST_SYLLABLES, events_of, heard_once, missed, no_list, poorly_heard
from speech.phrases import spoken

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from liyi.core.trace import Event
    from speech.phrases import Hit, Spoken
    from speech.voice import Voice

_LIST: dict[str, Any] = {"phrases": (), "allowances": (), "min_syllables": LEAST_SYLLABLES}
_NEAR_S = 30.0  # what belongs to a redirection is said with it


@measure("courtesy_coverage", kind="scalar", unit="%", error="phrases.missed", params={**_LIST, "stages": ()})
def courtesy_coverage(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Percent of the stages of a conversation in which a courteous phrase of the list was said.

    The stages are ``stages``, or all that the list has. One that was not heard may have been said: of these, as many as
    the recognisers miss are the error.
    """
    phrases = params["phrases"]
    if reason := no_list(voice, phrases) or poorly_heard(voice, params["min_syllables"]):
        return reason
    wanted = tuple(params["stages"]) or tuple(dict.fromkeys(p.stage for p in phrases if p.stage))
    if not wanted:
        return Reason.NO_PHRASES
    found = spoken(voice, phrases, params["allowances"])
    sure, every = _parts(found.sure, wanted), _parts((*found.sure, *found.unsure), wanted)
    per = 100 / len(wanted)
    return Single(
        per * len(sure),
        voice.speech_s,
        per * missed(len(wanted) - len(sure)),
        evidence=events_of(every.values()),
        between=_between(per * len(sure), per * len(every)),
        undecided=_open(found, set(every) - set(sure)),
    )


@measure("forbidden_phrases", kind="events", unit="s", error=0.0, params={**_LIST, "severities": ()})
def forbidden_phrases(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Phrases of a list of what must not be said, of the ``severities`` asked for.

    Undecided are those that one recogniser alone heard, and every veto. That none was found says nothing where hardly
    anything was said, the words are unsure, or only one recogniser listened.
    """
    reason = no_list(voice, params["phrases"])
    if reason and not (params["phrases"] and voice.transcript is None and voice.second):
        return reason
    found = spoken(voice, params["phrases"], params["allowances"])
    sure, unsure = (_graved(hits, params["severities"]) for hits in (found.sure, found.unsure))
    if not sure and not unsure:
        reason = reason or poorly_heard(voice, params["min_syllables"]) or heard_once(voice)
        if reason:
            return reason
    items = events_of(sure)
    undecided = tuple(event for event in events_of(unsure) if not any(event.overlap_s(item) for item in items))
    return Happened(items, voice.speech_s, undecided=undecided, watched=voice.stretches)


@measure(
    "please_not_orders",
    kind="scalar",
    unit="%",
    error="phrases.missed",
    params={**_LIST, "asks": ("ask",), "orders": ("order",), "min_requests": 2},
)
def please_not_orders(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Percent of the requests that were asked for (请, …可以吗) instead of ordered.

    Both are phrases of the list, by their stage: one of ``asks`` or one of ``orders``.
    """
    if reason := no_list(voice, params["phrases"]) or poorly_heard(voice, params["min_syllables"]):
        return reason
    found = spoken(voice, params["phrases"], params["allowances"])
    every = (*found.sure, *found.unsure)
    asked, ordered = _of(every, params["asks"]), _of(every, params["orders"])
    count = len(asked) + len(ordered)
    if count < max(1, params["min_requests"]):
        return Reason.NO_EVENT
    share = len(asked) / count
    # Of requests that were not heard the shares are those of the others, so that a miss moves the share by its spread.
    error = 100 * (share * (1 - share) * published("phrases.missed") / count) ** 0.5
    least, most = _share_between(found, params) if found.unsure else (share, share)
    evidence = events_of(ordered or asked)
    return Single(
        100 * share,
        voice.speech_s,
        error,
        evidence=evidence,
        between=_between(100 * least, 100 * most),
        undecided=_open(found, (*params["asks"], *params["orders"])),
    )


def _share_between(found: Spoken, params: Mapping[str, Any]) -> tuple[float, float]:
    """Least and most share of what was asked for, whatever a person decides of what one recogniser heard."""
    (asked, maybe_asked), (ordered, maybe_ordered) = (
        (len(_of(found.sure, params[name])), len(_of(found.unsure, params[name]))) for name in ("asks", "orders")
    )
    if asked + ordered < max(1, params["min_requests"]):
        return 0.0, 1.0
    return asked / (asked + ordered + maybe_ordered), (asked + maybe_asked) / (asked + maybe_asked + ordered)


_TOLD = {**_LIST, "near_s": 0.0}


@measure(
    "told_at_once",
    kind="scalar",
    unit="parts",
    error="phrases.missed",
    params={**_TOLD, "stages": ("itemised", "written", "deadline"), "occasions": ("materials",)},
)
def told_at_once(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Parts of telling everything at once that were said: item by item, in writing, with a deadline.

    Asked for where one of ``occasions`` was said (something is missing); where the list names none, where any part was.
    """
    return _told(voice, params)


@measure(
    "expectation",
    kind="scalar",
    unit="parts",
    error="phrases.missed",
    params={**_TOLD, "stages": ("can", "cannot", "basis", "deadline"), "occasions": ("refusal", "promise")},
)
def expectation(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Parts of managing expectations that were said: what can be done, what cannot, on what basis, until when.

    Asked for only where one of ``occasions`` was said: something was refused or promised.
    """
    return _told(voice, params)


@measure(
    "first_asked",
    kind="scalar",
    unit="parts",
    error="phrases.missed",
    params={**_TOLD, "near_s": _NEAR_S, "stages": ("where", "how", "handover"), "occasions": ("redirect",)},
)
def first_asked(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Parts of a redirection that were said: where to, how to get there, and handing over to the colleague.

    Asked for only where one of ``occasions`` was said (somebody was sent elsewhere), and looked for within ``near_s``.
    """
    return _told(voice, params)


def _told(voice: Voice, params: Mapping[str, Any]) -> Found:
    phrases, wanted, occasions = params["phrases"], tuple(params["stages"]), tuple(params["occasions"])
    if reason := no_list(voice, phrases) or poorly_heard(voice, params["min_syllables"]):
        return reason
    stages = {phrase.stage for phrase in phrases}
    if not stages.issuperset(wanted):
        return Reason.NO_PHRASES
    found = spoken(voice, phrases, params["allowances"])
    every = (*found.sure, *found.unsure)
    begun = _of(every, occasions if stages.intersection(occasions) else wanted)
    if not begun:
        return Reason.NO_EVENT
    near_s = params["near_s"] or voice.duration_s
    sure, told = (
        _parts([hit for hit in hits if any(abs(hit.start_s - each.start_s) <= near_s for each in begun)], wanted)
        for hits in (found.sure, every)
    )
    return Single(
        float(len(sure)),
        voice.speech_s,
        missed(len(wanted) - len(sure)),
        evidence=events_of(told.values()) or events_of(begun[:1]),
        between=_between(float(len(sure)), float(len(told))),
        undecided=_open(found, set(told) - set(sure)),
    )


def _graved(hits: Sequence[Hit], severities: Collection[str]) -> list[Hit]:
    return [hit for hit in hits if not severities or hit.phrase.severity in severities]


def _of(hits: Sequence[Hit], stages: Collection[str]) -> list[Hit]:
    return [hit for hit in hits if hit.phrase.stage in stages]


def _parts(hits: Sequence[Hit], wanted: Sequence[str]) -> dict[str, Hit]:
    """The first hit of each of the wanted stages that has one."""
    found: dict[str, Hit] = {}
    for hit in sorted(hits, key=lambda hit: hit.start_s):
        if hit.phrase.stage in wanted:
            found.setdefault(hit.phrase.stage, hit)
    return found


def _open(found: Spoken, stages: Collection[str]) -> tuple[Event, ...]:
    """Moments in which something of these stages may have been said."""
    return events_of(_of(found.unsure, stages))


def _between(low: float, high: float) -> tuple[float, float] | None:
    return (low, high) if high > low else None
