"""The card of a customer: what it is, how warm, whose, who is there, what was last said, what is open (product 4)."""

from collections.abc import Sequence

from domain.customers import Contact, Customer
from domain.fit import warmth
from domain.ports import Recent
from handlers.accounts import NAME_COLUMNS, deals_seen, label, leads_owner, owner_of
from handlers.dealing import title_of
from handlers.pieces.clipped import clipped
from handlers.pieces.listed import listed
from handlers.pieces.record import LINES, before_line
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, Param, Rows, Words, card, t

PEOPLE_SHOWN, HISTORY, LOOKED_AT = 3, 3, 20
MISSING_SHOWN, DEALS_SHOWN = 2, 2
PERSON_COLUMNS, DEAL_COLUMNS = 20, 12


def customer_card(turn: Turn, customer: Customer, done: Words | None = None, *notes: Words) -> Card:
    """At most eight lines; `done` says what was just done with it, in place of its title."""
    blocks: list[Block] = [Line(done, Mark.DONE) if done else Line(title(customer))]
    if kind := _kind(customer):
        blocks.append(Line(kind))
    blocks.append(Line(warmth_words(turn, customer)))
    blocks.append(Line(_whose(turn, customer)))
    if people := people_words(customer.contacts):
        blocks.append(Line(people))
    blocks += [Note(each) for each in notes]
    room = min(LINES - len(blocks), HISTORY)
    blocks += [Note(before_line(turn, each)) for each in _history(turn, customer)[:room]]
    return card(*blocks, rows=_rows(turn, customer))


def exists_card(turn: Turn, customer: Customer) -> Card:
    """All that somebody learns who merely knows the name (method section 1)."""
    owner = owner_of(turn, customer)
    claim = Button(t("claim.button"), f"/customer A{customer.id} claim")
    return card(t("customer.exists", name=label(customer), owner=owner.name), rows=((claim,),))


def title(customer: Customer) -> Words:
    """The number, the name, and whether it is a key customer."""
    key = "customer.title_key" if customer.is_key else "customer.title"
    return t(key, name=label(customer))


def warmth_words(turn: Turn, customer: Customer) -> Words:
    """Hot, warm or cold, and what it rests on; what is not known cannot be warm."""
    if customer.value is None or customer.fit is None:
        return t("customer.not_rated")
    found = warmth(customer.value, customer.fit, customer.decision_on, turn.today)
    values: dict[str, Param] = {"value": customer.value, "fit": customer.fit, "warmth": t(f"warmth.{found}")}
    if customer.decision_on:
        return t("customer.rated_decides", **values, on=customer.decision_on)
    return t("customer.rated", **values)


def people_words(contacts: Sequence[Contact]) -> Words | None:
    """Three of the people there, and how many more; of erased ones there is nothing to say."""
    there = [each for each in contacts if not each.erased]
    if not there:
        return None
    names: list[Words] = [_person(each) for each in there[:PEOPLE_SHOWN]]
    more = len(there) - PEOPLE_SHOWN
    if more > 0:
        return t("customer.people_more", names=listed(names), n=more)
    return t("customer.people", names=listed(names))


def _person(contact: Contact) -> Words:
    if not contact.title:
        return clipped(contact.name, PERSON_COLUMNS)
    return t(
        "customer.person",
        name=clipped(contact.name, PERSON_COLUMNS),
        title=clipped(contact.title, PERSON_COLUMNS),
    )


def _kind(customer: Customer) -> Words | None:
    buys = t(f"customer.buys_{customer.buyer_type}") if customer.buyer_type else None
    segment = clipped(customer.segment, NAME_COLUMNS)
    if segment and buys:
        return t("customer.kind", segment=segment, buys=buys)
    return t("customer.segment", segment=segment) if segment else buys


def _whose(turn: Turn, customer: Customer) -> Words:
    owner = owner_of(turn, customer)
    others: list[Words] = [
        turn.store.member(member).name for _, member in turn.store.collaborators(customer.id)
    ]
    if owner.left_on:
        return t("customer.owner_left", name=owner.name)
    if not others:
        return t("customer.owner", name=owner.name)
    shown = listed(others[:PEOPLE_SHOWN])
    more = len(others) - PEOPLE_SHOWN
    if more > 0:
        return t("customer.owner_with_more", name=owner.name, names=shown, n=more)
    return t("customer.owner_with", name=owner.name, names=shown)


def _history(turn: Turn, customer: Customer) -> tuple[Recent, ...]:
    """The owner and whoever leads see all of it; a collaborator what they or the owner did."""
    found = turn.store.history(customer.id, LOOKED_AT)
    if turn.me.id == customer.owner_id or leads_owner(turn, customer):
        return found
    return tuple(each for each in found if each.by_id in (turn.me.id, customer.owner_id))


def _rows(turn: Turn, customer: Customer) -> Rows:
    """What is missing, the open deals, and what is done most; after a change the way back."""
    line = f"/customer A{customer.id}"
    missing = [
        *((Button(t("customer.segment_button"), f"{line}\nsegment:"),) if not customer.segment else ()),
        *((Button(t("customer.value_button"), f"{line}\nvalue:"),) if customer.value is None else ()),
        *((Button(t("customer.fit_button"), f"{line}\nfit:"),) if _lacks_fit(customer) else ()),
        *((Button(t("customer.buys_button"), f"{line}\nbuys:"),) if customer.buyer_type is None else ()),
        *((Button(t("customer.decision_button"), f"{line}\ndecision:"),) if not customer.decision_on else ()),
    ][:MISSING_SHOWN]
    deals = [
        Button(
            t("deals.open_button", id=f"D{each.id}", what=title_of(each, DEAL_COLUMNS)), f"/deal D{each.id}"
        )
        for each in deals_seen(turn, customer)[:DEALS_SHOWN]
    ]
    visit = Button(t("customer.visit_button"), f"/visit A{customer.id}")
    last = (
        undo_button(turn)
        if turn.store.changed
        else Button(t("deals.new_button"), f"/deal new A{customer.id}")
    )
    return tuple(tuple(row) for row in (missing, deals, [visit, last]) if row)


def _lacks_fit(customer: Customer) -> bool:
    return customer.fit is None and customer.value is not None
