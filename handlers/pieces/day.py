"""The day card: what today still asks of a rep; one a day, edited through it (product 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from domain.activity import Activity, Kind, Lack, lacks
from domain.corrections import CorrectionPlan
from domain.kinds import Notice
from domain.people import Member, MemberId, Organisation
from domain.ports import Report, Store
from domain.quota import DayState, Period, Standing, day_state, learning_week
from domain.schedule import local_time
from domain.steps import CARRIES_AT_MOST, Step, carried, stands
from domain.workdays import Calendar
from handlers.numbers import Numbers, gathered_numbers, numbers
from handlers.pieces.bars import bars
from handlers.pieces.clipped import clipped
from handlers.pieces.dots import dots
from handlers.pieces.planned import plan_done, plan_item
from handlers.pieces.riders import NONE, Riders, gathered_riders, riders_of
from handlers.registry import Slice
from handlers.turn import day_key
from handlers.view import Block, Button, Card, Line, Note, Rows, Text, Words, card, in_rows, t

ITEMS_SHOWN, BUTTONS_SHOWN = 4, 4
# Product section 6; a card with riders keeps to it, one without has room.
LINES, BUTTONS, ITEMS_WITH_RIDERS = 8, 6, 2
LABEL_COLUMNS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """An open step of somebody away, for whoever covers."""

    step: Step
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFacts:
    """What a day card is made of: `numbers` holds what the person did this week, `steps` the open ones.

    `covered` are the open steps of colleagues who are away and named this person as their cover; `riders` what comes
    with the card on some days of a week or a month. `plans` are the correction plans the person owns, until they are done.
    """

    numbers: Numbers
    today: date
    now: datetime
    steps: Sequence[Step]
    report: Report | None
    covered: Sequence[Covered] = ()
    riders: Riders = NONE
    plans: Sequence[CorrectionPlan] = ()

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

    def covers(self) -> tuple[Covered, ...]:
        """The steps of people away that stand today, in the order of their days."""
        shown = [
            each
            for each in self.covered
            if each.step.due_on and stands(each.step.due_on, self.today, self.calendar)
        ]
        return tuple(sorted(shown, key=lambda each: (each.step.due_on or self.today, each.step.id)))

    def thin(self) -> tuple[Activity, ...]:
        """The records of the day that lack something to count; an answer is the customer's to give."""
        return tuple(
            each
            for each in self.numbers.records
            if each.on == self.today and not each.withdrawn and {*lacks(each)} - {Lack.REPLY}
        )

    @property
    def paused_until(self) -> date | None:
        """The end of a pause that runs today."""
        until = self.member.paused_until
        return until if until and self.today <= until else None

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
    """Planned visits, what is due, own and covered, where the numbers stand, and one tap for each."""
    is_open = facts.state() in (DayState.OPEN, DayState.GRACE)
    due, covered = (facts.due(), facts.covers()) if is_open else ((), ())
    riders = facts.riders if is_open else NONE
    blocks: list[Block] = [Line(day_title(facts, due)), *riders.lines]
    plans = facts.plans if is_open else ()
    items = [plan_item(each, facts.today) for each in plans]
    items += [item_words(step, facts) for step in due]
    items += [t("day.covered", item=item_words(each.step, facts), name=each.name) for each in covered]
    most = ITEMS_WITH_RIDERS if riders.lines else ITEMS_SHOWN
    blocks += [Line(item) for item in items[:most]]
    if len(items) > most:
        blocks.append(Note(t("day.more", n=len(items) - most)))
    key = day_key(facts.member.id, facts.today)
    if facts.state() is DayState.EXCUSED:
        return card(*blocks, Note(t("away.means")), key=key)
    blocks += bars(facts.standings())
    if week := learning_week(facts.member.joined_on, facts.today):
        blocks.append(Note(t("day.learning", week=week)))
    if facts.paused_until:
        blocks.append(Note(t("settings.paused", on=facts.paused_until)))
    if riders.lines:
        blocks = blocks[:LINES]
    return card(*blocks, rows=_rows(facts, (*due, *(each.step for each in covered)), riders, plans), key=key)


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
    words = _planned(step) if step.kind else _due(step)
    if not times:
        return words
    return t("day.carried_last" if times == CARRIES_AT_MOST else "day.carried", item=words, n=times)


def _due(step: Step) -> Text:
    """What is due, with the deal it is for, else with the customer."""
    text = clipped(step.text, 40)
    if step.deal_id:
        return t("day.due_deal", text=text, id=f"D{step.deal_id}")
    return t("day.due", text=text, customer=step.customer_name)


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
    return in_rows(buttons)


def _carried(step: Step, facts: DayFacts) -> int:
    return carried(step.due_on, facts.today, facts.calendar) if step.due_on else 0


def _rows(facts: DayFacts, due: Sequence[Step], riders: Riders, plans: Sequence[CorrectionPlan]) -> Rows:
    close = facts.state() is DayState.GRACE
    main = (
        Button(t("close.now"), f"/report {facts.today.isoformat()}")
        if close
        else Button(t("button.visit"), "/visit")
    )
    more = (
        Button(t("settings.resume"), "/settings pause off")
        if facts.paused_until
        else dots(Notice.MORNING, facts.today)
    )
    if riders.buttons:
        first = item_rows(due, facts)[:1]
        room = BUTTONS - 2 - sum(map(len, first))
        return (*first, riders.buttons[:room], (main, more))
    plan = tuple(plan_done(each) for each in plans[:1])
    return (*item_rows(due, facts), (*plan, main, more))


def day_facts(store: Store, org: Organisation, member: Member, today: date, now: datetime) -> DayFacts:
    """The facts of one person's day card."""
    calendar = store.calendar(org, member)
    return DayFacts(
        numbers=numbers(store, org, member, calendar, today, today),
        today=today,
        now=now,
        steps=store.open_steps(member.id),
        report=store.report(member.id, today),
        covered=_covered(store, [member.id], today).get(member.id, ()),
        riders=riders_of(store, org, member, calendar, today, now),
        plans=store.gather_corrections([member.id]).get(member.id, ()),
    )


def _covered(store: Store, members: Sequence[MemberId], today: date) -> dict[MemberId, tuple[Covered, ...]]:
    """The open steps that these people do for colleagues who are away: one query for who covers whom on most days."""
    away = {each: cover for each, cover in store.covers(today).items() if cover in members}
    if not away:
        return {}
    steps = store.gather_steps(tuple(away))
    names = {each.id: each.name for each in store.members()}
    found: dict[MemberId, list[Covered]] = {}
    for each, cover in away.items():
        mine = found.setdefault(cover, [])
        mine.extend(Covered(step=step, name=names.get(each, "")) for step in steps.get(each, ()))
    return {cover: tuple(covered) for cover, covered in found.items()}


def gathered_days(slice_: Slice) -> dict[MemberId, DayFacts]:
    """The facts of many people's day cards: one query each for records, claims, steps, reports, plans."""
    labels = {recipient.member.id: date.fromisoformat(recipient.label) for recipient in slice_.recipients}
    first, last = min(labels.values()), max(labels.values())
    people = {each.member.id: (each.member, each.calendar) for each in slice_.recipients}
    did = gathered_numbers(slice_.store, slice_.org, people, first, last)
    steps = slice_.store.gather_steps(slice_.ids)
    reports = slice_.store.gather_reports(slice_.ids, first, last)
    covered = {today: _covered(slice_.store, slice_.ids, today) for today in set(labels.values())}
    days = {
        each.member.id: (each.member, each.calendar, labels[each.member.id]) for each in slice_.recipients
    }
    plans = slice_.store.gather_corrections(slice_.ids)
    riders = gathered_riders(slice_.store, slice_.org, days, slice_.now)
    return {
        number: DayFacts(
            numbers=did[number],
            today=today,
            now=slice_.now,
            steps=steps.get(number, ()),
            report=next((each for each in reports.get(number, ()) if each.on == today), None),
            covered=covered[today].get(number, ()),
            riders=riders.get(number, NONE),
            plans=plans.get(number, ()),
        )
        for number, today in labels.items()
    }
