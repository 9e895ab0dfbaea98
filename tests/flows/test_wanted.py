"""A letter is asked once more whether it is wanted when its turn to leave has come; whoever asked is always answered."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from domain.kinds import Notice
from domain.people import Language, MemberId, OrgId
from domain.ports import Address, Letter, Urgency, Work
from handlers.view import card, encode
from storage import tables
from tests.support.house import MONDAY, PLATFORM, house, seat

ORG, ANN = OrgId(1), MemberId(1)
HOME, ROOM = Address(platform=PLATFORM, chat="ann"), Address(platform=PLATFORM, chat="room")
TODAY = date(2026, 3, 2)
PUSH = Letter(
    key="push",
    to=HOME,
    card=encode(card("push")),
    language=Language.EN,
    due_at=MONDAY,
    urgency=Urgency.PUSH,
    member_id=ANN,
    org_id=ORG,
)
DATED = replace(PUSH, card_key="day:1:2026-03-02")


def _leaves(work: Work) -> None:
    work.store(ORG).revise_member(ANN, left_on=TODAY)


def _pauses(work: Work) -> None:
    work.store(ORG).revise_member(ANN, paused_until=TODAY)


def _blocks(work: Work) -> None:
    work.outbox.bury(HOME, MONDAY)


def _is_away(work: Work) -> None:
    work.connection.execute(  # type: ignore[attr-defined]
        tables.leave.insert(),
        {
            "org_id": ORG,
            "id": 1,
            "member_id": ANN,
            "first_on": TODAY,
            "last_on": TODAY,
            "reason": "",
            "withdrawn": False,
        },
    )


def _is_declared_off(work: Work) -> None:
    work.connection.execute(  # type: ignore[attr-defined]
        tables.calendar_day.insert(),
        {"org_id": ORG, "id": 1, "on_date": TODAY, "works": False, "note": "", "withdrawn": False},
    )


def _others_take_the_room(work: Work) -> None:
    org = work.people.found(replace(work.store(ORG).organisation(), name="Other"))
    store = work.store(org)
    member = store.add_member(replace(work.store(ORG).member(ANN), team_id=None))
    store.bind_room(store.add_team("South"), ROOM, member)


def _nothing(_: Work) -> None:
    pass


@pytest.mark.parametrize(
    ("letter", "happens", "ends"),
    [
        (PUSH, _nothing, ("sent", None)),
        (PUSH, _leaves, ("cancelled", "left")),
        (replace(PUSH, kind=Notice.ACCOUNT), _leaves, ("sent", None)),
        (PUSH, _blocks, ("cancelled", "unreachable")),
        (DATED, _nothing, ("sent", None)),
        (DATED, _pauses, ("cancelled", "paused")),
        (DATED, _is_away, ("cancelled", "day_off")),
        (DATED, _is_declared_off, ("cancelled", "day_off")),
        # What is of no date is not about the day: an alert is not stopped by a pause.
        (PUSH, _pauses, ("sent", None)),
        (replace(DATED, card_key="day:1:2026-03-03"), _is_away, ("sent", None)),
        (replace(PUSH, to=ROOM, member_id=None), _nothing, ("sent", None)),
        (replace(PUSH, to=ROOM, member_id=None), _others_take_the_room, ("cancelled", "other_room")),
        (replace(PUSH, not_after=MONDAY - timedelta(seconds=1)), _nothing, ("expired", None)),
    ],
    ids=lambda each: each.__name__ if callable(each) else None,
)
def test_what_happened_meanwhile_decides(
    letter: Letter, happens: Callable[[Work], None], ends: tuple[str, str | None]
) -> None:
    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            await at.app.writer.run(lambda work: work.outbox.write(letter))
            await at.app.writer.run(happens)
            await at.app.courier.settle()
            p = tables.letter.c
            [found] = await at.rows(select(p.state, p.reason).where(p.key == "push"))
            assert tuple(found) == ends
            assert bool(at.sent()) == (ends[0] == "sent")

    asyncio.run(scenario())


def test_whoever_asked_is_answered_whatever_happened() -> None:
    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            answer = replace(PUSH, key="event:9", urgency=Urgency.ANSWER)
            for happens in (_leaves, _pauses, _blocks):
                await at.app.writer.run(happens)
            await at.app.writer.run(lambda work: work.outbox.write(answer))
            # As after a crash: an answer found under way is claimed like a push.
            assert await at.app.courier.recover() == 1
            await at.app.courier.settle()
            assert at.sent() == ["ann"]

    asyncio.run(scenario())


# Letters of a batch that are wanted leave, whatever became of the others.
def test_one_that_is_not_wanted_takes_no_other_with_it() -> None:
    async def scenario() -> None:
        async with house([seat("ann"), seat("bob")]) as at:
            to_bob = replace(PUSH, key="bob", to=replace(HOME, chat="bob"), member_id=MemberId(2))

            def job(work: Work) -> None:
                for each in (PUSH, to_bob):
                    work.outbox.write(each)
                _leaves(work)

            await at.app.writer.run(job)
            await at.app.courier.settle()
            assert at.sent() == ["bob"]

    asyncio.run(scenario())
