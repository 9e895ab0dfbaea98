"""/customers [all | team | hot | key | TEXT] [PAGE]"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from domain.customers import Customer, CustomerId, WhichCustomers
from domain.fit import warmth
from domain.people import Role
from domain.refusals import NotFound
from handlers.accounts import owner_of, sees
from handlers.args import Args
from handlers.args import Words as Typed
from handlers.colleagues import led_by
from handlers.dealing import SELLERS
from handlers.pieces.clipped import clipped
from handlers.pieces.pages import last_page, turning
from handlers.reading.names import fold, near
from handlers.registry import Scope, command
from handlers.turn import Turn
from handlers.view import Button, Card, Line, Rows, Words, card, in_rows, t
from handlers.words import catalogue

PAGE, BUTTONS = 6, 4
NAME_COLUMNS, LABEL_COLUMNS = 16, 12
FILTERS = ("all", "team", "hot", "key")


class CustomersArgs(Args):
    """Which customers: `all`, `team`, `hot`, `key`, or a name; and a page."""

    lead = ("which",)
    which: Typed | None = None


@command(roles=SELLERS, scope=Scope.TEAM)
def customers(turn: Turn, args: CustomersArgs) -> Card:
    """The customers I own or work with, who was seen last first; whoever leads a team sees the team's."""
    words = (args.which or "").split()
    page = int(words.pop()[:6]) if len(words) != 1 and words and words[-1].isdecimal() else None
    if page is None and len(words) == 1 and words[0].isdecimal():
        page, words = int(words[0][:6]), []
    said, page = " ".join(words), 1 if page is None else page
    which = _which(turn, said)
    total = turn.store.count_customers(which)
    last = last_page(total, PAGE, page)
    found = turn.store.customers(which, PAGE, (page - 1) * PAGE)
    if not found and said:
        return card(t("customers.none_here"), rows=((Button(t("customers.mine_button"), "/customers"),),))
    if not found:
        return card(t("customers.none"), rows=((Button(t("button.visit"), "/visit"),),))
    turned = turning(f"/customers {said}".strip(), page, last)
    return card(
        t("customers.found" if which.ids else "customers.title", n=total),
        *(Line(_line(turn, each, seen)) for each, seen in found),
        rows=(*_open_rows([each for each, _ in found]), *((turned,) if turned else ())),
    )


def _which(turn: Turn, said: str) -> WhichCustomers:
    """The list that is meant; a director sees all, whoever leads a team the team's, everybody what they work with."""
    own = WhichCustomers(of=turn.me.id)
    wide = _wide(turn)
    name = next(
        (each for each in FILTERS if said.casefold() in catalogue().listed(f"customers.{each}_words")), None
    )
    match name:
        case "all" | "team":
            return wide
        case "hot":
            return replace(wide, hot_on=turn.today)
        case "key":
            return replace(wide, is_key=True)
    if not said:
        return own if Role.REP in turn.me.roles else wide
    exact = turn.store.customer_by_key(fold(said)) if fold(said) else None
    ids = (exact.id,) if exact else tuple(map(CustomerId, near(said, turn.store.customer_names())))
    if not ids:
        raise NotFound("customers.no_filter", said=clipped(said, 24))
    return WhichCustomers(ids=ids)


def _wide(turn: Turn) -> WhichCustomers:
    if Role.DIRECTOR in turn.me.roles:
        return WhichCustomers()
    led = {team.id for team in led_by(turn.me, turn.store.teams())}
    if not led:
        return WhichCustomers(of=turn.me.id)
    people = (*turn.store.members(), *turn.store.former_members())
    return WhichCustomers(owner_ids=tuple(each.id for each in people if each.team_id in led))


def _line(turn: Turn, customer: Customer, seen: date | None) -> Words:
    """One customer in a line: how warm, when last seen; of somebody else's only whose it is."""
    name = f"A{customer.id} {clipped(customer.name, NAME_COLUMNS)}"
    if not sees(turn, customer):
        return t("customers.line_elses", name=name, owner=owner_of(turn, customer).name)
    last: Words = t("customers.seen", on=seen) if seen else t("customers.unseen")
    if customer.value is None or customer.fit is None:
        return t("customers.line", name=name, last=last)
    found = warmth(customer.value, customer.fit, customer.decision_on, turn.today)
    return t("customers.line_rated", name=name, warmth=t(f"warmth.{found}"), last=last)


def _open_rows(found: Sequence[Customer]) -> Rows:
    buttons = [
        Button(
            t("customers.open_button", name=f"A{each.id} {clipped(each.name, LABEL_COLUMNS)}"),
            f"/customer A{each.id}",
        )
        for each in found[:BUTTONS]
    ]
    return in_rows(buttons)
