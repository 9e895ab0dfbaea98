"""A deal was settled or moved: the digests of today that may name it show what is so now (architecture 5b)."""

from domain.events import DealMoved, DealSettled
from handlers.colleagues import touch_digests
from handlers.registry import reaction
from handlers.turn import Turn


@reaction(DealSettled)
def show_settled(turn: Turn, done: DealSettled) -> None:
    """Won, lost, parked or woken."""
    _touch(turn, done)


@reaction(DealMoved)
def show_moved(turn: Turn, done: DealMoved) -> None:
    """On, or back."""
    _touch(turn, done)


def _touch(turn: Turn, done: DealSettled | DealMoved) -> None:
    deal = turn.store.deal(done.deal_id)
    if deal is not None:
        touch_digests(turn.store, turn.now, turn.store.teams(), {deal.team_id})
