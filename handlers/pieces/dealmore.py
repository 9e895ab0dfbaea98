"""What else can be done with a deal: the commands that its card has no room for."""

from domain.deals import CLOSED, Dossier, State
from handlers.dealing import title_of
from handlers.turn import Turn
from handlers.view import Button, Card, card, in_rows, t

# Each a command with the deal's number; of one that rests or ended, what fits.
OPEN_MORE = ("check", "who", "evidence", "hold", "lost", "phase")
CLOSED_MORE = ("review", "reopen")
# What a signed deal is still to bring in.
WON_MORE = ("paid",)


def more_card(turn: Turn, dossier: Dossier) -> Card:
    """Six more buttons."""
    deal = dossier.deal
    number = f"D{deal.id}"
    if deal.state in CLOSED:
        buttons = [Button(t(f"deal.{each}_button"), f"/deal {number} {each}") for each in CLOSED_MORE]
        if deal.state is State.WON:
            buttons += [Button(t(f"deal.{each}_button"), f"/{each} {number}") for each in WON_MORE]
    else:
        names = OPEN_MORE if deal.state is State.ACTIVE else ("hold", "lost", "who")
        buttons = [Button(t(f"deal.{each}_button"), f"/{each} {number}") for each in names]
    return card(t("deal.title", id=number, what=title_of(deal)), rows=in_rows(buttons))
