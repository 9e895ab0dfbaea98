"""Rows of what platforms delivered, kept before it is acknowledged."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Text, bindparam, literal_column, select, text, update
from sqlalchemy.sql import column

from domain.people import OrgId
from domain.ports import Delivered, EventId
from storage import tables
from storage.driver import Driver
from storage.session import Later
from storage.upsert import upsert

FAULT_MOST = 48
q, x = tables.inbox.c, tables.poll_offset.c
KEEP = (
    text(upsert(tables.inbox, ("platform", "delivery")).text + " RETURNING id")
    .bindparams(bindparam("received_at", type_=tables.inbox.c.received_at.type))
    .columns(column("id"))
)
WAITING = (
    select(q.id, q.platform, q.lane, q.body, q.received_at, q.attempts)
    .where(q.state == "new", q.id > bindparam("after"))
    .order_by(q.id)
    .limit(bindparam("most"))
)
OLDEST = (
    select(q.id, q.platform, q.lane, q.body, q.received_at, q.attempts)
    .where(q.state == "new", q.lane == bindparam("of_lane"), q.id > bindparam("after"))
    .order_by(q.id)
    .limit(1)
)
# Locks are one database's; two installations may share it, each in a schema of its own. In one order, so that two
# who number the same lanes do not wait for each other.
LINE_UP = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '/arrives/' || lane, 0))"
    " FROM unnest(:lanes) AS lane"
).bindparams(bindparam("lanes", type_=ARRAY(Text)))
ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '/lane/' || :of_lane, 0))")
DONE = update(tables.inbox).where(q.id == bindparam("of_id")).values(state="done")
FAILED = (
    update(tables.inbox)
    .where(q.id == bindparam("of_id"))
    .values(
        state=bindparam("to_state"),
        reference=bindparam("by"),
        org_id=bindparam("whose"),
        fault=bindparam("met"),
        attempts=q.attempts + 1,
    )
)
AGAIN = (
    update(tables.inbox)
    # Written out, not bound: only so is the partial index of this state taken.
    .where(q.state == literal_column("'again'"))
    .values(state="new")
    .returning(q.id, q.platform, q.lane, q.body, q.received_at, q.attempts)
)
OFFSET = select(x.next).where(x.platform == bindparam("of_platform"))
KEEP_OFFSET = upsert(tables.poll_offset, ("platform",), ("next",))


def as_delivered(row: Sequence[Any]) -> Delivered:
    """A delivery from the columns of WAITING."""
    number, platform, lane, body, at, attempts = row
    return Delivered(
        id=EventId(number), platform=platform, lane=lane, body=body, received_at=at, attempts=attempts
    )


class SqlInbox:
    """The durable inbox: one row per (platform, delivery)."""

    def __init__(self, driver: Driver, later: Later) -> None:
        self.driver = driver
        self.connection = driver.connection
        self.later = later

    def keep(self, platform: str, delivery: str, lane: str, body: str, at: datetime) -> EventId | None:
        """Stores a delivery; None when it was stored before."""
        row: dict[str, Any] = {
            "platform": platform,
            "delivery": delivery,
            "lane": lane,
            "body": body,
            "received_at": at,
            "state": "new",
            "attempts": 0,
            "reference": None,
            "org_id": None,
            "fault": None,
        }
        found = self.driver.rows(KEEP, row)
        return EventId(found[0][0]) if found else None

    def waiting(self, after: EventId, limit: int) -> tuple[Delivered, ...]:
        """What is not yet answered, oldest first."""
        self.later.flush()
        return tuple(map(as_delivered, self.connection.execute(WAITING, {"after": after, "most": limit})))

    def line_up(self, lanes: Sequence[str]) -> None:
        """On SQLite whoever writes is alone already."""
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(LINE_UP, {"lanes": sorted(set(lanes))})

    def oldest(self, lane: str, after: EventId) -> Delivered | None:
        """A statement after the lock: only then it sees what those who had the lane before have done."""
        self.later.flush()
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(ALONE, {"of_lane": lane})
        row = self.connection.execute(OLDEST, {"of_lane": lane, "after": after}).fetchone()
        return as_delivered(row) if row else None

    def again(self) -> tuple[Delivered, ...]:
        """Takes the deliveries that were set aside and are to be handled again."""
        return tuple(sorted(map(as_delivered, self.connection.execute(AGAIN)), key=lambda each: each.id))

    def done(self, event: EventId) -> None:
        self.later.add(DONE, {"of_id": event})

    def failed(
        self, event: EventId, reference: str, *, quarantine: bool, org: OrgId | None = None, fault: str = ""
    ) -> None:
        state = "poison" if quarantine else "new"
        self.connection.execute(
            FAILED,
            {"of_id": event, "to_state": state, "by": reference, "whose": org, "met": fault[:FAULT_MOST]},
        )

    def offset(self, platform: str) -> int:
        return self.connection.execute(OFFSET, {"of_platform": platform}).scalar() or 0

    def keep_offset(self, platform: str, offset: int) -> None:
        self.connection.execute(KEEP_OFFSET, {"platform": platform, "next": offset})
