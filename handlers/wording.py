"""Words as values: a text of the catalogue with its parameters, or somebody's own, and their JSON form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, TypeAlias, assert_never

Param: TypeAlias = "str | int | Decimal | date | time | datetime | Text"


@dataclass(frozen=True, slots=True)
class Text:
    """Words of the catalogue: a key and what fills its placeholders; resolved when rendered."""

    key: str
    params: Mapping[str, "Param"] = field(default_factory=dict)


def t(key: str, /, **params: Param) -> Text:
    """A `Text` in a line."""
    return Text(key, params)


# Words are the catalogue's or, as plain `str`, somebody's own: a name, a result.
Words = Text | str


def to_json(words: Words) -> Any:
    """The words as JSON takes them."""
    if isinstance(words, str):
        return words
    return {
        "t": words.key,
        **({"p": {k: _param(v) for k, v in words.params.items()}} if words.params else {}),
    }


def from_json(body: Any) -> Words:
    """The words that `to_json` made JSON of."""
    if isinstance(body, str):
        return body
    return Text(body["t"], {k: _unparam(v) for k, v in body.get("p", {}).items()})


def _param(value: Param) -> Any:
    match value:
        case str() | int():
            return value
        case Text():
            return to_json(value)
        case Decimal():
            return {"n": str(value)}
        case datetime():
            return {"i": value.isoformat()}
        case date():
            return {"d": value.isoformat()}
        case time():
            return {"h": value.isoformat()}
        case _:
            assert_never(value)


def _unparam(body: Any) -> Param:
    match body:
        case str() | int():
            return body
        case {"n": value}:
            return Decimal(value)
        case {"i": value}:
            return datetime.fromisoformat(value)
        case {"d": value}:
            return date.fromisoformat(value)
        case {"h": value}:
            return time.fromisoformat(value)
        case _:
            return from_json(body)
