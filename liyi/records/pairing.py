"""One id in the data folder and in its database, so that neither is used with another.

A database that names none of the files beside it would hold all of them for left over. The id is made at the first
opening; a store that is older than the id gets one when folder and database fit by what is in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import select, text

from liyi.core.atomic import ALL_BUT_OWNER, atomic_write
from liyi.core.errors import LiyiError
from liyi.records import vault
from liyi.records.store_tables import Store

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from liyi.records.engine import Records

NAME = "store.id"
_PAIRING = 0x6C697970  # PostgreSQL's advisory lock


def folder_id(folder: Path) -> UUID | None:
    """Id that the data folder carries; None before its first opening.

    Raises
    ------
    LiyiError
        When its file cannot be read, or holds no id.
    """
    file = folder / NAME
    try:
        return UUID(file.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise LiyiError(
            "The file {file}, which says to which database the data folder belongs, cannot be read: put it back from a "
            "copy of the folder, or remove it, and it is made again if the two fit.",
            file=str(file),
        ) from error


def database_id(session: Session) -> UUID | None:
    """Id that the database carries."""
    return session.scalars(select(Store.id).order_by(Store.created_at)).first()


def require_unused(folder: Path, known: UUID | None) -> None:
    """Refuse a new or empty database beside a folder that belongs to another (``known``: its id), or holds files.

    Raises
    ------
    LiyiError
        When the folder was opened with a database before, or holds files.
    """
    if known is not None or vault.holds_files(folder):
        raise LiyiError(
            "The database is new or empty, but the data folder {folder} holds a store already: name its database "
            "(LIYI_DATABASE_URL), or put its file liyi.sqlite3 back; only to begin a new store beside these files, use "
            "`liyi records list --new`.",
            folder=str(folder),
        )


def settle(records: Records, *, new: bool = False, fresh: bool = False) -> None:
    """See that folder and database carry the same id; give one to what has none, where the two fit.

    Parameters
    ----------
    records
        The store, its tables at head.
    new
        The user says that the two belong together from now on, whatever is in them.
    fresh
        The database was made just now.

    Raises
    ------
    LiyiError
        When they carry different ids, or do not fit by what is in them. Nothing was changed then.
    """
    folder = records.folder
    with records.reading() as session:
        ours, theirs = folder_id(folder), database_id(session)
    if ours is not None and ours == theirs:
        return
    with records.writing() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PAIRING})
        ours, theirs = folder_id(folder), database_id(session)
        if ours is not None and theirs is not None and ours != theirs and not (fresh and new):
            raise _strangers(folder, ours, theirs)
        if not new:
            _require_fit(records, session)
        id = theirs or (None if fresh else ours) or uuid4()
        if theirs is None:
            session.add(Store(id=id))
    _write(folder, id)


def _require_fit(records: Records, session: Session) -> None:
    """Refuse a database most of whose files are not in the folder, and one that names none beside a folder of some."""
    named = vault.named(session)
    there = sum(vault.path_of(records, digest).is_file() for digest in named)
    if 2 * there >= len(named) if named else not vault.holds_files(records.folder):
        return
    raise LiyiError(
        "Database and data folder do not fit: of {named} files that the database names, {there} are in {folder}. Name "
        "the two that belong together (LIYI_DATA, LIYI_DATABASE_URL), or say that these do: `liyi records list --new`.",
        named=len(named),
        there=there,
        folder=str(records.folder),
    )


def _strangers(folder: Path, ours: UUID, theirs: UUID) -> LiyiError:
    return LiyiError(
        "The data folder {folder} belongs to the store {ours}, the database to the store {theirs}: name the folder "
        "(LIYI_DATA) and the database (LIYI_DATABASE_URL) that belong together.",
        folder=str(folder),
        ours=str(ours),
        theirs=str(theirs),
    )


def _write(folder: Path, id: UUID) -> None:
    with atomic_write(folder / NAME, barred=ALL_BUT_OWNER) as part:
        part.write_text(f"{id}\n", encoding="ascii")
