"""look raw events up by subject"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_inbox_subject", "inbox", ["subject"])


def downgrade() -> None:
    op.drop_index("ix_inbox_subject", table_name="inbox")
