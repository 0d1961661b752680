"""journal of relief

Acts taken before are known by the columns of their application and by its payments only.
"""

import sqlalchemy as sa
from alembic import op

import shared.db.types

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "relief_act",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("act", sa.String(length=24), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("done_at", shared.db.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("organ_code", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("proposed_by", sa.String(length=120), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["relief.application_id"],
            name=op.f("fk_relief_act_application_id_relief"),
        ),
        sa.PrimaryKeyConstraint("application_id", "ordinal", name=op.f("pk_relief_act")),
    )


def downgrade() -> None:
    op.drop_table("relief_act")
