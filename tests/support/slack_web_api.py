"""The state behind Slack's Web API: users, channels, messages, views, and the methods that change them."""

import hashlib
import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.support.loopback import Json

TEAM_ID = "T000000001"
APP_ID = "A000000001"
BOT_USER_ID = "U00000BOT"
BOT_ID = "B000000001"
DEEPEST_MODAL_STACK = 3
DEFAULT_PAGE = 100


class SlackRefused(Exception):
    """Slack's `ok: false` with its error code."""

    def __init__(self, error: str, *details: str) -> None:
        super().__init__(error)
        self.error = error
        self.details = details


@dataclass(slots=True)
class SlackMessage:
    """A message as it stands now; `history` holds its earlier bodies, oldest first."""

    channel: str
    body: Json
    history: list[Json] = field(default_factory=list)
    deleted: bool = False
    seen_only_by: str | None = None

    @property
    def ts(self) -> str:
        return str(self.body["ts"])

    @property
    def text(self) -> str:
        return str(self.body.get("text", ""))

    @property
    def blocks(self) -> list[Json]:
        return self.body.get("blocks") or []

    @property
    def labels(self) -> list[str]:
        """What can be pressed: the texts of the buttons and of the options of menus."""
        return [label for label, _, _ in pressable(self.blocks)]

    def replace(self, **changed: Any) -> None:
        self.history.append(self.body)
        self.body = self.body | changed


@dataclass(slots=True, kw_only=True)
class SlackFile:
    """A file of the workspace; one of the app's is `shared` only when its upload was completed."""

    id: str
    name: str
    mimetype: str = ""
    content: bytes | None = None
    length: int = 0
    alt_text: str = ""
    title: str = ""
    shared: bool = False


@dataclass(slots=True)
class Channel:
    """A channel or a direct message (`partner` is then the person)."""

    id: str
    name: str
    members: list[str]
    partner: str | None = None
    archived: bool = False
    messages: dict[str, SlackMessage] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return "im" if self.partner else "channel"

    def described(self) -> Json:
        common = {"id": self.id, "created": 1, "is_archived": self.archived, "is_im": bool(self.partner)}
        if self.partner:
            return common | {"user": self.partner, "is_org_shared": False}
        facts = {"name": self.name, "is_channel": True, "is_member": BOT_USER_ID in self.members}
        return common | facts | {"num_members": len(self.members)}


class SlackWebApi:
    """Own what Slack remembers about one workspace; a method takes decoded arguments, returns its answer."""

    def __init__(self, trigger_seconds: float) -> None:
        self.users: dict[str, Json] = {}
        self.channels: dict[str, Channel] = {}
        self.ephemerals: list[SlackMessage] = []
        self.files: dict[str, SlackFile] = {}
        self.views: dict[str, Json] = {}
        self.homes: dict[str, Json] = {}
        self.modals: dict[str, list[str]] = {}
        self._triggers: dict[str, tuple[str, float]] = {}
        self._trigger_seconds = trigger_seconds
        self._numbers = count(1)
        self.add_user(BOT_USER_ID, name="coach", is_bot=True)

    def methods(self) -> dict[str, Callable[[Json], Json]]:
        return {
            "api.test": lambda args: {},
            "auth.test": self._auth_test,
            "users.info": self._users_info,
            "users.list": lambda args: _page(args, "members", list(self.users.values())),
            "conversations.open": self._conversations_open,
            "conversations.info": lambda args: {"channel": self.channel(args).described()},
            "conversations.list": self._conversations_list,
            "conversations.members": lambda args: _page(args, "members", self.channel(args).members),
            "chat.postMessage": self._post_message,
            "chat.update": self._update_message,
            "chat.delete": self._delete_message,
            "chat.postEphemeral": self._post_ephemeral,
            "views.open": self._open_view,
            "views.push": self._open_view,
            "views.update": self._update_view,
            "views.publish": self._publish_view,
            "reactions.add": self._add_reaction,
            "files.completeUploadExternal": self._complete_upload,
        }

    # ------------------------------------------------------------------ people and places

    def add_user(
        self,
        user_id: str,
        *,
        name: str = "ann",
        tz: str = "Europe/London",
        tz_offset: int = 0,
        locale: str = "en-GB",
        is_bot: bool = False,
        **facts: Any,
    ) -> Json:
        profile = {"real_name": name.title(), "display_name": name, "image_48": "https://a.invalid/48.png"}
        user: Json = {"id": user_id, "team_id": TEAM_ID, "name": name, "real_name": name.title()}
        user |= {"tz": tz, "tz_label": tz, "tz_offset": tz_offset, "locale": locale, "is_bot": is_bot}
        user |= dict.fromkeys(
            ("deleted", "is_admin", "is_owner", "is_restricted", "is_ultra_restricted"), False
        )
        self.users[user_id] = user | {"is_app_user": False, "updated": 1, "profile": profile} | facts
        return self.users[user_id]

    def add_channel(
        self, channel_id: str, *, name: str = "sales", members: list[str], with_bot: bool
    ) -> Channel:
        everybody = [*members, *([BOT_USER_ID] if with_bot else [])]
        return self.channels.setdefault(channel_id, Channel(channel_id, name, everybody))

    def dm_of(self, user_id: str) -> Channel:
        """The direct message of a person with the bot, opened when needed."""
        if user_id not in self.users:
            raise SlackRefused("user_not_found")
        known = (one for one in self.channels.values() if one.partner == user_id)
        return next(known, None) or self.open_dm(user_id, f"D{user_id[1:]}")

    def open_dm(self, user_id: str, channel_id: str) -> Channel:
        """A direct message of a person with the bot, under this id."""
        fresh = Channel(channel_id, "directmessage", [user_id, BOT_USER_ID], partner=user_id)
        return self.channels.setdefault(channel_id, fresh)

    def channel(self, args: Json) -> Channel:
        """The channel an argument means: an id, a user id (their direct message) or #name."""
        given = args.get("channel") or ""
        if given in self.users and given != BOT_USER_ID:
            return self.dm_of(given)
        by_name = (one for one in self.channels.values() if f"#{one.name}" == given)
        found = self.channels.get(given) or next(by_name, None)
        if found is None:
            raise SlackRefused("channel_not_found")
        return found

    def message(self, channel_id: str, ts: str) -> SlackMessage:
        """A living message of a channel, ephemeral ones included."""
        stored = self.channels[channel_id].messages.get(ts)
        hidden = (one for one in self.ephemerals if (one.channel, one.ts) == (channel_id, ts))
        found = stored or next(hidden, None)
        if found is None or found.deleted:
            raise SlackRefused("message_not_found")
        return found

    def next_ts(self) -> str:
        return f"{int(time.time())}.{next(self._numbers):06d}"

    def post(self, channel: Channel, user_id: str, **content: Any) -> SlackMessage:
        message = SlackMessage(channel.id, self._message_body(user_id, content))
        channel.messages[message.ts] = message
        return message

    def whisper(self, channel: Channel, user_id: str, **content: Any) -> SlackMessage:
        """Show something to one person only."""
        body = self._message_body(BOT_USER_ID, content) | {"is_ephemeral": True}
        message = SlackMessage(channel.id, body, seen_only_by=user_id)
        self.ephemerals.append(message)
        return message

    def _message_body(self, user_id: str, content: Json) -> Json:
        body: Json = {"type": "message", "user": user_id, "ts": self.next_ts(), "team": TEAM_ID}
        if user_id == BOT_USER_ID:
            body |= {"bot_id": BOT_ID, "app_id": APP_ID}
        blocks = self.with_ids(content.pop("blocks", None) or [])
        present = {key: value for key, value in content.items() if value is not None}
        return body | present | ({"blocks": blocks} if blocks else {})

    def with_ids(self, blocks: list[Json]) -> list[Json]:
        """Blocks and elements without an id get one, as in Slack."""
        completed = []
        for block in blocks:
            one = {**block, "block_id": block.get("block_id") or self._fresh_id()}
            if "elements" in one and one["type"] == "actions":
                one["elements"] = [self._with_action_id(element) for element in one["elements"]]
            if "accessory" in one:
                one["accessory"] = self._with_action_id(one["accessory"])
            completed.append(one)
        return completed

    def _with_action_id(self, element: Json) -> Json:
        return element if "action_id" in element else {**element, "action_id": self._fresh_id()}

    def _fresh_id(self) -> str:
        return f"x{next(self._numbers)}"

    # ------------------------------------------------------------------ methods

    def _auth_test(self, args: Json) -> Json:
        team = {"url": "https://t.slack.com/", "team": "T", "team_id": TEAM_ID}
        return team | {
            "user": "coach",
            "user_id": BOT_USER_ID,
            "bot_id": BOT_ID,
            "is_enterprise_install": False,
        }

    def _users_info(self, args: Json) -> Json:
        user = self.users.get(args.get("user", ""))
        if user is None:
            raise SlackRefused("user_not_found")
        with_locale = str(args.get("include_locale", "")).lower() in ("1", "true")
        return {"user": {key: value for key, value in user.items() if with_locale or key != "locale"}}

    def _conversations_open(self, args: Json) -> Json:
        if args.get("channel"):
            return {"channel": self.channel(args).described()}
        people = str(args.get("users") or "").split(",")
        if len(people) != 1 or not people[0]:
            raise SlackRefused("users_list_not_supplied" if not people[0] else "not_enough_users")
        if self.users.get(people[0], {}).get("is_bot"):
            raise SlackRefused("cannot_dm_bot")
        channel_id = f"D{people[0][1:]}"
        known = channel_id in self.channels
        channel = self.dm_of(people[0])
        return {"no_op": known, "already_open": known, "channel": channel.described()}

    def _conversations_list(self, args: Json) -> Json:
        kinds = str(args.get("types") or "public_channel").split(",")
        asked = {"im" if kind == "im" else "channel" for kind in kinds}
        return _page(
            args, "channels", [one.described() for one in self.channels.values() if one.kind in asked]
        )

    def _writable(self, args: Json) -> Channel:
        channel = self.channel(args)
        if channel.archived:
            raise SlackRefused("is_archived")
        if BOT_USER_ID not in channel.members:
            raise SlackRefused("not_in_channel")
        return channel

    def _post_message(self, args: Json) -> Json:
        channel = self._writable(args)
        content = {key: args.get(key) for key in ("text", "blocks", "thread_ts", "metadata", "attachments")}
        message = self.post(channel, BOT_USER_ID, **content)
        return {"channel": channel.id, "ts": message.ts, "message": message.body}

    def _own_message(self, channel: Channel, ts: str, error: str) -> SlackMessage:
        message = channel.messages.get(ts)
        if message is None or message.deleted:
            raise SlackRefused("message_not_found")
        if message.body["user"] != BOT_USER_ID:
            raise SlackRefused(error)
        return message

    def _update_message(self, args: Json) -> Json:
        channel = self._writable(args)
        message = self._own_message(channel, args.get("ts", ""), "cant_update_message")
        self.revise(message, args)
        answer = {"channel": channel.id, "ts": message.ts, "text": message.text}
        return answer | {"message": message.body}

    def revise(self, message: SlackMessage, args: Json) -> None:
        """Blocks that are not sent are retained; an empty list removes them."""
        changed = {key: args[key] for key in ("text", "metadata", "attachments") if args.get(key) is not None}
        if args.get("blocks") is not None:
            changed["blocks"] = self.with_ids(args["blocks"])
        message.replace(**changed, edited={"user": BOT_USER_ID, "ts": self.next_ts()})

    def _delete_message(self, args: Json) -> Json:
        channel = self.channel(args)
        message = self._own_message(channel, args.get("ts", ""), "cant_delete_message")
        message.deleted = True
        return {"channel": channel.id, "ts": message.ts}

    def _post_ephemeral(self, args: Json) -> Json:
        channel = self._writable(args)
        if args.get("user") not in channel.members:
            raise SlackRefused("user_not_in_channel")
        message = self.whisper(channel, args["user"], text=args.get("text"), blocks=args.get("blocks"))
        return {"message_ts": message.ts}

    def _add_reaction(self, args: Json) -> Json:
        message = self._writable(args).messages.get(args.get("timestamp", ""))
        if message is None or message.deleted:
            raise SlackRefused("message_not_found")
        reactions: list[Json] = message.body.setdefault("reactions", [])
        if any(one["name"] == args["name"] and BOT_USER_ID in one["users"] for one in reactions):
            raise SlackRefused("already_reacted")
        reactions.append({"name": args["name"], "users": [BOT_USER_ID], "count": 1})
        return {}

    # ------------------------------------------------------------------ files

    def add_file(self, name: str, mimetype: str, content: bytes) -> SlackFile:
        """A file that a person has put into the workspace."""
        made = SlackFile(
            id=f"F{next(self._numbers):09d}",
            name=name,
            mimetype=mimetype,
            content=content,
            length=len(content),
            shared=True,
        )
        self.files[made.id] = made
        return made

    def new_upload(self, args: Json) -> SlackFile:
        """The place for a file of the app's."""
        length = int(args.get("length") or 0)
        if not args.get("filename") or length <= 0:
            raise SlackRefused("invalid_arguments")
        made = SlackFile(
            id=f"F{next(self._numbers):09d}",
            name=args["filename"],
            length=length,
            alt_text=args.get("alt_txt") or "",
        )
        self.files[made.id] = made
        return made

    def _complete_upload(self, args: Json) -> Json:
        """Shows what was put there in a channel, as one message; a person's id is no channel."""
        asked = args.get("files") or []
        found = [self.files.get(each.get("id", "")) for each in asked]
        if not asked or any(each is None or each.content is None or each.shared for each in found):
            raise SlackRefused("file_not_found")
        channel = self.channels.get(args.get("channel_id") or "")
        if channel is None:
            raise SlackRefused("channel_not_found")
        if BOT_USER_ID not in channel.members:
            raise SlackRefused("not_in_channel")
        described = []
        for each, one in zip(asked, found, strict=True):
            assert one is not None
            one.shared, one.title = True, each.get("title") or one.name
            described.append({"id": one.id, "name": one.name, "title": one.title})
        self.post(channel, BOT_USER_ID, text=args.get("initial_comment") or "", files=described)
        return {"files": described}

    # ------------------------------------------------------------------ views

    def new_trigger(self, user_id: str) -> str:
        trigger_id = f"{next(self._numbers)}.{uuid.uuid4().hex}"
        self._triggers[trigger_id] = (user_id, time.monotonic() + self._trigger_seconds)
        return trigger_id

    def _spend_trigger(self, args: Json) -> str:
        """A trigger is good once, for three seconds."""
        trigger_id = args.get("trigger_id", "")
        user_id, expires_at = self._triggers.get(trigger_id, ("", 0.0))
        if not user_id:
            raise SlackRefused(
                "exchanged_trigger_id" if trigger_id in self._triggers else "invalid_trigger_id"
            )
        self._triggers[trigger_id] = ("", 0.0)
        if time.monotonic() > expires_at:
            raise SlackRefused("expired_trigger_id")
        return user_id

    def _open_view(self, args: Json) -> Json:
        user_id = self._spend_trigger(args)
        return {"view": self.show_modal(user_id, args["view"])}

    def show_modal(self, user_id: str, given: Json) -> Json:
        """Lay a modal on the person's stack."""
        stack = self.modals.setdefault(user_id, [])
        if len(stack) >= DEEPEST_MODAL_STACK:
            raise SlackRefused("push_limit_reached")
        view = self._stored_view(given, f"V{next(self._numbers):09d}")
        view["previous_view_id"] = stack[-1] if stack else None
        view["root_view_id"] = stack[0] if stack else view["id"]
        stack.append(view["id"])
        return view

    def replace_view(self, view_id: str, given: Json) -> Json:
        old = self.views[view_id]
        view = self._stored_view(given, view_id)
        view |= {key: old.get(key) for key in ("previous_view_id", "root_view_id")}
        return view

    def _update_view(self, args: Json) -> Json:
        external_id = args.get("external_id") or None
        by_external = (one["id"] for one in self.views.values() if one["external_id"] == external_id)
        view_id = args.get("view_id") or next(by_external, "")
        if view_id not in self.views:
            raise SlackRefused("not_found")
        if args.get("hash") and args["hash"] != self.views[view_id]["hash"]:
            raise SlackRefused("hash_conflict")
        return {"view": self.replace_view(view_id, args["view"])}

    def _publish_view(self, args: Json) -> Json:
        user_id = args.get("user_id", "")
        if user_id not in self.users:
            raise SlackRefused("user_not_found")
        old = self.homes.get(user_id)
        if args.get("hash") and old and args["hash"] != old["hash"]:
            raise SlackRefused("hash_conflict")
        view = self._stored_view(args["view"], old["id"] if old else f"V{next(self._numbers):09d}")
        self.homes[user_id] = view
        return {"view": view}

    def _stored_view(self, given: Json, view_id: str) -> Json:
        defaults: Json = {"title": None, "submit": None, "close": None, "callback_id": "", "external_id": ""}
        defaults |= {"private_metadata": "", "clear_on_close": False, "notify_on_close": False}
        fresh = f"{json.dumps(given, sort_keys=True)}{next(self._numbers)}"
        identity = {"id": view_id, "team_id": TEAM_ID, "app_id": APP_ID, "bot_id": BOT_ID}
        identity["hash"] = f"{int(time.time())}.{hashlib.sha256(fresh.encode()).hexdigest()[:8]}"
        view = defaults | given | identity
        view |= {"state": {"values": {}}, "root_view_id": view_id, "previous_view_id": None}
        view["blocks"] = self.with_ids(given["blocks"])
        self.views[view_id] = view
        return view


def pressable(blocks: list[Json]) -> list[tuple[str, Json, Json]]:
    """Everything a person can press, as (label, block, action): buttons and the options of menus."""
    found = []
    for block in blocks:
        for element in [*block.get("elements", []), block.get("accessory"), block.get("element")]:
            for label, action in _actions_of(element or {}):
                found.append((label, block, action))
    return found


def _actions_of(element: Json) -> list[tuple[str, Json]]:
    identity = {"type": element.get("type"), "action_id": element.get("action_id")}
    if element.get("type") == "button":
        action = identity | {key: element[key] for key in ("text", "value") if key in element}
        return [(element["text"]["text"], action)]
    options = element.get("options", [])
    return [(one["text"]["text"], identity | {"selected_option": one}) for one in options]


def _page(args: Json, key: str, everything: list[Any]) -> Json:
    start = int(args.get("cursor") or 0)
    size = int(args.get("limit") or DEFAULT_PAGE)
    following = str(start + size) if start + size < len(everything) else ""
    return {key: everything[start : start + size], "response_metadata": {"next_cursor": following}}
