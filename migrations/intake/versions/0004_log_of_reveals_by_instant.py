"""log of reveals by instant"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_reveal_at", "reveal", ["at", "grant_id"])


def downgrade() -> None:
    op.drop_index("ix_reveal_at", "reveal")
