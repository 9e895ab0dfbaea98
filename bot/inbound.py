"""What may come in, whatever the platform: a closed union, and its plain JSON for our own doors."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from pydantic import TypeAdapter

from domain.files import FileKind
from domain.people import Language
from domain.ports import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who speaks, as the platform knows them: the numeric or opaque account identifies, the rest only greets."""

    account: str
    name: str
    language: Language | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words in a chat; `said_at` is the platform's time.

    `reply_to` says where in a room the answer is shown to the speaker alone, on platforms that can do so; `at` is
    then the speaker's own chat and `room` the room. A `trigger` opens a form for a moment. Words of somebody else
    that were passed on have `forwarded_from`, which is "" where the platform does not say whose they are.
    """

    person: Person
    at: Address
    private: bool
    text: str
    said_at: datetime
    message: str | None = None
    reply_to: str | None = None
    room: Address | None = None
    trigger: str | None = None
    forwarded_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """A file of a message as the platform describes it; `ref` is what it is fetched by, `size` in bytes if it says so."""

    kind: FileKind
    name: str
    mime: str
    size: int | None
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """Photos or documents in a chat, with the words beside them; their bytes are fetched before they are answered."""

    person: Person
    at: Address
    private: bool
    files: tuple[Enclosed, ...]
    said_at: datetime
    caption: str = ""
    message: str | None = None
    reply_to: str | None = None
    room: Address | None = None
    forwarded_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """Words said before, changed: `message` is the one that was changed, `written_at` when it was first said."""

    person: Person
    at: Address
    private: bool
    text: str
    said_at: datetime
    written_at: datetime
    message: str
    reply_to: str | None = None
    room: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button of one of our cards; `token` is what it carried, `message` the message it stands under.

    `card_at` is where the card stands when that is not the chat it was pressed from (a home).
    """

    person: Person
    at: Address
    private: bool
    token: str
    message: str
    said_at: datetime
    reply_to: str | None = None
    room: Address | None = None
    card_at: Address | None = None
    trigger: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A form that was filled in; `token` is what it was opened with, `values` the parts by name.

    `message` is the message it stood in, where it stood in one.
    """

    person: Person
    at: Address
    private: bool
    token: str
    values: Mapping[str, str]
    said_at: datetime
    message: str | None = None
    reply_to: str | None = None
    room: Address | None = None


# A home has one message.
HOME_MESSAGE = "home"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A person opened their home, which is at `at`."""

    person: Person
    at: Address
    private: bool
    said_at: datetime
    reply_to: str | None = None
    room: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something we do not read yet (a sticker, a voice message): answered politely, never silently dropped."""

    person: Person
    at: Address
    private: bool
    what: str
    said_at: datetime
    reply_to: str | None = None
    room: Address | None = None


class ChatChange(StrEnum):
    """What became of a chat."""

    GONE = "gone"
    BACK = "back"
    MOVED = "moved"
    JOINED = "joined"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A chat that we can no longer write to, can again, or that got another number (`to`).

    JOINED: we were added to a group, by somebody who reads `language`. NOBODY: a command came there from somebody
    whom the platform does not name (an anonymous admin).
    """

    at: Address
    what: ChatChange
    said_at: datetime
    to: Address | None = None
    language: Language | None = None


# What a person did; what became of a chat stands beside it.
Personal = Said | Attached | Edited | Pressed | Submitted | Opened | Unread
Inbound = Personal | Membership

_KINDS: Mapping[str, type[Inbound]] = {
    each.__name__.casefold(): each
    for each in (Said, Attached, Edited, Pressed, Submitted, Opened, Unread, Membership)
}


def plain(inbound: Inbound) -> str:
    """The body our own doors (browser, terminal, transcript) put in the inbox; ASCII, whatever was typed."""
    return json.dumps({"kind": type(inbound).__name__.casefold(), **asdict(inbound)}, default=str)


def from_plain(text: str) -> Inbound:
    """The inverse of `plain`. Raises `ValueError` for anything else."""
    body = json.loads(text)
    return _reader(body.pop("kind")).validate_python(body)


@lru_cache(maxsize=len(_KINDS))
def _reader(kind: str) -> TypeAdapter[Inbound]:
    return TypeAdapter(_KINDS[kind])
