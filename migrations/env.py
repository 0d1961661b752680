"""Alembic environment shared by all services: connection and metadata come from the caller."""

from alembic import context

from shared.db.migrations import in_metadata

config = context.config
connection = config.attributes["connection"]
metadata = config.attributes["metadata"]

context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    include_name=in_metadata,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
