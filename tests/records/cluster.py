"""A private PostgreSQL of Debian's package, which only this user's socket reaches, for tests and benchmarks."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy import create_engine, text

if TYPE_CHECKING:
    from collections.abc import Iterator

_number = count()


class Cluster:
    """A running PostgreSQL that only this user's socket reaches."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"postgresql+psycopg://postgres@/{{name}}?host={quote(str(folder), safe='')}"
        self._admin = create_engine(self.url.format(name="postgres"), isolation_level="AUTOCOMMIT")

    def create(self, template: str | None = None) -> str:
        """Make a database, as a copy of another; gives its name."""
        name = f"test_{next(_number)}"
        with self._admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}"))
        return name

    def drop(self, name: str) -> None:
        """Remove a database."""
        with self._admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def binaries() -> Path | None:
    """Where PostgreSQL's programs lie; None where it is not on this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def running(programs: Path, *, durable: bool = False) -> Iterator[Cluster]:
    """Start a cluster, and end it with all that is in it; ``durable``: each commit waits for the disk, as in use."""
    folder = Path(tempfile.mkdtemp(prefix="liyi-pg-"))
    as_user: list[str] = []
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        as_user = ["runuser", "-u", "postgres", "--"]
    quick = "" if durable else "-c fsync=off -c full_page_writes=off"
    options = f"-k {folder} -c listen_addresses='' -c max_connections=60 {quick}"

    def run(*command: str) -> None:
        subprocess.run([*as_user, *command], cwd="/", check=True, stdout=subprocess.DEVNULL, timeout=120)

    try:
        data = str(folder / "data")
        run(str(programs / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        run(str(programs / "pg_ctl"), "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
        yield Cluster(folder)
    finally:
        subprocess.run([*as_user, str(programs / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop"],
                       cwd="/", check=False, capture_output=True)  # fmt: skip
        shutil.rmtree(folder, ignore_errors=True)
