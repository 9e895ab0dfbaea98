"""Somebody's satisfaction fell below its target: whoever leads the team hears of it (method section 10)."""

from domain.customers import Customer
from domain.events import SatisfactionFell
from domain.kinds import Notice
from domain.schedule import after_quiet
from handlers.accounts import label
from handlers.asking import rate_words
from handlers.letters import teller
from handlers.registry import reaction
from handlers.turn import Turn
from handlers.view import Button, Line, card, t


@reaction(SatisfactionFell)
def tell_of_satisfaction(turn: Turn, fell: SatisfactionFell) -> None:
    """One line to the manager, else to the deputy; never to who typed it."""
    member = turn.store.member(fell.member_id)
    customer: Customer | None = turn.store.customer(fell.customer_id)
    team = next((each for each in turn.store.teams() if each.id == member.team_id), None)
    leader = (
        next(
            (
                each
                for each in (team.manager_id, team.deputy_id)
                if each and each not in (turn.me.id, member.id)
            ),
            None,
        )
        if team
        else None
    )
    if leader is None or customer is None:
        return
    shown = card(
        t("csat.told", name=member.name),
        Line(rate_words(turn, member.id)),
        Line(t("csat.told_last", name=label(customer))),
        rows=((Button(t("csat.look_button"), f"/customer A{customer.id}"),),),
    )
    at = after_quiet(turn.now, turn.store.member(leader).zone)
    teller(turn).tell(leader, Notice.SATISFACTION, "satisfaction", shown, at=at)
