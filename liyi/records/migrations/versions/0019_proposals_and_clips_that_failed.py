"""Who else proposed a gold clip, and why the clip of a case could not be made.

Revision 0019, after 0018.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the column."""
    op.create_table(
        "gold_proposal",
        sa.Column("recording_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_gold_proposal_person_id")),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["gold_clip.recording_id"], name=op.f("fk_gold_proposal_recording_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("recording_id", "person_id", name=op.f("pk_gold_proposal")),
    )
    op.add_column("case_clip", sa.Column("failed", sa.JSON(), nullable=True))
