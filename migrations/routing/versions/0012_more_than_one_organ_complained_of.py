"""more than one organ complained of"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ACCUSATION = sa.text("purpose = 'accusation'")


def upgrade() -> None:
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.add_column(sa.Column("also_accused", sa.Text(), nullable=True))
        batch_op.create_index(
            "ix_case_accusation",
            ["case_id"],
            unique=False,
            postgresql_where=ACCUSATION,
            sqlite_where=ACCUSATION,
        )


def downgrade() -> None:
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_case_accusation", postgresql_where=ACCUSATION, sqlite_where=ACCUSATION
        )
        batch_op.drop_column("also_accused")
