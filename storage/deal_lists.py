"""Rows of many deals at once: the lists of them, by whatever narrows each."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, func, literal, or_, select

from domain.customers import CustomerId
from domain.deal_ports import Which
from domain.deals import Deal, State
from domain.people import MemberId, TeamId
from storage import tables
from storage.deals import DEALS, as_deal
from storage.session import Session

d, s = tables.deal.c, tables.seller.c


def _seen_by(member: str) -> ColumnElement[bool]:
    """Whether the person given under this name owns the deal or is on its team."""
    on_team = exists(
        select(s.id).where(
            s.org_id == d.org_id, s.deal_id == d.id, s.member_id == bindparam(member), s.withdrawn.is_(False)
        )
    )
    return or_(d.owner_id == bindparam(member), on_team)


# Asked with every record: without a list, so that it runs on the driver itself.
OPEN_WITH = (
    DEALS.where(d.customer_id == bindparam("customer_id"))
    .where(or_(d.state == State.ACTIVE, d.state == State.ON_HOLD, d.state == State.LEAD))
    .where(_seen_by("member_id"))
    .order_by(d.id)
)
# A stalled deal is one since some day: beside it an equal level walks along the index, where "above 0" would not.
LEVELLED = d.since.is_not(None)
STALLED_OF = DEALS.where(d.owner_id.in_(bindparam("ids", expanding=True)), LEVELLED).order_by(
    d.owner_id, d.level.desc(), d.since, d.id
)
# The worst of each team: no team with many keeps another's from being seen.
_RANKED = (
    select(
        d.id.label("number"),
        func.row_number()
        .over(partition_by=d.team_id, order_by=(d.level.desc(), d.since, d.id))
        .label("place"),
    )
    .where(d.org_id == bindparam("org_id"), d.withdrawn.is_(False), LEVELLED)
    .where(d.team_id.in_(bindparam("ids", expanding=True)))
    .subquery("ranked")
)
STALLED_IN = DEALS.where(d.id == _RANKED.c.number, _RANKED.c.place <= bindparam("most")).order_by(
    d.level.desc(), d.since, d.id
)
ENDED_HOLDS = (
    DEALS.where(d.owner_id.in_(bindparam("ids", expanding=True)), d.state == State.ON_HOLD)
    .where(d.held_until.between(bindparam("first"), bindparam("last")))
    .order_by(d.held_until, d.id)
)

Conditions = Sequence[ColumnElement[bool]]


def conditions_of(which: Which) -> list[ColumnElement[bool]]:
    """What a list is narrowed to; every value is bound, so that each shape of list is one statement."""
    found: list[ColumnElement[bool]] = [d.state.in_([state.value for state in sorted(which.states)])]
    if which.owner_id is not None:
        found.append(d.owner_id == bindparam("owner_id"))
    if which.seen_by is not None:
        found.append(_seen_by("seen_by"))
    if which.team_ids is not None:
        found.append(d.team_id.in_(bindparam("team_ids", expanding=True)))
    if which.customer_id is not None:
        found.append(d.customer_id == bindparam("customer_id"))
    if which.milestone is not None:
        found.append(d.milestone == bindparam("milestone"))
    if which.stalled:
        found.append(LEVELLED)
    if which.closes_by is not None:
        found.append(d.close_on <= bindparam("closes_by"))
    return found


def values_of(which: Which) -> dict[str, Any]:
    values = {
        "owner_id": which.owner_id,
        "seen_by": which.seen_by,
        "team_ids": list(which.team_ids) if which.team_ids is not None else None,
        "customer_id": which.customer_id,
        "milestone": which.milestone,
        "closes_by": which.closes_by,
    }
    return {name: value for name, value in values.items() if value is not None}


def _by_owner(rows: Sequence[Sequence[Any]]) -> dict[MemberId, tuple[Deal, ...]]:
    found: dict[MemberId, list[Deal]] = {}
    for deal in map(as_deal, rows):
        found.setdefault(deal.owner_id, []).append(deal)
    return {owner: tuple(deals) for owner, deals in found.items()}


class DealLists(Session):
    """The organisation's deals, by the list."""

    def deals(self, which: Which, limit: int, offset: int = 0) -> tuple[Deal, ...]:
        if which.stalled:
            return self._stalled(which, limit, offset)
        return self._listed(conditions_of(which), (d.next_on.nulls_first(), d.id), which, limit, offset)

    def _listed(
        self, conditions: Conditions, order: Sequence[Any], which: Which, limit: int, offset: int
    ) -> tuple[Deal, ...]:
        found = DEALS.where(*conditions).order_by(*order)
        page = found.limit(bindparam("most")).offset(bindparam("skipped"))
        values = {**values_of(which), "most": limit, "skipped": offset}
        return tuple(as_deal(row) for row in self.run(page, **values).fetchall())

    def _stalled(self, which: Which, limit: int, offset: int) -> tuple[Deal, ...]:
        """The worst level first, each along its index: one order over both would have to sort them all."""
        found: tuple[Deal, ...] = ()
        for level in (2, 1):
            conditions = [*conditions_of(which), d.level == literal(level, literal_execute=True)]
            page = self._listed(conditions, (d.since, d.id), which, limit - len(found), offset)
            found += page
            if len(found) == limit:
                break
            if offset:
                offset = 0 if page else offset - self._count_of(conditions, which)
        return found

    def open_deals_with(self, customer: CustomerId, member: MemberId) -> tuple[Deal, ...]:
        return tuple(as_deal(row) for row in self.rows(OPEN_WITH, customer_id=customer, member_id=member))

    def count_deals(self, which: Which) -> int:
        return self._count_of(conditions_of(which), which)

    def _count_of(self, conditions: Conditions, which: Which) -> int:
        counted = select(func.count()).where(
            d.org_id == bindparam("org_id"), d.withdrawn.is_(False), *conditions
        )
        return int(self.run(counted, **values_of(which)).scalar_one())

    def gather_ended_holds(
        self, owners: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, tuple[Deal, ...]]:
        return _by_owner(self.rows(ENDED_HOLDS, ids=list(owners), first=first, last=last))

    def gather_stalled(self, owners: Sequence[MemberId]) -> dict[MemberId, tuple[Deal, ...]]:
        return _by_owner(self.rows(STALLED_OF, ids=list(owners)))

    def gather_stalled_in(self, teams: Sequence[TeamId], most: int) -> tuple[Deal, ...]:
        return tuple(as_deal(row) for row in self.rows(STALLED_IN, ids=list(teams), most=most))
