"""A payload of Slack: which way of speaking it is, whose, the one id of its delivery, and what of it is kept."""

import hashlib
import json
from datetime import datetime
from typing import Any

Json = dict[str, Any]

# Which way of speaking a payload is, by its type; a command has none.
_KINDS = {
    "event_callback": "event",
    "block_actions": "action",
    "view_submission": "form",
    "shortcut": "shortcut",
}
# Rights and secrets that come with a payload, and what we said ourselves: not needed later, so not kept.
_NOT_KEPT = ("token", "response_url", "response_urls", "message", "state", "authorizations")
_KEPT_OF_VIEW = ("id", "type", "callback_id", "private_metadata", "state")


def kind_of(payload: Json) -> str:
    """Which way of speaking a payload is."""
    return "command" if "command" in payload else _KINDS.get(str(payload.get("type")), "other")


def is_ours(payload: Json, team: str) -> bool:
    """Whether every team the payload names is ours: a shared channel brings in people of other workspaces."""
    named = (
        word(payload, "team_id"),
        word(payload, "team", "id"),
        word(payload, "user", "team_id"),
        word(payload, "event", "team"),
        word(payload, "event", "user_team"),
    )
    return all(each in ("", team) for each in named)


def is_uninstalled(payload: Json) -> bool:
    """Whether the workspace removed the app, or took the bot's token from it."""
    event = payload.get("event")
    if kind_of(payload) != "event" or not isinstance(event, dict):
        return False
    tokens = event.get("tokens")
    revoked = event.get("type") == "tokens_revoked" and isinstance(tokens, dict) and bool(tokens.get("bot"))
    return revoked or event.get("type") == "app_uninstalled"


def user_of(payload: Json) -> str:
    """Who did it, or "" where nobody did."""
    return (
        word(payload, "user_id")
        or word(payload, "user", "id")
        or word(payload, "event", "user")
        or word(payload, "event", "message", "user")
    )


def channel_of(payload: Json) -> str:
    """Where it was done."""
    return (
        word(payload, "channel_id")
        or word(payload, "container", "channel_id")
        or word(payload, "channel", "id")
        or word(payload, "event", "channel")
    )


def delivery_of(payload: Json) -> str:
    """The same id for the same thing however often it comes, and under however many event ids.

    Commands, presses and forms carry no event id; one gesture can become two events (platforms section 3).
    """
    if event := word(payload, "event_id"):
        message = word(payload, "event", "client_msg_id")
        if not message:
            return event
        said = f"{channel_of(payload)}:{message}:{word(payload, 'event', 'edited', 'ts')}"
        return f"said:{_short(said)}"
    action: Any = next(iter(payload.get("actions") or ()), None)
    if isinstance(action, dict) and action.get("action_ts"):
        place = f"{channel_of(payload)}:{word(payload, 'container', 'message_ts')}"
        said = f"{place}:{action['action_ts']}:{user_of(payload)}:{action.get('action_id')}"
    else:
        said = word(payload, "trigger_id") or json.dumps(payload, sort_keys=True)
    return f"{kind_of(payload)}:{_short(said)}"


def _short(said: str) -> str:
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()


def stored(payload: Json, *, team: str, bot: str, received_at: datetime, known: Json) -> Json:
    """What is kept of a delivery: the payload and what it takes to read it later; `team` is ours."""
    pruned = {key: value for key, value in payload.items() if key not in _NOT_KEPT}
    if isinstance(view := pruned.get("view"), dict):
        pruned["view"] = {key: view[key] for key in _KEPT_OF_VIEW if key in view}
    if isinstance(event := pruned.get("event"), dict) and "view" in event:
        pruned["event"] = {key: value for key, value in event.items() if key != "view"}
    return {
        "kind": kind_of(payload),
        "team": team,
        "bot": bot,
        "received_at": received_at.isoformat(),
        **known,
        "payload": pruned,
    }


def word(body: Any, *path: str) -> str:
    """The string at a path of keys, or "" where the shape is another."""
    for key in path:
        body = body.get(key) if isinstance(body, dict) else None
    return body if isinstance(body, str) else ""
