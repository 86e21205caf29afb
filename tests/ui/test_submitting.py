"""The trainee's list in a team: states, submitting and taking back, what is new; on a machine of one none of it."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from liyi.core.words import translate
from liyi.records.operations import feedback, recordings, submission
from liyi.records.operations.standing import Standing
from liyi.records.schema import now
from liyi.ui import entries, pages, people, submitting
from tests.records.world import build, practise
from tests.ui.drawing import page


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A team's store with what one of them has submitted and what not, and who is there."""
    folder = tmp_path_factory.mktemp("team")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIYI_DATA", str(folder))
        files = tmp_path_factory.mktemp("files")
        world = build(people.records(), files)
        practise(people.records(), world, files)
        yield folder, world
        people.records().close()
        people._opened.cache_clear()


@pytest.fixture
def world(made, monkeypatch):
    folder, there = made
    monkeypatch.setenv("LIYI_DATA", str(folder))
    monkeypatch.setenv(people.TEAM, "1")
    monkeypatch.setattr(people, "viewer", lambda: there.viewers["owner"])
    return there


def bodies(shown):
    return [each.proto.body for each in shown.get("html") if 'class="row"' in each.proto.body]


def button(shown, text, lang="zh"):
    return next((each for each in shown.button if each.label == translate(text, lang)), None)


def test_states_submitting_and_taking_it_back(world):
    store, owner, trainer = people.records(), world.viewers["owner"], world.viewers["trainer"]
    shown = page("recordings").run()
    assert not shown.exception
    secret, submitted = (next(body for body in bodies(shown) if name in body) for name in ("只有自己可见", "a.mp4"))
    assert "已提交" not in secret
    assert translate(submission.WHO_CAN_READ, "zh") in [each.value for each in shown.markdown], "one tap away"
    assert "trainer已复核" in submitted
    assert "1 条申诉待答复" in submitted
    assert ("有新内容" in submitted, "有新内容" in secret) == (True, False)
    assert button(shown, "Make it private again") is None, "it was opened"
    shown = button(shown, "Submit to my trainer").click().run()
    [told] = [each.value for each in shown.markdown if "您的讲师会看到" in each.value]
    for text in ("您的讲师会看到：trainer", "您的评估员会看到：evaluator", "管理员看不到", "Spring", "可以撤回"):
        assert text in told
    assert recordings.recording(store, owner, world.secret).submitted_at is None, "asking is not submitting"
    assert button(shown, "Do not submit") is not None
    shown = button(shown, "Submit").click().run()
    assert [each.value for each in shown.success] == ["已提交。"]
    assert recordings.recording(store, trainer, world.secret).id == world.secret
    shown = button(shown, "Make it private again").click().run()
    assert recordings.recording(store, owner, world.secret).submitted_at is None
    submission.submit_recording(store, owner, world.secret)
    late = shown.run()
    feedback.comment(store, trainer, world.secret, "看到了", at_s=1.0)
    shown = button(late, "Make it private again").click().run()  # which somebody has opened meanwhile
    assert button(shown, "Make it private again") is None
    assert recordings.recording(store, owner, world.secret).submitted_at is not None


def test_narrowed_by_state(world, monkeypatch):
    every = (None, Standing(now()), Standing(now(), reviewed_at=now()), Standing(now(), open_appeals=1))
    of = {state: [submitting.is_in(state, each) for each in every] for state in submitting.STATES}
    yes, no = True, False
    assert of == {"": [yes] * 4, "private": [yes, no, no, no], "submitted": [no, yes, yes, yes],
                  "reviewed": [no, no, yes, no], "appealed": [no, no, no, yes]}  # fmt: skip
    monkeypatch.setattr("liyi.ui.screens.recordings._FEW", 0)
    shown = page("recordings").run()
    shown = next(each for each in shown.selectbox if each.label == "状态").set_value("reviewed").run()
    assert any("a.mp4" in body for body in bodies(shown))
    assert all("已复核" in body for body in bodies(shown))


def test_opening_the_report_is_reading_it(world, monkeypatch):
    monkeypatch.setattr(pages, "go", lambda *_, **__: None)
    id = world.recording.hex
    shown = page("recordings").run()
    assert submitting.standings()[id].unread, "drawing the page reads nothing"
    [news] = [each.proto for each in page("home").run().get("page_link") if "讲师有新的" in each.proto.label]
    assert news.page.endswith("recordings")
    next(each for each in shown.button if each.key == f"open-{id}").click().run()
    assert not submitting.standings()[id].unread


def test_a_finished_report_of_ones_own_leads_to_submitting_it(world, monkeypatch):
    gone, bar = [], Mock()
    monkeypatch.setattr(pages, "go", lambda address, **_: gone.append(address))
    submitting.lead(bar, entries.find(world.recording.hex))
    assert not bar.button.called, "it is submitted"
    monkeypatch.setattr(submitting, "standings", dict)
    submitting.lead(bar, entries.find(world.recording.hex))
    assert (bar.button.call_args.args, gone) == ((translate("Submit to my trainer", "zh"),), ["recordings"])


def test_alone_nothing_of_it_is_shown(world, monkeypatch):
    monkeypatch.delenv(people.TEAM)
    shown = page("recordings").run()
    assert bodies(shown)
    assert not [body for body in bodies(shown) if "可见" in body or "提交" in body or "有新内容" in body]
    assert button(shown, "Submit to my trainer") is button(shown, "Make it private again") is None
    assert submitting.standings() == {}
