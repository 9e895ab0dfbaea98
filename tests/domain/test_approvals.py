"""When requests for approval leave and climb: batches of a quarter of an hour, working days of the team."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.approvals import BATCH, leaves_at, next_asked_at, ranks_after, ranks_until
from domain.deals import Approval, ApprovalId, ApprovalKind, Rank
from domain.people import MemberId
from domain.workdays import Calendar, Leave

BOSS, DORA, ANN = MemberId(1), MemberId(2), MemberId(3)
ZONE = "Asia/Shanghai"
# A Monday, 10:00 in Shanghai.
TEN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WEEK = Calendar(week=frozenset({1, 2, 3, 4, 5}))
FIRST = Approval(
    id=ApprovalId(1),
    kind=ApprovalKind.GATE,
    asked_by=ANN,
    asked_at=TEN,
    told_at=TEN,
    rank=Rank.MANAGER,
    asked=(BOSS,),
)


@pytest.mark.parametrize(
    ("minutes", "waits"), [(0, True), (1, True), (14, True), (15, False), (16, False), (600, False)]
)
def test_what_follows_a_first_request_within_a_quarter_comes_a_quarter_after_it(
    *, minutes: int, waits: bool
) -> None:
    asked_at = TEN + minutes * MINUTE
    expected = TEN + BATCH if waits else asked_at
    assert leaves_at(asked_at, [FIRST], frozenset({BOSS})) == expected


def test_a_request_to_somebody_else_leaves_at_once() -> None:
    assert leaves_at(TEN + MINUTE, [FIRST], frozenset({DORA})) == TEN + MINUTE
    assert leaves_at(TEN + MINUTE, [], frozenset({BOSS})) == TEN + MINUTE


def test_a_request_that_waited_itself_opens_no_new_quarter() -> None:
    waited = replace(FIRST, id=ApprovalId(2), asked_at=TEN + 10 * MINUTE, told_at=TEN + BATCH)
    at = TEN + 16 * MINUTE
    assert leaves_at(at, [FIRST, waited], frozenset({BOSS})) == at


@pytest.mark.parametrize(
    ("told", "following"),
    [
        # Monday to Tuesday, Friday over the weekend, and a Saturday counts as the Monday after it.
        (TEN, date(2026, 3, 3)),
        (TEN + timedelta(days=4), date(2026, 3, 9)),
        (TEN + timedelta(days=5), date(2026, 3, 10)),
    ],
)
def test_the_next_rank_is_asked_a_working_day_later_at_the_same_time(told: datetime, following: date) -> None:
    at = next_asked_at(told, WEEK, ZONE)
    assert at == datetime(following.year, following.month, following.day, 2, 0, tzinfo=UTC)


def test_a_holiday_of_the_team_is_no_working_day_but_somebodys_leave_is() -> None:
    tuesday = date(2026, 3, 3)
    off = replace(WEEK, off=frozenset({tuesday}))
    away = replace(WEEK, leaves=(Leave(first=tuesday, last=tuesday),))
    assert next_asked_at(TEN, off, ZONE).date() == date(2026, 3, 4)
    assert next_asked_at(TEN, away, ZONE).date() == tuesday


@pytest.mark.parametrize("rank", Rank)
def test_every_rank_was_asked_or_is_asked_later(rank: Rank) -> None:
    assert (*ranks_until(rank), *ranks_after(rank)) == tuple(Rank)
    assert ranks_until(rank)[-1] is rank
