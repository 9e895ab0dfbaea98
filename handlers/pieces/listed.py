"""Several words in one line, with the comma of the reader's language."""

from collections.abc import Sequence

from handlers.view import Words, t


def listed(items: Sequence[Words]) -> Words:
    """`Li Wei, Sun Li`; nothing for none."""
    line: Words = items[0] if items else ""
    for item in items[1:]:
        line = t("list.pair", first=line, last=item)
    return line
