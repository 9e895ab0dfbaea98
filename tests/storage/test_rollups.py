"""Numbers in cells: a week is replaced as a whole, is the sum of its days, and a recomputation sets right what is wrong."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from domain.board_ports import PostedBoard
from domain.kpis import Kpi
from domain.people import MemberId
from domain.ports import ChangeId
from domain.results import Origin, Result
from domain.rollups import Cell
from domain.week_ports import RollupCheck
from handlers.recounting import finish, is_due, recount
from tests.support.opened import MONDAY, NINE, Opened

DAY = timedelta(days=1)


def test_a_week_is_replaced_and_is_the_sum_of_its_days(books: Opened) -> None:
    org, _, member = books.found()
    tuesday = MONDAY + DAY
    with books.store(org) as store:
        first = {MONDAY: {Cell.CALLS: 3, Cell.VISITS: 1}, tuesday: {Cell.CALLS: 2}}
        assert store.keep_cells(member, MONDAY, first) == 3
        assert store.keep_cells(member, MONDAY, first) == 0
    with books.store(org) as store:
        assert store.day_cells([member], MONDAY, tuesday) == {member: first}
        assert store.week_cells([member], MONDAY, MONDAY) == {
            member: {MONDAY: {Cell.CALLS: 5, Cell.VISITS: 1}}
        }
        # The visit is gone and a call with it: nothing is left behind, nothing is added twice.
        assert store.keep_cells(member, MONDAY, {tuesday: {Cell.CALLS: 4}}) == 3
    with books.store(org) as store:
        assert store.day_cells([member], MONDAY, tuesday) == {member: {tuesday: {Cell.CALLS: 4}}}
        assert store.week_cells([member], MONDAY, MONDAY) == {member: {MONDAY: {Cell.CALLS: 4}}}
        assert store.day_cells([member], MONDAY, tuesday, [Cell.SALES]) == {}


def sold(member: MemberId, on: date, amount: str) -> Result:
    return Result(
        member_id=member,
        team_id=None,
        kpi=Kpi.SALES,
        on=on,
        value=Decimal(amount),
        origin=Origin.TYPED,
        made_by=member,
    )


def test_a_result_touches_the_week_it_is_in_also_when_it_goes(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member, "target") as store:
        number = store.add_result(sold(member, MONDAY + 2 * DAY, "1000.01"))
        assert store.touched_weeks() == {(member, MONDAY)}
    with books.store(org) as store:
        (kept,) = store.results([member], [Kpi.SALES], MONDAY, MONDAY + 6 * DAY)[member]
        assert kept == replace(sold(member, MONDAY + 2 * DAY, "1000.01"), id=number)
    with books.turn(org, member, "undo") as store:
        before = ChangeId(books.changes - 1)
        store.take_back(before, store.facts(before), NINE)
        assert store.touched_weeks() == {(member, MONDAY)}
        assert store.results([member], [Kpi.SALES], MONDAY, MONDAY + 6 * DAY) == {}


def test_the_nightly_recomputation_finds_what_is_wrong_and_sets_it_right(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member, "target") as store:
        store.add_result(sold(member, MONDAY, "70"))
    with books.work() as work:
        assert is_due(work, org, NINE)
        last, found = recount(work, org, MemberId(0), NINE)
        # Nothing rolled the week up in this test: the cell was missing.
        assert (last, found.cells, found.wrong) == (member, 1, 1)
        assert found.examples == f"{member}:{MONDAY.isoformat()}"
        finish(work, org, replace(found, checked_at=NINE))
    with books.work() as work:
        assert recount(work, org, MemberId(0), NINE)[1].wrong == 0
        assert recount(work, org, member, NINE)[0] is None
    with books.store(org) as store:
        store.keep_cells(member, MONDAY, {MONDAY: {Cell.SALES: 1, Cell.CALLS: 2}})
    with books.work() as work:
        assert recount(work, org, MemberId(0), NINE)[1].wrong == 2
    with books.store(org) as store:
        # The days are right, their sum is not.
        store.keep_week(member, MONDAY, {Cell.VISITS: 9})
    with books.work() as work:
        assert recount(work, org, MemberId(0), NINE)[1].wrong == 1
        assert recount(work, org, MemberId(0), NINE)[1].wrong == 0
    with books.store(org) as store:
        assert store.day_cells([member], MONDAY, MONDAY) == {member: {MONDAY: {Cell.SALES: 7000}}}
        assert store.last_check() == replace(found, checked_at=NINE)


def test_it_is_due_once_a_night_of_the_organisation(books: Opened) -> None:
    org, _, _ = books.found()
    check = RollupCheck(checked_at=NINE, cells=0, wrong=0)
    with books.work() as work:
        finish(work, org, check)
    # The organisation is in Shanghai: its night begins at 18:00 UTC.
    wall = {hours: NINE + timedelta(hours=hours) for hours in (8, 10, 33, 34)}
    with books.work() as work:
        assert [is_due(work, org, at) for at in wall.values()] == [False, False, True, True]


def test_boards_are_kept_by_version(books: Opened) -> None:
    org, team, member = books.found()
    board = PostedBoard(
        team_id=team, label="2026-W10", version=0, made_at=NINE, points={member: Decimal("84.50")}
    )
    with books.store(org) as store:
        store.keep_board(board)
        store.keep_board(replace(board, version=1, reason="late"))
    with books.store(org) as store:
        assert store.boards(team, 5) == (replace(board, version=1, reason="late"), board)
        assert store.ever_in_team(team, MONDAY) == (member,)
        assert store.ever_in_team(team, date(2020, 1, 1)) == ()
