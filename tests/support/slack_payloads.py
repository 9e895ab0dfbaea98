"""The legality of what an app sends to Slack, judged by its own models and types and the rules they leave out."""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.basic_objects import JsonObject
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from tests.support.arguments import decoded, stray_parameters, utf16_length

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
VIEW_LENGTHS = {
    "title": 24,
    "submit": 24,
    "close": 24,
    "private_metadata": 3_000,
    "callback_id": 255,
    "external_id": 255,
}
# By type, in UTF-16 units as Slack counts; the models know most of them, in characters (platforms section 3).
LENGTHS = {
    "modal": VIEW_LENGTHS,
    "home": VIEW_LENGTHS,
    "section": {"text": 3_000},
    "header": {"text": 150},
    "input": {"label": 2_000, "hint": 2_000},
    "image": {"alt_text": 2_000, "image_url": 3_000},
    "button": {"text": 75, "value": 2_000, "url": 3_000, "accessibility_label": 75},
    "plain_text_input": {"initial_value": 3_000},
    "option": {"text": 75, "description": 75, "value": 150},
    "confirm": {"title": 100, "text": 300, "confirm": 30, "deny": 30},
}
LENGTHS_OF_ALL = {"action_id": 255, "block_id": 255, "placeholder": 150}
# Made of the types of @slack/types, which the models for Python do not all know (docs/testing.md).
SCHEMA: Json = json.loads(Path(__file__).with_name("slack_blocks.schema.json").read_text())


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
            view = decoded(args["view"])
            kind = view.get("type")
            if (kind == "home") != (method == "views.publish") and method != "views.update":
                found.append(f"invalid_arguments: {method} does not take a {kind} view")
            found += check_view(view, allow=allow)
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


def check_view(view: Json, *, allow: Collection[str] = ()) -> list[str]:
    """Everything wrong with a modal or an App Home, as "error_code: detail"."""
    found = _model_problems("view", View, view)
    kind = view.get("type")
    blocks = view.get("blocks") or []
    if kind == "modal" and not view.get("title"):
        found.append("a modal needs a title")
    if kind == "modal" and not view.get("submit") and any(block.get("type") == "input" for block in blocks):
        found.append("an input block needs submit")
    if kind == "home" and {"title", "submit", "close"} & set(view):
        found.append("a home tab has no title, submit or close")
    for key in ("title", "submit", "close"):
        if view.get(key) and view[key].get("type") != "plain_text":
            found.append(f"{key} must be plain_text")
    found += _length_problems(view)
    found += _schema_problems(VIEW_TYPES.get(str(kind), "ModalView"), {**view, "blocks": []})
    found += _block_problems(blocks, MOST_BLOCKS_IN_A_VIEW)
    mentions = [f"mention: {mention}" for one in _texts_of(view) for mention in _mentions(one, allow)]
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
    if block.get("type") in BLOCK_TYPES:
        found += _schema_problems(BLOCK_TYPES[block["type"]], block)
    for item in objects_in(block):
        found += _length_problems(item) + _choice_problems(item)
        if item.get("type") == "button" and item.get("text", {}).get("type") != "plain_text":
            found.append("button text must be plain_text")
        if item.get("type") in TEXT_OBJECTS and not str(item.get("text", "")).strip():
            found.append("empty text")
        if item.get("type") == "image" and not item.get("alt_text"):
            found.append("image without alt_text")
    return found


def _length_problems(item: Json) -> list[str]:
    """What is longer than Slack takes: plain words, or those of a text object."""
    kind = str(item.get("type") or ("option" if "value" in item else "confirm" if "deny" in item else ""))
    found = []
    for key, longest in (LENGTHS_OF_ALL | LENGTHS.get(kind, {})).items():
        said = item[key].get("text", "") if isinstance(item.get(key), dict) else item.get(key) or ""
        if utf16_length(str(said)) > longest:
            found.append(f"{kind} {key} longer than {longest}")
    return found


def _choice_problems(item: Json) -> list[str]:
    """A choice has options, and what is chosen at first is one of them."""
    options = item.get("options")
    if options is None:
        return []
    chosen = [item["initial_option"]] if "initial_option" in item else item.get("initial_options", [])
    found = [] if options else ["no options"]
    found += [f"duplicate option {value}" for value in _repeated(options, "value")]
    return found + ["what is chosen is no option" for each in chosen if each not in options]


def _schema_problems(name: str, body: Json) -> list[str]:
    wrong = best_match(_validator(name).iter_errors(body))
    return [f"@slack/types {name} at {wrong.json_path}: {wrong.message[:200]}"] if wrong else []


@cache
def _validator(name: str) -> Draft7Validator:
    return Draft7Validator({"$ref": f"#/definitions/{name}", "definitions": SCHEMA["definitions"]})


def _types(ending: str) -> dict[str, str]:
    """The definitions of the schema by the type they are for."""
    found = {}
    for name, definition in SCHEMA["definitions"].items():
        kind = definition.get("properties", {}).get("type", {}).get("const")
        if name.endswith(ending) and kind:
            found[kind] = name
    return found


BLOCK_TYPES = _types("Block") | {"image": "ImageBlock"}
VIEW_TYPES = _types("View")


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
    for part in vars(parsed).values():
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
