"""The database: where it is, how it is opened, and that its tables are those of this version.

SQLite beside the media by default, in WAL mode and safe for several processes at once; PostgreSQL when
``LIYI_DATABASE_URL`` (a secret: environment only) names one.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session

from signals.errors import LiyiError

if TYPE_CHECKING:
    from collections.abc import Iterator

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_S = 60.0  # how long one writer waits for the others
_MIGRATING = 0x6C697969  # PostgreSQL's advisory lock: "liyi"


@dataclass(frozen=True)
class Records:
    """An opened store: the database, and the folder in which the vault keeps media."""

    engine: Engine
    folder: Path

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent look at the database."""
        engine = self.engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ") \
            if self.engine.dialect.name == "postgresql" else self.engine  # fmt: skip
        with Session(engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: all of it stands afterwards, or nothing."""
        engine = self.engine.execution_options(liyi_writes=True)
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def data_folder() -> Path:
    """Where everything is kept: ``LIYI_DATA``, else the user's data folder."""
    base = os.environ.get("LIYI_DATA")
    if base is None:
        import platformdirs

        base = platformdirs.user_data_dir("liyi", appauthor=False)
    return Path(base)


def open_records(folder: Path | None = None, *, url: str | None = None) -> Records:
    """Open the store and bring its tables to this version.

    Parameters
    ----------
    folder
        Of media and of SQLite's file; `data_folder` when not given.
    url
        Of the database; ``LIYI_DATABASE_URL`` when not given, else SQLite in ``folder``.

    Raises
    ------
    LiyiError
        When the folder cannot be written, the address is not understood, the database does not answer, or a later
        version of Liyi made it.
    """
    folder = folder or data_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = make_engine(url or os.environ.get("LIYI_DATABASE_URL") or f"sqlite:///{folder / 'liyi.sqlite3'}")
    except OSError as error:
        raise LiyiError(
            "The data folder {folder} cannot be written ({fault}): mend its permissions, or name another one "
            "(LIYI_DATA).",
            folder=str(folder),
            fault=error.strerror or str(error),
        ) from error
    records = Records(engine, folder)
    try:
        migrate(records)
    except OperationalError as error:
        records.close()
        fault = str(error.orig).strip().partition("\n")[0]
        raise LiyiError("The database cannot be used ({fault}): check that it runs and what LIYI_DATABASE_URL says.",
                        fault=fault) from error  # fmt: skip
    return records


def make_engine(url: str) -> Engine:
    """An engine whose connections are set up as the house needs them; touches nothing but SQLite's empty file."""
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise _misunderstood() from error
    if address.get_backend_name() == "postgresql":
        # compiling a short query takes PostgreSQL longer than answering it
        address = address.set(drivername="postgresql+psycopg").update_query_pairs(
            [("options", "-c jit=off")], append=True
        )
        return create_engine(address, pool_pre_ping=True)
    if address.drivername == "sqlite" and address.database:
        return _sqlite(address, Path(address.database))
    raise _misunderstood()


def _misunderstood() -> LiyiError:
    return LiyiError("LIYI_DATABASE_URL is not understood: give an address such as "
                     "postgresql://user:password@host/database, or nothing for SQLite.")  # fmt: skip


def _sqlite(address: URL, file: Path) -> Engine:
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))  # its log and shared memory take over these permissions
    engine = create_engine(address, connect_args={"timeout": BUSY_S})

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions begin where SQLAlchemy says, not where sqlite3 guesses
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "secure_delete = ON", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A reader that turns writer fails at once when another wrote meanwhile: writers queue from the beginning.
        writes = connection.get_execution_options().get("liyi_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def migrate(records: Records, revision: str = "head") -> None:
    """Bring the tables to ``revision`` (head: this version's), once, though several processes start together."""
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with _alone(records), records.engine.connect() as connection:
        writing = connection.execution_options(liyi_writes=True)
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:  # a table that is rebuilt must not take along what refers to it; only works outside transactions
            _raw(connection, "PRAGMA foreign_keys = OFF")
        try:
            with writing.begin():
                if not sqlite:
                    writing.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
                config.attributes["connection"] = writing
                command.upgrade(config, revision)
                if sqlite and writing.execute(text("PRAGMA foreign_key_check")).first():
                    raise AssertionError("the migration broke a reference")
        except CommandError as error:
            raise LiyiError("The database was made by a later version of Liyi: install that version, or restore a "
                            "backup from before it.") from error  # fmt: skip
        finally:
            if sqlite:
                _raw(connection, "PRAGMA foreign_keys = ON")


def _raw(connection: Connection, statement: str) -> None:
    """Run a statement of SQLite's outside any transaction."""
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.cursor().execute(statement)


def _alone(records: Records) -> Any:
    """Keep other processes from switching SQLite's file to WAL at the same moment; PostgreSQL locks by itself."""
    if records.engine.dialect.name != "sqlite":
        return nullcontext()
    from filelock import FileLock

    return FileLock(records.folder / ".migrating.lock", mode=0o600)
