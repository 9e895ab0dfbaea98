"""The home of a person: today's card and what else is theirs to see, always as it is now."""

from dataclasses import replace
from datetime import datetime

from domain.people import Member, Organisation, Role
from domain.ports import Store
from domain.schedule import local_date
from handlers.pieces.day import day_card, day_facts
from handlers.pieces.ways import first_row
from handlers.turn import home_key
from handlers.view import Card, card, t


def home_now(store: Store, org: Organisation, member: Member, _label: str, now: datetime) -> Card:
    """The home as a card that lives on, edited like any other."""
    return home_card(store, org, member, now)


def home_card(store: Store, org: Organisation, member: Member, now: datetime) -> Card:
    """A rep's day; everybody else's first steps."""
    key = home_key(member.id)
    if member.holds(frozenset({Role.REP})):
        today = local_date(now, member.zone)
        return replace(day_card(day_facts(store, org, member, today, now)), key=key)
    return card(t("home.title", name=member.name, org=org.name), rows=(first_row(member),), key=key)
