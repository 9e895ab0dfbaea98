"""The Telegram bot as its token shows it: known, at the right server, and receiving in the mode that is set."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bot.doctor.asking import Answer, Asking, SomebodyElse, Unanswered
from bot.doctor.findings import Finding, fix, hint, ok
from bot.doctor.setup import Reading
from bot.settings import Misconfigured, Settings
from bot.telegram.webhook import PATH, hook_of

NAME = "telegram"
# The refusals that mean the token: unknown, or not even shaped like one.
TOKEN_REFUSED = (401, 404)


async def examine(reading: Reading, asking: Asking) -> list[Finding]:
    """Asks Telegram who the token is and what it sends where; nothing where no token is set."""
    settings = reading.settings
    if not settings.telegram_token or not reading.can_use("telegram_token", "telegram_api_root"):
        return []
    token = settings.telegram_token.get_secret_value()
    root = f"{settings.telegram_api_root.rstrip('/')}/bot{token}"
    calls = (asking.ask("Telegram", f"{root}/{method}") for method in ("getMe", "getWebhookInfo"))
    try:
        me, hook = await asyncio.gather(*calls)
    except SomebodyElse as failure:
        return [fix(NAME, str(failure), "TELEGRAM_API_ROOT: name a Bot API server, or leave it out")]
    except Unanswered as failure:
        return [fix(NAME, str(failure), "check the network, proxy and firewall, and TELEGRAM_API_ROOT")]
    if not me.is_ok:
        return [_refusal(me)]
    return [*_bot(me.body["result"]), *_receiving(reading, token, hook)]


def _refusal(answer: Answer) -> Finding:
    if answer.body.get("error_code") in TOKEN_REFUSED:
        remedy = "copy the token from @BotFather: /mybots, the bot, API Token"
        return fix("TELEGRAM_TOKEN", "Telegram refuses it", remedy)
    return fix(NAME, f"getMe failed: {answer.error}", "try again in a minute")


def _bot(me: Mapping[str, Any]) -> list[Finding]:
    found = [ok(NAME, f"@{me.get('username')} answers")]
    if me.get("can_read_all_group_messages"):
        remedy = "@BotFather /setprivacy, Enable: commands and replies are all it needs"
        found.append(
            hint(NAME, "privacy mode is off: the bot is sent all that is said in its groups", remedy)
        )
    if me.get("can_join_groups") is False:
        remedy = "@BotFather /setjoingroups, Enable"
        found.append(hint(NAME, "the bot cannot be added to a group: no team room", remedy))
    return found


def _receiving(reading: Reading, token: str, answer: Answer) -> list[Finding]:
    """What Telegram does with updates, against the mode that is set."""
    if not answer.is_ok:
        return [fix(NAME, f"getWebhookInfo failed: {answer.error}", "try again in a minute")]
    info = answer.body["result"]
    if reading.settings.telegram_mode == "polling":
        found = [_polling(info)]
    elif reading.can_use("public_url", "telegram_webhook_secret"):
        found = [_hooked(info, reading.settings, token)]
    else:
        return []
    if waiting := info.get("pending_update_count", 0):
        found.append(hint(NAME, f"{waiting} updates wait", "they come when the bot runs"))
    return found


def _polling(info: Mapping[str, Any]) -> Finding:
    if not info.get("url"):
        return ok(NAME, "polling, no webhook in its way")
    what = f"polling is set, but a webhook sends updates to {urlsplit(info['url']).hostname}"
    return hint(NAME, what, "dealpace run removes it; a server that needs it needs a bot of its own")


def _hooked(info: Mapping[str, Any], settings: Settings, token: str) -> Finding:
    try:
        hook = hook_of(settings.public_url, token, secret=None)
    except Misconfigured as wrong:
        what, _, remedy = str(wrong).partition(": ")
        return fix("PUBLIC_URL", what, remedy)
    if info.get("url") != hook.url:
        told = (
            f"updates go to {urlsplit(info['url']).hostname}" if info.get("url") else "no webhook is set yet"
        )
        return hint(NAME, told, "dealpace run sets it to PUBLIC_URL")
    if not info.get("last_error_message"):
        return ok(NAME, "the webhook is set")
    what = f"Telegram could not deliver: {info['last_error_message']}"
    if not info.get("pending_update_count"):
        return hint(NAME, f"{what}; nothing waits any more")
    remedy = f"let {PATH} of PUBLIC_URL reach LISTEN, with a certificate that is trusted"
    return fix(NAME, what, remedy)
