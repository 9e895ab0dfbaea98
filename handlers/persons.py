"""People at customers by number or by name: found among those the speaker may see, changed, erased (product section 4)."""

import re

from domain.customers import Contact, ContactId, Customer
from domain.people import ADMINS, Role
from domain.refusals import NotFound, NotNow, NotUnderstood
from handlers.accounts import Again, changes, label, not_yours, plain_name, sees
from handlers.args import NAME_LIMIT
from handlers.colleagues import led_by
from handlers.matching import QUOTED
from handlers.matching import REFERENCE as CUSTOMER
from handlers.pieces.clipped import clipped
from handlers.reading.names import fold, near
from handlers.turn import Turn
from handlers.view import Button, Card, card, t

REFERENCE = re.compile(r"#?K(?P<id>\d{1,18})", re.IGNORECASE)
MOST_ASKED, NAME_COLUMNS = 3, 24


def person_meant(turn: Turn, said: str, again: Again) -> tuple[Contact, Customer] | Card:
    """The person meant by `K5`, a name, or a customer's number and a name; a question where several may be meant.

    A name in quotes is meant exactly so, and makes the person at the customer named with it. Raises `NotFound` for
    nobody that the speaker may see.
    """
    said = said.strip()
    if reference := REFERENCE.fullmatch(said):
        return _with_customer(turn, turn.store.contact(ContactId(int(reference["id"]))), said)
    first, _, name = said.partition(" ")
    if CUSTOMER.fullmatch(first) and name.strip():
        return _at_customer(turn, first, name.strip(), again)
    found = [each for each in turn.store.contacts_called(fold(said)) if _may_see(turn, each)]
    if not found:
        names = turn.store.contact_names(None if _sees_many(turn) else turn.me.id)
        close = [turn.store.contact(ContactId(number)) for number in near(said, names)]
        found = [each for each in close if each and _may_see(turn, each)]
        if not found:
            raise NotFound("contact.nobody", name=clipped(said, NAME_COLUMNS))
    elif len(found) == 1:
        return _with_customer(turn, found[0], said)
    return card(
        t("contact.which", name=clipped(said, NAME_COLUMNS)),
        rows=tuple((Button(_choice(turn, each), again(f"K{each.id}")),) for each in found[:MOST_ASKED]),
    )


def may_look(turn: Turn, customer: Customer) -> bool:
    """Who may see the customer; an admin too, to erase."""
    return turn.me.holds(ADMINS) or sees(turn, customer)


def _sees_many(turn: Turn) -> bool:
    """Whoever leads, and admins: what they may not see is left out one by one."""
    return turn.me.holds(ADMINS | {Role.DIRECTOR}) or bool(led_by(turn.me, turn.store.teams()))


def _may_see(turn: Turn, contact: Contact) -> bool:
    customer = turn.store.customer(contact.customer_id)
    return customer is not None and may_look(turn, customer)


def _with_customer(turn: Turn, contact: Contact | None, said: str) -> tuple[Contact, Customer]:
    customer = turn.store.customer(contact.customer_id) if contact else None
    if contact is None or customer is None or not may_look(turn, customer):
        raise NotFound("contact.nobody", name=clipped(said, NAME_COLUMNS))
    return contact, customer


def _at_customer(turn: Turn, number: str, said: str, again: Again) -> tuple[Contact, Customer] | Card:
    reference = CUSTOMER.fullmatch(number)
    customer = turn.store.customer(int(reference["id"])) if reference else None  # type: ignore[arg-type]
    if customer is None:
        raise NotFound("customer.no_number", id=number[:20])
    if not may_look(turn, customer):
        raise not_yours(turn, customer)
    quoted = QUOTED.fullmatch(said)
    name = plain_name(quoted["name"] if quoted else said)
    there = [each for each in customer.contacts if not each.erased]
    exact = next((each for each in there if each.key == fold(name)), None)
    if exact:
        return exact, customer
    if quoted and changes(turn, customer):
        return turn.store.add_contact(customer.id, name, fold(name), ""), customer
    close = near(name, [(each.id, each.name, each.key) for each in there])[: MOST_ASKED - 1]
    known = {each.id: each for each in there}
    meant = tuple((Button(known[ContactId(each)].name, again(f"K{each}")),) for each in close)
    new = Button(t("customer.new", name=name), again(f'A{customer.id} "{name}"'))
    rows = (*meant, (new,)) if changes(turn, customer) else meant
    if not rows:
        raise NotFound("contact.nobody", name=clipped(name, NAME_COLUMNS))
    asked = (
        t("customer.near", name=name) if meant else t("contact.not_at", name=name, customer=label(customer))
    )
    return card(asked, rows=rows)


def _choice(turn: Turn, contact: Contact) -> str:
    customer = turn.store.customer(contact.customer_id)
    where = clipped(customer.name, NAME_COLUMNS // 2) if customer else "-"
    return f"{clipped(contact.name, NAME_COLUMNS // 2)} · {where}"


def must_be_known(contact: Contact) -> None:
    """Raises `NotNow` for a person whose name was erased."""
    if contact.erased:
        raise NotNow("contact.erased_already", id=f"K{contact.id}")


def retitled(turn: Turn, contact: Contact, title: str | None, name: str | None) -> bool:
    """Another title, another name; raises `NotNow` for the name of somebody else there. Whether anything changed."""
    values: dict[str, str] = {}
    if title is not None and title != contact.title:
        if len(title) > NAME_LIMIT:
            raise NotUnderstood("args.too_long", n=len(title), most=NAME_LIMIT).at("title")
        values["title"] = title
    if name is not None and (plain := plain_name(name)) != contact.name:
        customer = turn.store.customer(contact.customer_id)
        others = [each for each in customer.contacts if each.id != contact.id] if customer else []
        if any(each.key == fold(plain) for each in others):
            raise NotNow("contact.twin", name=clipped(plain, NAME_COLUMNS))
        values |= {"name": plain, "key": fold(plain)}
    if values:
        turn.store.revise_contact(contact.id, **values)
    return bool(values)


def may_erase(turn: Turn, customer: Customer) -> bool:
    """Whoever may change the customer, and admins."""
    return turn.me.holds(ADMINS) or changes(turn, customer)
