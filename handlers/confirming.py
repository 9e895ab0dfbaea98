"""Who confirms an item of the checklist: the manager with one tap, or a coach by the rep's record of it (method section 3)."""

from dataclasses import replace

from domain.activity import Activity, ActivityId
from domain.c139 import NOTE_AT_LEAST, Item, counts
from domain.deals import Buyer, Dossier
from domain.refusals import NotAllowed, NotFound, NotNow, NotUnderstood
from handlers.pieces.checklist import done_line
from handlers.pieces.clipped import clipped
from handlers.pieces.items import checked_of, coaches, confirm_card, may_confirm, record_words
from handlers.pieces.listed import listed
from handlers.pieces.nextbest import item_name
from handlers.reaching import dossier_now, name_key
from handlers.reading.names import fold
from handlers.recording import RECORD
from handlers.turn import Turn
from handlers.view import Ask, Button, Card, Line, Mark, Rows, card, t
from handlers.words import catalogue

NAME_COLUMNS, RECORDS, COACHES = 12, 2, 3
# A customer's records looked at for those that named somebody.
LOOKED_AT = 6
SAID_COLUMNS = 20


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
    return confirm_card(turn, dossier_now(turn, dossier), done)


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
    key = name_key(said)
    found = next((each for each in known_ones if key and fold(each.name) == key), None)
    if found is None:
        known = catalogue().say(listed([each.name for each in known_ones]), turn.language)
        raise NotFound(
            "check.not_coach", said=clipped(said, SAID_COLUMNS), id=f"D{dossier.deal.id}", known=known
        ).at("confirm")
    return found


def record_of(turn: Turn, dossier: Dossier, number: ActivityId) -> Activity:
    found = turn.store.activity(number)
    if found is None or found[0].withdrawn or found[0].customer_id != dossier.deal.customer_id:
        raise NotFound("check.no_record", id=f"V{number}", customer=dossier.deal.customer_name).at("source")
    return found[0]


def _said_in(turn: Turn, dossier: Dossier, coach: Buyer, said: str) -> Activity:
    """The record in which a coach said so; one that names others only is another one."""
    found = RECORD.fullmatch(said.strip())
    if found is None:
        raise NotUnderstood("check.needs_record").at("source")
    made = record_of(turn, dossier, ActivityId(int(found["id"])))
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
    met = {each.activity_id for each in dossier.met if coach.contact_id in each.contact_ids}
    recent = [each.id for each in turn.store.history(dossier.deal.customer_id, LOOKED_AT)]
    said_in = {each for each in recent if each not in met and not _names_others(turn, coach, each)}
    found = sorted(met | said_in, reverse=True)[:RECORDS]
    buttons = tuple(Button(record_words(turn, each), f"{line}\nsource: V{each}") for each in found)
    return (buttons,) if buttons else ()


def _names_others(turn: Turn, coach: Buyer, number: ActivityId) -> bool:
    """Whether a record names people, and the coach is not among them."""
    found = turn.store.activity(number)
    return bool(found and found[0].contact_ids and coach.contact_id not in found[0].contact_ids)


def who_confirms(turn: Turn, dossier: Dossier, line: str) -> Rows:
    if may_confirm(turn, dossier.deal):
        return ((Button(t("check.confirm_button"), f"{line}\nconfirm: yes"),),)
    named = tuple(
        Button(clipped(each.name, NAME_COLUMNS), f"{line}\nconfirm: {each.name}")
        for each in coaches(dossier)[:COACHES]
    )
    return (named or (Button(t("deal.who_button"), f"/who D{dossier.deal.id}"),),)
