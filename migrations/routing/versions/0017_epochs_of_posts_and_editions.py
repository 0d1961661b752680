"""epochs of posts and editions

What was told after a restore outranks what was told before it, whatever its version.
"""

from migrations.ranks import add_epochs, drop_epochs

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_epochs(events="outbox")


def downgrade() -> None:
    drop_epochs()
