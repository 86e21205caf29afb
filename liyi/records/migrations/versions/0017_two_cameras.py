"""The file of the same performance from the side, kept with a recording.

Revision 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what was kept before has no second file."""
    op.add_column("recording", sa.Column("side_sha256", sa.String(length=64), nullable=True))
    op.add_column("recording", sa.Column("side_bytes", sa.BigInteger(), nullable=True))
    op.create_index("ix_recording_side_sha256", "recording", ["side_sha256"])
