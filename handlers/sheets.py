"""Which card of a deal's tool kit is meant: by its kind, its number, whom it is for or what it says (method section 3)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from domain.customers import Contact, Customer
from domain.deals import Dossier, Sheet
from domain.milestones import FIELDS, REPEATED, Tool
from domain.refusals import NotFound, NotUnderstood
from handlers.pieces.clipped import clipped
from handlers.pieces.kit import NAME_COLUMNS, key_of
from handlers.reading.names import fold, near, people
from handlers.turn import Turn
from handlers.view import Button, Card, card, t
from handlers.words import catalogue

SHEET = re.compile(r"#?K(?P<id>\d{1,18})", re.IGNORECASE)
CONTACT = re.compile(r"#?C(?P<id>\d{1,18})", re.IGNORECASE)
QUOTED = re.compile(r"[\"\u201c\u201d\u300c](?P<name>.+)[\"\u201c\u201d\u300d]")
# Where two cards would say the same, one is revised: these fields tell them apart.
TOLD_APART: Mapping[Tool, str] = {Tool.LAER: "objection", Tool.RISK: "risk", Tool.CONCESSION: "give"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which card of a deal, and what was said to its fields; `person` and `about` as they were said."""

    dossier: Dossier
    tool: Tool
    sheet: Sheet | None = None
    contact: Contact | None = None
    person: str = ""
    about: str = ""
    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, str]:
        """What is in the card, and what was said over it."""
        return {**(self.sheet.values if self.sheet else {}), **self.said}

    @property
    def line(self) -> str:
        """The command for this card, without what was said to its fields."""
        begin = f"/tool D{self.dossier.deal.id}"
        if self.sheet:
            return f"{begin} K{self.sheet.id}"
        if self.contact:
            return f"{begin} {self.tool}\ncontact: C{self.contact.id}"
        if self.person:
            return f"{begin} {self.tool}\ncontact: {self.person}"
        return f"{begin} {self.tool}\nabout: {self.about}" if self.about else f"{begin} {self.tool}"

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that are still to be filled, in their order."""
        return tuple(each for each in FIELDS[self.tool] if not self.values.get(each))


def tool_named(said: str) -> Tool:
    """A card of the kit by its code, or by its name in any language or the beginning of it.

    Raises `NotUnderstood` for any other word, and for a beginning that several share.
    """
    word = said.strip().casefold()
    found = catalogue().meant(word, {tool: f"tool.name_{tool}" for tool in Tool})
    if found is None and word not in list(Tool):
        begun = {
            tool
            for tool in Tool
            for language in catalogue().forms(f"tool.name_{tool}")
            if word and catalogue().say(t(f"tool.name_{tool}"), language).casefold().startswith(word)
        }
        if len(begun) == 1:
            return begun.pop()
        raise NotUnderstood("tool.no_such", said=clipped(said, NAME_COLUMNS)).at("tool")
    return Tool(found or word)


def tool_of(said: Mapping[str, str]) -> Tool:
    """The only card of the kit that has all these fields; raises `NotUnderstood` where several have, or none."""
    found = [tool for tool in Tool if tool is not Tool.BID and said.keys() <= set(FIELDS[tool])]
    if len(found) != 1:
        raise NotUnderstood("tool.which").at("tool")
    return found[0]


def sheet_named(dossier: Dossier, said: str) -> Sheet | None:
    """The filled card with this number (K3); None when it is no number, raises `NotFound` when there is none."""
    reference = SHEET.fullmatch(said.strip())
    if reference is None:
        return None
    found = next((each for each in dossier.sheets if each.id == int(reference["id"])), None)
    if found is None:
        raise NotFound("tool.no_sheet", number=f"K{reference['id']}")
    return found


def wanted_sheet(turn: Turn, dossier: Dossier, sheet: Sheet, said: Mapping[str, str]) -> Wanted:
    """A card that is filled, with what is said over it."""
    contact = turn.store.contact(sheet.contact_id) if sheet.contact_id else None
    return Wanted(
        dossier=dossier, tool=sheet.tool, sheet=sheet, contact=contact, about=sheet.about, said=said
    )


def wanted_new(dossier: Dossier, tool: Tool, said: Mapping[str, str], *, about: str = "") -> Wanted:
    """The card that words about a deal are for: a new one, or the one that they say more of."""
    wanted = Wanted(dossier=dossier, tool=tool, about=_rival(dossier, about), said=said)
    return replace(wanted, sheet=_filled_already(wanted))


def must_have(turn: Turn, tool: Tool, said: Iterable[str]) -> None:
    """Raises `NotUnderstood` for a field of another kind of card."""
    if strange := next((each for each in said if each not in FIELDS[tool]), None):
        labels = [
            catalogue().say(t(f"{key_of(each)}.label"), turn.language) for each in (strange, *FIELDS[tool])
        ]
        raise NotUnderstood("args.unknown_part", part=labels[0], known=", ".join(labels[1:])).at(strange)


def wanted_of(
    turn: Turn, dossier: Dossier, tool: Tool, *, person: str = "", about: str = "", said: Mapping[str, str]
) -> Wanted | Card:
    """The card that is meant by its kind and whom it is for; a question where a name is near to somebody known.

    Raises `NotUnderstood` for a field of another kind of card.
    """
    must_have(turn, tool, said)
    if tool is not Tool.FAB or not person:
        return wanted_new(dossier, tool, said, about=about)
    wanted = _person(turn, dossier, person, Wanted(dossier=dossier, tool=tool, said=said))
    return wanted if isinstance(wanted, Card) else replace(wanted, sheet=_filled_already(wanted))


def _filled_already(wanted: Wanted) -> Sheet | None:
    """The card that is revised instead of filling another."""
    sheets = wanted.dossier.of_tool(wanted.tool)
    if wanted.tool not in REPEATED:
        return sheets[-1] if sheets else None
    if wanted.tool is Tool.FAB:
        same = [each for each in sheets if wanted.contact and each.contact_id == wanted.contact.id]
    elif wanted.tool is Tool.SWOT:
        same = [each for each in sheets if wanted.about and each.about.casefold() == wanted.about.casefold()]
    else:
        name = TOLD_APART[wanted.tool]
        said = wanted.said.get(name, "").casefold()
        same = [each for each in sheets if said and each.values.get(name, "").casefold() == said]
    return same[-1] if same else None


def _rival(dossier: Dossier, said: str) -> str:
    """A rival as the deal knows it, in the writing it has there."""
    said = " ".join(said.split())
    return next((each.name for each in dossier.rivals if each.name.casefold() == said.casefold()), said)


def customer_of(turn: Turn, dossier: Dossier) -> Customer:
    found = turn.store.customer(dossier.deal.customer_id)
    if found is None:
        raise NotFound("deals.no_such", id=f"D{dossier.deal.id}")
    return found


def _person(turn: Turn, dossier: Dossier, said: str, wanted: Wanted) -> Wanted | Card:
    """Who a card is for: somebody known, or a name that is kept until the card is; near ones are asked about."""
    customer = customer_of(turn, dossier)
    if reference := CONTACT.fullmatch(said.strip()):
        found = next((each for each in customer.contacts if each.id == int(reference["id"])), None)
        if found is None:
            raise NotFound("tool.no_contact", number=f"C{reference['id']}").at("contact")
        return replace(wanted, contact=found)
    names = people(said)
    if len(names) != 1:
        raise NotUnderstood("tool.one_contact").at("contact")
    quoted = QUOTED.fullmatch(names[0][0])
    plain = quoted["name"] if quoted else names[0][0]
    found = next((each for each in customer.contacts if each.key == fold(plain)), None)
    if found:
        return replace(wanted, contact=found)
    close = () if quoted else near(plain, [(each.id, each.name, each.key) for each in customer.contacts])
    if not close:
        return replace(wanted, person=said)
    known = {int(each.id): each for each in customer.contacts}
    rows = [(Button(known[each].name, line_of(replace(wanted, contact=known[each]))),) for each in close[:2]]
    new = Button(
        t("customer.new", name=plain), line_of(replace(wanted, person=said.replace(plain, f'"{plain}"')))
    )
    return card(t("customer.near", name=plain), rows=(*rows, (new,)))


def line_of(wanted: Wanted) -> str:
    """The command with what was said so far."""
    return wanted.line + parts_of(wanted.said)


def parts_of(said: Mapping[str, str]) -> str:
    """What was said to the fields as parts of a command, a line each."""
    return "".join(f"\n{name}: {' '.join(value.split())}" for name, value in said.items())
