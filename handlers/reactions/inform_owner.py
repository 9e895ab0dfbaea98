"""A colleague was with one's customer: the owner hears of it (product 4)."""

from domain.events import ColleagueSeen
from domain.kinds import Notice
from handlers.letters import teller
from handlers.registry import reaction
from handlers.turn import Turn
from handlers.view import card, t


@reaction(ColleagueSeen)
def inform_owner(turn: Turn, seen: ColleagueSeen) -> None:
    """One line to the owner; what was said stays with the record."""
    shown = card(t("colleague.seen", name=seen.by_name, customer=seen.customer_name))
    teller(turn).tell(seen.owner_id, Notice.CUSTOMER, "colleague", shown)
