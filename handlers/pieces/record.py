"""A record as its card: what was said, the last contacts there, the bars that moved, what it still needs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from domain.activity import Activity, Credit, Kind, lacks
from domain.customers import Contact, Customer
from domain.deals import Deal
from domain.ports import Recent, Wording
from domain.quota import Standing
from domain.schedule import local_time
from domain.steps import Step
from domain.workdays import ONE_DAY, Calendar, monday
from handlers.pieces.bars import moved
from handlers.pieces.clipped import clipped
from handlers.pieces.listed import listed
from handlers.pieces.person import person_words
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Facts, Line, Mark, Note, Rows, Text, Words, t

# A card has at most eight lines (product 6): the history takes what the record leaves.
LINES = 8
PEOPLE_SHOWN, DEALS_OFFERED = 3, 2
# The command that records each kind, and completes it later.
RECORDED_BY: Mapping[Kind, str] = {
    Kind.VISIT: "visit",
    Kind.CALL: "call",
    Kind.MEETING: "meeting",
    Kind.MESSAGE: "msg",
}
# Only these lack a person: of them is asked who was met.
MET: frozenset[Kind] = frozenset({Kind.VISIT, Kind.MEETING})
HISTORY_COLUMNS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A record as it stands after the turn, with what its card shows; `deals` are those it may belong to."""

    activity: Activity
    wording: Wording
    customer: Customer
    contacts: tuple[Contact, ...]
    step: Step | None
    before: tuple[Standing, ...]
    after: tuple[Standing, ...]
    deals: tuple[Deal, ...] = ()


def record_line(kind: Kind, words: str) -> str:
    """The line that records or completes a kind: `/msg V81`."""
    return f"/{RECORDED_BY[kind]} {words}"


def record_card(turn: Turn, recorded: Recorded, history: Sequence[Recent] = ()) -> Card:
    """What is now kept; the buttons ask for what is missing, the last one takes it back."""
    made = recorded.activity
    title: list[Block] = [
        Line(record_title(turn, made, recorded.customer.name, recorded.contacts), Mark.DONE)
    ]
    if made.on != turn.today:
        title.append(Line(t("record.late" if made.late else "record.on_day", on=made.on)))
    if made.kind is Kind.MESSAGE and made.replied:
        title.append(Line(t("record.replied")))
    said = _said(recorded)
    if made.deal_id:
        title.append(Line(t("record.of_deal", id=f"D{made.deal_id}")))
    end: list[Block] = [*moved(recorded.before, recorded.after), *_standing(made)]
    room = LINES - len(title) - len(said) - len(end)
    last = [Note(before_line(turn, each)) for each in history[:room]]
    return Card((*title, *((Facts(said),) if said else ()), *last, *end), _buttons(turn, recorded))


def record_title(turn: Turn, made: Activity, customer: str, contacts: Sequence[Contact] = ()) -> Text:
    """Whom it was with; when nobody is named, at what time it was."""
    if contacts:
        people: list[Words] = [person_words(contact) for contact in contacts[:PEOPLE_SHOWN]]
        rest = ["…"] if len(contacts) > PEOPLE_SHOWN else []
        return t(f"record.with_{made.kind}", customer=customer, who=listed([*people, *rest]))
    if made.on == turn.today:
        return t(f"record.at_{made.kind}", customer=customer, at=local_time(made.at, turn.me.zone))
    return t(f"record.plain_{made.kind}", customer=customer)


def _said(recorded: Recorded) -> tuple[tuple[Words, Words], ...]:
    wording, step = recorded.wording, recorded.step
    pairs: list[tuple[Words, Words]] = []
    if wording.result:
        pairs.append((t("parts.result.label"), clipped(wording.result)))
    if step and step.due_on and step.due_time:
        due = t("record.promised_at", text=clipped(step.text), on=step.due_on, at=step.due_time)
        pairs.append((t("parts.next.label"), due))
    elif step and step.due_on:
        pairs.append((t("parts.next.label"), t("record.promised", text=clipped(step.text), on=step.due_on)))
    elif wording.next:
        pairs.append((t("parts.next.label"), clipped(wording.next)))
    return tuple(pairs)


def _standing(made: Activity) -> tuple[Block, ...]:
    """What keeps the record from counting, if anything does."""
    missing = lacks(made)
    if missing:
        return (Note(t("record.lacks", what=t(f"lack.{missing[0]}"))),)
    return () if made.credit is Credit.COUNTED else (Note(t(f"credit.{made.credit}")),)


def before_line(turn: Turn, each: Recent) -> Text:
    """One line of the customer's history; a colleague's names the colleague."""
    own = each.by_id == turn.me.id
    key = f"record.before{'' if own else '_of'}{'' if each.result else '_bare'}"
    said = {"result": clipped(each.result, HISTORY_COLUMNS)} if each.result else {}
    who = {} if own else {"who": each.by_name}
    return t(key, on=each.on, kind=t(f"kind.{each.kind}"), **said, **who)


def _buttons(turn: Turn, recorded: Recorded) -> Rows:
    made, step = recorded.activity, recorded.step
    another = made.credit is Credit.DUPLICATE
    there = {
        "met": (bool(made.contact_ids) and not another) or made.kind not in MET,
        "result": made.has_result,
        "next": made.has_next,
    }
    asks = tuple(
        Button(t(f"parts.{part}.button"), record_line(made.kind, f"V{made.id}\n{part}:"))
        for part, is_there in there.items()
        if not is_there
    )
    if made.kind is Kind.MESSAGE and not made.replied:
        asks = (Button(t("record.mark_replied"), record_line(made.kind, f"V{made.id}\nreplied: yes")), *asks)
    dates: tuple[Button, ...] = ()
    if step and step.due_on is None:
        dates = tuple(
            Button(
                t("record.due_on", on=day),
                record_line(made.kind, f"V{made.id}\nnext: {step.text} {day.isoformat()}"),
            )
            for day in _offered_days(turn.today, turn.calendar())
        )
    undo = (undo_button(turn),) if turn.store.changed else ()
    if made.deal_id is None:
        # Several deals with one customer: only its rep knows which it was for.
        mine = [
            Button(
                t("record.for_deal", id=f"D{each.id}"),
                record_line(made.kind, f"V{made.id}\ndeal: D{each.id}"),
            )
            for each in recorded.deals[:DEALS_OFFERED]
        ]
        undo = (*mine, *undo)
    return tuple(row for row in (asks, dates, undo) if row)


def _offered_days(today: date, calendar: Calendar) -> tuple[date, ...]:
    """The next working day, and the last one of the week that day is in."""
    soon = calendar.after(today)
    last = calendar.present_days(soon, monday(soon) + 6 * ONE_DAY)[-1]
    return (soon,) if soon == last else (soon, last)
