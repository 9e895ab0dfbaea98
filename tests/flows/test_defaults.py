"""What holds for every command, button and card, whatever it is called: generated from the declarations."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from bot.app import App, build
from bot.clock import SetClock
from bot.inbound import Person, Pressed, Said, from_plain, plain
from bot.intake import Delivery
from bot.layout import lines, width
from bot.layout import plain as plain_lines
from bot.seed import Founding, Seat, found
from bot.transcript import Recorder, Shown
from domain.people import EVERYBODY, Language, Profile, Role
from domain.ports import Address
from domain.refusals import NotUnderstood
from handlers.answer import LINE_LIMIT
from handlers.args import Args, Missing, fill
from handlers.registry import MENU, Command, registry
from handlers.view import Line, Note, Text, Words, t
from handlers.words import catalogue
from tests.support.shown import keys_of, shown_in_transcripts

# One worker plays all transcripts once for every test that looks at their cards.
pytestmark = pytest.mark.xdist_group("transcripts")

COMMANDS = tuple(registry().commands.values())
NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LONG_AGO = date(2026, 1, 1)
# Product 6: a card has at most 8 lines of 32 columns, and 6 buttons in 3 rows; 40 columns are the lock screen.
LINES, COLUMNS, ROWS, BUTTONS = 8, 32, 3, 6
# Cards that may be larger, by a text that stands in them, and why.
LARGER = {
    "answer.unfinished": "an answer of any size, and below it the way back to the question it interrupted",
    "week.completion": "the full plan has four bars besides the days",
    "setup.title": "everything that was guessed stands on one card (product 2.3)",
}


@dataclass(slots=True)
class Office:
    """Two organisations in one installation, and somebody who speaks."""

    app: App
    clock: SetClock
    recorder: Recorder
    said: int = 0

    async def say(self, who: str, text: str) -> list[Shown]:
        """What was sent because of the words, in order."""
        person, at = self._who(who)
        return await self._deliver(
            who, Said(person=person, at=at, private=True, text=text, said_at=self.clock.now())
        )

    async def press(self, who: str, shown: Shown, index: int = 0) -> list[Shown]:
        """What was sent because of a button, wherever its token was got from."""
        person, at = self._who(who)
        return await self._deliver(
            who,
            Pressed(
                person=person,
                at=at,
                private=True,
                token=f"{shown.token}.{index}",
                message=shown.message,
                said_at=self.clock.now(),
            ),
        )

    def _who(self, who: str) -> tuple[Person, Address]:
        return Person(account=who, name=who, language=Language.EN), Address(platform="web", chat=who)

    async def _deliver(self, who: str, inbound: Said | Pressed) -> list[Shown]:
        self.said += 1
        await self.app.intake.take("web", [Delivery(id=f"d{self.said}", lane=who, body=plain(inbound))])
        await self.app.settle()
        sent, self.recorder.sent = self.recorder.sent, []
        return sent


@asynccontextmanager
async def office(**roles: frozenset[Role]) -> AsyncIterator[Office]:
    """Each handle in an organisation of its own, past the learning weeks; English unless the handle is a language."""
    clock = SetClock(NINE)
    app = build("sqlite:///:memory:", clock, {"web": from_plain}, random.Random(7))
    app.prepare()
    recorder = Recorder()
    app.courier.join("web", recorder)
    for handle, held in roles.items():
        seat = Seat(handle=handle, name=handle, roles=held, language=_language(handle), platform="web")
        founding = Founding(
            name=f"{handle} & Co",
            language=_language(handle),
            zone="Asia/Shanghai",
            currency="CNY",
            week=frozenset({1, 2, 3, 4, 5}),
            profile=Profile.FIELD,
            started_on=LONG_AGO,
            joined_on=LONG_AGO,
            teams=[("North", [seat])],
        )
        await app.writer.run(lambda work, each=founding: found(work, each, NINE))  # type: ignore[misc]
    try:
        yield Office(app, clock, recorder)
    finally:
        await app.dispatch.idle()
        app.close()


def _language(handle: str) -> Language:
    return next((each for each in Language if each.value == handle), Language.EN)


def said(shown: Sequence[Shown]) -> str:
    return "\n".join(line for each in shown for line in plain_lines(each.card, each.language))


def holds_own_words(words: Words) -> bool:
    """Whether somebody's own words stand in it: a name or a result may be as long as it is."""
    if isinstance(words, str):
        return True
    return any(
        holds_own_words(value) if isinstance(value, Text) else isinstance(value, str)
        for value in words.params.values()
    )


@pytest.mark.parametrize("language", Language)
def test_help_shows_every_command_and_its_example(language: Language) -> None:
    async def scenario() -> None:
        async with office(**{language.value: EVERYBODY}) as at:
            pages = "".join([said(await at.say(language.value, f"/help {page}")) for page in range(1, 12)])
            for each in COMMANDS:
                word = catalogue().say(t(f"{each.name}.command.word"), language)
                summary = catalogue().say(t(f"{each.name}.command.summary"), language)
                assert each.hidden or (word in pages and summary in pages), f"{each.name} is not in the help"
                assert registry().find(word.lstrip("/")) is each, f"{word} does not name {each.name}"
                one = said(await at.say(language.value, f"/help {each.name}"))
                example = catalogue().say(t(f"{each.name}.command.example"), language)
                assert example in one and summary in one, f"/help {each.name} in {language}: {one}"

    asyncio.run(scenario())


@pytest.mark.parametrize("language", Language)
def test_an_empty_call_answers_with_what_it_needs(language: Language) -> None:
    async def scenario() -> None:
        async with office(**{language.value: EVERYBODY}) as at:
            for each in COMMANDS:
                answer = await at.say(language.value, f"/{each.name}")
                assert answer and "answer.stumbled" not in keys_of(answer[0].card), f"/{each.name}"
                required = [spec for spec in each.parts if spec.required]
                if required:
                    assert catalogue().say(t(f"{required[0].key}.ask"), language) in said(answer)
                    assert catalogue().say(t(f"{each.name}.command.example"), language) in said(answer)
                    await at.say(language.value, "/cancel")

    asyncio.run(scenario())


@pytest.mark.parametrize("language", Language)
def test_every_example_is_understood(language: Language) -> None:
    """What help tells people to copy runs, and is no refusal of theirs."""

    async def scenario() -> None:
        async with office(**{language.value: EVERYBODY}) as at:
            for each in COMMANDS:
                example = catalogue().say(t(f"{each.name}.command.example"), language)
                answer = await at.say(language.value, example)
                refused = {key for key in keys_of(answer[0].card) if key.split(".")[0] in ("answer", "args")}
                assert answer and not refused, f"{example}: {said(answer)}"

    asyncio.run(scenario())


def test_a_stranger_gets_only_the_invitation_card() -> None:
    async def scenario() -> None:
        async with office(ann=EVERYBODY) as at:
            await at.say("ann", "/visit Acme; met: Li Wei; result: secret")
            for each in COMMANDS:
                for word in (f"/{each.name}", f"/{each.name} V1", *each.aliases):
                    answer = await at.say("zoe", word)
                    known = {"doorstep.hello", "language.which", "doorstep.wrong_code", "doorstep.too_many"}
                    assert known & keys_of(answer[0].card), f"{word}: {said(answer)}"
                    assert "Acme" not in said(answer) and "secret" not in said(answer)

    asyncio.run(scenario())


def test_another_organisation_is_out_of_reach() -> None:
    async def scenario() -> None:
        async with office(ann=EVERYBODY, eve=EVERYBODY) as at:
            visit = (await at.say("ann", "/visit Acme; met: Li Wei; result: secret"))[0]
            await at.say("ann", "/visit Acme Fri")
            before = said(await at.say("ann", "/week"))
            for each in COMMANDS:
                for reference in ("V1", "S1", "A1", "S1 drop", "1", "accept 1"):
                    answer = said(await at.say("eve", f"/{each.name} {reference}"))
                    assert "Acme" not in answer and "secret" not in answer, f"/{each.name} {reference}"
                    await at.say("eve", "/cancel")
            for index in range(len(visit.card.commands)):
                pressed = await at.press("eve", visit, index)
                assert "press.unknown" in keys_of(pressed[0].card), said(pressed)
            near = said(await at.say("eve", "/visit Acm; met: Li Wei; result: ok"))
            assert "Acme" not in near
            assert said(await at.say("ann", "/week")) == before

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "declared", [each for each in COMMANDS if each.roles != EVERYBODY], ids=lambda each: each.name
)
def test_a_role_that_may_not_is_refused_politely(declared: Command) -> None:
    async def scenario() -> None:
        async with office(ann=EVERYBODY - declared.roles) as at:
            answer = await at.say("ann", f"/{declared.name}")
            assert keys_of(answer[0].card) == {"answer.not_allowed"}, said(answer)
            pages = "".join([said(await at.say("ann", f"/help {page}")) for page in range(1, 12)])
            assert f"/{declared.name} –" not in pages

    asyncio.run(scenario())


def test_the_menu_names_what_exists_in_order_and_once() -> None:
    assert set(MENU) <= {each.name for each in COMMANDS if not each.hidden}
    assert len(set(MENU)) == len(MENU)


def test_no_command_stumbles_over_strange_words() -> None:
    strange = ("💥", "\u202e\u200b;;;", "-1", "9" * 30, "V" + "9" * 30, "x" * LINE_LIMIT)

    async def scenario() -> None:
        async with office(ann=EVERYBODY) as at:
            for each in COMMANDS:
                for words in strange:
                    parts = "".join(f"\n{spec.names[0]}: {words}" for spec in each.parts)
                    for line in (f"/{each.name} {words}", f"/{each.name} Acme{parts}"):
                        answer = await at.say("ann", line)
                        assert answer and "answer.stumbled" not in keys_of(answer[0].card), repr(line)

    asyncio.run(scenario())


def test_every_button_is_a_command_somebody_could_type() -> None:
    seen = {command for _, shown in shown_in_transcripts() for command in shown.card.commands}
    assert len(seen) > len(COMMANDS)
    for command in seen:
        word, _, rest = command.removeprefix("/").replace("\n", " \n", 1).partition(" ")
        declared = registry().find(word)
        assert command.startswith("/") and declared, command
        try:
            args = fill(
                declared.name,
                declared.args,
                rest.strip(),
                {"today": NINE.date(), "is_my_file": lambda _file: True},
            )
        except NotUnderstood as refusal:
            # A day that had come when the button was made may be past on the day of this test.
            assert refusal.key == "args.past_date", command
            continue
        assert isinstance(args, Args | Missing)


def test_every_card_fits_a_phone() -> None:
    wrong = []
    for name, shown in shown_in_transcripts():
        card, language = shown.card, shown.language
        drawn = "\n".join(plain_lines(card, language))
        rows, buttons = len(card.rows), sum(map(len, card.rows))
        # A picture stands beside the words, and its numbers among them.
        words = card.without_charts().blocks
        small = len([line for block in words for line in lines(block, language)]) <= LINES
        if not (small and rows <= ROWS and buttons <= BUTTONS) and not LARGER.keys() & keys_of(card):
            wrong.append(f"{name}: {rows} rows, {buttons} buttons\n{drawn}")
        wide = [
            line
            for block in card.blocks
            if isinstance(block, Line) and not holds_own_words(block.words) and not is_question(block.words)
            for line in lines(block, language)
            if width(line) > COLUMNS
        ]
        wrong += [f"{name}: {width(line)} columns: {line}" for line in wide]
    assert not wrong, "\n\n".join(dict.fromkeys(wrong))


def is_question(words: Words) -> bool:
    """A question with its example, and a refusal, say all there is to say: they may wrap."""
    key = words.key if isinstance(words, Text) else ""
    return key.endswith(".ask") or key.split(".")[0] in WRAPPING or key in LONG


WRAPPING = ("answer", "args", "press", "doorstep", "editing")
LONG = {
    "calendar.admins_observe": "why nothing happens, and what works",
    "mute.never": "why nothing happens",
    "mute.unknown": "why nothing happens, and what works",
    "way.no_deals": "why nothing is worked out, and what works",
    "spotcheck.why": "why it comes, and what follows if nothing is done",
    "spotcheck.too_late": "why nothing happens",
    "spotcheck.not_yours": "why nothing happens",
    "spotcheck.appealed": "why nothing happens",
    "spotcheck.nothing_to_appeal": "why nothing happens",
    "spotcheck.what": "why nothing happens, and what works",
    "health.not_yet": "why nothing is there yet",
    "contest.frozen": "why nothing happens, and what works",
    "contest.past": "why nothing happens, and what works",
    "contest.length": "why nothing happens, and what works",
    "contest.only_leads": "why nothing happens",
    "contest.told_cancelled": "a name and a reason",
    "award.no_boards": "why nothing is offered, and what works",
    "award.kept": "what will happen, said before it",
    "award.kept_private": "what will happen, said before it",
    "board.what": "why nothing happens, and what works",
    "target.no_history": "why nothing is proposed, and what works",
    "target.no_rounds": "why nothing happens, and what works",
    "target.no_coefficient": "why nothing happens, and what works",
    "target.only_leads": "why nothing happens",
    "target.above_band": "a question",
    "target.no_period": "why nothing happens, and what works",
    "target.last_round": "why nothing happens",
    "target.is_locked": "why nothing happens, and what works",
    "me.who_colleagues": "a rule of who sees what, said in full",
    "me.who_deals": "a rule of who sees what, said in full",
    "me.who_notes": "a rule of who sees what, said in full",
    "bid.decision": "a decision with its reasons",
    "bid.too_many": "why nothing happens, and what works",
    "check.asks_c1": "the question as the method asks it",
    "check.gate_first_more": "names what is missing",
    "deal.misses_more": "names what is missing",
    "deal.misses": "names what is missing",
    "check.needs_record": "why nothing happens, and what works",
    "check.which_item": "a question with an example",
    "claim.told_taken_means": "what it means for whoever loses a customer, said once",
    "customer.rated_decides": "three figures that are read together",
    "deal.delivery": "names a task and its day",
    "stalled.stage": "names a milestone",
    "phase.ours": "names a milestone and a phase",
    "evidence.no_deals": "why nothing happens, and what works",
    "expense.ahead": "why nothing happens, and what works",
    "handover.only_manager": "why nothing happens, and what works",
    "hold.not_ahead": "why nothing happens, and what works",
    "hold.too_long": "why nothing happens, and what works",
    "handover.what": "names what goes over",
    "merge.moves": "names what goes over",
    "importing.means": "what a tap will do, said before it",
    "lost.no_lesson": "a question",
    "won.no_contract": "a question",
    "who.who_first": "a question",
    "tool.which": "a question with an example",
    "task.no_day": "why nothing happens, and what works",
    "task.supplied": "why nothing happens, and what works",
    "tool.one_contact": "why nothing happens, and what works",
    "milestones.only_admin": "why nothing happens, and what works",
    "milestones.too_long": "why nothing happens, and what works",
    "milestones.no_sign": "why nothing happens, and what works",
    "milestones.no_version": "why nothing happens, and what works",
    "milestones.one_at_a_time": "why nothing happens, and what works",
    "milestones.is_equal": "why nothing happens, and what works",
    "milestones.title": "the table an admin works on, read at a desk",
    "milestones.line": "the table an admin works on, read at a desk",
    "milestones.numbers": "the table an admin works on, read at a desk",
    "milestones.success": "the table an admin works on, read at a desk",
    "milestones.task_list": "the table an admin works on, read at a desk",
    "milestones.of": "the table an admin works on, read at a desk",
    "milestones.now": "the table an admin works on, read at a desk",
    "milestones.again": "the table an admin works on, read at a desk",
    "milestones.advises_early": "the table an admin works on, read at a desk",
    "milestones.advises_new": "the table an admin works on, read at a desk",
    "milestones.holds_late": "the table an admin works on, read at a desk",
    "room.farewell": "why a room falls silent, said once",
    "settings.which_pushes": "a question, and how there is more than one answer",
    "undo.too_late": "why nothing happens",
    "calendar.too_old": "why nothing happens",
    "calendar.too_long": "why nothing happens",
    "calendar.closed": "why nothing happens",
    "dayplan.only_admin": "why nothing happens, and what works",
    "dayplan.range": "why nothing happens, and what works",
    "report.too_late": "why nothing happens",
    "report.future": "why nothing happens",
    "record.too_old": "why nothing happens",
    "record.ahead": "why nothing happens, and the two ways to say what was meant",
    "record.closed": "why nothing happens",
    "kpis.closed_week": "why nothing happens, and what works",
    "kpis.target_elsewhere": "why nothing happens, and what works",
    "kpis.not_typed": "why nothing happens",
    "kpis.no_fact": "a question with an example",
    "kpis.only_admin": "why nothing happens, and what works",
    "tables.no_text": "why nothing happens, and what works",
    "paid.when_due": "a question with an example",
    "paid.over": "a question before more is noted than the deal is worth",
    "paid.over_planned": "a question before more is planned than the deal is worth",
    "paid.ahead": "why nothing happens, and what works",
    "away.too_long": "why nothing happens",
    "log.no_visits": "why nothing happens, and what to do instead",
    "log.only_calls": "why nothing happens",
    "log.no_number": "why nothing happens",
    "log.ahead": "why nothing happens",
    "settings.which_zone": "a question with an example",
    "settings.which_nudge": "a question",
    "start.what": "the first words a member reads",
    "start.already": "why nothing happens",
}


def test_no_card_shouts_or_shows_a_key() -> None:
    for name, shown in shown_in_transcripts():
        for block in shown.card.blocks:
            words = block.words if isinstance(block, Line | Note) else ""
            if isinstance(words, Text) and not holds_own_words(words):
                text = catalogue().say(words, shown.language)
                assert not set("!\uff01\u60a8") & set(text), f"{name}: {text}"
