"""What Telegram delivers: cut into deliveries without trust in its shape, and read into inbounds."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.inbound import Inbound, Person, Pressed, Said, Unread
from bot.intake import Delivery
from domain.people import Language
from domain.ports import Address

PLATFORM = "telegram"
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
# Not a person: channel posts, anonymous admins, Telegram itself (platforms section 2, identity traps).
NOBODY = frozenset({136817688, 1087968824, 777000})
# What a message may hold besides text, and the word for it; the first that is there counts.
CONTENTS: Mapping[str, str] = {
    "photo": "photo",
    "voice": "voice",
    "audio": "voice",
    "video_note": "video",
    "video": "video",
    "animation": "video",
    "document": "file",
    "sticker": "sticker",
    "dice": "sticker",
    "venue": "location",
    "location": "location",
    "contact": "contact",
    "poll": "poll",
}
# Keys of messages that Telegram itself writes into a private chat; nobody waits for an answer to them.
SERVICE = frozenset(
    {
        "pinned_message",
        "message_auto_delete_timer_changed",
        "write_access_allowed",
        "connected_website",
        "chat_background_set",
        "boost_added",
        "users_shared",
        "chat_shared",
        "successful_payment",
        "refunded_payment",
        "gift",
        "unique_gift",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "new_chat_members",
        "left_chat_member",
    }
)
TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")
LARGEST_ID = 2**63 - 2
# A press carries no time of its own; the gateway never goes beyond the moment it was received.
AS_RECEIVED = datetime.max.replace(tzinfo=UTC)


def deliveries(updates: Sequence[object], username: str) -> list[Delivery]:
    """One delivery per update, whatever its shape; talk in groups that is not for us is not kept at all."""
    return [_delivery(update) for update in updates if not _for_others(update, username)]


def offset_after(updates: Sequence[object], offset: int) -> int:
    """The offset that confirms these updates: after the last one's id, which may have jumped either way."""
    numbers = [number for update in updates if (number := _number(update)) is not None]
    return numbers[-1] + 1 if numbers else offset


def query_ids(updates: Sequence[object]) -> Iterator[str]:
    """The presses among the updates, whose spinners wait."""
    for update in updates:
        query = update.get("callback_query") if isinstance(update, dict) else None
        if isinstance(query, dict) and isinstance(query.get("id"), str):
            yield query["id"]


def decode(body: str) -> Inbound | None:
    """What an update says to us, or None when nothing. Raises `ValueError` for one that cannot be read."""
    update = json.loads(body)
    if not isinstance(update, dict):
        raise ValueError("an update is an object")
    try:
        if "message" in update:
            return _message(update["message"])
        if "callback_query" in update:
            return _press(update["callback_query"])
        if "edited_message" in update:
            return _edit(update["edited_message"])
    except (AttributeError, KeyError, OSError, OverflowError, TypeError) as error:
        raise ValueError(f"an update of another shape: {type(error).__name__}") from error
    return None


def _message(message: Mapping[str, Any]) -> Inbound | None:
    private = message["chat"]["type"] == "private"
    person = _person(message)
    if person is None:
        return None
    said_at = datetime.fromtimestamp(message["date"], UTC)
    at = _place(message)
    if "text" in message:
        if not private and _addressee(message) is None:
            return None
        return Said(
            person=person,
            at=at,
            private=private,
            text=_sound(message["text"]),
            said_at=said_at,
            message=str(message["message_id"]),
        )
    what = next((word for key, word in CONTENTS.items() if key in message), None)
    if not private or (what is None and not SERVICE.isdisjoint(message)):
        return None
    return Unread(person=person, at=at, private=private, what=what or "other", said_at=said_at)


def _edit(message: Mapping[str, Any]) -> Inbound | None:
    """A changed message is not read again yet; in private the person is told so."""
    person = _person(message)
    if person is None or message["chat"]["type"] != "private":
        return None
    said_at = datetime.fromtimestamp(message["edit_date"], UTC)
    return Unread(person=person, at=_place(message), private=True, what="edit", said_at=said_at)


def _press(query: Mapping[str, Any]) -> Inbound | None:
    person = _person(query)
    if person is None or "message" not in query or "data" not in query:
        return None
    message = query["message"]
    return Pressed(
        person=person,
        at=_place(message),
        private=message["chat"]["type"] == "private",
        token=_sound(query["data"]),
        message=str(message["message_id"]),
        said_at=AS_RECEIVED,
    )


def _person(said: Mapping[str, Any]) -> Person | None:
    """Who said it; nobody for bots, channels and anonymous admins."""
    sender = said.get("from")
    if sender is None or sender.get("is_bot") or sender["id"] in NOBODY:
        return None
    names = (sender.get("first_name"), sender.get("last_name"))
    return Person(
        account=str(int(sender["id"])),
        name=_sound(" ".join(filter(None, names))) or str(sender["id"]),
        language=_language(sender.get("language_code")),
    )


def _place(message: Mapping[str, Any]) -> Address:
    return Address(platform=PLATFORM, chat=str(int(message["chat"]["id"])))


def _language(code: str | None) -> Language | None:
    if not code:
        return None
    lower = code.lower().replace("_", "-")
    if lower.startswith(TRADITIONAL):
        return Language.ZH_HANT
    return Language.ZH if lower.partition("-")[0] == "zh" else Language.EN


def _addressee(message: Mapping[str, Any]) -> str | None:
    """Whom the command at the start of a text is for: a name, "" when it names nobody; None without one."""
    for entity in message.get("entities") or ():
        if entity["type"] == "bot_command" and entity["offset"] == 0:
            # A command is ASCII, so its length in UTF-16 units is its length here too.
            word: str = message["text"][: entity["length"]]
            return word.partition("@")[2].casefold()
    return None


def _for_others(update: object, username: str) -> bool:
    """Whether this is a text in a group that does not speak to us; what cannot be told is kept."""
    try:
        kind = next(kind for kind in ("message", "edited_message") if kind in update)  # type: ignore[operator]
        message: Mapping[str, Any] = update[kind]  # type: ignore[index]
        if message["chat"]["type"] == "private" or "text" not in message:
            return False
        return _addressee(message) not in ("", username.casefold())
    except (AttributeError, KeyError, StopIteration, TypeError):
        return False


def _delivery(update: object) -> Delivery:
    body = json.dumps(update)
    number = _number(update)
    # Without a number of its own an update is known by what it says.
    key = hashlib.sha256(body.encode()).hexdigest() if number is None else str(number)
    return Delivery(id=key, lane=f"{PLATFORM}:{_speaker(update) or key}", body=body)


def _number(update: object) -> int | None:
    number = update.get("update_id") if isinstance(update, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    return number if 0 <= number <= LARGEST_ID else None


def _speaker(update: object) -> int | None:
    """The person, or else the chat, whose order is to be kept."""
    if not isinstance(update, dict):
        return None
    nothing: dict[str, Any] = {}
    said = next((update[kind] for kind in KINDS if isinstance(update.get(kind), dict)), nothing)
    for place in (said.get("from"), said.get("chat")):
        number = place.get("id") if isinstance(place, dict) else None
        if isinstance(number, int):
            return number
    return None


def _sound(text: str) -> str:
    """The text without halves of surrogate pairs, which no database keeps."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
