"""The legality of what an app sends to Slack, judged by Slack's own models and the rules they leave out."""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from tests.support.arguments import decoded, stray_parameters

Json = dict[str, Any]

MESSAGE_METHODS = {
    "chat.postMessage",
    "chat.update",
    "chat.postEphemeral",
    "chat.scheduleMessage",
    "response_url",
}
VIEW_METHODS = {"views.open", "views.push", "views.update", "views.publish"}
ADDED_BY_BOLT = {"team_id", "token"}
TEXT_OBJECTS = {"mrkdwn", "plain_text", "markdown"}
LONGEST_TEXT = 40_000
MOST_BLOCKS_IN_A_MESSAGE = 50
MOST_BLOCKS_IN_A_VIEW = 100
LONGEST_FIELD = 2_000
LONGEST_BUTTON_TEXT = 75
LONGEST_BUTTON_VALUE = 2_000
VIEW_LENGTHS = {"private_metadata": 3_000, "callback_id": 255, "external_id": 255}


def slack_problems(method: str, args: Mapping[str, Any], *, allow: Collection[str] = ()) -> list[str]:
    """Everything wrong with one Web API call, as "error_code: detail"; `allow` holds mentions like <@U1>."""
    found = []
    if method in MESSAGE_METHODS | VIEW_METHODS:
        stray = stray_parameters(AsyncWebClient, method.replace(".", "_"), args)
        found += [
            f"invalid_arguments: unknown argument {name}" for name in stray if name not in ADDED_BY_BOLT
        ]
    try:
        if method in MESSAGE_METHODS:
            found += _message_problems(method, args, allow)
        if method in VIEW_METHODS and args.get("view"):
            found += _view_problems(method, decoded(args["view"]), allow)
    except ValueError as error:
        found.append(f"invalid_arguments: not JSON: {error}")
    return found


def _message_problems(method: str, args: Mapping[str, Any], allow: Collection[str]) -> list[str]:
    text = args.get("text") or ""
    blocks = decoded(args.get("blocks") or [])
    found = []
    if len(text) > LONGEST_TEXT:
        found.append(f"msg_too_long: {len(text)} characters of text")
    if blocks and not text.strip():
        found.append("no_text: blocks without the top-level text that screen readers and notifications use")
    if not text.strip() and not blocks and not (method == "response_url" and args.get("delete_original")):
        found.append("no_text: neither text nor blocks")
    found += [f"invalid_blocks: {problem}" for problem in _block_problems(blocks, MOST_BLOCKS_IN_A_MESSAGE)]
    texts = [text, *_texts_of(blocks)]
    return found + [f"mention: {mention}" for one in texts for mention in _mentions(one, allow)]


def _view_problems(method: str, view: Json, allow: Collection[str]) -> list[str]:
    found = _model_problems("view", View, view)
    kind = view.get("type")
    blocks = view.get("blocks") or []
    if (kind == "home") != (method == "views.publish") and method != "views.update":
        found.append(f"{method} does not take a {kind} view")
    if kind == "modal" and not view.get("title"):
        found.append("a modal needs a title")
    if kind == "modal" and not view.get("submit") and any(block.get("type") == "input" for block in blocks):
        found.append("an input block needs submit")
    if kind == "home" and {"title", "submit", "close"} & set(view):
        found.append("a home tab has no title, submit or close")
    for key, longest in VIEW_LENGTHS.items():
        if len(view.get(key) or "") > longest:
            found.append(f"{key} longer than {longest}")
    for key in ("title", "submit", "close"):
        if view.get(key) and view[key].get("type") != "plain_text":
            found.append(f"{key} must be plain_text")
    found += _block_problems(blocks, MOST_BLOCKS_IN_A_VIEW)
    texts = _texts_of(view)
    mentions = [f"mention: {mention}" for one in texts for mention in _mentions(one, allow)]
    return [f"invalid_arguments: {problem}" for problem in found] + mentions


def _block_problems(blocks: list[Json], most: int) -> list[str]:
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return ["blocks must be a list of objects"]
    found = [f"more than {most} blocks"] if len(blocks) > most else []
    found += [f"duplicate block_id {name}" for name in _repeated(blocks, "block_id")]
    for position, block in enumerate(blocks):
        found += [f"/{position}: {problem}" for problem in _one_block_problems(block)]
    return found


def _one_block_problems(block: Json) -> list[str]:
    found = _model_problems("block", Block.parse, block)
    if block.get("type") == "header" and block.get("text", {}).get("type") != "plain_text":
        found.append("header text must be plain_text")
    if any(len(field.get("text", "")) > LONGEST_FIELD for field in block.get("fields", [])):
        found.append(f"field longer than {LONGEST_FIELD}")
    found += [f"duplicate action_id {name}" for name in _repeated(block.get("elements", []), "action_id")]
    for item in objects_in(block):
        if item.get("type") == "button":
            found += _slack_button_problems(item)
        if item.get("type") in TEXT_OBJECTS and not str(item.get("text", "")).strip():
            found.append("empty text")
        if item.get("type") == "image" and not item.get("alt_text"):
            found.append("image without alt_text")
    return found


def _slack_button_problems(button: Json) -> list[str]:
    label = button.get("text", {})
    found = []
    if label.get("type") != "plain_text":
        found.append("button text must be plain_text")
    if len(label.get("text", "")) > LONGEST_BUTTON_TEXT:
        found.append(f"button text longer than {LONGEST_BUTTON_TEXT}")
    if len(button.get("value") or "") > LONGEST_BUTTON_VALUE:
        found.append(f"button value longer than {LONGEST_BUTTON_VALUE}")
    return found


def _model_problems(what: str, model: Callable[..., JsonObject | None], body: Json) -> list[str]:
    """Slack's own model must accept the object and keep every key (it drops unknown ones)."""
    try:
        parsed = model(**body) if model is View else model(dict(body))
        if parsed is None:
            return [f"unsupported {what} type {body.get('type')}"]
        parsed.validate_json()
        for part in _parts_of(parsed):
            part.validate_json()
        kept = parsed.to_dict()
    except (SlackObjectFormationError, TypeError, KeyError, ValueError, AttributeError) as error:
        return [str(error)]
    return [] if _survives(body, kept) else [f"unknown or misplaced key in {json.dumps(body)[:120]}"]


def _parts_of(parsed: JsonObject) -> Iterator[JsonObject]:
    for name in ("elements", "fields", "accessory", "element", "text", "label", "hint", "options", "confirm"):
        part = getattr(parsed, name, None)
        for one in part if isinstance(part, list | tuple) else [part]:
            if isinstance(one, JsonObject):
                yield one
                yield from _parts_of(one)


def _survives(sent: Any, kept: Any) -> bool:
    if isinstance(sent, dict):
        return isinstance(kept, dict) and all(key in kept and _survives(sent[key], kept[key]) for key in sent)
    if isinstance(sent, list):
        return isinstance(kept, list) and len(sent) == len(kept) and all(map(_survives, sent, kept))
    return bool(sent == kept)


def _repeated(objects: list[Json], key: str) -> list[str]:
    names = [item[key] for item in objects if item.get(key)]
    return sorted({name for name in names if names.count(name) > 1})


def _texts_of(value: Any) -> list[str]:
    return [item["text"] for item in objects_in(value) if isinstance(item.get("text"), str)]


def _mentions(text: str, allow: Collection[str]) -> list[str]:
    for allowed in allow:
        text = text.replace(allowed, "")
    return re.findall(r"<[!@][^>]{0,40}>?", text)


def objects_in(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from objects_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from objects_in(item)
