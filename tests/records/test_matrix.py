"""Every person x every operation x somebody else's data: who may, can; nobody else sees or changes anything."""

from __future__ import annotations

import inspect

import pytest

import liyi.records.operations
from liyi.core.errors import LiyiError
from liyi.records.operations.registry import OPERATIONS
from liyi.records.unit_of_work import not_there
from tests.records.attempts import ATTEMPTS, PRIVATELY
from tests.records.rehearsal import ON_ONE, rehearsing
from tests.records.world import behind_the_wall

# What the administrator of another hall may do: in that hall; and of a department, in that. The attempts tell whether
# it was the owner's.
IN_ONES_OWN_HALL = {
    "add_person", "add_department", "add_cohort", "set_retention", "set_private_retention", "people_lines",
    "export_trail",
}  # fmt: skip
IN_ONES_OWN_DEPARTMENT = {"people_lines"}
# Who is refused asks one database: `test_who_may_can` puts the same conditions to the other.


def test_every_operation_has_an_attempt():
    assert set(OPERATIONS) == set(ATTEMPTS)


def test_every_operation_takes_the_store_and_the_viewer_first():
    for name, work in OPERATIONS.items():
        assert list(inspect.signature(work).parameters)[:2] == ["records", "viewer"], name


def test_every_public_function_that_takes_the_store_is_in_the_list():
    for name in liyi.records.operations.__all__:
        module = getattr(liyi.records.operations, name)
        public = {
            name
            for name, thing in inspect.getmembers(module, inspect.isfunction)
            if not name.startswith("_") and "records" in inspect.signature(thing).parameters
            and thing.__module__ == module.__name__
        }  # fmt: skip
        assert public <= set(OPERATIONS), module.__name__


@ON_ONE
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_nobody_else(settled, name):
    store, world = settled
    allowed, work = ATTEMPTS[name]
    strangers = set(world.viewers) - allowed
    assert strangers
    with rehearsing(store) as trial:
        refused(work, trial, name, strangers, world)


@ON_ONE
@pytest.mark.parametrize("name", sorted(name for name, (allowed, _) in ATTEMPTS.items() if PRIVATELY[name] != allowed))
def test_nobody_else_where_it_is_not_submitted(settled, name):
    store, world = settled
    strangers = set(world.viewers) - PRIVATELY[name]
    assert strangers - {"owner"}
    with rehearsing(store) as trial:
        refused(ATTEMPTS[name][1], trial, name, strangers, behind_the_wall(world))


def refused(work, trial, name, strangers, world) -> None:
    for who in sorted(strangers):
        assert not seen(work, trial, who, world), f"{who} can {name}"
        own = {"foreign_admin": IN_ONES_OWN_HALL, "window_admin": IN_ONES_OWN_DEPARTMENT}
        if name not in own.get(who, ()):
            assert trial.written == [], f"{who} changed something by {name}"
        trial.written.clear()


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_who_may_can(settled, name):
    store, world = settled
    allowed, work = ATTEMPTS[name]
    assert allowed <= set(world.viewers)
    for who in sorted(allowed):
        with rehearsing(store) as trial:
            assert seen(work, trial, who, world), f"{who} cannot {name}"
            if trial.written:
                assert "audit_line" in trial.written, f"{name} left no line in the audit trail"
    for who in sorted(PRIVATELY[name] if PRIVATELY[name] != allowed else ()):
        with rehearsing(store) as trial:
            assert seen(work, trial, who, behind_the_wall(world)), f"{who} cannot {name} what is private"


def seen(work, store, who: str, world):
    """What ``who`` saw or did; None when it was refused in the words for what is not there."""
    try:
        return work(store, world.viewers[who], world)
    except LiyiError as error:
        if error.sentence != not_there().sentence:
            raise
        return None
