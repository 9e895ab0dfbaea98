"""Somebody else parked, woke, closed, overrode or moved back one's deal: its owner hears of it (product 5)."""

from domain.deals import Passed
from domain.events import DealMoved, DealSettled
from domain.kinds import Notice
from domain.schedule import after_quiet
from handlers.dealing import title_of
from handlers.gating import milestone_words
from handlers.letters import teller
from handlers.registry import reaction
from handlers.turn import Turn
from handlers.view import Button, Text, card, t

# A gate that was passed as it asks is told by whoever accepted it.
TOLD = (Passed.OVERRIDE, Passed.BACK)


@reaction(DealSettled)
def tell_owner(turn: Turn, done: DealSettled) -> None:
    """One line with the deal a tap away."""
    _tell(turn, done, t(f"deal.told_{done.state}", name=done.by_name, id=f"D{done.deal_id}"))


@reaction(DealMoved)
def tell_owner_of_move(turn: Turn, done: DealMoved) -> None:
    """One line when a gate was overridden, or the deal went back."""
    if done.passed in TOLD:
        milestone = milestone_words(done.milestone)
        said = t(f"deal.told_{done.passed}", name=done.by_name, id=f"D{done.deal_id}", milestone=milestone)
        _tell(turn, done, said)


def _tell(turn: Turn, done: DealSettled | DealMoved, said: Text) -> None:
    deal = turn.store.deal(done.deal_id)
    if deal is None or done.by_id == deal.owner_id:
        return
    number = f"D{deal.id}"
    shown = card(
        said,
        title_of(deal),
        rows=((Button(t("deals.named", id=number, what=title_of(deal, 20)), f"/deal {number}"),),),
    )
    at = after_quiet(turn.now, turn.store.member(deal.owner_id).zone)
    teller(turn).tell(deal.owner_id, Notice.SETTLED, "settled", shown, at=at)
