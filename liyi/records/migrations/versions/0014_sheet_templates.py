"""Units' own sheets of deductions, and why a mark was withdrawn.

Revision 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the column."""
    op.create_table(
        "sheet_template",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_sheet_template_organisation_id")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_sheet_template_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_template")),
    )
    op.create_index(op.f("ix_sheet_template_organisation_id"), "sheet_template", ["organisation_id"])
    op.add_column("mark", sa.Column("withdrawn_why", sa.Text(), nullable=True))
