"""A class of made-up people: in a folder of its own, whose numbers are what the samples come to."""

from __future__ import annotations

import pytest

from liyi.core.errors import LiyiError
from liyi.records import demo, demo_class, sign_in
from liyi.records.engine import open_records
from liyi.records.operations import appeals, assessments, care, case_views, people, recordings


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The class, and its opened store."""
    folder = tmp_path_factory.mktemp("demo") / "class"
    result = demo_class.make(folder, report=None)
    store = open_records(folder)
    yield result, store
    store.close()


def as_(store, account):
    return sign_in.signed_in(store, account)


def test_everybody_says_that_they_are_made_up(made):
    result, store = made
    assert demo.is_demo(store.folder)
    assert not demo.is_demo(store.folder.parent)
    admin = as_(store, "demo-admin")
    everybody = people.people(store, admin, size=100)
    named = [row.name for row in (*everybody, *people.departments(store, admin), people.organisation(store, admin))]
    assert len(everybody) >= len(result.accounts) == 16
    assert all(name.startswith("示范-") for name in named)


def test_pages_of_every_role_have_something_to_show(made):
    _, store = made
    trainer, other = as_(store, "demo-trainer-1"), as_(store, "demo-trainer-2")
    submitted = sum(each.submitted for each in demo_class.PRACTICE if each.trainee != 11)
    seen = [recordings.recordings(store, who, size=100) for who in (trainer, other)]
    assert [row.name[:3] for rows in seen for row in rows].count("示范-") == submitted
    assert len(recordings.recordings(store, as_(store, "demo-evaluator"), size=100)) == len(seen[0])
    assert recordings.recordings(store, as_(store, "demo-admin"), size=100) == []
    assert len(recordings.recordings(store, as_(store, "demo-6"), size=100)) == 2  # private, all of it
    assert {each.about for each in care.care(store, as_(store, "demo-admin"))} >= {"people", "machine"}


def test_totals_are_those_of_the_samples_and_differ(made):
    _, store = made
    found = assessments.assessments(store, as_(store, "demo-trainer-1"), size=100)
    totals = {row.total for row in found}
    assert None in totals  # the shorter sample is too short for one
    assert len(totals) >= 3
    dates = [row.created_at.date() for row in found]
    assert len(set(dates)) > 4


def test_something_waits_for_a_person_and_something_was_answered(made):
    _, store = made
    found = appeals.appeals(store, as_(store, "demo-trainer-1"))
    assert sorted(each.open for each in found) == [False, True]


def test_one_case_is_shown_as_a_skeleton_and_one_waits_for_its_owner(made):
    _, store = made
    [shown] = case_views.cases(store, as_(store, "demo-2"))  # a member of the cohort
    assert (shown.form, shown.state, shown.owner) == ("skeleton", "shown", "")
    assert shown.captions
    assert case_views.watch_case(store, as_(store, "demo-2"), shown.id).path.read_bytes().startswith(b"{")
    [asked] = [each for each in case_views.cases(store, as_(store, "demo-1")) if each.mine]
    assert asked.state == "asked"


def test_a_folder_that_holds_anything_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("mine")
    with pytest.raises(LiyiError, match="is not empty"):
        demo_class.make(tmp_path, report=None)
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
