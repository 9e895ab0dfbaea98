"""Visits, calls, meetings and messages: recorded, planned, completed later; what still lacks (product 4)."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import TypeVar

from domain.activity import (
    OLDEST_ENTRY_DAYS,
    Activity,
    ActivityId,
    Kind,
    grace_end,
    lacks,
    week_end,
)
from domain.customers import Contact, Customer
from domain.deals import DealId
from domain.events import ColleagueSeen
from domain.ports import Value, Wording
from domain.refusals import NotFound, NotNow, NotUnderstood
from domain.schedule import instant, local_date
from domain.steps import Step, StepId, StepState
from handlers.args import NAME_LIMIT, Args, Missing, Name, NextStep, Promise, Told, When, Words
from handlers.belonging import deal_of_record, deals_with
from handlers.crediting import decide_anew, leave
from handlers.delivering import follow_step
from handlers.matching import contacts_named, customer_named
from handlers.numbers import numbers
from handlers.pieces.clipped import clipped
from handlers.pieces.record import RECORDED_BY, Recorded, record_card, record_line, record_title
from handlers.pieces.undo_button import undo_button
from handlers.promising import drop_next
from handlers.reading.moments import Moment
from handlers.turn import Turn, touch_day
from handlers.view import Button, Card, Line, Mark, Rows, Text, card, in_rows, t

RECORD = re.compile(r"#?V(?P<id>\d{1,18})", re.IGNORECASE)
PLANNED = re.compile(r"#?S(?P<id>\d{1,18})", re.IGNORECASE)
HISTORY, CHOICES = 3, 6
NOON = time(12, 0)
T = TypeVar("T")
# Not yet a record, but last in the order of what happened at the same instant.
UNNUMBERED = ActivityId(2**62)


class RecordArgs(Args):
    """The parts of `/visit`, `/call` and `/meeting`; the customer word may also be a record (V81) or a plan (S12)."""

    lead = ("customer", "when")
    customer: Name
    when: When | None = None
    met: Words | None = None
    result: Told | None = None
    next: NextStep | None = None
    deal: Name | None = None
    purpose: Words | None = None

    @property
    def adds(self) -> bool:
        """Whether anything is said besides which record it is."""
        return (
            bool(self.met or self.result or self.next or self.deal or self.purpose)
            or self.answered is not None
        )

    @property
    def answered(self) -> bool | None:
        """Whether the customer replied, where that can be said; None when it was not."""
        return None


def record(turn: Turn, kind: Kind, args: RecordArgs) -> Card:
    """The card of what was recorded, planned or completed."""
    if found := RECORD.fullmatch(args.customer):
        return _complete(turn, ActivityId(int(found["id"])), args)
    if found := PLANNED.fullmatch(args.customer):
        return keep_plan(turn, StepId(int(found["id"])), args)
    customer = customer_named(turn, args.customer, lambda name: args.again(RECORDED_BY[kind], customer=name))
    if isinstance(customer, Card):
        return customer
    if _lies_ahead(turn, args.when):
        return _plan(turn, kind, customer, args)
    return _record(turn, kind, customer, args)


def customer_choices(turn: Turn, kind: Kind, missing: Missing) -> Rows:
    """For an empty call: what is planned, then the customers seen last (product 4)."""
    if missing.part != "customer":
        return ()
    today = [
        step for step in turn.store.open_steps(turn.me.id) if step.kind is kind and step.due_on == turn.today
    ]
    planned = [
        Button(t("record.planned", customer=step.customer_name), record_line(kind, f"S{step.id}"))
        for step in today
    ]
    taken = {step.customer_id for step in today}
    recent = [
        Button(
            each.name, record_line(kind, f"A{each.id}") + missing.line.removeprefix(f"/{RECORDED_BY[kind]}")
        )
        for each in turn.store.recent_customers(turn.me.id, CHOICES)
        if each.id not in taken
    ]
    buttons = (planned + recent)[:CHOICES]
    return in_rows(buttons)


def _lies_ahead(turn: Turn, when: Moment | None) -> bool:
    if when is None:
        return False
    on = when.on or turn.today
    return on > turn.today or (on == turn.today and when.at is not None and when.at > turn.wall)


def _happened(turn: Turn, when: Moment | None) -> datetime:
    """The instant of a record: as said, or the day's noon when only a day was named."""
    if when is None:
        return turn.said_at
    on = when.on or turn.today
    if (turn.today - on).days > OLDEST_ENTRY_DAYS:
        raise NotUnderstood("record.too_old", on=on, n=OLDEST_ENTRY_DAYS)
    if on == turn.today and when.at is None:
        return turn.said_at
    return instant(on, when.at or NOON, turn.me.zone)


def _plan(turn: Turn, kind: Kind, customer: Customer, args: RecordArgs) -> Card:
    """A future date makes a plan, never a record: a button on that day's card."""
    when = args.when or Moment(on=turn.today, at=None)
    on = when.on or turn.today
    if args.result or args.next or args.answered:
        raise _ahead(turn, when)
    step = Step(
        id=StepId(0),
        member_id=turn.me.id,
        customer_id=customer.id,
        customer_name=customer.name,
        kind=kind,
        text=args.purpose or "",
        who=args.met or "",
        due_on=on,
        due_time=when.at,
        deal_id=deal_of_record(turn, customer, args.deal, deals_with(turn, customer)),
    )
    turn.store.add_step(step)
    return _planned(turn, step)


def _ahead(turn: Turn, when: Moment) -> NotUnderstood:
    """What lies ahead has no result yet."""
    on = when.on or turn.today
    if on == turn.today and when.at:
        return NotUnderstood("record.ahead_today", at=f"{when.at:%H:%M}")
    return NotUnderstood("record.ahead", on=on)


def _planned(turn: Turn, step: Step) -> Card:
    """What was planned, and when it will be one tap."""
    on, at = step.due_on or turn.today, step.due_time
    return card(
        Line(t(f"record.planned_{step.kind}", customer=step.customer_name), Mark.DONE),
        t("record.on_card", on=on, at=at) if at else t("record.on_card_day", on=on),
        rows=((undo_button(turn),),),
    )


def _record(turn: Turn, kind: Kind, customer: Customer, args: RecordArgs, step: Step | None = None) -> Card:
    named = args.met or (step.who if step else "")
    said = f"S{step.id}" if step else args.customer
    met = contacts_named(
        turn, customer, named, lambda who: args.again(RECORDED_BY[kind], customer=said, met=who)
    )
    if isinstance(met, Card):
        return met
    if step:
        turn.store.revise_step(step.id, state=StepState.DONE)
        follow_step(turn, step)
    at, calendar = _happened(turn, args.when), turn.calendar()
    on = local_date(at, turn.me.zone)
    wording = Wording(
        result=args.result or "",
        next=args.next.text if args.next else "",
        purpose=args.purpose or (step.text if step else ""),
    )
    made = Activity(
        id=UNNUMBERED,
        kind=kind,
        member_id=turn.me.id,
        team_id=turn.me.team_id,
        customer_id=customer.id,
        at=at,
        on=on,
        recorded_at=turn.said_at,
        contact_ids=tuple(contact.id for contact in met),
        has_result=bool(wording.result),
        has_next=bool(wording.next),
        replied=bool(args.answered),
        key_customer=customer.is_key,
        late=turn.said_at > grace_end(on, calendar, turn.me.zone),
    )
    made = _completed(made, turn.said_at)
    own_deals = deals_with(turn, customer)
    made = replace(made, deal_id=deal_of_record(turn, customer, args.deal, own_deals, step))
    history = turn.store.history(customer.id, HISTORY)
    before = numbers(turn.store, turn.org, turn.me, calendar, on, on)
    decided = decide_anew(turn, before.records, made)
    made = next(each for each in decided if each.id == UNNUMBERED)
    made = replace(made, id=turn.store.add_activity(made, wording))
    following = _promised(turn, customer, made, args.next, new=True)
    recorded = Recorded(
        activity=made,
        wording=wording,
        customer=customer,
        contacts=met,
        step=following,
        before=before.standings(on),
        after=before.plus(*decided).standings(on),
        deals=own_deals,
    )
    own = customer.owner_id == turn.me.id
    if not own:
        turn.happened.append(_seen_by_colleague(turn, made, customer))
    # What others noted about it is the owner's to see.
    return record_card(turn, recorded, [each for each in history if own or each.by_id == turn.me.id])


def _seen_by_colleague(turn: Turn, made: Activity, customer: Customer) -> ColleagueSeen:
    return ColleagueSeen(
        activity_id=made.id,
        customer_id=customer.id,
        customer_name=customer.name,
        owner_id=customer.owner_id,
        by_name=turn.me.name,
    )


def _completed(made: Activity, now: datetime) -> Activity:
    """The record with the instant it first had all that counts; one that lacks something again has none."""
    complete_at = None if lacks(made) else made.complete_at or now
    return made if complete_at == made.complete_at else replace(made, complete_at=complete_at)


def _promised(
    turn: Turn, customer: Customer, record: Activity, promise: Promise | None, *, new: bool = False
) -> Step | None:
    """The next step of a record; a new one takes the place of the record's open one, and of its deal's."""
    if promise is None:
        return None
    for old in () if new else turn.store.open_steps(turn.me.id):
        if old.source_id == record.id:
            turn.store.revise_step(old.id, state=StepState.DROPPED)
    deal = turn.store.deal(DealId(record.deal_id)) if record.deal_id else None
    if deal:
        drop_next(turn.store, deal)
    step = Step(
        id=StepId(0),
        member_id=turn.me.id,
        customer_id=customer.id,
        customer_name=customer.name,
        kind=None,
        text=promise.text,
        due_on=promise.due_on,
        due_time=promise.due_time,
        source_id=record.id,
        deal_id=record.deal_id,
    )
    return replace(step, id=turn.store.add_step(step))


def _own_record(turn: Turn, number: ActivityId) -> tuple[Activity, Wording, Customer]:
    """The person's own record; raises `NotFound` for any other."""
    found = turn.store.activity(number)
    customer = turn.store.customer(found[0].customer_id) if found else None
    if found is None or customer is None or found[0].withdrawn or found[0].member_id != turn.me.id:
        raise NotFound("record.no_such", id=f"V{number}")
    return *found, customer


def record_in_question(turn: Turn, missing: Missing) -> Text | None:
    """The record or the plan that a question is about, for the first line of its card."""
    words = missing.line.split()
    if len(words) < 2 or not RECORD.fullmatch(words[1]):
        return None
    made, _, customer = _own_record(turn, ActivityId(int(words[1].lstrip("#")[1:])))
    people = {contact.id: contact for contact in customer.contacts}
    met = [people[number] for number in made.contact_ids if number in people]
    return record_title(turn, made, customer.name, met)


def _complete(turn: Turn, number: ActivityId, args: RecordArgs) -> Card:
    """Adds what a record lacked; it counts when that comes by 10:00 of the next working day."""
    made, wording, customer = _own_record(turn, number)
    if args.adds:
        _still_open(turn, made.on)
    if args.answered is not None and made.kind is not Kind.MESSAGE:
        raise NotFound("record.not_message", id=f"V{number}")
    met = contacts_named(
        turn, customer, args.met or "", lambda who: args.again(RECORDED_BY[made.kind], met=who)
    )
    if isinstance(met, Card):
        return met
    everyone = {contact.id: contact for contact in (*customer.contacts, *met)}
    there = dict.fromkeys((*made.contact_ids, *(contact.id for contact in met)))
    return _revise(turn, made, wording, customer, [everyone[each] for each in there], args)


def rewrite(turn: Turn, number: ActivityId, args: RecordArgs, written: Turn) -> Card:
    """Sets a record to what its edited message says, read as of when it was `written`.

    What the message does not name stays as it is, and so does a next step that it promised before.
    """
    was, wording, customer = _own_record(turn, number)
    _still_open(turn, was.on)
    if _lies_ahead(turn, args.when):
        raise NotUnderstood("editing.ahead")
    customer = _customer_now(turn, customer, args)
    # A day that has come since may have its noon still ahead.
    at = min(_happened(written, args.when), turn.said_at) if args.when else was.at
    on = local_date(at, turn.me.zone)
    _still_open(turn, on)
    # For another day it is entered only now.
    late = was.late if on == was.on else turn.said_at > grace_end(on, turn.calendar(), turn.me.zone)
    made = replace(was, customer_id=customer.id, key_customer=customer.is_key, at=at, on=on, late=late)
    if customer.id != was.customer_id:
        made = replace(made, deal_id=deal_of_record(turn, customer, args.deal, deals_with(turn, customer)))
    leave(turn, was, made)
    promised = next((step for step in turn.store.open_steps(turn.me.id) if step.source_id == number), None)
    if promised:
        turn.store.revise_step(promised.id, customer_id=customer.id)
    for day in {was.on, on}:
        touch_day(turn.store, turn.me.id, day)
    there = [each for each in customer.contacts if each.id in was.contact_ids]
    met = _exactly(contacts_named(turn, customer, args.met, str), args.met) if args.met else there
    turn.store.revise_activity(
        number, customer_id=customer.id, key_customer=customer.is_key, at=at, on_date=on, late=late
    )
    if customer.id != was.customer_id:
        if turn.source:
            turn.store.withdraw_unused(was.customer_id, turn.source)
        if customer.owner_id != turn.me.id:
            turn.happened.append(_seen_by_colleague(turn, made, customer))
    if not _is_promised(turn.store.promised(turn.me.id, number), args.next):
        if args.next and args.next.due_on and args.next.due_on < turn.today:
            raise NotUnderstood("args.past_date", said=args.next.text, on=args.next.due_on)
        return _revise(turn, made, wording, customer, met, args)
    return _revise(turn, made, wording, customer, met, args.model_copy(update={"next": None}), promised)


def _customer_now(turn: Turn, customer: Customer, args: RecordArgs) -> Customer:
    """The customer an edited message names; one that names a record or a plan keeps its own."""
    if RECORD.fullmatch(args.customer) or PLANNED.fullmatch(args.customer):
        return customer
    # A name that this message got wrong before is no name to be near to.
    wrong = customer.id if turn.source and turn.store.came_with(customer.id, turn.source) else None
    return _exactly(customer_named(turn, args.customer, str, besides=wrong), args.customer)


def _is_promised(step: Step | None, promise: Promise | None) -> bool:
    """Whether a next step is the one a record has already; without a date it keeps the one it was given."""
    if step is None or promise is None or step.text != promise.text:
        return False
    return promise.due_on is None or (promise.due_on, promise.due_time) == (step.due_on, step.due_time)


def _exactly(found: T | Card, said: str) -> T:
    """What was found by name; an edit cannot ask which one is meant."""
    if isinstance(found, Card):
        raise NotUnderstood("editing.near", said=clipped(said, NAME_LIMIT))
    return found


def _still_open(turn: Turn, on: date) -> None:
    if turn.said_at > week_end(on, turn.calendar(), turn.me.zone):
        raise NotNow("record.closed", on=on)


def _revise(
    turn: Turn,
    made: Activity,
    wording: Wording,
    customer: Customer,
    contacts: Sequence[Contact],
    args: RecordArgs,
    promised: Step | None = None,
) -> Card:
    """A record with other people, words or answers: kept, its credit decided anew, shown."""
    if args.deal:
        made = replace(made, deal_id=deal_of_record(turn, customer, args.deal, deals_with(turn, customer)))
    wording = replace(
        wording,
        result=args.result or wording.result,
        next=args.next.text if args.next else wording.next,
        purpose=args.purpose or wording.purpose,
    )
    before = numbers(turn.store, turn.org, turn.me, turn.calendar(), made.on, made.on)
    whole = _completed(
        replace(
            made,
            contact_ids=tuple(contact.id for contact in contacts),
            has_result=bool(wording.result),
            has_next=bool(wording.next),
            replied=made.replied if args.answered is None else args.answered,
        ),
        turn.said_at,
    )
    decided = decide_anew(turn, before.records, whole)
    turn.store.revise_activity(
        made.id,
        deal_id=made.deal_id,
        contact_ids=whole.contact_ids,
        has_result=whole.has_result,
        has_next=whole.has_next,
        replied=whole.replied,
        complete_at=whole.complete_at,
        result=wording.result,
        next=wording.next,
        purpose=wording.purpose,
    )
    recorded = Recorded(
        activity=next(each for each in decided if each.id == made.id),
        wording=wording,
        customer=customer,
        contacts=tuple(contacts),
        step=_promised(turn, customer, made, args.next) or promised,
        before=before.standings(made.on),
        after=before.plus(*decided).standings(made.on),
    )
    return record_card(turn, recorded)


def keep_plan(turn: Turn, number: StepId, args: RecordArgs | None = None) -> Card:
    """One tap on a planned visit records it."""
    step = open_step(turn, number)
    if step.kind is None:
        raise NotFound("record.no_such", id=f"S{number}")
    if args and args.when and _lies_ahead(turn, args.when):
        raise _ahead(turn, args.when)
    customer = turn.store.customer(step.customer_id)
    if customer is None:
        raise NotFound("record.no_such", id=f"S{number}")
    return _record(turn, step.kind, customer, args or RecordArgs(customer=customer.name), step)


def move_plan(turn: Turn, number: StepId, args: RecordArgs) -> Card:
    """Sets a plan to what its edited message says; with a day that has come it is no plan any more."""
    step = open_step(turn, number)
    customer = turn.store.customer(step.customer_id)
    if step.kind is None or customer is None:
        raise NotNow("editing.not_a_record")
    values: dict[str, Value] = {"customer_id": _customer_now(turn, customer, args).id}
    if args.when and (args.when.on, args.when.at) != (step.due_on, step.due_time):
        if not _lies_ahead(turn, args.when):
            raise NotUnderstood("editing.not_ahead")
        values |= {"due_on": args.when.on, "due_time": args.when.at}
    if args.purpose:
        values["text"] = args.purpose
    if args.met:
        values["who"] = args.met
    turn.store.revise_step(number, **values)
    return _planned(turn, open_step(turn, number))


def open_step(turn: Turn, number: StepId) -> Step:
    """The person's own open step, or one of somebody away whom they cover; raises `NotFound` for any other."""
    step = turn.store.step(number)
    if step is None or step.state is not StepState.OPEN or not _may_do(turn, step):
        raise NotFound("record.no_such", id=f"S{number}")
    if step.member_id != turn.me.id:
        touch_day(turn.store, step.member_id, turn.today)
    return step


def _may_do(turn: Turn, step: Step) -> bool:
    return step.member_id == turn.me.id or turn.store.covers(turn.today).get(step.member_id) == turn.me.id
