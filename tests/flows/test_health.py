"""`/health`: what waits, who is out of reach and what was set aside, for admins, in eight lines; one alert a day."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from bot.intake import Delivery
from bot.layout import plain
from domain.people import Language, MemberId, OrgId, Role
from domain.ports import Address, Letter, Outcome, Urgency, Work
from storage import schema
from tests.flows.test_defaults import LINES
from tests.support.house import PLATFORM, House, house, seat

ADMIN = replace(seat("ada"), roles=frozenset({Role.ADMIN}))
LI = replace(seat("li", language=Language.ZH), roles=frozenset({Role.ADMIN}))
REPS = ("ann", "bob", "cy", "dot")


def told(scene: Callable[[House], Awaitable[None]], url: str) -> None:
    async def scenario() -> None:
        async with house([ADMIN, LI, *map(seat, REPS)], url=url) as at:
            at.clock.at += timedelta(hours=2)
            await at.app.settle()
            at.sent()
            await scene(at)

    asyncio.run(scenario())


def broken(number: int, handle: str = "ann") -> Delivery:
    return Delivery(id=f"broken-{number}", lane=f"{PLATFORM}:{handle}", body='{"text": "no end')


async def breaks(at: House, *deliveries: Delivery) -> list[str]:
    """The chats that heard of deliveries nobody can read."""
    await at.app.intake.take(PLATFORM, deliveries)
    await at.app.settle()
    return at.sent()


def unsure(at: House) -> Callable[[Work], None]:
    """Two letters that were tried three hours ago, and nobody knows whether they arrived."""

    def job(work: Work) -> None:
        for key in ("one", "two"):
            letter = Letter(
                key=key,
                to=Address(platform=PLATFORM, chat="ann"),
                card='{"b":[]}',
                language=Language.EN,
                due_at=at.clock.now() - timedelta(hours=3),
                urgency=Urgency.PUSH,
                org_id=OrgId(1),
                member_id=MemberId(3),
            )
            work.outbox.write(letter)
        work.outbox.next_due()
        for key in ("one", "two"):
            work.outbox.retry(key, at.clock.now() + timedelta(days=1), Outcome.UNKNOWN)

    return job


def test_all_that_can_be_wrong_fits_a_card(sqlite_url: str) -> None:
    async def scene(at: House) -> None:
        await at.app.writer.run(unsure(at))
        for handle in REPS:
            here = Address(platform=PLATFORM, chat=handle)
            await at.app.writer.run(lambda work, chat=here: work.outbox.bury(chat, at.clock.now()))  # type: ignore[misc]
        await breaks(at, broken(1), broken(2))
        await at.says("ada", "/health")
        lines = plain(at.card("ada"), Language.EN)[:-1]
        assert lines == [
            "How it runs",
            "The numbers are worked out again each night; the first night is still to come.",
            "· 2 messages wait, the oldest for 3 h",
            "· 2 of them may have arrived already",
            "· Not reached: Ann (the browser), Bob (the browser), Cy (the browser), 1 more",
            "· 2 messages could not be handled",
            f"Database revision {schema.HEAD}",
        ]
        assert len(lines) <= LINES
        assert await at.says("ann", "/health") == ["ann"]
        assert "not for this role" in plain(at.card("ann"), Language.EN)[0]

    told(scene, sqlite_url)


def test_an_admin_hears_of_the_first_of_a_day_only(database_url: str) -> None:
    async def scene(at: House) -> None:
        assert sorted(await breaks(at, *(broken(number) for number in range(5)))) == ["ada", "li"]
        [*_, first] = await at.app.writer.run(lambda work: work.upkeep.quarantine(9))
        reference = first.reference
        said = plain(at.card("ada"), Language.EN)
        assert said[0] == "A message of Ann's could not be handled; it is kept"
        assert reference in said[1]
        assert (
            "Ann" in plain(at.card("li"), Language.ZH)[0]
            and reference in plain(at.card("li"), Language.ZH)[1]
        )
        assert await breaks(at, broken(6, "bob")) == []
        at.clock.at += timedelta(days=1)
        await at.app.settle()
        at.sent()
        assert sorted(await breaks(at, broken(7))) == ["ada", "li"]

    told(scene, database_url)


def test_of_a_stranger_nobody_hears(sqlite_url: str) -> None:
    async def scene(at: House) -> None:
        assert await breaks(at, broken(1, "nobody")) == []
        [found] = await at.app.writer.run(lambda work: work.upkeep.quarantine(9))
        assert (found.org_id, found.platform, found.fault) == (None, PLATFORM, "JSONDecodeError")

    told(scene, sqlite_url)


def test_what_was_set_aside_is_handled_again(database_url: str) -> None:
    """Whatever kept it from being read was put right; it was said when it was said."""

    async def scene(at: House) -> None:
        decoders = at.app.dispatch._decoders
        sound, reference = decoders[PLATFORM], ""

        def stumbles(body: str) -> None:
            raise ValueError(body)

        decoders[PLATFORM] = stumbles  # type: ignore[index]
        await at.says("ann", "/visit Acme; met: Li Wei; result: ok")
        decoders[PLATFORM] = sound  # type: ignore[index]
        [found] = await at.app.writer.run(lambda work: work.upkeep.quarantine(9))
        reference = found.reference
        assert await at.app.dispatch.again() == 0
        assert await at.app.writer.run(lambda work: work.upkeep.requeue(reference))
        assert await at.app.dispatch.again() == 1
        await at.app.settle()
        assert "ann" in at.sent() and "Acme" in " ".join(plain(at.card("ann"), Language.EN))
        assert not await at.app.writer.run(lambda work: work.upkeep.requeue(reference))
        assert await at.app.writer.run(lambda work: work.upkeep.quarantine(9)) == ()

    told(scene, database_url)
