"""Files come to a batch in pieces, on either database."""

from __future__ import annotations

import pytest

from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.records import sign_in
from liyi.records.operations import batch_bringing, batches, people
from liyi.records.schema import Role
from liyi.records.unit_of_work import reading
from liyi.records.viewer import Viewer
from tests.records.world import FILM


def test_a_file_comes_in_pieces_and_is_whole(records):
    admin = sign_in.found_organisation(records, "Hall", admin="Admin", account="admin")
    row = people.add_person(records, admin, name="Evaluator", account="evaluator")
    people.grant_role(records, admin, row.id, Role.evaluator)
    who = Viewer(row.id, row.organisation_id)
    id = batches.add_batch(records, who, name="b", purpose="training", pack="counter", lang="zh", options=Options()).id
    begun = batch_bringing.begin_file(records, who, id, name="a.webm", size_bytes=len(FILM))
    begun.path.write_bytes(FILM[:40])
    found = batch_bringing.open_file(records, who, id, begun.id)
    assert (found.received_bytes, found.is_whole) == (40, False)
    with pytest.raises(LiyiError, match="as a whole"):
        batch_bringing.end_file(records, who, id, begun.id)
    with found.path.open("ab") as more:
        more.write(FILM[40:])
    assert batch_bringing.end_file(records, who, id, begun.id).is_whole
    with reading(records, who) as unit, pytest.raises(AssertionError):
        unit.one(batches.Batch, id, alone=True)
