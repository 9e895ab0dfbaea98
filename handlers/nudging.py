"""What a leader says to the owner of a deal: a question, or the offer to come along."""

from domain.deals import Dossier
from domain.kinds import Notice
from domain.people import Member
from handlers.dealing import title_of
from handlers.pieces.stalled import answer_row
from handlers.reminding import tell_once
from handlers.turn import Turn
from handlers.view import Button, Card, card, t


def asked(turn: Turn, found: Dossier) -> Member:
    """What is next? The owner answers with a tap; whose deal it is."""
    number = f"D{found.deal.id}"
    shown = card(
        t("stalled.asks", name=turn.me.name, id=number),
        title_of(found.deal),
        rows=(answer_row(number), (Button(t("stalled.more_button"), f"/stalled {number} more"),)),
    )
    return _tell_owner(turn, found, "ask", shown)


def joins(turn: Turn, found: Dossier) -> Member:
    """The offer to come along, with the button that plans the visit."""
    deal = found.deal
    plan = f"/visit A{deal.customer_id}\ndeal: D{deal.id}\nwhen:"
    shown = card(
        t("stalled.joins", name=turn.me.name, id=f"D{deal.id}"),
        title_of(deal),
        rows=((Button(t("stalled.plan_button"), plan),),),
    )
    return _tell_owner(turn, found, "join", shown)


def _tell_owner(turn: Turn, found: Dossier, name: str, shown: Card) -> Member:
    owner = turn.store.member(found.deal.owner_id)
    tell_once(turn, owner, Notice.REMINDER, name, f"D{found.deal.id}", shown)
    return owner
