"""Cards of the tool kit: which one is meant, what of it is asked, kept and shown (method section 3)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from domain.customers import Contact, Customer
from domain.deals import Dossier, Sheet, SheetId
from domain.milestones import FIELDS, REPEATED, Tool
from domain.refusals import NotFound, NotUnderstood
from handlers.dealing import must_be_open, must_work, works
from handlers.pieces.clipped import clipped
from handlers.pieces.kit import (
    NAME_COLUMNS,
    PER_PAGE,
    WHOM,
    Entry,
    choice_card,
    key_of,
    list_card,
    sheet_card,
    title,
)
from handlers.pieces.undo_button import undo_button
from handlers.reading.names import fold, near, people
from handlers.turn import Turn
from handlers.view import Ask, Button, Card, Facts, Field, Form, Line, Mark, Note, Words, card, t
from handlers.words import catalogue

SHEET = re.compile(r"#?K(?P<id>\d{1,18})", re.IGNORECASE)
CONTACT = re.compile(r"#?C(?P<id>\d{1,18})", re.IGNORECASE)
QUOTED = re.compile(r"[\"\u201c\u201d\u300c](?P<name>.+)[\"\u201c\u201d\u300d]")
# What a card is kept without, and asked for all the same.
LATER: Mapping[Tool, frozenset[str]] = {Tool.RISK: frozenset({"backup"})}
# Where two cards would say the same, one is revised: these fields tell them apart.
TOLD_APART: Mapping[Tool, str] = {Tool.LAER: "objection", Tool.RISK: "risk", Tool.CONCESSION: "give"}
# Cards with a line of theory, said where the first field is asked.
HINTED = (Tool.FAB, Tool.LAER, Tool.SWOT, Tool.BATNA, Tool.CONCESSION)
SHOWN_COLUMNS = 40
NOTHING: Mapping[str, str] = {}


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
    """A card of the kit by its code or its name in any language; raises `NotUnderstood` for any other word."""
    word = said.strip().casefold()
    found = catalogue().meant(word, {tool: f"tool.name_{tool}" for tool in Tool})
    if found is None and word not in list(Tool):
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


def _customer(turn: Turn, dossier: Dossier) -> Customer:
    found = turn.store.customer(dossier.deal.customer_id)
    if found is None:
        raise NotFound("deals.no_such", id=f"D{dossier.deal.id}")
    return found


def _person(turn: Turn, dossier: Dossier, said: str, wanted: Wanted) -> Wanted | Card:
    """Who a card is for: somebody known, or a name that is kept until the card is; near ones are asked about."""
    customer = _customer(turn, dossier)
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
    rows = [(Button(known[each].name, _line(replace(wanted, contact=known[each]))),) for each in close[:2]]
    new = Button(
        t("customer.new", name=plain), _line(replace(wanted, person=said.replace(plain, f'"{plain}"')))
    )
    return card(t("customer.near", name=plain), rows=(*rows, (new,)))


def _line(wanted: Wanted) -> str:
    """The command with what was said so far."""
    return wanted.line + _parts(wanted.said)


def _parts(said: Mapping[str, str]) -> str:
    """What was said to the fields as parts of a command, a line each."""
    return "".join(f"\n{name}: {' '.join(value.split())}" for name, value in said.items())


def worked(turn: Turn, wanted: Wanted) -> Card:
    """A card is shown when nothing is said to it; else its next field is asked for, or it is kept."""
    if wanted.sheet and not wanted.said:
        return _shown(turn, wanted, wanted.sheet)
    must_work(turn, wanted.dossier)
    must_be_open(wanted.dossier.deal)
    needed = [each for each in wanted.missing if each not in LATER.get(wanted.tool, ())]
    return asked(turn, wanted, needed[0]) if needed else _kept(turn, wanted)


def asked(turn: Turn, wanted: Wanted, name: str) -> Card:
    """The question for one field, with what is there already; as a form all fields at once."""
    must_work(turn, wanted.dossier)
    must_be_open(wanted.dossier.deal)
    known = tuple(
        (t(f"{key_of(each)}.label"), clipped(value, SHOWN_COLUMNS)) for each, value in wanted.values.items()
    )
    first = name == FIELDS[wanted.tool][0]
    return card(
        Line(_title(wanted)),
        *((Facts(known),) if known else ()),
        t(f"{key_of(name)}.ask"),
        *((Note(t(f"tool.hint_{wanted.tool}")),) if first and wanted.tool in HINTED else ()),
        rows=((Button(t("button.cancel"), "/cancel"),),),
        ask=Ask(_line(wanted), name),
    ).with_form(_form(wanted, name))


def _title(wanted: Wanted) -> Words:
    whom = wanted.contact.name if wanted.contact else wanted.person or wanted.about
    return title(wanted.dossier, wanted.tool, whom)


def _form(wanted: Wanted, name: str) -> Form:
    """All fields of the card with what is in them; what was said already need not be said again."""
    needed = {name, *(each for each in FIELDS[wanted.tool] if each not in LATER.get(wanted.tool, ()))}
    return Form(
        title=t(f"tool.name_{wanted.tool}"),
        line=wanted.line,
        fields=tuple(
            Field(
                name=each,
                label=t(f"{key_of(each)}.label"),
                ask=t(f"{key_of(each)}.ask"),
                required=each in needed,
                value=wanted.values.get(each, ""),
                lines=True,
            )
            for each in FIELDS[wanted.tool]
        ),
    )


def _kept(turn: Turn, wanted: Wanted) -> Card:
    """A whole card is kept: another one of its kind, or the same one revised."""
    contact = wanted.contact
    if contact is None and wanted.person:
        name, position = people(wanted.person)[0]
        quoted = QUOTED.fullmatch(name)
        plain = quoted["name"] if quoted else name
        contact = turn.store.add_contact(wanted.dossier.deal.customer_id, plain, fold(plain), position)
    if wanted.tool is Tool.SWOT and wanted.about not in {each.name for each in wanted.dossier.rivals}:
        turn.store.add_rival(wanted.dossier.deal.id, wanted.about)
    sheet = Sheet(
        id=wanted.sheet.id if wanted.sheet else SheetId(0),
        deal_id=wanted.dossier.deal.id,
        tool=wanted.tool,
        values={each: wanted.values[each] for each in FIELDS[wanted.tool] if wanted.values.get(each)},
        contact_id=contact.id if contact else None,
        about=wanted.about,
        filled_on=turn.today,
    )
    sheet = replace(sheet, id=turn.store.keep_sheet(sheet))
    now = turn.store.dossier(turn.store.deal(wanted.dossier.deal.id) or wanted.dossier.deal)
    kept = replace(wanted, dossier=now, sheet=sheet, contact=contact, person="", said={})
    later = [each for each in kept.missing if each in LATER.get(wanted.tool, ())]
    if later:
        return _asks_later(turn, kept, later[0])
    return _shown(turn, kept, sheet, done=True)


def _asks_later(turn: Turn, wanted: Wanted, name: str) -> Card:
    """What is kept without a field asks for it at once."""
    # By its words, not by its number: after an undo the question still leads somewhere.
    told = {TOLD_APART[wanted.tool]: wanted.values[TOLD_APART[wanted.tool]]}
    again = Wanted(dossier=wanted.dossier, tool=wanted.tool, said=told)
    shown = asked(turn, again, name)
    about, *rest = shown.blocks
    kept = Line(about.words, Mark.DONE) if isinstance(about, Line) else about
    undo = ((undo_button(turn),),) if turn.store.changed else ()
    return replace(shown, blocks=(kept, *rest), rows=undo or shown.rows)


def _shown(turn: Turn, wanted: Wanted, sheet: Sheet, *, done: bool = False) -> Card:
    """A filled card, with what changes it and what makes another."""
    may = works(turn.me, wanted.dossier, turn.store.teams()) and wanted.dossier.deal.is_open
    undo = undo_button(turn) if done and turn.store.changed else None
    if done and wanted.tool is Tool.CONCESSION:
        return listed_card(turn, wanted.dossier, wanted.tool, undo=undo)
    return sheet_card(wanted.dossier, sheet, _title(wanted), may=may, undo=undo, done=done)


def changing(turn: Turn, wanted: Wanted) -> Card:
    """Which field is to be otherwise; where there are forms, all of them at once."""
    must_work(turn, wanted.dossier)
    must_be_open(wanted.dossier.deal)
    names = FIELDS[wanted.tool]
    buttons = [Button(t(f"{key_of(each)}.label"), f"{wanted.line}\n{each}:") for each in names]
    rows = tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))
    return card(Line(_title(wanted)), t("tool.change_what"), rows=rows).with_form(_form(wanted, names[0]))


def started(
    turn: Turn,
    dossier: Dossier,
    tool: Tool,
    page: int = 1,
    said: Mapping[str, str] = NOTHING,
    *,
    another: bool = False,
) -> Card:
    """What there is of a kind of card: the one a deal has, or a list with a way to another; a question for none."""
    must_have(turn, tool, said)
    sheets = dossier.of_tool(tool)
    if tool in (Tool.FAB, Tool.SWOT):
        return _choice(turn, dossier, tool, page, said, asks=another or bool(said) or not sheets)
    if not sheets:
        return worked(turn, Wanted(dossier=dossier, tool=tool))
    if tool in REPEATED:
        return listed_card(turn, dossier, tool, page)
    return worked(turn, wanted_sheet(turn, dossier, sheets[-1], {}))


def listed_card(turn: Turn, dossier: Dossier, tool: Tool, page: int = 1, undo: Button | None = None) -> Card:
    """The cards of one kind, a line each."""
    may = works(turn.me, dossier, turn.store.teams()) and dossier.deal.is_open
    # After another row of a ladder its last page is of interest.
    page = -(-len(dossier.of_tool(tool)) // PER_PAGE) if undo else page
    return list_card(dossier, tool, page, may=may, undo=undo)


def _choice(
    turn: Turn, dossier: Dossier, tool: Tool, page: int, said: Mapping[str, str], *, asks: bool
) -> Card:
    """For whom, or against whom: those known, each with a tick where the card is there; others are typed if it asks."""
    entries = _contacts(turn, dossier) if tool is Tool.FAB else _rivals(dossier)
    may = works(turn.me, dossier, turn.store.teams()) and dossier.deal.is_open
    if not asks:
        shown = entries if may else tuple(each for each in entries if each.done)
        return choice_card(dossier, tool, shown, page, may=may)
    must_work(turn, dossier)
    must_be_open(dossier.deal)
    part = WHOM[tool]
    form = _form(Wanted(dossier=dossier, tool=tool, said=said), FIELDS[tool][0])
    whom = Field(
        name=part,
        label=t(f"{key_of(part)}.label"),
        ask=t(f"{key_of(part)}.ask"),
        required=True,
        value=next((each.name for each in entries if not each.done), ""),
    )
    shown_card = choice_card(dossier, tool, entries, page, may=may, asks=True, said=_parts(said))
    return shown_card.with_form(replace(form, fields=(whom, *form.fields)))


def _contacts(turn: Turn, dossier: Dossier) -> tuple[Entry, ...]:
    """Those who decide on the deal, the key ones first, then who else is known at the customer."""
    there = {each.contact_id for each in dossier.of_tool(Tool.FAB)}
    buyers = sorted(dossier.buyers, key=lambda each: (not each.is_key, each.id))
    on_deal = {each.contact_id: each.name for each in buyers}
    others = {each.id: each.name for each in _customer(turn, dossier).contacts if not each.erased}
    return tuple(
        Entry(name=name, done=number in there, line=f"\ncontact: C{number}")
        for number, name in {**on_deal, **others}.items()
    )


def _rivals(dossier: Dossier) -> tuple[Entry, ...]:
    there = {each.about.casefold() for each in dossier.of_tool(Tool.SWOT)}
    names: Sequence[str] = tuple(each.name for each in dossier.rivals)
    return tuple(Entry(name=each, done=each.casefold() in there, line=f"\nabout: {each}") for each in names)
