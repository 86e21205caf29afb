"""What people decide on findings stands beside them; overrides become confirmations, and are sent.

Revision 0008, after 0007.
"""

from uuid import UUID, uuid4

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, move the overrides, and note what in an assessment waits for a person."""
    op.create_table(
        "confirmation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("start_s", sa.Double(), nullable=True),
        sa.Column("end_s", sa.Double(), nullable=True),
        sa.Column("new", sa.Double(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(start_s is null) = (end_s is null)", name=op.f("ck_confirmation_both_ends")),
        sa.CheckConstraint("new is null or decision = 'changed'", name=op.f("ck_confirmation_new_of_changed")),
        sa.CheckConstraint(
            "decision IN ('confirmed', 'rejected', 'changed', 'added')", name=op.f("ck_confirmation_decision")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_confirmation_assessment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_confirmation_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation")),
    )
    op.create_index(op.f("ix_confirmation_assessment_id"), "confirmation", ["assessment_id"])
    op.create_table(
        "review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_review_recording_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_review_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    op.create_index(op.f("ix_review_recording_id"), "review", ["recording_id"])
    op.create_table(
        "canned_phrase",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["person.id"], name=op.f("fk_canned_phrase_author_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_phrase")),
    )
    op.create_index(op.f("ix_canned_phrase_author_id"), "canned_phrase", ["author_id"])
    _move_overrides()
    op.drop_table("override")
    op.add_column("assessment", sa.Column("total_error", sa.Double(), nullable=True))
    op.add_column("assessment", sa.Column("coverage_floor", sa.Double(), nullable=True))
    op.add_column("verdict", sa.Column("waits", sa.String(length=16), nullable=True))
    op.execute("UPDATE verdict SET waits = 'finding' WHERE status = 'needs_review'")


def _move_overrides() -> None:
    """What was overridden is ``changed``, and its owner has seen it: so a review was sent with the last of each."""
    op.execute(
        "INSERT INTO confirmation (id, assessment_id, criterion, author_id, decision, new, why, created_at) "
        "SELECT id, assessment_id, criterion, author_id, 'changed', new, why, created_at FROM override"
    )
    bind = op.get_bind()
    id, at = sa.Uuid(), sa.DateTime(timezone=True)
    found = bind.execute(
        sa.text(
            "SELECT a.recording_id, o.author_id, max(o.created_at) AS created_at FROM override o "
            "JOIN assessment a ON a.id = o.assessment_id GROUP BY a.recording_id, o.author_id"
        ).columns(recording_id=id, author_id=id, created_at=at)
    ).all()
    review = sa.table("review", sa.column("id", id), sa.column("recording_id", id), sa.column("author_id", id),
                      sa.column("created_at", at))  # fmt: skip
    rows: list[dict[str, UUID]] = [{"id": uuid4(), **row._mapping} for row in found]
    if rows:
        bind.execute(review.insert(), rows)
