"""Weeks, boards and funnels of fifty reps over a random quarter: equal to the cent to what another engine makes of the raw rows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from domain.people import Member, MemberId, Organisation, OrgId, Role
from domain.ports import Store, Work
from domain.ranking import Placed
from domain.weekly import Weekly
from domain.workdays import Calendar, monday
from handlers.boarding import TeamWeek, team_week
from handlers.weekly import gathered_weeklies
from tests.oracle.duck import Oracle, oracle
from tests.oracle.history import NAMES, NOW, History, seats
from tests.oracle.typed import two_days
from tests.support.house import House, house

MORNING, EVENING = date(2026, 3, 25), date(2026, 3, 27)
# Besides the week that runs: the one before, the Spring Festival and the six days before, the quarter's first whole one.
CLOSED = (
    (date(2026, 3, 16), date(2026, 3, 22)),
    (date(2026, 2, 16), date(2026, 2, 22)),
    (date(2026, 2, 9), date(2026, 2, 15)),
    (date(2026, 1, 5), date(2026, 1, 11)),
)
MADE_AT_LEAST, UNDONE_AT_LEAST = 80, 20
# The other engine divides in floating point; no two exact values of a quarter are as near to each other.
NEAR = 1e-9
Key = tuple[date, MemberId]
Weeks = tuple[tuple[date, date], ...]


@asynccontextmanager
async def quarter(seed: int) -> AsyncIterator[House]:
    teams = [(name, seats(name)) for name in NAMES]
    async with house(teams[0][1], now=NOW, teams=teams[1:]) as at:
        await at.app.writer.run(lambda work: History(work, seed).write())
        yield at


def near(exact: Fraction | Decimal | int | None, found: Any) -> bool:
    """Whether the product's exact number is the other engine's."""
    if exact is None or found is None:
        return exact is None and found is None
    return abs(float(exact) - float(found)) <= NEAR * max(1.0, abs(float(exact)))


def _people(store: Store, org: Organisation) -> dict[MemberId, tuple[Member, Calendar]]:
    reps = [each.id for each in store.members() if Role.REP in each.roles]
    return store.gather_members(org, reps)


async def weeklies(at: House, asked: Weeks) -> dict[Key, Weekly]:
    """The weeks as the product has them, from its cells."""

    def read(work: Work) -> dict[Key, Weekly]:
        store = work.store(OrgId(1))
        org = store.organisation()
        people = _people(store, org)
        return {
            (first, number): week
            for first, until in asked
            for number, week in gathered_weeklies(store, org, people, first, until).items()
        }

    return await at.app.writer.run(read)


async def boards(at: House, asked: Weeks) -> list[TeamWeek]:
    def read(work: Work) -> list[TeamWeek]:
        store = work.store(OrgId(1))
        org = store.organisation()
        return [team_week(store, org, team, first, until) for first, until in asked for team in store.teams()]

    return await at.app.writer.run(read)


def weeks_agree(product: dict[Key, Weekly], other: Oracle) -> None:
    rows = {(row["monday"], row["member_id"]): row for row in other.rows("SELECT * FROM week")}
    assert rows.keys() == product.keys()
    for key, week in product.items():
        row = rows[key]
        assert (week.team_id, week.visits, week.verified, week.scored_days, week.learning, week.ramping) == (
            row["team_id"],
            row["visits"],
            row["verified"],
            row["scored_days"],
            row["learning"],
            row["ramping"],
        ), key
        for name in ("sales", "target", "attainment", "done", "completion"):
            assert near(getattr(week, name), row[name]), (key, name, getattr(week, name), row[name])


def boards_agree(product: list[TeamWeek], other: Oracle) -> None:
    """The same people in the same places with the same points, to the cent, and the same total."""
    found: dict[tuple[date, int, bool], dict[int, tuple[Decimal, int]]] = {}
    for row in other.rows("SELECT * FROM board"):
        points = Decimal(str(row["points"])).quantize(Decimal("0.01"))
        place = found.setdefault((row["monday"], row["team_id"], row["ramping"]), {})
        place[row["member_id"]] = (points, row["rank"])
    totals = {(row["monday"], row["team_id"]): row["total"] for row in other.rows("SELECT * FROM total")}
    for each in product:
        for placed, ramping in ((each.board.placed, False), (each.board.rookies, True)):
            assert _places(placed) == found.pop((each.monday, each.team.id, ramping), {}), each.label
        assert near(each.total, totals.get((each.monday, each.team.id))), each.label
    assert not found


def _places(placed: tuple[Placed, ...]) -> dict[int, tuple[Decimal, int]]:
    return {each.entry.member_id: (each.points, each.rank) for each in placed}


async def agrees(at: House, folder: Path, today: date) -> None:
    asked = ((monday(today), today), *CLOSED)
    other = await oracle(at, folder, asked)
    other.works_out("weeks.sql")
    weeks_agree(await weeklies(at, asked), other)
    boards_agree(await boards(at, asked), other)


def quarters(seed: int, folder: Path) -> None:
    """A quarter agrees as it was imported, and again after two days of corrections, half of them taken back."""

    async def run() -> None:
        async with quarter(seed) as at:
            await agrees(at, folder, MORNING)
            made, undone = await two_days(at, seed)
            assert made >= MADE_AT_LEAST and undone >= UNDONE_AT_LEAST
            await agrees(at, folder, EVENING)

    asyncio.run(run())


def test_a_quarter_of_fifty_reps_is_the_same_in_another_engine(tmp_path: Path) -> None:
    quarters(1, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 22))
def test_so_are_many_quarters(seed: int, tmp_path: Path) -> None:
    quarters(seed, tmp_path)
