"""How likely a deal is: the checklist where anything is rated, else the milestones that are left (method section 3)."""

from datetime import date

from domain.c139 import Probability, Shift, is_rated, probability
from domain.deals import Dossier
from domain.milestones import LAST
from domain.ports import Store


def odds(store: Store, dossier: Dossier, today: date) -> Probability:
    """The probability of a deal in the rep's own view: every item that counts, under the cap without a coach."""
    deal = dossier.deal
    rated = is_rated(dossier.ratings.values())
    standing = dossier.claimed() if rated else None
    won, closed = store.outcomes(standing) if standing else (0, 0)
    shift = (
        Shift(points=deal.shift, until=deal.shift_until, reason=deal.shift_reason)
        if deal.shift_until and deal.shift_reason
        else None
    )
    return probability(
        standing,
        today,
        coached=dossier.coached,
        conversions=dossier.template.remaining_conversion(min(deal.milestone, LAST + 1)),
        won=won,
        closed=closed,
        shift=shift,
    )
