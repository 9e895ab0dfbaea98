"""/who DEAL [NAME]; role: ROLES; influence: 1-5; stance: against | doubtful | neutral | for | active"""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from domain.customers import Contact
from domain.deals import BuyingRole, Dossier
from domain.refusals import NotFound, NotUnderstood
from handlers.args import Args, Missing, Name, Words
from handlers.dealing import SELLERS, Right, dossier_meant
from handlers.pieces.clipped import clipped
from handlers.pieces.dealchoices import deal_choices
from handlers.pieces.reach import STANCE_CODES, name_of, person_card, reach_card, reference, roles_words
from handlers.pieces.undo_button import undo_button
from handlers.reaching import (
    buyer_of,
    contact_known,
    contact_made,
    dossier_now,
    influence_said,
    is_near,
    may_change,
    person_in_question,
    roles_named,
    set_buyer,
    stance_said,
    take_off,
)
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Ask, Button, Card, Line, Mark, Rows, card, t

SAID_COLUMNS, WIDE = 40, 2


class WhoArgs(Args):
    """Which deal, who of the customer's people, and what they are to it."""

    lead = ("deal", "who")
    deal: Name
    who: Name | None = None
    role: Words | None = None
    influence: Annotated[Literal["1", "2", "3", "4", "5"], BeforeValidator(influence_said)] | None = None
    stance: (
        Annotated[
            Literal["against", "doubtful", "neutral", "for", "active"],
            BeforeValidator(stance_said),
        ]
        | None
    ) = None

    @property
    def says(self) -> bool:
        """Whether anything is said of the person."""
        return any((self.role, self.influence, self.stance))


def _choices(turn: Turn, missing: Missing) -> Rows:
    """The deals for an empty call; else what can be answered with one tap."""
    if missing.part == "deal":
        return deal_choices(turn, "/who")
    return _answers(missing.line, missing.part)


def _answers(line: str, part: str) -> Rows:
    match part:
        case "role":
            buttons = [Button(t(f"buying.{role}"), f"{line}\nrole: {role}") for role in BuyingRole]
        case "influence":
            buttons = [
                Button(t(f"who.part.influence.option_{n}"), f"{line}\ninfluence: {n}") for n in "12345"
            ]
        case "stance":
            buttons = [
                Button(t(f"who.part.stance.option_{code}"), f"{line}\nstance: {code}")
                for code in STANCE_CODES
            ]
        case _:
            return ()
    return tuple(tuple(buttons[i : i + WIDE]) for i in range(0, len(buttons), WIDE))


@command(roles=SELLERS, choices=_choices, about=person_in_question)
def who(turn: Turn, args: WhoArgs) -> Card:
    """Who decides: the customer's people on a deal; one that is named is put on it, changed or taken off."""
    found = dossier_meant(turn, args.deal, lambda number: args.again("who", deal=number), Right.SEE)
    if isinstance(found, Card):
        return found
    if not args.who:
        if args.says:
            raise NotUnderstood("who.who_first").at("who")
        return reach_card(turn, found)
    if args.who.isdecimal() and not args.says:
        return reach_card(turn, found, int(args.who[:6]))
    may_change(turn, found, closed=not args.says)
    return _person(turn, found, args, args.who)


def _person(turn: Turn, found: Dossier, args: WhoArgs, said: str) -> Card:
    contact = contact_known(turn, found, said)
    roles = roles_named(args.role, turn.language) if args.role else None
    buyer = buyer_of(found, contact) if contact else None
    if roles == frozenset():
        return _off(turn, found, contact, said)
    if buyer and not args.says:
        return person_card(turn, found, buyer)
    if not buyer and roles is None and (contact or not is_near(turn, found, said)):
        return _asked(args.again("who", deal=f"D{found.deal.id}"), said, "role")
    if contact is None:
        made = contact_made(
            turn, found, said, lambda name: args.again("who", deal=f"D{found.deal.id}", who=name)
        )
        if isinstance(made, Card):
            return made
        contact = made
    set_buyer(turn, found, contact, roles, args.influence, args.stance)
    return _next(turn, found, contact)


def _off(turn: Turn, found: Dossier, contact: Contact | None, said: str) -> Card:
    buyer = buyer_of(found, contact) if contact else None
    if buyer is None:
        raise NotFound("who.not_on", name=said[:40], id=f"D{found.deal.id}")
    take_off(turn, buyer)
    return card(
        Line(t("who.removed", name=name_of(buyer.name), id=f"D{found.deal.id}"), Mark.DONE),
        rows=((Button(t("who.all_button"), f"/who D{found.deal.id}"), undo_button(turn)),),
    )


def _next(turn: Turn, found: Dossier, contact: Contact) -> Card:
    """What is not known of the person yet is asked, one thing at a time."""
    now = dossier_now(turn, found)
    buyer = next(each for each in now.buyers if each.contact_id == contact.id)
    line = f"/who D{now.deal.id} {reference(buyer)}"
    if not buyer.name:
        return person_card(turn, now, buyer, done=True)
    for part, known in (("influence", buyer.influence), ("stance", buyer.stance)):
        if known is None:
            kept = t("who.person", name=name_of(buyer.name), what=roles_words(buyer.roles))
            return card(
                Line(kept, Mark.DONE),
                t(f"who.part.{part}.ask"),
                rows=_with_way_out(_answers(line, part), Button(t("who.later_button"), line)),
                ask=Ask(line, part),
            )
    return person_card(turn, now, buyer, done=True)


def _asked(line: str, said: str, part: str) -> Card:
    return card(
        Line(clipped(said, SAID_COLUMNS), Mark.OPEN),
        t(f"who.part.{part}.ask"),
        rows=_with_way_out(_answers(line, part), Button(t("button.cancel"), "/cancel")),
        ask=Ask(line, part),
    )


def _with_way_out(rows: Rows, out: Button) -> Rows:
    return (*rows[:-1], rows[-1] + (out,)) if len(rows[-1]) < WIDE else (*rows, (out,))
