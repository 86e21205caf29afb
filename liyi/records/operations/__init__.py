"""Everything that can be asked of the records, by subject; each takes the store, then the viewer on whose behalf.

Whatever is changed has its line in the audit trail in the same transaction. What the viewer may not see or do is
refused in the words used for what is not there.
"""

from liyi.records.operations import (
    access,
    assessments,
    cohorts,
    consent,
    deletion,
    enrolment,
    feedback,
    people,
    personal_copy,
    recordings,
    roster,
    space,
    submission,
    tables,
    tries,
)

__all__ = [
    "access",
    "assessments",
    "cohorts",
    "consent",
    "deletion",
    "enrolment",
    "feedback",
    "people",
    "personal_copy",
    "recordings",
    "roster",
    "space",
    "submission",
    "tables",
    "tries",
]
