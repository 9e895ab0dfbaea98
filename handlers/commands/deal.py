"""/deal DEAL [review | activate | reopen] or /deal new CUSTOMER; title: TEXT; amount: N; close: DATE; next: TEXT by DATE"""

from dataclasses import replace
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from domain.deals import Dossier, Part
from domain.refusals import NotUnderstood
from handlers.ahead import day_ahead
from handlers.args import Amount, Args, Missing, Name, NextStep, When, Words, YesNo
from handlers.dealing import SELLERS, Right, dossier_meant
from handlers.dealmaking import activated, changed, doubted, joined, opened, reopened
from handlers.importing import paste
from handlers.matching import customer_named
from handlers.pieces.deal import deal_card
from handlers.pieces.dealmore import more_card
from handlers.pieces.review import review_card
from handlers.pieces.undo_button import undo_button
from handlers.promising import set_next, touch_owner
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Ask, Button, Card, Rows, card, in_rows, t
from handlers.words import catalogue

CHOICES, MOST_ROWS = 4, 3


class DealArgs(Args):
    """Which deal and what about it, or a new one; the parts change what they name."""

    lead = ("what",)
    what: Words
    title: Name | None = None
    amount: Amount | None = None
    close: When | None = None
    next: NextStep | None = None
    rivals: Words | None = None
    team: Name | None = None
    part: Name | None = None
    share: Annotated[int, Field(ge=0, le=100)] | None = None
    reason: Words | None = None
    sure: YesNo | None = None

    @property
    def changes(self) -> bool:
        """Whether anything is to be otherwise."""
        return any((self.title, self.amount is not None, self.close, self.next, self.rivals, self.team))


def _choices(turn: Turn, missing: Missing) -> Rows:
    """For an empty call: a new deal with one of the customers seen last."""
    if missing.part != "what":
        return ()
    recent = turn.store.recent_customers(turn.me.id, CHOICES)
    buttons = [Button(t("deal.new_with", name=each.name), f"/deal new A{each.id}") for each in recent]
    return in_rows(buttons)


@command(roles=SELLERS, choices=_choices)
def deal(turn: Turn, args: DealArgs) -> Card:
    """Shows a deal, opens a new one, changes what is named, wakes one that rests or reopens one that ended."""
    word, _, rest = args.what.strip().partition(" ")
    first, _, more = args.what.strip().partition("\n")
    if more and first.strip().casefold() in catalogue().listed("deal.new_words"):
        return paste(turn, more, args.again("deal", sure="yes"), sure=args.sure == "yes")
    if word.casefold() in catalogue().listed("deal.new_words"):
        return _new(turn, args, rest.strip())
    said, _, how = args.what.strip().rpartition(" ")
    known = {name: _word(name) for name in ("review", "activate", "reopen", "more")}
    wanted = next((name for name, words in known.items() if how.casefold() in words), None) if said else None
    found = dossier_meant(
        turn,
        said if wanted else args.what,
        lambda number: args.again("deal", what=f"{number} {wanted}" if wanted else number),
        Right.WORK if args.changes or wanted == "activate" else Right.SEE,
    )
    if isinstance(found, Card):
        return found
    match wanted:
        case "review":
            return review_card(turn, found)
        case "more":
            return more_card(turn, found)
        case "activate":
            activated(turn, found)
            return _shown(turn, found, "deal.woken")
        case "reopen":
            if not args.reason:
                return card(t("parts.reason.ask"), ask=Ask(f"/deal D{found.deal.id} reopen", "reason"))
            reopened(turn, found, args.reason)
            return _shown(turn, found, "deal.reopened")
        case _:
            return _changed(turn, found, args) if args.changes else deal_card(turn, found)


def _word(name: str) -> tuple[str, ...]:
    return catalogue().listed(f"deal.{name}_words")


def _new(turn: Turn, args: DealArgs, said: str) -> Card:
    if not said:
        return card(
            t("parts.customer.ask"),
            ask=Ask("/deal new", "what"),
            rows=_choices(turn, Missing(line="/deal", part="what")),
        )
    customer = customer_named(turn, said, lambda name: args.again("deal", what=f"new {name}"))
    if isinstance(customer, Card):
        return customer
    if args.amount is not None and args.sure != "yes":
        asked = doubted(turn, args.amount, lambda each: args.again("deal", amount=_plain(each), sure="yes"))
        if asked:
            return asked
    made = opened(
        turn,
        customer,
        title=args.title or "",
        amount=args.amount,
        close_on=day_ahead(turn, args.close, "close"),
        promise=args.next,
    )
    dossier = turn.store.dossier(made)
    _beside(turn, dossier, args)
    return _shown(turn, dossier, "deal.opened")


def _changed(turn: Turn, found: Dossier, args: DealArgs) -> Card:
    if args.amount is not None and args.sure != "yes" and args.amount != found.deal.amount:
        asked = doubted(turn, args.amount, lambda each: args.again("deal", amount=_plain(each), sure="yes"))
        if asked:
            return asked
    changed(turn, found, title=args.title, amount=args.amount, close_on=day_ahead(turn, args.close, "close"))
    if args.next:
        set_next(turn.store, found.deal, args.next.text, args.next.due_on, args.next.due_time)
        touch_owner(turn.store, found.deal, turn.today)
    _beside(turn, found, args)
    return _shown(turn, found, "deal.changed")


def _beside(turn: Turn, found: Dossier, args: DealArgs) -> None:
    """Who competes for the deal, and who works on it."""
    for name in _names(args.rivals):
        if name.casefold() not in {each.name.casefold() for each in found.rivals}:
            turn.store.add_rival(found.deal.id, name)
    if args.team:
        joined(turn, found, args.team, part_named(args.part), args.share or 0)


def part_named(said: str | None) -> Part:
    """A part on the deal team by its code or its name in any language."""
    if said is None:
        return Part.REP
    found = catalogue().meant(said, {part: f"part.{part}" for part in Part})
    if found is None:
        raise NotUnderstood("args.no_choice", said=said[:20], choices=", ".join(Part)).at("part")
    return Part(found)


def _names(said: str | None) -> list[str]:
    words = (said or "").replace("\u3001", ",").replace("\uff0c", ",").split(",")
    return [each.strip()[:80] for each in words if each.strip()]


def _plain(amount: Decimal) -> str:
    return f"{amount:f}"


def _shown(turn: Turn, found: Dossier, key: str) -> Card:
    """The card as it is now, with the way back."""
    now = turn.store.deal(found.deal.id) or found.deal
    shown = deal_card(turn, turn.store.dossier(now), key)
    return _with_undo(shown, turn)


def _with_undo(shown: Card, turn: Turn) -> Card:
    """The last row gives way to Undo: a card has three."""
    if len(shown.rows) < MOST_ROWS:
        return shown.plus(rows=((undo_button(turn),),))
    return replace(shown, rows=(*shown.rows[:2], (*shown.rows[2][-1:], undo_button(turn))))
