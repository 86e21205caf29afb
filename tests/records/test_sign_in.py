"""Attempts and sessions on each database: what several do at the same moment is counted, and nothing is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from liyi.records import attempts, passwords, sessions, sign_in
from liyi.records.schema import now
from liyi.records.sign_in_tables import SignInSession


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def test_many_guesses_at_once_are_no_way_around_the_count(records):
    def guess(number: int) -> bool:
        try:
            attempts.enter(records, "li", f"address {number % 2}")
        except attempts.LockedError:
            return False
        return True

    with ThreadPoolExecutor(8) as guessing:
        let = list(guessing.map(guess, range(24)))
    assert sum(let) <= attempts.MOST_FAULTS
    assert sum(let) >= attempts.MOST_FAULTS - 1


def test_an_account_has_one_count_however_it_is_typed(records):
    sign_in.found_organisation(records, "Hall", admin="Li", account="li")
    for number in range(attempts.MOST_FAULTS):
        sign_in.prove(records, " l" + "\0" * number + "i\0 ", "a guess", address=str(number))
    with pytest.raises(attempts.LockedError):
        sign_in.prove(records, "li", "a guess", address="another")


def test_a_machine_that_takes_another_address_of_its_network_has_one_count(records):
    for number in range(attempts.MOST_FROM_ADDRESS):
        attempts.enter(records, f"account {number}", f"2001:db8:1:2::{number:x}")
    for address, locked in (("2001:db8:1:2:9:9:9:9", True), ("2001:db8:1:3::1", False), ("10.0.0.1", False)):
        with pytest.raises(attempts.LockedError) if locked else nullcontext():
            attempts.enter(records, f"account {address}", address)


def test_a_code_is_used_once_though_two_use_it_at_once(records):
    viewer = sign_in.found_organisation(records, "Hall", admin="Li", account="li")
    code = sign_in.code_at_the_terminal(records, viewer)
    proof = sign_in.prove(records, "li", code.text, address="a")
    assert (proof.viewer, proof.by_code) == (viewer, True)

    def use(password: str) -> bool:
        try:
            sign_in.use_code(records, proof, code.text, password)
        except Exception:
            return False
        return True

    with ThreadPoolExecutor(2) as using:
        assert sorted(using.map(use, ("a first sentence", "a second sentence"))) == [False, True]
    assert sign_in.has_password(records, viewer)
    assert sign_in.has_administrator(records)


def test_sessions_are_kept_for_a_while_after_they_ended(records):
    viewer = sign_in.found_organisation(records, "Hall", admin="Li", account="li")
    old = sessions.begin(records, viewer)
    with records.writing() as rows:
        rows.get(SignInSession, sessions._digest(old)).begun_at = now() - timedelta(days=91)
    token = sessions.begin(records, viewer, before=sessions.begin(records, viewer))
    assert sessions.find(records, token).name == "Li"
    with records.reading() as rows:
        assert rows.query(SignInSession).count() == 2
        assert rows.query(SignInSession).filter(SignInSession.ended_at.is_(None)).count() == 1
