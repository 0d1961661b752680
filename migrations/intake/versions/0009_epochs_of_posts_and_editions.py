"""epochs of posts and editions

What was told after a restore outranks what was told before it, whatever its version.
"""

from migrations.ranks import add_epochs, drop_epochs

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_epochs(events="inbox")


def downgrade() -> None:
    drop_epochs()
