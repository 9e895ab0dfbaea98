"""/forecast [commit | best | pipeline | omitted] [TEAM or NAME] [month] [PAGE]"""

from domain.forecast import Category
from handlers.args import Args, Words
from handlers.comparing import compared
from handlers.dealing import SELLERS
from handlers.funnels import funnel_of
from handlers.pieces.forecast import deals_card, forecast_card
from handlers.registry import Scope, command
from handlers.turn import Turn
from handlers.view import Card
from handlers.whose import wanted, whose_meant


class ForecastArgs(Args):
    """Which category's deals, whose, for the quarter or the month; and a page."""

    lead = ("what",)
    what: Words | None = None


@command(roles=SELLERS, scope=Scope.TEAM)
def forecast(turn: Turn, args: ForecastArgs) -> Card:
    """What will close in the period by category, weighted, against the target; or the deals of one category."""
    said = wanted(args.what or "", tuple(Category))
    facts = funnel_of(turn.store, turn.org, whose_meant(turn, said.who), said.horizon)
    if said.view:
        return deals_card(turn, facts, Category(said.view), said.page)
    return forecast_card(turn, facts, compared(turn.store, [facts])[0])
