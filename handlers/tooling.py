"""Cards of a deal's tool kit: what of one is asked, kept and shown, and whom another may be about (method section 3)."""

from collections.abc import Mapping
from dataclasses import replace

from domain.deals import Dossier, Sheet, SheetId
from domain.milestones import FIELDS, REPEATED, Tool
from handlers.dealing import must_be_open, must_work, works
from handlers.pieces.clipped import clipped
from handlers.pieces.kit import PER_PAGE, WHOM, Entry, choice_card, key_of, list_card, sheet_card, title
from handlers.pieces.undo_button import undo_button
from handlers.reading.names import fold, people
from handlers.sheets import (
    QUOTED,
    TOLD_APART,
    Wanted,
    customer_of,
    line_of,
    must_have,
    parts_of,
    wanted_sheet,
)
from handlers.turn import Turn
from handlers.view import Ask, Button, Card, Facts, Field, Form, Line, Mark, Note, Words, card, in_rows, t

# What a card is kept without, and asked for all the same.
LATER: Mapping[Tool, frozenset[str]] = {Tool.RISK: frozenset({"backup"})}
# Cards with a line of theory, said where the first field is asked.
HINTED = (Tool.FAB, Tool.LAER, Tool.SWOT, Tool.BATNA, Tool.CONCESSION)
SHOWN_COLUMNS = 40
NOTHING: Mapping[str, str] = {}


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
        ask=Ask(line_of(wanted), name),
    ).with_form(_form(wanted, name))


def _title(wanted: Wanted) -> Words:
    whom = wanted.contact.name if wanted.contact else wanted.person or wanted.about
    return title(wanted.dossier, wanted.tool, whom)


def _form(wanted: Wanted, name: str) -> Form:
    """All fields of the card with what is in them; what was said already need not be said again."""
    needed = {name, *(each for each in FIELDS[wanted.tool] if each not in LATER.get(wanted.tool, ()))}
    return Form(
        title=_title(wanted),
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
    """What is kept without a field asks for it at once, in words: a form would hide that it is kept, and the way back."""
    # By its words, not by its number: after an undo the question still leads somewhere.
    told = {TOLD_APART[wanted.tool]: wanted.values[TOLD_APART[wanted.tool]]}
    again = Wanted(dossier=wanted.dossier, tool=wanted.tool, said=told)
    shown = asked(turn, again, name)
    about, *rest = shown.blocks
    kept = Line(about.words, Mark.DONE) if isinstance(about, Line) else about
    undo = ((undo_button(turn),),) if turn.store.changed else ()
    return replace(shown, blocks=(kept, *rest), rows=undo or shown.rows, form=None)


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
    rows = in_rows(buttons)
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
    shown_card = choice_card(dossier, tool, entries, page, may=may, asks=True, said=parts_of(said))
    return shown_card.with_form(replace(form, fields=(whom, *form.fields)))


def _contacts(turn: Turn, dossier: Dossier) -> tuple[Entry, ...]:
    """Those who decide on the deal, the key ones first, then who else is known at the customer."""
    there = {each.contact_id for each in dossier.of_tool(Tool.FAB)}
    buyers = sorted(dossier.buyers, key=lambda each: (not each.is_key, each.id))
    on_deal = {each.contact_id: each.name for each in buyers}
    others = {each.id: each.name for each in customer_of(turn, dossier).contacts if not each.erased}
    return tuple(
        Entry(name=name, done=number in there, line=f"\ncontact: C{number}")
        for number, name in {**on_deal, **others}.items()
    )


def _rivals(dossier: Dossier) -> tuple[Entry, ...]:
    there = {each.about.casefold() for each in dossier.of_tool(Tool.SWOT)}
    names = (each.name for each in dossier.rivals)
    return tuple(Entry(name=each, done=each.casefold() in there, line=f"\nabout: {each}") for each in names)
