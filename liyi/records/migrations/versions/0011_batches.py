"""Batches that evaluators bring in, with their files and lists, and the marks that people confirm.

Revision 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("scheduler", sa.Text(), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("queued_at", moment, nullable=True),
        sa.Column("began_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("error", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint("purpose IN ('examination', 'training')", name=op.f("ck_batch_purpose")),
        sa.CheckConstraint(
            "state IN ('draft', 'waiting', 'running', 'stopping', 'stopped', 'done', 'failed')",
            name=op.f("ck_batch_batchstate"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_batch_organisation_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_batch_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index(op.f("ix_batch_owner_id_created_at"), "batch", ["owner_id", "created_at"])
    op.create_index(op.f("ix_batch_state"), "batch", ["state"])
    op.create_table(
        "batch_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("received_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.CheckConstraint("received_bytes <= size_bytes", name=op.f("ck_batch_file_no_more_than_all")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_file_batch_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_file")),
    )
    op.create_index(op.f("ix_batch_file_batch_id"), "batch_file", ["batch_id"])
    op.create_table(
        "batch_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("recording_id", sa.Uuid(), nullable=True),
        sa.Column("assessment_id", sa.Uuid(), nullable=True),
        sa.Column("error", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'done', 'failed')", name=op.f("ck_batch_line_linestate")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_line_batch_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_batch_line_person_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_batch_line_recording_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_batch_line_assessment_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_line")),
    )
    op.create_index(op.f("ix_batch_line_batch_id_position"), "batch_line", ["batch_id", "position"], unique=True)
    for column in ("person_id", "recording_id", "assessment_id"):
        op.create_index(op.f(f"ix_batch_line_{column}"), "batch_line", [column])
    op.create_table(
        "mark",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("total", sa.Double(), nullable=False),
        sa.Column("total_error", sa.Double(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("withdrawn_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_mark_assessment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_mark_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark")),
    )
    op.create_index(op.f("ix_mark_assessment_id"), "mark", ["assessment_id"])
