"""The stalled deals of a rep at 11:00, on one card a day about the most urgent: the third message (product 6)."""

from collections.abc import Mapping
from datetime import time, timedelta

from domain.people import Member, MemberId
from handlers.alerting import ALERT_AT, Waiting, waiting
from handlers.dealing import SELLERS
from handlers.pieces.stalled import alert_card
from handlers.registry import Slice, push
from handlers.view import Card


def _at(_member: Member) -> time:
    return ALERT_AT


@push(at=_at, patience=timedelta(hours=4), roles=SELLERS)
def stalled(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """One card for who has a deal that was not told yet, and what was told; nothing twice within seven days."""
    store, people = slice_.store, {each.member.id: each for each in slice_.recipients}
    deals = store.gather_stalled(slice_.ids)
    if not deals:
        return {}
    # Who takes no messages has not heard of anything.
    reached = store.gather_addresses([*deals])
    calendars = {each: (people[each].member, people[each].calendar) for each in deals if each in reached}
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
