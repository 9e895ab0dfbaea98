"""Telegram's calls to us over loopback: what is let in, what is not, and that nothing acknowledged is lost."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from telegram import Bot

from bot.app import build
from bot.clock import WallClock
from bot.front import BODY_MOST, DEEPEST
from bot.logs import QUIET
from bot.run import doors
from bot.settings import Misconfigured, Settings
from bot.telegram.updates import KINDS
from bot.telegram.webhook import PATH, SECRET_HEADER, derived_secret, hook_of
from tests.support.loopback import free_port
from tests.support.telegram_server import TOKEN, TelegramServer
from tests.support.telegram_stage import (
    ANN,
    BOB,
    VISIT,
    Stage,
    Telegram,
    in_loop,
    opening,
    say,
    stage,
)

SECRET = derived_secret(TOKEN)
CANARY = "Canary Trading"
JSON = "application/json"
GOOD = {SECRET_HEADER: SECRET, "content-type": JSON}
ROWS = "SELECT count(*) FROM inbox"


def update(number: int, text: str = f"/visit {CANARY}", user: int = BOB) -> dict[str, Any]:
    person = {"id": user, "is_bot": False, "first_name": "Bob", "language_code": "en"}
    message = {"message_id": number, "date": 1583110800, "from": person, "text": text}
    return {"update_id": number, "message": {**message, "chat": {"id": user, "type": "private"}}}


async def called(on: Stage, body: bytes, headers: dict[str, str], method: str = "POST") -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.request(method, on.called_at, content=body, headers=headers)


def as_run(caplog: pytest.LogCaptureFixture) -> None:
    """The logs at their most talkative, with the libraries as quiet as a running bot has them."""
    caplog.set_level(logging.DEBUG)
    for name in QUIET:
        caplog.set_level(logging.WARNING, name)


async def ready(on: Stage) -> None:
    await on.server.until(lambda: on.server.calls_of("setWebhook"))


# ---------------------------------------------------------------------- who is let in

SPOOFED: dict[str, dict[str, str | bytes]] = {
    "no secret": {"content-type": JSON},
    "empty": {SECRET_HEADER: "", "content-type": JSON},
    "wrong": {SECRET_HEADER: "x" * len(SECRET), "content-type": JSON},
    "one character off": {SECRET_HEADER: SECRET[:-1] + chr(ord(SECRET[-1]) ^ 1), "content-type": JSON},
    "one character short": {SECRET_HEADER: SECRET[:-1], "content-type": JSON},
    "one character more": {SECRET_HEADER: SECRET + "a", "content-type": JSON},
    "another case": {SECRET_HEADER: SECRET.upper(), "content-type": JSON},
    "the token": {SECRET_HEADER: TOKEN, "content-type": JSON},
    "beyond ASCII": {SECRET_HEADER: "\u00e9".encode("latin-1"), "content-type": JSON},
}


def test_who_does_not_show_the_secret_is_not_let_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    as_run(caplog)

    async def scenario() -> None:
        async with stage(tmp_path, pushed=True) as on:
            await ready(on)
            body = json.dumps(update(1)).encode()
            for name, headers in SPOOFED.items():
                answer = await called(on, body, headers)  # type: ignore[arg-type]
                assert (name, answer.status_code, answer.content) == (name, 403, b"")
            assert on.rows(ROWS) == [(0,)]

    in_loop(scenario())
    logged = "".join(capsys.readouterr()) + caplog.text
    assert CANARY not in logged and SECRET not in logged


MALFORMED: dict[str, tuple[bytes, str, int]] = {
    "no JSON": (f'{{"update_id": 1, "{CANARY}'.encode(), JSON, 400),
    "nothing": (b"", JSON, 400),
    "bad UTF-8": (b'{"update_id": 1, "x": "' + CANARY.encode() + b'\xff"}', JSON, 400),
    "UTF-16": (json.dumps(update(1)).encode("utf-16"), JSON, 400),
    "too deep": (b'{"x":' + b"[" * DEEPEST + b"]" * DEEPEST + b"}", JSON, 400),
    "far too deep": (b"[" * 900_000, JSON, 400),
    "a number of many digits": (b"1" * 5_000, JSON, 400),
    "a form": (json.dumps(update(1)).encode(), "application/x-www-form-urlencoded", 415),
    "text": (json.dumps(update(1)).encode(), "text/plain; charset=utf-8", 415),
    "JSON of another kind": (json.dumps(update(1)).encode(), "application/jsonp", 415),
    "no type": (json.dumps(update(1)).encode(), "", 415),
    "too large": (json.dumps(update(1, CANARY * (BODY_MOST // len(CANARY)))).encode(), JSON, 413),
}


def test_what_is_no_update_leaves_no_row_and_no_trace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    as_run(caplog)

    async def scenario() -> None:
        async with stage(tmp_path, pushed=True) as on:
            await ready(on)
            for name, (body, kind, status) in MALFORMED.items():
                answer = await called(on, body, {SECRET_HEADER: SECRET, "content-type": kind})
                assert (name, answer.status_code, answer.content) == (name, status, b"")
            for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
                assert (await called(on, b"", GOOD, method)).status_code == 405
            assert on.rows(ROWS) == [(0,)]
            assert (await called(on, json.dumps(update(1)).encode(), GOOD)).status_code == 200

    in_loop(scenario())
    logged = "".join(capsys.readouterr()) + caplog.text
    assert CANARY not in logged and SECRET not in logged


@pytest.mark.parametrize("kind", [JSON, "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"])
def test_an_update_is_kept_and_nothing_is_said_in_return(tmp_path: Path, kind: str) -> None:
    async def scenario() -> None:
        async with stage(tmp_path, pushed=True) as on:
            await ready(on)
            answer = await called(on, json.dumps(update(1)).encode(), {**GOOD, "content-type": kind})
            # Words in it would be run as a call of ours.
            assert (answer.status_code, answer.content) == (200, b"")
            assert on.rows(ROWS) == [(1,)]

    in_loop(scenario())


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
def test_sixty_megabytes_are_refused_long_before_they_are_read(tmp_path: Path, announced: bool) -> None:
    async def scenario() -> None:
        async with stage(tmp_path, pushed=True) as on:
            await ready(on)
            sixty = 60 * 2**20
            length = f"Content-Length: {sixty}" if announced else "Transfer-Encoding: chunked"
            head = (
                f"POST {PATH} HTTP/1.1\r\nHost: bot\r\nContent-Type: {JSON}\r\n{SECRET_HEADER}: {SECRET}\r\n"
            )
            reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(on.called_at).port)
            writer.write(f"{head}{length}\r\n\r\n".encode())
            if announced:
                assert (await reader.readline()).split()[1] == b"413"
            else:
                chunk, sent = b" " * 2**16, 0
                with pytest.raises(ConnectionError):
                    # The connection is ended under whoever goes on sending.
                    while sent < sixty:
                        writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
                        await writer.drain()
                        await asyncio.sleep(0)
                        sent += len(chunk)
                assert BODY_MOST < sent < sixty / 6
            writer.close()
            assert on.rows(ROWS) == [(0,)]

    in_loop(scenario())


def test_before_the_bot_knows_its_name_updates_are_to_come_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Telegram() as server:
            server.fault("getMe", 1, delay_seconds=2)
            async with stage(tmp_path, server=server, pushed=True) as on:
                async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=5)) as client:
                    early = await client.post(on.called_at, json=update(1), headers={SECRET_HEADER: SECRET})
                assert (early.status_code, early.headers["retry-after"]) == (503, "5")
                await ready(on)
                assert (await called(on, json.dumps(update(1)).encode(), GOOD)).status_code == 200

    in_loop(scenario())


# ---------------------------------------------------------------------- what becomes of it


def test_the_same_update_however_often_has_one_effect(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path, pushed=True) as on:
            await on.found()
            await on.joins(ANN, "Ann")
            seen = len(on.server.messages(ANN))
            same = json.dumps(update(7_000, VISIT, ANN)).encode()
            answers = await asyncio.gather(*(called(on, same, GOOD) for _ in range(5)))
            answers.append(await called(on, same, GOOD))
            assert {answer.status_code for answer in answers} == {200}
            await on.server.until(lambda: on.server.messages(ANN)[seen:])
            await on.says(ANN, "/week")
            assert len(on.server.messages(ANN)) == seen + 2
            assert on.rows("SELECT count(*) FROM activity") == [(1,)]

    in_loop(scenario())


STRANGE: tuple[Any, ...] = (
    5,
    None,
    [],
    {},
    "x",
    {"update_id": 5_000, "message": "text"},
    {"update_id": 5_001, "message": {**update(1)["message"], "date": "yesterday"}},
    {"update_id": 5_002, "callback_query": {"id": "1", "from": {"id": 10**400}, "message": [], "data": "x"}},
    {"update_id": 5_003, "message": {**update(1)["message"], "text": 5, "chat": {"id": ANN}}},
)


def test_an_update_that_cannot_be_read_is_set_aside_alone(tmp_path: Path, database_url: str) -> None:
    async def scenario() -> None:
        async with stage(tmp_path, url=database_url, pushed=True) as on:
            await on.found()
            await on.joins(ANN, "Ann")
            for strange in STRANGE:
                # Anything but a 2xx would hold up the chat for a day.
                assert (await called(on, json.dumps(strange).encode(), GOOD)).status_code == 200
            assert (await on.says(ANN, VISIT)).text.startswith("✓ Acme")

    in_loop(scenario())


def test_while_the_database_is_out_updates_are_to_come_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scenario() -> None:
        async with stage(tmp_path, pushed=True) as on:
            await on.found()
            await on.joins(ANN, "Ann")
            full = "CREATE TRIGGER full BEFORE INSERT ON inbox BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
            on.rows(full)
            answer = await called(on, json.dumps(update(9_000)).encode(), GOOD)
            assert (answer.status_code, answer.headers["retry-after"], answer.content) == (503, "5", b"")
            seen = len(on.server.messages(ANN))
            on.server.user_sends(ANN, VISIT)
            hook = on.server._webhook
            assert hook is not None
            await on.server.until(lambda: "503" in "".join(hook.errors))
            assert (on.server.pending_updates(), on.server.messages(ANN)[seen:]) == (1, [])
            on.rows("DROP TRIGGER full")
            [logged] = await on.server.until(lambda: on.server.messages(ANN)[seen:])
            assert logged.text.startswith("✓ Acme")
            await on.server.until(lambda: on.server.pending_updates() == 0)
            assert on.rows("SELECT count(*) FROM activity") == [(1,)]

    in_loop(scenario())
    logged = "".join(capsys.readouterr())
    assert "telegram_not_stored" in logged and CANARY not in logged


def test_what_was_said_while_the_bot_was_down_is_brought_to_its_next_start(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Telegram() as server:
            async with stage(tmp_path, server=server, pushed=True) as on:
                await on.found()
                await on.joins(ANN, "Ann")
            seen = len(server.messages(ANN))
            server.user_sends(ANN, VISIT)
            await server.until(lambda: server._webhook and server._webhook.errors)
            async with stage(tmp_path, server=server, pushed=True) as on:
                [logged] = await server.until(lambda: server.messages(ANN)[seen:])
                # The spinner is answered as it is when the bot polls.
                await on.clicks(ANN, logged, say("button.undo"))
                assert logged.text.startswith(opening("undo.done"))
                await server.until(lambda: len(server.api.answers) == 1)

    in_loop(scenario())


def test_polling_takes_a_webhook_down_and_gets_what_waits(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Telegram() as server:
            async with stage(tmp_path, server=server, pushed=True) as on:
                await on.found()
                await on.joins(ANN, "Ann")
            seen = len(server.messages(ANN))
            server.user_sends(ANN, VISIT)
            async with stage(tmp_path, server=server):
                await server.until(lambda: server.messages(ANN)[seen:])
                assert server._webhook is None

    in_loop(scenario())


# ---------------------------------------------------------------------- the hook itself


def test_telegram_is_told_where_to_call_what_to_show_and_what_to_bring(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path, pushed=True) as on:
            await ready(on)
            [call] = on.server.calls_of("setWebhook")
            assert call.params == {
                "url": f"https://bot0.example{PATH}",
                "secret_token": SECRET,
                "allowed_updates": list(KINDS),
                "max_connections": 40,
            }

    in_loop(scenario())


async def _deleted(bot: Bot, server: TelegramServer, on: Stage) -> None:
    await bot.delete_webhook()


async def _elsewhere(bot: Bot, server: TelegramServer, on: Stage) -> None:
    await bot.set_webhook(server.behind_tls("http://127.0.0.1:9/other"))


async def _another_secret(bot: Bot, server: TelegramServer, on: Stage) -> None:
    await bot.set_webhook(server.calls_of("setWebhook")[0].params["url"], secret_token="another")


@pytest.mark.parametrize("lose", [_deleted, _elsewhere, _another_secret])
def test_a_webhook_that_was_lost_is_set_again(tmp_path: Path, lose: Callable[..., Any]) -> None:
    async def scenario() -> None:
        async with stage(tmp_path, pushed=True, watch_seconds=0.2) as on:
            await on.found()
            await on.joins(ANN, "Ann")
            async with Bot(TOKEN, base_url=f"{on.server.root}/bot") as other:
                await lose(other, on.server, on)
            assert (await on.says(ANN, VISIT)).text.startswith("✓ Acme")
            assert on.door.pulse.age < 10

    in_loop(scenario())


def test_a_webhook_telegram_does_not_take_is_tried_again_and_said_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scenario() -> None:
        async with Telegram() as server:
            reason = "Bad Request: bad webhook: Failed to resolve host: Name or service not known"
            server.fault("setWebhook", 2, code=400, description=reason)
            async with stage(tmp_path, server=server, pushed=True) as on:
                await on.found()

    in_loop(scenario())
    logged = "".join(capsys.readouterr())
    assert "failed to resolve host" in logged and TOKEN not in logged and SECRET not in logged


def test_the_secret_is_made_from_the_token_unless_one_is_set() -> None:
    hook = hook_of("https://bot.example/", TOKEN, None)
    assert (hook.url, hook.secret) == (f"https://bot.example{PATH}", SECRET)
    assert TOKEN.partition(":")[2] not in hook.secret
    assert derived_secret(TOKEN + "x") != SECRET
    assert hook_of("https://bot.example:8443", TOKEN, "Own-1_of-the-admin").secret == "Own-1_of-the-admin"
    assert SECRET not in repr(hook)


@pytest.mark.parametrize(
    ("public_url", "secret", "named"),
    [
        (None, None, "DEALPACE_PUBLIC_URL"),
        ("", None, "DEALPACE_PUBLIC_URL"),
        ("http://bot.example", None, "DEALPACE_PUBLIC_URL"),
        ("bot.example", None, "DEALPACE_PUBLIC_URL"),
        ("https://", None, "DEALPACE_PUBLIC_URL"),
        ("https://bot.example:8080", None, "80, 88, 443, 8443"),
        ("https://bot.example:port", None, "80, 88, 443, 8443"),
        ("https://[::1]:9", None, "80, 88, 443, 8443"),
        ("https://bot.example", "two words of sixteen", "DEALPACE_TELEGRAM_WEBHOOK_SECRET"),
        ("https://bot.example", "x" * 15, "DEALPACE_TELEGRAM_WEBHOOK_SECRET"),
        ("https://bot.example", "x" * 257, "DEALPACE_TELEGRAM_WEBHOOK_SECRET"),
    ],
)
def test_a_hook_that_telegram_would_not_call_is_said_at_the_start(
    public_url: str | None, secret: str | None, named: str
) -> None:
    with pytest.raises(Misconfigured) as refused:
        hook_of(public_url, TOKEN, secret)
    assert named in str(refused.value)
    assert not secret or secret not in str(refused.value)


def test_the_settings_decide_how_updates_come(sqlite_url: str) -> None:
    def paths(**values: Any) -> list[str]:
        app = build(sqlite_url, WallClock(), {})
        settings = Settings(_env_file=None, telegram_token=TOKEN, **values)
        try:
            return [route.path for door in doors(settings, app, {}) for route in door.routes()]
        finally:
            app.close()

    assert paths() == []
    assert paths(telegram_mode="webhook", public_url="https://bot.example") == [PATH]
    with pytest.raises(Misconfigured):
        paths(telegram_mode="webhook")


def test_the_process_an_operator_starts_is_pushed_to_and_ends_in_good_order(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Telegram() as server:
            port = free_port()
            bot = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "run"),
                env={
                    **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
                    "DEALPACE_DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}",
                    "DEALPACE_TELEGRAM_TOKEN": TOKEN,
                    "DEALPACE_TELEGRAM_API_ROOT": server.root,
                    "DEALPACE_TELEGRAM_MODE": "webhook",
                    "DEALPACE_PUBLIC_URL": server.behind_tls(f"http://127.0.0.1:{port}"),
                    "DEALPACE_LISTEN": f"127.0.0.1:{port}",
                },
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            assert bot.stdout is not None
            try:
                said = await asyncio.wait_for(bot.stdout.readline(), 40)
                code = said.decode().removeprefix("owner code: ").strip()
                server.user_sends(ANN, f"/start {code}")
                [welcome] = await server.until(lambda: server.messages(ANN))
                assert welcome.text.startswith(say("doorstep.founded"))
                assert server.calls_of("getUpdates") == []
            finally:
                bot.terminate()
                _, errors = await asyncio.wait_for(bot.communicate(), 40)
            assert bot.returncode == 0
            assert TOKEN not in errors.decode() and SECRET not in errors.decode()

    in_loop(scenario(), 120)
