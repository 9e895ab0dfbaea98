"""A strict fake of Telegram's Bot API on loopback: what the bot calls, and what people do to the bot."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from inspect import isawaitable
from itertools import count
from typing import Any, cast
from urllib.parse import urlsplit

from aiohttp import web

from tests.support.loopback import Call, Fault, Illegal, Json, LoopbackServer, plain, serve_for_ever
from tests.support.telegram_bot_api import BotApi, Chat, Refused, StoredFile, StoredMessage, bad_request
from tests.support.telegram_payloads import entities_seen_in, telegram_problems
from tests.support.telegram_updates import UpdateQueue, Webhook

TOKEN = "123456789:AAHtesttokentesttokentesttokentest1"
STRUCTURED_PARAMETERS = {
    "reply_markup",
    "entities",
    "caption_entities",
    "commands",
    "scope",
    "allowed_updates",
    "link_preview_options",
    "reply_parameters",
    "reaction",
    "menu_button",
}
WHOLE_NUMBERS = {
    "message_id",
    "message_thread_id",
    "offset",
    "limit",
    "timeout",
    "max_connections",
    "chat_id",
}
# Whom Telegram shows instead of an admin who stays anonymous, and of whoever speaks as a channel.
ANONYMOUS_ADMIN = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
CHANNEL_BOT = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
CANNOT_BEGIN = "Forbidden: bot can't initiate conversation with a user"
WEBHOOK_PORTS = {None, 80, 88, 443, 8443}
SENDING_METHODS = {"sendMessage", "sendPhoto", "sendDocument", "editMessageText", "editMessageReplyMarkup"}
FAULT_TEXTS = {
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    429: "Too Many Requests: retry after {retry_after}",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


class TelegramServer(LoopbackServer):
    """One bot's Telegram; people act through `user_*`, the bot through HTTP at `root`."""

    def __init__(self, token: str = TOKEN, *, limits: bool = False) -> None:
        super().__init__(limits=limits)
        self.token = token
        self.api = BotApi(token)
        self.updates = UpdateQueue()
        self._users: dict[int, Json] = {}
        self._webhook: Webhook | None = None
        self._behind_tls: dict[str, str] = {}
        self._update_ids = count(1)
        self._query_ids = count(4_000_000_000)
        methods: dict[str, Callable[[Json], Any]] = {
            **self.api.methods(),
            "getUpdates": self._get_updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._webhook_info,
        }
        self._methods = {name.lower(): (name, method) for name, method in methods.items()}

    async def start(self, port: int = 0) -> None:
        await super().start(port)
        self._push_pending_to_webhook()

    async def stop(self) -> None:
        await super().stop()
        if self._webhook is not None:
            await self._webhook.close()

    # ------------------------------------------------------------------ people and chats

    def open_private(self, user_id: int, *, name: str = "Ann", language: str = "en") -> Chat:
        """The private chat of a person who has started the bot."""
        chat = self._private(user_id, name, language)
        if chat.refusal is not None and chat.refusal.description == CANNOT_BEGIN:
            chat.refusal = None
        return chat

    def open_group(self, chat_id: int, *, title: str = "Team", kind: str = "supergroup") -> Chat:
        return self.api.chats.setdefault(chat_id, Chat({"id": chat_id, "type": kind, "title": title}))

    def user_sends(
        self,
        user_id: int,
        text: str,
        *,
        chat_id: int | None = None,
        name: str = "Ann",
        language: str = "en",
        edit_of: int | None = None,
        reply_to: int | None = None,
        thread_id: int | None = None,
    ) -> int:
        """A person types (without `chat_id`: in private) or edits a message; returns the update id."""
        person = self._person(user_id, name, language)
        in_private = chat_id is None or chat_id == user_id
        if in_private:
            chat = self.open_private(user_id, name=name)
        else:
            chat = self.open_group(cast(int, chat_id))
            self._private(user_id, name, language)
        if thread_id:
            self.open_topic(chat.body["id"], thread_id)
        if in_private and chat.refusal is not None:
            self.block(user_id, blocked=False)
        entities = entities_seen_in(text)
        if edit_of is not None:
            message = chat.messages[edit_of]
            message.replace(text=text, entities=entities or None, edit_date=int(time.time()))
            return self._push("edited_message", dict(message.body))
        answered = chat.messages[reply_to].body if reply_to is not None else None
        message = self.api.store(
            chat,
            **{"from": person},
            text=text,
            entities=entities,
            reply_to_message=answered,
            message_thread_id=thread_id,
            is_topic_message=True if thread_id else None,
        )
        return self._push("message", dict(message.body))

    def unnamed_sends(self, chat_id: int, text: str, *, channel_id: int | None = None) -> int:
        """An admin who stays anonymous speaks in a group, or somebody as a channel; returns the update id."""
        chat = self.open_group(chat_id)
        channel = {"id": channel_id, "type": "channel", "title": "News"}
        message = self.api.store(
            chat,
            **{"from": CHANNEL_BOT if channel_id else ANONYMOUS_ADMIN},
            sender_chat=channel if channel_id else chat.body,
            text=text,
            entities=entities_seen_in(text),
        )
        return self._push("message", dict(message.body))

    def user_uploads(
        self,
        user_id: int,
        content: bytes,
        *,
        file_name: str = "note.pdf",
        caption: str = "",
        says_size: bool = True,
        origin: Json | None = None,
    ) -> int:
        """A person sends a document in private, or passes one on; the bot fetches it with getFile."""
        chat = self.open_private(user_id)
        file_id = self.api.keep_file(StoredFile(file_name, content))
        document: Json = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_name": file_name}
        document |= {"file_size": len(content)} if says_size else {}
        person = self._users[user_id]
        message = self.api.store(
            chat, **{"from": person}, document=document, caption=caption, forward_origin=origin
        )
        return self._push("message", dict(message.body))

    def user_photographs(self, user_id: int, content: bytes, *, caption: str = "") -> int:
        """A person sends a photo in private: Telegram makes it in several sizes, the largest is the picture."""
        chat = self.open_private(user_id)
        small = self.api.keep_file(StoredFile("small.jpg", content[:16]))
        large = self.api.keep_file(StoredFile("large.jpg", content))
        sizes = [
            {"file_id": each, "file_unique_id": f"u{each}", "width": side, "height": side, "file_size": size}
            for each, side, size in ((small, 90, 16), (large, 1280, len(content)))
        ]
        person = self._users[user_id]
        message = self.api.store(chat, **{"from": person}, photo=sizes, caption=caption)
        return self._push("message", dict(message.body))

    def user_speaks(self, user_id: int, *, seconds: int = 3) -> int:
        """A person sends a voice message in private."""
        chat = self.open_private(user_id)
        file_id = self.api.keep_file(StoredFile("voice.ogg", b"OggS"))
        voice = {"file_id": file_id, "file_unique_id": f"u{file_id}", "duration": seconds}
        message = self.api.store(chat, **{"from": self._users[user_id]}, voice=voice)
        return self._push("message", dict(message.body))

    def user_forwards(self, user_id: int, text: str, origin: Json) -> int:
        """A person passes on a message of somebody else; `origin` is a MessageOrigin without its date."""
        chat = self.open_private(user_id)
        message = self.api.store(
            chat,
            **{"from": self._users[user_id]},
            text=text,
            entities=entities_seen_in(text),
            forward_origin=origin | {"date": int(time.time())},
        )
        return self._push("message", dict(message.body))

    def user_clicks(self, user_id: int, message_id: int, button_label: str) -> int:
        """A person presses the inline button with this label; returns the update id."""
        chat = self.api.chats[self.api.chat_of_message[message_id]]
        message = chat.messages[message_id]
        button = next((one for one in message.buttons if one["text"] == button_label), None)
        if button is None or "callback_data" not in button:
            raise LookupError(f"no callback button {button_label!r}; there are {message.labels}")
        query_id = str(next(self._query_ids))
        self.api.open_queries.add(query_id)
        query = {
            "id": query_id,
            "from": self._person(user_id),
            "message": dict(message.body),
            "chat_instance": str(chat.body["id"]),
            "data": button["callback_data"],
        }
        return self._push("callback_query", query)

    def expire_queries(self) -> None:
        """Every click that has not been answered becomes too old to be answered."""
        self.api.open_queries.clear()

    def block(self, user_id: int, *, blocked: bool = True) -> int:
        """A person stops (or, with `blocked=False`, restarts) the bot; sends calls to it into 403."""
        chat = self.open_private(user_id)
        chat.refusal = Refused(403, "Forbidden: bot was blocked by the user") if blocked else None
        states: list[Json] = [{"status": "member"}, {"status": "kicked", "until_date": 0}]
        before, after = states if blocked else states[::-1]
        return self._push("my_chat_member", self._membership(chat, user_id, before, after))

    def add_to_group(self, chat_id: int, *, by: int, kind: str = "supergroup", language: str = "en") -> int:
        """Somebody adds the bot to a group, for the first time or again."""
        chat = self.open_group(chat_id, kind=kind)
        chat.refusal = None
        self._person(by, language=language)
        left: Json = {"status": "left"}
        return self._push("my_chat_member", self._membership(chat, by, left, {"status": "member"}))

    def open_topic(self, chat_id: int, thread_id: int) -> None:
        """A topic of a forum."""
        chat = self.open_group(chat_id)
        chat.body["is_forum"] = True
        chat.topics.add(thread_id)

    def delete_topic(self, chat_id: int, thread_id: int) -> None:
        self.open_group(chat_id).topics.discard(thread_id)

    def kick(self, chat_id: int, *, by: int) -> int:
        """Somebody removes the bot from a group."""
        chat = self.open_group(chat_id)
        chat.refusal = Refused(403, f"Forbidden: bot was kicked from the {chat.body['type']} chat")
        left: Json = {"status": "left"}
        return self._push("my_chat_member", self._membership(chat, by, {"status": "member"}, left))

    def upgrade_group(self, chat_id: int, new_chat_id: int, *, by: int) -> None:
        """A group becomes a supergroup: the old id answers with migrate_to_chat_id."""
        old = self.open_group(chat_id, kind="group")
        new = self.open_group(new_chat_id, title=old.body["title"])
        reason = "Bad Request: group chat was upgraded to a supergroup chat"
        old.refusal = Refused(400, reason, migrate_to_chat_id=new_chat_id)
        sender = {"from": self._person(by)}
        leaving = self.api.store(old, **sender, migrate_to_chat_id=new_chat_id)
        arriving = self.api.store(new, **sender, migrate_from_chat_id=chat_id)
        self._push("message", dict(leaving.body))
        self._push("message", dict(arriving.body))

    def behind_tls(self, url: str) -> str:
        """The https address of a loopback URL: something that ends TLS stands before the bot."""
        private = urlsplit(url)
        public = f"https://bot{len(self._behind_tls)}.example"
        self._behind_tls[public] = f"{private.scheme}://{private.netloc}"
        return public + private.path

    def push_raw(self, update: Json) -> None:
        """Queue an update exactly as given: poison, duplicates, chosen ids."""
        queued = self.updates.push(update)
        if queued is not None and self._webhook is not None:
            self.background(self._webhook.deliver(queued))
        self.changed()

    # ------------------------------------------------------------------ what a test asks

    def messages(self, chat_id: int) -> list[StoredMessage]:
        """What the bot has sent to a chat and not deleted, as it stands now, oldest first."""
        chat = self.api.chats.get(chat_id)
        stored = chat.messages.values() if chat else []
        return [one for one in stored if not one.deleted and one.body["from"]["id"] == self.api.me["id"]]

    def pending_updates(self) -> int:
        """How many updates the bot has not confirmed."""
        return len(self.updates.pending())

    def test_actions(self) -> Mapping[str, Callable[..., Any]]:
        return {
            "send": self.user_sends,
            "click": self.user_clicks,
            "block": self.block,
            "upload": self.user_uploads,
            "push": self.push_raw,
            "pending": self.pending_updates,
            "busiest": self.busiest,
            "forget_faults": self.forget_faults,
            "sent": lambda: len(self.sent_at),
            "open_private": lambda **facts: bool(self.open_private(**facts)),
            "open_group": lambda **facts: bool(self.open_group(**facts)),
            "upgrade_group": self.upgrade_group,
            "behind_tls": self.behind_tls,
        }

    # ------------------------------------------------------------------ updates

    def _private(self, user_id: int, name: str, language: str) -> Chat:
        """A person's private chat, which nobody but the person can begin."""
        self._person(user_id, name, language)
        body = {"id": user_id, "type": "private", "first_name": name}
        return self.api.chats.setdefault(user_id, Chat(body, refusal=Refused(403, CANNOT_BEGIN)))

    def _person(self, user_id: int, name: str = "Ann", language: str = "en") -> Json:
        facts = {"id": user_id, "is_bot": False, "first_name": name, "language_code": language}
        return self._users.setdefault(user_id, facts)

    def _membership(self, chat: Chat, by: int, before: Json, after: Json) -> Json:
        return {
            "chat": chat.body,
            "from": self._person(by),
            "date": int(time.time()),
            "old_chat_member": {"user": self.api.me, **before},
            "new_chat_member": {"user": self.api.me, **after},
        }

    def _push(self, kind: str, body: Json) -> int:
        update_id = next(self._update_ids)
        self.push_raw({"update_id": update_id, kind: body})
        return update_id

    async def _get_updates(self, params: Json) -> list[Json]:
        self._remember_allowed(params)
        return await self.updates.poll(
            offset=params.get("offset", 0),
            limit=params.get("limit", 100),
            timeout=params.get("timeout", 0),
            webhook=lambda: self._webhook is not None,
        )

    def _remember_allowed(self, params: Json) -> None:
        """The list persists, and does not touch updates that wait already."""
        if "allowed_updates" in params:
            self.updates.allowed = frozenset(params["allowed_updates"]) or None

    async def _set_webhook(self, params: Json) -> bool:
        reached = self._reached(params["url"]) if params.get("url") else ""
        await self._delete_webhook(params)
        if reached:
            self._remember_allowed(params)
            self._webhook = Webhook(
                url=params["url"],
                reached=reached,
                secret_token=params.get("secret_token", ""),
                max_connections=params.get("max_connections", 40),
                call_in_reply=self._call_in_reply,
            )
            self.updates.interrupt_polls()
            self._push_pending_to_webhook()
        return True

    def _reached(self, url: str) -> str:
        """Where a webhook really is; Telegram calls https addresses only, on four ports."""
        parts = urlsplit(url)
        if parts.scheme != "https":
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if parts.port not in WEBHOOK_PORTS:
            raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        origin = self._behind_tls.get(f"https://{parts.hostname}")
        if origin is None:
            raise bad_request("bad webhook: Failed to resolve host: Name or service not known")
        return origin + parts.path

    async def _delete_webhook(self, params: Json) -> bool:
        if self._webhook is not None:
            await self._webhook.retire()
            self._webhook = None
        if str(params.get("drop_pending_updates", "")).lower() == "true":
            self.updates.clear()
        return True

    def _webhook_info(self, params: Json) -> Json:
        hook = self._webhook
        info: Json = {"url": hook.url if hook else "", "has_custom_certificate": False}
        info["pending_update_count"] = self.pending_updates()
        if hook is not None:
            info["max_connections"] = hook.max_connections
            info["allowed_updates"] = sorted(self.updates.allowed or ())
        if hook is not None and hook.errors:
            info |= {"last_error_date": hook.failed_at, "last_error_message": hook.errors[-1]}
        return info

    def _push_pending_to_webhook(self) -> None:
        if self._webhook is not None:
            for queued in self.updates.pending():
                self.background(self._webhook.deliver(queued))

    async def _call_in_reply(self, answer: Json) -> None:
        name, _ = self._methods.get(answer["method"].lower(), (answer["method"], None))
        params = {key: _native(key, value) for key, value in answer.items() if key != "method"}
        await self._carry_out(self.record(name, params))

    # ------------------------------------------------------------------ the bot's side

    def platform_routes(self) -> Iterable[web.AbstractRouteDef]:
        return [
            web.route("*", "/bot{token:[^/]+}/{method}", self._handle_call),
            web.get("/file/bot{token:[^/]+}/{path:.+}", self._serve_file),
            web.get("/_chat/{chat_id}", self._show_chat),
        ]

    async def _handle_call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        name, _ = self._methods.get(method.lower(), (method, None))
        try:
            call = self.record(name, await _parameters(request))
        except ValueError as error:
            return _answer_refusal(bad_request(f"can't parse request: {error}"))
        if request.match_info["token"] != self.token:
            call.outcome = "refused: Unauthorized"
            return _answer_refusal(Refused(401, "Unauthorized"))
        return await self.answer_under_faults(request, call, lambda: self._carry_out(call), _answer_fault)

    async def _carry_out(self, call: Call) -> web.Response:
        try:
            result = await self._result(call)
        except Refused as refusal:
            call.outcome = f"refused: {refusal.description}"
            return _answer_refusal(refusal)
        finally:
            self.changed()
        call.outcome = "ok"
        return web.json_response({"ok": True, "result": result})

    async def _result(self, call: Call) -> Any:
        _, method = self._methods.get(call.method.lower(), (call.method, None))
        if method is None:
            raise Refused(404, "Not Found: method not found")
        problems = telegram_problems(call.method, call.params)
        if problems:
            self.illegal.append(Illegal(method=call.method, params=call.params, problems=problems))
            raise bad_request(problems[0])
        result = method(call.params)
        if call.method in SENDING_METHODS:
            self.note_sent(call.params["chat_id"])
        return await result if isawaitable(result) else result

    async def _serve_file(self, request: web.Request) -> web.StreamResponse:
        """A file; planned faults name it `download`."""
        name = request.match_info["path"].rpartition("/")[2]
        call = self.record("download", {"file_id": name})

        async def carry_out() -> web.Response:
            stored = self.api.files.get(name)
            if stored is None or request.match_info["token"] != self.token:
                call.outcome = "refused: 404"
                raise web.HTTPNotFound
            call.outcome = "ok"
            return web.Response(body=stored.content)

        return await self.answer_under_faults(request, call, carry_out, _answer_fault)

    async def _show_chat(self, request: web.Request) -> web.Response:
        return web.json_response(plain(self.messages(int(request.match_info["chat_id"]))))


async def _parameters(request: web.Request) -> Json:
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        given |= json.loads(await request.text() or "{}")
    elif request.can_read_body:
        for key, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                given[key] = StoredFile(value.filename, value.file.read())
            else:
                given[key] = value
    return {key: _native(key, value) for key, value in given.items()}


def _native(key: str, value: Any) -> Any:
    """Undo the form encoding, where everything is a string."""
    if not isinstance(value, str):
        return value
    if key in WHOLE_NUMBERS and value.lstrip("-").isdigit():
        return int(value)
    if key in STRUCTURED_PARAMETERS and value:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _answer_refusal(refusal: Refused) -> web.Response:
    body: Json = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return web.json_response(body, status=refusal.code)


def _answer_fault(fault: Fault) -> web.Response:
    retry_after = 1 if fault.retry_after is None and fault.code == 429 else fault.retry_after
    default = FAULT_TEXTS.get(fault.code, "Bad Request: planned fault").format(retry_after=retry_after)
    parameters = {} if retry_after is None else {"retry_after": retry_after}
    return _answer_refusal(Refused(fault.code, fault.description or default, **parameters))


if __name__ == "__main__":
    serve_for_ever(TelegramServer(sys.argv[2] if len(sys.argv) > 2 else TOKEN, limits=True), int(sys.argv[1]))
