"""Several words in one line, with the comma of the reader's language."""

from collections.abc import Sequence

from handlers.view import Words, t


def listed(items: Sequence[Words]) -> Words:
    """`Li Wei, Sun Li`; nothing for none."""
    line: Words = items[0] if items else ""
    for item in items[1:]:
        line = t("list.pair", first=line, last=item)
    return line


def some(items: Sequence[Words], most: int) -> Words:
    """The first few people, and how many more there are."""
    if len(items) <= most:
        return listed(items)
    return t("digest.more", names=listed(items[:most]), n=len(items) - most)


def milestones(numbers: Sequence[int]) -> Words:
    """`M2`, `M2, M4`, `M1-M6`: milestones by their signs, those in a row from the first to the last."""
    first, last = (numbers[0], numbers[-1]) if numbers else (0, 0)
    if len(numbers) > 2 and list(numbers) == list(range(first, last + 1)):
        return f"M{first}-M{last}"
    return listed([f"M{each}" for each in numbers])
