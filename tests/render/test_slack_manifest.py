"""The manifest is what Slack takes: its own types, the lengths it states, and what the code relies on."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from typer.testing import CliRunner

from bot.__main__ import app
from bot.slack.manifest import LOG_VISIT, manifest
from bot.slack.render import COMMAND
from bot.slack.scopes import BOT_EVENTS, BOT_SCOPES
from handlers.registry import registry

Json = dict[str, Any]

# Made of the types of @slack/web-api (docs/testing.md); they know every scope and event, but no lengths.
SCHEMA = Draft7Validator(
    json.loads((Path(__file__).parents[1] / "support" / "slack_manifest.schema.json").read_text())
)
# The longest Slack takes, as its manifest schema 2.0.0 states it (platforms section 3).
LONGEST = {
    "display_information.name": 35,
    "display_information.description": 140,
    "display_information.background_color": 7,
    "features.bot_user.display_name": 80,
    "features.shortcuts.name": 24,
    "features.shortcuts.callback_id": 255,
    "features.shortcuts.description": 150,
    "features.slash_commands.command": 32,
    "features.slash_commands.description": 2000,
    "features.slash_commands.usage_hint": 1000,
    "features.slash_commands.url": 3000,
    "settings.event_subscriptions.request_url": 3500,
    "settings.interactivity.request_url": 3500,
}
NAMES = {"features.shortcuts.type", "oauth_config.scopes.bot", "settings.event_subscriptions.bot_events"}
TOP = {"display_information", "features", "oauth_config", "settings"}
ADDRESS = "https://pace.example"


def words(value: Any, path: str = "") -> list[tuple[str, str]]:
    """Every string of the manifest with where it stands; places in a list are left out."""
    match value:
        case str():
            return [(path, value)]
        case dict():
            return [each for key in value for each in words(value[key], f"{path}.{key}".lstrip("."))]
        case list():
            return [each for item in value for each in words(item, path)]
        case _:
            return []


def printed(*options: str, **environment: str) -> Json:
    result = CliRunner().invoke(app, ["slack-manifest", *options], env=environment)
    assert result.exit_code == 0, result.output
    shown: Json = json.loads(result.stdout)
    return shown


@pytest.mark.parametrize("public_url", [None, ADDRESS])
def test_slack_takes_the_manifest(public_url: str | None) -> None:
    made = manifest(public_url)
    assert [error.message for error in SCHEMA.iter_errors(made)] == []
    assert set(made) == TOP
    for path, said in words(made):
        assert path in LONGEST or path in NAMES, f"what is the longest {path}?"
        assert 1 <= len(said) <= LONGEST.get(path, 50), (path, said)


def test_the_schema_refuses_what_slack_would() -> None:
    made = manifest()
    made["settings"]["event_subscriptions"]["bot_events"].append("message.dm")
    made["features"]["slash_commands"][0]["hint"] = "visit"
    del made["features"]["shortcuts"][0]["callback_id"]
    assert len(list(SCHEMA.iter_errors(made))) == 3


def test_the_manifest_asks_for_what_the_code_uses_and_no_more() -> None:
    made = manifest()
    assert made["oauth_config"]["scopes"] == {"bot": list(BOT_SCOPES)}
    assert made["settings"]["event_subscriptions"] == {"bot_events": list(BOT_EVENTS)}
    assert made["features"]["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }
    assert [(each["type"], each["callback_id"]) for each in made["features"]["shortcuts"]] == [
        ("global", LOG_VISIT)
    ]


def test_the_one_command_names_every_word_that_may_follow_it() -> None:
    (command,) = manifest()["features"]["slash_commands"]
    assert command["command"] == COMMAND
    said = command["usage_hint"].split(" | ")
    assert sorted(said) == sorted(each.name for each in registry().commands.values() if not each.hidden)
    assert all(registry().find(word) for word in said)


def test_socket_mode_needs_no_address() -> None:
    # An address that is set for Telegram says nothing about Slack.
    made = printed(DEALPACE_PUBLIC_URL=ADDRESS)
    assert made["settings"]["socket_mode_enabled"] is True
    assert "https://" not in json.dumps(made)


@pytest.mark.parametrize(
    "made",
    [
        lambda: printed("--http", ADDRESS),
        lambda: printed("--http", f"{ADDRESS}/"),
        lambda: printed("--http", ADDRESS, DEALPACE_PUBLIC_URL="https://other.example"),
    ],
)
def test_with_an_address_everything_comes_there(made: Any) -> None:
    shown = made()
    events = f"{ADDRESS}/slack/events"
    assert shown["settings"]["socket_mode_enabled"] is False
    assert shown["settings"]["event_subscriptions"]["request_url"] == events
    assert shown["settings"]["interactivity"]["request_url"] == events
    assert shown["features"]["slash_commands"][0]["url"] == events


def test_an_address_that_slack_cannot_reach_safely_is_refused() -> None:
    result = CliRunner().invoke(app, ["slack-manifest", "--http", "http://pace.example"])
    assert result.exit_code == 1 and "https" in result.output and not result.stdout.startswith("{")
