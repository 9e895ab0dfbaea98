"""The arguments of a platform's API call, as they travel and as the official client names them."""

import inspect
import json
from collections.abc import Mapping
from functools import cache
from typing import Any


def decoded(value: Any) -> Any:
    """A structured argument may travel as JSON text."""
    return json.loads(value) if isinstance(value, str) else value


def stray_parameters(client: type, function: str, given: Mapping[str, Any]) -> list[str]:
    """Parameters which the official client has never heard of, so very likely misspelt."""
    known = _parameters_of(client, function)
    return sorted(set(given) - known) if known else []


def utf16_length(text: str) -> int:
    """How long a text is for both platforms, which count UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@cache
def _parameters_of(client: type, function: str) -> frozenset[str]:
    method = getattr(client, function, None)
    return frozenset(inspect.signature(method).parameters) if method else frozenset()
