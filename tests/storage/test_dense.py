"""Many people's rows are the same whether they are asked for by list or between the first and the last of them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from domain.people import MemberId, OrgId
from domain.ports import Store
from domain.rollups import Cell
from domain.targets import Step, Target, TargetId
from storage import session
from tests.support.opened import MEMBER, MONDAY, NINE, Opened

DAY = timedelta(days=1)
CELLS = {MONDAY: {Cell.CALLS: 3, Cell.SALES: 5}, MONDAY + DAY: {Cell.CONTACTS: 2, Cell.SALES: -1}}


def a_target(member: MemberId) -> Target:
    return Target(
        id=TargetId(0),
        member_id=member,
        team_id=None,
        first=MONDAY,
        last=MONDAY + 30 * DAY,
        amount=Decimal("1000.50"),
        step=Step.LOCKED,
        rounds=1,
        made_by=member,
        made_at=NINE,
    )


def filled(books: Opened) -> tuple[OrgId, list[MemberId]]:
    """Five people with the same numbers, targets and closed days, and another organisation with as much."""
    org = OrgId(0)
    people: list[MemberId] = []
    for name in ("Other", "Nordwind"):
        org, team, first = books.found(name)
        with books.turn(org, first) as store:
            people = [first] + [store.add_member(replace(MEMBER, team_id=team)) for _ in range(4)]
            for member in people:
                store.keep_cells(member, MONDAY, CELLS)
                store.add_target(a_target(member))
                store.add_report(member, MONDAY, NINE, "")
    return org, people


def read(store: Store, members: list[MemberId]) -> tuple[object, ...]:
    last = MONDAY + 6 * DAY
    return (
        store.week_cells(members, MONDAY, MONDAY),
        store.day_cells(members, MONDAY, last, [Cell.SALES]),
        store.day_cells(members, MONDAY, MONDAY, [Cell.CALLS, Cell.CONTACTS]),
        store.gather_targets(members, MONDAY, last),
        store.gather_closed(members, MONDAY, last),
        store.stays(members),
    )


def test_lists_and_ends_find_the_same_people(books: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    org, people = filled(books)
    for members in (people, people[:2] + people[3:], people[1:2]):
        found = []
        for dense_from in (1, len(people) + 1):
            monkeypatch.setattr(session, "DENSE_FROM", dense_from)
            with books.store(org) as store:
                found.append(read(store, members))
        assert found[0] == found[1]
        assert all(set(each) == set(members) for each in found[0])  # type: ignore[call-overload]
