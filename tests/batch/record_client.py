"""The process of a batch of the records with stand-ins, to be killed: ``python -m tests.batch.record_client``."""

from __future__ import annotations

from liyi.records.engine import open_records
from liyi.ui.evaluating.batch_process import run_next
from tests.batch.standin import assess

if __name__ == "__main__":
    run_next(open_records(), assess=assess)
