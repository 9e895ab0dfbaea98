"""The state behind the Bot API: chats, messages, commands, files, and the methods that change them."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from telegram.constants import FileSizeLimit, ReactionEmoji

from tests.support.loopback import Json
from tests.support.telegram_payloads import formatted_text

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
PROFILE_KEYS = {"Name": "name", "Description": "description", "ShortDescription": "short_description"}
# What Telegram takes as a photo begins so.
PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF")
GIFT_KINDS = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)


class Refused(Exception):
    """Telegram's "no": HTTP status, description, and parameters such as retry_after."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad_request(reason: str) -> Refused:
    return Refused(400, f"Bad Request: {reason}")


@dataclass(slots=True)
class StoredMessage:
    """A message as it stands now; `history` holds its earlier bodies, oldest first."""

    body: Json
    history: list[Json] = field(default_factory=list)
    reactions: list[str] = field(default_factory=list)
    deleted: bool = False

    @property
    def message_id(self) -> int:
        return int(self.body["message_id"])

    @property
    def text(self) -> str:
        """The text, or the caption of a picture or file, after parsing."""
        return str(self.body.get("text", self.body.get("caption", "")))

    @property
    def entities(self) -> list[Json]:
        found: list[Json] = self.body.get("entities") or self.body.get("caption_entities") or []
        return found

    @property
    def reply_markup(self) -> Json | None:
        markup: Json | None = self.body.get("reply_markup")
        return markup

    @property
    def buttons(self) -> list[Json]:
        """The buttons under the message, row by row."""
        rows = (self.reply_markup or {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]

    @property
    def labels(self) -> list[str]:
        return [button["text"] for button in self.buttons]

    def replace(self, **changed: Any) -> None:
        """Keep the old body in the history; keys set to None disappear."""
        self.history.append(self.body)
        self.body = {key: value for key, value in (self.body | changed).items() if value is not None}


@dataclass(slots=True)
class Chat:
    """A chat the bot knows; `refusal` is what every call to it gets once it is blocked, left or upgraded."""

    body: Json
    messages: dict[int, StoredMessage] = field(default_factory=dict)
    refusal: Refused | None = None
    pinned: list[int] = field(default_factory=list)
    topics: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class StoredFile:
    name: str
    content: bytes


class BotApi:
    """Own what Telegram remembers about one bot; a method takes decoded parameters, returns `result`."""

    def __init__(self, token: str) -> None:
        self.me: Json = {
            "id": int(token.split(":")[0]),
            "is_bot": True,
            "first_name": "Coach",
            "username": "coach_bot",
        }
        self.abilities: Json = {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.profile: dict[tuple[str, str], str] = {}
        self.open_queries: set[str] = set()
        self.answers: dict[str, Json] = {}
        self.chat_of_message: dict[int, int] = {}
        self._message_ids = count(1)
        self._file_ids = count(1)

    def methods(self) -> dict[str, Callable[[Json], Any]]:
        table: dict[str, Callable[[Json], Any]] = {
            "getMe": self._get_me,
            "sendMessage": self._send_message,
            "sendPhoto": lambda params: self._send_file(params, "photo"),
            "sendDocument": lambda params: self._send_file(params, "document"),
            "editMessageText": self._edit_text,
            "editMessageCaption": self._edit_caption,
            "editMessageReplyMarkup": self._edit_markup,
            "deleteMessage": self._delete_message,
            "answerCallbackQuery": self._answer_query,
            "setMyCommands": self._set_commands,
            "getMyCommands": lambda params: self.commands.get(_audience(params), []),
            "deleteMyCommands": self._delete_commands,
            "setChatMenuButton": lambda params: True,
            "sendChatAction": lambda params: bool(self._reachable(params)),
            "setMessageReaction": self._react,
            "pinChatMessage": self._pin,
            "unpinChatMessage": self._unpin,
            "getChat": self._get_chat,
            "getFile": self._get_file,
        }
        for name, key in PROFILE_KEYS.items():
            table[f"setMy{name}"] = self._profile_setter(key)
            table[f"getMy{name}"] = self._profile_getter(key)
        return table

    # ------------------------------------------------------------------ chats and messages

    def store(self, chat: Chat, **content: Any) -> StoredMessage:
        present = {key: value for key, value in content.items() if value not in (None, [], "")}
        body = {"message_id": next(self._message_ids), "date": int(time.time()), "chat": chat.body, **present}
        message = StoredMessage(body)
        chat.messages[message.message_id] = message
        self.chat_of_message[message.message_id] = chat.body["id"]
        return message

    def _reachable(self, params: Json) -> Chat:
        chat_id = params.get("chat_id")
        if not chat_id:
            raise bad_request("chat_id is empty")
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None:
            raise bad_request("chat not found")
        if chat.refusal is not None:
            raise chat.refusal
        return chat

    def _own_message(self, params: Json, purpose: str) -> tuple[Chat, StoredMessage]:
        chat = self._reachable(params)
        message = chat.messages.get(params.get("message_id", 0))
        if message is None or message.deleted:
            raise bad_request(f"message to {purpose} not found")
        if purpose == "edit" and message.body["from"]["id"] != self.me["id"]:
            raise bad_request("message can't be edited")
        return chat, message

    def _placement(self, chat: Chat, params: Json) -> Json:
        """Where in the chat a new message stands: a forum topic, a reply."""
        topic = params.get("message_thread_id")
        if topic and topic not in chat.topics:
            # The topic every forum has, number 1, is not addressed either.
            raise bad_request("message thread not found")
        placement: Json = {"message_thread_id": topic}
        placement["is_topic_message"] = True if topic else None
        reply = params.get("reply_parameters")
        if reply:
            answered = chat.messages.get(reply["message_id"])
            if answered is None and not reply.get("allow_sending_without_reply"):
                raise bad_request("message to be replied not found")
            placement["reply_to_message"] = dict(answered.body) if answered else None
        return placement

    # ------------------------------------------------------------------ methods

    def _get_me(self, params: Json) -> Json:
        return {**self.me, **self.abilities}

    def _send_message(self, params: Json) -> Json:
        chat = self._reachable(params)
        formatted = formatted_text(params)
        message = self.store(
            chat,
            **{"from": self.me},
            **self._placement(chat, params),
            text=formatted.text,
            entities=formatted.entities,
            reply_markup=_inline_keyboard(params),
        )
        return message.body

    def _send_file(self, params: Json, kind: str) -> Json:
        chat = self._reachable(params)
        formatted = formatted_text(params, "caption")
        file_id, stored = self._taken_file(params, kind)
        limit = FileSizeLimit.PHOTOSIZE_UPLOAD if kind == "photo" else FileSizeLimit.FILESIZE_UPLOAD
        if len(stored.content) > limit:
            raise bad_request("file is too big")
        if kind == "photo" and not stored.content.startswith(PICTURES):
            raise bad_request("IMAGE_PROCESS_FAILED")
        facts: Json = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(stored.content)}
        shown = (
            [{**facts, "width": 640, "height": 480}]
            if kind == "photo"
            else {**facts, "file_name": stored.name}
        )
        message = self.store(
            chat,
            **{"from": self.me, kind: shown},
            **self._placement(chat, params),
            caption=formatted.text,
            caption_entities=formatted.entities,
            reply_markup=_inline_keyboard(params),
        )
        return message.body

    def _taken_file(self, params: Json, kind: str) -> tuple[str, StoredFile]:
        """An upload of this request, an attached part of it, or a file sent before."""
        given = params.get(kind)
        if isinstance(given, str) and given.startswith("attach://"):
            given = params.get(given.removeprefix("attach://"))
        if isinstance(given, StoredFile):
            return self.keep_file(given), given
        if given in self.files:
            return str(given), self.files[str(given)]
        raise bad_request(
            "wrong file identifier/HTTP URL specified" if given else f"there is no {kind} in the request"
        )

    def keep_file(self, stored: StoredFile) -> str:
        file_id = f"F{next(self._file_ids)}"
        self.files[file_id] = stored
        return file_id

    def _edit_text(self, params: Json) -> Json:
        _, message = self._own_message(params, "edit")
        if "text" not in message.body:
            raise bad_request("there is no text in the message to edit")
        formatted = formatted_text(params)
        return self._edit(message, params, text=formatted.text, entities=formatted.entities or None)

    def _edit_caption(self, params: Json) -> Json:
        _, message = self._own_message(params, "edit")
        if "text" in message.body:
            raise bad_request("there is no caption in the message to edit")
        formatted = formatted_text(params, "caption")
        entities = formatted.entities or None
        return self._edit(message, params, caption=formatted.text or None, caption_entities=entities)

    def _edit_markup(self, params: Json) -> Json:
        _, message = self._own_message(params, "edit")
        return self._edit(message, params)

    def _edit(self, message: StoredMessage, params: Json, **content: Any) -> Json:
        """An edit without markup removes the keyboard; an edit that changes nothing is an error."""
        content["reply_markup"] = _inline_keyboard(params)
        if all(message.body.get(key) == value for key, value in content.items()):
            raise bad_request(NOT_MODIFIED)
        message.replace(**content, edit_date=int(time.time()))
        return message.body

    def _delete_message(self, params: Json) -> bool:
        _, message = self._own_message(params, "delete")
        message.deleted = True
        return True

    def _answer_query(self, params: Json) -> bool:
        query_id = params.get("callback_query_id", "")
        if query_id not in self.open_queries:
            raise bad_request(QUERY_TOO_OLD)
        self.open_queries.remove(query_id)
        self.answers[query_id] = params
        return True

    def _set_commands(self, params: Json) -> bool:
        self.commands[_audience(params)] = params.get("commands") or []
        return True

    def _delete_commands(self, params: Json) -> bool:
        self.commands.pop(_audience(params), None)
        return True

    def _profile_setter(self, key: str) -> Callable[[Json], bool]:
        def setter(params: Json) -> bool:
            self.profile[key, params.get("language_code") or ""] = params.get(key) or ""
            return True

        return setter

    def _profile_getter(self, key: str) -> Callable[[Json], Json]:
        return lambda params: {key: self.profile.get((key, params.get("language_code") or ""), "")}

    def _react(self, params: Json) -> bool:
        _, message = self._own_message(params, "react")
        emoji = [reaction.get("emoji", "") for reaction in params.get("reaction") or []]
        if not set(emoji) <= {str(known.value) for known in ReactionEmoji}:
            raise bad_request("REACTION_INVALID")
        message.reactions = emoji
        return True

    def _pin(self, params: Json) -> bool:
        chat, message = self._own_message(params, "pin")
        chat.pinned.append(message.message_id)
        return True

    def _unpin(self, params: Json) -> bool:
        chat, message = self._own_message(params, "unpin")
        if message.message_id not in chat.pinned:
            raise bad_request("message to unpin not found")
        chat.pinned.remove(message.message_id)
        return True

    def _get_chat(self, params: Json) -> Json:
        accepted_gifts = dict.fromkeys(GIFT_KINDS, False)
        facts = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": accepted_gifts}
        return self._reachable(params).body | facts

    def _get_file(self, params: Json) -> Json:
        file_id = params.get("file_id", "")
        if file_id not in self.files:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        size = len(self.files[file_id].content)
        if size > FileSizeLimit.FILESIZE_DOWNLOAD:
            raise bad_request("file is too big")
        path = f"documents/{file_id}"
        return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": size, "file_path": path}


def _inline_keyboard(params: Json) -> Json | None:
    """Only an inline keyboard stays with the message; the other markups belong to the client."""
    markup: Json = params.get("reply_markup") or {}
    return markup if markup.get("inline_keyboard") else None


def _audience(params: Json) -> tuple[str, str]:
    scope = params.get("scope") or {"type": "default"}
    return json.dumps(scope, sort_keys=True), params.get("language_code") or ""
