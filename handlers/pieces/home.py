"""What a person's day looks like now: the own day, the digest of who leads a team, or both on one card."""

from dataclasses import replace
from datetime import date, datetime

from domain.people import Member, Organisation, Role
from domain.ports import Store
from domain.schedule import local_date
from handlers.digesting import DigestFacts, digest_facts
from handlers.pieces.day import day_card, day_facts
from handlers.pieces.digest import digest_card, digest_lines, digest_rows
from handlers.pieces.ways import first_row
from handlers.turn import home_key, today_key
from handlers.view import Card, card, t

# A card has at most eight lines and three rows (product 6); of a shared one two lines are the digest's.
LINES, ROWS, OF_DIGEST = 8, 3, 2


def home_now(store: Store, org: Organisation, member: Member, _label: str, now: datetime) -> Card:
    """The home as a card that lives on, edited like any other."""
    return home_card(store, org, member, now)


def home_card(store: Store, org: Organisation, member: Member, now: datetime) -> Card:
    """Today's card as the home; the first steps of who has none."""
    key = home_key(member.id)
    shown = today_card(store, org, member, local_date(now, member.zone), now)
    if shown is None:
        return card(t("home.title", name=member.name, org=org.name), rows=(first_row(member),), key=key)
    return replace(shown, key=key)


def today_now(store: Store, org: Organisation, member: Member, label: str, now: datetime) -> Card | None:
    """The card of a date as it is now."""
    return today_card(store, org, member, date.fromisoformat(label), now)


def today_card(store: Store, org: Organisation, member: Member, today: date, now: datetime) -> Card | None:
    """A rep's day, a leader's digest, or both; None for who has neither."""
    led = digest_facts(store, org, member, today, now)
    if Role.REP not in member.roles:
        return digest_card(led) if led else None
    own = day_card(day_facts(store, org, member, today, now))
    return _both(own, led) if led else own


def _both(own: Card, led: DigestFacts) -> Card:
    """The own day with what the team needs below it; its buttons where there is room."""
    lines = digest_lines(led)[:OF_DIGEST]
    rows = (*digest_rows(led)[: max(ROWS - len(own.rows), 0)], *own.rows)
    return Card((*own.blocks[: LINES - len(lines)], *lines), rows, today_key(led.leader.id, led.window.today))
