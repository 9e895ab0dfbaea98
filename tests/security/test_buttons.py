"""Every button and every reference, in the hands of somebody else, elsewhere, too late and twice: nothing happens.

Generated from the registry: the buttons are those of each command's own examples.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.inbound import Person, Pressed, plain
from bot.intake import Delivery
from bot.layout import plain as plain_lines
from bot.seed import Founding, found
from bot.transcript import Shown
from domain.people import EVERYBODY, Language, Profile
from domain.ports import Address
from handlers.registry import Command, Scope, registry
from handlers.view import t
from handlers.words import catalogue
from storage import tables
from tests.support.house import MONDAY, PLATFORM, House, house, seat
from tests.support.shown import Keeping, keys_of

COMMANDS = tuple(registry().commands.values())
# What comes and goes with every message, whoever sends it.
PASSING = {
    "inbox",
    "poll_offset",
    "letter",
    "card",
    "card_action",
    "draft",
    "doorstep",
    "wrong_code",
    "due",
}
# Looking at one's numbers is a habit, ticked as often as one looks.
LOOKED = frozenset({"tick"})
# What a second press makes once more, and why that does no harm.
ANOTHER = {"invite": "another code for one more person, in place of the first on the card"}
SECRET = "Quicksilver"
# Longer than any button lives.
LATER = timedelta(days=8)


@dataclass(slots=True)
class Desk:
    """Ann and Bob of one team, Eve of another organisation, and everything that is shown to anybody."""

    at: House
    kept: Keeping
    presses: int = 0

    async def says(self, who: str, line: str) -> list[Shown]:
        before = len(self.kept.everything)
        await self.at.says(who, line)
        return self.kept.everything[before:]

    async def press(self, who: str, shown: Shown, index: int, *, chat: str) -> list[Shown]:
        """What was sent because somebody pressed a button, in whatever chat its token was brought to."""
        self.presses += 1
        before = len(self.kept.everything)
        pressed = Pressed(
            person=Person(account=who, name=who, language=Language.EN),
            at=Address(platform=PLATFORM, chat=chat),
            private=chat == who,
            token=f"{shown.token}.{index}",
            message=shown.message,
            said_at=self.at.clock.now(),
        )
        delivery = Delivery(id=f"p{self.presses}", lane=who, body=plain(pressed))
        await self.at.app.intake.take(PLATFORM, [delivery])
        await self.at.app.settle()
        return self.kept.everything[before:]

    async def books(self, *, but: frozenset[str] = frozenset()) -> dict[str, Sequence[Any]]:
        """Every row that is more than a message on its way."""
        kept = [each for each in tables.metadata.sorted_tables if each.name not in PASSING | but]
        return {each.name: sorted(await self.at.rows(select(each)), key=repr) for each in kept}


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    """A house where everybody may do everything, so that no role stands in for the check of a button."""
    seats = [replace(seat(handle), roles=EVERYBODY) for handle in ("ann", "bob")]
    eve = replace(seat("eve"), roles=EVERYBODY)
    async with house(seats) as at:
        at.recorder = kept = Keeping()
        at.app.courier.join(PLATFORM, kept)
        other = Founding(
            name="Other Sales",
            language=Language.EN,
            zone="Asia/Shanghai",
            currency="CNY",
            week=frozenset({1, 2, 3, 4, 5}),
            profile=Profile.FIELD,
            started_on=date(2026, 1, 1),
            joined_on=date(2026, 1, 1),
            teams=[("South", [eve])],
        )
        await at.app.writer.run(lambda work: found(work, other, MONDAY))
        at.clock.at += timedelta(hours=1)
        await at.app.settle()
        made = Desk(at, kept)
        await made.says("ann", f"/visit {SECRET}; met: Li Wei; result: budget; next: send quote by Fri")
        await made.says("ann", f"/visit {SECRET} tomorrow")
        yield made


def lines_of(declared: Command) -> tuple[str, ...]:
    """What brings a command's cards: nothing else, its example, and what stands in the books already."""
    return (
        f"/{declared.name}",
        catalogue().say(t(f"{declared.name}.command.example"), Language.EN),
        f"/{declared.name} V1",
        f"/{declared.name} S2",
    )


def said(shown: Sequence[Shown]) -> str:
    return "\n".join(line for each in shown for line in plain_lines(each.card, each.language))


def keys(shown: Sequence[Shown]) -> set[str]:
    return set().union(*(keys_of(each.card) for each in shown))


@pytest.mark.parametrize("declared", COMMANDS, ids=lambda each: each.name)
def test_a_button_in_other_hands_or_places_does_nothing(declared: Command) -> None:
    """Who presses, in which chat, and what they are told; a stranger may only come in."""
    others = (
        ("bob", "ann", "press.not_yours"),
        ("bob", "bob", "press.unknown"),
        ("eve", "ann", "press.unknown"),
        ("eve", "eve", "press.unknown"),
        ("zoe", "zoe", "doorstep.hello"),
        ("zoe", "ann", None),
        ("ann", "North", "press.unknown"),
        ("ann", "bob", "press.unknown"),
    )

    async def scenario() -> None:
        async with desk() as at:
            for line in lines_of(declared):
                for shown in [each for each in await at.says("ann", line) if each.to.chat == "ann"]:
                    books = await at.books()
                    for index in range(len(shown.labels)):
                        for who, chat, told in others:
                            answer = await at.press(who, shown, index, chat=chat)
                            assert {told} <= keys(answer) if told else not answer, (
                                line,
                                index,
                                who,
                                said(answer),
                            )
                            assert SECRET not in said(answer) or who == "ann", (line, index, who)
                    assert await at.books() == books, line
                await at.says("ann", "/cancel")

    asyncio.run(scenario())


@pytest.mark.parametrize("declared", COMMANDS, ids=lambda each: each.name)
def test_a_button_works_once_and_not_for_ever(declared: Command) -> None:
    """What changed something says that it is done; after eight days no button works any more."""

    async def scenario() -> None:
        async with desk() as at:
            late: list[tuple[str, Shown, int]] = []
            for line in lines_of(declared):
                for shown in [each for each in await at.says("ann", line) if each.to.chat == "ann"]:
                    for index in range(len(shown.labels)):
                        before = await at.books(but=LOOKED)
                        await at.press("ann", shown, index, chat="ann")
                        after = await at.books(but=LOOKED)
                        if after != before:
                            again = await at.press("ann", shown, index, chat="ann")
                            told = (line, index, said(again))
                            # A setting is no change that can be undone: it is set again to what it is.
                            assert "press.done" in keys(again) or after["change"] == before["change"], told
                            same = await at.books(but=LOOKED) == after
                            assert same or declared.name in ANOTHER, told
                        else:
                            late.append((line, shown, index))
                await at.says("ann", "/cancel")
            at.at.clock.at += LATER
            await at.at.app.settle()
            books = await at.books()
            for line, shown, index in late:
                answer = await at.press("ann", shown, index, chat="ann")
                assert "press.expired" in keys(answer), (line, index, said(answer))
            assert await at.books() == books

    asyncio.run(scenario())


def test_what_is_a_colleagues_own_is_not_touched_by_its_number() -> None:
    async def scenario() -> None:
        async with desk() as at:
            own = (tables.activity, tables.step, tables.report, tables.leave, tables.fact)
            before = {each.name: await at.at.rows(select(each)) for each in own}
            numbers = [str(change) for (change,) in await at.at.rows(select(tables.change.c.id))]
            for declared in [each for each in COMMANDS if each.scope is Scope.OWN]:
                for words in ("V1", "V1\nresult: mine", "S1", "S2", "S1 drop", "S2 tomorrow", *numbers):
                    await at.says("bob", f"/{declared.name} {words}")
                    await at.says("bob", "/cancel")
                for each in own:
                    after = await at.at.rows(select(each))
                    lost = [row for row in before[each.name] if row not in after]
                    assert not lost, (declared.name, each.name, lost)

    asyncio.run(scenario())
