"""lanes of outbox and inbox

Everything there is lies in lane 0, the only one of a deployment with one lane.
"""

from migrations.lanes import add_lanes, drop_lanes

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_lanes()


def downgrade() -> None:
    drop_lanes()
