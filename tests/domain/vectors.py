"""The worked examples of the method that this product computes today, by their id."""

import json
from pathlib import Path

ROWS: list[dict[str, str]] = json.loads(
    (Path(__file__).parents[1] / "vectors.json").read_text(encoding="utf-8")
)
VECTORS = {row["id"]: row for row in ROWS}


def expected(number: str) -> str:
    return VECTORS[number]["expected"]


def title(number: str) -> str:
    return VECTORS[number]["title"]
