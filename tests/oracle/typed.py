"""Two days of corrections after a quarter: what reps and managers type into their chats, right, wrong and taken back."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from domain.deals import State
from storage import tables
from tests.oracle.history import NAMES, REPS, TODAY
from tests.support.house import House

# What is typed on Thursday, and then on Friday after the grace of Thursday's records.
MORNINGS = (datetime(2026, 3, 26, 1, 0, tzinfo=UTC), datetime(2026, 3, 27, 2, 30, tzinfo=UTC))
LINES_A_DAY = 100
UNDONE = 0.3


async def two_days(at: House, seed: int) -> tuple[int, int]:
    """Types it; how many changes were made, and how many of those were taken back."""
    dice = random.Random(seed)
    for morning in MORNINGS:
        at.clock.at = morning
        for _ in range(LINES_A_DAY):
            who, line = await _line(at, dice)
            before = await _changes(at)
            await at.says(who, line)
            at.clock.at += timedelta(seconds=dice.randint(5, 120))
            if await _changes(at) > before and dice.random() < UNDONE:
                await at.says(who, "/undo")
    c = tables.change.c
    ((made, undone),) = await at.rows(select(func.count(), func.count(c.undone_at)).where(c.undoes.is_(None)))
    return made, undone


async def _changes(at: House) -> int:
    ((count,),) = await at.rows(select(func.count()).select_from(tables.change))
    return int(count)


async def _line(at: House, dice: random.Random) -> tuple[str, str]:
    """Somebody of some team, and one line of theirs about what is theirs."""
    team, n = dice.choice(NAMES), dice.randrange(REPS)
    who, boss = f"{team.lower()}{n}", f"{team.lower()}boss"
    m, a, d, c = tables.member.c, tables.activity.c, tables.deal.c, tables.customer.c
    ((number,),) = await at.rows(select(m.id).where(m.name == who.capitalize()))
    customer = f"A{dice.choice(await _numbers(at, select(c.id).where(c.owner_id == number)))}"
    records = await _numbers(
        at, select(a.id).where(a.member_id == number, a.on_date >= TODAY - timedelta(days=3))
    )
    deals = await _numbers(at, select(d.id).where(d.owner_id == number))
    open_ = await _numbers(at, select(d.id).where(d.owner_id == number, d.state == State.ACTIVE))
    own = [
        f"/visit {customer}; met: Li Wei; result: budget confirmed; next: call by Mon",
        f"/visit {customer}; met: Xu Li; result: price agreed",
        f"/visit {customer}",
        f"/visit {customer} yesterday; met: Li Wei; result: saw the demo; next: quote by Mon",
        f"/call {customer}; result: wants a demo; next: book it Mon",
        f"/call {customer} yesterday; result: no budget; next: ask again Mon",
        f"/msg {customer}; replied: yes",
        f"/log calls {dice.randint(1, 8)}; effective: {dice.randint(0, 1)}",
        "/report; reflection: a good day",
        f"/deal new {customer}; amount: {dice.randint(10, 500)}k; close: 30 Jun; next: call by Mon",
    ]
    own += [f"/visit V{each}; met: Li Wei; result: it was good" for each in _one(dice, records)]
    own += [f"/call V{each}; result: it was good; next: call by Mon" for each in _one(dice, records)]
    theirs = [(who, dice.choice(own)) for _ in range(3)]
    for deal in _one(dice, open_):
        amount = f"{dice.randint(10_000, 600_000)}.{dice.randint(10, 99)}"
        theirs += [
            (who, f"/deal D{deal}; amount: {amount}; sure: yes"),
            (who, f"/deal D{deal}; close: {dice.choice(['29 Mar', '15 Apr', '30 Jun'])}"),
            (who, f"/hold D{deal}; until: 30 Apr; reason: budget"),
            (who, f"/lost D{deal}; reason: price; lesson: we came too late; keep: -"),
            (boss, f"/advance D{deal} override; reason: they signed elsewhere before"),
            (boss, f"/advance D{deal} back; reason: the need is not confirmed"),
            (boss, f"/won D{deal} override; amount: {amount}; contract: K-{deal}; lesson: -; keep: -; reason: signed early"),
            (boss, f"/won D{deal} override; amount: {amount}; contract: K-{deal}; lesson: -; keep: -; reason: signed early; sure: yes"),
        ]  # fmt: skip
    for deal in _one(dice, deals):
        theirs += [
            (boss, f"/deal D{deal} reopen; reason: the customer came back; next: call by Mon"),
        ]
    return dice.choice(theirs)


async def _numbers(at: House, query: object) -> list[int]:
    return [number for (number,) in await at.rows(query)]  # type: ignore[arg-type]


def _one(dice: random.Random, numbers: Sequence[int]) -> list[int]:
    return [dice.choice(numbers)] if numbers else []
