"""Who is misheard in a known text is judged on words with that much more error, or not at all."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from liyi.core.reasons import Reason
from liyi.core.trace import Event, Events, Scalar
from liyi.etiquette.assess import signals_of
from liyi.etiquette.misheard import MOST_MISHEARD, as_heard, is_of_words, reading_error
from liyi.etiquette.performance import measures

PACE = measures()["pace"]
OF_WORDS = replace(PACE, params=MappingProxyType({"phrases": ()}))
HALF = Scalar("pace", "", 0.5, 20.0, error=0.03)


@pytest.mark.parametrize(("value", "unit", "error", "widened"), [
    (0.5, "parts", None, 3.0), (0.5, "parts", 0.0, 3.0), (100.0, "%", 0.04, 5.0), (0.0, "%", 0.04, 5.0),
    (50.0, "%", 0.08, 5.0), (2.0, "parts", 0.2, 3.0266), (0.0, "parts", 0.2, 3.0067),
])  # fmt: skip
def test_a_value_of_words_is_widened_by_what_may_be_misheard(value, unit, error, widened):
    """Three, and in squares beside it: of a share its larger part, of a count one at least."""
    signal = as_heard(Scalar("x", unit, value, 20.0, error=3.0), OF_WORDS, error)
    assert signal.error == pytest.approx(widened, rel=1e-4)
    assert (signal.value, signal.reason) == (value, None)


def test_beyond_the_limit_words_are_not_assessed():
    assert as_heard(HALF, OF_WORDS, MOST_MISHEARD).reason is None
    signal = as_heard(HALF, OF_WORDS, MOST_MISHEARD + 0.01)
    assert signal.reason is Reason.WORDS_UNSURE
    events = replace(OF_WORDS, kind="events")
    assert as_heard(Events("x", "", (), 20.0), events, 0.5).reason is Reason.WORDS_UNSURE


def test_a_phrase_that_was_heard_all_the_same_is_for_a_person():
    heard, doubted = Event(5.0, 6.0, {}, "等着"), Event(2.0, 3.0, {}, "急什么")
    events = Events("x", "s", (heard,), 20.0, undecided=(doubted,))
    signal = as_heard(events, replace(OF_WORDS, kind="events"), 0.5)
    assert (signal.items, signal.undecided) == ((), (doubted, heard))


def test_every_measure_of_words_is_one():
    found = {measure.id for measure in measures().values() if is_of_words(measure)}
    assert {"courtesy_coverage", "forbidden_phrases", "nin_ratio", "jargon", "told_at_once"} <= found
    assert found.isdisjoint({"pace", "pitch_variation", "filled_pauses", "shoulder_tilt"})


def test_nothing_else_is_changed():
    assert not is_of_words(PACE)
    assert as_heard(HALF, PACE, 0.9) is HALF
    events = Events("x", "", (), 20.0)
    assert as_heard(events, OF_WORDS, 0.1) is events


def test_a_reading_travels_with_the_performance_to_its_signals(build, counter, monkeypatch):
    from liyi.etiquette import misheard

    plain = build.performance()
    assert reading_error(plain) is None
    monkeypatch.setattr(misheard, "is_of_words", lambda measure: measure.id == "pace")
    read = replace(plain, options={**plain.options, "reading_error": 0.1})
    before, after = signals_of(plain, counter)["pace"], signals_of(read, counter)["pace"]
    assert after.error == pytest.approx((before.error**2 + (0.1 * before.value) ** 2) ** 0.5)
    lost = replace(plain, options={**plain.options, "reading_error": 0.6})
    assert signals_of(lost, counter)["pace"].reason is Reason.WORDS_UNSURE
