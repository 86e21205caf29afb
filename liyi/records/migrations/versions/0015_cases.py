"""A stretch of a recording that its owner lets a cohort see, and what is said of it.

Revision 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "case_clip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("trainer_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("pack_id", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("end_s", sa.Double(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("look_at", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("text_sha256", sa.String(length=64), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("captions", sa.JSON(), nullable=False),
        sa.CheckConstraint("purpose IN ('exemplary', 'instructive')", name=op.f("ck_case_clip_purpose")),
        sa.CheckConstraint("form IN ('as_is', 'skeleton')", name=op.f("ck_case_clip_form")),
        sa.CheckConstraint("end_s > start_s", name=op.f("ck_case_clip_has_length")),
        sa.CheckConstraint("sha256 is null or agreed_at is not null", name=op.f("ck_case_clip_file_is_agreed_to")),
        sa.CheckConstraint(
            "(accepted_at is null) or (trainer_id is not null)", name=op.f("ck_case_clip_accepted_by_whom")
        ),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_case_clip_recording_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_case_clip_cohort_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_case_clip_by_id")),
        sa.ForeignKeyConstraint(["trainer_id"], ["person.id"], name=op.f("fk_case_clip_trainer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_clip")),
    )
    for column in ("recording_id", "cohort_id", "until", "sha256"):
        op.create_index(op.f(f"ix_case_clip_{column}"), "case_clip", [column], unique=False)
    op.create_table(
        "case_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_clip.id"], name=op.f("fk_case_comment_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_case_comment_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_comment")),
    )
    for column in ("case_id", "author_id"):
        op.create_index(op.f(f"ix_case_comment_{column}"), "case_comment", [column], unique=False)
