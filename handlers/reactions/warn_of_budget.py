"""The expenses of a deal reached a mark of its budget: whoever leads hears of it once (method section 10)."""

from domain.deals import Dossier
from domain.events import BudgetCrossed
from domain.kinds import Notice
from domain.people import MemberId
from domain.schedule import after_quiet
from handlers.approving import rank_to_ask, whom
from handlers.dealing import title_of
from handlers.letters import teller
from handlers.pieces.spent import spent_words
from handlers.registry import reaction
from handlers.turn import Turn
from handlers.view import Button, Line, card, t


@reaction(BudgetCrossed)
def warn_of_budget(turn: Turn, crossed: BudgetCrossed) -> None:
    """A letter to the manager, or to whoever stands in, and to the owner where somebody else spent the money."""
    deal = turn.store.deal(crossed.deal_id)
    if deal is None:
        return
    dossier = turn.store.dossier(deal)
    number = f"D{deal.id}"
    shown = card(
        t("expense.told", id=number, what=title_of(deal)),
        Line(t(f"expense.told_{crossed.level}")),
        Line(spent_words(dossier)),
        rows=(
            (
                Button(t("expense.button"), f"/expense {number}"),
                Button(t("expense.deal_button"), f"/deal {number}"),
            ),
        ),
    )
    for each in _told(turn, dossier):
        at = after_quiet(turn.now, turn.store.member(each).zone)
        teller(turn).tell(each, Notice.BUDGET, "budget", shown, at=at)


def _told(turn: Turn, dossier: Dossier) -> tuple[MemberId, ...]:
    """Who hears of it: whoever would be asked first about the deal, and its owner; never who spent the money."""
    deal = dossier.deal
    rank = rank_to_ask(turn, deal)
    leaders = whom(turn.store, deal, turn.me.id, rank, turn.now).told if rank else ()
    return tuple(each for each in dict.fromkeys((*leaders, deal.owner_id)) if each != turn.me.id)
