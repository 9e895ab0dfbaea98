"""The card of a push made anew, from what is true now: for who wants to see it again, and for the way back to it."""

from dataclasses import replace
from datetime import date, datetime

from domain.kinds import Notice
from domain.people import Member, Organisation
from domain.ports import Store
from handlers.pieces.close import close_card
from handlers.pieces.day import day_card, day_facts
from handlers.pieces.digest import digest_now
from handlers.pieces.news import news_card
from handlers.registry import Recipient, Slice, registry
from handlers.view import Card


def made_anew(
    store: Store, org: Organisation, member: Member, kind: Notice, on: date, now: datetime
) -> Card | None:
    """The card of a kind for a date; None where there is nothing to say any more."""
    match kind:
        case Notice.MORNING:
            return day_card(day_facts(store, org, member, on, now))
        case Notice.NUDGE:
            return close_card(day_facts(store, org, member, on, now))
        case Notice.DIGEST:
            return digest_now(store, org, member, on.isoformat(), now)
        case Notice.WEEK | Notice.REPORTS:
            return _pushed(store, org, member, kind, on, now)
    told = store.told_news(member.id, on)
    # On the chat it is a new message: it lives on only as the card of its day.
    return replace(news_card(member.id, on, told), kind=None) if told else None


def _pushed(
    store: Store, org: Organisation, member: Member, kind: Notice, on: date, now: datetime
) -> Card | None:
    """What its push would say to this one person."""
    push = next(each for each in registry().pushes.values() if each.kind is kind)
    one = Recipient(member=member, calendar=store.calendar(org, member), label=on.isoformat())
    return push.cards(Slice(org=org, now=now, recipients=(one,), store=store)).get(member.id)
