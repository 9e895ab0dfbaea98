"""The deals somebody is on as buttons, for a command that was called without one."""

from domain.deal_ports import Which
from handlers.dealing import title_of
from handlers.turn import Turn
from handlers.view import Button, Rows, in_rows, t

CHOICES, LABEL_COLUMNS = 4, 12


def deal_choices(turn: Turn, line: str) -> Rows:
    """The open deals with the nearest next steps; `line` is the command they are put after."""
    buttons = [
        Button(t("deals.choice", id=f"D{each.id}", what=title_of(each, LABEL_COLUMNS)), f"{line} D{each.id}")
        for each in turn.store.deals(Which(seen_by=turn.me.id), CHOICES)
    ]
    return in_rows(buttons)
