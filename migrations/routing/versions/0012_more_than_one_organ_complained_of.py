"""more than one organ complained of"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ACCUSATION = sa.text("purpose = 'accusation'")


# Not in batches: those make the table anew, which SQLite refuses while other tables refer to it.
def upgrade() -> None:
    op.add_column("case_file", sa.Column("also_accused", sa.Text(), nullable=True))
    op.create_index(
        "ix_case_accusation",
        "case_file",
        ["case_id"],
        unique=False,
        postgresql_where=ACCUSATION,
        sqlite_where=ACCUSATION,
    )


def downgrade() -> None:
    op.drop_index("ix_case_accusation", "case_file")
    op.drop_column("case_file", "also_accused")
