"""/customer A7 [claim | merge A9]; name: NEW NAME; segment: TEXT; buys: public; value: 0-50; fit: 0-50; decision: DATE; key: yes; with: NAME; without: NAME"""

from dataclasses import dataclass
from typing import Annotated, Literal

from domain.customers import Customer, CustomerId
from domain.refusals import NotUnderstood
from handlers.accounts import customer_meant, label, must_change, sees
from handlers.accountwork import (
    buyer_type,
    joined,
    parted,
    rating,
    renamed,
    revised,
    twin_of,
)
from handlers.ahead import day_ahead
from handlers.args import Args, Missing, Name, When, YesNo, said_as
from handlers.args import Words as Typed
from handlers.claiming import Verdict, claimed, decided
from handlers.colleagues import colleague_meant
from handlers.dealing import SELLERS
from handlers.matching import REFERENCE, is_customer
from handlers.merging import merge_asked, merged
from handlers.pieces.customer import customer_card, exists_card
from handlers.pieces.undo_button import undo_button
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Ask, Button, Card, Line, Mark, Rows, Text, Words, card, in_rows, t
from handlers.words import catalogue

CHOICES = 4
VERBS = ("claim", "merge", "give", "share", "keep")
# The last word of what a button of a question carries.
SURE = "yes"


class CustomerArgs(Args):
    """Which customer and what about it; the parts change what they name."""

    lead = ("what",)
    what: Typed
    name: Name | None = None
    segment: Name | None = None
    buys: (
        Annotated[
            Literal["public", "enterprise"],
            said_as("public", "customer.public_words"),
            said_as("enterprise", "customer.enterprise_words"),
        ]
        | None
    ) = None
    value: Typed | None = None
    fit: Typed | None = None
    decision: When | None = None
    key: YesNo | None = None
    joins: Name | None = None
    without: Name | None = None

    @property
    def changes(self) -> bool:
        """Whether the customer itself is to be otherwise."""
        return any((self.name, self.segment, self.buys, self.value, self.fit, self.decision, self.key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What is to be done with a customer besides changing it: to claim it, to merge it, to give it to somebody."""

    who: str
    verb: str
    whom: str
    sure: bool

    @property
    def rest(self) -> str:
        return " ".join(filter(None, (self.verb, self.whom, SURE if self.sure else "")))


def _choices(turn: Turn, missing: Missing) -> Rows:
    """For an empty call the customers seen last; for a choice of few its buttons."""
    match missing.part:
        case "what":
            recent = turn.store.recent_customers(turn.me.id, CHOICES)
            buttons = [Button(each.name, f"/customer A{each.id}") for each in recent]
            return in_rows(buttons)
        case "buys":
            return (
                tuple(
                    Button(t(f"customer.part.buys.option_{code}"), f"{missing.line}\nbuys: {code}")
                    for code in ("public", "enterprise")
                ),
            )
        case _:
            return ()


def _in_question(turn: Turn, missing: Missing) -> Text | None:
    """The customer that a question is about, for the first line of its card."""
    words = missing.line.splitlines()[0].split()
    reference = REFERENCE.fullmatch(words[1]) if len(words) > 1 else None
    found = turn.store.customer(CustomerId(int(reference["id"]))) if reference else None
    return t("customer.title", name=label(found)) if found else None


@command(roles=SELLERS, choices=_choices, about=_in_question)
def customer(turn: Turn, args: CustomerArgs) -> Card:
    """A customer's card; changes what is named, claims it, or makes two of the same one."""
    deed = _deed(turn, args.what)
    found = customer_meant(
        turn,
        deed.who if deed else args.what,
        lambda name: args.again("customer", what=f"{name} {deed.rest}" if deed else name),
        makes=deed is None,
    )
    if isinstance(found, Card):
        return found
    if deed:
        return _done(turn, found, deed, args)
    if args.changes or args.joins or args.without:
        return _changed(turn, found, args)
    if not sees(turn, found):
        return exists_card(turn, found)
    return customer_card(turn, found, t("customer.made", name=label(found)) if turn.store.changed else None)


def _deed(turn: Turn, said: str) -> Deed | None:
    """`A9 merge A7`; a customer that is called so is that customer."""
    words = said.split()
    if len(words) < 2 or is_customer(turn, said):
        return None
    known = {word: verb for verb in VERBS for word in catalogue().listed(f"customer.{verb}_words")}
    at = next((n for n, word in enumerate(words[1:], 1) if word.casefold() in known), None)
    if at is None:
        return None
    verb, rest = known[words[at].casefold()], words[at + 1 :]
    if (verb == "claim" and rest) or not (rest or verb == "claim" or REFERENCE.fullmatch(words[0])):
        return None
    sure = len(rest) > 1 and rest[-1] == SURE
    return Deed(who=" ".join(words[:at]), verb=verb, whom=" ".join(rest[:-1] if sure else rest), sure=sure)


def _done(turn: Turn, found: Customer, deed: Deed, args: CustomerArgs) -> Card:
    if deed.verb == "claim":
        return claimed(turn, found)
    line = f"A{found.id} {deed.verb}"
    if not deed.whom:
        if deed.verb == "merge":
            raise NotUnderstood("customer.which_other", id=f"A{found.id}")
        raise NotUnderstood("customer.which_colleague")
    if deed.verb == "merge":
        other = customer_meant(
            turn, deed.whom, lambda name: args.again("customer", what=f"{line} {name}"), makes=False
        )
        if isinstance(other, Card):
            return other
        return merged(turn, found, other) if deed.sure else merge_asked(turn, found, other)
    colleague = colleague_meant(
        deed.whom,
        turn.store.members(),
        turn.store.teams(),
        lambda number: args.again("customer", what=f"{line} {number}"),
    )
    if isinstance(colleague, Card):
        return colleague
    return decided(turn, found, colleague, Verdict(deed.verb), sure=deed.sure)


def _changed(turn: Turn, found: Customer, args: CustomerArgs) -> Card:
    """All that was named, or nothing: a refusal keeps nothing of the turn."""
    said: list[Words] = []
    if args.joins:
        added = joined(turn, found, args.joins, lambda number: args.again("customer", joins=number))
        if isinstance(added, Card):
            return added
        said.append(added)
    if args.without:
        said.append(parted(turn, found, args.without))
    notes: tuple[Words, ...] = ()
    if args.changes:
        must_change(turn, found)
        if args.name:
            if asked := twin_of(turn, found, args.name):
                return asked
            renamed(turn, found, args.name)
        set_now = revised(turn, found, _wanted(turn, args))
        notes = (t("customer.key_note"),) if "is_key" in set_now else ()
    now = turn.store.customer(found.id) or found
    if not turn.store.changed:
        return customer_card(turn, now, t("customer.unchanged", name=label(now)))
    done = said[0] if said else t("customer.changed", name=label(now))
    if args.value and now.fit is None:
        return card(
            Line(done, Mark.DONE),
            t("customer.part.fit.ask"),
            ask=Ask(f"/customer A{now.id}", "fit"),
            rows=((undo_button(turn),),),
        )
    if not sees(turn, now):
        return card(Line(done, Mark.DONE), rows=((undo_button(turn),),))
    return customer_card(turn, now, done, *notes)


def _wanted(turn: Turn, args: CustomerArgs) -> dict[str, object]:
    if args.segment and not any(glyph.isalnum() for glyph in args.segment):
        raise NotUnderstood("customer.no_name", said=args.segment[:40]).at("segment")
    return {
        "segment": args.segment,
        "buyer_type": buyer_type(args.buys),
        "value": rating(args.value, "value"),
        "fit": rating(args.fit, "fit"),
        "decision_on": day_ahead(turn, args.decision, "decision"),
        "is_key": args.key == "yes" if args.key else None,
    }
