"""accusations hidden from several organs"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ONE, SEVERAL = sa.VARCHAR(length=40), sa.Text()


def upgrade() -> None:
    with op.batch_alter_table("petition_fact", schema=None) as batch_op:
        batch_op.alter_column(
            "hidden_from", existing_type=ONE, type_=SEVERAL, existing_nullable=True
        )


def downgrade() -> None:
    op.execute(
        "UPDATE petition_fact SET hidden_from = "
        "SUBSTR(LTRIM(hidden_from), 1, 40) WHERE LENGTH(hidden_from) > 40"
    )
    with op.batch_alter_table("petition_fact", schema=None) as batch_op:
        batch_op.alter_column(
            "hidden_from", existing_type=SEVERAL, type_=ONE, existing_nullable=True
        )
