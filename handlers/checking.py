"""Items of the checklist rated, backed by a source, confirmed, and the probability moved by hand (method section 3)."""

import re
from dataclasses import replace

from domain.activity import Activity, ActivityId
from domain.c139 import NOTE_AT_LEAST, SHIFT_POINTS, Item, counts, prior, shift_from
from domain.customers import ContactId
from domain.deals import Buyer, Checked, DealId, Dossier
from domain.refusals import NotAllowed, NotFound, NotNow, NotUnderstood
from handlers.args import Missing
from handlers.dealing import REFERENCE, deal_in_question, works
from handlers.matching import QUOTED
from handlers.pieces.checklist import (
    checked_of,
    checklist_card,
    coaches,
    confirm_buttons,
    confirm_card,
    done_line,
    item_card,
    last_day,
    may_confirm,
    points_words,
    record_words,
)
from handlers.pieces.clipped import clipped
from handlers.pieces.dealchoices import deal_choices
from handlers.pieces.listed import listed
from handlers.pieces.nextbest import item_name, offered_items, with_gain
from handlers.pieces.undo_button import undo_button
from handlers.reaching import customer_of
from handlers.reading.names import fold, people
from handlers.recording import RECORD
from handlers.turn import Turn
from handlers.view import Ask, Block, Button, Card, Line, Mark, Note, Rows, Text, card, t
from handlers.words import catalogue

POINTS = re.compile(r"(?P<sign>[+\-\u2212\uff0b\uff0d]?)\s*(?P<points>\d{1,6})\s*%?")
NAME_COLUMNS, RECORDS, CONTACTS, COACHES = 12, 2, 3, 3
# A customer's records looked at for those that named somebody.
LOOKED_AT = 12
SAID_COLUMNS = 20


def item_named(said: str) -> Item:
    """An item by its code or its name in any language; raises `NotUnderstood` for any other word."""
    wanted = said.strip().casefold()
    found = wanted if wanted in list(Item) else None
    found = found or catalogue().meant(said, {item: f"check.name_{item}" for item in Item})
    if found is None:
        raise NotUnderstood("check.no_such", said=clipped(said, SAID_COLUMNS)).at("item")
    return Item(found)


def item_asked(turn: Turn, dossier: Dossier, item: Item) -> Card:
    """What is known of an item, or its question."""
    known = checked_of(dossier, item)
    if known:
        return item_card(turn, dossier, known)
    line = f"/check D{dossier.deal.id} {item}"
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
        return item_asked(turn, dossier, item)
    was = _row(dossier, item)
    now = replace(was, checked_on=turn.today)
    if source:
        now = _sourced(turn, dossier, now, source)
    dropped = False
    if note and note != was.note:
        dropped = was.rating.confirmed
        now = _unconfirmed(replace(now, note=note))
    turn.store.keep_checked(now)
    return _rated_card(turn, dossier, _again(turn, dossier), item, dropped)


def _row(dossier: Dossier, item: Item) -> Checked:
    """The row of an item, with or without a word on it; a new one where there is none."""
    found = next((each for each in dossier.checked if each.item is item), None)
    return found or Checked(
        id=0, deal_id=dossier.deal.id, item=item, note="", source="", checked_on=dossier.deal.opened_on
    )


def _unconfirmed(known: Checked) -> Checked:
    """Nobody stands for what a note says now; the record of the coach's word goes with it where a source is left."""
    backed = known.coach_id is not None and (known.contact_id is not None or known.source)
    return replace(
        known,
        confirmed_by=None,
        coach_id=None,
        confirmed_on=None,
        activity_id=None if backed else known.activity_id,
    )


def _again(turn: Turn, dossier: Dossier) -> Dossier:
    return turn.store.dossier(turn.store.deal(dossier.deal.id) or dossier.deal)


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
    return checklist_card(turn, _again(turn, dossier), done, undo=True)


def _sourced(turn: Turn, dossier: Dossier, now: Checked, said: str) -> Checked:
    """A record by its number, one of the customer's people by name, or whatever else was typed."""
    if found := RECORD.fullmatch(said.strip()):
        made = _record(turn, dossier, ActivityId(int(found["id"])))
        return replace(now, activity_id=made.id, contact_id=None, source="")
    kept = now.activity_id if now.coach_id is not None else None
    contact = _contact(turn, dossier, said)
    if contact is not None:
        return replace(now, contact_id=contact, source="", activity_id=kept)
    return replace(now, source=said.strip(), contact_id=None, activity_id=kept)


def _contact(turn: Turn, dossier: Dossier, said: str) -> ContactId | None:
    key = _key(said)
    return next((each.id for each in customer_of(turn, dossier).contacts if key and each.key == key), None)


def _key(said: str) -> str:
    """What all spellings of a person's name share, the title aside."""
    names = people(said)
    name = names[0][0] if len(names) == 1 else said
    quoted = QUOTED.fullmatch(name)
    return fold(quoted["name"] if quoted else name)


def _record(turn: Turn, dossier: Dossier, number: ActivityId) -> Activity:
    found = turn.store.activity(number)
    if found is None or found[0].withdrawn or found[0].customer_id != dossier.deal.customer_id:
        raise NotFound("check.no_record", id=f"V{number}", customer=dossier.deal.customer_name).at("source")
    return found[0]


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
    """The people of the deal and its last two records, each one tap."""
    contacts = [each for each in dossier.buyers if each.name][:CONTACTS]
    people_row = tuple(
        Button(clipped(each.name, NAME_COLUMNS), f"{line}\nsource: {each.name}") for each in contacts
    )
    recent = turn.store.history(dossier.deal.customer_id, RECORDS)
    record_row = tuple(Button(record_words(turn, each.id), f"{line}\nsource: V{each.id}") for each in recent)
    return tuple(row for row in (people_row, record_row) if row)


def confirmed(turn: Turn, dossier: Dossier, item: Item, said: str, source: str | None) -> Card:
    """By the manager with one tap, or by a coach: the rep's record of who said so and in which activity (method 3)."""
    known = checked_of(dossier, item)
    if known is None or not counts(known.rating):
        name = catalogue().say(item_name(item), turn.language)
        raise NotNow("check.not_counting", name=name, least=NOTE_AT_LEAST)
    if said.strip().casefold() in catalogue().listed("parts.yes_words"):
        _must_lead(turn, dossier)
        now = replace(known, confirmed_by=turn.me.id, confirmed_on=turn.today)
    else:
        coach = _coach(turn, dossier, said)
        if not source:
            return _which_record(turn, dossier, item, coach)
        made = _said_in(turn, dossier, coach, source)
        now = replace(known, coach_id=coach.contact_id, activity_id=made.id, confirmed_on=turn.today)
    turn.store.keep_checked(now)
    done = done_line(t("check.is_confirmed", id=f"D{dossier.deal.id}", name=item_name(item)))
    return confirm_card(turn, _again(turn, dossier), done)


def _must_lead(turn: Turn, dossier: Dossier) -> None:
    deal = dossier.deal
    if deal.owner_id == turn.me.id:
        raise NotAllowed("check.own", id=f"D{deal.id}")
    if not may_confirm(turn, deal):
        raise NotAllowed("check.manager_confirms", id=f"D{deal.id}")


def _coach(turn: Turn, dossier: Dossier, said: str) -> Buyer:
    """The coach called so on this deal."""
    known_ones = coaches(dossier)
    if not known_ones:
        raise NotNow("check.no_coach", id=f"D{dossier.deal.id}")
    key = _key(said)
    found = next((each for each in known_ones if key and fold(each.name) == key), None)
    if found is None:
        known = catalogue().say(listed([each.name for each in known_ones]), turn.language)
        raise NotFound(
            "check.not_coach", said=clipped(said, SAID_COLUMNS), id=f"D{dossier.deal.id}", known=known
        ).at("confirm")
    return found


def _said_in(turn: Turn, dossier: Dossier, coach: Buyer, said: str) -> Activity:
    """The record in which a coach said so; one that names others only is another one."""
    found = RECORD.fullmatch(said.strip())
    if found is None:
        raise NotUnderstood("check.needs_record").at("source")
    made = _record(turn, dossier, ActivityId(int(found["id"])))
    if made.contact_ids and coach.contact_id not in made.contact_ids:
        raise NotFound("check.not_with", id=f"V{made.id}", name=coach.name).at("source")
    return made


def _which_record(turn: Turn, dossier: Dossier, item: Item, coach: Buyer) -> Card:
    line = f"/check D{dossier.deal.id} {item}\nconfirm: {coach.name}"
    return card(
        Line(t("check.named", id=f"D{dossier.deal.id}", name=item_name(item)), Mark.OPEN),
        t("check.in_which", name=clipped(coach.name, SAID_COLUMNS)),
        ask=Ask(line, "source"),
        rows=(*_records_with(turn, dossier, coach, line), (Button(t("button.cancel"), "/cancel"),)),
    )


def _records_with(turn: Turn, dossier: Dossier, coach: Buyer, line: str) -> Rows:
    """The last records with a coach, or that name nobody, each one tap."""
    found = []
    for each in turn.store.history(dossier.deal.customer_id, LOOKED_AT):
        made = turn.store.activity(each.id)
        if made and (coach.contact_id in made[0].contact_ids or not made[0].contact_ids):
            found.append(each.id)
    buttons = tuple(Button(record_words(turn, each), f"{line}\nsource: V{each}") for each in found[:RECORDS])
    return (buttons,) if buttons else ()


def moved(turn: Turn, dossier: Dossier, said: str, reason: str | None) -> Card:
    """Moves the shown probability by at most 10 points for 14 days, with a reason; 0 takes the move back (method 3)."""
    number, found = f"D{dossier.deal.id}", POINTS.fullmatch(said.strip())
    if found is None:
        raise NotUnderstood("check.no_points", most=SHIFT_POINTS, id=number)
    points = int(found["points"])
    if points > SHIFT_POINTS:
        raise NotUnderstood("check.too_far", most=SHIFT_POINTS, n=points)
    points = points if found["sign"] in ("", "+", "\uff0b") else -points
    if points and not (reason and reason.strip()):
        return card(
            t("check.named", id=number, name=points_words(points)),
            t("parts.reason.ask"),
            ask=Ask(f"/check {number} move {points_words(points)}", "reason"),
            rows=((Button(t("button.cancel"), "/cancel"),),),
        )
    if not points:
        turn.store.revise_deal(dossier.deal.id, shift=0, shift_until=None, shift_reason="")
        return checklist_card(
            turn, _again(turn, dossier), done_line(t("check.moved_back", id=number)), undo=True
        )
    shift = shift_from(turn.today, points, reason or "")
    turn.store.revise_deal(
        dossier.deal.id, shift=shift.points, shift_until=shift.until, shift_reason=shift.reason
    )
    done = t("check.moved_now", id=number, points=points_words(points), on=last_day(shift.until))
    return checklist_card(turn, _again(turn, dossier), done_line(done), undo=True)


# What a question of `/check` is about, and what it offers.
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
            return _who_confirms(turn, found, missing.line)
        case _:
            return ()


def _who_confirms(turn: Turn, dossier: Dossier, line: str) -> Rows:
    if may_confirm(turn, dossier.deal):
        return ((Button(t("check.confirm_button"), f"{line}\nconfirm: yes"),),)
    named = tuple(
        Button(clipped(each.name, NAME_COLUMNS), f"{line}\nconfirm: {each.name}")
        for each in coaches(dossier)[:COACHES]
    )
    return (named or (Button(t("deal.who_button"), f"/who D{dossier.deal.id}"),),)


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
