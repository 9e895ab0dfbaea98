"""Weeks, scorecards, boards and funnels of fifty reps over a random quarter: equal to the cent to what another engine makes of the raw rows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from domain.forecast import weighted
from domain.funnel import win_probability
from domain.people import Member, MemberId, Organisation, OrgId, Role
from domain.ports import Store, Work
from domain.ranking import Placed
from domain.scorecard import Score, exact_score, ratio_of
from domain.weekly import Weekly
from domain.workdays import Calendar, monday
from handlers.boarding import TeamWeek, team_week
from handlers.funnels import FunnelFacts, Whose, gathered_funnels
from handlers.scoring import gathered_scores
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
# A day on which there is still time to begin deals that close in the quarter.
EARLY = date(2026, 1, 20)
MADE_AT_LEAST, UNDONE_AT_LEAST = 80, 20
# The other engine divides in floating point; no two exact values of a quarter are as near to each other.
NEAR = 1e-9
WEIGHTED = "SELECT kind, id, sum(amount * chance) AS weight FROM standing WHERE in_time GROUP BY ALL"
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


async def scores(at: House, asked: Weeks) -> dict[Key, Score]:
    """Every rep's card of each week, as it is measured."""

    def read(work: Work) -> dict[Key, Score]:
        store = work.store(OrgId(1))
        org = store.organisation()
        people = _people(store, org)
        return {
            (first, number): score
            for first, until in asked
            for number, score in gathered_scores(store, org, people, first, until).items()
        }

    return await at.app.writer.run(read)


def scores_agree(product: dict[Key, Score], other: Oracle) -> None:
    """Every line that weighs, and the total to the cent."""
    lines: dict[Key, dict[str, Any]] = {}
    for row in other.rows("SELECT * FROM scored"):
        lines.setdefault((row["monday"], row["member_id"]), {})[row["kpi"]] = row["score"]
    totals = {(row["monday"], row["member_id"]): row["total"] for row in other.rows("SELECT * FROM card")}
    for key, score in product.items():
        theirs = lines.get(key, {})
        mine = {
            each.kpi.value: exact_score(ratio_of(each.measured) or Fraction(0))
            for each in score.lines
            if each.counts
        }
        assert mine.keys() == theirs.keys(), key
        assert all(near(mine[kpi], theirs[kpi]) for kpi in mine), (key, mine, theirs)
        total = totals.get(key)
        assert score.total == (None if total is None else Decimal(str(total)).quantize(Decimal("0.01"))), key


async def funnels(at: House, today: date) -> dict[tuple[str, int], FunnelFacts]:
    """Every team's funnel of the quarter and every rep's."""

    def read(work: Work) -> dict[tuple[str, int], FunnelFacts]:
        store = work.store(OrgId(1))
        org = store.organisation()
        people = [member for member, _ in _people(store, org).values()]
        asked: dict[tuple[str, int], Whose] = {
            ("team", team.id): Whose(name="", today=today, teams=(team,)) for team in store.teams()
        }
        asked |= {("person", each.id): Whose(name="", today=today, person=each) for each in people}
        return dict(zip(asked, gathered_funnels(store, org, list(asked.values())), strict=True))

    return await at.app.writer.run(read)


def funnels_agree(product: dict[tuple[str, int], FunnelFacts], other: Oracle) -> None:
    rows = {(row["kind"], row["id"]): row for row in other.rows("SELECT * FROM funnel")}
    stages: dict[tuple[str, int], dict[int, dict[str, Any]]] = {}
    for row in other.rows("SELECT * FROM stage"):
        stages.setdefault((row["kind"], row["id"]), {})[row["milestone"]] = row
    assert rows.keys() == product.keys()
    for key, facts in product.items():
        wrong = [
            (key, name, mine, theirs)
            for name, mine, theirs in (*_whole(facts, rows[key]), *_stages(facts, stages[key]))
            if not near(mine, theirs)
        ]
        assert not wrong, wrong


Compared = list[tuple[str, Any, Any]]


def _whole(facts: FunnelFacts, row: dict[str, Any]) -> Compared:
    """The numbers of a funnel, each beside the other engine's."""
    able, speed, cover = facts.capacity(), facts.velocity(), facts.coverage()
    leak, top = facts.leak(), facts.top()
    assert speed is not None
    mine: dict[str, Any] = {
        "deals": len(facts.deals),
        "reps": facts.reps,
        "average": facts.average,
        "target": facts.target,
        "won": facts.won,
        "remaining": facts.remaining,
        "capacity": able.capacity,
        "eligible": able.eligible,
        "gap": able.gap,
        "fill": able.fill,
        "win_rate": facts.win_rate,
        "cycle_days": facts.cycle_days,
        "velocity": speed.a_day,
        "required": speed.required,
        "projected": speed.projected,
        "velocity_gap": speed.gap,
        "pipeline": facts.pipeline,
        "coverage": cover.coverage,
        "shortfall": cover.shortfall,
        "per_visit": facts.per_visit,
        "leak": leak.milestone if leak else None,
        "top_share": top[1] if top else None,
    }
    return [(name, value, row[name]) for name, value in mine.items()]


def _stages(facts: FunnelFacts, rows: dict[int, dict[str, Any]]) -> Compared:
    """The numbers of each milestone."""
    found: Compared = []
    volume, to_add = facts.to_enter(), {each.milestone: each.deals for each in facts.to_add()}
    for stage, norm in zip(facts.stages(), facts.norms, strict=True):
        row = rows[stage.milestone]
        found += [
            ("own", norm.conversion, row["own"]),
            ("p", win_probability(facts.norms, stage.milestone), row["p"]),
            ("count", stage.count, row["count"]),
            ("amount", stage.amount, row["amount"]),
            ("volume", volume.get(stage.milestone), row["volume"]),
            ("entries", stage.ideal and stage.ideal.entries, row["entries"]),
            ("stock", stage.ideal and stage.ideal.stock, row["stock"]),
        ]
        # Where there is no gap there is nothing to add.
        if to_add:
            found.append(("to_add", to_add[stage.milestone], row["to_add"]))
    return found


def deals_agree(product: dict[tuple[str, int], FunnelFacts], other: Oracle) -> None:
    """How likely each deal under way is, and when it closes."""
    rows = {row["deal_id"]: row for row in other.rows("SELECT * FROM standing WHERE kind = 'person'")}
    for (kind, _), facts in product.items():
        for deal in facts.deals if kind == "person" else ():
            row = rows.pop(deal.id)
            assert near(facts.odds[deal.id].shown, row["chance"]), deal.id
            assert facts.closes_on(deal) == row["closes_on"], deal.id
    assert not rows


def forecasts_agree(product: dict[tuple[str, int], FunnelFacts], other: Oracle) -> None:
    """What closes in the quarter, weighted: of each funnel, to the cent."""
    weights = {(row["kind"], row["id"]): row["weight"] for row in other.rows(WEIGHTED)}
    for key, facts in product.items():
        exact = weighted(facts.forecast(), *facts.period)
        assert near(exact, weights.get(key, 0)), key


async def agrees(at: House, folder: Path, today: date) -> None:
    asked = ((monday(today), today), *CLOSED)
    other = await oracle(at, folder, asked)
    other.works_out("weeks.sql")
    weeks_agree(await weeklies(at, asked), other)
    boards_agree(await boards(at, asked), other)
    other.works_out("scores.sql")
    scores_agree(await scores(at, asked), other)
    for day in (EARLY, today):
        other.looks_from(day)
        other.works_out("funnels.sql")
        gathered = await funnels(at, day)
        funnels_agree(gathered, other)
        deals_agree(gathered, other)
        forecasts_agree(gathered, other)


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
