"""A card as each platform is sent it, and what the platform would have against it."""

import json
from typing import Any

from bot.slack import render as slack
from bot.telegram import render as telegram
from domain.people import Language
from handlers.view import Card
from tests.support.payloads import slack_problems, telegram_problems

Json = dict[str, Any]

# As long as a real one.
TOKEN = "mfzwizltoq3tqmrtgu4to"


def telegram_arguments(message: telegram.Message, *, plain: bool = False) -> Json:
    """The arguments of sendMessage: marked up, or plain, should Telegram refuse that."""
    sent: Json = {"chat_id": 7, "text": message.plain if plain else message.html}
    if not plain:
        sent["parse_mode"] = "HTML"
    if message.markup:
        sent["reply_markup"] = message.markup
    return sent


def illegal_on_telegram(message: telegram.Message) -> list[str]:
    return [
        problem
        for plain in (False, True)
        for problem in telegram_problems("sendMessage", telegram_arguments(message, plain=plain))
    ]


def slack_arguments(shown: Card, language: Language) -> Json:
    """The arguments of chat.postMessage after their way through JSON."""
    said = {
        "channel": "D1",
        "text": slack.text(shown, language),
        "blocks": slack.blocks(shown, language, TOKEN),
    }
    sent: Json = json.loads(json.dumps(said).encode("utf-8"))
    return sent


def illegal_on_slack(shown: Card, language: Language) -> list[str]:
    return slack_problems("chat.postMessage", slack_arguments(shown, language))
