"""Customers by number or by name, and who may see, change, flag and give away each (method section 1)."""

from collections.abc import Callable

from domain.customers import Customer, CustomerId
from domain.deal_ports import Which
from domain.deals import Deal, State
from domain.people import Member, Role
from domain.refusals import NotAllowed, NotFound, NotNow, NotUnderstood
from handlers.args import NAME_LIMIT
from handlers.colleagues import leads
from handlers.dealing import MOST_LISTED, SELLERS, open_deals
from handlers.matching import QUOTED, REFERENCE
from handlers.pieces.clipped import clipped
from handlers.reading.names import fold, near
from handlers.turn import Turn
from handlers.view import Button, Card, card, t

NAME_COLUMNS = 24
# More words than these are rather a sentence than the name of a new customer.
LONGEST_NEW = 3

# Writes the command again with a number, or a name in quotes, in place of the name that was asked about.
Again = Callable[[str], str]


def sees(turn: Turn, customer: Customer) -> bool:
    """Whoever may change it, the deal team of one of its deals, and directors (method section 1)."""
    if Role.DIRECTOR in turn.me.roles or changes(turn, customer):
        return True
    every = Which(customer_id=customer.id, seen_by=turn.me.id, states=frozenset(State))
    return turn.store.count_deals(every) > 0


def changes(turn: Turn, customer: Customer) -> bool:
    """Owner, collaborators, manager and deputy of the owner's team."""
    return rules(turn, customer) or turn.me.id in {
        member for _, member in turn.store.collaborators(customer.id)
    }


def rules(turn: Turn, customer: Customer) -> bool:
    """Who may give a customer away, share it and merge it: its owner, manager and deputy of the owner's team."""
    return customer.owner_id == turn.me.id or leads_owner(turn, customer)


def leads_owner(turn: Turn, customer: Customer) -> bool:
    """Whether the speaker leads the team of a customer's owner."""
    return leads(turn.me, owner_of(turn, customer), turn.store.teams())


def flags(turn: Turn, customer: Customer) -> bool:
    """Who says what a key customer is: it feeds the key visits, so the manager, or the owner where there is none."""
    if leads_owner(turn, customer):
        return True
    owner = owner_of(turn, customer)
    managed = any(team.id == owner.team_id and team.manager_id for team in turn.store.teams())
    return owner.id == turn.me.id and not managed


def owner_of(turn: Turn, customer: Customer) -> Member:
    """The owner, also one who has left."""
    return turn.store.member(customer.owner_id)


def not_yours(turn: Turn, customer: Customer) -> NotAllowed:
    """What somebody hears about a colleague's customer: its owner and nothing more."""
    owner = owner_of(turn, customer).name
    return NotAllowed("customer.not_yours", id=f"A{customer.id}", name=label(customer), owner=owner)


def must_change(turn: Turn, customer: Customer) -> None:
    """Raises `NotAllowed` for everybody else's customer."""
    if not changes(turn, customer):
        raise not_yours(turn, customer)


def must_be_another_seller(customer: Customer, colleague: Member) -> None:
    """Raises `NotNow` for the owner, and for who does not sell."""
    if colleague.id == customer.owner_id:
        raise NotNow("customer.owner_already", name=colleague.name)
    if not colleague.holds(SELLERS):
        raise NotNow("customer.no_seller", name=colleague.name)


def label(customer: Customer) -> str:
    """`A7 Acme`, cut to the room of a line."""
    return f"A{customer.id} {clipped(customer.name, NAME_COLUMNS)}"


def customer_meant(turn: Turn, said: str, again: Again, *, makes: bool = True) -> Customer | Card:
    """The customer meant by `A7` or its name; a question where it may be another, or a new one.

    A name in quotes is meant exactly so, and makes the customer where `makes`. Raises `NotFound` for no such number.
    """
    said = said.strip()
    reference = REFERENCE.fullmatch(said)
    if reference:
        found = turn.store.customer(CustomerId(int(reference["id"])))
        if found is None:
            raise NotFound("customer.no_number", id=said[:20])
        return found
    quoted = QUOTED.fullmatch(said)
    name = plain_name(quoted["name"] if quoted else said)
    found = turn.store.customer_by_key(fold(name))
    if found:
        return found
    if quoted and makes:
        return turn.store.add_customer(name, fold(name), turn.me.id)
    names = turn.store.customer_names()
    known = {number: each for number, each, _ in names}
    meant = tuple((Button(known[number], again(f"A{number}")),) for number in near(name, names)[:2])
    if not meant and not makes:
        raise NotFound("customer.unknown", name=clipped(name, NAME_COLUMNS))
    if not meant and len(name.split()) > LONGEST_NEW:
        raise NotFound("customer.no_such", said=said)
    new = ((Button(t("customer.new", name=name), again(f'"{name}"')),),) if makes else ()
    asked = t("customer.near", name=name) if meant else t("customer.unknown", name=clipped(name))
    return card(asked, rows=(*meant, *new))


def plain_name(said: str) -> str:
    """A name on one line; raises `NotUnderstood` for one without a letter or digit, or one that is too long."""
    name = " ".join(said.split())
    if not any(glyph.isalnum() for glyph in name):
        raise NotUnderstood("customer.no_name", said=said[:40])
    if len(name) > NAME_LIMIT:
        raise NotUnderstood("args.too_long", n=len(name), most=NAME_LIMIT)
    return name


def deals_seen(turn: Turn, customer: Customer) -> tuple[Deal, ...]:
    """The open deals with a customer that the speaker may look at."""
    if Role.DIRECTOR in turn.me.roles:
        return turn.store.deals(Which(customer_id=customer.id), MOST_LISTED)
    return open_deals(turn, customer.id)
