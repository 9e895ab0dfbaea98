"""A form as a Slack modal: what is shown, what was filled in, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.slack.render import blocks, clipped, one_line, plain_text, words
from domain.people import Language
from handlers.view import Card, Field, Line, Mark, Words, t

Json = dict[str, Any]

FORM = "form"
# Each part is a block of its own name with one element.
ELEMENT = "value"
# Slack's limits, in UTF-16 units (platforms section 3).
LONGEST_TITLE = 24
LONGEST_PLACEHOLDER, LONGEST_OPTION, LONGEST_VALUE, LONGEST_LABEL = 150, 75, 3_000, 2_000
MOST_OPTIONS, MOST_FIELDS = 100, 90


def view(shown: Card, language: Language, token: str) -> Json:
    """The modal of a card with a form; its token says which command it fills in, and that is all it carries."""
    form = shown.form
    if form is None:
        raise ValueError("a card without a form has no modal")
    about = tuple(each for each in shown.blocks if isinstance(each, Line) and each.mark is Mark.DONE)
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": f"{token}.{len(shown.commands) - 1}",
        "title": _short(form.title, language, LONGEST_TITLE),
        "submit": _short(t("button.save"), language, LONGEST_TITLE),
        "close": _short(t("button.cancel"), language, LONGEST_TITLE),
        "blocks": [
            *blocks(replace(shown, blocks=about, rows=(), form=None), language, None),
            *(_input(each, language) for each in form.fields[:MOST_FIELDS]),
        ],
    }


def values_of(view: Json) -> Mapping[str, str]:
    """What was filled in, by part; what was left empty is left out."""
    found: dict[str, str] = {}
    for part, elements in view["state"]["values"].items():
        for element in elements.values():
            chosen = element.get("selected_option") or {}
            if value := element.get("value") or chosen.get("value"):
                found[part] = str(value)
    return found


def errors(view: Json, found: Mapping[str, str]) -> Json:
    """The answer that keeps the form open: each error at its part, one about no part at the first."""
    parts = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    at: dict[str, list[str]] = {}
    for part, said in found.items():
        at.setdefault(part if part in parts else parts[0], []).append(words(said))
    return {"response_action": "errors", "errors": {part: "\n".join(said) for part, said in at.items()}}


def _input(field: Field, language: Language) -> Json:
    return {
        "type": "input",
        "block_id": field.name,
        "label": _short(field.label, language, LONGEST_LABEL),
        "optional": not field.required,
        "element": _select(field, language) if field.options else _text(field, language),
    }


def _text(field: Field, language: Language) -> Json:
    begun = {"initial_value": clipped(words(field.value), LONGEST_VALUE)} if field.value else {}
    return {
        "type": "plain_text_input",
        "action_id": ELEMENT,
        "multiline": field.lines,
        "max_length": LONGEST_VALUE,
        **begun,
        **_placeholder(field, language),
    }


def _select(field: Field, language: Language) -> Json:
    options = [
        {"text": _short(label, language, LONGEST_OPTION), "value": value}
        for label, value in field.options[:MOST_OPTIONS]
    ]
    begun = [each for each in options if each["value"] == field.value]
    return {
        "type": "static_select",
        "action_id": ELEMENT,
        "options": options,
        **({"initial_option": begun[0]} if begun else {}),
        **_placeholder(field, language),
    }


def _placeholder(field: Field, language: Language) -> Json:
    """How the part is asked for, where its label does not say so already."""
    if field.ask == field.label:
        return {}
    return {"placeholder": _short(field.ask, language, LONGEST_PLACEHOLDER)}


def _short(said: Words, language: Language, most: int) -> Json:
    return plain_text(one_line(said, language, most))
