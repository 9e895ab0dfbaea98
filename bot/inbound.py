"""What may come in, whatever the platform: a closed union, and its plain JSON for our own doors."""

import json
from dataclasses import dataclass
from datetime import datetime

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
    then the speaker's own chat.
    """

    person: Person
    at: Address
    private: bool
    text: str
    said_at: datetime
    message: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button of one of our cards; `token` is what it carried, `message` the message it stands under."""

    person: Person
    at: Address
    private: bool
    token: str
    message: str
    said_at: datetime
    reply_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Something we do not read yet (a photo, a sticker): answered politely, never silently dropped."""

    person: Person
    at: Address
    private: bool
    what: str
    said_at: datetime
    reply_to: str | None = None


Inbound = Said | Pressed | Unread


def plain(inbound: Inbound) -> str:
    """The body our own doors (browser, terminal, transcript) put in the inbox."""
    body = {
        "account": inbound.person.account,
        "name": inbound.person.name,
        "language": inbound.person.language,
        "platform": inbound.at.platform,
        "chat": inbound.at.chat,
        "private": inbound.private,
        "said_at": inbound.said_at.isoformat(),
    }
    match inbound:
        case Said(text=text, message=message):
            body |= {"text": text, "message": message}
        case Pressed(token=token, message=message):
            body |= {"token": token, "message": message}
        case Unread(what=what):
            body |= {"what": what}
    return json.dumps(body, ensure_ascii=False)


def from_plain(text: str) -> Inbound:
    """The inverse of `plain`."""
    body = json.loads(text)
    person = Person(
        account=body["account"],
        name=body["name"],
        language=Language(body["language"]) if body["language"] else None,
    )
    at = Address(platform=body["platform"], chat=body["chat"])
    said_at = datetime.fromisoformat(body["said_at"])
    if "what" in body:
        return Unread(person=person, at=at, private=body["private"], what=body["what"], said_at=said_at)
    if "token" in body:
        return Pressed(
            person=person,
            at=at,
            private=body["private"],
            token=body["token"],
            message=body["message"],
            said_at=said_at,
        )
    return Said(
        person=person,
        at=at,
        private=body["private"],
        text=body["text"],
        said_at=said_at,
        message=body["message"],
    )
