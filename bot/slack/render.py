"""Cards as Slack messages: rich text that no word of a person can format, buttons that carry tokens, a plain text."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, assert_never

from bot.layout import lines
from domain.people import Language
from handlers.registry import registry
from handlers.view import Attachment, Block, Button, Card, Chart, Facts, Line, Note, Progress, Steps, Words, t
from handlers.words import catalogue

Json = dict[str, Any]

# Slack's limits, counted in UTF-16 units as its servers do (platforms section 3).
LONGEST_TEXT = 3_000
LONGEST_NOTE = 2_000
LONGEST_LABEL = 75
MOST_BLOCKS, MOST_HOME_BLOCKS = 50, 100
MOST_ROWS = 20
MOST_IN_ROW = 25
# Slack knows one command of ours; what elsewhere is typed as /visit is typed as /pace visit here.
COMMAND = "/pace"
CUT = "…"
NOTHING = "·"

# What Slack's clients act on even where a text element promises to be plain; a word joiner takes the life out of it.
_LIVE = re.compile(r"<(?=[!@#])")
_COMMAND = re.compile(r"(?m)^/(\S+)")
_UNSENDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def blocks(shown: Card, language: Language, token: str | None, most: int = MOST_BLOCKS) -> list[Json]:
    """The card as blocks: lines as rich text, notes as context, examples to copy as code, rows as actions."""
    rows = list(_actions(shown, language, token)) if token else []
    body = list(_body(shown, language))
    room = most - len(rows)
    return (body if len(body) <= room else [*body[: room - 1], _context(CUT)]) + rows


def home(shown: Card, language: Language, token: str | None) -> Json:
    """The card as the home of a person."""
    return {"type": "home", "blocks": blocks(shown, language, token, MOST_HOME_BLOCKS)}


def text(shown: Card, language: Language) -> str:
    """What notifications and screen readers say, and what stands alone if the blocks are refused."""
    said = "\n".join(line for block in shown.blocks for line in lines(block, language))
    said = clipped(words(said), LONGEST_TEXT)
    return escaped(said) if _readable(said) else NOTHING


def escaped(said: str) -> str:
    """Words for a text that Slack parses: no mention, no link."""
    return said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _body(shown: Card, language: Language) -> Iterator[Json]:
    """Neighbouring lines share a block; the first line of a card is its title."""
    waiting: list[str] = []
    titled = bool(shown.blocks) and isinstance(shown.blocks[0], Line)
    for block in shown.blocks:
        match block:
            case Line() | Facts() | Progress() | Steps() | Attachment() | Chart():
                waiting += lines(block, language)
            case Note(_, code):
                yield from _rich(waiting, titled)
                titled, waiting = titled and not waiting, []
                yield from _note(block, language) if not code else _code(block, language)
            case _:
                assert_never(block)
    yield from _rich(waiting, titled)


def _rich(said: list[str], titled: bool) -> Iterator[Json]:
    if not said:
        return
    title, rest = (words(said[0]), words("\n".join(said[1:]))) if titled else ("", "")
    if not title.strip() or _units(title) > LONGEST_TEXT:
        title, rest = "", words("\n".join(said))
    bold: list[Json] = [{"type": "text", "text": title, "style": {"bold": True}}] if title else []
    if title and _readable(rest) and _units(title) + 1 + _units(rest) <= LONGEST_TEXT:
        yield _section([*bold, {"type": "text", "text": f"\n{rest}"}])
        return
    if bold:
        yield _section(bold)
    for piece in _pieces(rest, LONGEST_TEXT):
        yield _section([{"type": "text", "text": piece}])


def _section(elements: list[Json]) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _note(block: Block, language: Language) -> Iterator[Json]:
    said = words("\n".join(lines(block, language)))
    yield from (_context(piece) for piece in _pieces(said, LONGEST_NOTE))


def _code(block: Block, language: Language) -> Iterator[Json]:
    said = words("\n".join(lines(block, language)))
    for piece in _pieces(said, LONGEST_TEXT):
        element = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": piece}]}
        yield {"type": "rich_text", "elements": [element]}


def _context(said: str) -> Json:
    return {"type": "context", "elements": [plain_text(said)]}


def _actions(shown: Card, language: Language, token: str) -> Iterator[Json]:
    """The index of a button counts all buttons in reading order, as the commands of the letter do.

    The last command is the form's: pressed, it is asked again, and from a press a form can be opened.
    """
    rows, index = [], 0
    for row in shown.rows[:MOST_ROWS]:
        rows.append([_button(button, language, token, index + n) for n, button in enumerate(row)])
        index += len(row)
    if shown.form:
        fill_in = Button(t("button.fill_in"), shown.form.line)
        last = rows.pop() if rows else []
        rows.append([_button(fill_in, language, token, len(shown.commands) - 1), *last])
    for elements in rows:
        for start in range(0, len(elements), MOST_IN_ROW):
            yield {"type": "actions", "elements": elements[start : start + MOST_IN_ROW]}


def _button(button: Button, language: Language, token: str, index: int) -> Json:
    return {
        "type": "button",
        "text": plain_text(one_line(button.label, language, LONGEST_LABEL)),
        "action_id": f"press.{index}",
        "value": f"{token}.{index}",
    }


def plain_text(said: str) -> Json:
    """Words that are shown as they are."""
    return {"type": "plain_text", "text": said, "emoji": False}


def one_line(said: Words, language: Language, most: int) -> str:
    """Words for where there is one line of at most so many units."""
    line = " ".join(words(catalogue().say(said, language)).split())
    return clipped(line, most) if _readable(line) else NOTHING


def words(said: str) -> str:
    """Words as Slack can take them, with nothing that it would act on, and commands as they are typed there."""
    return _LIVE.sub("<\u2060", _COMMAND.sub(_as_typed, _UNSENDABLE.sub("", said)))


def _as_typed(found: re.Match[str]) -> str:
    return f"{COMMAND} {found[1]}" if registry().find(found[1]) else found[0]


def _readable(said: str) -> bool:
    return bool(said.strip())


def _pieces(said: str, most: int) -> Iterator[str]:
    """The words in parts of at most so many units, cut at a line's end where one is near; blank parts left out."""
    while _units(said) > most:
        end = _fitting(said, most)
        line_end = said.rfind("\n", end // 2, end)
        end = line_end if line_end > 0 else end
        if _readable(said[:end]):
            yield said[:end]
        said = said[end:].removeprefix("\n")
    if _readable(said):
        yield said


def clipped(said: str, most: int) -> str:
    """The words in at most so many units; a sign says that they go on."""
    return said if _units(said) <= most else said[: _fitting(said, most - len(CUT))] + CUT


def _fitting(said: str, most: int) -> int:
    """How many characters fit, without cutting an accent or a joined emoji from what it belongs to."""
    units = end = 0
    for end, char in enumerate(said):  # noqa: B007
        units += _units(char)
        if units > most:
            break
    back = end
    while back > 1 and back > end - 16 and (_joins(said[back]) or said[back - 1] == "\u200d"):
        back -= 1
    return max(back if not _joins(said[back]) else end, 1)


def _joins(char: str) -> bool:
    return bool(unicodedata.combining(char)) or char in "\u200d\ufe0e\ufe0f\u2060"


def _units(said: Iterable[str]) -> int:
    return sum(2 if char > "\uffff" else 1 for char in said)
