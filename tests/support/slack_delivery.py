"""How Slack hands events, commands and clicks to the app: Socket Mode or signed HTTP, with the ack rule."""

import asyncio
import json
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import WSMsgType, web
from slack_sdk.signature import SignatureVerifier

from tests.support.loopback import Json
from tests.support.slack_web_api import APP_ID

MOST_CONNECTIONS = 10


class Kind(StrEnum):
    EVENT = "events_api"
    COMMAND = "slash_commands"
    INTERACTION = "interactive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """The outcome of one attempt; `error` is None when the app acknowledged in time."""

    kind: Kind
    event_id: str | None
    attempt: int
    ms: float
    response: Json | None = None
    error: str | None = None
    wants_no_retry: bool = False


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One thing that happened, and every attempt to tell the app about it."""

    kind: Kind
    payload: Json
    attempts: list[Ack] = field(default_factory=list)

    @property
    def event_id(self) -> str | None:
        return self.payload.get("event_id")

    @property
    def acknowledged(self) -> bool:
        return bool(self.attempts) and self.attempts[-1].error is None

    @property
    def response(self) -> Json | None:
        """What the app said in its acknowledgement."""
        return self.attempts[-1].response if self.attempts else None


@dataclass(frozen=True, slots=True)
class Retry:
    """The number and reason of a repeated event; number 0 is the first try."""

    number: int
    reason: str | None


class NotAcknowledged(Exception):
    """The reason in Slack's words: http_timeout, http_error, connection_failed."""

    def __init__(self, reason: str, *, wants_no_retry: bool = False) -> None:
        super().__init__(reason)
        self.wants_no_retry = wants_no_retry


class SocketMode:
    """Own the tickets and the WebSocket connections; an envelope goes to any one of them, in turn."""

    def __init__(self) -> None:
        self.connections: deque[web.WebSocketResponse] = deque()
        self._transports: dict[web.WebSocketResponse, asyncio.Transport | None] = {}
        self._tickets: set[str] = set()
        self._awaited: dict[str, asyncio.Future[Json | None]] = {}

    def new_ticket(self) -> str:
        ticket = uuid.uuid4().hex
        self._tickets.add(ticket)
        return ticket

    def expire_tickets(self) -> None:
        self._tickets.clear()

    async def connect(self, request: web.Request) -> web.StreamResponse:
        ticket = request.match_info["ticket"]
        if ticket not in self._tickets:
            return web.Response(status=404)
        self._tickets.remove(ticket)
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        if len(self.connections) >= MOST_CONNECTIONS:
            await self._part(connection, "too_many_websockets")
            return connection
        self._transports[connection] = request.transport
        self.connections.append(connection)
        try:
            await connection.send_json(self._hello())
            async for message in connection:
                if message.type == WSMsgType.TEXT:
                    self._take_ack(message.data)
        finally:
            self._forget(connection)
            del self._transports[connection]
        return connection

    async def disconnect(self, reason: str) -> None:
        """Tell every connection to come back with a new ticket; a "warning" leaves it working for now."""
        for connection in list(self.connections):
            if reason != "warning":
                self._forget(connection)
            await self._part(connection, reason)

    def cut(self) -> None:
        """Break every connection without a word."""
        for connection in list(self.connections):
            self._forget(connection)
            transport = self._transports[connection]
            if transport is not None:
                transport.abort()

    async def attempt(self, kind: Kind, payload: Json, retry: Retry, timeout: float) -> Json | None:
        if not self.connections:
            raise NotAcknowledged("connection_failed")
        connection = self.connections[0]
        self.connections.rotate()
        envelope_id = str(uuid.uuid4())
        envelope: Json = {"envelope_id": envelope_id, "type": kind.value, "payload": payload}
        envelope["accepts_response_payload"] = kind is not Kind.EVENT
        if kind is Kind.EVENT:
            envelope |= {"retry_attempt": retry.number, "retry_reason": retry.reason or ""}
        ack = self._awaited[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            await connection.send_json(envelope)
            return await asyncio.wait_for(ack, timeout)
        except TimeoutError as error:
            raise NotAcknowledged("http_timeout") from error
        except ConnectionError as error:
            raise NotAcknowledged("connection_failed") from error
        finally:
            self._awaited.pop(envelope_id, None)

    def _hello(self) -> Json:
        debug = {"host": "applink-fake", "build_number": 1, "approximate_connection_time": 18060}
        number = len(self.connections)
        return {
            "type": "hello",
            "num_connections": number,
            "debug_info": debug,
            "connection_info": {"app_id": APP_ID},
        }

    @staticmethod
    async def _part(connection: web.WebSocketResponse, reason: str) -> None:
        farewell = {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-fake"}}
        await connection.send_json(farewell)

    def _forget(self, connection: web.WebSocketResponse) -> None:
        if connection in self.connections:
            self.connections.remove(connection)

    def _take_ack(self, raw: str) -> None:
        answer = json.loads(raw)
        awaited = self._awaited.get(answer.get("envelope_id"))
        if awaited is not None and not awaited.done():
            awaited.set_result(answer.get("payload") or None)


@dataclass(slots=True)
class SignedHttp:
    """Own the request URL of the app and the secret that signs what is posted there."""

    url: str
    signing_secret: str
    _session: aiohttp.ClientSession | None = None

    async def attempt(self, kind: Kind, payload: Json, retry: Retry, timeout: float) -> Json | None:
        body, content_type = _encoded(kind, payload)
        headers = {"content-type": content_type, **self.signature_headers(body)}
        if retry.number:
            headers |= {"x-slack-retry-num": str(retry.number), "x-slack-retry-reason": str(retry.reason)}
        self._session = self._session or aiohttp.ClientSession()
        limit = aiohttp.ClientTimeout(total=timeout)
        try:
            async with self._session.post(self.url, data=body, headers=headers, timeout=limit) as response:
                if not response.ok:
                    no_retry = response.headers.get("X-Slack-No-Retry") == "1"
                    raise NotAcknowledged(f"http_error {response.status}", wants_no_retry=no_retry)
                return _said(await response.text())
        except TimeoutError as error:
            raise NotAcknowledged("http_timeout") from error
        except aiohttp.ClientError as error:
            raise NotAcknowledged("connection_failed") from error

    def signature_headers(self, body: str, timestamp: str | None = None) -> dict[str, str]:
        timestamp = timestamp or str(int(time.time()))
        signature = SignatureVerifier(self.signing_secret).generate_signature(timestamp=timestamp, body=body)
        return {"x-slack-request-timestamp": timestamp, "x-slack-signature": str(signature)}

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


def _encoded(kind: Kind, payload: Json) -> tuple[str, str]:
    """Events travel as JSON, commands as a form, interactions as JSON inside a form."""
    if kind is Kind.EVENT:
        return json.dumps(payload), "application/json"
    fields: dict[str, Any] = payload if kind is Kind.COMMAND else {"payload": json.dumps(payload)}
    return urlencode(fields), "application/x-www-form-urlencoded"


def _said(text: str) -> Json | None:
    if not text:
        return None
    if not text.startswith("{"):
        return {"text": text}
    spoken: Json = json.loads(text)
    return spoken or None
