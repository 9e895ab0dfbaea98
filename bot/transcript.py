"""The `.chat` player behind `dealpace replay`: a conversation against a fresh database, printed or checked."""

import random
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.app import App, build
from bot.buckets import Limits
from bot.clock import SetClock
from bot.inbound import Attached, Edited, Enclosed, Person, Personal, Pressed, Said, from_plain, plain
from bot.intake import Delivery
from bot.layout import plain as plain_lines
from bot.script import CONTINUED, PLATFORMS, Header, Item, Script, moment_of, read
from bot.seed import PAST_LEARNING, Founding, Seat, found
from domain.files import FILE_MOST, MEGABYTE, kind_named
from domain.people import Language
from domain.ports import Address, Letter
from domain.ports import Delivery as How
from domain.schedule import instant
from handlers.view import Card
from handlers.words import catalogue

ANY_LINES = "..."
# A file that is made: `@21MB.jpg`.
MADE = re.compile(r"@(?P<n>\d{1,4})MB\.(?P<ending>[a-z0-9]+)")
BEGINNINGS = {"jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-1.7\n"}


class MissingButton(Exception):
    """No button of that label stands where it was pressed, or no file where it is to be sent from."""


@dataclass(slots=True)
class Shown:
    """A message as it stands in a chat now."""

    message: str
    to: Address
    language: Language
    card: Card
    token: str | None
    edits: bool = False

    @property
    def labels(self) -> list[str]:
        return [catalogue().say(button.label, self.language) for row in self.card.rows for button in row]


@dataclass(slots=True)
class Recorder:
    """Every platform at once: keeps what was sent, in order, and what each chat shows."""

    limits: Limits = field(default_factory=Limits)
    menus: bool = False
    sent: list[Shown] = field(default_factory=list)
    chats: dict[str, list[Shown]] = field(default_factory=dict)
    numbers: int = 0

    def is_group(self, chat: str) -> bool:
        return False

    async def send(self, letter: Letter, shown: Card) -> str:
        chat = self.chats.setdefault(letter.to.chat, [])
        if letter.delivery is How.EDIT and letter.edits and not shown.attachments:
            old = next((each for each in chat if each.message == letter.edits), None)
            if old:
                old.card, old.token, old.language = shown, letter.token, letter.language
                self.sent.append(replace(old, edits=True))
                return old.message
        self.numbers += 1
        new = Shown(f"m{self.numbers}", letter.to, letter.language, shown, letter.token)
        chat.append(new)
        self.sent.append(replace(new))
        return new.message


@dataclass(slots=True)
class Player:
    """One conversation being played."""

    script: Script
    app: App
    clock: SetClock
    recorder: Recorder
    people: dict[str, Seat]
    folder: Path = field(default_factory=Path)
    deliveries: int = 0
    last: dict[str, Personal] = field(default_factory=dict)
    said: dict[str, Said] = field(default_factory=dict)
    last_id: dict[str, str] = field(default_factory=dict)
    rooms: set[str] = field(default_factory=set)
    speaker: str = ""
    started: bool = False

    async def play(self, item: Item) -> list[str]:
        """Plays one item; the lines the bot said because of it."""
        match item.kind:
            case "at":
                await self._at(item)
            case "say":
                await self._say(item)
            case "again":
                await self._again(item)
            case "press":
                await self._press(item)
            case "send":
                await self._send(item)
            case "forward":
                await self._forward(item)
        sent, self.recorder.sent = self.recorder.sent, []
        return [line for shown in sent for line in self._printed(shown)]

    async def _at(self, item: Item) -> None:
        """Moves the clock minute by minute as things fall due; the first sets it and sends nothing."""
        wanted = moment_of(item)
        target = instant(wanted.date(), wanted.time(), self.script.header.zone)
        if not self.started:
            self.started = True
            self.clock.set(target)
            await self._found(target)
            return
        self.speaker = ""
        while (due := await self.app.next_at()) is not None and due <= target:
            self.clock.set(due)
            await self.app.settle()
        self.clock.set(target)
        await self.app.settle()

    async def _found(self, now: datetime) -> None:
        header = self.script.header
        today = now.date()
        founding = Founding(
            name=header.name,
            language=header.language,
            zone=header.zone,
            currency=header.currency,
            week=frozenset(int(day) for day in header.week),
            profile=header.profile,
            started_on=today if header.learning else today - PAST_LEARNING,
            joined_on=today if header.learning else today - PAST_LEARNING,
            teams=[(name, [self.people[seat.handle] for seat in seats]) for name, seats in header.teams],
        )
        await self.app.writer.run(lambda work: found(work, founding, now))

    async def _say(self, item: Item) -> None:
        who, text = item.words["who"] or "", "\n".join(item.text)
        said = self._said(who, text, item.words["room"])
        if not item.words["edits"]:
            self.said[who] = said
            await self._deliver(said)
            return
        before = self.said.get(who)
        if before is None:
            raise MissingButton(f"line {item.start + 1}: {who} has said nothing to edit")
        await self._deliver(
            Edited(
                person=said.person,
                at=before.at,
                private=before.private,
                text=text,
                said_at=said.said_at,
                written_at=before.said_at,
                message=before.message or "",
                room=before.room,
            )
        )

    def _said(self, who: str, text: str, room: str | None) -> Said:
        person, at = self._person(who)
        if room:
            at = Address(platform=at.platform, chat=room)
            self.rooms.add(room)
        return Said(
            person=person,
            at=at,
            private=room is None,
            text=text,
            said_at=self.clock.now(),
            message=f"u{self.deliveries}",
            room=at if room else None,
        )

    def _person(self, who: str) -> tuple[Person, Address]:
        """A member by the header; anybody else writes from Telegram, or from where the handle ends (`ann_slack`)."""
        seat = self.people.get(who)
        language = seat.language if seat else self.script.header.language
        named = who.rpartition("_")[2]
        platform = seat.platform if seat else named if named in PLATFORMS else PLATFORMS[0]
        person = Person(account=who, name=who.capitalize(), language=language)
        return person, Address(platform=platform, chat=who)

    async def _again(self, item: Item) -> None:
        who = item.words["who"] or ""
        await self._deliver(self.last[who], self.last_id[who])

    async def _press(self, item: Item) -> None:
        who, label = item.words["who"] or "", item.words["label"] or ""
        shown, index = self._button(who, label, item)
        person, at = self._person(who)
        await self._deliver(
            Pressed(
                person=person,
                at=at if item.words["owner"] is None else shown.to,
                # Whoever presses in somebody else's chat is answered in the own one.
                private=item.words["owner"] in (None, who),
                token=f"{shown.token}.{index}",
                message=shown.message,
                said_at=self.clock.now(),
            )
        )

    def _button(self, who: str, label: str, item: Item) -> tuple[Shown, int]:
        owner = item.words["owner"] or who
        cards = [shown for shown in reversed(self.recorder.chats.get(owner, [])) if shown.token]
        if item.words["k"]:
            cards = cards[int(item.words["k"]) - 1 :][:1]
        nth = int(item.words["n"] or 1)
        for shown in cards:
            places = [place for place, each in enumerate(shown.labels) if each == label]
            if len(places) >= nth:
                return shown, places[nth - 1]
        raise MissingButton(f"line {item.start + 1}: no button [{label}] for {who}")

    async def _send(self, item: Item) -> None:
        """A file beside the transcript, or one that is made; one too large to be taken need not be there."""
        person, at = self._person(item.words["who"] or "")
        path = item.words["path"] or ""
        made = MADE.fullmatch(path)
        if made:
            size = int(made["n"]) * MEGABYTE
            content = BEGINNINGS.get(made["ending"], b"").ljust(size, b"\0") if size <= FILE_MOST else b""
        else:
            try:
                content = (self.folder / path).read_bytes()
            except OSError:
                raise MissingButton(f"line {item.start + 1}: no file {path} beside the transcript") from None
            size = len(content)
        name = Path(path).name.removeprefix("@")
        ref = self.app.files.keep(content) if content else ""
        caption = "\n".join(filter(None, (item.words["caption"], *item.text)))
        await self._deliver(
            Attached(
                person=person,
                at=at,
                private=True,
                files=(Enclosed(kind=kind_named(name), name=name, mime="", size=size, ref=ref),),
                caption=caption,
                said_at=self.clock.now(),
                message=f"u{self.deliveries}",
            )
        )

    async def _forward(self, item: Item) -> None:
        said = self._said(item.words["who"] or "", "\n".join(item.text), None)
        await self._deliver(replace(said, forwarded_from=item.words["source"]))

    async def _deliver(self, inbound: Personal, again: str | None = None) -> None:
        if not self.started:
            raise MissingButton("a transcript sets its clock with `at` before anybody speaks")
        who = inbound.person.account
        self.deliveries += 0 if again else 1
        number = again or f"d{self.deliveries}"
        self.last[who], self.last_id[who], self.speaker = inbound, number, who
        delivery = Delivery(id=number, lane=f"{inbound.at.platform}:{who}", body=plain(inbound))
        await self.app.intake.take(inbound.at.platform, [delivery])
        await self.app.settle()

    def _printed(self, shown: Shown) -> list[str]:
        to = f" {'in' if shown.to.chat in self.rooms else 'to'} {shown.to.chat}"
        to = "" if shown.to.chat == self.speaker else to
        first, *rest = plain_lines(shown.card, shown.language)
        return [f"bot{' edits' if shown.edits else ''}{to}: {first}", *(CONTINUED + line for line in rest)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A replay: the file as it would be rewritten, where it differs from what it expected, missing buttons."""

    text: str
    differences: tuple[str, ...]
    missing: tuple[str, ...]


async def replay(
    path: Path, database_url: str = "sqlite:///:memory:", recorder: Recorder | None = None
) -> Played:
    """Plays a transcript against a fresh database. Raises `ScriptError` for a line that is not of the language."""
    script = read(path.read_text(encoding="utf-8"))
    clock = SetClock(datetime(2000, 1, 1, tzinfo=UTC))
    # What is sent goes with the replay, wherever its rows are kept.
    passing = tempfile.TemporaryDirectory(prefix="dealpace-")
    decoders = dict.fromkeys(PLATFORMS, from_plain)
    app = build(database_url, clock, decoders, random.Random(path.name), Path(passing.name))
    app.prepare()
    recorder = recorder or Recorder()
    for platform in PLATFORMS:
        app.courier.join(platform, recorder)
    player = Player(script, app, clock, recorder, _people(script.header), path.parent)
    try:
        return await _played(player)
    finally:
        app.close()
        passing.cleanup()


def _people(header: Header) -> dict[str, Seat]:
    return {
        seat.handle: Seat(
            handle=seat.handle,
            name=seat.handle.capitalize(),
            roles=seat.roles,
            language=seat.language or header.language,
            platform=seat.platform,
            zone=seat.zone,
            deputy=seat.deputy,
        )
        for _, seats in header.teams
        for seat in seats
    }


async def _played(player: Player) -> Played:
    lines, items = player.script.lines, player.script.items
    text: list[str] = list(lines[: items[0].start]) if items else list(lines)
    differences: list[str] = []
    absent: list[str] = []
    position = 0
    while position < len(items):
        item = items[position]
        position += 1
        text += lines[item.start : item.end]
        expected_from = position
        while position < len(items) and items[position].kind == "expect":
            position += 1
        expected = [line for each in items[expected_from:position] for line in lines[each.start : each.end]]
        try:
            said = await player.play(item)
        except MissingButton as missing:
            said = [f"! {missing}"]
            absent.append(str(missing))
        if not matches(expected, said):
            differences.append(_difference(item, expected, said))
        text += said
        after = items[position - 1].end
        text += lines[after : items[position].start] if position < len(items) else lines[after:]
    return Played(text="\n".join(text) + "\n", differences=(*absent, *differences), missing=tuple(absent))


def matches(expected: Sequence[str], said: Sequence[str]) -> bool:
    """Whether the bot said what was expected; a body line `...` stands for any run of lines."""
    if not expected:
        return not said
    first = expected[0].rstrip()
    if first.strip() == ANY_LINES:
        return any(matches(expected[1:], said[skip:]) for skip in range(len(said) + 1))
    return bool(said) and first == said[0].rstrip() and matches(expected[1:], said[1:])


def _difference(item: Item, expected: Sequence[str], said: Sequence[str]) -> str:
    return "\n".join(
        (f"line {item.start + 1}:", *(f"  - {line}" for line in expected), *(f"  + {line}" for line in said))
    )
