"""The database: where it is, how it is opened, and that its tables are those of this version.

SQLite beside the media by default, in WAL mode and safe for several processes at once; PostgreSQL when
``LIYI_DATABASE_URL`` (a secret: environment only) names one.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InternalError, OperationalError
from sqlalchemy.orm import Session

from liyi.core import owner
from liyi.core.errors import LiyiError
from liyi.records import chain, reserve

if TYPE_CHECKING:
    from collections.abc import Iterator

MIGRATIONS = Path(__file__).parent / "migrations"
ROOMS = ("media", "work")
SQLITE = "liyi.sqlite3"  # the database in the data folder, where no address names another
BUSY_S = 60.0  # how long one writer waits for the others
_REVISION = "alembic_version"  # the table that every store of Liyi's has
_NO_TABLE = "42P01"  # PostgreSQL's state of an error
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
        with explain_database_errors(), Session(engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: all of it stands afterwards, or nothing."""
        engine = self.engine.execution_options(liyi_writes=True)
        session = Session(engine, expire_on_commit=False)
        with explain_database_errors(), session, session.begin(), chain.linking(session):
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


@contextmanager
def explain_database_errors() -> Iterator[None]:
    """Say in one sentence that the database is damaged, gone or full; what contradicts its rules stays as raised.

    Raises
    ------
    LiyiError
        Instead of what the database's driver raises.
    """
    try:
        yield
    except (OperationalError, InternalError, sqlite3.OperationalError) as error:
        raise unusable(error) from error
    except UnicodeDecodeError as error:  # text of a damaged row, or of the tables' own description
        raise damaged(type(error).__name__) from error
    except (DatabaseError, sqlite3.DatabaseError) as error:
        cause = getattr(error, "orig", error)
        of_no_kind = type(cause) is sqlite3.DatabaseError  # neither a rule of the tables nor a fault of ours
        if not of_no_kind and getattr(cause, "sqlstate", None) != _NO_TABLE:
            raise
        raise unusable(error) from error


def unusable(error: Exception) -> LiyiError:
    """What a fault of the database's driver means, and what to do."""
    cause = getattr(error, "orig", None) or error
    fault = str(cause).strip().partition("\n")[0]
    if "disk is full" in fault or "No space left" in fault:
        return LiyiError("The disk of the database is full: make room on it, or delete recordings "
                         "(`liyi records delete`).")  # fmt: skip
    if type(cause) is sqlite3.DatabaseError or "malformed" in fault or "no such" in fault or "decode" in fault:
        return damaged(fault)
    return LiyiError("The database cannot be used ({fault}): check that it runs and what LIYI_DATABASE_URL says; "
                     "`liyi doctor` tells more.", fault=fault)  # fmt: skip


def damaged(fault: str) -> LiyiError:
    """Say that the database is damaged, and what to do."""
    return LiyiError("The database is damaged ({fault}): put its file back from a copy, or restore the newest backup "
                     "into an empty data folder (`liyi records restore`). The recordings in media/ are left as they "
                     "are.", fault=fault)  # fmt: skip


def open_records(folder: Path | None = None, *, url: str | None = None, new: bool = False) -> Records:
    """Open the store and bring its tables to this version; folder and database must belong together.

    Parameters
    ----------
    folder
        Of media and of SQLite's file; `data_folder` when not given.
    url
        Of the database; ``LIYI_DATABASE_URL`` when not given, else SQLite in ``folder``.
    new
        Begin a new database beside a folder that holds files, or take two for a pair that do not fit.

    Raises
    ------
    LiyiError
        When the folder cannot be written, the address is not understood, the database does not answer, is damaged or
        belongs to another folder or program, or a later version of Liyi made it.
    """
    folder = folder or data_folder()
    address = url or os.environ.get("LIYI_DATABASE_URL") or f"sqlite:///{folder / SQLITE}"
    try:
        closing = not folder.exists() or bool(folder.stat().st_mode & 0o077)
        owner.make_folder(folder)
        _close_inside(folder, thoroughly=closing)
        with reserve.released(folder, below=reserve.OPENING_BYTES):
            return _opened(folder, address, new=new)
    except OSError as error:
        raise LiyiError(
            "The data folder {folder} cannot be written ({fault}): mend its permissions, or name another one "
            "(LIYI_DATA).",
            folder=str(folder),
            fault=error.strerror or str(error),
        ) from error


def is_there() -> bool:
    """Whether there is a store to open: one that an address names, or SQLite's file in the data folder."""
    return bool(os.environ.get("LIYI_DATABASE_URL")) or (data_folder() / SQLITE).is_file()


def _opened(folder: Path, address: str, *, new: bool) -> Records:
    from liyi.records import pairing

    records = Records(make_engine(address), folder)
    try:
        with explain_database_errors(), _alone(records):
            known = pairing.folder_id(folder)  # before the look at the database, which another process may just make
            tables = _tables(records.engine)
            if tables and _REVISION not in tables:
                raise LiyiError("The database holds tables of another program's, so nothing was written to it: name "
                                "Liyi's own, or an empty one (LIYI_DATABASE_URL).")  # fmt: skip
            fresh = not tables
            if fresh and not new:
                pairing.require_unused(folder, known)
            migrate(records)
            pairing.settle(records, new=new, fresh=fresh)
    except BaseException:
        records.close()
        raise
    return records


def _close_inside(folder: Path, *, thoroughly: bool) -> None:
    """Close what others made readable in the data folder; the many files of the vault only if it was open itself."""
    with suppress(FileNotFoundError):  # others work in it
        for entry in folder.iterdir():
            if entry.name in ROOMS and entry.exists():  # on another disk, perhaps: what a link leads to counts
                owner.close(entry.resolve())
            elif entry.is_file():
                owner.close(entry)
    for pattern in ("work/**/*", "media/*", *(["media/??/*"] if thoroughly else [])):
        for entry in folder.glob(pattern):
            with suppress(FileNotFoundError):
                owner.close(entry)


def _tables(engine: Engine) -> set[str]:
    """Names of the database's tables, none where it is not there yet; nothing is made or changed by looking."""
    if engine.dialect.name != "sqlite":
        return set(inspect(engine).get_table_names())
    file = Path(str(engine.url.database))
    if not file.exists() or not file.stat().st_size:
        return set()
    with closing(_connect(file)) as connection:  # the engine's own connections switch the file to WAL
        names = {str(name) for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return {name for name in names if not name.startswith("sqlite_")}


def make_engine(url: str) -> Engine:
    """An engine whose connections are set up as Liyi needs them; makes no database."""
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise _bad_address() from error
    if address.get_backend_name() == "postgresql":
        # compiling a short query takes PostgreSQL longer than answering it
        address = address.set(drivername="postgresql+psycopg").update_query_pairs(
            [("options", "-c jit=off")], append=True
        )
        return create_engine(address, pool_pre_ping=True)
    if address.drivername == "sqlite" and address.database:
        return _sqlite(address, Path(address.database))
    raise _bad_address()


def _bad_address() -> LiyiError:
    return LiyiError("LIYI_DATABASE_URL is not understood: give an address such as "
                     "postgresql://user:password@host/database, or nothing for SQLite.")  # fmt: skip


def _connect(file: Path) -> sqlite3.Connection:
    """Open SQLite's file; never makes one: a database that was lost must not come back empty."""
    return sqlite3.connect(f"file:{quote(str(file))}?mode=rw", uri=True, timeout=BUSY_S, check_same_thread=False)


def _sqlite(address: URL, file: Path) -> Engine:
    engine = create_engine(address, creator=lambda: _connect(file))

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


def _make_file(engine: Engine) -> None:
    """Make SQLite's empty file, readable by its owner only; its log and shared memory take over these permissions.

    One that is there is not opened: closing any descriptor of it drops the locks that this process's connections hold
    on it, and another process that ends would then take the log away from under them.
    """
    if engine.dialect.name == "sqlite":
        with suppress(FileExistsError):
            os.close(os.open(str(engine.url.database), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def migrate(records: Records, revision: str = "head") -> None:
    """Bring the tables to ``revision`` (head: this version's), once, though several processes start together."""
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    _make_file(records.engine)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with records.engine.connect() as connection:
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
                if sqlite and (broken := writing.execute(text("PRAGMA foreign_key_check")).first()):
                    raise damaged(f"{broken[0]}: FOREIGN KEY")
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
