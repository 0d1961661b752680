"""marks of organs in the numbers of papers; numbers given before stay as they are"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Numbers without a mark begin with the year and may be equal between organs.
WITH_MARK = sa.text("substr(number, 1, 1) <> '〔'")


def upgrade() -> None:
    op.create_table(
        "paper_mark",
        sa.Column("mark", sa.String(length=12), nullable=False),
        sa.Column("organ_code", sa.String(length=40), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_paper_mark")),
        sa.UniqueConstraint("organ_code", "ordinal", name=op.f("uq_paper_mark_organ_code_ordinal")),
    )
    pattern = sa.Column("pattern", sa.String(length=60), nullable=False)
    _made_anew([pattern], lambda row: row | {"pattern": ""})
    op.create_index(
        "uq_notice_number",
        "notice",
        ["number"],
        unique=True,
        postgresql_where=WITH_MARK,
        sqlite_where=WITH_MARK,
    )


def downgrade() -> None:
    op.drop_index("uq_notice_number", table_name="notice")
    _made_anew([], lambda row: row if row.pop("pattern") == "" else None)
    op.drop_table("paper_mark")


def _made_anew(
    more: list[sa.Column[Any]], kept: Callable[[dict[str, Any]], dict[str, Any] | None]
) -> None:
    """The table of serials with another primary key: a row an organ and year, so few."""
    bind = op.get_bind()
    old = sa.Table("paper_number", sa.MetaData(), autoload_with=bind)
    rows = [kept(dict(row)) for row in bind.execute(sa.select(old)).mappings()]
    op.drop_table("paper_number")
    new = op.create_table(
        "paper_number",
        sa.Column("organ_code", sa.String(length=40), nullable=False),
        *more,
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organ_code", *(column.name for column in more), "year", name=op.f("pk_paper_number")
        ),
    )
    if taken := [row for row in rows if row is not None]:
        op.bulk_insert(new, taken)
