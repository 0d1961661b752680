"""accusations hidden from the accused unit"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

HIDDEN = sa.text("hidden_from IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("petition_known", schema=None) as batch_op:
        text = sqlmodel.sql.sqltypes.AutoString(length=40)
        batch_op.add_column(sa.Column("hidden_from", text, nullable=True))
        batch_op.create_index(
            "ix_petition_hidden",
            ["hidden_from"],
            unique=False,
            postgresql_where=HIDDEN,
            sqlite_where=HIDDEN,
        )


def downgrade() -> None:
    with op.batch_alter_table("petition_known", schema=None) as batch_op:
        batch_op.drop_index("ix_petition_hidden", postgresql_where=HIDDEN, sqlite_where=HIDDEN)
        batch_op.drop_column("hidden_from")
