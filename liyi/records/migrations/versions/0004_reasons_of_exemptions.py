"""An exemption may say its reason.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of those that are there nobody said why."""
    op.add_column("exemption", sa.Column("reason", sa.Text(), nullable=True))
