"""What the end of a deal leaves in order: its stay, its approvals, its steps, and who is told (method section 3)."""

from domain.c139 import is_rated, written
from domain.deals import Deal, Dossier, State
from domain.events import DealSettled
from domain.steps import StepState
from handlers.gating import stood
from handlers.promising import touch_owner
from handlers.turn import Turn, touch_day


def standing_at_end(dossier: Dossier) -> str:
    """How the confirmed checklist stands, for the calibration of the table; nothing where it was never filled."""
    return written(dossier.confirmed()) if is_rated(dossier.ratings.values()) else ""


def lose(turn: Turn, dossier: Dossier, state: State, reason: str, **said: str) -> None:
    """The deal is lost or cancelled: what was promised and asked for it is no more."""
    deal = dossier.deal
    turn.store.leave(deal.id, left_on=turn.today, days=stood(turn, deal))
    turn.store.revise_deal(
        deal.id,
        state=state,
        reason=reason,
        closed_on=turn.today,
        standing=standing_at_end(dossier),
        held_on=None,
        held_until=None,
        **said,
    )
    for step in turn.store.steps_of_deal(deal.id):
        turn.store.revise_step(step.id, state=StepState.DROPPED)
        touch_day(turn.store, step.member_id, turn.today)
    settled(turn, deal, state)


def review_later(turn: Turn, deal: Deal, lesson: str | None, keep: str | None) -> None:
    """The closing review of a deal that has ended already: each part that is said takes the place of what was there."""
    values = {"lesson": lesson, "kept": keep}
    turn.store.revise_deal(deal.id, **{name: said for name, said in values.items() if said})


def settled(turn: Turn, deal: Deal, state: State) -> None:
    """Lets the owner's day follow, and whoever is to hear of it."""
    touch_owner(turn.store, deal, turn.today)
    turn.happened.append(
        DealSettled(
            deal_id=deal.id,
            owner_id=deal.owner_id,
            state=state,
            by_id=turn.me.id,
            by_name=turn.me.name,
        )
    )
