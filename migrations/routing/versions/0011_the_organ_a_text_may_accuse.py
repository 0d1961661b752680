"""the organ a text may accuse"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_file", sa.Column("suspected_organ", sa.String(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("case_file", "suspected_organ")
