"""Runs migrations over the connection that `storage.schema` hands in; there is no `alembic.ini`."""

from alembic import context

from storage.tables import metadata
from storage.types import rendered

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    render_as_batch=True,
    render_item=rendered,
)
context.run_migrations()
