"""What Slack delivered, read from the inbox as the closed union of what may come in."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.inbound import Attached, Edited, Enclosed, Inbound, Opened, Person, Pressed, Said, Submitted, Unread
from bot.slack.manifest import LOG_VISIT
from bot.slack.modal import FORM, values_of
from bot.slack.payload import channel_of, is_ours, word
from domain.files import FileKind
from domain.people import Language
from domain.ports import Address
from handlers.registry import registry

Json = dict[str, Any]

# A home is where a person's letters go that are shown there: "home:" and the person.
HOME = "home:"
# The commands behind the global shortcuts of the manifest.
_SHORTCUTS = {LOG_VISIT: "/visit"}
# Ordinary words, also when they were sent to the channel from a thread or with /me.
_WORDS = (None, "", "thread_broadcast", "me_message")
_ESCAPE = re.compile(r"<(?P<sign>[!@#]?)(?P<target>[^<>|\s][^<>|]*)(?:\|(?P<label>[^<>]*))?>")
_DATE = re.compile(r"date\^")


def language_of(locale: str) -> Language | None:
    """The language of a Slack locale such as zh-TW; None when it is not one of ours."""
    tongue, _, region = locale.replace("_", "-").partition("-")
    if tongue.casefold() == "zh":
        return Language.ZH_HANT if region.upper() in ("TW", "HK", "MO", "HANT") else Language.ZH
    return Language.EN if tongue.casefold() == "en" else None


def decode(body: str) -> Inbound | None:
    """What came in, from the body of the inbox."""
    return read(json.loads(body))


def read(stored: Json) -> Inbound | None:
    """What came in; None for what asks for no answer: bots, other workspaces, things we did not ask to hear.

    The address is always the person's direct message with the bot, so that identity, drafts and buttons are
    the same wherever the person speaks. What was said in a channel carries `reply_to` ("channel:user" or
    "channel:user:thread"): its answer is shown there, to that person alone.
    """
    payload = stored["payload"]
    if not is_ours(payload, stored["team"]):
        return None
    match stored["kind"]:
        case "command":
            return _command(stored, payload)
        case "action":
            return _press(stored, payload)
        case "form":
            return _submission(stored, payload)
        case "shortcut":
            return _shortcut(stored, payload)
        case "event":
            return _event(stored, payload["event"])
        case _:
            return None


def _command(stored: Json, payload: Json) -> Inbound:
    """`/pace visit Acme`: a known word is a command; other words answer a question or are a code."""
    words = plain_words(_str(payload, "text"), stored["bot"]).strip()
    first = re.split(r"[\s:;]", words, maxsplit=1)[0]
    if not words:
        words = "/help"
    elif registry().find(first):
        words = f"/{words}"
    place = _place(stored, _str(payload, "channel_id"), _str(payload, "user_id"))
    return Said(
        person=_person(stored, _str(payload, "user_id")),
        at=place.at,
        private=place.private,
        text=words,
        said_at=_received(stored),
        reply_to=place.reply_to,
        room=place.room,
        trigger=word(payload, "trigger_id") or None,
    )


def _shortcut(stored: Json, payload: Json) -> Inbound | None:
    """A global shortcut is its command, said from nowhere in particular."""
    line = _SHORTCUTS.get(word(payload, "callback_id"))
    if line is None:
        return None
    user = _str(payload["user"], "id")
    place = _place(stored, "", user)
    return Said(
        person=_person(stored, user),
        at=place.at,
        private=place.private,
        text=line,
        said_at=_received(stored),
        trigger=word(payload, "trigger_id") or None,
    )


def _press(stored: Json, payload: Json) -> Inbound | None:
    action = payload["actions"][0]
    if not action.get("value"):
        return None
    container, user = payload["container"], _str(payload["user"], "id")
    in_home = container.get("type") == "view" and word(payload, "view", "type") == "home"
    if not in_home and container.get("type") != "message":
        return None
    place = _place(stored, channel_of(payload), user)
    # What one person alone sees in a channel cannot be edited later, and a home edits itself: a new message answers.
    anew = in_home or place.reply_to or container.get("is_ephemeral")
    return Pressed(
        person=_person(stored, user),
        at=place.at,
        private=place.private,
        token=_str(action, "value"),
        message="" if anew else _str(container, "message_ts"),
        said_at=_moment(_str(action, "action_ts")),
        reply_to=place.reply_to,
        room=place.room,
        card_at=_home(user) if in_home else None,
        trigger=word(payload, "trigger_id") or None,
    )


def _submission(stored: Json, payload: Json) -> Inbound | None:
    view, user = payload["view"], _str(payload["user"], "id")
    if view.get("callback_id") != FORM:
        return None
    place = _place(stored, "", user)
    return Submitted(
        person=_person(stored, user),
        at=place.at,
        private=place.private,
        token=_str(view, "private_metadata"),
        values=values_of(view),
        said_at=_received(stored),
    )


def _event(stored: Json, event: Json) -> Inbound | None:
    if event["type"] == "app_mention":
        return _mention(stored, event)
    if event["type"] == "app_home_opened":
        return _opening(stored, event)
    if event["type"] != "message" or event.get("channel_type") != "im":
        return None
    subtype = event.get("subtype")
    if subtype == "message_changed":
        return _edit(stored, event)
    if _by_bot(stored, event) or (subtype not in _WORDS and subtype != "file_share"):
        return None
    person, at = _person(stored, _str(event, "user")), Address(platform="slack", chat=_str(event, "channel"))
    said_at = _moment(_str(event, "ts"))
    text, forwarded_from, files = _shared(
        event, plain_words(_str({"text": ""} | event, "text"), stored["bot"])
    )
    if subtype == "file_share" or files:
        what = _not_read(files)
        if what:
            return Unread(person=person, at=at, private=True, what=what, said_at=said_at)
        return Attached(
            person=person,
            at=at,
            private=True,
            files=tuple(_enclosed(each) for each in files),
            caption=text,
            said_at=said_at,
            message=_str(event, "ts"),
            forwarded_from=forwarded_from,
        )
    return Said(
        person=person,
        at=at,
        private=True,
        text=text,
        said_at=said_at,
        message=_str(event, "ts"),
        forwarded_from=forwarded_from,
    )


def _shared(event: Json, text: str) -> tuple[str, str | None, list[Json]]:
    """The words, whose they are where a message was passed on, and the files, the person's own or passed on."""
    files = [each for each in event.get("files") or () if isinstance(each, dict)]
    shared = [
        each for each in event.get("attachments") or () if isinstance(each, dict) and each.get("is_share")
    ]
    if not shared:
        return text, None, files
    quoted = [_quoted(each) for each in shared]
    files += [file for each in shared for file in each.get("files") or () if isinstance(file, dict)]
    names = (word(each, "author_name") or word(each, "author_subname") for each in shared)
    return "\n".join(filter(None, (text, *quoted))), plain_words(next(filter(None, names), ""), ""), files


def _quoted(shared: Json) -> str:
    """The words of a message that was passed on; without any, where Slack puts them for readers of plain text."""
    return plain_words(word(shared, "text") or ("" if shared.get("files") else word(shared, "fallback")), "")


def _not_read(files: list[Json]) -> str | None:
    """What a message is that brings nothing but sound or moving pictures; None for any other."""
    kinds = {word(each, "mimetype").partition("/")[0] for each in files}
    if not files:
        return "file"
    if kinds == {"audio"}:
        return "voice"
    return "video" if kinds <= {"audio", "video"} else None


def _enclosed(file: Json) -> Enclosed:
    """One that Slack only links to, or keeps from us, has no address and cannot be fetched."""
    mime, size = word(file, "mimetype"), file.get("size")
    return Enclosed(
        kind=FileKind.PHOTO if mime.startswith("image/") else FileKind.DOCUMENT,
        name=word(file, "name") or word(file, "title"),
        mime=mime,
        size=size if isinstance(size, int) and not isinstance(size, bool) else None,
        ref=""
        if word(file, "mode") == "external"
        else word(file, "url_private_download") or word(file, "url_private"),
    )


def _edit(stored: Json, event: Json) -> Inbound | None:
    """A person changed their words. Slack also says so when it adds the preview of a link: that is nobody's doing."""
    now, before = event["message"], event.get("previous_message") or {}
    if _by_bot(stored, now) or now.get("subtype") not in _WORDS or now.get("text") == before.get("text"):
        return None
    return Edited(
        person=_person(stored, _str(now, "user")),
        at=Address(platform="slack", chat=_str(event, "channel")),
        private=True,
        text=plain_words(_str({"text": ""} | now, "text"), stored["bot"]),
        said_at=_moment(_str(event, "event_ts")),
        written_at=_moment(_str(now, "ts")),
        message=_str(now, "ts"),
    )


def _mention(stored: Json, event: Json) -> Inbound | None:
    if _by_bot(stored, event):
        return None
    place = _place(stored, _str(event, "channel"), _str(event, "user"), word(event, "thread_ts"))
    said = Said(
        person=_person(stored, _str(event, "user")),
        at=place.at,
        private=False,
        text=plain_words(_str({"text": ""} | event, "text"), stored["bot"]).strip() or "/help",
        said_at=_moment(_str(event, "ts")),
        message=_str(event, "ts"),
        reply_to=place.reply_to,
        room=place.room,
    )
    return _changed(said, _moment(_str(event["edited"], "ts"))) if event.get("edited") else said


def _changed(said: Said, at: datetime) -> Edited:
    """A mention told again because its message was edited: the same words must not be done twice."""
    return Edited(
        person=said.person,
        at=said.at,
        private=said.private,
        text=said.text,
        said_at=at,
        written_at=said.said_at,
        message=said.message or "",
        reply_to=said.reply_to,
        room=said.room,
    )


def _opening(stored: Json, event: Json) -> Inbound | None:
    if event.get("tab") != "home":
        return None
    user = _str(event, "user")
    return Opened(person=_person(stored, user), at=_home(user), private=True, said_at=_received(stored))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The person's own chat, the way back to where it was said, and the channel if it was one."""

    at: Address
    reply_to: str | None = None
    room: Address | None = None

    @property
    def private(self) -> bool:
        return self.at.chat.startswith("D")


def _place(stored: Json, channel: str, user: str, thread: str = "") -> Place:
    """A direct message that is not the bot's own, where commands can be given too, is elsewhere like a channel."""
    own = stored.get("dm") or (channel if channel.startswith("D") else "")
    at = Address(platform="slack", chat=own or channel or user)
    if channel in ("", own):
        return Place(at=at)
    reply_to = f"{channel}:{user}:{thread}" if thread else f"{channel}:{user}"
    room = None if channel.startswith("D") else Address(platform="slack", chat=channel)
    return Place(at=at, reply_to=reply_to, room=room)


def _home(user: str) -> Address:
    return Address(platform="slack", chat=f"{HOME}{user}")


def _person(stored: Json, user: str) -> Person:
    language = stored.get("language")
    return Person(
        account=user,
        name=stored.get("name") or user,
        language=Language(language) if language else None,
        zone=stored.get("zone"),
    )


def _by_bot(stored: Json, event: Json) -> bool:
    return bool(event.get("bot_id")) or event.get("user") == stored["bot"] or not event.get("user")


def plain_words(said: str, bot: str) -> str:
    """Slack's escapes undone: links by their words, mentions as @name, the bot's own mention gone."""
    if "<" in said:
        said = re.sub(rf"<@{re.escape(bot)}(\|[^<>]*)?>[ \t]?", "", said) if bot else said
        said = _ESCAPE.sub(_word_of, said)
    return said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _word_of(found: re.Match[str]) -> str:
    sign, target, label = found["sign"], found["target"], found["label"]
    match sign:
        case "!" if _DATE.match(target):
            return label or ""
        case "!" | "@":
            return f"@{(label or target).removeprefix('@')}"
        case "#":
            return f"#{(label or target).removeprefix('#')}"
        case _:
            return label or target.removeprefix("mailto:").removeprefix("tel:")


def _received(stored: Json) -> datetime:
    return datetime.fromisoformat(stored["received_at"])


def _moment(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)


def _str(body: Json, key: str) -> str:
    """The string of a key. Raises for any other shape: such a delivery is set aside before it reaches anybody."""
    value = body[key]
    if not isinstance(value, str):
        raise TypeError(key)
    return value
