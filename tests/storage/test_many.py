"""Many people's rows, asked for at once, are those of each of them asked for alone: nobody is added, nobody is left out."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from domain.people import MemberId, OrgId
from domain.ports import Store
from domain.rollups import Cell
from domain.targets import Step, Target, TargetId
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


def test_a_list_of_any_length_finds_just_the_people_in_it(books: Opened) -> None:
    org, people = filled(books)
    with books.store(org) as store:
        # Lists of five and of three are filled up on their way, of one and of four they are not.
        for members in (people, people[:2] + people[3:], people[:1] + people[2:4], people[1:2]):
            found = read(store, members)
            assert all(set(each) == set(members) for each in found)  # type: ignore[call-overload]
            alone = [read(store, [member]) for member in members]
            assert list(found) == [
                {number: rows for one in each for number, rows in one.items()}
                for each in zip(*alone, strict=True)
            ]
