"""Each line of the audit trail carries the SHA-256 over itself and the line before.

Revision 0010, after 0006.
"""

import sqlalchemy as sa
from alembic import op

from liyi.records.chain import START, digest_of, line_values
from liyi.records.schema import Utc

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ROWS = 1000
_LINE = sa.table(
    "audit_line", sa.column("id", sa.Uuid()), sa.column("at", Utc()), sa.column("person_id", sa.Uuid()),
    sa.column("organisation_id", sa.Uuid()), sa.column("action", sa.Text()), sa.column("entity", sa.Text()),
    sa.column("entity_id", sa.Uuid()), sa.column("seen_by", sa.Uuid()),
)  # fmt: skip


def upgrade() -> None:
    """Add the chain, give the lines that are there their places by their times, and seal it like the trail."""
    link = op.create_table(
        "audit_link",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("line_id", name=op.f("uq_audit_link_line_id")),
    )
    _fill(link)
    _seal("audit_link")


def _fill(link: sa.Table) -> None:
    bind = op.get_bind()
    rows: list[dict[str, object]] = []
    before = START
    lines = bind.execute(sa.select(_LINE).order_by(_LINE.c.at, _LINE.c.id)).all()
    for number, line in enumerate(lines, start=1):
        before = digest_of(number, before, line_values(**line._mapping))
        rows.append({"number": number, "line_id": line.id, "sha256": before})
    for start in range(0, len(rows), _ROWS):
        bind.execute(sa.insert(link), rows[start : start + _ROWS])


def _seal(table: str) -> None:
    """Make the database refuse to change or remove a row."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION audit_line_sealed()"
    )
