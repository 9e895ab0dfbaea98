"""How likely a deal is: the checklist where anything is rated, else the milestones that are left (method section 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from domain.c139 import (
    Probability,
    Shift,
    Standing,
    claimed,
    confirmed,
    counts,
    is_rated,
    probability,
    written,
)
from domain.deals import Checked, Deal, Dossier
from domain.milestones import LAST, Template
from domain.ports import Store


def odds(store: Store, dossier: Dossier, today: date) -> Probability:
    """The probability of a deal in the rep's own view: every item that counts, under the cap without a coach."""
    deal = dossier.deal
    rated = is_rated(dossier.ratings.values())
    standing = dossier.claimed() if rated else None
    won, closed = store.outcomes(standing) if standing else (0, 0)
    return probability(
        standing,
        today,
        coached=dossier.coached,
        conversions=_conversions(deal, dossier.template),
        won=won,
        closed=closed,
        shift=_shift(deal),
    )


def _conversions(deal: Deal, template: Template) -> Fraction:
    return template.remaining_conversion(min(deal.milestone, LAST + 1))


def _shift(deal: Deal) -> Shift | None:
    if deal.shift_until and deal.shift_reason:
        return Shift(points=deal.shift, until=deal.shift_until, reason=deal.shift_reason)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """How likely one of many deals is, 0..1: as its card shows it, and by confirmed items alone.

    `items` are the items of its checklist that count.
    """

    shown: Fraction
    confirmed: Fraction
    coached: bool
    items: int


def odds_of(
    deal: Deal,
    template: Template,
    checked: Sequence[Checked],
    outcomes: Mapping[str, tuple[int, int]],
    today: date,
) -> Odds:
    """The same from what was read for many deals at once; `outcomes` are won and closed by standing."""
    ratings = [each.rating for each in checked if each.note]
    coached = any(each.coach_id is not None for each in checked)
    rated = is_rated(ratings)

    def chance(standing: Standing | None, shift: Shift | None) -> Fraction:
        won, closed = outcomes.get(written(standing), (0, 0)) if standing else (0, 0)
        found = probability(
            standing,
            today,
            coached=coached,
            conversions=_conversions(deal, template),
            won=won,
            closed=closed,
            shift=shift,
        )
        return found.percent / 100

    return Odds(
        shown=chance(claimed(ratings) if rated else None, _shift(deal)),
        confirmed=chance(confirmed(ratings) if rated else None, None),
        coached=coached,
        items=sum(1 for each in {rating.item: rating for rating in ratings}.values() if counts(each)),
    )
