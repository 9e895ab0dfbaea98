"""A month of a busy rep and a busy manager: three messages a day and five, none in the quiet hours, nothing lost."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from domain.kinds import ASKED, KINDS, Notice, Sort
from domain.people import MemberId, OrgId
from domain.ports import EventId, Work
from domain.schedule import QUIET_FROM, QUIET_UNTIL, local_date, local_time
from handlers.letters import Teller
from handlers.view import Button, card
from storage import tables
from tests.flows.test_days_off import manager
from tests.support.house import MONDAY, House, house, seat

DAYS, HALF_HOURS = 28, 27
REP_MOST, LEADER_MOST = 3, 5
NEWS = tuple(kind for kind, manner in KINDS.items() if manner.sort is Sort.NEWS and kind is not Notice.NEWS)
BOSS, ANN = MemberId(1), MemberId(2)
ZONE = "Asia/Shanghai"


def happens(work: Work, now: datetime, number: int, chance: random.Random) -> int:
    """Something that a rep or a manager is to know, and now and then something to decide; how many things."""
    by = Teller(
        store=work.store(OrgId(1)),
        org=OrgId(1),
        event=EventId(1_000_000 + number),
        now=now,
        codes=lambda _bits: f"c{number}-{chance.random()}"[:20],
    )
    for to in (ANN, BOSS):
        kind = chance.choice(NEWS)
        by.tell(to, kind, f"happened:{to}", card(f"{kind} {number}"))
    shown = card(f"decide {number}", rows=((Button("Accept", "/help"),),))
    by.tell(BOSS, chance.choice(ASKED), "asked", shown)
    return 3


async def lived(at: House, days: int) -> int:
    """So many days with something every half hour from eight to nine in the evening; how many things there were."""
    chance, count = random.Random(5), 0
    for day in range(days):
        for half in range(HALF_HOURS):
            at.clock.at = MONDAY + timedelta(days=day, minutes=30 * half)
            if chance.random() < 0.5:
                now, number = at.clock.at, day * 100 + half
                count += await at.app.writer.run(
                    lambda work, now=now, number=number: happens(work, now, number, chance)  # type: ignore[misc]
                )
            await at.app.settle()
            if half == HALF_HOURS - 1:
                # Who closes the day gets both beats of the next one, too.
                await at.says("ann", f"/report {local_date(at.clock.at, ZONE).isoformat()} close")
    return count


def by_day(letters: Sequence[Any]) -> Counter[tuple[MemberId, date]]:
    return Counter((each.member_id, local_date(each.sent_at, ZONE)) for each in letters)


def test_a_busy_month_keeps_its_budgets_and_loses_nothing() -> None:
    p, n = tables.letter.c, tables.news.c

    async def scenario() -> None:
        async with house([manager("boss"), seat("ann"), seat("bob")], zone=ZONE) as at:
            await at.says("ann", "/deal new Acme")
            await at.says("ann", "/deal new Bolt")
            happened = await lived(at, DAYS)
            letters = await at.rows(
                select(p.member_id, p.kind, p.sent_at, p.state, p.delivery).where(p.kind.is_not(None))
            )
            said = [each for each in letters if each.delivery == "post"]
            assert {each.state for each in said} == {"sent"}
            days = by_day(said)
            beats = by_day([each for each in said if each.kind in (Notice.MORNING, Notice.NUDGE)])
            assert sum(count == 2 for (member, _), count in beats.items() if member == ANN) == DAYS // 7 * 5
            assert max(count for (member, _), count in days.items() if member == ANN) == REP_MOST
            assert max(count for (member, _), count in days.items() if member == BOSS) == LEADER_MOST
            assert all(count <= REP_MOST for (member, _), count in days.items() if member != BOSS)
            walls = [local_time(each.sent_at, ZONE) for each in said]
            assert all(QUIET_UNTIL <= wall < QUIET_FROM for wall in walls)
            rows = await at.rows(select(n.key, n.member_id, n.kind, n.told_on, n.place, n.made_at))
            told = [each for each in rows if each.told_on]
            # What was told as a letter of its own, what stands on a card, and what waits for Monday's: all there is.
            asked = [each for each in said if each.kind in ASKED]
            ours = [each for each in rows if each.key.startswith(("happened", "asked"))]
            assert len(ours) + len(asked) == happened
            end = MONDAY + timedelta(days=DAYS)
            friday = datetime.combine((end - timedelta(days=3)).date(), time(8), tzinfo=end.tzinfo)
            late = [
                (each.member_id, each.kind, each.made_at)
                for each in ours
                if not each.told_on and each.made_at <= friday
            ]
            assert not late
            places: dict[tuple[MemberId, date], list[int]] = {}
            for each in told:
                places.setdefault((each.member_id, each.told_on), []).append(each.place)
            assert all(sorted(found) == list(range(1, len(found) + 1)) for found in places.values())

    asyncio.run(scenario())
