"""index of overdue duties"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_duty_overdue",
        "duty",
        ["overdue_at"],
        unique=False,
        sqlite_where=sa.text("state = 'overdue'"),
        postgresql_where=sa.text("state = 'overdue'"),
    )


def downgrade() -> None:
    op.drop_index("ix_duty_overdue", table_name="duty")
