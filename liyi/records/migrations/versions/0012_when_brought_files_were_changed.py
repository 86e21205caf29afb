"""When a file that is brought to a batch was last changed where it came from, by which one that was cut off goes on.

Revision 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was begun before is begun anew."""
    op.add_column("batch_file", sa.Column("modified_ms", sa.BigInteger(), nullable=False, server_default="0"))
