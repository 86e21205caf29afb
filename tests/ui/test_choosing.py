"""What to practise next: what was weakest and what is due, the same for the same clock, and steady through the day."""

from __future__ import annotations

from uuid import uuid4

import pytest

from liyi.core.bilingual import Bilingual
from liyi.etiquette.assessment import Verdict
from liyi.etiquette.drill import all_drills
from liyi.records.operations.tries import Try
from liyi.ui import choosing
from tests.records.world import judged

TODAY = 1_800_000_000.0


def assessed(**scores: float):
    """An assessment with these sub-scores."""
    verdicts = tuple(
        Verdict(criterion=id, name=Bilingual(zh=f"{id}名", en=f"{id} name"), measure=id, dimension="posture",
                status="assessed", value=1.0, sub_score=score, weight=1.0)
        for id, score in scores.items()
    )  # fmt: skip
    return judged().model_copy(update={"verdicts": verdicts})


def tried(drill: str, days: float, *, passed: bool = True) -> Try:
    return Try(uuid4(), drill, TODAY - days * choosing.DAY_S, passed, ())


def chosen(found=(), tries=(), post="seated", **more):
    newest_first = sorted(tries, key=lambda each: -each.at)
    return choosing.choose(found, newest_first, post=post, today_s=TODAY, **more)


def test_at_first_one_of_each_kind():
    first = chosen()
    assert len(first) == 3
    assert {each.why for each in first} == {choosing._NEW}
    assert len({each.drill.module for each in first}) == 3


@pytest.mark.parametrize("post", ["seated", "standing", "complaint", "phone"])
def test_only_what_the_post_needs(post):
    drills = {each.drill.id for each in chosen(post=post, many=99)}
    assert len(drills) >= 3
    for drill in drills:
        assert all_drills()[drill].profile in (post, "phone", *(["seated"] if post == "complaint" else []))


def test_another_packs_post_has_those_of_the_voice():
    assert {each.drill.camera for each in chosen(post="talk", many=99)} == {"none"}


def test_the_weakest_first_and_room_for_what_is_due():
    found = [assessed(shoulder_tilt=0.5, head_roll=0.2, pace=0.6, final_drop=1.0)]
    first, second, third = chosen(found, [tried("finish_sentences", 2)])
    assert (first.drill.id, first.why) == ("head_straight", choosing._WEAKEST)
    assert first.fields == {"criterion": "head_roll name", "criterion_zh": "head_roll名"}
    assert (second.drill.id, second.why) == ("level_shoulders", choosing._WEAK)
    assert (third.drill.id, third.why, third.fields) == ("finish_sentences", choosing._DUE, {"days": 2})


def test_the_mean_of_the_last_three_counts():
    found = [assessed(shoulder_tilt=0.9, head_roll=0.3), assessed(shoulder_tilt=0.1, head_roll=0.9),
             assessed(shoulder_tilt=0.2, head_roll=0.9), assessed(head_roll=0.0)]  # fmt: skip
    assert chosen(found)[0].drill.id == "level_shoulders"  # 0.4 against 0.7; the fourth is too old


def test_what_was_met_twice_waits_for_the_next_assessment():
    found = [assessed(shoulder_tilt=0.5)]
    assert chosen(found, [tried("level_shoulders", 0.2)])[0].drill.id == "level_shoulders"
    met = [tried("level_shoulders", 0.2), tried("level_shoulders", 0.3)]
    assert "level_shoulders" not in [each.drill.id for each in chosen(found, met)]


def test_what_was_missed_comes_before_what_is_due_and_that_before_what_is_new():
    tries = [tried("sit_upright", 9), tried("level_shoulders", 1, passed=False), tried("head_straight", 0.5)]
    assert [each.why for each in chosen(tries=tries)] == [choosing._FAILED, choosing._DUE, choosing._NEW]


@pytest.mark.parametrize(("times", "days", "due"), [(1, 0.9, False), (1, 1.1, True), (2, 2, False), (2, 3, True),
                                                    (9, 29, False), (9, 31, True)])  # fmt: skip
def test_the_intervals_grow(times, days, due):
    tries = [tried("sit_upright", days + n * 0.01) for n in range(times)]
    assert (choosing._DUE in [each.why for each in chosen(tries=tries)]) is due


def test_tries_of_today_change_nothing():
    found, tries = [assessed(shoulder_tilt=0.5)], [tried("head_straight", 3)]
    before = chosen(found, tries)
    later = [tried(each.drill.id, -0.1, passed=False) for each in before]
    assert chosen(found, [*tries, *later]) == before


def test_when_everything_is_fresh_the_oldest_comes_again():
    tries = [tried(id, 0.9 - n * 0.01) for n, id in enumerate(all_drills())]
    first = chosen(tries=tries, post="seated")
    assert {each.why for each in first} == {choosing._KEEP}
    assert first[0].drill.id == next(iter(all_drills()))


def test_what_cannot_be_practised_here_is_not_proposed():
    def proposed(**more):
        return [each.drill.id for each in choosing.choose([], [], post="seated", today_s=0.0, many=99, **more)]

    assert "ten_words" in proposed()
    assert set(proposed()) - set(proposed(without=("ten_words", "sit_upright"))) == {"ten_words", "sit_upright"}
