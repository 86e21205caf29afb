"""Gold clips on the pages: their owner is asked and can end it; drift is one's own, administrators see counts alone."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from liyi.core.words import translate
from liyi.records.gold_tables import GoldCheck
from liyi.records.operations import gold, gold_drift
from liyi.ui import people
from tests.records.world import build
from tests.ui.drawing import page


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path / "data"))
    monkeypatch.setenv(people.TEAM, "1")
    made = build(people.records(), tmp_path)

    def as_(who):
        monkeypatch.setattr(people, "viewer", lambda: made.viewers[who])
        return made

    yield as_
    people.records().close()
    people._opened.cache_clear()


def said(shown) -> str:
    return "\n".join([str(each.value) for each in (*shown.markdown, *shown.caption, *shown.subheader, *shown.warning)]
                     + [each.proto.body for each in shown.get("html")])  # fmt: skip


def button(shown, text):
    return next((each for each in shown.button if each.label == translate(text, "zh")), None)


def test_the_owner_is_asked_agrees_and_ends_it(world):
    made = world("owner")
    shown = page("home").run()
    assert any("用作校准样片" in each.proto.label for each in shown.get("page_link"))
    shown = page("recordings").run()
    assert not shown.exception
    assert "trainer 希望把您" in said(shown)
    shown = button(shown, "I agree").click().run()
    [clip] = gold.gold_clips(people.records(), made.viewers["owner"])
    assert clip.answer == "consented"
    assert button(shown, "I agree") is None
    shown = next(each for each in shown.button if (each.key or "").startswith("gold-end-")).click().run()
    assert gold.gold_clips(people.records(), made.viewers["owner"]) == []
    assert not shown.exception


def test_whoever_declines_is_not_asked_again(world):
    made = world("owner")
    shown = button(page("recordings").run(), "I decline").click().run()
    assert button(shown, "I decline") is None
    [clip] = gold.gold_clips(people.records(), made.viewers["owner"])
    assert clip.answer == "declined"


def test_drift_of_people_is_their_own(world, monkeypatch):
    made = world("evaluator")
    assert "+10" not in said(page("drift").run()), "one clip would tell which it was"
    monkeypatch.setattr(gold_drift, "FEWEST_RATED", 1)
    shown = page("drift").run()
    assert not shown.exception
    assert said(shown).count('class="attempts"') == 2, "one's own, and the tool's"
    assert "+10" in said(shown)
    assert made.owner_id.hex not in said(shown)
    assert "owner" not in said(shown)
    for who in ("trainer", "admin"):
        world(who)
        other = said(page("drift").run())
        assert "+10" not in other
        assert (translate("My ratings against what was agreed", "zh") in other) == (who == "trainer")
        assert "等待本人答复：1" in other


def test_an_upgrade_that_moves_clips_is_told_where_one_begins(world, monkeypatch):
    world("trainer")
    monkeypatch.setattr(gold_drift, "pack_ids", lambda unit: ["counter"])
    changed = "系统版本或规范包有变化"
    assert changed in said(page("review").run())
    version, packs = gold_drift.installed(["counter"])
    with people.records().writing() as session:
        session.execute(update(GoldCheck).values(liyi_version=version, packs=packs))
    assert "变动超出误差，涉及 1 个指标" in said(page("review").run())
    world("admin")
    assert "变动超出误差，涉及 1 个指标" in said(page("care").run())
    world("owner")
    assert "变动超出误差" not in said(page("home").run())
