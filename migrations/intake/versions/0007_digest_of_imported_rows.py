"""digest of imported rows

Rows of earlier releases have none: what they said lies masked in `words`, and the key is not the
database's. They are compared by their words (decision 0047).
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("petition", sa.Column("content_digest", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("petition", "content_digest")
