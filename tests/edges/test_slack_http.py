"""Slack over HTTP: who cannot sign is turned away without a trace, what is signed is stored before it is acknowledged."""

import asyncio
import json
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from pydantic import SecretStr
from slack_sdk.signature import SignatureVerifier

from bot.app import build
from bot.clock import SetClock
from bot.run import NothingToRun, doors, run
from bot.settings import Misconfigured, Settings
from bot.slack.adapter import SlackDoor, TokenRefused, decode
from bot.slack.manifest import EVENTS_PATH
from tests.support.slack_house import ANN, HTTP, MONDAY, QUICK, House, house, in_loop
from tests.support.slack_server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, SlackServer
from tests.support.slack_web_api import TEAM_ID

Json = dict[str, Any]
FORM_TYPE = "application/x-www-form-urlencoded"
CANARY = "canary-customer"
MEGABYTE = 1_000_000

pytestmark = pytest.mark.usefixtures("sqlite_url")


@dataclass(slots=True)
class Caller:
    """Somebody who calls the address of the bot, with whatever headers and body."""

    session: aiohttp.ClientSession
    url: str

    async def call(self, body: str | bytes, **headers: str) -> tuple[int, str]:
        """The status and the body of the answer."""
        sent = {"content-type": FORM_TYPE} | {key.replace("_", "-"): value for key, value in headers.items()}
        async with self.session.post(self.url, data=body, headers=sent) as answer:
            return answer.status, await answer.text()

    async def signed(self, body: str | bytes, **headers: str) -> tuple[int, str]:
        return await self.call(body, **signature(body), **headers)


def signature(body: str | bytes, *, at: float | None = None, secret: str = SIGNING_SECRET) -> dict[str, str]:
    stamp = str(int(at or time.time()))
    signed = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    return {"x_slack_request_timestamp": stamp, "x_slack_signature": str(signed)}


@asynccontextmanager
async def called(tmp_path: Path, **facts: Any) -> AsyncIterator[tuple[House, Caller]]:
    async with house(tmp_path, by=HTTP, **facts) as at, aiohttp.ClientSession() as session:
        await at.team()
        yield at, Caller(session, at.server.delivers_to)


def command(**facts: str) -> str:
    said = {
        "command": "/pace",
        "text": f"visit {CANARY}",
        "user_id": ANN,
        "channel_id": "D2",
        "team_id": TEAM_ID,
    }
    return urlencode(said | {"trigger_id": "1.a", "token": "t", "response_url": "https://r.invalid"} | facts)


def pressed(depth: int = 0) -> str:
    nested: Any = CANARY
    for _ in range(depth):
        nested = [nested]
    return urlencode({"payload": json.dumps({"type": "block_actions", "nested": nested})})


GOOD = command()
NOW = str(int(time.time()))


def altered(said: Mapping[str, str], **changed: str | None) -> dict[str, str]:
    return {key: value for key, value in (said | changed).items() if value is not None}  # type: ignore[operator]


# What somebody without the secret can send (platforms M7 and section 7): the headers, made when they are sent.
FORGED: dict[str, Callable[[], dict[str, str]]] = {
    "nothing signed": dict,
    "no signature": lambda: altered(signature(GOOD), x_slack_signature=None),
    "no timestamp": lambda: altered(signature(GOOD), x_slack_request_timestamp=None),
    "an empty timestamp": lambda: altered(signature(GOOD), x_slack_request_timestamp=""),
    "a timestamp in words": lambda: altered(signature(GOOD), x_slack_request_timestamp="now"),
    "a timestamp with a fraction": lambda: altered(signature(GOOD), x_slack_request_timestamp=f"{NOW}.0"),
    "a negative timestamp": lambda: altered(signature(GOOD), x_slack_request_timestamp="-1"),
    "an endless timestamp": lambda: altered(signature(GOOD), x_slack_request_timestamp="9" * 5000),
    "digits of another script": lambda: altered(signature(GOOD), x_slack_request_timestamp="\u0661\u0662"),
    "too old": lambda: signature(GOOD, at=time.time() - 310),
    "of the future": lambda: signature(GOOD, at=time.time() + 310),
    "another secret": lambda: signature(GOOD, secret="0" * 32),
    "another body": lambda: signature(GOOD + "&more=1"),
    "another time": lambda: altered(signature(GOOD), x_slack_request_timestamp=str(int(time.time()) - 1)),
    "an empty signature": lambda: altered(signature(GOOD), x_slack_signature=""),
    "another version": lambda: altered(
        signature(GOOD), x_slack_signature=signature(GOOD)["x_slack_signature"].replace("v0", "v1")
    ),
    "no version": lambda: altered(
        signature(GOOD), x_slack_signature=signature(GOOD)["x_slack_signature"][3:]
    ),
    "one digit more": lambda: altered(
        signature(GOOD), x_slack_signature=signature(GOOD)["x_slack_signature"] + "0"
    ),
    "one digit off": lambda: altered(
        signature(GOOD), x_slack_signature=signature(GOOD)["x_slack_signature"][:-1] + "g"
    ),
    "capitals": lambda: altered(signature(GOOD), x_slack_signature="v0=" + "A" * 64),
    "a signature that is no ASCII": lambda: altered(signature(GOOD), x_slack_signature="v0=" + "\u00e9" * 64),
}


@contextmanager
def everything_logged() -> Iterator[list[str]]:
    """All that any library logs, at any level."""
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(f"{record.getMessage()} {record.exc_text or ''} {record.exc_info or ''}")

    root, listener = logging.getLogger(), Listener()
    level, root.level = root.level, logging.DEBUG
    root.addHandler(listener)
    try:
        yield said
    finally:
        root.removeHandler(listener)
        root.level = level


def test_whoever_cannot_sign_is_turned_away_without_a_trace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scenario() -> None:
        async with called(tmp_path) as (at, caller):
            for name, headers in FORGED.items():
                assert await caller.call(GOOD, **headers()) == (401, ""), name
            broken = b"\xff\xfe" + GOOD.encode()
            sent = signature(GOOD)
            assert await caller.call(broken, **sent) == (401, "")
            assert await caller.call("ssl_check=1") == (401, "")
            assert at.rows("SELECT count(*) FROM inbox") == [(0,)]

    with everything_logged() as said:
        in_loop(scenario())
    out = capsys.readouterr()
    assert CANARY not in "".join(said) + out.out + out.err
    assert "Traceback" not in "".join(said) + out.out + out.err


def test_what_is_too_large_is_not_read(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with called(tmp_path) as (at, caller):
            body = GOOD + "&more=" + "x" * MEGABYTE
            assert (await caller.signed(body))[0] == 413

            async def drip() -> AsyncIterator[bytes]:
                for _ in range(3 * MEGABYTE // 65_536):
                    yield b"x" * 65_536

            # Neither what says so beforehand, nor what only turns out to be: nobody waits for its end.
            headers = {key.replace("_", "-"): value for key, value in signature(body).items()}
            async with caller.session.post(caller.url, data=drip(), headers=headers) as answer:
                assert answer.status == 413
            assert at.rows("SELECT count(*) FROM inbox") == [(0,)]

    in_loop(scenario())


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("{", "application/json"),
        ("", "application/json"),
        ("[1]", "application/json"),
        ('"words"', "application/json"),
        ("[" * 90_000 + "]" * 90_000, "application/json"),
        (pressed(200), FORM_TYPE),
        ("payload=%7B", FORM_TYPE),
        ("&".join(f"a{n}=1" for n in range(500)), FORM_TYPE),
    ],
)
def test_what_is_signed_and_makes_no_sense_is_refused(tmp_path: Path, body: str, content_type: str) -> None:
    async def scenario() -> None:
        async with called(tmp_path) as (at, caller):
            assert await caller.signed(body, content_type=content_type) == (400, "")
            assert at.rows("SELECT count(*) FROM inbox") == [(0,)]
            assert "Visits" in (await at.tells(ANN, "today")).text

    in_loop(scenario())


def test_slack_may_look_whether_we_are_there(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with called(tmp_path) as (at, caller):
            async with caller.session.get(caller.url, params={"ssl_check": "1"}) as answer:
                assert (answer.status, await answer.text()) == (200, "")
            async with caller.session.get(caller.url) as answer:
                assert answer.status == 405
            assert await caller.signed("ssl_check=1&token=t") == (200, "")
            checked = await at.server.verify_url()
            assert checked.response == {"challenge": checked.payload["challenge"]}
            assert at.rows("SELECT count(*) FROM inbox") == [(0,)]

    in_loop(scenario())


def test_what_is_replayed_is_acknowledged_and_not_done_again(tmp_path: Path) -> None:
    """The inbox is the cache of replays: it outlives the five minutes of a signature, and the process."""

    async def scenario() -> None:
        async with called(tmp_path) as (at, caller):
            sent = signature(GOOD)
            for _ in range(3):
                assert await caller.call(GOOD, **sent) == (200, "")
            # A fresh signature on the same command is the same command.
            assert await caller.signed(GOOD) == (200, "")
            card = await at.said(ANN)
            assert f"✓ {CANARY}" in card.text
            await at.tells(ANN, "today")
            assert at.rows("SELECT count(*) FROM activity") == [(1,)]
            assert len(at.server.messages(ANN)) == 2

    in_loop(scenario())


@contextmanager
def without_inbox(database: Path) -> Iterator[None]:
    """The inbox cannot be written to."""
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("ALTER TABLE inbox RENAME TO inbox_away")
        opened.commit()
        try:
            yield
        finally:
            opened.execute("ALTER TABLE inbox_away RENAME TO inbox")
            opened.commit()


def test_while_nothing_can_be_stored_slack_keeps_what_it_has(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with called(tmp_path) as (at, _):
            with without_inbox(at.database):
                said = await at.server.user_says(ANN, f"visit {CANARY}")
                assert [ack.error for ack in said.attempts] == ["http_error 503"] * 4
                assert not (await at.server.app_home(ANN)).acknowledged
                assert not (await at.server.user_commands(ANN, "/pace", "today")).acknowledged
            # Slack's third repetition finds us well; its number is no reason to drop it.
            assert (await at.server.redeliver(said)).acknowledged
            assert CANARY in (await at.said(ANN)).text
            await at.server.app_home(ANN)
            await at.server.until(lambda: at.server.home(ANN))

    in_loop(scenario())


def test_before_slack_said_which_workspace_is_ours_nothing_is_taken(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with SlackServer() as server:
            app = build(f"sqlite:///{tmp_path / 'dealpace.db'}", SetClock(MONDAY), {"slack": decode})
            app.prepare()
            door = SlackDoor(app, BOT_TOKEN, None, server.api_root, signing_secret=SIGNING_SECRET)
            (route,) = door.routes()
            body = GOOD.encode()
            headers = {key.replace("_", "-"): value for key, value in signature(GOOD).items()}
            said = await asgi(route, body, headers | {"content-type": FORM_TYPE})
            assert said == 503
            await door.close()
            app.close()

    in_loop(scenario())


async def asgi(route: Any, body: bytes, headers: Mapping[str, str]) -> int:
    """The status of the answer of one route to one call, without a server between."""
    status = 0
    scope = {
        "type": "http",
        "method": "POST",
        "path": EVENTS_PATH,
        "query_string": b"",
        "headers": [(key.encode(), value.encode()) for key, value in headers.items()],
    }

    async def receive() -> Json:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    await route.app(scope, receive, send)
    return status


# ---------------------------------------------------------------------- tokens and settings


def settings(server: SlackServer, tmp_path: Path, **facts: Any) -> Settings:
    known: Json = {
        "database_url": f"sqlite:///{tmp_path / 'dealpace.db'}",
        "slack_bot_token": SecretStr(BOT_TOKEN),
        "slack_api_root": server.api_root,
    }
    return Settings(_env_file=None, **(known | facts))


@pytest.mark.parametrize("error", ["invalid_auth", "not_authed", "account_inactive", "token_revoked"])
@pytest.mark.parametrize(
    ("method", "setting"),
    [("auth.test", "DEALPACE_SLACK_BOT_TOKEN"), ("apps.connections.open", "DEALPACE_SLACK_APP_TOKEN")],
)
def test_a_refused_token_ends_the_process_with_one_line(
    tmp_path: Path, method: str, setting: str, error: str
) -> None:
    async def scenario() -> None:
        async with SlackServer() as server:
            server.fault(method, 9, code=200, description=error)
            with pytest.raises(TokenRefused) as raised:
                await run(settings(server, tmp_path, slack_app_token=SecretStr(APP_TOKEN)))
            assert str(raised.value) == f"Slack refuses {setting} ({error})"
            assert isinstance(raised.value, Misconfigured) and len(server.calls_of(method)) == 1

    in_loop(scenario())


def test_while_slack_is_away_the_door_waits(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with SlackServer() as server:
            app = build(f"sqlite:///{tmp_path / 'dealpace.db'}", SetClock(MONDAY), {"slack": decode})
            app.prepare()
            server.fault("auth.test", 3, code=500)
            door = SlackDoor(app, BOT_TOKEN, None, server.api_root, signing_secret="s", patience=QUICK)
            task = asyncio.create_task(door.run())
            await server.until(
                lambda: [call for call in server.calls_of("auth.test") if call.outcome == "ok"]
            )
            assert not task.done()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await door.close()
            app.close()

    in_loop(scenario())


def test_which_doors_are_opened(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with SlackServer() as server:
            app = build(f"sqlite:///{tmp_path / 'dealpace.db'}", SetClock(MONDAY), {})
            signed, by_socket = (
                {"slack_signing_secret": SecretStr("s")},
                {"slack_app_token": SecretStr(APP_TOKEN)},
            )
            served = [
                [len(door.routes()) for door in doors(settings(server, tmp_path, **facts), app, {})]
                for facts in ({}, by_socket, signed, by_socket | signed)
            ]
            assert served == [[], [0], [1], [1]]
            app.close()
            with pytest.raises(NothingToRun, match="SLACK_SIGNING_SECRET"):
                await run(settings(server, tmp_path))

    in_loop(scenario())


# ---------------------------------------------------------------------- the app is removed


@pytest.mark.parametrize(
    "event",
    [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U00000BOT"]}}],
)
def test_a_workspace_that_removed_us_is_left_alone(
    tmp_path: Path, event: Json, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scenario() -> None:
        async with house(tmp_path, by=HTTP) as at:
            await at.team()
            at.server.fault("*", -1, code=200, description="account_inactive")
            for _ in range(2):
                assert (await at.server.push_event(event)).acknowledged
            calls = len(at.server.calls)
            for _ in range(3):
                await at.server.user_says(ANN, "today")
            await at.server.until(lambda: at.rows("SELECT 1 FROM letter WHERE outcome = 'revoked'"))
            # Nothing was posted, and what is to be said waits: nobody is struck off for it.
            assert not [one for one in at.server.calls[calls:] if one.method.startswith("chat.")]
            assert at.rows("SELECT count(*) FROM identity WHERE alive = 0") == [(0,)]
            assert at.rows("SELECT count(*) FROM letter WHERE state = 'dead'") == [(0,)]

    in_loop(scenario())
    assert capsys.readouterr().out.count("slack_revoked") == 1


def test_a_users_token_that_was_revoked_is_not_ours(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path, by=HTTP) as at:
            await at.team()
            asked = len(at.server.calls_of("auth.test"))
            event = {"type": "tokens_revoked", "tokens": {"oauth": ["U2"], "bot": []}}
            assert (await at.server.push_event(event)).acknowledged
            assert "Visits" in (await at.tells(ANN, "today")).text
            assert len(at.server.calls_of("auth.test")) == asked

    in_loop(scenario())
