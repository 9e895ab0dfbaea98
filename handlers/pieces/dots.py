"""The button under which every push says why it comes, comes again later, or comes less (product section 6)."""

from dataclasses import replace
from datetime import date

from domain.kinds import Notice
from handlers.view import Button, Card, Rows, t

# Product section 6: six buttons in three rows; the sign is narrow, so a row of three has room for it.
ROWS_MOST, ROW_MOST, BUTTONS_MOST = 3, 4, 6


def dots(kind: Notice, on: date) -> Button:
    """Opens why this comes, when to see it again, and how to get less of it."""
    return Button(t("button.more"), f"/why {kind} {on.isoformat()}")


def dotted(shown: Card, kind: Notice, on: date) -> Card:
    """The card with that button at its end, in the last row where it has room; whoever makes it leaves room for one."""
    return replace(shown, rows=with_dots(shown.rows, kind, on))


def with_dots(rows: Rows, kind: Notice, on: date) -> Rows:
    """The same of rows."""
    button = dots(kind, on)
    if not rows:
        return ((button,),)
    if sum(map(len, rows)) >= BUTTONS_MOST:
        # What is asked of somebody needs all its buttons.
        return rows
    *before, last = rows
    if len(rows) < ROWS_MOST and len(last) >= 2:
        return (*rows, (button,))
    return (*before, (*last[: ROW_MOST - 1], button))
