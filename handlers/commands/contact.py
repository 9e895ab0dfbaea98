"""/contact NAME or /contact A7 NAME; title: TEXT; name: NEW NAME; erase: yes"""

import re

from domain.people import ADMINS
from domain.refusals import NotAllowed
from handlers.accounts import customer_meant, label, must_change
from handlers.args import Args, Name, Words, YesNo
from handlers.dealing import SELLERS
from handlers.matching import REFERENCE
from handlers.persons import may_erase, may_look, must_be_known, person_meant, retitled
from handlers.pieces.contact import contact_card, erase_asked, people_card
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Card, Line, Mark, Note, card, t

# What the button of the question carries: what was typed asks first.
ERASE = re.compile(r"(?P<who>#?K\d{1,18})\s+erase", re.IGNORECASE)


class ContactArgs(Args):
    """Who, and what is to be otherwise about them; a customer alone lists its people."""

    lead = ("who",)
    who: Words
    title: Name | None = None
    name: Name | None = None
    erase: YesNo | None = None


@command(roles=SELLERS | ADMINS)
def contact(turn: Turn, args: ContactArgs) -> Card:
    """A person at a customer: where, since when, on which deals; another title or name, or no word of them any more."""
    if REFERENCE.fullmatch(args.who.strip()):
        return _people(turn, args.who)
    sure = ERASE.fullmatch(args.who.strip())
    found = person_meant(turn, sure["who"] if sure else args.who, lambda who: args.again("contact", who=who))
    if isinstance(found, Card):
        return found
    person, customer = found
    if sure or args.erase == "yes":
        must_be_known(person)
        if not may_erase(turn, customer):
            raise NotAllowed("contact.not_yours", name=label(customer))
        if not sure:
            return erase_asked(person, customer)
        turn.store.erase_contact(person.id)
        return card(
            Line(t("contact.erased", id=f"K{person.id}", customer=label(customer)), Mark.DONE),
            Note(t("contact.erased_means")),
        )
    if args.title is None and args.name is None:
        return contact_card(turn, person, customer, t("contact.added") if turn.store.changed else None)
    must_be_known(person)
    must_change(turn, customer)
    done = retitled(turn, person, args.title, args.name)
    now = turn.store.contact(person.id) or person
    return contact_card(turn, now, customer, t("contact.changed" if done else "contact.unchanged"))


def _people(turn: Turn, said: str) -> Card:
    customer = customer_meant(turn, said, str, makes=False)
    if isinstance(customer, Card):
        return customer
    if not may_look(turn, customer):
        must_change(turn, customer)
    return people_card(turn, customer)
