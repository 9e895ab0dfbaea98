"""Runs migrations over the connection that `storage.schema` hands in; there is no `alembic.ini`."""

from typing import Any

from alembic import context

from storage.tables import metadata
from storage.types import Ids, Instant


def _rendered(kind: str, item: Any, _context: Any) -> Any:
    """Own column types as what they are underneath: a migration must not change when they do."""
    match item:
        case Instant():
            return "sa.BigInteger()"
        case Ids():
            return "sa.Text()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=_rendered,
)
context.run_migrations()
