"""Batches in the trash.

Revision 0020, after 0019.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; no batch of before is in the trash."""
    op.add_column("batch", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
