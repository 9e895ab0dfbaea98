"""/handover FROM -> TO; customers: A7, A9"""

import re

from domain.customers import Customer, CustomerId
from domain.people import ADMINS, Member
from domain.refusals import NotFound
from handlers.args import Args, Name, Words
from handlers.colleagues import colleague_meant
from handlers.dealing import SELLERS
from handlers.handing import among, handed, may_hand, must_hand, must_lead, people_of
from handlers.matching import REFERENCE
from handlers.pieces.pack import pack_card
from handlers.reading.names import fold
from handlers.reading.typed import halved
from handlers.registry import Scope, command
from handlers.turn import Turn
from handlers.view import Ask, Button, Card, Note, card, in_rows, t
from handlers.words import catalogue

MOST_PAGE, CHOICES = 6, 4
# The ideographic comma joins names in Chinese.
COMMA = re.compile("[,;\u3001]")


class HandoverArgs(Args):
    """From whom to whom, and which customers when not all; a number alone is a page of what was handed to me."""

    lead = ("who",)
    who: Words | None = None
    to: Name | None = None
    customers: Words | None = None


@command(roles=SELLERS | ADMINS, scope=Scope.TEAM)
def handover(turn: Turn, args: HandoverArgs) -> Card:
    """Accounts, open deals and promises go from one colleague to another; alone, what was handed to me."""
    said = (args.who or "").strip()
    if said.isdecimal():
        return pack_card(turn, int(said[:MOST_PAGE]))
    if not said and not args.to and turn.store.handed_to(turn.me.id):
        return pack_card(turn, 1)
    if not said and not may_hand(turn):
        raise NotFound("handover.none")
    must_hand(turn)
    if not said:
        return card(
            t("handover.part.who.ask"),
            Note(t("handover.command.example"), code=True),
            ask=Ask(args.again("handover"), "who"),
            rows=((Button(t("button.cancel"), "/cancel"),),),
        )
    giver, taker = _split(said)
    people = people_of(turn)
    must_lead(turn, giver, people)
    found = colleague_meant(
        giver,
        among(giver, people),
        turn.store.teams(),
        lambda number: args.again("handover", who=f"{number} -> {taker}" if taker else number),
    )
    if isinstance(found, Card):
        return found
    taker = args.to or taker
    if not taker:
        return _whom(turn, found, args)
    successor = colleague_meant(
        taker,
        turn.store.members(),
        turn.store.teams(),
        lambda number: args.again("handover", who=f"M{found.id} -> {number}"),
    )
    if isinstance(successor, Card):
        return successor
    return handed(turn, found, successor, _named(turn, args.customers))


def _split(said: str) -> tuple[str, str]:
    """`Zhang -> Li`, `Zhang to Li`; without a second name only the first."""
    plain = halved(said)
    for word in catalogue().listed("handover.arrow_words"):
        first, found, last = plain.partition(word)
        if found:
            return first.strip(), last.strip()
    for word in catalogue().listed("handover.to_words"):
        between = rf"\s{re.escape(word)}\s" if word.isascii() else re.escape(word)
        if stands := re.search(between, plain):
            return plain[: stands.start()].strip(), plain[stands.end() :].strip()
    return plain.strip(), ""


def _whom(turn: Turn, giver: Member, args: HandoverArgs) -> Card:
    """Who takes over: the others of the team first."""
    others = [each for each in turn.store.members() if each.id != giver.id and each.holds(SELLERS)]
    near = sorted(others, key=lambda each: (each.team_id != giver.team_id, each.id))[:CHOICES]
    buttons = [Button(each.name, args.again("handover", who=f"M{giver.id} -> M{each.id}")) for each in near]
    rows = in_rows(buttons)
    return card(
        t("handover.to_whom", name=giver.name),
        ask=Ask(args.again("handover", who=f"M{giver.id}"), "to"),
        rows=(*rows, (Button(t("button.cancel"), "/cancel"),)),
    )


def _named(turn: Turn, said: str | None) -> tuple[Customer, ...] | None:
    """The customers named, by number or name; raises `NotFound` for one that is not there."""
    if said is None:
        return None
    found = []
    for name in filter(None, (each.strip() for each in COMMA.split(halved(said)))):
        reference = REFERENCE.fullmatch(name)
        customer = (
            turn.store.customer(CustomerId(int(reference["id"])))
            if reference
            else turn.store.customer_by_key(fold(name))
        )
        if customer is None:
            raise NotFound("customer.unknown", name=name[:40]).at("customers")
        found.append(customer)
    return tuple(found)
