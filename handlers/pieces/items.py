"""The thirteen items of the checklist as cards: all in pages, one with what is known, those that wait (method section 3)."""

from domain.activity import ActivityId
from domain.c139 import NOTE_AT_LEAST, Item, counts
from domain.deals import Buyer, BuyingRole, Checked, Deal, Dossier
from handlers.colleagues import led_by
from handlers.dealing import title_of
from handlers.pieces.clipped import clipped
from handlers.pieces.deal import AHEAD, HERE, PASSED
from handlers.pieces.listed import listed
from handlers.pieces.nextbest import item_name
from handlers.pieces.pages import last_page
from handlers.pieces.reach import name_of
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Note, Rows, Words, card, in_rows, t

PAGE, CONFIRMED_AT_ONCE = 5, 4
TITLE_COLUMNS, NOTE_COLUMNS, SOURCE_COLUMNS = 16, 22, 40


def checked_of(dossier: Dossier, item: Item) -> Checked | None:
    """What is known of an item; None where nothing is, or no longer."""
    return next((each for each in dossier.checked if each.item is item and each.note), None)


def may_confirm(turn: Turn, deal: Deal) -> bool:
    """Whether the speaker confirms with one tap: the manager or deputy of the deal's team, never its owner."""
    led = {each.id for each in led_by(turn.me, turn.store.teams())}
    return deal.owner_id != turn.me.id and deal.team_id in led


def waiting(dossier: Dossier) -> tuple[Checked, ...]:
    """The items that count and that nobody confirmed, in the order of the checklist."""
    there = {
        each.item: each
        for each in dossier.checked
        if each.note and counts(each.rating) and not each.rating.confirmed
    }
    return tuple(there[item] for item in Item if item in there)


def items_card(turn: Turn, dossier: Dossier, page: int = 1) -> Card:
    """All thirteen items in pages, each with its sign, its note and its button."""
    deal, every = dossier.deal, tuple(Item)
    last = last_page(len(every), PAGE, page)
    begin = (page - 1) * PAGE
    shown = every[begin : begin + PAGE]
    buttons = [Button(item_name(each), f"/check D{deal.id} {each}") for each in shown]
    on = (
        Button(t("check.more_button"), f"/check D{deal.id} all {page + 1}")
        if page < last
        else Button(t("check.check_button"), f"/check D{deal.id}")
    )
    buttons.append(on)
    return card(
        t(
            "check.pages",
            id=f"D{deal.id}",
            what=title_of(deal, TITLE_COLUMNS),
            first=begin + 1,
            last=begin + len(shown),
        ),
        *(Line(_item_line(dossier, each)) for each in shown),
        Note(t("check.legend")),
        rows=in_rows(buttons),
    )


def _item_line(dossier: Dossier, item: Item) -> Words:
    known = checked_of(dossier, item)
    if known is None:
        return t("check.line_bare", sign=AHEAD, name=item_name(item))
    note = clipped(known.note, NOTE_COLUMNS)
    if not counts(known.rating):
        return t("check.line_thin", sign=AHEAD, name=item_name(item), note=note)
    sign = PASSED if known.rating.confirmed else HERE
    return t("check.line", sign=sign, name=item_name(item), note=note)


def item_card(turn: Turn, dossier: Dossier, known: Checked) -> Card:
    """One item: what is known and from whom, who confirmed it, and what can be done with it."""
    deal = dossier.deal
    line = f"/check D{deal.id} {known.item}"
    return card(
        t("check.named", id=f"D{deal.id}", name=item_name(known.item)),
        t("check.note_line", note=clipped(known.note)),
        *(Line(each) for each in _standing(turn, dossier, known)),
        rows=(
            (
                Button(t("check.change_button"), f"{line}\nnote:"),
                Button(t("check.source_button"), f"{line}\nsource:"),
            ),
            (*confirm_buttons(turn, dossier, known), Button(t("check.empty_button"), f"{line}\nnote: -")),
            (Button(t("check.all_button"), f"/check D{deal.id} all"),),
        ),
    )


def confirm_buttons(turn: Turn, dossier: Dossier, known: Checked) -> tuple[Button, ...]:
    """Who leads confirms with one tap, everybody else has a coach say so; nothing to confirm, no button."""
    if not counts(known.rating) or known.rating.confirmed:
        return ()
    line = f"/check D{dossier.deal.id} {known.item}\nconfirm:"
    if may_confirm(turn, dossier.deal):
        return (Button(t("check.confirm_button"), f"{line} yes"),)
    if not coaches(dossier):
        return (_name_coach(dossier),)
    return (Button(t("check.coach_button"), line),)


def coaches(dossier: Dossier) -> tuple[Buyer, ...]:
    """The insiders of a deal of whom a name is left."""
    return tuple(each for each in dossier.with_role(BuyingRole.COACH) if each.name)


def _name_coach(dossier: Dossier) -> Button:
    return Button(t("check.name_coach_button"), f"/who D{dossier.deal.id}")


def _standing(turn: Turn, dossier: Dossier, known: Checked) -> tuple[Words, ...]:
    """From whom it is, whether it counts, and who confirmed it."""
    found: list[Words] = []
    said = len(known.note.strip())
    if said < NOTE_AT_LEAST:
        found.append(t("check.too_thin", n=said, least=NOTE_AT_LEAST))
    source = source_words(turn, dossier, known)
    found.append(t("check.source_line", source=source) if source else t("check.no_source"))
    on = known.confirmed_on or known.checked_on
    if known.coach_id is not None:
        coach = contact_words(turn, dossier, known.coach_id)
        found.append(t("check.is_coached", name=coach, on=on, record=f"V{known.activity_id}"))
    if known.confirmed_by is not None:
        name = turn.store.member(known.confirmed_by).name
        found.append(t("check.is_confirmed_by", name=name, on=on))
    return tuple(found)


def source_words(turn: Turn, dossier: Dossier, known: Checked) -> Words | None:
    """Who said so or in which record; None where nothing stands behind it."""
    parts: list[Words] = []
    if known.contact_id is not None:
        parts.append(contact_words(turn, dossier, known.contact_id))
    if known.source:
        parts.append(clipped(known.source, SOURCE_COLUMNS))
    if (known.activity_id is not None and known.coach_id is None) or (
        known.activity_id is not None and not parts
    ):
        parts.append(record_words(turn, known.activity_id))
    return listed(parts) if parts else None


def contact_words(turn: Turn, dossier: Dossier, number: int) -> Words:
    """One of the customer's people by number, erased or not."""
    customer = turn.store.customer(dossier.deal.customer_id)
    found = next((each for each in customer.contacts if each.id == number), None) if customer else None
    return name_of(found.name if found else "")


def record_words(turn: Turn, number: ActivityId) -> Words:
    """`V81 visit, 3 Mar`."""
    found = turn.store.activity(number)
    if found is None or found[0].withdrawn:
        return t("check.record_bare", id=f"V{number}")
    return t("check.record", id=f"V{number}", kind=t(f"kind.{found[0].kind}"), on=found[0].on)


def confirm_card(turn: Turn, dossier: Dossier, *first: Block) -> Card:
    """What counts and is not confirmed, with its note: one tap for the manager, else a coach is named."""
    deal, found = dossier.deal, waiting(dossier)
    back = Button(t("check.check_button"), f"/check D{deal.id}")
    undo = (undo_button(turn),) if turn.store.changed else ()
    if not found:
        return card(
            *(first or (Line(t("check.nothing_to_confirm", id=f"D{deal.id}")),)), rows=((back, *undo),)
        )
    shown = found[:CONFIRMED_AT_ONCE]
    able = may_confirm(turn, deal) or bool(coaches(dossier))
    buttons = [
        Button(item_name(each.item), button.command)
        for each in shown
        for button in confirm_buttons(turn, dossier, each)
    ]
    rows: Rows = in_rows(buttons)
    return card(
        *first,
        t("check.which_confirmed" if able else "check.wait_for_coach", id=f"D{deal.id}"),
        *(
            Line(t("check.line", sign=HERE, name=item_name(each.item), note=clipped(each.note, NOTE_COLUMNS)))
            for each in shown
        ),
        rows=(*(rows if able else ((_name_coach(dossier),),)), (back, *undo)),
    )
