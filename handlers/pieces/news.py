"""The one message that all news of a day share: a single one as it is, several in lines, ranked (product section 6)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from domain.kinds import Notice
from domain.news_ports import News
from domain.people import MemberId
from handlers.pieces.clipped import clipped
from handlers.pieces.dots import dotted
from handlers.turn import alone_key, news_key
from handlers.view import (
    Attachment,
    Button,
    Card,
    Chart,
    Facts,
    Line,
    Note,
    Progress,
    Rows,
    Steps,
    Words,
    card,
    decode,
    in_rows,
    t,
)

# Of eight lines one is the title; of six buttons one is for the dots and, where there are more, one opens all.
LINES, BUTTONS, IN_ROW = 8, 6, 3
SHOWN = BUTTONS - 1
LINE_COLUMNS = 30


def news_card(member: MemberId, on: date, told: Sequence[News]) -> Card:
    """What stands on the card of a date; what was taken back since stands on it no more."""
    if not told:
        return card(t("news.withdrawn"), key=news_key(member, on))
    if len(told) == 1:
        alone = decode(told[0].card)
        shown = dotted(alone, told[0].kind, on)
        return shown if alone.key else replace(shown, key=alone_key(member, on))
    return card(
        t("news.title", n=len(told), on=on),
        *_lines(told, LINES - 1),
        rows=_rows(on, len(told)),
        key=news_key(member, on),
    )


def with_news(base: Card, kind: Notice, on: date, told: Sequence[News]) -> Card:
    """A push that comes anyway takes the news of the day along, as far as it has room."""
    if not told:
        return dotted(base, kind, on)
    room = LINES - sum(map(_height, base.blocks)) - 1
    shown = base.plus(t_line(len(told)), *_lines(told, room))
    button = Button(t("news.all", n=len(told)), f"/news {on.isoformat()}")
    rows = (*base.rows[:2], (button,))
    return dotted(replace(shown, rows=rows), kind, on)


def t_line(n: int) -> Line:
    """How many there are besides."""
    return Line(t("news.besides", n=n))


def _lines(told: Sequence[News], room: int) -> tuple[Line | Note, ...]:
    """One line each, the first things first; how many more there are where not all have room."""
    shown = told if len(told) <= room else told[: max(room - 1, 0)]
    lines = [Line(t("news.line", n=each.place or 0, what=headline(decode(each.card)))) for each in shown]
    left = len(told) - len(shown)
    return (*lines, *((Note(t("news.more", n=left)),) if left and room > 0 else ()))


def _rows(on: date, n: int) -> Rows:
    """Each opened by its number; all of them where there are more."""
    all_of_them = n > SHOWN
    buttons = [
        Button(t("news.number", n=place), f"/news {on.isoformat()} {place}")
        for place in range(1, min(n, SHOWN - all_of_them) + 1)
    ]
    if all_of_them:
        buttons.append(Button(t("news.all", n=n), f"/news {on.isoformat()}"))
    rows = in_rows(buttons, IN_ROW)
    return dotted(card(rows=rows), Notice.NEWS, on).rows


def headline(shown: Card) -> Words:
    """The first line of a card: it may be read over a shoulder, so it says no amount."""
    for block in shown.blocks:
        match block:
            case Line(words, _) | Note(words, _):
                return clipped(words, LINE_COLUMNS) if isinstance(words, str) else words
            case Facts() | Progress() | Steps() | Attachment() | Chart():
                continue
    return ""


def _height(block: object) -> int:
    match block:
        case Facts(pairs):
            return len(pairs)
        case Steps(items):
            return len(items)
        case _:
            return 1
