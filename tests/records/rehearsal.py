"""A store in which everything can be tried and nothing stays: one transaction, rolled back at the end.

Also what the tests on it share: which ask one database only, and what a refusal is.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from liyi.core.errors import LiyiError
from liyi.records import chain, secure_delete
from liyi.records.engine import Records
from liyi.records.unit_of_work import not_there

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


# Most of the tests ask one database: the other answers by the same statements, which `test_matrix` goes over.
ON_ONE = pytest.mark.parametrize("settled", ["sqlite"], indirect=True)
IN_ONE = pytest.mark.parametrize("built", ["sqlite"], indirect=True)


@dataclass(frozen=True)
class Rehearsal(Records):
    """Operations run in savepoints of one connection; ``written`` lists the tables to which they wrote."""

    connection: Connection | None = None
    written: list[str] = field(default_factory=list)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self._session() as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self._session() as session, session.begin(), chain.linking(session):
            yield session

    def _session(self) -> Session:
        return Session(self.connection, expire_on_commit=False, join_transaction_mode="create_savepoint")


@contextmanager
def rehearsing(records: Records) -> Iterator[Rehearsal]:
    with records.engine.execution_options(liyi_writes=True).connect() as connection:
        store = Rehearsal(records.engine, records.folder, connection)

        def note(_1: object, _2: object, statement: str, *_3: object) -> None:
            words = statement.replace('"', "").split()
            if words[0] in ("INSERT", "DELETE"):
                store.written.append(words[2])
            elif words[0] == "UPDATE":
                store.written.append(words[1])

        event.listen(connection, "before_cursor_execute", note)
        transaction = connection.begin()
        files = {path: path.read_bytes() for path in records.folder.rglob("media/**/*") if path.is_file()}
        try:
            # the transaction itself is in the way of what rewrites the database's files, which would wait for it
            with patch.object(secure_delete, "scrub", lambda records: False):
                yield store
        finally:
            transaction.rollback()
            for path, content in files.items():  # what an operation removed has its row again
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)


def refused(ask, *arguments, **named) -> bool:
    """Whether an operation answers as if there were nothing; it must not go through."""
    with pytest.raises(LiyiError) as caught:
        ask(*arguments, **named)
    return caught.value.sentence == not_there().sentence
