"""The day card: what today still asks of a rep; one a day, edited through it (product 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from domain.activity import Activity, Kind, Lack, lacks
from domain.people import Member, MemberId, Organisation
from domain.ports import Report, Store
from domain.quota import DayState, Period, Standing, day_state, learning_week
from domain.schedule import local_time
from domain.steps import CARRIES_AT_MOST, Step, carried, stands
from domain.workdays import Calendar
from handlers.numbers import Numbers, gathered_numbers, numbers
from handlers.pieces.bars import bars
from handlers.pieces.clipped import clipped
from handlers.registry import Slice
from handlers.turn import day_key
from handlers.view import Block, Button, Card, Line, Note, Rows, Text, Words, card, t

ITEMS_SHOWN, BUTTONS_SHOWN = 4, 4
LABEL_COLUMNS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFacts:
    """What a day card is made of: `numbers` holds what the person did this week, `steps` the open ones."""

    numbers: Numbers
    today: date
    now: datetime
    steps: Sequence[Step]
    report: Report | None

    @property
    def member(self) -> Member:
        return self.numbers.member

    @property
    def calendar(self) -> Calendar:
        return self.numbers.calendar

    def due(self) -> tuple[Step, ...]:
        """The open steps that stand on the card today, planned activities first."""
        shown = [
            step for step in self.steps if step.due_on and stands(step.due_on, self.today, self.calendar)
        ]
        return tuple(sorted(shown, key=lambda s: (s.kind is None, s.due_time or time.max, s.due_on, s.id)))

    def thin(self) -> tuple[Activity, ...]:
        """The records of the day that lack something to count; an answer is the customer's to give."""
        return tuple(
            each
            for each in self.numbers.records
            if each.on == self.today and not each.withdrawn and {*lacks(each)} - {Lack.REPLY}
        )

    def standings(self) -> tuple[Standing, ...]:
        return self.numbers.standings(self.today)

    def missing(self) -> tuple[Standing, ...]:
        """The scored metrics of the day that are not reached; the week's on its last day worked."""
        last = self.calendar.last_of_week(self.today)
        return tuple(
            each for each in self.standings() if each.missing and (each.period is Period.DAY or last)
        )

    def state(self) -> DayState:
        sent_at = self.report.sent_at if self.report else None
        return day_state(self.today, sent_at, self.now, self.calendar, self.member.zone)


def day_card(facts: DayFacts) -> Card:
    """Planned visits, what is due, where the numbers stand, and one tap for each."""
    state = facts.state()
    due = facts.due() if state in (DayState.OPEN, DayState.GRACE) else ()
    blocks: list[Block] = [Line(day_title(facts, due))]
    blocks += [Line(item_words(step, facts)) for step in due[:ITEMS_SHOWN]]
    if len(due) > ITEMS_SHOWN:
        blocks.append(Note(t("day.more", n=len(due) - ITEMS_SHOWN)))
    if state is DayState.EXCUSED:
        return card(*blocks, Note(t("away.means")), key=day_key(facts.member.id, facts.today))
    blocks += bars(facts.standings())
    if week := learning_week(facts.member.joined_on, facts.today):
        blocks.append(Note(t("day.learning", week=week)))
    return card(*blocks, rows=_rows(facts, due), key=day_key(facts.member.id, facts.today))


def day_title(facts: DayFacts, due: Sequence[Step]) -> Text:
    planned = sum(1 for step in due if step.kind)
    zone = facts.member.zone
    match facts.state():
        case DayState.ON_TIME | DayState.LATE if facts.report:
            return t("day.closed", on=facts.today, at=local_time(facts.report.sent_at, zone))
        case DayState.GRACE:
            return t("day.grace", on=facts.today)
        case DayState.MISSED:
            return t("day.missed", on=facts.today)
        case DayState.EXCUSED:
            return t("day.away", on=facts.today)
        case _ if planned:
            return t("day.planned", on=facts.today, n=planned)
        case _:
            return t("day.open", on=facts.today)


def item_words(step: Step, facts: DayFacts) -> Text:
    """One line of a planned activity or a due step, with how often it was carried."""
    times = _carried(step, facts)
    words = (
        _planned(step)
        if step.kind
        else t("day.due", text=clipped(step.text, 40), customer=step.customer_name)
    )
    if not times:
        return words
    return t("day.carried_last" if times == CARRIES_AT_MOST else "day.carried", item=words, n=times)


def _planned(step: Step) -> Text:
    """Whom and when; the kind only where it is not a visit."""
    about = step.who or step.text
    what: Words = t("day.with", customer=step.customer_name, about=about) if about else step.customer_name
    if step.kind is not Kind.VISIT:
        what = t("day.kind", what=what, kind=t(f"kind.{step.kind}"))
    return t("day.at", what=what, at=step.due_time) if step.due_time else t("day.any_time", what=what)


def done_button(step: Step) -> Button:
    """One tap: the planned visit is recorded, the step is done."""
    name = clipped(step.customer_name if step.kind else step.text, LABEL_COLUMNS)
    return Button(t("day.done_visit" if step.kind else "day.done_step", text=name), f"/done S{step.id}")


def settle_buttons(step: Step, facts: DayFacts) -> tuple[Button, ...]:
    """For a step carried for the last time: do it, move it to the next working day, or drop it."""
    on = facts.calendar.after(facts.today)
    return (
        done_button(step),
        Button(t("day.move", on=on), f"/done S{step.id} {on.isoformat()}"),
        Button(t("day.drop"), f"/done S{step.id} drop"),
    )


def item_rows(due: Sequence[Step], facts: DayFacts) -> Rows:
    """The buttons of what is due, at most four: what is carried for the last time gets a row of its own."""
    last = next((step for step in due if _carried(step, facts) == CARRIES_AT_MOST), None)
    if last:
        others = [done_button(step) for step in due if step is not last][:1]
        return (settle_buttons(last, facts), *((tuple(others),) if others else ()))
    buttons = [done_button(step) for step in due[:BUTTONS_SHOWN]]
    return tuple(tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2))


def _carried(step: Step, facts: DayFacts) -> int:
    return carried(step.due_on, facts.today, facts.calendar) if step.due_on else 0


def _rows(facts: DayFacts, due: Sequence[Step]) -> Rows:
    close = facts.state() is DayState.GRACE
    main = (
        Button(t("close.now"), f"/report {facts.today.isoformat()}")
        if close
        else Button(t("button.visit"), "/visit")
    )
    return (*item_rows(due, facts), (main, Button(t("button.more"), "/today more")))


def day_facts(store: Store, org: Organisation, member: Member, today: date, now: datetime) -> DayFacts:
    """The facts of one person's day card."""
    return DayFacts(
        numbers=numbers(store, org, member, store.calendar(org, member), today, today),
        today=today,
        now=now,
        steps=store.open_steps(member.id),
        report=store.report(member.id, today),
    )


def gathered_days(slice_: Slice) -> dict[MemberId, DayFacts]:
    """The facts of many people's day cards: one query each for records, claims, steps and reports."""
    labels = {recipient.member.id: date.fromisoformat(recipient.label) for recipient in slice_.recipients}
    first, last = min(labels.values()), max(labels.values())
    people = {each.member.id: (each.member, each.calendar) for each in slice_.recipients}
    did = gathered_numbers(slice_.store, slice_.org, people, first, last)
    steps = slice_.store.gather_steps(slice_.ids)
    reports = slice_.store.gather_reports(slice_.ids, first, last)
    return {
        number: DayFacts(
            numbers=did[number],
            today=today,
            now=slice_.now,
            steps=steps.get(number, ()),
            report=next((each for each in reports.get(number, ()) if each.on == today), None),
        )
        for number, today in labels.items()
    }
