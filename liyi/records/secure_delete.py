"""Nothing of deleted rows stays in the database's own files.

A database that deletes a row only forgets where it stood; its bytes stay in pages, logs and statistics. SQLite
overwrites them (secure_delete), is then written anew without its gaps, and its log emptied. PostgreSQL writes its
tables anew, and ends and overwrites the segments of its log where the account may do so; elsewhere these hold deleted
rows until the server reuses them.
"""

from __future__ import annotations

import time
from contextlib import closing, suppress
from sqlite3 import OperationalError
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from liyi.records.chain import AuditLink
from liyi.records.engine import BUSY_S, explain_database_errors
from liyi.records.schema import Base
from liyi.records.store_tables import AuditLine

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from liyi.records.engine import Records

WAIT_S = 30.0  # for those who still look at the rows as they were
MOST_SEGMENTS = 64  # of 16 MB, PostgreSQL's usual most
_PENDING = ".to-scrub"


def begin(records: Records) -> None:
    """Note that rows are about to go, so that a process killed in between leaves the rest to the next one."""
    with suppress(OSError):  # on a disk that is full; the trail of what must go is in the database as well
        (records.folder / _PENDING).touch(mode=0o600)


def pending(records: Records) -> bool:
    """Whether rows went of which traces may still stand in the database's files."""
    return (records.folder / _PENDING).exists()


def scrub(records: Records) -> bool:
    """Remove the traces of deleted rows; False when others use them or the disk is full, and it remains to be done."""
    with explain_database_errors():
        done = _sqlite(records.engine) if records.engine.dialect.name == "sqlite" else _postgresql(records.engine)
    if done:
        (records.folder / _PENDING).unlink(missing_ok=True)
    return done


def _sqlite(engine: Engine) -> bool:
    with closing(engine.raw_connection()) as connection:  # VACUUM runs outside of any transaction
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {WAIT_S * 1000:.0f}")
        try:
            with suppress(OperationalError):  # an earlier log makes room on a full disk
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            cursor.execute("VACUUM")  # pages that were split keep copies of rows, which secure_delete does not know
            busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except OperationalError:  # still locked after the busy timeout, or no room
            return False
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {BUSY_S * 1000:.0f}")
    return not busy


def _postgresql(engine: Engine) -> bool:
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        if not _unobserved(connection):
            return False
        try:
            connection.execute(text(f"SET lock_timeout = '{WAIT_S:.0f}s'"))
            for table in (*Base.metadata.tables, "pg_statistic"):  # statistics hold samples of what stood in a column
                if table not in (AuditLine.__tablename__, AuditLink.__tablename__):  # nothing goes from these
                    connection.execute(text(f"VACUUM (FULL, ANALYZE) {table}"))
        except DBAPIError:  # somebody holds a table
            return False
        finally:
            connection.execute(text("RESET lock_timeout"))
        with suppress(DBAPIError):  # the server's administrator may, and whoever was let by them; others may not
            _overwrite_log(connection)
    return True


def _overwrite_log(connection: Connection) -> None:
    """Release the segments of PostgreSQL's log, and go through those that it keeps for later: each is filled anew."""
    connection.execute(text("SELECT pg_switch_wal()"))
    connection.execute(text("CHECKPOINT"))
    for _ in range(min(MOST_SEGMENTS, connection.scalar(text("SELECT count(*) FROM pg_ls_waldir()")) or 0)):
        connection.execute(text("SELECT pg_logical_emit_message(false, 'liyi', '')"))  # else there is nothing to end
        connection.execute(text("SELECT pg_switch_wal()"))
    connection.execute(text("CHECKPOINT"))


def _unobserved(connection: Connection) -> bool:
    """Wait until nobody looks at the database as it was before this moment: VACUUM leaves what somebody can see."""
    older = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND age(backend_xmin) > age(CAST(:now AS xid))"
    )
    now = connection.scalar(text("SELECT CAST(pg_current_xact_id() AS text)"))
    until = time.monotonic() + WAIT_S
    while connection.scalar(older, {"now": now}):
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True
