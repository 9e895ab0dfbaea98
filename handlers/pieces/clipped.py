"""Somebody's own words, cut to the columns there are; what is stored stays whole."""

import unicodedata

# A result or a step on the card it was just typed for: two lines and a half.
OWN_WORDS = 80


def clipped(text: str, columns: int = OWN_WORDS) -> str:
    """The words on one line, with an ellipsis where they are cut; Chinese glyphs count two columns."""
    flat, used = " ".join(text.split()), 0
    if flat.isascii() and len(flat) <= columns:
        return flat
    for place, glyph in enumerate(flat):
        used += 2 if unicodedata.east_asian_width(glyph) in "WF" else 1
        if used > columns:
            return flat[: max(place - 1, 0)].rstrip() + "…"
    return flat
