"""How long the installation's own rows are kept: deliveries, letters, buttons, codes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, select

from domain.retention import DELIVERIES_KEPT, LETTERS_KEPT
from storage import tables

# Deleted so many at a time, so that a turn never waits long for the writer.
MOST = 500
q, p, b, w, y, k = (
    tables.inbox.c,
    tables.letter.c,
    tables.card_action.c,
    tables.wrong_code.c,
    tables.owner_code.c,
    tables.link_code.c,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Rows of `table` go when the instant in `since` is older than `age`."""

    table: Table
    since: ColumnElement[Any]
    age: timedelta
    where: ColumnElement[bool] | None = None


RULES = (
    Rule(table=tables.inbox, since=q.received_at, age=DELIVERIES_KEPT, where=q.state == "done"),
    Rule(table=tables.inbox, since=q.received_at, age=timedelta(days=30), where=q.state == "poison"),
    Rule(table=tables.letter, since=p.due_at, age=LETTERS_KEPT, where=p.state.not_in(("due", "sending"))),
    Rule(table=tables.card_action, since=b.expires_at, age=timedelta(days=30)),
    Rule(table=tables.wrong_code, since=w.at, age=timedelta(days=1)),
    Rule(table=tables.owner_code, since=y.expires_at, age=timedelta(days=30)),
    Rule(table=tables.link_code, since=k.expires_at, age=timedelta(days=1)),
)


def _deletion(rule: Rule) -> Any:
    key = next(iter(rule.table.primary_key.columns))
    old = select(key).where(rule.since < bindparam("before")).limit(MOST)
    return delete(rule.table).where(key.in_(old if rule.where is None else old.where(rule.where)))


DELETIONS = tuple((rule, _deletion(rule)) for rule in RULES)


def delete_old(connection: Connection, now: datetime) -> int:
    """Deletes up to `MOST` old rows of each kind; how many in all."""
    return sum(connection.execute(each, {"before": now - rule.age}).rowcount for rule, each in DELETIONS)
