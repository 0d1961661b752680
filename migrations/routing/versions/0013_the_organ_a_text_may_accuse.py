"""the organ a text may accuse"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


SUSPECTED = sa.text("suspected_organ IS NOT NULL")


def upgrade() -> None:
    op.add_column("case_file", sa.Column("suspected_organ", sa.String(length=40), nullable=True))
    op.create_index(
        "ix_case_suspected",
        "case_file",
        ["case_id"],
        unique=False,
        postgresql_where=SUSPECTED,
        sqlite_where=SUSPECTED,
    )


def downgrade() -> None:
    op.drop_index("ix_case_suspected", "case_file")
    op.drop_column("case_file", "suspected_organ")
