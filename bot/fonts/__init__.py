"""The font that pictures are written in, cut to what is needed, and how wide its letters are."""

import json
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent
FONT = FOLDER / "NotoSansCJKsc-Subset.otf"
ADVANCES = FOLDER / "advances.json"
FAMILY = "Noto Sans CJK SC"
# What a glyph that is not listed takes, in thousandths of the size: a Chinese one is as wide as it is high.
EM = 1000
# Han of Big5's first level, the common ones, by the first of their two octets.
FIRST_LEVEL = range(0xA4, 0xC7)


def is_common_han(char: str) -> bool:
    """Whether a character is of GB 2312, with its signs, or of the first level of Big5."""
    first = _octets(char, "big5")[:1]
    return bool(_octets(char, "gb2312")) or bool(first and first[0] in FIRST_LEVEL)


def is_drawn(char: str) -> bool:
    """Whether the shipped font has a glyph for it."""
    return char in advances() or is_common_han(char)


def breadth(text: str, size: float) -> float:
    """How wide a text is at a size, in the size's unit."""
    return sum(advances().get(char, EM) for char in text) * size / EM


@lru_cache(maxsize=1)
def advances() -> dict[str, int]:
    """The breadths of all glyphs that are not as wide as high, in thousandths."""
    found: dict[str, int] = json.loads(ADVANCES.read_text(encoding="utf-8"))
    return found


def _octets(char: str, code: str) -> bytes:
    """The two octets of a character that is not plain ASCII, or none."""
    if char.isascii():
        return b""
    try:
        return char.encode(code)
    except UnicodeEncodeError:
        return b""
