"""Gold clips: recordings that people and tool are held against, what people agreed on, and what checks found.

Revision 0016, after 0015.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def _of(table: str, column: str, other: str, *, whole: bool = True) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], [other], name=name, ondelete="CASCADE" if whole else None)


def upgrade() -> None:
    """Add the tables."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "gold_clip",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_by_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", moment, nullable=False),
        sa.Column("consented", sa.Boolean(), nullable=True),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("assessment_id", sa.Uuid(), nullable=True),
        sa.Column("agreed_at", moment, nullable=True),
        sa.CheckConstraint("(consented is null) = (answered_at is null)", name=op.f("ck_gold_clip_answered_when")),
        sa.CheckConstraint("(assessment_id is null) = (agreed_at is null)", name=op.f("ck_gold_clip_agreed_when")),
        _of("gold_clip", "recording_id", "recording.id"),
        _of("gold_clip", "proposed_by_id", "person.id", whole=False),
        _of("gold_clip", "assessment_id", "assessment.id"),
        sa.PrimaryKeyConstraint("recording_id", name=op.f("pk_gold_clip")),
    )
    op.create_index(op.f("ix_gold_clip_assessment_id"), "gold_clip", ["assessment_id"], unique=False)
    op.create_table(
        "gold_value",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column("raters", sa.Integer(), nullable=False),
        _of("gold_value", "recording_id", "gold_clip.recording_id"),
        sa.PrimaryKeyConstraint("recording_id", "criterion", name=op.f("pk_gold_value")),
    )
    op.create_table(
        "gold_rating",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("rater_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        _of("gold_rating", "recording_id", "gold_clip.recording_id"),
        _of("gold_rating", "rater_id", "person.id", whole=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gold_rating")),
    )
    op.create_index(op.f("ix_gold_rating_recording_id"), "gold_rating", ["recording_id"], unique=False)
    op.create_index(op.f("ix_gold_rating_rater_id_created_at"), "gold_rating", ["rater_id", "created_at"], unique=False)
    op.create_table(
        "gold_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("liyi_version", sa.Text(), nullable=False),
        sa.Column("packs", sa.JSON(), nullable=False),
        sa.Column("measured", sa.Boolean(), nullable=False),
        sa.Column("clips", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        _of("gold_check", "organisation_id", "organisation.id", whole=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gold_check")),
    )
    op.create_index(op.f("ix_gold_check_organisation_id"), "gold_check", ["organisation_id"], unique=False)
    op.create_table(
        "gold_move",
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("before", sa.Double(), nullable=True),
        sa.Column("after", sa.Double(), nullable=True),
        sa.Column("error", sa.Double(), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        _of("gold_move", "check_id", "gold_check.id"),
        _of("gold_move", "recording_id", "gold_clip.recording_id"),
        sa.PrimaryKeyConstraint("check_id", "recording_id", "criterion", name=op.f("pk_gold_move")),
    )
    op.create_index(op.f("ix_gold_move_recording_id"), "gold_move", ["recording_id"], unique=False)
