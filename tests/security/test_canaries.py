"""Secrets and customers' names never reach the log, whatever goes wrong."""

import asyncio
import os

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


def test_settings_never_print_their_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "DEALPACE_TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setitem(os.environ, "DEALPACE_SLACK_BOT_TOKEN", SLACK)
    settings = Settings()
    assert settings.telegram_token is not None
    assert settings.telegram_token.get_secret_value() == TOKEN
    assert TOKEN not in repr(settings) + str(settings)
    assert SLACK not in repr(settings) + str(settings)
