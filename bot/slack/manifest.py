"""The app manifest to paste into Slack: everything the app asks of a workspace, from the declarations."""

from typing import Any

from bot.slack.render import COMMAND
from bot.slack.scopes import BOT_EVENTS, BOT_SCOPES
from domain.people import Language
from handlers.registry import listed
from handlers.view import t
from handlers.words import catalogue

Json = dict[str, Any]

NAME = "Dealpace"
# Slack allows a bot user small letters, digits and -_. only.
BOT_NAME = "dealpace"
DESCRIPTION = (
    "A sales coach in the team's chat: log the day in seconds, see what is left, close it in one tap."
)
COLOR = "#1f4e5f"
LOG_VISIT = "log_visit"
EVENTS_PATH = "/slack/events"
# The first commands of the menu, which say what the one command is for.
SAID_OF_COMMAND = 3


def manifest(public_url: str | None = None) -> Json:
    """The manifest for Socket Mode, or for HTTP where Slack can reach `public_url`, an https address."""
    address = {"request_url": public_url.rstrip("/") + EVENTS_PATH} if public_url else {}
    return {
        "display_information": {"name": NAME, "description": DESCRIPTION, "background_color": COLOR},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": BOT_NAME, "always_online": True},
            "shortcuts": [
                {
                    "name": "Log visit",
                    "type": "global",
                    "callback_id": LOG_VISIT,
                    "description": _sentence("visit"),
                }
            ],
            "slash_commands": [_slash_command(address.get("request_url"))],
        },
        "oauth_config": {"scopes": {"bot": list(BOT_SCOPES)}},
        "settings": {
            "event_subscriptions": {**address, "bot_events": list(BOT_EVENTS)},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not public_url,
            "token_rotation_enabled": False,
        },
    }


def _slash_command(url: str | None) -> Json:
    """The one command; its hint names every word that may follow it."""
    names = [each.name for each in listed()]
    return {
        "command": COMMAND,
        "description": _sentence(*names[:SAID_OF_COMMAND]),
        "usage_hint": " | ".join(names),
        # Names are taken as they were typed, not as links to members and channels.
        "should_escape": False,
        **({"url": url} if url else {}),
    }


def _sentence(*names: str) -> str:
    """What the commands are for: `Log or plan a visit; log a call`."""
    said = "; ".join(catalogue().say(t(f"{name}.command.summary"), Language.EN) for name in names)
    return said[:1].upper() + said[1:]
