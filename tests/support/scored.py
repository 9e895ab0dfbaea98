"""A week that can be ranked: locked targets, money won against them, and days closed."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from domain.people import MemberId, OrgId
from domain.ports import Change, ChangeId, Work
from domain.rollups import Cell
from domain.targets import Step, Target, TargetId

# A week without a holiday, five months after everybody joined.
MONDAY, FRIDAY, NEXT_MONDAY = date(2026, 6, 8), date(2026, 6, 12), date(2026, 6, 15)
DAY = timedelta(days=1)
TARGET = Decimal(1000)


def scored_week(work: Work, org: OrgId, sold: Mapping[MemberId, int], monday: date = MONDAY) -> None:
    """Each of these has a target of 1,000 for that week, sold so much of it on its first day, and closed three days."""
    made_at = datetime(monday.year, monday.month, monday.day, 1, tzinfo=UTC)
    change = Change(id=ChangeId(7000), actor_id=next(iter(sold)), said_at=made_at, command="target")
    store = work.store(org, change)
    for member, money in sold.items():
        store.add_target(
            Target(
                id=TargetId(0),
                member_id=member,
                team_id=None,
                first=monday,
                last=monday + 6 * DAY,
                amount=TARGET,
                step=Step.LOCKED,
                rounds=1,
                made_by=member,
                made_at=made_at,
                locked_at=made_at,
            )
        )
        store.keep_cells(member, monday, {monday: {Cell.SALES: money * 100}})
        for n in range(3):
            store.add_report(member, monday + n * DAY, made_at + n * DAY, "")
