"""The table of actions is what the browser half does, no more and no less; its words are all there."""

from __future__ import annotations

import re

from liyi.core.words import is_known
from liyi.ui.review import actions, review_page

STATIC = review_page.HERE / "static"
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in STATIC.glob("*.mjs")}


def test_every_action_is_done_and_nothing_else():
    table = re.search(r"const DOES = \{(.*?)\n\};", SCRIPTS["review.mjs"], re.DOTALL)[1]
    assert re.findall(r"^  (\w+):", table, re.MULTILINE) == [action.id for action in actions.ACTIONS]


def test_no_key_means_two_things():
    keys = [key for action in actions.ACTIONS for key in action.keys]
    assert len(keys) == len(set(keys))
    assert all(len(key) > 1 or key == key.lower() for key in keys)
    assert {"j", "k", "l", "a", "r", "e", "c", "b", "n", "p", "z", "?", "Enter"} <= set(keys)


def test_before_a_rating_nothing_that_shows_a_finding_can_be_asked_for():
    offered = {each["id"]: each for each in actions.table("zh", rating=True)}
    assert offered.keys().isdisjoint({"accept", "reject", "edit", "moment", "start", "end", "undo"})
    assert {"play", "next", "blind", "comment", "help"} <= offered.keys()
    assert offered["send"]["title"] == "提交评分并显示结果", "Enter sends what was rated, as the page says"
    assert offered["send"]["keys"] == ("Enter",)


def test_the_help_is_in_the_readers_language():
    chinese, english = (actions.table(lang, rating=False) for lang in ("zh", "en"))
    assert [each["id"] for each in chinese] == [each["id"] for each in english]
    for one, other in zip(chinese, english, strict=True):
        assert one["title"] != other["title"]
        assert bool(one["does"]) == bool(other["does"])


def test_every_word_that_the_scripts_say_is_there_and_none_is_left_over():
    said = set(re.findall(r"\bwords\.(\w+)", "\n".join(SCRIPTS.values())))
    dynamic = {f"sum_{name}" for name in ("confirmed", "rejected", "changed", "added", "comments")}
    dynamic |= {f"do_{action.id}" for action in actions.ACTIONS} & set(review_page.SENTENCES)
    there = {*review_page.SENTENCES, *review_page.REASONS, "steps"}
    assert said - there == set()
    assert there - said - dynamic == set()
    every = [*review_page.SENTENCES.values(), *(each for group in review_page.REASONS.values() for each in group)]
    assert [sentence for sentence in every if not is_known(sentence)] == []
