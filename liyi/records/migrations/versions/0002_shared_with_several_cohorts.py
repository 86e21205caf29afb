"""A recording may be shared with several cohorts; nobody changes or removes a line of the audit trail.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the one cohort of each recording to a table of its own, and seal the audit trail."""
    op.create_table(
        "recording_share",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_recording_share_cohort_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_recording_share_recording_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording_id", "cohort_id", name=op.f("pk_recording_share")),
    )
    op.create_index(op.f("ix_recording_share_cohort_id"), "recording_share", ["cohort_id"])
    op.execute(
        "INSERT INTO recording_share (recording_id, cohort_id) "
        "SELECT id, shared_cohort_id FROM recording WHERE shared_cohort_id IS NOT NULL"
    )
    with op.batch_alter_table("recording") as recording:
        recording.drop_constraint(op.f("fk_recording_shared_cohort_id"), type_="foreignkey")
        recording.drop_column("shared_cohort_id")
    _seal("audit_line")


def _seal(table: str) -> None:
    """Make the database refuse to change or remove a row."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_sealed() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'the audit trail is only added to'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_sealed()"
    )
