"""The organisation of a fault run, made in the database before the first start."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.app import build
from bot.clock import WallClock
from bot.seed import Founding, Seat, found
from domain.people import Language, Profile, Role
from domain.ports import Address, Work

PUSH_HOUR = 9
ALL_WEEK = frozenset(range(1, 8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rep:
    """Somebody who talks to the bot."""

    platform: str
    account: str
    chat: str


def founded(
    database_url: str, reps: Iterable[Rep], *, morning_due: bool = False, admin: Rep | None = None
) -> None:
    """One team of these reps, and somebody who administers it; with `morning_due` the reps' morning cards are due.

    Otherwise nothing is due for days: their only working day is three days away.
    """
    now = datetime.now(UTC)
    reps = list(reps)
    seats = [*reps, *([admin] if admin else [])]
    founding = Founding(
        name="Acme Sales",
        language=Language.EN,
        # Never in somebody's quiet hours, whenever the run is: what is held back until the morning would not come.
        zone=_zone(now),
        currency="EUR",
        week=ALL_WEEK if morning_due else frozenset({(now + timedelta(days=3)).isoweekday()}),
        profile=Profile.FIELD,
        started_on=now.date() - timedelta(days=60),
        joined_on=now.date() - timedelta(days=60),
        teams=[("North", [_seat(each, Role.ADMIN if each is admin else Role.REP) for each in seats])],
    )
    # Three hours ago, so that this morning's card still lay ahead.
    planned_at = now - timedelta(hours=3) if morning_due else now

    def job(work: Work) -> None:
        seated = found(work, founding, planned_at)
        for rep in seats:
            work.people.bind(Address(platform=rep.platform, chat=rep.chat), rep.account, *seated[rep.account])

    async def make() -> None:
        app = build(database_url, WallClock(), {})
        app.prepare()
        await app.writer.run(job)
        app.close()

    asyncio.run(make())


def _zone(now: datetime) -> str:
    """A zone of whole hours where it is past nine in the morning: 08:30 is over, its patience is not."""
    ahead = (PUSH_HOUR - now.hour + 12) % 24 - 12
    # The names of these zones count the other way round.
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"


def _seat(rep: Rep, role: Role) -> Seat:
    return Seat(
        handle=rep.account,
        name=f"Rep {rep.account}",
        roles=frozenset({role}),
        language=Language.EN,
        platform=rep.platform,
    )
