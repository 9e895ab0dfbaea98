"""/deals [FILTER] [PAGE]"""

from collections.abc import Sequence
from dataclasses import replace

from domain.deal_ports import Which
from domain.deals import CLOSED, Deal, State
from domain.milestones import FIRST, LAST
from domain.people import Role
from domain.refusals import NotUnderstood
from handlers.args import Args, Words
from handlers.colleagues import led_by
from handlers.dealing import SELLERS, called
from handlers.pieces.clipped import clipped
from handlers.pieces.pages import last_page, turning
from handlers.pieces.stalled import stalled_list
from handlers.reading.names import fold
from handlers.registry import Scope, command
from handlers.turn import Turn
from handlers.view import Button, Card, Line, Rows, Text, card, in_rows, t
from handlers.words import catalogue

PAGE, BUTTONS = 6, 4
LABEL_COLUMNS = 12
FILTERS = ("team", "won", "lost", "hold", "all")


class DealsArgs(Args):
    """Which deals: `team`, `stalled`, `won`, `lost`, `hold`, `all`, a milestone (M3), a customer; and a page."""

    lead = ("which",)
    which: Words | None = None


@command(roles=SELLERS, scope=Scope.TEAM)
def deals(turn: Turn, args: DealsArgs) -> Card:
    """My deals, the next step first; whoever leads a team sees the team's."""
    words = (args.which or "").split()
    page = int(words.pop()[:6]) if words and words[-1].isdecimal() else 1
    said = " ".join(words)
    if said.casefold() in catalogue().listed("deals.stalled_words"):
        return stalled_list(turn, page)
    which = _which(turn, said)
    total = turn.store.count_deals(which)
    last = last_page(total, PAGE, page)
    found = turn.store.deals(which, PAGE, (page - 1) * PAGE)
    new = Button(t("deals.new_button"), "/deal new")
    if not found:
        return card(t("deals.none"), rows=((new,),))
    return card(
        t("deals.title", n=total),
        *(Line(_line(turn, each)) for each in found),
        rows=(*_open_rows(found), turning(f"/deals {said}".strip(), page, last) or (new,)),
    )


def _which(turn: Turn, said: str) -> Which:
    """The list that is meant; a director sees all, whoever leads a team the team's, everybody else what they are on."""
    led = tuple(team.id for team in led_by(turn.me, turn.store.teams()))
    director = Role.DIRECTOR in turn.me.roles
    own = Which(seen_by=turn.me.id)
    wide = Which() if director else Which(team_ids=led) if led else own
    name = next(
        (each for each in FILTERS if said.casefold() in catalogue().listed(f"deals.{each}_words")), None
    )
    match name:
        case "team":
            return wide
        case "won":
            return replace(wide, states=frozenset({State.WON}))
        case "lost":
            return replace(wide, states=frozenset({State.LOST, State.CANCELLED}))
        case "hold":
            return replace(wide, states=frozenset({State.ON_HOLD}))
        case "all":
            return replace(wide, states=frozenset(State) - (CLOSED - {State.WON}))
    if not said:
        return own if Role.REP in turn.me.roles or not (led or director) else wide
    if said[:1] in "mM" and said[1:].isdecimal() and FIRST <= int(said[1:3]) <= LAST:
        return replace(wide, milestone=int(said[1:3]))
    customer = turn.store.customer_by_key(fold(said)) if fold(said) else None
    if customer is None:
        raise NotUnderstood("deals.no_filter", said=clipped(said, 24))
    return replace(wide, customer_id=customer.id)


def _line(turn: Turn, deal: Deal) -> Text:
    """One deal in a line: whose, where it is, what is next."""
    name = called(turn, deal, 18)
    if deal.state is State.ON_HOLD and deal.held_until:
        return t("deals.line_hold", id=f"D{deal.id}", what=name, n=deal.milestone, on=deal.held_until)
    if not deal.is_open and deal.closed_on:
        return t("deals.line_closed", id=f"D{deal.id}", what=name, on=deal.closed_on)
    if deal.clocks.next_on is None:
        return t("deals.line_no_next", id=f"D{deal.id}", what=name, n=deal.milestone)
    return t("deals.line", id=f"D{deal.id}", what=name, n=deal.milestone, on=deal.clocks.next_on)


def _open_rows(found: Sequence[Deal]) -> Rows:
    buttons = [
        Button(
            t("deals.open_button", id=f"D{each.id}", what=clipped(each.customer_name, LABEL_COLUMNS)),
            f"/deal D{each.id}",
        )
        for each in found[:BUTTONS]
    ]
    return in_rows(buttons)
