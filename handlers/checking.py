"""Items of the checklist rated: a note, who or what stands behind it, and what is asked next (method section 3)."""

from dataclasses import replace

from domain.activity import ActivityId
from domain.c139 import NOTE_AT_LEAST, Item, counts, prior
from domain.customers import ContactId
from domain.deals import Checked, DealId, Dossier
from domain.refusals import NotUnderstood
from handlers.args import Missing
from handlers.confirming import record_of, who_confirms
from handlers.dealing import REFERENCE, deal_in_question, works
from handlers.pieces.checklist import checklist_card, done_line
from handlers.pieces.clipped import clipped
from handlers.pieces.dealchoices import deal_choices
from handlers.pieces.items import checked_of, confirm_buttons, item_card, record_words
from handlers.pieces.nextbest import item_name, offered_items, with_gain
from handlers.pieces.undo_button import undo_button
from handlers.reaching import customer_of, dossier_now, name_key
from handlers.recording import RECORD
from handlers.turn import Turn
from handlers.view import Ask, Block, Button, Card, Line, Mark, Note, Rows, Text, card, t
from handlers.words import catalogue

NAME_COLUMNS, RECORDS, CONTACTS = 12, 2, 3
SAID_COLUMNS = 20


def item_named(said: str) -> Item:
    """An item by its code or its name in any language; raises `NotUnderstood` for any other word."""
    wanted = said.strip().casefold()
    found = wanted if wanted in list(Item) else None
    found = found or catalogue().meant(said, {item: f"check.name_{item}" for item in Item})
    if found is None:
        raise NotUnderstood("check.no_such", said=clipped(said, SAID_COLUMNS)).at("item")
    return Item(found)


def item_asked(turn: Turn, dossier: Dossier, item: Item, source: str | None = None) -> Card:
    """What is known of an item, or its question; a source that was named before the note is not lost."""
    known = checked_of(dossier, item)
    if known:
        return item_card(turn, dossier, known)
    line = f"/check D{dossier.deal.id} {item}" + (f"\nsource: {source}" if source else "")
    return card(
        t("check.named", id=f"D{dossier.deal.id}", name=item_name(item)),
        t(f"check.asks_{item}"),
        Note(t("check.in_a_sentence", least=NOTE_AT_LEAST)),
        ask=Ask(line, "note"),
        rows=((Button(t("button.cancel"), "/cancel"),),),
    )


def rated(turn: Turn, dossier: Dossier, item: Item, note: str | None, source: str | None) -> Card:
    """Keeps a note, a source or both; what is missing to count is asked, else the gain is shown and the next item."""
    known = checked_of(dossier, item)
    if note and note.strip().casefold() in catalogue().listed("check.empty_words"):
        return _emptied(turn, dossier, item)
    if note is None and known is None:
        # A source alone says nothing yet.
        return item_asked(turn, dossier, item, source)
    was = _row(dossier, item)
    now = replace(was, checked_on=turn.today)
    if source:
        now = _sourced(turn, dossier, now, source)
    renoted = note is not None and note != was.note
    # One record stands behind an item: another in place of the coach's takes the coach's word with it.
    rebacked = was.coach_id is not None and was.activity_id != now.activity_id
    dropped = was.rating.confirmed and (renoted or rebacked)
    if renoted or dropped:
        now = _unconfirmed(replace(now, note=note or was.note), was)
    turn.store.keep_checked(now)
    return _rated_card(turn, dossier, dossier_now(turn, dossier), item, dropped)


def _row(dossier: Dossier, item: Item) -> Checked:
    """The row of an item, with or without a word on it; a new one where there is none."""
    found = next((each for each in dossier.checked if each.item is item), None)
    return found or Checked(
        id=0, deal_id=dossier.deal.id, item=item, note="", source="", checked_on=dossier.deal.opened_on
    )


def _unconfirmed(known: Checked, was: Checked) -> Checked:
    """Nobody stands for what is said now; the record of the coach's word goes too, unless it is the only source."""
    coached = was.coach_id is not None and known.activity_id == was.activity_id
    backed = coached and (known.contact_id is not None or known.source)
    return replace(
        known,
        confirmed_by=None,
        coach_id=None,
        confirmed_on=None,
        activity_id=None if backed else known.activity_id,
    )


def _emptied(turn: Turn, dossier: Dossier, item: Item) -> Card:
    if checked_of(dossier, item) is None:
        return item_asked(turn, dossier, item)
    turn.store.keep_checked(
        replace(
            _row(dossier, item),
            note="",
            source="",
            checked_on=turn.today,
            activity_id=None,
            contact_id=None,
            confirmed_by=None,
            coach_id=None,
            confirmed_on=None,
        )
    )
    done = done_line(t("check.removed", id=f"D{dossier.deal.id}", name=item_name(item)))
    return checklist_card(turn, dossier_now(turn, dossier), done, undo=True)


def _sourced(turn: Turn, dossier: Dossier, now: Checked, said: str) -> Checked:
    """A record by its number, one of the customer's people by name, or whatever else was typed."""
    if found := RECORD.fullmatch(said.strip()):
        made = record_of(turn, dossier, ActivityId(int(found["id"])))
        return replace(now, activity_id=made.id, contact_id=None, source="")
    kept = now.activity_id if now.coach_id is not None else None
    contact = _contact(turn, dossier, said)
    if contact is not None:
        return replace(now, contact_id=contact, source="", activity_id=kept)
    return replace(now, source=said.strip(), contact_id=None, activity_id=kept)


def _contact(turn: Turn, dossier: Dossier, said: str) -> ContactId | None:
    key = name_key(said)
    return next((each.id for each in customer_of(turn, dossier).contacts if key and each.key == key), None)


def _rated_card(turn: Turn, before: Dossier, now: Dossier, item: Item, dropped: bool) -> Card:
    known = checked_of(now, item)
    assert known is not None  # it was just kept
    line, number = f"/check D{now.deal.id} {item}", f"D{now.deal.id}"
    lost: tuple[Block, ...] = (Note(t("check.dropped")),) if dropped else ()
    said = len(known.note.strip())
    if said < NOTE_AT_LEAST:
        return card(
            Line(t("check.named", id=number, name=item_name(item)), Mark.OPEN),
            t("check.too_thin", n=said, least=NOTE_AT_LEAST),
            *lost,
            t("check.say_more"),
            ask=Ask(line, "note"),
            rows=((Button(t("who.later_button"), line), undo_button(turn)),),
        )
    if not known.rating.has_source:
        return card(
            done_line(t("check.kept", id=number, name=item_name(item))),
            *lost,
            t("check.part.source.ask"),
            ask=Ask(line, "source"),
            rows=(*source_rows(turn, now, line), (Button(t("who.later_button"), line), undo_button(turn))),
        )
    counted_before = (old := checked_of(before, item)) is not None and counts(old.rating)
    gain = prior(now.claimed()) - prior(before.claimed())
    if counted_before:
        done = t("check.kept", id=number, name=item_name(item))
    elif gain:
        done = t("check.counted", id=number, name=item_name(item), n=gain)
    else:
        done = t("check.counted_bare", id=number, name=item_name(item))
    return _with_confirm(turn, now, known, checklist_card(turn, now, done_line(done), *lost, undo=True))


def _with_confirm(turn: Turn, now: Dossier, known: Checked, shown: Card) -> Card:
    """On the way: the item just rated can be confirmed at once."""
    confirm = confirm_buttons(turn, now, known)
    if not confirm:
        return shown
    following = [
        Button(with_gain(now, each), f"/check D{now.deal.id} {each}") for each in offered_items(now, 2)
    ]
    every = Button(t("check.all_button"), f"/check D{now.deal.id} all")
    rows = (tuple(following), (*confirm, every), (undo_button(turn),))
    return replace(shown, rows=tuple(row for row in rows if row))


def source_rows(turn: Turn, dossier: Dossier, line: str) -> Rows:
    """The people of the deal and the customer's last two records, each one tap; a coach's word is in a record."""
    named = [each for each in dossier.buyers if each.name][:CONTACTS] if "\nconfirm:" not in line else []
    people = tuple(Button(clipped(each.name, NAME_COLUMNS), f"{line}\nsource: {each.name}") for each in named)
    recent = turn.store.history(dossier.deal.customer_id, RECORDS)
    records = tuple(Button(record_words(turn, each.id), f"{line}\nsource: V{each.id}") for each in recent)
    return tuple(row for row in (people, records) if row)


def choices(turn: Turn, missing: Missing) -> Rows:
    """The deals for an empty call, the people and records for a source, the coaches for a confirmation."""
    if missing.part == "deal":
        return deal_choices(turn, "/check")
    found = _worked_on(turn, missing)
    if found is None:
        return ()
    match missing.part:
        case "source":
            return source_rows(turn, found, missing.line)
        case "confirm":
            return who_confirms(turn, found, missing.line)
        case _:
            return ()


def _words_of(missing: Missing) -> tuple[int | None, str]:
    """The number of the deal and the item in a line, as far as they are there."""
    words = missing.line.splitlines()[0].split()
    reference = REFERENCE.fullmatch(words[1]) if len(words) > 1 else None
    return int(reference["id"]) if reference else None, words[2].casefold() if len(words) > 2 else ""


def _worked_on(turn: Turn, missing: Missing) -> Dossier | None:
    """The deal of a question, for whoever works on it."""
    number, _ = _words_of(missing)
    deal = turn.store.deal(DealId(number)) if number is not None else None
    dossier = turn.store.dossier(deal) if deal else None
    return dossier if dossier and works(turn.me, dossier, turn.store.teams()) else None


def item_in_question(turn: Turn, missing: Missing) -> Text | None:
    """The item that a question is about, else the deal, for the first line of its card."""
    number, item = _words_of(missing)
    if item in list(Item):
        return t("check.named", id=f"D{number}", name=item_name(Item(item)))
    return deal_in_question(turn, missing)
