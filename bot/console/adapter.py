"""The bot in a terminal: lines in, cards with numbered buttons out, an embedded database that is gone afterwards."""

import asyncio
import contextlib
import itertools
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import available_timezones

from bot.app import App, build
from bot.buckets import Limits
from bot.clock import Clock, WallClock
from bot.inbound import Person, Pressed, Said, from_plain, plain
from bot.intake import Delivery
from bot.layout import plain as plain_lines
from bot.seed import PAST_LEARNING, Founding, Seat, found
from domain.people import Language, Profile, Role
from domain.ports import Address, Letter, Urgency
from domain.ports import Delivery as How
from domain.schedule import local_date
from handlers.view import Card, Words, t
from handlers.words import catalogue

PLATFORM, ME = "console", "me"
CURRENCIES = {Language.EN: "USD", Language.ZH: "CNY", Language.ZH_HANT: "TWD"}
WEEK = frozenset({1, 2, 3, 4, 5})
CONTINUES, PROMPT = "\\", "> "
# How often what falls due by itself is looked for while nobody types.
LOOK_SECONDS = 15.0

Print = Callable[[str], None]


@dataclass(slots=True)
class Screen:
    """The sending side: prints every card; the buttons of the last one can be pressed by number."""

    out: Print
    language: Language
    limits: Limits = field(default_factory=Limits)
    menus: bool = False
    message: str = ""
    token: str | None = None
    buttons: int = 0
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def is_group(self, chat: str) -> bool:
        return False

    async def send(self, letter: Letter, shown: Card) -> str:
        """Prints a card; one that a press changed is printed again, since a terminal has no way back."""
        edits = letter.edits if letter.delivery is How.EDIT and not shown.attachments else None
        if edits is not None and letter.urgency is Urgency.EDIT:
            # Silent by rule: it would bury the answer, and its numbers would take the place of the answer's.
            return edits
        message = edits or f"m{next(self._numbers)}"
        self.message, self.token, self.buttons = message, letter.token, len(shown.commands)
        self.language = letter.language
        lines = numbered(shown, letter.language)
        if edits:
            lines.insert(0, self.say(t("console.edited")))
        self.out("\n".join(lines) + "\n")
        return message

    def say(self, words: Words) -> str:
        return catalogue().say(words, self.language)


def numbered(shown: Card, language: Language) -> list[str]:
    """The card as plain lines, its buttons numbered in reading order."""
    numbers = itertools.count(1)
    rows = [
        " ".join(f"[{next(numbers)} {catalogue().say(button.label, language)}]" for button in row)
        for row in shown.rows
    ]
    body = plain_lines(Card(shown.blocks), language)
    return [*("" if line == "." else line for line in body), *rows]


class Terminal:
    """One person at a keyboard who is rep and admin."""

    def __init__(self, app: App, screen: Screen, name: str) -> None:
        self._app = app
        self._screen = screen
        self._name = name
        self._typed: list[str] = []
        self._numbers = itertools.count()

    async def type(self, line: str) -> None:
        """One typed line: continued, a button's number, or a message."""
        # A terminal with another encoding hands over halves of signs; no database takes them.
        line = line.rstrip("\r\n").encode("utf-8", "replace").decode("utf-8")
        if line.endswith(CONTINUES):
            self._typed.append(line.removesuffix(CONTINUES))
            return
        text = "\n".join((*self._typed, line))
        self._typed.clear()
        if text.strip().isdecimal() and self._screen.buttons:
            await self._press(int(text))
        elif text.strip():
            await self._deliver(
                Said(
                    person=self._person(),
                    at=Address(platform=PLATFORM, chat=ME),
                    private=True,
                    text=text,
                    said_at=self._app.clock.now(),
                )
            )

    async def finish(self) -> None:
        """The input ended: what was begun is sent as it is."""
        if self._typed:
            await self.type("")

    async def look(self) -> None:
        """Sends what fell due by itself."""
        await self._app.settle()

    async def _press(self, number: int) -> None:
        if not 1 <= number <= self._screen.buttons or not self._screen.token:
            self._screen.out(self._screen.say(t("console.no_button", number=str(number)[:9])) + "\n")
            return
        await self._deliver(
            Pressed(
                person=self._person(),
                at=Address(platform=PLATFORM, chat=ME),
                private=True,
                token=f"{self._screen.token}.{number - 1}",
                message=self._screen.message,
                said_at=self._app.clock.now(),
            )
        )

    async def _deliver(self, inbound: Said | Pressed) -> None:
        delivery = Delivery(id=f"c{next(self._numbers)}", lane=f"{PLATFORM}:{ME}", body=plain(inbound))
        await self._app.intake.take(PLATFORM, [delivery])
        await self._app.settle()

    def _person(self) -> Person:
        return Person(account=ME, name=self._name, language=self._screen.language)


async def run_chat(
    lines: AsyncIterator[str] | None = None,
    out: Print | None = None,
    language: Language = Language.EN,
    clock: Clock | None = None,
) -> None:
    """Talks until the lines end: those given, or what is typed on standard input."""
    clock = clock or WallClock()
    show = out or _print
    app = build("sqlite:///:memory:", clock, {PLATFORM: from_plain})
    try:
        app.prepare()
        screen = Screen(show, language)
        app.courier.join(PLATFORM, screen)
        name = screen.say(t("console.name"))
        await _found(app, clock, language, name, screen.say(t("console.org")))
        show(screen.say(t("console.hello")) + "\n")
        show(f"{screen.say(t('console.try'))}\n{screen.say(t('visit.command.example'))}\n")
        await _talk(Terminal(app, screen, name), lines or _typed())
    finally:
        app.close()


async def _talk(terminal: Terminal, lines: AsyncIterator[str]) -> None:
    """Reads line by line; while nobody types, looks for what falls due."""
    reading = asyncio.ensure_future(anext(lines, None))
    try:
        while True:
            done, _ = await asyncio.wait({reading}, timeout=LOOK_SECONDS)
            if not done:
                await terminal.look()
                continue
            line = reading.result()
            if line is None:
                break
            await terminal.type(line)
            reading = asyncio.ensure_future(anext(lines, None))
    finally:
        reading.cancel()
    await terminal.finish()


async def _found(app: App, clock: Clock, language: Language, name: str, org: str) -> None:
    zone = local_zone()
    today = local_date(clock.now(), zone)
    seat = Seat(
        handle=ME,
        name=name,
        roles=frozenset({Role.REP, Role.ADMIN}),
        language=language,
        platform=PLATFORM,
    )
    founding = Founding(
        name=org,
        language=language,
        zone=zone,
        currency=CURRENCIES[language],
        week=WEEK,
        profile=Profile.FIELD,
        started_on=today - PAST_LEARNING,
        joined_on=today - PAST_LEARNING,
        teams=[(org, [seat])],
    )
    await app.writer.run(lambda work: found(work, founding, clock.now()))


def local_zone() -> str:
    """The machine's zone by its name, as far as it tells; UTC otherwise."""
    linked = str(Path("/etc/localtime").resolve()).rpartition("zoneinfo/")[2]
    for each in (os.environ.get("TZ", "").lstrip(":"), linked):
        if each in available_timezones():
            return each
    return "UTC"


async def _typed() -> AsyncIterator[str]:
    """The lines of standard input, read in a thread so that Ctrl-C and what falls due are not held up."""
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[str | None]()
    tty = sys.stdin.isatty()

    def read() -> None:
        # The loop may be gone when the last line comes; then nobody waits for it.
        with contextlib.suppress(RuntimeError):
            for line in sys.stdin:
                loop.call_soon_threadsafe(queue.put_nowait, line)
            loop.call_soon_threadsafe(queue.put_nowait, None)

    threading.Thread(target=read, name="keyboard", daemon=True).start()
    while True:
        if tty:
            print(PROMPT, end="", flush=True)  # noqa: T201
        line = await queue.get()
        if line is None:
            return
        yield line


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201
