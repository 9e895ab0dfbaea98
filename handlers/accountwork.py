"""Customers changed: renamed without a twin, rated, flagged as key, and shared with collaborators (product section 4)."""

from collections.abc import Callable, Mapping

from domain.customers import BuyerType, Customer
from domain.fit import RATED_AT_MOST
from domain.kinds import Notice
from domain.people import MemberId
from domain.ports import Subject
from domain.refusals import NotAllowed, NotNow, NotUnderstood
from handlers.accounts import flags, label, must_be_another_seller, plain_name, rules
from handlers.colleagues import colleague_meant
from handlers.letters import teller
from handlers.reading.names import fold
from handlers.reading.typed import halved
from handlers.turn import Turn
from handlers.view import Button, Card, Words, card, t

SEGMENT_MOST = 80


def rating(said: str | None, part: str) -> int | None:
    """A value or a fit of 0 to 50; raises `NotUnderstood` for anything else."""
    if said is None:
        return None
    digits = halved(said).strip()
    if not digits.isdecimal() or len(digits) > 3 or int(digits) > RATED_AT_MOST:
        raise NotUnderstood("customer.no_rating", said=said[:20], most=RATED_AT_MOST).at(part)
    return int(digits)


def buyer_type(said: str | None) -> BuyerType | None:
    """How a customer buys, by its code."""
    return BuyerType(said) if said else None


def revised(turn: Turn, customer: Customer, wanted: Mapping[str, object]) -> dict[str, object]:
    """Sets what differs and is not None; what was set. The key flag needs whoever may flag."""
    values = {
        name: value
        for name, value in wanted.items()
        if value is not None and value != getattr(customer, name)
    }
    if "is_key" in values and not flags(turn, customer):
        raise NotAllowed("customer.key_manager", name=label(customer)).at("key")
    segment = values.get("segment")
    if isinstance(segment, str) and len(segment) > SEGMENT_MOST:
        raise NotUnderstood("args.too_long", n=len(segment), most=SEGMENT_MOST).at("segment")
    if values:
        turn.store.revise_customer(customer.id, **values)  # type: ignore[arg-type]
    return values


def twin_of(turn: Turn, customer: Customer, said: str) -> Card | None:
    """The question when the new name is another customer's: the same fold is the same customer (product 4)."""
    twin = turn.store.customer_by_key(fold(plain_name(said)))
    if twin is None or twin.id == customer.id:
        return None
    merge = Button(t("merge.button"), f"/customer A{customer.id} merge A{twin.id}")
    return card(t("customer.twin", name=label(twin)), rows=((merge,),))


def renamed(turn: Turn, customer: Customer, said: str) -> bool:
    """Gives a customer another name that is nobody else's; whether it is a new one."""
    name = plain_name(said)
    key = fold(name)
    if name == customer.name:
        return False
    # Its own old name, from a customer that became part of it: from now on it is the name of this one.
    if key != customer.key and (merged := turn.store.key_of_merged(key)):
        turn.store.revise_customer(merged, key="")
    turn.store.revise_customer(customer.id, name=name, key=key)
    return True


def joined(turn: Turn, customer: Customer, said: str, again: Callable[[str], str]) -> Words | Card:
    """A colleague works along from now on, and is told so."""
    _must_rule(turn, customer)
    meant = colleague_meant(said, turn.store.members(), turn.store.teams(), again)
    if isinstance(meant, Card):
        return meant
    must_be_another_seller(customer, meant)
    if meant.id in {member for _, member in turn.store.collaborators(customer.id)}:
        raise NotNow("customer.with_already", name=meant.name)
    turn.store.add_collaborator(customer.id, meant.id)
    _tell(turn, meant.id, "joined", t("customer.told_joined", by=turn.me.name, name=label(customer)))
    return t("customer.joined", who=meant.name, name=label(customer))


def parted(turn: Turn, customer: Customer, said: str) -> Words:
    """A colleague works along no more, and is told so; everybody may leave."""
    there = {member: number for number, member in turn.store.collaborators(customer.id)}
    people = [turn.store.member(member) for member in there]
    found = [each for each in people if fold(each.name) == fold(said) or said.strip() == f"M{each.id}"]
    if not found:
        raise NotNow("customer.not_with", name=said[:40])
    if found[0].id != turn.me.id:
        _must_rule(turn, customer)
    turn.store.withdraw(Subject.COLLABORATOR, there[found[0].id])
    _tell(turn, found[0].id, "parted", t("customer.told_parted", by=turn.me.name, name=label(customer)))
    return t("customer.parted", who=found[0].name, name=label(customer))


def _must_rule(turn: Turn, customer: Customer) -> None:
    if not rules(turn, customer):
        raise NotAllowed("customer.only_owner", name=label(customer))


def _tell(turn: Turn, to: MemberId, name: str, words: Words) -> None:
    if to != turn.me.id:
        teller(turn).tell(to, Notice.CUSTOMER, name, card(words))
