"""Deals by number or by their customer, and who may see, work on and decide about each (method section 1)."""

import re
from collections.abc import Callable
from enum import StrEnum

from domain.customers import CustomerId
from domain.deal_ports import Which
from domain.deals import CLOSED, Deal, DealId, Dossier, State
from domain.people import ADMINS, Member, MemberId, Role, Team
from domain.refusals import NotAllowed, NotFound, NotNow
from handlers.args import Missing
from handlers.colleagues import led_by
from handlers.pieces.clipped import clipped
from handlers.reading.names import fold, near
from handlers.turn import Turn
from handlers.view import Button, Card, Rows, Text, Words, card, t

REFERENCE = re.compile(r"#?D(?P<id>\d{1,18})", re.IGNORECASE)
# One button a row, and a card has three of them.
MOST_ASKED = 3
NAME_COLUMNS = 24
OWNER_COLUMNS = 8
CHOICE_COLUMNS = 20

# Writes the command again with a number in place of the name that was asked about.
Again = Callable[[str], str]
SELLERS = frozenset({Role.REP, Role.MANAGER, Role.DIRECTOR})
DECIDERS = frozenset({Role.MANAGER, Role.DIRECTOR})


class Right(StrEnum):
    """What somebody wants to do with a deal."""

    SEE = "see"
    WORK = "work"
    DECIDE = "decide"


def sees(member: Member, dossier: Dossier, teams: tuple[Team, ...]) -> bool:
    """Owner, deal team, manager and deputy, director (method section 1)."""
    return Role.DIRECTOR in member.roles or works(member, dossier, teams)


def works(member: Member, dossier: Dossier, teams: tuple[Team, ...]) -> bool:
    """Owner, deal team, manager and deputy; they also see stance, coach and notes (method section 1)."""
    on_it = {dossier.deal.owner_id, *(each.member_id for each in dossier.sellers)}
    return member.id in on_it or dossier.deal.team_id in {each.id for each in led_by(member, teams)}


def decides(member: Member, deal: Deal, teams: tuple[Team, ...]) -> bool:
    """Manager, deputy and director; nobody decides about the own deal while somebody else can (product section 5)."""
    if member.id == deal.owner_id:
        return False
    return Role.DIRECTOR in member.roles or deal.team_id in {each.id for each in led_by(member, teams)}


def deciders(deal: Deal, teams: tuple[Team, ...], members: tuple[Member, ...]) -> tuple[MemberId, ...]:
    """Who could decide about a deal instead of its owner."""
    return tuple(each.id for each in members if decides(each, deal, teams))


def dossier_meant(turn: Turn, said: str, again: Again, right: Right = Right.WORK) -> Dossier | Card:
    """The deal meant by `D12` or by its customer's name, if the speaker may; a question where several may be meant.

    Raises `NotFound` for none, and `NotAllowed` for somebody else's, naming whose it is and nothing more.
    """
    reference = REFERENCE.fullmatch(said.strip())
    if reference is None:
        return _of_customer(turn, said, again, right)
    deal = turn.store.deal(DealId(int(reference["id"])))
    if deal is None:
        raise NotFound("deals.no_such", id=said.strip()[:20])
    return _allowed(turn, deal, right)


def _allowed(turn: Turn, deal: Deal, right: Right) -> Dossier:
    dossier, teams = turn.store.dossier(deal), turn.store.teams()
    if not sees(turn.me, dossier, teams):
        raise NotAllowed("deals.somebody_elses", id=f"D{deal.id}", name=turn.store.member(deal.owner_id).name)
    if right is Right.WORK:
        must_work(turn, dossier)
    if right is Right.DECIDE and not decides(turn.me, deal, teams):
        raise NotAllowed("deals.not_yours_to_decide", id=f"D{deal.id}")
    return dossier


def _of_customer(turn: Turn, said: str, again: Again, right: Right) -> Dossier | Card:
    customer = turn.store.customer_by_key(fold(said)) if fold(said) else None
    if customer is None:
        close = near(said, turn.store.customer_names())
        names = {number: name for number, name, _ in turn.store.customer_names()}
        found = [turn.store.customer(CustomerId(number)) for number in close]
        deals = [deal for each in found if each for deal in open_deals(turn, each.id)][:MOST_ASKED]
        if not deals:
            raise NotFound("deals.no_customer", said=clipped(said, NAME_COLUMNS)).at("deal")
        return _which(said, deals, names, again)
    deals = list(open_deals(turn, customer.id))
    if len(deals) == 1:
        return _allowed(turn, deals[0], right)
    if not deals:
        others = turn.store.deals(Which(customer_id=customer.id), 1)
        if others:
            raise NotAllowed(
                "deals.somebody_elses",
                id=f"D{others[0].id}",
                name=turn.store.member(others[0].owner_id).name,
            )
        raise NotFound("deals.none_of", name=clipped(customer.name, NAME_COLUMNS))
    return _which(said, deals[:MOST_ASKED], {customer.id: customer.name}, again)


def _which(said: str, deals: list[Deal], names: dict[int, str], again: Again) -> Card:
    rows = tuple(
        (Button(t("deals.choice", id=f"D{each.id}", what=title_of(each)), again(f"D{each.id}")),)
        for each in deals
    )
    return card(t("deals.which", name=clipped(said, NAME_COLUMNS)), rows=rows)


def open_deals(turn: Turn, customer: CustomerId) -> tuple[Deal, ...]:
    """The open deals with a customer that the speaker may work on."""
    teams = turn.store.teams()
    mine = {each.id for each in turn.store.open_deals_with(customer, turn.me.id)}
    led = {each.id for each in led_by(turn.me, teams)}
    every = turn.store.deals(Which(customer_id=customer), MOST_LISTED)
    return tuple(each for each in every if each.id in mine or each.team_id in led)


MOST_LISTED = 20


def title_of(deal: Deal, columns: int = NAME_COLUMNS) -> str:
    """The customer, and what the deal is called where it has a name and there is room for the whole of it."""
    whole = f"{deal.customer_name} · {deal.title}"
    if deal.title and clipped(whole, columns) == whole:
        return whole
    return clipped(deal.customer_name, columns)


def called(turn: Turn, deal: Deal, columns: int = NAME_COLUMNS) -> Words:
    """What the deal is about, and whose it is where it is not one's own."""
    if deal.owner_id == turn.me.id:
        return title_of(deal, columns)
    owner = clipped(turn.store.member(deal.owner_id).name, OWNER_COLUMNS)
    return t("deals.of", what=title_of(deal, columns - OWNER_COLUMNS), name=owner)


def may_reopen(member: Member, deal: Deal, teams: tuple[Team, ...]) -> bool:
    """Reopening needs a manager; an admin stands in where a deal has none (method section 3)."""
    return decides(member, deal, teams) or (member.holds(ADMINS) and member.id != deal.owner_id)


def deal_in_question(turn: Turn, missing: Missing) -> Text | None:
    """The deal that a question is about, for the first line of its card."""
    found = deal_asked(turn, missing)
    return t("deals.named", id=f"D{found.id}", what=title_of(found)) if found else None


def deal_asked(turn: Turn, missing: Missing) -> Deal | None:
    """The deal whose number the line of a question has, if the speaker may see it."""
    words = missing.line.splitlines()[0].split()
    reference = REFERENCE.fullmatch(words[1]) if len(words) > 1 else None
    found = turn.store.deal(DealId(int(reference["id"]))) if reference else None
    if found is None or not sees(turn.me, turn.store.dossier(found), turn.store.teams()):
        return None
    return found


def deal_choices(turn: Turn, name: str) -> Rows:
    """For a command that names no deal: the own deals under way, the most pressing first."""
    mine = Which(seen_by=turn.me.id, states=frozenset({State.ACTIVE}))
    buttons = [
        Button(
            t("deals.choice", id=f"D{each.id}", what=title_of(each, CHOICE_COLUMNS)), f"/{name} D{each.id}"
        )
        for each in turn.store.deals(mine, MOST_ASKED)
    ]
    return tuple((each,) for each in buttons[: MOST_ASKED - 1])


def must_work(turn: Turn, dossier: Dossier) -> None:
    """Raises `NotAllowed` for who may look at a deal and not work on it: a director (method section 1)."""
    deal = dossier.deal
    if not works(turn.me, dossier, turn.store.teams()):
        raise NotAllowed("deals.only_look", id=f"D{deal.id}", name=turn.store.member(deal.owner_id).name)


def must_be_open(deal: Deal) -> None:
    """Raises `NotNow` for a deal that has ended, with how and when."""
    if deal.state in CLOSED:
        raise NotNow(f"deals.ended_{deal.state}", id=f"D{deal.id}", on=deal.closed_on or deal.entered_on)
