"""What a rep hears of stalled deals: one card a day about the most urgent, with the day's news (product section 6)."""

from collections.abc import Mapping

from domain.people import MemberId
from handlers.alerting import Waiting, waiting
from handlers.dealing import SELLERS
from handlers.pieces.stalled import alert_card
from handlers.registry import Slice
from handlers.view import Card


def stalled_news(slice_: Slice) -> Mapping[MemberId, Card]:
    """One card for who has a deal that was not told yet, and what was told; nothing twice within seven days."""
    store = slice_.store
    people = {each.member.id: each for each in slice_.recipients if each.member.holds(SELLERS)}
    deals = store.gather_stalled([*people])
    if not deals:
        return {}
    calendars = {each: (people[each].member, people[each].calendar) for each in deals}
    speaking: dict[MemberId, list[Waiting]] = {}
    for each in waiting(store, calendars, [deal for of in deals.values() for deal in of], slice_.now):
        if each.speaks:
            speaking.setdefault(each.owner.id, []).append(each)
    told = {
        member: sorted((each for each in of if not each.told), key=lambda each: each.urgency)
        for member, of in speaking.items()
    }
    store.note_alerts([each.heard(told_at=slice_.now) for of in told.values() for each in of])
    first = {member: of[0] for member, of in told.items() if of}
    known = store.gather_known([each.deal.id for each in first.values()]) if first else {}
    return {
        member: alert_card(each, known[each.deal.id], len(speaking[member]) - 1)
        for member, each in first.items()
    }
