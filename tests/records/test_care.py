"""What an administrator should look after, and that it goes once it was seen to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liyi.core.errors import LiyiError
from liyi.records import backup, sign_in
from liyi.records.engine import open_records
from liyi.records.operations import accounts, care, cohorts, people
from liyi.records.operations.care import OLD_BACKUP
from liyi.records.schema import Role


@pytest.fixture
def hall(tmp_path):
    store = open_records(tmp_path / "data")
    yield store, sign_in.found_organisation(store, "Hall", admin="Admin", account="admin")
    store.close()


def sentences(store, viewer):
    return {each.notice.sentence.split(":")[0]: each for each in care.care(store, viewer)}


def test_people_who_lack_something_are_named_until_it_is_seen_to(hall):
    store, admin = hall
    assert "Nobody but you is registered yet" in sentences(store, admin)
    new = people.add_person(store, admin, name="New", account="new")
    found = sentences(store, admin)
    assert "Nobody but you is registered yet" not in found
    assert found["People with an account who were given no one-time code and never signed in"].names == ("New",)
    assert found["People without a role, who see nothing but their own"].names == ("New",)
    people.add_person(store, admin, name="Of a list", account=None)  # who sees nothing, with a role or without
    assert sentences(store, admin)["People without a role, who see nothing but their own"].names == ("New",)
    people.grant_role(store, admin, new.id, Role.trainee)
    accounts.issue_code(store, admin, new.id)
    found = sentences(store, admin)
    assert "People without a role, who see nothing but their own" not in found
    assert "People with an account who were given no one-time code and never signed in" not in found
    assert found["One-time codes that nobody has used yet"].names == ("New",)
    assert found["Trainees in no cohort, whose recordings no trainer sees"].names == ("New",)
    cohorts.add_member(store, admin, cohorts.add_cohort(store, admin, name="A").id, new.id, Role.trainee)
    assert "Trainees in no cohort, whose recordings no trainer sees" not in sentences(store, admin)


def test_rules_and_backup_of_the_machine(hall, tmp_path, monkeypatch):
    store, admin = hall
    people.grant_role(store, admin, people.add_person(store, admin, name="T", account=None).id, Role.trainer)
    assert sum(each.about == "machine" for each in care.care(store, admin)) >= 3
    people.set_retention(store, admin, Role.trainee, days=180)
    people.set_private_retention(store, admin, days=90)
    made = backup.backup(store, tmp_path / "store.zip")
    assert backup.newest(store) == made.made_at
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 10**12}))
    assert care.care(store, admin) == []
    late = made.made_at + OLD_BACKUP + timedelta(hours=1)
    monkeypatch.setattr("liyi.records.operations.care.now", lambda: late)
    [old] = care.care(store, admin)
    assert "newest backup" in old.notice.sentence


def test_it_is_for_administrators(hall):
    store, admin = hall
    trainee = people.add_person(store, admin, name="T", account="t")
    people.grant_role(store, admin, trainee.id, Role.trainee)
    with pytest.raises(LiyiError):
        care.care(store, sign_in.signed_in(store, "t"))
