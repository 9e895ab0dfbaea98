"""Customers and the people there by name: found, made on the way, or asked about; never a twin (product 4)."""

import re
from collections.abc import Callable

from domain.customers import Contact, ContactId, Customer, CustomerId
from domain.refusals import NotFound, NotUnderstood
from handlers.reading.names import fold, near, people
from handlers.turn import Turn
from handlers.view import Button, Card, card, t

# A name in quotes is meant exactly so: it is never asked about.
QUOTED = re.compile(r"[\"\u201c\u201d\u300c](?P<name>.+)[\"\u201c\u201d\u300d]")
REFERENCE = re.compile(r"#?A(?P<id>\d{1,18})", re.IGNORECASE)

# Writes the command again with another name in place of the one asked about.
Again = Callable[[str], str]


def customer_named(turn: Turn, said: str, again: Again, besides: CustomerId | None = None) -> Customer | Card:
    """The customer meant by `said`, made when new; a question when the name is near to one that exists (`besides` one)."""
    reference = REFERENCE.fullmatch(said)
    if reference:
        found = turn.store.customer(CustomerId(int(reference["id"])))
        if found is None:
            raise NotFound("customer.no_reference", said=said)
        return found
    quoted = QUOTED.fullmatch(said)
    name = quoted["name"] if quoted else said
    if not any(glyph.isalnum() for glyph in name):
        raise NotUnderstood("customer.no_name", said=said)
    key = fold(name)
    found = turn.store.customer_by_key(key)
    if found:
        return found
    names = () if quoted else [each for each in turn.store.customer_names() if each[0] != besides]
    close = near(name, names)
    if not close:
        return turn.store.add_customer(name, key, turn.me.id)
    known = {number: each for number, each, _ in turn.store.customer_names()}
    meant = tuple((Button(known[number], again(f"A{number}")),) for number in close)
    new = Button(t("customer.new", name=name), again(f'"{name}"'))
    return card(t("customer.near", name=name), rows=(*meant, (new,)))


def is_customer(turn: Turn, name: str) -> bool:
    """Whether a customer is called just so."""
    return turn.store.customer_by_key(fold(name)) is not None


def contacts_named(turn: Turn, customer: Customer, said: str, again: Again) -> tuple[Contact, ...] | Card:
    """The people at the customer named in `said`, made when new; a question for the first near miss."""
    met = []
    by_key = {contact.key: contact for contact in customer.contacts}
    for name, title in people(said):
        quoted = QUOTED.fullmatch(name)
        plain = quoted["name"] if quoted else name
        key = fold(plain)
        contact = by_key.get(key)
        if contact is None:
            close = (
                ()
                if quoted
                else near(plain, [(c.id, c.name, c.key) for c in customer.contacts if not c.erased])
            )
            if close:
                return _which(customer, ContactId(close[0]), plain, said, again)
            contact = turn.store.add_contact(customer.id, plain, key, title)
        met.append(contact)
    return tuple(met)


def _which(customer: Customer, meant: ContactId, name: str, said: str, again: Again) -> Card:
    known = next(contact.name for contact in customer.contacts if contact.id == meant)
    return card(
        t("customer.near", name=name),
        rows=(
            (Button(known, again(said.replace(name, known))),),
            (Button(t("customer.new", name=name), again(said.replace(name, f'"{name}"'))),),
        ),
    )
