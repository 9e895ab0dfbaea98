"""Somebody else parked or closed one's deal: its owner hears of it (product 5)."""

from domain.events import DealSettled
from domain.schedule import after_quiet
from handlers.dealing import title_of
from handlers.letters import teller
from handlers.registry import reaction
from handlers.turn import Turn
from handlers.view import Button, card, t


@reaction(DealSettled)
def tell_owner(turn: Turn, done: DealSettled) -> None:
    """One line with the deal a tap away."""
    deal = turn.store.deal(done.deal_id)
    if deal is None or done.by_id == deal.owner_id:
        return
    number = f"D{deal.id}"
    shown = card(
        t(f"deal.told_{done.state}", name=done.by_name, id=number),
        title_of(deal),
        rows=((Button(t("deals.named", id=number, what=title_of(deal, 20)), f"/deal {number}"),),),
    )
    at = after_quiet(turn.now, turn.store.member(deal.owner_id).zone)
    teller(turn).tell(deal.owner_id, "settled", shown, at=at)
