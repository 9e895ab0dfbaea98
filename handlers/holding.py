"""The end of a hold: the owner says how the deal goes on, on the first working day from its date on (method section 3)."""

from collections.abc import Mapping
from datetime import date

from domain.deals import Deal, rests_until
from domain.people import MemberId
from domain.workdays import ONE_DAY
from handlers.dealing import SELLERS, title_of
from handlers.pieces.held import hold_reason
from handlers.registry import Recipient, Slice
from handlers.view import Button, Card, Line, card, t

# One button a row beside its deal, and a card has three rows; the list shows the rest.
SHOWN = 2


def hold_news(slice_: Slice) -> Mapping[MemberId, Card]:
    """One card to whoever has a hold that ended since the last day they worked; the deal rests until it is answered."""
    sellers = [each for each in slice_.recipients if each.member.holds(SELLERS)]
    if not sellers:
        return {}
    spans = {each.member.id: _since_worked(each) for each in sellers}
    first, last = min(first for first, _ in spans.values()), max(last for _, last in spans.values())
    ended = slice_.store.gather_ended_holds([*spans], first, last)
    cards: dict[MemberId, Card] = {}
    for member, (begins, today) in spans.items():
        mine = [
            each for each in ended.get(member, ()) if each.held_until and begins <= each.held_until <= today
        ]
        if mine:
            cards[member] = _one(mine[0], today) if len(mine) == 1 else _several(mine)
    return cards


def _since_worked(recipient: Recipient) -> tuple[date, date]:
    """The days whose ends of holds were not told yet: today, and those off before it."""
    today = date.fromisoformat(recipient.label)
    return recipient.calendar.before(today) + ONE_DAY, today


def _one(deal: Deal, today: date) -> Card:
    number = f"D{deal.id}"
    ends = (
        t("hold.ends", id=number)
        if deal.held_until == today
        else t("hold.ended", id=number, on=deal.held_until or today)
    )
    on = Button(t("deal.activate_button"), f"/deal {number} activate")
    end = Button(t("deal.lost_button"), f"/lost {number}")
    longer = Button(t("hold.longer_button"), f"/hold {number}")
    return card(
        Line(ends),
        Line(title_of(deal)),
        Line(t("deal.because", reason=hold_reason(deal))),
        rows=((on, longer), (end,)) if rests_until(deal, today) > today else ((on, end),),
    )


def _several(deals: list[Deal]) -> Card:
    rows = tuple(
        (Button(t("deals.named", id=f"D{each.id}", what=title_of(each, 20)), f"/deal D{each.id}"),)
        for each in deals[:SHOWN]
    )
    return card(
        Line(t("hold.several_end", n=len(deals))),
        *(Line(t("deals.named", id=f"D{each.id}", what=title_of(each))) for each in deals[: SHOWN + 2]),
        rows=(*rows, (Button(t("hold.all_button"), "/deals hold"),)),
    )
