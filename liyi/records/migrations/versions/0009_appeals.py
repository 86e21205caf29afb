"""What the owner of a recording holds against a finding, and how far they have read what others said.

Revision 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("start_s", sa.Double(), nullable=True),
        sa.Column("end_s", sa.Double(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmation_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(upheld is null) = (answer is null)", name=op.f("ck_appeal_answered_whole")),
        sa.CheckConstraint("(upheld is null) = (answered_at is null)", name=op.f("ck_appeal_answered_when")),
        sa.CheckConstraint("(upheld is null) = (answered_by_id is null)", name=op.f("ck_appeal_answered_by_whom")),
        sa.CheckConstraint("(start_s is null) = (end_s is null)", name=op.f("ck_appeal_moment_whole")),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_appeal_recording_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_appeal_assessment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_appeal_author_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_appeal_answered_by_id")),
        sa.ForeignKeyConstraint(
            ["confirmation_id"], ["confirmation.id"], name=op.f("fk_appeal_confirmation_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
    )
    op.create_index(op.f("ix_appeal_recording_id"), "appeal", ["recording_id"], unique=False)
    op.create_index(op.f("ix_appeal_confirmation_id"), "appeal", ["confirmation_id"], unique=False)
    op.create_index(op.f("ix_appeal_assessment_id_criterion"), "appeal", ["assessment_id", "criterion"], unique=False)
    op.create_table(
        "recording_seen",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_recording_seen_recording_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_recording_seen")),
    )
