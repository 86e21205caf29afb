"""What deletion, retention, backup and restore cost in a store of many assessments, on SQLite and on PostgreSQL.

    python benchmarks/lifecycle.py [--assessments 100000] [--postgres URL]

Fills a store like ``benchmarks/records.py`` (30 verdicts each; rows only, no media) and prints seconds, sizes and peak
memory. ``--postgres`` names an empty database (``postgresql://…``); without it only SQLite is measured.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import select, update  # noqa: E402

from benchmarks.records import fill  # noqa: E402
from liyi.records import retention, sign_in  # noqa: E402
from liyi.records.backup import backup  # noqa: E402
from liyi.records.engine import Records, open_records  # noqa: E402
from liyi.records.operations import deletion, people  # noqa: E402
from liyi.records.restore import restore  # noqa: E402
from liyi.records.schema import Recording, Role, State  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def timed(what: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  {what:<44}{time.perf_counter() - start:>8.1f} s   peak {peak:.0f} MB", flush=True)


def measure(records: Records, count: int, folder: Path) -> None:
    print(records.engine.dialect.name)
    with timed(f"fill {count} assessments"):
        fill(records, count)
        with records.writing() as session:  # the filled rows name files that are not there
            session.execute(update(Recording).values(sha256=None, state=State.open))
    admin = sign_in.signed_in(records, "admin")
    with records.reading() as session:
        some = session.scalars(select(Recording.id).limit(1)).one()
    archive = folder / "backup.zip"
    with timed("back up"):
        backup(records, archive)
    print(f"  archive {archive.stat().st_size / 1e6:.0f} MB")
    with timed("delete one recording, traces included"):
        assert deletion.delete_recording(records, admin, some).scrubbed
    people.set_retention(records, admin, Role.trainee, days=1)
    begin = datetime(2025, 1, 2, tzinfo=UTC)
    with timed("show what is due"):
        due = retention.due(records, at=begin.replace(month=7))
    with timed(f"purge {len(due)} recordings, traces included"):
        assert retention.purge(records, at=begin.replace(month=7)).recordings == len(due)
    with tempfile.TemporaryDirectory() as other:
        store = open_records(Path(other), url=f"sqlite:///{other}/liyi.sqlite3")
        with timed("restore into SQLite"):
            restore(store, archive)
        store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assessments", type=int, default=100_000)
    parser.add_argument("--postgres")
    arguments = parser.parse_args()
    for url in (None, arguments.postgres) if arguments.postgres else (None,):
        with tempfile.TemporaryDirectory() as folder:
            records = open_records(Path(folder), url=url or f"sqlite:///{folder}/liyi.sqlite3")
            measure(records, arguments.assessments, Path(folder))
            records.close()


if __name__ == "__main__":
    main()
