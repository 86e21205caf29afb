"""Lines of the audit trail say whom they are about and which role; what waits for a person is found by an index.

Revision 0014, after 0010.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, in which the lines that are there say nothing, and the index."""
    op.add_column("audit_line", sa.Column("about_id", sa.Uuid(), nullable=True))
    op.add_column("audit_line", sa.Column("role", sa.String(length=16), nullable=True))
