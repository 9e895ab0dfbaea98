"""P4: what our adapter costs above the library's own: an update to a command, its card, words and request; no storage."""

import json
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from telegram import Bot, Update
from telegram.ext import Application, CommandHandler, ContextTypes

from bot.app import coder
from bot.clock import SetClock
from bot.gateway import Gateway
from bot.telegram.sender import Sender
from bot.telegram.updates import decode, deliveries
from domain.people import Language, Member, MemberId, Organisation, OrgId, Profile, Role
from domain.ports import Address, Change, Delivered, EventId, Known, Letter
from handlers.registry import Command, registry
from handlers.view import decode as card_of
from tests.bench.figure import Figure, Found, median, over
from tests.bench.usual_stack import Stub
from tests.bench.world import NOW, PLATFORM

BOT_NAME = "dealpace_bot"
CHAT = "10000001"
ONE, MANY = 1, 50
# The command that is looked up among many is also the only one of one.
LIGHT = "help"


CONTENDERS = 4
BARS = ("P4",)
ABOUT = f"""\
P4. `/{LIGHT} {LIGHT}` from the raw update to the body of the request, storage stubbed: cut into a delivery, stored as JSON and
read back, the person's turn, the command found and its argument checked, a card, its JSON as a letter, rendered, sent
through PTB's client. The echo is PTB's `Update.de_json` and `process_update` with one `CommandHandler` that replies with its
arguments. Both send through the same stub of the network; what is counted is CPU time. Of many commands the product's own
come first, then copies; the command asked for is the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapting:
    """How long P4 runs: rounds, and updates of each contender in a round."""

    rounds: int
    updates: int


# Many short rounds: the speed of a shared core changes from one second to the next.
FULL = Adapting(rounds=201, updates=50)
QUICK = Adapting(rounds=61, updates=50)


class Nothing:
    """Storage that knows one person and keeps nothing: every room of a unit of work at once."""

    def __init__(self) -> None:
        self.changed = False
        self.inbox = self.outbox = self.people = self
        member = Member(
            id=MemberId(1),
            name="Dana Reed",
            roles=frozenset({Role.REP}),
            team_id=None,
            language=Language.EN,
            zone="UTC",
            profile=Profile.FIELD,
            joined_on=NOW.date(),
            heard_on=NOW.date(),
        )
        organisation = Organisation(
            id=OrgId(1),
            name="Harbour",
            language=Language.EN,
            zone="UTC",
            currency="EUR",
            week=frozenset({1, 2, 3, 4, 5}),
            profile=Profile.FIELD,
            started_on=NOW.date(),
        )
        home = Address(platform=PLATFORM, chat=CHAT)
        self._known = Known(org=organisation, member=member, team=None, home=home, alive=True, draft=None)

    def who(self, _at: Address, _account: str) -> Known:
        return self._known

    def store(self, _org: OrgId, _change: Change) -> "Nothing":
        return self

    def name_change(self, _command: str) -> None:
        return None

    def touched_deals(self) -> frozenset[int]:
        return frozenset()

    def touched_approvals(self) -> frozenset[int]:
        return frozenset()

    def moved_deals(self) -> frozenset[int]:
        return frozenset()

    def touched_weeks(self) -> frozenset[tuple[int, date]]:
        return frozenset()

    def touched_disputes(self) -> frozenset[int]:
        return frozenset()

    def touched_scores(self) -> frozenset[tuple[int, date]]:
        return frozenset()

    def write(self, _letter: Letter) -> None:
        return None

    def done(self, _event: EventId) -> None:
        return None


class Ours:
    """The whole way of a message but for the rows: raw JSON, delivery, inbound, turn, card, letter, request."""

    def __init__(self, bot: Bot) -> None:
        self._work: Any = Nothing()
        self._gateway = Gateway(
            SetClock(NOW), coder(random.Random(1)), lambda _platform, _code: None, lambda _name: b""
        )
        self._sender = Sender(bot)

    async def say(self, body: str) -> None:
        (kept,) = deliveries([json.loads(body)], BOT_NAME)
        inbound = decode(kept.body)
        if inbound is None:
            raise RuntimeError("an update was not read")
        delivered = Delivered(
            id=EventId(1), platform=PLATFORM, lane=kept.lane, body=kept.body, received_at=NOW
        )
        for letter in self._gateway.handle(self._work, delivered, inbound):
            await self._sender.send(letter, card_of(letter.card))


class Echo:
    """The library alone: one handler that says again what was said."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        builder: Any = Application.builder().bot(cast(Any, bot)).updater(None)
        self._application: Any = builder.build()
        self._application.add_handler(CommandHandler(LIGHT, _echo))

    async def start(self) -> None:
        await self._application.initialize()

    async def stop(self) -> None:
        await self._application.shutdown()

    async def say(self, body: str) -> None:
        await self._application.process_update(Update.de_json(json.loads(body), self._bot))


async def _echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    if update.effective_message:
        await update.effective_message.reply_text(" ".join(context.args or ()))


@contextmanager
def registered(count: int) -> Iterator[None]:
    """So many commands and no other are known meanwhile: the light one, the product's others, copies of it."""
    known = registry()
    commands, names = cast(dict[str, Command], known.commands), cast(dict[str, Command], known.names)
    kept = dict(commands), dict(names)
    light = commands[LIGHT]
    made = [replace(light, name=f"made{number}") for number in range(count)]
    chosen = [light, *(each for each in kept[0].values() if each is not light), *made][:count]
    _fill(commands, {each.name: each for each in chosen})
    _fill(names, {name.casefold(): each for each in chosen for name in (each.name, *each.aliases)})
    try:
        yield
    finally:
        _fill(commands, kept[0])
        _fill(names, kept[1])


def _fill(table: dict[str, Command], rows: Mapping[str, Command]) -> None:
    table.clear()
    table.update(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Seconds of CPU per update."""

    ours: float
    echo: float
    of_one: float
    of_many: float


def updates(count: int) -> list[str]:
    """Raw updates that each ask for the light command."""
    return [json.dumps(_update(number)) for number in range(count)]


def _update(number: int) -> dict[str, Any]:
    person = {"id": int(CHAT), "first_name": "Dana", "last_name": "Reed", "username": "dana"}
    return {
        "update_id": 600_000_000 + number,
        "message": {
            "message_id": 1000 + number,
            "from": {**person, "is_bot": False, "language_code": "en"},
            "chat": {**person, "type": "private"},
            "date": int(NOW.timestamp()),
            "text": f"/{LIGHT} {LIGHT}",
            "entities": [{"offset": 0, "length": len(LIGHT) + 1, "type": "bot_command"}],
        },
    }


async def adapting(scale: Adapting) -> list[Round]:
    """Rounds in turn, after one that warms every contender; raises `RuntimeError` when a message was not sent."""
    stub = Stub()
    bot = Bot("1:bench", request=stub, get_updates_request=Stub())
    ours, echo = Ours(bot), Echo(bot)
    await echo.start()
    bodies = updates(scale.updates)
    rounds = [await _round(ours, echo, bodies) for _ in range(1 + scale.rounds)]
    await echo.stop()
    if stub.sent != CONTENDERS * len(rounds) * scale.updates:
        raise RuntimeError(f"{stub.sent} messages were sent")
    return rounds[1:]


async def _round(ours: Ours, echo: Echo, bodies: Sequence[str]) -> Round:
    mine, its = await _cpu(ours.say, bodies), await _cpu(echo.say, bodies)
    with registered(ONE):
        of_one = await _cpu(ours.say, bodies)
    with registered(MANY):
        of_many = await _cpu(ours.say, bodies)
    return Round(ours=mine, echo=its, of_one=of_one, of_many=of_many)


async def _cpu(say: Callable[[str], Awaitable[None]], bodies: Sequence[str]) -> float:
    start = time.process_time()
    for body in bodies:
        await say(body)
    return (time.process_time() - start) / len(bodies)


async def run(quick: bool, _only: Sequence[str]) -> Found:
    """Runs P4."""
    scale = QUICK if quick else FULL
    rounds = await adapting(scale)
    micro = {
        name: f"{median(getattr(each, name) for each in rounds) * 1e6:.0f} us of CPU"
        for name in ("ours", "echo", "of_one", "of_many")
    }
    cost, cost_spread = over(rounds, lambda each: each.ours / each.echo)
    many, many_spread = over(rounds, lambda each: each.of_many / each.of_one)
    figures = [
        Figure(
            bar="P4",
            what=f"update to request ({micro['ours']})",
            value=cost,
            spread=cost_spread,
            most=1.15,
            reference=f"an echo through PTB's process_update, {micro['echo']}",
        ),
        Figure(
            bar="P4",
            what=f"{MANY} commands registered ({micro['of_many']})",
            value=many,
            spread=many_spread,
            most=1.15,
            reference=f"one command registered, {micro['of_one']}",
        ),
    ]
    return Found(
        figures=figures, ran=f"P4: {scale.rounds} rounds of {scale.updates} updates each", about=ABOUT
    )
