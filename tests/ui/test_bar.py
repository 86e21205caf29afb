"""The frame for who is signed in: pages by role, home first, the rest under More, the ways to account and out."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from liyi.records import demo, sign_in
from liyi.records.operations import people as persons
from liyi.records.schema import Role
from liyi.ui import MAIN, pages, people


@pytest.fixture
def admin(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    monkeypatch.setenv("LIYI_TEAM", "1")
    return sign_in.found_organisation(people.records(), "Hall", admin="Admin", account="admin")


def drawn(monkeypatch, viewer, lang="zh"):
    """The whole frame as this person's browser gets it."""
    monkeypatch.setattr(people, "viewer", lambda: viewer)  # pages are drawn in a thread of their own
    shown = AppTest.from_file(str(MAIN), default_timeout=60)
    shown.session_state["lang"] = lang
    shown.run()
    assert not shown.exception
    return shown


def test_codes_that_were_shown_are_gone_on_the_next_page(admin, monkeypatch):
    monkeypatch.setattr(people, "viewer", lambda: admin)
    shown = AppTest.from_file(str(MAIN), default_timeout=60)
    shown.session_state["people-codes"] = ["issued a moment ago"]
    shown.run()
    assert not shown.exception
    assert "people-codes" not in shown.session_state


def test_an_administrator_begins_with_what_needs_care_and_can_leave(admin, monkeypatch):
    shown = drawn(monkeypatch, admin)
    assert shown.header[0].value == "待办事项"
    bodies = "".join(each.proto.body for each in shown.get("html"))
    assert 'action="/sign-in/out"' in bodies
    assert 'method="post"' in bodies
    assert 'href="/sign-in/account"' in bodies
    assert "管理员" in bodies
    assert "示范数据" not in bodies


def test_what_is_over_six_pages_stands_under_more_and_demo_data_say_so(admin, monkeypatch):
    store = people.records()
    row = persons.add_person(store, admin, name="<b>All</b>", account="all")
    for role in Role:
        persons.grant_role(store, admin, row.id, role)
    demo.mark(store.folder)
    viewer = sign_in.signed_in(store, "all")
    shown = drawn(monkeypatch, viewer, "en")
    assert shown.header[0].value == "What needs care"
    mine = [each.title for each in pages.pages_of(people.roles())]
    assert len(mine) == len(set(mine)) == len(pages.all_pages()) > pages.MOST_TABS
    labels = [each.proto.label for each in shown.get("page_link")]
    assert labels.count("Progress") == 2  # under More, and in the telephone's menu
    bodies = "".join(each.proto.body for each in shown.get("html"))
    assert "Demo data" in bodies
    assert "Administrator, Evaluator, Trainer, Trainee" in bodies
    assert "<b>All</b>" not in bodies  # escaped
