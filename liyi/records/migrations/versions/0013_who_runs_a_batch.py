"""Which process runs a batch, when it was last known to live, and how many were lost.

Revision 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("batch", sa.Column("run", sa.String(length=32), nullable=True))
    op.add_column("batch", sa.Column("beat_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("batch", sa.Column("losses", sa.Integer(), nullable=False, server_default="0"))
