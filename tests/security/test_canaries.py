"""Secrets and customers' names never reach the log, whatever goes wrong."""

import asyncio
import os
from types import SimpleNamespace
from typing import Any

import pytest
import structlog

from bot.intake import Delivery
from bot.logs import configure
from bot.settings import Settings
from tests.support.house import PLATFORM, house, seat

TOKEN = "123456789:AAHcanarycanarycanarycanarycanary"
SLACK = "xoxb-canary-canary"
CUSTOMER = "Canary Holdings"


@pytest.fixture(autouse=True)
def _debug_log() -> None:
    structlog.reset_defaults()


def test_a_conversation_with_refusals_and_a_broken_delivery_logs_no_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure("json", "debug")

    async def scenario() -> None:
        async with house([seat("ann")]) as at:
            for line in (
                f"/visit {CUSTOMER}\nmet: {CUSTOMER}",
                f"/visit {CUSTOMER}; next: {CUSTOMER} on 2020-01-01",
                f"/{CUSTOMER}",
                f"/invite {CUSTOMER}",
                CUSTOMER,
                f"/deal new {CUSTOMER}; title: {CUSTOMER}; amount: {CUSTOMER}",
                f"/deal new {CUSTOMER}; title: {CUSTOMER}; sure: yes",
                f"/evidence D1 {CUSTOMER}; text: {CUSTOMER}",
                f"/evidence D1 other; text: {CUSTOMER}; from: {CUSTOMER}",
                f"/who D1 {CUSTOMER}; role: {CUSTOMER}",
                f"/lost D1; reason: {CUSTOMER}",
            ):
                assert await at.says("ann", line) == ["ann"]
            broken = Delivery(id="broken", lane="x", body=f'{{"text": "{CUSTOMER} {TOKEN}')
            await at.app.intake.take(PLATFORM, [broken])
            await at.app.settle()

    asyncio.run(scenario())
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert "turn_failed" in said
    assert "Canary" not in said
    assert TOKEN not in said


def test_a_token_in_a_log_line_is_taken_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json", "info")
    structlog.get_logger().info("probe", url=f"https://api.telegram.org/bot{TOKEN}/getMe", key=SLACK)
    said = capsys.readouterr().err
    assert "probe" in said
    assert TOKEN not in said
    assert SLACK not in said


POSTGRES = "postgresql://dealpace:canary-password@db.example/dealpace"
SECRET_VALUES = (TOKEN, SLACK, "xapp-1-A1-canary", "xoxe.xoxp-1-canary", POSTGRES)


def wrapped(words: str) -> dict[str, Any]:
    """The same words at every place of a log line."""
    return {
        "plain": words,
        "listed": [words, (words, {words})],
        "deep": {"a": {words: [{"b": words}]}},
        "raw": words.encode(),
        "error": ValueError(words),
        "object": SimpleNamespace(words=words),
    }


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_secret_is_taken_out_however_deep_it_stands(
    capsys: pytest.CaptureFixture[str], log_format: str
) -> None:
    configure(log_format, "debug")
    for secret in SECRET_VALUES:
        structlog.get_logger().debug("probe", **wrapped(secret))
    said = capsys.readouterr().err
    assert said.count("probe") == len(SECRET_VALUES) and "[secret]" in said
    assert "canary" not in said.casefold()


def stumbled(words: str) -> Exception:
    """A bug over somebody's words, out of another one, out of a group."""
    try:
        try:
            try:
                raise ExceptionGroup(words, [KeyError(words), ValueError(words)])
            except ExceptionGroup:
                int(words)
        except ValueError as error:
            raise RuntimeError(f"cannot read {words}") from error
    except RuntimeError as error:
        found = error
    return found


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_the_words_of_a_bug_are_not_told_its_way_is(
    capsys: pytest.CaptureFixture[str], log_format: str
) -> None:
    configure(log_format, "debug")
    bug = stumbled(f"{CUSTOMER} {TOKEN} {POSTGRES}")
    structlog.get_logger().error("probe", exc_info=bug)
    try:
        raise bug
    except RuntimeError:
        structlog.get_logger().error("probe", exc_info=True)
    said = capsys.readouterr().err
    assert "Canary" not in said and "canary" not in said
    for kind in ("RuntimeError", "ValueError", "KeyError", "ExceptionGroup"):
        assert said.count(kind) >= 2
    assert "test_canaries.py" in said and "in stumbled" in said


def test_what_the_system_says_is_told_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json", "info")
    structlog.get_logger().error("probe", exc_info=OSError(28, f"No space left on {POSTGRES}"))
    said = capsys.readouterr().err
    assert "No space left on [secret]" in said and "canary" not in said


def test_settings_never_print_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "DEALPACE_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setitem(os.environ, "DEALPACE_SLACK_BOT_TOKEN", SLACK)
    settings = Settings()
    assert settings.telegram_token is not None
    assert settings.telegram_token.get_secret_value() == TOKEN
    assert TOKEN not in repr(settings) + str(settings)
    assert SLACK not in repr(settings) + str(settings)
