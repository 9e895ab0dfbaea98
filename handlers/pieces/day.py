"""The day card: what today still asks of a rep; one a day, edited through it (product 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from domain.activity import Activity
from domain.people import Member, MemberId, Organisation
from domain.ports import Report, Store
from domain.quota import DayState, Period, Standing, day_state, learning_week, plan, standings
from domain.schedule import local_time
from domain.steps import CARRIES_AT_MOST, Step, carried, stands
from domain.workdays import Calendar, monday
from handlers.pieces.bars import bars
from handlers.registry import Slice
from handlers.turn import day_key
from handlers.view import Block, Button, Card, Line, Note, Rows, Text, Words, card, t

ITEMS_SHOWN, BUTTONS_SHOWN = 4, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFacts:
    """What a day card is made of: `week` holds the person's records of this week, `steps` the open ones."""

    member: Member
    calendar: Calendar
    today: date
    now: datetime
    week: Sequence[Activity]
    steps: Sequence[Step]
    report: Report | None

    def due(self) -> tuple[Step, ...]:
        """The open steps that stand on the card today, planned activities first."""
        shown = [
            step for step in self.steps if step.due_on and stands(step.due_on, self.today, self.calendar)
        ]
        return tuple(sorted(shown, key=lambda s: (s.kind is None, s.due_time or time.max, s.due_on, s.id)))

    def standings(self) -> tuple[Standing, ...]:
        targets = plan(self.member.profile, self.member.joined_on, self.today)
        return standings(targets, self.week, self.calendar, self.today)

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
    due = facts.due()
    blocks: list[Block] = [Line(_title(facts, due))]
    blocks += [Line(item_words(step, facts)) for step in due[:ITEMS_SHOWN]]
    if len(due) > ITEMS_SHOWN:
        blocks.append(Note(t("day.more", n=len(due) - ITEMS_SHOWN)))
    blocks += bars(facts.standings())
    if week := learning_week(facts.member.joined_on, facts.today):
        blocks.append(Note(t("day.learning", week=week)))
    return card(*blocks, rows=_rows(due), key=day_key(facts.member.id, facts.today))


def _title(facts: DayFacts, due: Sequence[Step]) -> Text:
    planned = sum(1 for step in due if step.kind)
    zone = facts.member.zone
    match facts.state():
        case DayState.ON_TIME | DayState.LATE if facts.report:
            return t("day.closed", on=facts.today, at=local_time(facts.report.sent_at, zone))
        case DayState.GRACE:
            return t("day.grace", on=facts.today)
        case DayState.MISSED:
            return t("day.missed", on=facts.today)
        case _ if planned:
            return t("day.planned", on=facts.today, n=planned)
        case _:
            return t("day.open", on=facts.today)


def item_words(step: Step, facts: DayFacts) -> Text:
    """One line of a planned activity or a due step, with how often it was carried."""
    times = carried(step.due_on, facts.today, facts.calendar) if step.due_on else 0
    if step.kind:
        key = "day.visit_at" if step.due_time else "day.visit"
        what: Words = ", ".join(filter(None, (step.customer_name, step.who or step.text)))
        words = t(
            key, kind=t(f"kind.{step.kind}"), what=what, **({"at": step.due_time} if step.due_time else {})
        )
    else:
        words = t("day.due", text=step.text, customer=step.customer_name)
    if not times:
        return words
    return t("day.carried_last" if times == CARRIES_AT_MOST else "day.carried", item=words, n=times)


def done_button(step: Step) -> Button:
    """One tap: the planned visit is recorded, the step is done."""
    label = (
        t("day.done_visit", customer=step.customer_name)
        if step.kind
        else t("day.done_step", text=step.text[:20])
    )
    return Button(label, f"/done S{step.id}")


def _rows(due: Sequence[Step]) -> Rows:
    buttons = [done_button(step) for step in due[:BUTTONS_SHOWN]]
    rows = [tuple(buttons[i : i + 2]) for i in range(0, len(buttons), 2)]
    return (*rows, (Button(t("button.visit"), "/visit"), Button(t("button.more"), "/today more")))


def day_facts(store: Store, org: Organisation, member: Member, today: date, now: datetime) -> DayFacts:
    """The facts of one person's day card."""
    first = monday(today)
    return DayFacts(
        member=member,
        calendar=Calendar(week=org.week, leaves=tuple(leave for _, leave in store.leaves(member.id))),
        today=today,
        now=now,
        week=store.activities(member.id, first, first + timedelta(days=6)),
        steps=store.open_steps(member.id),
        report=store.report(member.id, today),
    )


def gathered_days(slice_: Slice) -> dict[MemberId, DayFacts]:
    """The facts of many people's day cards: one query each for records, steps and reports."""
    labels = {recipient.member.id: date.fromisoformat(recipient.label) for recipient in slice_.recipients}
    first, last = monday(min(labels.values())), monday(max(labels.values())) + timedelta(days=6)
    week = slice_.store.gather_activities(slice_.ids, first, last)
    steps = slice_.store.gather_steps(slice_.ids)
    reports = slice_.store.gather_reports(slice_.ids, min(labels.values()), max(labels.values()))
    found = {}
    for recipient in slice_.recipients:
        number = recipient.member.id
        today = labels[number]
        start = monday(today)
        found[number] = DayFacts(
            member=recipient.member,
            calendar=recipient.calendar,
            today=today,
            now=slice_.now,
            week=[each for each in week.get(number, ()) if start <= each.on <= start + timedelta(days=6)],
            steps=steps.get(number, ()),
            report=next((each for each in reports.get(number, ()) if each.on == today), None),
        )
    return found
