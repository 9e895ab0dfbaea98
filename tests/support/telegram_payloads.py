"""The legality of what a bot sends to Telegram, judged by Telegram's own parser and limits."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import tdjson
from telegram import (
    Bot,
    BotCommand,
    ForceReply,
    InlineKeyboardButton,
    LinkPreviewOptions,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
    TelegramObject,
)
from telegram.constants import (
    BotCommandLimit,
    BotDescriptionLimit,
    BotNameLimit,
    CallbackQueryLimit,
    InlineKeyboardButtonLimit,
    InlineKeyboardMarkupLimit,
    MessageLimit,
)

from tests.support.arguments import decoded, stray_parameters, utf16_length

Json = dict[str, Any]

PARSE_MODES: dict[str, Json] = {
    "html": {"@type": "textParseModeHTML"},
    "markdownv2": {"@type": "textParseModeMarkdown", "version": 2},
    "markdown": {"@type": "textParseModeMarkdown", "version": 1},
}
TEXT_RULES = {
    "sendMessage": ("text", MessageLimit.MAX_TEXT_LENGTH, "message is too long"),
    "editMessageText": ("text", MessageLimit.MAX_TEXT_LENGTH, "message is too long"),
    "editMessageCaption": ("caption", MessageLimit.CAPTION_LENGTH, "message caption is too long"),
    "sendPhoto": ("caption", MessageLimit.CAPTION_LENGTH, "message caption is too long"),
    "sendDocument": ("caption", MessageLimit.CAPTION_LENGTH, "message caption is too long"),
}
LENGTH_RULES = {
    "answerCallbackQuery": ("text", CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH, "MESSAGE_TOO_LONG"),
    "setMyName": ("name", BotNameLimit.MAX_NAME_LENGTH, "BOT_TITLE_INVALID"),
    "setMyDescription": ("description", BotDescriptionLimit.MAX_DESCRIPTION_LENGTH, "BOT_ABOUT_INVALID"),
    "setMyShortDescription": (
        "short_description",
        BotDescriptionLimit.MAX_SHORT_DESCRIPTION_LENGTH,
        "BOT_ABOUT_INVALID",
    ),
}
STRUCTURED: dict[str, type[TelegramObject]] = {
    "link_preview_options": LinkPreviewOptions,
    "reply_parameters": ReplyParameters,
}
OTHER_MARKUPS: dict[str, type[TelegramObject]] = {
    "keyboard": ReplyKeyboardMarkup,
    "remove_keyboard": ReplyKeyboardRemove,
    "force_reply": ForceReply,
}
COMMAND_SCOPES = {
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
}
MOST_BUTTONS_IN_A_ROW = 8
UPLOADED_PART = "attached"
NOT_OF_THE_BOT_API = {"textEntityTypeMediaTimestamp"}
ENTITY_NAMES = {
    "TextUrl": "text_link",
    "EmailAddress": "email",
    "BlockQuote": "blockquote",
    "ExpandableBlockQuote": "expandable_blockquote",
    "PreCode": "pre",
    "MentionName": "text_mention",
}


class IllegalText(ValueError):
    """A text that Telegram's parser refuses, in Telegram's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormattedText:
    """A text after parsing; entity offsets and lengths are UTF-16 code units."""

    text: str
    entities: list[Json]


def telegram_problems(method: str, params: Mapping[str, Any]) -> list[str]:
    """Everything wrong with the arguments of one Bot API call; empty when Telegram would take it."""
    stray = stray_parameters(Bot, snake_case(method), params)
    found = [f"unknown parameter {name}" for name in stray if not name.startswith(UPLOADED_PART)]
    if method in TEXT_RULES:
        found += _text_problems(params, *TEXT_RULES[method])
    if method in LENGTH_RULES:
        key, longest, complaint = LENGTH_RULES[method]
        found += [complaint] if utf16_length(str(params.get(key) or "")) > longest else []
    if params.get("reply_markup"):
        found += _markup_problems(params["reply_markup"])
    for key, model in STRUCTURED.items():
        if params.get(key):
            found += _stray_keys(key, model, decoded(params[key]))
    if method in ("setMyCommands", "deleteMyCommands", "getMyCommands"):
        found += _command_list_problems(method, params)
    if method == "setWebhook" and not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", params.get("secret_token") or ""):
        found.append("secret token contains unallowed characters")
    return found


def formatted_text(params: Mapping[str, Any], key: str = "text") -> FormattedText:
    """Parse a text as Telegram does; raises IllegalText in Telegram's words."""
    raw = params.get(key) or ""
    try:
        raw.encode()
    except UnicodeEncodeError as error:
        raise IllegalText("strings must be encoded in UTF-8") from error
    mode = (params.get("parse_mode") or "").lower()
    if not mode:
        entities = decoded(params.get("entities" if key == "text" else "caption_entities") or [])
        return FormattedText(text=raw, entities=entities)
    if mode not in PARSE_MODES:
        raise IllegalText("unsupported parse_mode")
    parsed = _tdlib({"@type": "parseTextEntities", "text": raw, "parse_mode": PARSE_MODES[mode]})
    if parsed["@type"] == "error":
        raise IllegalText(parsed["message"][0].lower() + parsed["message"][1:])
    return FormattedText(text=parsed["text"], entities=_bot_api_entities(parsed["entities"]))


def entities_seen_in(text: str) -> list[Json]:
    """The entities Telegram finds by itself in what a person types: commands, mentions, links."""
    return _bot_api_entities(_tdlib({"@type": "getTextEntities", "text": text})["entities"])


def snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _tdlib(request: Json) -> Json:
    answer: Json = json.loads(tdjson.td_execute(json.dumps(request).encode()) or "{}")
    return answer


_tdlib({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0})


def _bot_api_entities(entities: list[Json]) -> list[Json]:
    translated = []
    for entity in entities:
        kind = entity["type"]
        if kind["@type"] in NOT_OF_THE_BOT_API:
            continue
        name = kind["@type"].removeprefix("textEntityType")
        body: Json = {"type": ENTITY_NAMES.get(name, snake_case(name))}
        body |= {"offset": entity["offset"], "length": entity["length"]}
        body |= {
            key: kind[key] for key in ("url", "language", "custom_emoji_id", "unix_time") if kind.get(key)
        }
        if "user_id" in kind:
            body["user"] = {"id": kind["user_id"], "is_bot": False, "first_name": "Somebody"}
        translated.append(body)
    return translated


def _text_problems(params: Mapping[str, Any], key: str, longest: int, complaint: str) -> list[str]:
    try:
        formatted = formatted_text(params, key)
    except IllegalText as error:
        return [str(error)]
    found = []
    length = utf16_length(formatted.text)
    if key == "text" and not formatted.text.strip():
        found.append("message text is empty")
    if length > longest:
        found.append(complaint)
    if len(formatted.entities) > MessageLimit.MESSAGE_ENTITIES:
        found.append("more than 100 entities: Telegram drops the rest")
    for entity in formatted.entities:
        found += _stray_keys("entity", MessageEntity, entity)
        if not 0 <= entity["offset"] < entity["offset"] + entity["length"] <= length:
            found.append(f"entity beyond the text: {entity}")
    return found


def _markup_problems(raw: Any) -> list[str]:
    try:
        markup = decoded(raw)
    except ValueError:
        return ["can't parse reply keyboard markup JSON object"]
    if not isinstance(markup, dict):
        return ["object expected as reply markup"]
    if "inline_keyboard" in markup:
        return _inline_keyboard_problems(markup)
    for key, model in OTHER_MARKUPS.items():
        if key in markup:
            return _stray_keys("reply_markup", model, markup)
    return [f"unknown reply markup with {sorted(markup)}"]


def _inline_keyboard_problems(markup: Json) -> list[str]:
    stray = sorted(set(markup) - {"inline_keyboard"})
    found = [f"unknown keys in reply_markup: {stray}"] if stray else []
    rows: list[list[Json]] = markup["inline_keyboard"]
    if sum(map(len, rows)) > InlineKeyboardMarkupLimit.TOTAL_BUTTON_NUMBER:
        found.append("reply markup is too long")
    if any(len(row) > MOST_BUTTONS_IN_A_ROW for row in rows):
        found.append(f"more than {MOST_BUTTONS_IN_A_ROW} buttons in a row")
    for row in rows:
        for button in row:
            found += _button_problems(button)
    return found


def _button_problems(button: Json) -> list[str]:
    found = _stray_keys("button", InlineKeyboardButton, button)
    if not button.get("text"):
        found.append("inline keyboard button text is empty")
    actions = set(button) - {"text", "style", "icon_custom_emoji_id"}
    if not actions:
        found.append("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        found.append(f"a button with several actions: {sorted(actions)}")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= InlineKeyboardButtonLimit.MAX_CALLBACK_DATA:
        found.append("BUTTON_DATA_INVALID")
    if "url" in button and not re.match(r"(https?|tg)://\S+$", button["url"]):
        found.append("BUTTON_URL_INVALID")
    return found


def _command_list_problems(method: str, params: Mapping[str, Any]) -> list[str]:
    found = []
    scope = decoded(params.get("scope") or {"type": "default"})
    if scope.get("type") not in COMMAND_SCOPES:
        found.append("unsupported type specified for BotCommandScope")
    if not re.fullmatch(r"([a-z]{2})?", params.get("language_code") or ""):
        found.append("invalid language code specified")
    if method != "setMyCommands":
        return found
    commands: list[Json] = decoded(params.get("commands") or [])
    if len(commands) > BotCommandLimit.MAX_COMMAND_NUMBER:
        found.append("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        found += _stray_keys("command", BotCommand, command)
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command.get("command", "")):
            found.append("BOT_COMMAND_INVALID")
        if not 1 <= utf16_length(command.get("description", "")) <= BotCommandLimit.MAX_DESCRIPTION:
            found.append("BOT_COMMAND_DESCRIPTION_INVALID")
    names = [command.get("command") for command in commands]
    if len(names) != len(set(names)):
        found.append("a command listed twice")
    return found


def _stray_keys(what: str, model: type[TelegramObject], body: Json) -> list[str]:
    try:
        stray = model.de_json(dict(body), None).api_kwargs
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        return [f"malformed {what}: {error}"]
    return [f"unknown keys in {what}: {sorted(stray)}"] if stray else []
