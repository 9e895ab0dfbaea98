"""The team of a week: where most of its days were, so that a move takes no result along (method section 1)."""

from datetime import date, timedelta

from domain.people import Stay, TeamId, team_of

WEEK = [date(2026, 3, 2) + timedelta(days=n) for n in range(5)]
NORTH, SOUTH = TeamId(1), TeamId(2)


def stays(*moves: tuple[TeamId | None, int]) -> tuple[Stay, ...]:
    return tuple(Stay(team_id=team, since=date(2026, 3, day)) for team, day in moves)


def test_who_moves_on_wednesday_ranks_in_the_new_team() -> None:
    assert team_of(stays((NORTH, 1), (SOUTH, 4)), WEEK) == SOUTH


def test_who_moves_on_thursday_stays_in_the_old_team() -> None:
    assert team_of(stays((NORTH, 1), (SOUTH, 5)), WEEK) == NORTH


def test_of_two_with_as_many_days_it_is_the_later_one() -> None:
    assert team_of(stays((NORTH, 1), (SOUTH, 4)), WEEK[:4]) == SOUTH
    assert team_of(stays((NORTH, 1), (SOUTH, 3), (NORTH, 4), (SOUTH, 5)), WEEK[:4]) == SOUTH


def test_without_days_or_before_the_first_stay_there_is_no_team() -> None:
    assert team_of(stays((NORTH, 1)), []) is None
    assert team_of(stays((NORTH, 6)), WEEK[:4]) is None
