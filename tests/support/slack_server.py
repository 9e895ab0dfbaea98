"""A strict fake of Slack on loopback: the Web API the app calls, and what people do to the app."""

import asyncio
import json
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.support.loopback import Call, Fault, Illegal, Json, LoopbackServer, plain, serve_for_ever
from tests.support.slack_delivery import Ack, Delivery, Kind, NotAcknowledged, Retry, SignedHttp, SocketMode
from tests.support.slack_payloads import slack_problems
from tests.support.slack_web_api import (
    APP_ID,
    BOT_USER_ID,
    TEAM_ID,
    Channel,
    SlackFile,
    SlackMessage,
    SlackRefused,
    SlackWebApi,
    pressable,
)

BOT_TOKEN = "xoxb-1-1-test"
APP_TOKEN = "xapp-1-A1-1-test"
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SCOPES = "commands,chat:write,im:write,im:history,users:read,app_mentions:read,files:read,files:write"
STRUCTURED_ARGUMENTS = {"files", "blocks", "attachments", "view", "metadata"}
FILE_SCOPES = {
    "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}
SENDING_METHODS = {"chat.postMessage", "chat.update", "chat.postEphemeral"}
RESPONSE_URL_USES = 5
RESPONSE_URL_SECONDS = 30 * 60
FAULT_ERRORS = {429: "ratelimited", 401: "invalid_auth", 403: "access_denied"}
VALUE_KEYS = {
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
}
MANY_OPTIONS = {"multi_static_select", "checkboxes"}
ONE_OPTION = {"static_select", "radio_buttons"}


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """The right to answer in a channel: five times within half an hour."""

    channel: Channel
    user_id: str
    message: SlackMessage | None
    expires_at: float
    uses_left: int = RESPONSE_URL_USES


class SlackServer(LoopbackServer):
    """One workspace with one app; people act through `user_*`, the app through HTTP at `api_root`.

    Events are repeated after `event_retry_seconds` (in reality at once, a minute, five minutes).
    Mentions are illegal in what the app says unless listed in `allowed_mentions`, e.g. "<@U1>".
    """

    def __init__(
        self,
        *,
        limits: bool = False,
        ack_seconds: float = 3.0,
        event_retry_seconds: Sequence[float] = (0.0, 0.05, 0.1),
    ) -> None:
        super().__init__(limits=limits)
        self.api = SlackWebApi(trigger_seconds=ack_seconds)
        self.socket = SocketMode()
        self.acks: list[Ack] = []
        self.deliveries: list[Delivery] = []
        self.allowed_mentions: set[str] = set()
        self.scopes = SCOPES
        self._http: SignedHttp | None = None
        self._ack_seconds = ack_seconds
        self._event_retry_seconds = event_retry_seconds
        self._response_urls: dict[str, ResponseUrl] = {}
        self._methods = self.api.methods()

    @property
    def api_root(self) -> str:
        """The base_url of slack_sdk's clients."""
        return f"{self.root}/api/"

    @property
    def connections(self) -> int:
        """How many Socket Mode connections are live."""
        return len(self.socket.connections)

    async def stop(self) -> None:
        self.socket.cut()
        await super().stop()
        if self._http is not None:
            await self._http.close()

    def deliver_to(self, url: str, signing_secret: str = SIGNING_SECRET) -> None:
        """From now on post everything, signed, to this URL instead of the socket."""
        self._http = SignedHttp(url, signing_secret)

    @property
    def delivers_to(self) -> str:
        """The URL that is posted to, "" while a socket is used."""
        return self._http.url if self._http else ""

    async def verify_url(self) -> Delivery:
        """The handshake Slack makes when the request URL is saved."""
        return await self._deliver(Kind.EVENT, {"type": "url_verification", "challenge": uuid.uuid4().hex})

    # ------------------------------------------------------------------ people and places

    def add_user(self, user_id: str, **facts: Any) -> Json:
        """Add a person: name, tz, tz_offset, locale, is_admin, is_restricted, deleted ..."""
        return self.api.add_user(user_id, **facts)

    def add_channel(
        self, channel_id: str, *, name: str = "sales", members: Iterable[str] = (), with_bot: bool = True
    ) -> Channel:
        for user_id in members:
            self._known(user_id)
        return self.api.add_channel(channel_id, name=name, members=list(members), with_bot=with_bot)

    def dm(self, user_id: str) -> str:
        """The channel id of a person's direct message with the bot."""
        self._known(user_id)
        return self.api.dm_of(user_id).id

    async def user_commands(
        self, user_id: str, command: str, text: str = "", *, channel: str | None = None
    ) -> Delivery:
        """A person runs a slash command, in their direct message without `channel`."""
        place = self._place(user_id, channel)
        payload = {
            "token": "verification",
            "team_id": TEAM_ID,
            "team_domain": "t",
            "channel_id": place.id,
            "channel_name": place.name,
            "user_id": user_id,
            "user_name": self.api.users[user_id]["name"],
            "command": command,
            "text": text,
            "api_app_id": APP_ID,
            "is_enterprise_install": "false",
            "response_url": self._response_url(place, user_id),
            "trigger_id": self.api.new_trigger(user_id),
        }
        delivery = await self._deliver(Kind.COMMAND, payload)
        if delivery.response:
            self._speak(place, user_id, delivery.response)
        return delivery

    async def user_says(
        self, user_id: str, text: str, *, channel: str | None = None, thread_ts: str | None = None
    ) -> Delivery:
        """A person writes; in a channel, a text that mentions the bot is told as app_mention."""
        place = self._place(user_id, channel)
        message = self.api.post(
            place, user_id, text=text, client_msg_id=str(uuid.uuid4()), thread_ts=thread_ts
        )
        mentioned = f"<@{BOT_USER_ID}>" in text and place.kind == "channel"
        event = message.body | {"channel": place.id, "event_ts": message.ts}
        if mentioned:
            return await self.push_event(event | {"type": "app_mention"})
        return await self.push_event(event | {"channel_type": place.kind})

    async def user_shares(
        self, user_id: str, *files: tuple[str, str, bytes], text: str = "", **facts: Any
    ) -> Delivery:
        """A person puts files (name, type, bytes) into the direct message; `facts` override what is said of each."""
        place = self._place(user_id, None)
        described = [self._described(self.api.add_file(*each)) | facts for each in files]
        message = self.api.post(
            place, user_id, text=text, subtype="file_share", files=described, client_msg_id=str(uuid.uuid4())
        )
        event = message.body | {"channel": place.id, "event_ts": message.ts}
        return await self.push_event(event | {"channel_type": place.kind})

    async def user_forwards(
        self, user_id: str, text: str, *, author: str, comment: str = "", files: Sequence[Json] = ()
    ) -> Delivery:
        """A person passes on a message of somebody else into the direct message."""
        place = self._place(user_id, None)
        shared: Json = {
            "is_share": True,
            "is_msg_unfurl": True,
            "author_name": author,
            "author_id": "U9",
            "text": text,
            "fallback": f"[March 3rd, 2025 9:00 AM] {author}: {text}",
            "from_url": "https://t.slack.com/archives/C1/p1",
            "mrkdwn_in": ["text"],
        }
        shared |= {"files": list(files)} if files else {}
        message = self.api.post(
            place, user_id, text=comment, attachments=[shared], client_msg_id=str(uuid.uuid4())
        )
        event = message.body | {"channel": place.id, "event_ts": message.ts}
        return await self.push_event(event | {"channel_type": place.kind})

    def _described(self, file: SlackFile) -> Json:
        address = f"{self.root}/files-pri/{TEAM_ID}-{file.id}/download/{file.id}"
        return {
            "id": file.id,
            "name": file.name,
            "title": file.name,
            "mimetype": file.mimetype,
            "mode": "hosted",
            "size": file.length,
            "url_private": address,
            "url_private_download": address,
        }

    async def user_edits(self, user_id: str, ts: str, text: str, *, channel: str | None = None) -> Delivery:
        """A person changes what they wrote; in a channel, only a mention is told, and told again."""
        place = self._place(user_id, channel)
        message = self.api.message(place.id, ts)
        if message.body["user"] != user_id:
            raise LookupError(f"{ts} is not a message of {user_id}")
        message.replace(text=text, edited={"user": user_id, "ts": self.api.next_ts()})
        event = {"channel": place.id, "event_ts": self.api.next_ts()}
        if place.kind == "channel":
            return await self.push_event(message.body | event | {"type": "app_mention"})
        changed = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": event["event_ts"]}
        bodies = {"message": message.body, "previous_message": message.history[-1]}
        return await self.push_event(event | changed | bodies | {"channel_type": place.kind})

    async def user_clicks(self, user_id: str, channel: str, ts: str, button_label: str) -> Delivery:
        """A person presses a button, or picks an option, under a message."""
        self._known(user_id)
        place = self.api.channel({"channel": channel})
        message = self.api.message(place.id, ts)
        hidden = message.seen_only_by is not None
        container = {"type": "message", "message_ts": ts, "channel_id": place.id, "is_ephemeral": hidden}
        payload = {
            **self._interaction(user_id, "block_actions"),
            "container": container,
            "channel": {"id": place.id, "name": place.name},
            "message": message.body,
            "state": {"values": {}},
            "response_url": self._response_url(place, user_id, message),
            "actions": [self._pressed(message.blocks, button_label)],
        }
        return await self._deliver(Kind.INTERACTION, payload)

    async def user_clicks_view(
        self, user_id: str, button_label: str, *, view_id: str | None = None
    ) -> Delivery:
        """A person presses a button in the modal on top or, without a modal, in their home tab."""
        view = self._view_of(user_id, view_id)
        payload = {
            **self._interaction(user_id, "block_actions"),
            "container": {"type": "view", "view_id": view["id"]},
            "view": view,
            "actions": [self._pressed(view["blocks"], button_label)],
        }
        return await self._deliver(Kind.INTERACTION, payload)

    async def user_submits(
        self, user_id: str, values: Mapping[str, Any], *, view_id: str | None = None
    ) -> Delivery:
        """A person fills in the modal on top, by block_id, and submits; the app's answer is carried out."""
        view = self._view_of(user_id, view_id)
        unknown = set(values) - {block["block_id"] for block in view["blocks"]}
        if unknown:
            raise LookupError(f"no input with block_id {sorted(unknown)} in {view['id']}")
        inputs = [block for block in view["blocks"] if block["type"] == "input"]
        state = {
            "values": {block["block_id"]: _filled_in(block["element"], block, values) for block in inputs}
        }
        payload = {**self._interaction(user_id, "view_submission"), "view": view | {"state": state}}
        delivery = await self._deliver(Kind.INTERACTION, payload | {"response_urls": []})
        if delivery.acknowledged:
            self._follow_response_action(user_id, view["id"], delivery.response or {})
        return delivery

    async def user_closes(self, user_id: str) -> Delivery | None:
        """A person closes the modal on top; the app hears of it only if it asked to."""
        view = self._view_of(user_id, None)
        self.api.modals[user_id].remove(view["id"])
        if not view["notify_on_close"]:
            return None
        payload = {**self._interaction(user_id, "view_closed"), "view": view, "is_cleared": False}
        return await self._deliver(Kind.INTERACTION, payload)

    async def user_shortcut(self, user_id: str, callback_id: str) -> Delivery:
        """A person picks a global shortcut of the app."""
        payload = {**self._interaction(user_id, "shortcut"), "callback_id": callback_id}
        return await self._deliver(Kind.INTERACTION, payload | {"action_ts": self.api.next_ts()})

    async def app_home(self, user_id: str) -> Delivery:
        """A person opens the app's home tab."""
        event = {"type": "app_home_opened", "user": user_id, "channel": self.dm(user_id), "tab": "home"}
        view = self.api.homes.get(user_id)
        shown = {"view": view} if view else {}
        return await self.push_event(event | shown | {"event_ts": self.api.next_ts()})

    async def push_event(self, event: Json, **envelope: Any) -> Delivery:
        """Deliver any event; keyword arguments override the envelope (event_id, team_id ...)."""
        authorization = {"enterprise_id": None, "team_id": TEAM_ID, "user_id": BOT_USER_ID}
        payload = {
            "token": "verification",
            "team_id": TEAM_ID,
            "api_app_id": APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{uuid.uuid4().hex[:9].upper()}",
            "event_time": int(time.time()),
            "authorizations": [authorization | {"is_bot": True, "is_enterprise_install": False}],
            "is_ext_shared_channel": False,
        }
        return await self._deliver(Kind.EVENT, payload | envelope)

    async def redeliver(self, delivery: Delivery | None = None) -> Delivery:
        """Deliver the same thing (by default the last one) again, with the same event id."""
        again = delivery or self.deliveries[-1]
        return await self._deliver(again.kind, again.payload)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every socket to come back with a new URL."""
        await self.socket.disconnect(reason)

    # ------------------------------------------------------------------ what a test asks

    def messages(self, channel: str) -> list[SlackMessage]:
        """What the bot has posted to a channel, or to a user id's direct message, as it stands now."""
        by_partner = (one for one in self.api.channels.values() if one.partner == channel)
        known = self.api.channels.get(channel) or next(by_partner, None)
        stored = known.messages.values() if known else []
        return [one for one in stored if not one.deleted and one.body["user"] == BOT_USER_ID]

    @property
    def ephemerals(self) -> list[SlackMessage]:
        """What the bot has shown to one person only; `seen_only_by` says to whom."""
        return [one for one in self.api.ephemerals if not one.deleted]

    def home(self, user_id: str) -> Json | None:
        """The home tab the app has published for a person."""
        return self.api.homes.get(user_id)

    def modal(self, user_id: str) -> Json | None:
        """The modal a person sees on top."""
        stack = self.api.modals.get(user_id)
        return self.api.views[stack[-1]] if stack else None

    def test_actions(self) -> Mapping[str, Callable[..., Any]]:
        return {
            "command": self.user_commands,
            "say": self.user_says,
            "edit": self.user_edits,
            "click": self.user_clicks,
            "click_view": self.user_clicks_view,
            "submit": self.user_submits,
            "home": self.app_home,
            "event": self.push_event,
            "disconnect": self.disconnect,
            "cut": self.socket.cut,
            "deliver_to": self.deliver_to,
            "add_user": self.add_user,
            "add_channel": self.add_channel,
            "dm": self.dm,
            "connections": lambda: self.connections,
            "acks": lambda: self.acks,
            "ephemerals": lambda: self.ephemerals,
            "busiest": self.busiest,
            "forget_faults": self.forget_faults,
            "sent": lambda: len(self.sent_at),
        }

    # ------------------------------------------------------------------ delivery

    async def _deliver(self, kind: Kind, payload: Json) -> Delivery:
        delivery = Delivery(kind=kind, payload=payload)
        self.deliveries.append(delivery)
        pauses = self._event_retry_seconds if kind is Kind.EVENT else ()
        retry = Retry(0, None)
        ack = await self._attempt(delivery, retry)
        for number, pause in enumerate(pauses, start=1):
            if ack.error is None or ack.wants_no_retry:
                break
            await asyncio.sleep(pause)
            ack = await self._attempt(delivery, Retry(number, ack.error))
        return delivery

    async def _attempt(self, delivery: Delivery, retry: Retry) -> Ack:
        started_at = time.monotonic()
        outcome: Json = {}
        try:
            way = self._http or self.socket
            outcome["response"] = await way.attempt(delivery.kind, delivery.payload, retry, self._ack_seconds)
        except NotAcknowledged as failure:
            outcome |= {"error": str(failure), "wants_no_retry": failure.wants_no_retry}
        ms = 1000 * (time.monotonic() - started_at)
        ack = Ack(kind=delivery.kind, event_id=delivery.event_id, attempt=retry.number, ms=ms, **outcome)
        delivery.attempts.append(ack)
        self.acks.append(ack)
        self.changed()
        return ack

    def _known(self, user_id: str) -> None:
        if user_id not in self.api.users:
            self.api.add_user(user_id)

    def _place(self, user_id: str, channel: str | None) -> Channel:
        self._known(user_id)
        return self.api.channel({"channel": channel}) if channel else self.api.dm_of(user_id)

    def _interaction(self, user_id: str, kind: str) -> Json:
        self._known(user_id)
        name = self.api.users[user_id]["name"]
        return {
            "type": kind,
            "token": "verification",
            "team": {"id": TEAM_ID, "domain": "t"},
            "user": {"id": user_id, "username": name, "name": name, "team_id": TEAM_ID},
            "api_app_id": APP_ID,
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": self.api.new_trigger(user_id),
        }

    def _pressed(self, blocks: list[Json], wanted_label: str) -> Json:
        for label, block, action in pressable(blocks):
            if label == wanted_label:
                return action | {"block_id": block["block_id"], "action_ts": self.api.next_ts()}
        raise LookupError(
            f"nothing to press named {wanted_label!r}; there are {[one[0] for one in pressable(blocks)]}"
        )

    def _view_of(self, user_id: str, view_id: str | None) -> Json:
        view = self.api.views.get(view_id) if view_id else self.modal(user_id) or self.home(user_id)
        if view is None:
            raise LookupError(f"{user_id} sees no view")
        return view

    def _follow_response_action(self, user_id: str, view_id: str, answer: Json) -> None:
        action = answer.get("response_action")
        if action in ("update", "push"):
            problems = slack_problems(
                f"views.{action}", {"view": answer["view"]}, allow=self.allowed_mentions
            )
            if problems:
                self._record_illegal(f"response_action {action}", answer, problems)
        if action == "update":
            self.api.replace_view(view_id, answer["view"])
        elif action == "push":
            self.api.show_modal(user_id, answer["view"])
        elif action == "clear":
            self.api.modals[user_id] = []
        elif action == "errors":
            self._check_errors(view_id, answer)
        else:
            self.api.modals[user_id].remove(view_id)

    def _check_errors(self, view_id: str, answer: Json) -> None:
        """Slack shows errors at inputs only; anything else leaves the person with a form that says nothing."""
        inputs = {
            block["block_id"] for block in self.api.views[view_id]["blocks"] if block["type"] == "input"
        }
        errors = answer.get("errors") or {}
        problems = [f"no input with block_id {part}" for part in errors if part not in inputs]
        problems += [] if errors else ["no errors"]
        problems += [f"empty error at {part}" for part, said in errors.items() if not str(said).strip()]
        if problems:
            self._record_illegal("response_action errors", answer, problems)

    # ------------------------------------------------------------------ response_url

    def _response_url(self, place: Channel, user_id: str, message: SlackMessage | None = None) -> str:
        token = uuid.uuid4().hex
        expires_at = time.monotonic() + RESPONSE_URL_SECONDS
        right = ResponseUrl(channel=place, user_id=user_id, message=message, expires_at=expires_at)
        self._response_urls[token] = right
        return f"{self.root}/response/{token}"

    def expire_response_urls(self) -> None:
        for right in self._response_urls.values():
            right.expires_at = 0.0

    async def _handle_response(self, request: web.Request) -> web.StreamResponse:
        said = await request.json()
        call = self.record("response_url", said)

        async def carry_out() -> web.Response:
            return self._respond(self._response_urls.get(request.match_info["token"]), call)

        return await self.answer_under_faults(request, call, carry_out, _answer_fault)

    def _respond(self, right: ResponseUrl | None, call: Call) -> web.Response:
        if right is None or right.expires_at < time.monotonic() or right.uses_left == 0:
            call.outcome = "refused: expired_url" if right is None or right.uses_left else "refused: used_url"
            return web.json_response(
                {"ok": False, "error": call.outcome.removeprefix("refused: ")}, status=404
            )
        right.uses_left -= 1
        said = call.params
        if said.get("delete_original") and right.message is not None:
            right.message.deleted = True
        elif said.get("replace_original") and right.message is not None:
            self._check_spoken(said)
            self.api.revise(right.message, {**said, "blocks": said.get("blocks") or []})
        else:
            self._speak(right.channel, right.user_id, said)
        call.outcome = "ok"
        self.changed()
        return web.Response(text="ok")

    def _speak(self, place: Channel, user_id: str, said: Json) -> None:
        """What the app says in an ack or through a response_url: to the person alone unless in_channel."""
        self._check_spoken(said)
        content = {"text": said.get("text"), "blocks": said.get("blocks")}
        if said.get("response_type") == "in_channel":
            self.api.post(place, BOT_USER_ID, **content)
        else:
            self.api.whisper(place, user_id, **content)

    def _check_spoken(self, said: Json) -> None:
        problems = slack_problems("response_url", said, allow=self.allowed_mentions)
        if problems:
            self._record_illegal("response_url", said, problems)

    def _record_illegal(self, method: str, args: Json, problems: list[str]) -> None:
        self.illegal.append(Illegal(method=method, params=args, problems=problems))

    # ------------------------------------------------------------------ the app's side

    def platform_routes(self) -> Iterable[web.AbstractRouteDef]:
        return [
            web.route("*", "/api/{method}", self._handle_call),
            web.get("/link/{ticket}", self.socket.connect),
            web.post("/response/{token}", self._handle_response),
            web.get("/_channel/{channel}", self._show_channel),
            web.get("/files-pri/{place}/download/{file}", self._handle_download),
            web.post("/upload/v1/{file}", self._handle_upload),
        ]

    async def _handle_call(self, request: web.Request) -> web.StreamResponse:
        args = await _arguments(request)
        authorization = request.headers.get("Authorization", "")
        token = authorization.removeprefix("Bearer ") or args.get("token", "")
        call = self.record(request.match_info["method"], {key: args[key] for key in args if key != "token"})

        async def carry_out() -> web.Response:
            return await self._carry_out(call, token)

        return await self.answer_under_faults(request, call, carry_out, _answer_fault)

    async def _carry_out(self, call: Call, token: str) -> web.Response:
        try:
            result = await self._result(call, token)
        except SlackRefused as refusal:
            call.outcome = f"refused: {refusal.error}"
            return _answer_refusal(refusal.error, *refusal.details)
        finally:
            self.changed()
        call.outcome = "ok"
        return web.json_response({"ok": True} | result, headers={"x-oauth-scopes": self.scopes})

    async def _result(self, call: Call, token: str) -> Json:
        if call.method == "apps.connections.open":
            return self._open_connection(token)
        _check_token(token, BOT_TOKEN)
        problems = slack_problems(call.method, call.params, allow=self.allowed_mentions)
        if problems:
            self._record_illegal(call.method, call.params, problems)
            error, _, detail = problems[0].partition(": ")
            raise SlackRefused("invalid_arguments" if error == "mention" else error, detail)
        scope = FILE_SCOPES.get(call.method)
        if scope and scope not in self.scopes.split(","):
            raise SlackRefused("missing_scope")
        if call.method == "files.getUploadURLExternal":
            place = self.api.new_upload(call.params)
            return {"upload_url": f"{self.root}/upload/v1/{place.id}", "file_id": place.id}
        result = await self.performed(call.method, call.params)
        if call.method in SENDING_METHODS:
            self.note_sent(self.api.channel(call.params).id)
        return result

    async def performed(self, method: str, args: Json) -> Json:
        """What a legal call does, and its answer. Raises `SlackRefused`."""
        known = self._methods.get(method)
        if known is None:
            raise SlackRefused("unknown_method")
        return known(args)

    async def _handle_download(self, request: web.Request) -> web.StreamResponse:
        """A private file; whoever shows no token that may read it is sent to a page to sign in, as people are."""
        call = self.record("download", {"file": request.match_info["file"]})
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")

        async def carry_out() -> web.Response:
            found = self.api.files.get(request.match_info["file"])
            if token != BOT_TOKEN or "files:read" not in self.scopes.split(",") or found is None:
                call.outcome = "refused: redirected"
                raise web.HTTPFound("https://t.slack.com/?redir=")
            call.outcome = "ok"
            return web.Response(body=found.content or b"", content_type=found.mimetype or None)

        return await self.answer_under_faults(request, call, carry_out, _answer_fault)

    async def _handle_upload(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        call = self.record("upload", {"file": request.match_info["file"], "length": len(content)})

        async def carry_out() -> web.Response:
            found = self.api.files.get(request.match_info["file"])
            if found is None or found.content is not None or len(content) != found.length:
                call.outcome = "refused: 400"
                return web.Response(status=400)
            found.content = content
            call.outcome = "ok"
            return web.Response(text=f"OK - {len(content)}")

        return await self.answer_under_faults(request, call, carry_out, _answer_fault)

    def _open_connection(self, token: str) -> Json:
        _check_token(token, APP_TOKEN)
        return {"url": f"{self.root.replace('http', 'ws', 1)}/link/{self.socket.new_ticket()}"}

    async def _show_channel(self, request: web.Request) -> web.Response:
        return web.json_response(plain(self.messages(request.match_info["channel"])))


def _check_token(given: str, expected: str) -> None:
    if given == expected:
        return
    if not given:
        raise SlackRefused("not_authed")
    raise SlackRefused("not_allowed_token_type" if given in (BOT_TOKEN, APP_TOKEN) else "invalid_auth")


async def _arguments(request: web.Request) -> Json:
    """Slack takes the query, a form or JSON; structured arguments may be JSON text in each of them."""
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        given |= json.loads(await request.text() or "{}")
    elif request.can_read_body:
        given |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    return {key: _native(key, value) for key, value in given.items()}


def _native(key: str, value: Any) -> Any:
    if key in STRUCTURED_ARGUMENTS and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _filled_in(element: Json, block: Json, values: Mapping[str, Any]) -> Json:
    """The state of one input: what the person gave, else what the view had in it."""
    kind = element["type"]
    given = values.get(block["block_id"])
    state: Json = {"type": kind}
    if kind in ONE_OPTION:
        chosen = [one for one in element["options"] if one["value"] == given]
        state["selected_option"] = chosen[0] if chosen else element.get("initial_option")
    elif kind in MANY_OPTIONS:
        chosen = [one for one in element["options"] if one["value"] in (given or [])]
        state["selected_options"] = chosen or element.get("initial_options", [])
    else:
        key = VALUE_KEYS.get(kind, "value")
        initial = f"initial_{key.removeprefix('selected_')}"
        state[key] = given if given is not None else element.get(initial)
    return {element["action_id"]: state}


def _answer_refusal(error: str, *details: str, status: int = 200) -> web.Response:
    body: Json = {"ok": False, "error": error}
    if details:
        body["response_metadata"] = {"messages": [f"[ERROR] {detail}" for detail in details]}
    return web.json_response(body, status=status)


def _answer_fault(fault: Fault) -> web.Response:
    error = fault.description or FAULT_ERRORS.get(fault.code, "internal_error")
    response = _answer_refusal(error, status=fault.code)
    if fault.code == 429 or fault.retry_after is not None:
        response.headers["Retry-After"] = str(1 if fault.retry_after is None else fault.retry_after)
    return response


if __name__ == "__main__":
    serve_for_ever(SlackServer(limits=True), int(sys.argv[1]))
