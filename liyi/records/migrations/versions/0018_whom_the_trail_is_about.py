"""Lines of the audit trail say whom they are about and which role; the queue of reviews is found by indexes.

Revision 0018, after 0017.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, in which the lines that are there say nothing, and the indexes."""
    op.add_column("audit_line", sa.Column("about_id", sa.Uuid(), nullable=True))
    op.add_column("audit_line", sa.Column("role", sa.String(length=16), nullable=True))
    op.create_index(op.f("ix_recording_submitted_at"), "recording", ["submitted_at"], unique=False)
    waiting = sa.text("waits is not null")
    op.create_index(
        op.f("ix_verdict_assessment_id_waits"), "verdict", ["assessment_id", "waits"], unique=False,
        sqlite_where=waiting, postgresql_where=waiting,
    )  # fmt: skip
