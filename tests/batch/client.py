"""A batch of stand-ins in a process of its own, to be killed: ``python -m tests.batch.client FOLDER OUT [ADDRESS]``."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from liyi.batch.cluster import local, remote
from liyi.batch.manifest import Defaults, read_lines
from liyi.batch.results import batch_lock
from liyi.batch.run import Settings, run_batch
from liyi.cohort.files import write_cohort
from liyi.core.errors import LiyiError
from tests.batch.standin import assess


def main(folder: str, out: str, address: str = "") -> int:
    for stop in (signal.SIGTERM, signal.SIGINT):  # as `liyi batch`; a suite in the background inherits "ignored"
        signal.signal(stop, signal.default_int_handler)
    lines = read_lines([folder], Defaults())
    try:
        with batch_lock(Path(out), resume=True), remote(address) if address else local(2) as client:
            outcome = run_batch(lines, Path(out), client, Settings("en", retries=1), write=write_cohort,
                                assess=assess)  # fmt: skip
    except LiyiError as error:
        print(error, file=sys.stderr)
        return 1
    if outcome.error is not None:
        print(outcome.error, file=sys.stderr)
    return 130 if outcome.stopped else 0 if outcome.done == len(lines) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
