"""Every button and every reference, in the hands of somebody else, elsewhere, too late and twice: nothing happens.

Generated from the registry: the buttons are those of each command's own examples.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
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
from domain.people import EVERYBODY, Language, Profile, Role
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
# What only Ann's deal is called and holds.
INSIDE = "Moonshot"
# Everything that the first gate of Ann's deal asks for, and the question to who decides.
HANDED_IN = (
    "/deal D1; close: 30 Apr; rivals: Polar",
    f"/visit {SECRET}; met: Chen Fang; result: {SECRET} has money",
    f"/customer {SECRET}; segment: food",
    f"/tool D1 need; need: {INSIDE}; reason: fines",
    "/who D1 Li Wei; role: economic; influence: 5; stance: for",
    "/bid D1 4 5 3 4 4; conditions: spec, relation, genuine; signs: none",
    f"/expense D1 100 {INSIDE}; budget: 20k",
    f"/evidence D1 other; text: {INSIDE} at last",
    "/advance D1",
    f"/check D1 c3; note: {INSIDE}; source: Li Wei",
)
# What stands before a command has anything to show: said by Ann, and how long it rests after that.
BEFORE = {"approve": (HANDED_IN, timedelta(0)), "stalled": ((), timedelta(days=60))}
# Whoever else is shown a command's cards: those who decide.
LED = {"approve", "stalled"}
# What the two of the team may do.
ALL = {"ann": EVERYBODY, "bob": EVERYBODY}
# Bob is a rep who is not on Ann's deal, and Lee leads them.
PEOPLE = {"ann": EVERYBODY, "bob": frozenset({Role.REP}), "lee": frozenset({Role.MANAGER})}
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
async def desk(
    *lines: str, rests: timedelta = timedelta(0), people: Mapping[str, frozenset[Role]] = ALL
) -> AsyncIterator[Desk]:
    """A house where everybody may do everything, so that no role stands in for the check of a button."""
    seats = [replace(seat(handle), roles=roles) for handle, roles in people.items()]
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
        await made.says("ann", f"/deal new {SECRET}; title: {INSIDE}; amount: 800k; next: demo by Fri")
        for line in lines:
            await made.says("ann", line)
        at.clock.at += rests
        await at.app.settle()
        yield made


def desk_for(declared: Command) -> AbstractAsyncContextManager[Desk]:
    """The desk with what a command is about."""
    lines, rests = BEFORE.get(declared.name, ((), timedelta(0)))
    return desk(*lines, rests=rests)


def lines_of(declared: Command) -> tuple[str, ...]:
    """What brings a command's cards: nothing else, what stands in the books already, and its example about that."""
    numbers = ("D1",) if of_deals(declared) else ("V1", "S2")
    return (
        f"/{declared.name}",
        *(f"/{declared.name} {each}" for each in numbers),
        example_of(declared),
    )


def example_of(declared: Command) -> str:
    """The example, about the customer, the deal or the request that there is."""
    example = catalogue().say(t(f"{declared.name}.command.example"), Language.EN)
    return re.sub(r"\b([ADP])\d+\b", r"\g<1>1", example)


def of_deals(declared: Command) -> bool:
    """Whether a command takes the number of a deal, and then no record's."""
    return "deal" in declared.args.lead or declared.name in {"deal", "approve"}


def said(shown: Sequence[Shown]) -> str:
    return "\n".join(line for each in shown for line in plain_lines(each.card, each.language))


def keys(shown: Sequence[Shown]) -> set[str]:
    return set().union(*(keys_of(each.card) for each in shown))


@pytest.mark.parametrize("declared", COMMANDS, ids=lambda each: each.name)
def test_a_button_in_other_hands_or_places_does_nothing(declared: Command) -> None:
    """Who presses, in which chat, and what they are told; a stranger may only come in."""

    async def scenario() -> None:
        async with desk_for(declared) as at:
            for whose, other in OF[: 2 if declared.name in LED else 1]:
                pressed = at.presses
                for line in lines_of(declared):
                    for shown in [each for each in await at.says(whose, line) if each.to.chat == whose]:
                        books = await at.books()
                        for index in range(len(shown.labels)):
                            for who, chat, told in others(whose, other):
                                answer = await at.press(who, shown, index, chat=chat)
                                at_hand = (line, index, who, said(answer))
                                assert {told} <= keys(answer) if told else not answer, at_hand
                                assert SECRET not in said(answer) or who == whose, at_hand
                        assert await at.books() == books, line
                    await at.says(whose, "/cancel")
                assert at.presses > pressed or not of_deals(declared), whose

    asyncio.run(scenario())


OF = (("ann", "bob"), ("bob", "ann"))


def others(whose: str, other: str) -> tuple[tuple[str, str, str | None], ...]:
    """Everybody who is not to press somebody's button, and in which chats."""
    return (
        (other, whose, "press.not_yours"),
        (other, other, "press.unknown"),
        ("eve", whose, "press.unknown"),
        ("eve", "eve", "press.unknown"),
        ("zoe", "zoe", "doorstep.hello"),
        ("zoe", whose, None),
        (whose, "North", "press.unknown"),
        (whose, other, "press.unknown"),
    )


@pytest.mark.parametrize("declared", COMMANDS, ids=lambda each: each.name)
def test_a_button_works_once_and_not_for_ever(declared: Command) -> None:
    """What changed something says that it is done; after eight days no button works any more."""
    whose = "bob" if declared.name in LED else "ann"

    async def scenario() -> None:
        async with desk_for(declared) as at:
            late: list[tuple[str, Shown, int]] = []
            for line in lines_of(declared):
                for shown in [each for each in await at.says(whose, line) if each.to.chat == whose]:
                    for index in range(len(shown.labels)):
                        before = await at.books(but=LOOKED)
                        await at.press(whose, shown, index, chat=whose)
                        after = await at.books(but=LOOKED)
                        if after != before:
                            again = await at.press(whose, shown, index, chat=whose)
                            told = (line, index, said(again))
                            # A setting is no change that can be undone: it is set again to what it is.
                            assert "press.done" in keys(again) or after["change"] == before["change"], told
                            same = await at.books(but=LOOKED) == after
                            assert same or declared.name in ANOTHER, told
                        else:
                            late.append((line, shown, index))
                await at.says(whose, "/cancel")
            at.at.clock.at += LATER
            await at.at.app.settle()
            books = await at.books()
            for line, shown, index in late:
                answer = await at.press(whose, shown, index, chat=whose)
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


# What hangs on a deal: for its team and those who lead it, and for nobody else.
OF_DEALS = (
    *(tables.deal, tables.passage, tables.seller, tables.buyer, tables.checked, tables.deal_task),
    *(tables.evidence, tables.sheet, tables.rival, tables.expense, tables.approval, tables.alert),
    *(tables.activity, tables.step, tables.customer, tables.contact),
)
AT_A_DEAL = (
    *(
        "D1",
        "D1 more",
        "D1 review",
        "D1 unproven",
        "D1 activate",
        "D1 accept",
        "D1 drop",
        "D1 other",
        "E1",
        "P1",
    ),
    *("P1 accept", "D1 reopen\nreason: mine", "P1 return\nreason: mine", "P1 answer\nreason: mine"),
    *(
        "D1 snooze 3\nreason: mine",
        "D1 nudge",
        "D1 join",
        "D1\namount: 1",
        "D1\nteam: Bob",
        "D1\nreason: mine",
    ),
)


def told_of_a_deal(declared: Command) -> tuple[str, ...]:
    """What a command may be told about Ann's deal: as its example is, and in other words."""
    if not of_deals(declared):
        return (f"{SECRET}\nmet: Li Wei\nresult: mine\ndeal: D1",)
    return (re.sub(r"^/\w+ *", "", re.sub(r"new \w+", "D1", example_of(declared))), *AT_A_DEAL)


def test_a_colleagues_deal_is_neither_seen_nor_touched_by_its_number() -> None:
    """Bob is a rep who is not on the deal; Eve, who may do everything elsewhere, has no deal of that number."""
    about = [each for each in COMMANDS if of_deals(each) or any(part.field == "deal" for part in each.parts)]

    async def scenario() -> None:
        async with desk(*HANDED_IN, people=PEOPLE) as at:
            before = {each.name: await at.at.rows(select(each)) for each in OF_DEALS}
            assert all(
                before[each]
                for each in ("evidence", "sheet", "buyer", "rival", "expense", "checked", "approval")
            )
            for declared in about:
                for words in told_of_a_deal(declared):
                    for who in ("bob", "eve"):
                        line = f"/{declared.name} {words}"
                        shown = [each for each in await at.says(who, line) if each.to.chat == who]
                        assert shown and INSIDE not in said(shown), (who, line, said(shown))
                        assert SECRET in line or SECRET not in said(shown), (
                            who,
                            line,
                            said(shown),
                        )
                        await at.says(who, "/cancel")
                for each in OF_DEALS:
                    after = await at.at.rows(select(each))
                    lost = [row for row in before[each.name] if row not in after]
                    assert not lost, (declared.name, each.name, lost)
                    # Nothing was added to it either.
                    mine = [
                        row for row in after if "deal_id" in each.c and row.deal_id == 1 and row.org_id == 1
                    ]
                    assert all(row in before[each.name] for row in mine), (declared.name, each.name, mine)

    asyncio.run(scenario())


def test_a_colleague_is_shown_nothing_of_a_deal_by_any_command() -> None:
    """The customer is known to the whole house; what its deal is called, proves and costs is not."""

    async def scenario() -> None:
        async with desk(*HANDED_IN, people=PEOPLE) as at:
            assert INSIDE in said(await at.says("ann", "/deal D1"))
            for declared in COMMANDS:
                for words in ("", SECRET, "A1", "D1", "V1", "S2", "Ann", "all"):
                    for who in ("bob", "eve"):
                        line = f"/{declared.name} {words}"
                        shown = [each for each in await at.says(who, line) if each.to.chat == who]
                        assert INSIDE not in said(shown), (who, line, said(shown))
                        await at.says(who, "/cancel")

    asyncio.run(scenario())
