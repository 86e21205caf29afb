"""Everything that can be asked of the records, by subject; each takes the store, then the viewer on whose behalf.

Whatever is changed has its line in the audit trail in the same transaction. What the viewer may not see or do is
refused in the words used for what is not there.
"""

from liyi.records.operations import (
    access,
    accounts,
    appeals,
    assessments,
    audience,
    cohorts,
    confirmations,
    consent,
    deletion,
    feedback,
    outcome,
    people,
    personal_copy,
    queue,
    recordings,
    space,
    standing,
    submission,
    tables,
    tries,
)

__all__ = [
    "access",
    "accounts",
    "appeals",
    "assessments",
    "audience",
    "cohorts",
    "confirmations",
    "consent",
    "deletion",
    "feedback",
    "outcome",
    "people",
    "personal_copy",
    "queue",
    "recordings",
    "space",
    "standing",
    "submission",
    "tables",
    "tries",
]
