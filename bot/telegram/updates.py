"""What Telegram delivers: cut into deliveries without trust in its shape, and read into inbounds."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.inbound import (
    Attached,
    ChatChange,
    Edited,
    Enclosed,
    Inbound,
    Membership,
    Person,
    Pressed,
    Said,
    Unread,
)
from bot.intake import Delivery
from domain.files import FileKind
from domain.people import Language
from domain.ports import Address

PLATFORM = "telegram"
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
# Not a person: whoever speaks as a channel or as an anonymous admin (platforms section 2, identity traps).
NOBODY = frozenset({136817688, 1087968824})
TELEGRAM_ITSELF = 777000
# The topic that every forum has; Telegram neither names it in messages nor takes it in ours.
GENERAL = 1
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
        for kind, read in READERS.items():
            if kind in update:
                return read(update[kind])
    except (AttributeError, KeyError, OSError, OverflowError, TypeError) as error:
        raise ValueError(f"an update of another shape: {type(error).__name__}") from error
    return None


def _message(message: Mapping[str, Any]) -> Inbound | None:
    if moved := _moved(message):
        return moved
    person, said_at = _person(message), _moment(message["date"])
    if person is None:
        return _to_nobody(message)
    private, forwarded_from = _is_private(message), _forwarded_from(message)
    if "text" in message:
        # What somebody passes on in a group is for the group, also where it names a command.
        if not private and (_addressee(message) is None or forwarded_from is not None):
            return None
        return Said(
            person=person,
            text=_sound(message["text"]),
            said_at=said_at,
            message=str(message["message_id"]),
            forwarded_from=forwarded_from,
            **_place(message, person),
        )
    what = next((word for key, word in CONTENTS.items() if key in message), None)
    if private and what in ATTACHED:
        return Attached(
            person=person,
            files=(ATTACHED[what](message),),
            caption=_sound(message.get("caption") or ""),
            said_at=said_at,
            message=str(message["message_id"]),
            forwarded_from=forwarded_from,
            **_place(message, person),
        )
    if not private or (what is None and not SERVICE.isdisjoint(message)):
        return None
    return Unread(person=person, what=what or "other", said_at=said_at, **_place(message, person))


def _photo(message: Mapping[str, Any]) -> Enclosed:
    """The largest of the sizes a photo comes in."""
    largest = max(
        message["photo"], key=lambda each: (each["width"] * each["height"], each.get("file_size", 0))
    )
    return Enclosed(
        kind=FileKind.PHOTO, name="", mime="image/jpeg", size=_size(largest), ref=_sound(largest["file_id"])
    )


def _document(message: Mapping[str, Any]) -> Enclosed:
    document = message["document"]
    return Enclosed(
        kind=FileKind.DOCUMENT,
        name=_sound(document.get("file_name") or ""),
        mime=_sound(document.get("mime_type") or ""),
        size=_size(document),
        ref=_sound(document["file_id"]),
    )


def _size(file: Mapping[str, Any]) -> int | None:
    size = file.get("file_size")
    return int(size) if size is not None else None


# Contents that are fetched and kept, by their word.
ATTACHED: Mapping[str | None, Callable[[Mapping[str, Any]], Enclosed]] = {"photo": _photo, "file": _document}


def _forwarded_from(message: Mapping[str, Any]) -> str | None:
    """Whose message was passed on: a person, a person who hides their account, a group or a channel."""
    origin = message.get("forward_origin")
    if origin is None:
        return None
    user, chat = origin.get("sender_user") or {}, origin.get("sender_chat") or origin.get("chat") or {}
    name = " ".join(filter(None, (user.get("first_name"), user.get("last_name"))))
    return _sound(
        name or origin.get("sender_user_name") or chat.get("title") or origin.get("author_signature") or ""
    )


def _edit(message: Mapping[str, Any]) -> Inbound | None:
    """A changed text is read again; in private whoever changed something else is told that it is not."""
    person, said_at = _person(message), _moment(message["edit_date"])
    if person is None:
        return None
    private = _is_private(message)
    if "text" in message:
        if not private and _addressee(message) is None:
            return None
        return Edited(
            person=person,
            text=_sound(message["text"]),
            said_at=said_at,
            written_at=_moment(message["date"]),
            message=str(message["message_id"]),
            **_place(message, person),
        )
    # A live location changes by itself, every few seconds.
    if not private or "location" in message:
        return None
    return Unread(person=person, what="edit", said_at=said_at, **_place(message, person))


def _press(query: Mapping[str, Any]) -> Inbound | None:
    person = _person(query)
    if person is None or "message" not in query or "data" not in query:
        return None
    message = query["message"]
    private = _is_private(message)
    return Pressed(
        person=person,
        token=_sound(query["data"]),
        # What stands in a group is everybody's: whoever presses it is answered alone, and it stays as it is.
        message=str(message["message_id"]) if private else "",
        said_at=AS_RECEIVED,
        card_at=None if private else _room(message),
        **_place(message, person),
    )


def _membership(change: Mapping[str, Any]) -> Inbound | None:
    """We were blocked or taken back by a person, removed from a group or added to one."""
    chat, at, said_at = change["chat"], _room(change), _moment(change["date"])
    were, are = (_takes_us(change[each]) for each in ("old_chat_member", "new_chat_member"))
    if were == are or chat["type"] == "channel":
        return None
    if not are:
        return Membership(at=at, what=ChatChange.GONE, said_at=said_at)
    if chat["type"] == "private":
        return Membership(at=at, what=ChatChange.BACK, said_at=said_at)
    language = _language(change["from"].get("language_code"))
    return Membership(at=at, what=ChatChange.JOINED, said_at=said_at, language=language)


READERS: Mapping[str, Callable[[Mapping[str, Any]], Inbound | None]] = dict(
    zip(KINDS, (_message, _edit, _press, _membership), strict=True)
)


def _takes_us(member: Mapping[str, Any]) -> bool:
    """Whether a status of ours means that we are in the chat."""
    status = member["status"]
    return status in ("creator", "administrator", "member") or (
        status == "restricted" and bool(member.get("is_member"))
    )


def _moved(message: Mapping[str, Any]) -> Membership | None:
    """A group that became a supergroup says so twice: under its old number, and under its new one."""
    old, new = message.get("migrate_from_chat_id"), message.get("migrate_to_chat_id")
    if old is None and new is None:
        return None
    here, said_at = message["chat"]["id"], _moment(message["date"])
    at, to = _chat(here if old is None else old), _chat(here if new is None else new)
    return Membership(at=at, what=ChatChange.MOVED, said_at=said_at, to=to)


def _to_nobody(message: Mapping[str, Any]) -> Membership | None:
    """A command in a group by somebody whom Telegram does not name."""
    sender = message.get("from") or {}
    unnamed = "sender_chat" in message and sender.get("id") != TELEGRAM_ITSELF
    if _is_private(message) or not unnamed or "text" not in message or _addressee(message) is None:
        return None
    return Membership(at=_room(message), what=ChatChange.NOBODY, said_at=_moment(message["date"]))


def _person(said: Mapping[str, Any]) -> Person | None:
    """Who said it; nobody for bots, channels and anonymous admins."""
    sender = said.get("from")
    if sender is None or sender.get("is_bot") or "sender_chat" in said:
        return None
    if sender["id"] in NOBODY or sender["id"] == TELEGRAM_ITSELF:
        return None
    names = (sender.get("first_name"), sender.get("last_name"))
    return Person(
        account=str(int(sender["id"])),
        name=_sound(" ".join(filter(None, names))) or str(sender["id"]),
        language=_language(sender.get("language_code")),
    )


def _is_private(message: Mapping[str, Any]) -> bool:
    return bool(message["chat"]["type"] == "private")


def _place(message: Mapping[str, Any], person: Person) -> dict[str, Any]:
    """Where it was said: the address is always the person's own chat, `room` and `reply_to` name the group."""
    if _is_private(message):
        return {"at": _room(message), "private": True}
    room = _room(message)
    at = Address(platform=PLATFORM, chat=person.account)
    return {"at": at, "private": False, "room": room, "reply_to": room.chat}


def _room(message: Mapping[str, Any]) -> Address:
    """The chat a message stands in; the topic of a forum is a place of its own."""
    topic = message.get("message_thread_id") if message.get("is_topic_message") else None
    if topic is None or topic == GENERAL or _is_private(message):
        return _chat(message["chat"]["id"])
    return Address(platform=PLATFORM, chat=f"{int(message['chat']['id'])}/{int(topic)}")


def _chat(number: Any) -> Address:
    return Address(platform=PLATFORM, chat=str(int(number)))


def _moment(seconds: Any) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


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
        if isinstance(number, int) and abs(number) <= LARGEST_ID:
            return number
    return None


def _sound(text: str) -> str:
    """The text without halves of surrogate pairs, which no database keeps."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
