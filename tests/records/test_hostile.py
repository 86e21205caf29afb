"""Text that tries to be SQL or a path goes in and comes out as text, or is refused; it never does anything."""

from __future__ import annotations

import inspect
import io
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

import liyi.records.operations  # noqa: F401  (enters the operations into the list)
from liyi.core.errors import LiyiError
from liyi.records import sign_in, vault
from liyi.records.case_tables import CaseForm, CasePurpose
from liyi.records.operations import feedback, people, recordings
from liyi.records.operations.registry import OPERATIONS
from liyi.records.review_schema import Decision
from liyi.records.schema import Base, Kind, Role, now
from tests.records.attempts import ATTEMPTS
from tests.records.rehearsal import rehearsing
from tests.records.world import judged

HOSTILE = [
    "' OR '1'='1",
    "'; DROP TABLE recording; --",
    '" OR 1=1 --',
    "1; DELETE FROM audit_line",
    "') UNION SELECT id, name, account FROM person --",
    "%' OR name LIKE '%",
    "\\'; COPY person TO PROGRAM 'id' --",
    "$1; SELECT pg_sleep(9)",
    "../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "%2e%2e%2f%2e%2e%2fetc/passwd",
    "....//....//etc/passwd",
    "file:///etc/passwd",
    "a\x00b",
    "a\ud800b",
    "",
    "x" * 100_000,
    "{0.__class__}",
    "00000000-0000-0000-0000-000000000000",
]


def ordinary(name: str, kind: object, world) -> object:
    """A value for a parameter, with which the operation could do its work."""
    known = {"role": Role.trainee, "kind": Kind.upload, "days": 30, "score": 50.0, "new": None, "at_s": 1.0, "size": 50,
             "offset": 0, "duration_s": 1.0, "from_day": date(2026, 1, 1), "until_day": None, "on": None,
             "until": now() + timedelta(days=30), "content": io.BytesIO(b"{}"), "files": {}, "judged": judged(),
             "version": "1", "text_sha256": "ab" * 32, "criterion": "pace", "flag": "pace", "pack_id": "counter",
             "person_id": world.owner_id, "evaluator_id": world.idle_evaluator_id, "department_id": None,
             "grantee_id": world.expired_admin_id, "drill": "level_shoulders", "results": [], "passed": True,
             "newest": 5, "decision": Decision.confirmed, "since": None, "weakest": None, "upheld": True,
             "ids": [world.owner_id], "lines": [], "known": None, "held": (), "actions": ["watch"], "left": False,
             "purpose": CasePurpose.exemplary,
             "size_bytes": 7, "modified_ms": 0, "share": 0.5, "side": None, "cells": [], "scores": {}, "file_ids": [],
             "form": CaseForm.skeleton, "captions": (), "noted": False,
             "start_s": 1.0, "end_s": 2.0, "post": "phone", "at": datetime(2036, 1, 1, tzinfo=UTC)}  # fmt: skip
    if name == "content" and kind == "bytes":
        return b"x"
    if name in known:
        return known[name]
    if name.endswith("_id"):
        return world.ids.get(name.removesuffix("_id"))
    return "text"


def cases() -> dict[str, list[str]]:
    """Every operation with those of its parameters that take text or an id."""
    found: dict[str, list[str]] = {}
    for name, work in sorted(OPERATIONS.items()):
        for each in list(inspect.signature(work).parameters.values())[2:]:
            if "str" in re.sub(r"Mapping\[str(, str)?", "", str(each.annotation)):
                found.setdefault(name, []).append(each.name)
    return found


def contents(store) -> dict[str, int]:
    with store.reading() as session:
        return {table.name: len(session.execute(select(table)).all()) for table in Base.metadata.sorted_tables}


def test_there_are_cases_for_most_operations():
    assert len(cases()) > 45


@pytest.mark.parametrize("name", cases())
def test_hostile_text(settled, name):
    store, world = settled
    who = max(ATTEMPTS[name][0])  # somebody who may do it
    with rehearsing(store) as trial:
        before = contents(trial)
        for parameter in cases()[name]:
            require_unharmed(trial, world, name, who, parameter)
        after = contents(trial)
        assert [table for table in before if after[table] < before[table]] == []


def require_unharmed(trial, world, name: str, who: str, parameter: str) -> None:
    """No hostile text as this parameter finds anything, or changes anything where it is refused."""
    asked = list(inspect.signature(OPERATIONS[name]).parameters.values())[2:]
    for text in HOSTILE:
        given = {each.name: ordinary(each.name, each.annotation, world) for each in asked} | {parameter: text}
        trial.written.clear()
        try:
            answer = OPERATIONS[name](trial, world.viewers[who], **given)
        except LiyiError:
            assert trial.written == [], f"{text!r} as {parameter} was refused, but changed something"
            continue
        if parameter.endswith("_id") and parameter != "pack_id" and text:
            assert not answer, f"{text!r} as {parameter} found something"
        if isinstance(answer, Path):
            assert answer.resolve().is_relative_to(trial.folder.resolve())


def test_text_comes_back_as_it_went_in(settled):
    store, world = settled
    owner = world.viewers["owner"]
    texts = [text for text in HOSTILE if text and text.isprintable() and len(text) <= 4000]
    assert len(texts) > 12
    with rehearsing(store) as trial:
        for text in texts:
            feedback.comment(trial, owner, world.recording, text)
        assert {each.text for each in feedback.comments(trial, owner, world.recording)} >= set(texts)
        for text in texts:
            row = people.add_person(trial, world.viewers["admin"], name=text[:200])
            assert people.person(trial, world.viewers["admin"], row.id).name == text[:200]


@pytest.mark.parametrize("text", HOSTILE)
def test_nobody_signs_in_by_hostile_names(settled, text):
    with pytest.raises(LiyiError):
        sign_in.signed_in(settled[0], text)


@pytest.mark.parametrize("digest", [*HOSTILE, "AB" * 32, "ab" * 31, "ab" * 32 + "\n", "../" + "ab" * 30 + "a", None])
def test_paths_are_made_of_digests_only(settled, digest):
    with pytest.raises(LiyiError):
        vault.path_of(settled[0], digest)


@pytest.mark.parametrize("name", [text for text in HOSTILE if text and text.isprintable() and len(text) <= 200])
def test_a_recordings_name_is_never_a_path(settled, name):
    store, world = settled
    owner = world.viewers["owner"]
    with rehearsing(store) as trial:
        row = recordings.keep_recording(trial, owner, io.BytesIO(name.encode()), name=name, kind=Kind.upload)
        assert row.name == name
        path = recordings.watch(trial, owner, row.id)
        assert path.relative_to(store.folder).parts == ("media", row.sha256[:2], row.sha256[2:])


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -1, 1e308])
def test_numbers_out_of_bounds(settled, number):
    store, world = settled
    with pytest.raises(LiyiError, match="between"):
        feedback.rate(store, world.viewers["trainer"], world.recording, "pace", number)


@pytest.mark.parametrize(("size", "offset"), [(-1, -1), (10**30, 10**30), (0, 0)])
def test_pages_out_of_bounds(settled, size, offset):
    store, world = settled
    assert len(recordings.recordings(store, world.viewers["owner"], size=size, offset=offset)) <= 1


def test_an_id_is_an_id_in_every_spelling(settled):
    store, world = settled
    id = world.recording
    for spelling in (id, str(id), id.hex, str(id).upper(), f"{{{id}}}"):
        assert recordings.recording(store, world.viewers["owner"], spelling).id == UUID(str(id))
