"""Who decides at the customer: a person named on a deal, with roles, influence and stance as they were said (method 3)."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

from domain.customers import Contact, Customer
from domain.deals import CLOSED, INFLUENCE, Buyer, BuyingRole, Dossier
from domain.people import Language
from domain.ports import Subject
from domain.refusals import NotAllowed, NotFound, NotNow, NotUnderstood
from handlers.args import Missing
from handlers.dealing import deal_in_question, works
from handlers.matching import QUOTED, contacts_named
from handlers.pieces.clipped import clipped
from handlers.pieces.listed import listed
from handlers.pieces.reach import STANCE_CODES
from handlers.reading.names import fold, near, people
from handlers.turn import Turn
from handlers.view import Card, Text, Words, t
from handlers.words import catalogue

REFERENCE = re.compile(r"#?K(?P<id>\d{1,18})", re.IGNORECASE)
SEPARATORS = re.compile("[,;/+&\u3001\uff0c\uff1b\uff0f]| and |\u548c")
SAID_COLUMNS, ASKED_COLUMNS = 20, 24


def roles_named(said: str, language: Language) -> frozenset[BuyingRole]:
    """Several roles by code or name in any language; empty for none. Raises `NotUnderstood` for any other word."""
    if said.strip().casefold() in catalogue().listed("who.none_words"):
        return frozenset()
    words = [each.strip() for each in SEPARATORS.split(said) if each.strip()]
    return frozenset(_role(each, language) for each in words or [said])


def _role(said: str, language: Language) -> BuyingRole:
    found = catalogue().meant(said, {role: f"buying.{role}" for role in BuyingRole})
    if found is None:
        found = next(
            (role for role in BuyingRole if said.casefold() in catalogue().listed(f"who.{role}_words")), None
        )
    if found is None:
        known = catalogue().say(listed([t(f"buying.{role}") for role in BuyingRole]), language)
        raise NotUnderstood("who.bad_role", said=clipped(said, SAID_COLUMNS), known=known).at("role")
    return BuyingRole(found)


def influence_said(value: Any) -> Any:
    """A number 1..5, whatever else is typed around it in an option's label."""
    if not isinstance(value, str):
        return value
    said = value.strip().partition(" ")[0]
    if said.isdecimal() and len(said) < 3 and int(said) in INFLUENCE:
        return str(int(said))
    raise _bad("who.bad_influence", said=clipped(value, SAID_COLUMNS))


def stance_said(value: Any, info: ValidationInfo) -> Any:
    """The code of a stance, by its words in any language or by -2..+2."""
    if not isinstance(value, str):
        return value
    said = value.strip().casefold().replace("\u2212", "-")
    found = catalogue().meant(
        said, {code: f"who.part.stance.option_{code}" for code in STANCE_CODES}
    ) or next((code for code in STANCE_CODES if said in catalogue().listed(f"who.{code}_words")), None)
    if found is None:
        language = (info.context or {}).get("language", Language.EN)
        names: list[Words] = [t(f"who.part.stance.option_{code}") for code in STANCE_CODES]
        known = catalogue().say(listed(names), language)
        raise _bad("who.bad_stance", said=clipped(value, SAID_COLUMNS), known=known)
    return found


def _bad(key: str, **values: str) -> PydanticCustomError:
    return PydanticCustomError("refusal", "{key}", {"key": key, **values})


def customer_of(turn: Turn, dossier: Dossier) -> Customer:
    """The customer of a deal with the people there of whom a word is left."""
    customer = turn.store.customer(dossier.deal.customer_id)
    if customer is None:
        raise NotFound("deals.no_such", id=f"D{dossier.deal.id}")
    return replace(customer, contacts=tuple(each for each in customer.contacts if not each.erased))


def person_said(said: str) -> str:
    """The one name in what was said; raises `NotUnderstood` for several and for none."""
    names = people(said)
    if len(names) != 1 or not any(glyph.isalnum() for glyph in names[0][0]):
        raise NotUnderstood("who.one_only", said=clipped(said, SAID_COLUMNS)).at("who")
    return names[0][0]


def name_key(said: str) -> str:
    """What all spellings of a person's name share, the title aside."""
    names = people(said)
    name = names[0][0] if len(names) == 1 else said
    quoted = QUOTED.fullmatch(name)
    return fold(quoted["name"] if quoted else name)


def dossier_now(turn: Turn, dossier: Dossier) -> Dossier:
    """The same deal after what this turn wrote."""
    return turn.store.dossier(turn.store.deal(dossier.deal.id) or dossier.deal)


def contact_known(turn: Turn, dossier: Dossier, said: str) -> Contact | None:
    """The customer's person called so, or with the number (K7); None for a name nobody there has."""
    key = name_key(person_said(said))
    called = next((each for each in customer_of(turn, dossier).contacts if key and each.key == key), None)
    if called is None and (reference := REFERENCE.fullmatch(said.strip())):
        number = int(reference["id"])
        customer = turn.store.customer(dossier.deal.customer_id)
        found = next((each for each in customer.contacts if each.id == number), None) if customer else None
        if found is None:
            raise NotFound("who.no_such", said=said.strip()[:20], customer=dossier.deal.customer_name)
        return found
    return called


def is_near(turn: Turn, dossier: Dossier, said: str) -> bool:
    """Whether a name is so close to a known one that it is asked about."""
    name = person_said(said)
    known = [(int(each.id), each.name, each.key) for each in customer_of(turn, dossier).contacts]
    return not QUOTED.fullmatch(name) and bool(near(name, known))


def contact_made(turn: Turn, dossier: Dossier, said: str, again: Callable[[str], str]) -> Contact | Card:
    """The person of this name, made at the customer; a question when the name is near to one that exists."""
    made = contacts_named(turn, customer_of(turn, dossier), said, again)
    return made if isinstance(made, Card) else made[0]


def may_change(turn: Turn, dossier: Dossier, *, closed: bool = False) -> None:
    """Raises `NotAllowed` for who only looks at a deal, and `NotNow` for one that has ended unless `closed` will do."""
    deal = dossier.deal
    if not works(turn.me, dossier, turn.store.teams()):
        owner = turn.store.member(deal.owner_id).name
        raise NotAllowed("deals.only_look", id=f"D{deal.id}", name=owner)
    if deal.state in CLOSED and not closed:
        raise NotNow("deals.closed", id=f"D{deal.id}")


def buyer_of(dossier: Dossier, contact: Contact) -> Buyer | None:
    """The customer's person on the deal."""
    return next((each for each in dossier.buyers if each.contact_id == contact.id), None)


def set_buyer(
    turn: Turn,
    dossier: Dossier,
    contact: Contact,
    roles: frozenset[BuyingRole] | None,
    influence: str | None,
    stance: str | None,
) -> None:
    """Puts a person on the deal, or sets what was said of one who is; a stance said again is fresh again."""
    buyer = buyer_of(dossier, contact)
    number = buyer.id if buyer else turn.store.add_buyer(dossier.deal.id, contact.id, roles or frozenset())
    values: dict[str, object] = {}
    if roles is not None and buyer and roles != buyer.roles:
        values["roles"] = roles
    if influence:
        values["influence"] = int(influence)
    if stance:
        values |= {"stance": STANCE_CODES[stance], "stance_on": turn.today}
    if values:
        turn.store.revise_buyer(number, **values)


def take_off(turn: Turn, buyer: Buyer) -> None:
    """Somebody decides no more; what they said and confirmed stays in the history."""
    turn.store.withdraw(Subject.BUYER, buyer.id)


def person_in_question(turn: Turn, missing: Missing) -> Text | None:
    """Whom a question is about and on which deal, for the first line of its card."""
    deal, who = deal_in_question(turn, missing), missing.line.splitlines()[0].split(maxsplit=2)[2:]
    return t("who.person", name=clipped(who[0], ASKED_COLUMNS), what=deal) if deal and who else deal
