"""Practice is private until its owner submits it, and so is the trail of it.

Revision 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns: every recording that is there is private, and no line of the trail says who sees it."""
    op.add_column("recording", sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("recording", sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("audit_line", sa.Column("seen_by", sa.Uuid(), nullable=True))
    with op.batch_alter_table("organisation") as organisation:
        organisation.add_column(sa.Column("private_days", sa.Integer(), nullable=True))
        organisation.create_check_constraint(op.f("ck_organisation_private_days_positive"), "private_days > 0")
