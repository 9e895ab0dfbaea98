"""The chats of the browser playground: what was said goes to the inbox, letters become messages of the page."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot.app import App
from bot.buckets import Limits
from bot.clock import Clock
from bot.inbound import Attached, Enclosed, Person, Pressed, Said, Submitted, plain
from bot.intake import Delivery
from bot.layout import plain as plain_lines
from bot.outcomes import SendFailed
from domain.files import FileKind, kind_named, plain_name
from domain.people import Language
from domain.ports import Address, Letter, Outcome
from domain.ports import Delivery as How
from handlers.view import Card

log = structlog.get_logger()
PLATFORM = "web"
BOT = "bot"
# The chat of the team room: what a room bound to this address is told, the page shows.
ROOM = "room"
# A form waits for its turn; the clock stands still, so only a bug takes longer.
FORM_SECONDS = 30.0
# What a chat keeps for a reload; older messages are forgotten with their buttons.
KEPT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A file that a person put into the chat, under its name in the store."""

    kind: FileKind
    name: str
    kept_as: str


@dataclass(slots=True)
class Message:
    """One message as it stands now: a person's text or a card of the bot."""

    id: str
    chat: str
    author: str
    at: datetime
    language: Language
    text: str = ""
    card: Card | None = None
    token: str | None = None
    edits: int = 0
    file: Handed | None = None

    @property
    def lines(self) -> list[str]:
        """The message as a script can read it."""
        return plain_lines(self.card, self.language) if self.card else self.text.split("\n")


Listener = Callable[[Message], None]


@dataclass(slots=True)
class Chats:
    """The sending side: keeps the last messages of every chat and tells the open pages."""

    clock: Clock
    limits: Limits = field(default_factory=Limits)
    menus: bool = False
    _chats: dict[str, deque[Message]] = field(default_factory=dict)
    _listeners: list[Listener] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def is_group(self, chat: str) -> bool:
        return False

    async def send(self, letter: Letter, shown: Card) -> str:
        """Posts or edits a card; an edit of a forgotten message fails as gone."""
        if letter.delivery is How.EDIT and letter.edits and not shown.attachments:
            message = self.message(letter.to.chat, letter.edits)
            if message is None:
                raise SendFailed(Outcome.REFUSED, "the message is forgotten", gone=True)
            message.card, message.token, message.language = shown, letter.token, letter.language
            message.edits += 1
            return self._tell(message)
        posted = self._keep(
            letter.to.chat, BOT, letter.due_at, letter.language, card=shown, token=letter.token
        )
        return self._tell(posted)

    def said(self, chat: str, author: str, language: Language, text: str, file: Handed | None = None) -> None:
        """Shows a person's own words in the chat, or a file of theirs with the words beside it."""
        self._tell(self._keep(chat, author, self.clock.now(), language, text=text, file=file))

    def of(self, chat: str) -> tuple[Message, ...]:
        """The messages kept of a chat, oldest first."""
        return tuple(self._chats.get(chat, ()))

    def message(self, chat: str, number: str) -> Message | None:
        return next((each for each in self.of(chat) if each.id == number), None)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` with every new or edited message until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _keep(
        self,
        chat: str,
        author: str,
        at: datetime,
        language: Language,
        *,
        text: str = "",
        card: Card | None = None,
        token: str | None = None,
        file: Handed | None = None,
    ) -> Message:
        message = Message(
            id=f"m{next(self._numbers)}",
            chat=chat,
            author=author,
            at=at,
            language=language,
            text=text,
            card=card,
            token=token,
            file=file,
        )
        self._chats.setdefault(chat, deque(maxlen=KEPT)).append(message)
        return message

    def _tell(self, message: Message) -> str:
        for listener in tuple(self._listeners):
            listener(message)
        return message.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Somebody at the page; the handle is account and chat at once."""

    handle: str
    name: str
    language: Language


class WebDoor:
    """The receiving side: what a page says or presses is stored before anything is answered."""

    def __init__(self, app: App, chats: Chats) -> None:
        self._app = app
        self._chats = chats
        self._numbers = itertools.count()

    async def say(self, who: Speaker, text: str, delivery: str | None = None) -> None:
        """Stores what was said; the same delivery twice is once."""
        said = Said(
            person=self._person(who),
            at=Address(platform=PLATFORM, chat=who.handle),
            private=True,
            text=text,
            said_at=self._app.clock.now(),
        )
        if await self._take(who, said, delivery):
            self._chats.said(who.handle, who.handle, who.language, text)

    async def attach(
        self,
        who: Speaker,
        name: str,
        content: bytes,
        *,
        size: int | None = None,
        caption: str = "",
        delivery: str | None = None,
    ) -> None:
        """Keeps a file and stores that it came; of one too large to be taken only its `size` in bytes came."""
        kept_as = ""
        try:
            kept_as = await asyncio.to_thread(self._app.files.keep, content) if content else ""
        except OSError as error:
            # Without its bytes it is one that could not be fetched, and that is what the person is told.
            log.error("file_not_kept", error=type(error).__name__, errno=error.errno)
        kind = kind_named(name)
        enclosed = Enclosed(kind=kind, name=name, mime="", size=size or len(content), ref=kept_as)
        attached = Attached(
            person=self._person(who),
            at=Address(platform=PLATFORM, chat=who.handle),
            private=True,
            files=(enclosed,),
            caption=caption,
            said_at=self._app.clock.now(),
        )
        if await self._take(who, attached, delivery):
            shown = Handed(kind=kind, name=plain_name(name) or kind, kept_as=kept_as)
            self._chats.said(who.handle, who.handle, who.language, caption, shown)

    async def press(self, who: Speaker, message: str, token: str, delivery: str | None = None) -> None:
        """Stores the press of a button under a message."""
        pressed = Pressed(
            person=self._person(who),
            at=Address(platform=PLATFORM, chat=who.handle),
            private=True,
            token=token,
            message=message,
            said_at=self._app.clock.now(),
        )
        await self._take(who, pressed, delivery)

    async def submit(
        self, who: Speaker, message: str, token: str, values: Mapping[str, str], delivery: str | None = None
    ) -> Mapping[str, str]:
        """Stores what a form was filled in with; what is wrong with it, by part. A form that is done becomes its answer."""
        submitted = Submitted(
            person=self._person(who),
            at=Address(platform=PLATFORM, chat=who.handle),
            private=True,
            token=token,
            values=values,
            said_at=self._app.clock.now(),
            message=message,
        )
        until = time.monotonic() + FORM_SECONDS
        return await self._app.intake.ask(PLATFORM, self._delivery(who, submitted, delivery), until)

    async def _take(self, who: Speaker, inbound: Said | Attached | Pressed, delivery: str | None) -> bool:
        return bool(await self._app.intake.take(PLATFORM, [self._delivery(who, inbound, delivery)]))

    def _delivery(
        self, who: Speaker, inbound: Said | Attached | Pressed | Submitted, delivery: str | None
    ) -> Delivery:
        number = delivery or f"own:{next(self._numbers)}"
        return Delivery(id=number, lane=f"{PLATFORM}:{who.handle}", body=plain(inbound))

    def _person(self, who: Speaker) -> Person:
        return Person(account=who.handle, name=who.name, language=who.language)
