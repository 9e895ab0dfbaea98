"""What Slack delivered, as it is kept in the inbox, and as the closed union of what may come in."""

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

from bot.inbound import Inbound, Person, Pressed, Said, Unread
from domain.people import Language
from domain.ports import Address
from handlers.registry import registry

Json = dict[str, Any]

# Rights and secrets that come with a payload, and what we said ourselves: not needed later, so not kept.
_NOT_KEPT = ("token", "response_url", "message", "state", "authorizations")
# Ordinary words, also when they were sent to the channel from a thread or with /me.
_WORDS = (None, "", "thread_broadcast", "me_message")
_ESCAPE = re.compile(r"<(?P<sign>[!@#]?)(?P<target>[^<>|\s][^<>|]*)(?:\|(?P<label>[^<>]*))?>")
_DATE = re.compile(r"date\^")


def kind_of(payload: Json) -> str:
    """Which way of speaking a payload is."""
    if "command" in payload:
        return "command"
    return {"event_callback": "event", "block_actions": "action"}.get(str(payload.get("type")), "other")


def user_of(payload: Json) -> str:
    """Who did it, or "" where nobody did."""
    return (
        _word(payload, "user_id")
        or _word(payload, "user", "id")
        or _word(payload, "event", "user")
        or _word(payload, "event", "message", "user")
    )


def channel_of(payload: Json) -> str:
    """Where it was done."""
    return (
        _word(payload, "channel_id")
        or _word(payload, "container", "channel_id")
        or _word(payload, "channel", "id")
        or _word(payload, "event", "channel")
    )


def delivery_of(payload: Json) -> str:
    """The same id for the same thing however often it comes; commands and presses carry no event id."""
    if event := _word(payload, "event_id"):
        return event
    action: Any = next(iter(payload.get("actions") or ()), None)
    if isinstance(action, dict) and action.get("action_ts"):
        place = f"{channel_of(payload)}:{_word(payload, 'container', 'message_ts')}"
        said = f"{place}:{action['action_ts']}:{user_of(payload)}:{action.get('action_id')}"
    else:
        said = _word(payload, "trigger_id") or json.dumps(payload, sort_keys=True)
    return f"{kind_of(payload)}:{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()}"


def kept(payload: Json, *, team: str, bot: str, received_at: datetime, known: Json) -> str:
    """The body for the inbox: the payload and what it takes to read it later; `team` is ours."""
    return json.dumps(
        {
            "kind": kind_of(payload),
            "team": team,
            "bot": bot,
            "received_at": received_at.isoformat(),
            **known,
            "payload": {key: value for key, value in payload.items() if key not in _NOT_KEPT},
        }
    )


def language_of(locale: str) -> Language | None:
    """The language of a Slack locale such as zh-TW; None when it is not one of ours."""
    tongue, _, region = locale.replace("_", "-").partition("-")
    if tongue.casefold() == "zh":
        return Language.ZH_HANT if region.upper() in ("TW", "HK", "MO", "HANT") else Language.ZH
    return Language.EN if tongue.casefold() == "en" else None


def decode(body: str) -> Inbound | None:
    """What came in; None for what asks for no answer: bots, other workspaces, things we did not ask to hear.

    The address is always the person's direct message with the bot, so that identity, drafts and buttons are
    the same wherever the person speaks. What was said in a channel carries `reply_to` ("channel:user" or
    "channel:user:thread"): its answer is shown there, to that person alone.
    """
    stored = json.loads(body)
    payload = stored["payload"]
    if not _ours(payload, stored["team"]):
        return None
    match stored["kind"]:
        case "command":
            return _command(stored, payload)
        case "action":
            return _press(stored, payload)
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
    at, reply_to = _place(stored, _str(payload, "channel_id"), _str(payload, "user_id"))
    return Said(
        person=_person(stored, _str(payload, "user_id")),
        at=at,
        private=at.chat.startswith("D"),
        text=words,
        said_at=datetime.fromisoformat(stored["received_at"]),
        reply_to=reply_to,
    )


def _press(stored: Json, payload: Json) -> Inbound | None:
    action = payload["actions"][0]
    if not action.get("value"):
        return None
    container = payload["container"]
    if container.get("type") != "message":
        return None
    at, reply_to = _place(stored, channel_of(payload), _str(payload["user"], "id"))
    return Pressed(
        person=_person(stored, _str(payload["user"], "id")),
        at=at,
        private=at.chat.startswith("D"),
        token=_str(action, "value"),
        # What one person alone sees in a channel cannot be edited later; its answer is a new message.
        message="" if reply_to or container.get("is_ephemeral") else _str(container, "message_ts"),
        said_at=_moment(_str(action, "action_ts")),
        reply_to=reply_to,
    )


def _event(stored: Json, event: Json) -> Inbound | None:
    if event["type"] == "app_mention":
        return _mention(stored, event)
    if event["type"] != "message" or event.get("channel_type") != "im":
        return None
    subtype = event.get("subtype")
    if subtype == "message_changed":
        return _edit(stored, event)
    if _by_bot(stored, event) or (subtype not in _WORDS and subtype != "file_share"):
        return None
    person, at = _person(stored, _str(event, "user")), Address(platform="slack", chat=_str(event, "channel"))
    said_at = _moment(_str(event, "ts"))
    if subtype == "file_share" or event.get("files"):
        return Unread(person=person, at=at, private=True, what="file", said_at=said_at)
    return Said(
        person=person,
        at=at,
        private=True,
        text=plain_words(_str({"text": ""} | event, "text"), stored["bot"]),
        said_at=said_at,
        message=_str(event, "ts"),
    )


def _edit(stored: Json, event: Json) -> Inbound | None:
    """A person changed their words. Slack also says so when it adds the preview of a link: that is nobody's doing."""
    now, before = event["message"], event.get("previous_message") or {}
    if _by_bot(stored, now) or now.get("text") == before.get("text"):
        return None
    return Unread(
        person=_person(stored, _str(now, "user")),
        at=Address(platform="slack", chat=_str(event, "channel")),
        private=True,
        what="edit",
        said_at=_moment(_str(event, "event_ts")),
    )


def _mention(stored: Json, event: Json) -> Inbound | None:
    if _by_bot(stored, event):
        return None
    at, reply_to = _place(stored, _str(event, "channel"), _str(event, "user"), _word(event, "thread_ts"))
    return Said(
        person=_person(stored, _str(event, "user")),
        at=at,
        private=False,
        text=plain_words(_str({"text": ""} | event, "text"), stored["bot"]).strip() or "/help",
        said_at=_moment(_str(event, "ts")),
        message=_str(event, "ts"),
        reply_to=reply_to,
    )


def _place(stored: Json, channel: str, user: str, thread: str = "") -> tuple[Address, str | None]:
    """The person's direct message, and the way back to the channel if it was said in one."""
    if channel.startswith("D"):
        return Address(platform="slack", chat=channel), None
    reply_to = f"{channel}:{user}:{thread}" if thread else f"{channel}:{user}"
    return Address(platform="slack", chat=stored.get("dm") or channel), reply_to


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


def _ours(payload: Json, team: str) -> bool:
    """Whether every team the payload names is ours: a shared channel brings in people of other workspaces."""
    named = (
        _word(payload, "team_id"),
        _word(payload, "team", "id"),
        _word(payload, "user", "team_id"),
        _word(payload, "event", "team"),
        _word(payload, "event", "user_team"),
    )
    return all(each in ("", team) for each in named)


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


def _moment(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)


def _str(body: Json, key: str) -> str:
    """The string of a key. Raises for any other shape: such a delivery is set aside before it reaches anybody."""
    value = body[key]
    if not isinstance(value, str):
        raise TypeError(key)
    return value


def _word(body: Any, *path: str) -> str:
    """The string at a path of keys, or "" where the shape is another."""
    for key in path:
        body = body.get(key) if isinstance(body, dict) else None
    return body if isinstance(body, str) else ""
