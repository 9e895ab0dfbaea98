"""Contests and awards in rows: kept, ended once, taken back with the change that made them; a board once a version."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.board_ports import Award, PostedBoard
from domain.contests import Between, Contest, ContestId, ContestState, Count
from domain.people import MemberId, TeamId
from domain.ports import ChangeId
from tests.support.opened import MONDAY, NINE, Opened


def contest(team: TeamId | None, by: MemberId) -> Contest:
    return Contest(
        id=ContestId(0),
        team_id=team,
        name="Spring visits",
        count=Count.VISITS,
        between=Between.REPS,
        first=MONDAY,
        last=date(2026, 3, 6),
        minimum=Decimal("5.00"),
        prize="lunch",
        made_by=by,
        made_at=NINE,
    )


def test_a_version_of_a_board_is_kept_once(books: Opened) -> None:
    org, team, member = books.found()
    board = PostedBoard(
        team_id=team, label="2026-W10", version=1, made_at=NINE, points={member: Decimal("84.50")}
    )
    with books.store(org) as store:
        assert store.keep_board(board)
        assert not store.keep_board(replace(board, points={member: Decimal(1)}))
        assert store.keep_board(replace(board, label="2026-W11"))
    with books.store(org) as store:
        assert store.boards(team, 5) == (replace(board, label="2026-W11"), board)


def test_a_contest_ends_once_and_its_result_stays(books: Opened) -> None:
    org, team, member = books.found()
    with books.turn(org, member, "contest") as store:
        number = store.add_contest(contest(team, member))
    made = replace(contest(team, member), id=number)
    with books.store(org) as store:
        assert store.contest(number) == made
        assert store.contests(MONDAY) == (made,)
        # Over, but nobody was told the result: still asked for.
        assert store.contests(date(2026, 5, 1)) == (made,)
        assert store.end_contest(number, str(member))
        assert not store.end_contest(number, "")
        ended = replace(made, state=ContestState.ENDED, result=str(member))
        assert store.contest(number) == ended
        assert store.contests(MONDAY) == (ended,)
        assert store.contests(date(2026, 5, 1)) == ()


def test_a_contest_called_off_is_open_again_when_that_is_taken_back(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member, "contest") as store:
        number = store.add_contest(contest(None, member))
    with books.turn(org, member, "contest") as store:
        store.revise_contest(number, state=ContestState.CANCELLED, body="no budget")
    with books.store(org) as store:
        off = store.contest(number)
        assert off is not None and (off.state, off.result) == (ContestState.CANCELLED, "no budget")
        assert not store.end_contest(number, "")
    with books.turn(org, member, "undo") as store:
        before = ChangeId(books.changes - 1)
        store.take_back(before, store.facts(before), NINE)
        back = store.contest(number)
        assert back is not None and (back.state, back.result) == (ContestState.OPEN, "")


def test_awards_are_read_the_newest_first_and_go_with_their_change(books: Opened) -> None:
    org, team, member = books.found()
    award = Award(
        member_id=member,
        team_id=team,
        kind="thanks",
        label="",
        reason="won Acme back",
        on=MONDAY,
        made_by=member,
    )
    star = replace(award, kind="star", label="2026-02", on=date(2026, 3, 3))
    with books.turn(org, member, "award") as store:
        first = store.add_award(award)
    with books.turn(org, member, "award") as store:
        second = store.add_award(star)
        assert store.awards(member, 5) == (replace(star, id=second), replace(award, id=first))
        assert store.awards(member, 1) == (replace(star, id=second),)
    with books.turn(org, member, "undo") as store:
        before = ChangeId(books.changes - 1)
        store.take_back(before, store.facts(before), NINE)
        assert store.awards(member, 5) == (replace(award, id=first),)
