"""marks of organs in the numbers of papers; numbers given before stay as they are"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
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
    op.create_table(
        "paper_series",
        sa.Column("organ_code", sa.String(length=40), nullable=False),
        sa.Column("pattern", sa.String(length=60), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("organ_code", "pattern", "year", name=op.f("pk_paper_series")),
    )
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
    op.drop_table("paper_series")
    op.drop_table("paper_mark")
