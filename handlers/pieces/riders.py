"""What rides on a morning card on some days of a week or a month, so that it needs no message of its own (product 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from domain.activity import ActivityId
from domain.disputes import WeekReport
from domain.people import Member, MemberId, Organisation, Role
from domain.periods import Span
from domain.ports import Store
from domain.quota import half_up
from domain.rollups import Cell
from domain.schedule import local_date
from domain.targets import Target, target_between
from domain.workdays import Calendar
from handlers.pieces.clipped import clipped
from handlers.pieces.scorecard import Shown, gathered_cards, signed
from handlers.reporting import comment_words
from handlers.sampling import gathered_odd
from handlers.view import Button, Line, Text, t

# On the first day worked of a week the leader's comment on the last report, what looks odd and last week's score; on the first of a
# month the month's score and the new target; on day 15 the pace; on the last day worked of a month the comparison.
# Riders stand right under the card's title and come before everything else on it: of the day itself they displace
# first the notes, then the bars, then what is due beyond the first things; the earlier of these displaces the later.
# Of the eight lines of a card and of its six buttons:
LINES_MOST, BUTTONS_MOST = 5, 2
NAME_COLUMNS = 12
# Method section 2: below so much of the pace a correction plan stands beside it.
PACE_FINE = Fraction(90, 100)

# Whose card, with their calendar and its date.
Days = Mapping[MemberId, tuple[Member, Calendar, date]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Riders:
    """Lines in the order of what they are worth, and the buttons that open them."""

    lines: tuple[Line, ...] = ()
    buttons: tuple[Button, ...] = ()

    def plus(self, other: "Riders") -> "Riders":
        """Both, as far as there is room."""
        return Riders(
            lines=(*self.lines, *(each for each in other.lines if each not in self.lines))[:LINES_MOST],
            buttons=(*self.buttons, *other.buttons)[:BUTTONS_MOST],
        )


NONE = Riders()


def gathered_riders(store: Store, org: Organisation, days: Days, now: datetime) -> dict[MemberId, Riders]:
    """What rides on the cards of many people; on a day like any other nothing is read."""
    reps = {number: each for number, each in days.items() if Role.REP in each[0].roles}
    found: dict[MemberId, Riders] = {}
    for gather, fits in (
        (_weeks, Calendar.first_of_week),
        (_months, Calendar.first_of_month),
        (_paces, Calendar.mid_month),
        (_comparisons, Calendar.last_of_month),
    ):
        due = {number: each for number, each in reps.items() if fits(each[1], each[2])}
        for number, riders in (gather(store, org, due, now) if due else {}).items():
            found[number] = found.get(number, NONE).plus(riders)
    return found


def riders_of(
    store: Store, org: Organisation, member: Member, calendar: Calendar, today: date, now: datetime
) -> Riders:
    """What rides on one person's card."""
    return gathered_riders(store, org, {member.id: (member, calendar, today)}, now).get(member.id, NONE)


def _by_span(days: Days, months: bool) -> dict[str, tuple[Span, dict[MemberId, tuple[Member, Calendar]]]]:
    """The people of each period that came before their day; of one slice it is one, or two around midnight."""
    found: dict[str, tuple[Span, dict[MemberId, tuple[Member, Calendar]]]] = {}
    for number, (member, calendar, today) in days.items():
        span = (Span.month(today) if months else Span.week(today)).before
        found.setdefault(span.label, (span, {}))[1][number] = (member, calendar)
    return found


def _weeks(store: Store, org: Organisation, days: Days, now: datetime) -> dict[MemberId, Riders]:
    """The comment on the last report first, what looks odd before it is drawn, then the score of the week before."""
    found: dict[MemberId, Riders] = {}
    for span, people in _by_span(days, months=False).values():
        reports = store.week_reports(list(people), [span.before.label, span.label])
        cards = gathered_cards(store, org, people, span, now)
        names = {each.id: each.name for each in store.members()}
        odd = gathered_odd(store, people, span.first)
        for number in people:
            comment = _commented(reports.get(number, ()), span, names, people[number][0])
            scored = _scored(cards[number], "week") if number in cards else NONE
            found[number] = comment.plus(_asked(odd.get(number, ()))).plus(scored)
    return found


def _commented(
    reports: Sequence[WeekReport], span: Span, names: Mapping[MemberId, str], member: Member
) -> Riders:
    """The comment on last week's report, or on the one before where it came after that week's first card."""
    for each in reversed(reports):
        if not each.comment or each.commented_at is None or each.commented_by is None:
            continue
        on = local_date(each.commented_at, member.zone)
        if each.label == span.label or on > span.first:
            name = clipped(names.get(each.commented_by, ""), NAME_COLUMNS)
            return Riders(lines=(Line(t("riders.comment", name=name, comment=comment_words(each.comment))),))
    return NONE


def _asked(odd: Sequence[ActivityId]) -> Riders:
    """What does not fit together is asked of the rep before anybody else looks at it (method section 2)."""
    if not odd:
        return NONE
    line = Line(t("spotcheck.odd", id=f"V{odd[0]}"))
    return Riders(lines=(line,), buttons=(Button(t("spotcheck.explain_button"), "/spotcheck"),))


def _scored(shown: Shown, kind: str) -> Riders:
    """The total of the period before; a week of nothing is not held up to anybody in the morning."""
    if not shown.total:
        return NONE
    if shown.change is None:
        lines = [t(f"riders.{kind}", first=shown.span.first, total=shown.total)]
    else:
        change = signed(shown.change)
        lines = [t(f"riders.{kind}_change", first=shown.span.first, total=shown.total, change=change)]
    if shown.is_provisional:
        lines.append(t("riders.provisional"))
    label = shown.span.label
    why = Button(t("riders.why", total=shown.total), f"/score {label}")
    dispute = Button(t("score.dispute_button"), f"/score dispute {label}")
    return Riders(lines=tuple(Line(each) for each in lines), buttons=(why, dispute))


def _months(store: Store, org: Organisation, days: Days, now: datetime) -> dict[MemberId, Riders]:
    """The month's score, and the target of the new one."""
    found: dict[MemberId, Riders] = {}
    for span, people in _by_span(days, months=True).values():
        cards = gathered_cards(store, org, people, span, now)
        new = {number: Span.month(days[number][2]) for number in people}
        first, last = min(each.first for each in new.values()), max(each.last for each in new.values())
        targets = store.gather_targets(list(people), first, last)
        for number, (member, calendar) in people.items():
            scored = _scored(cards[number], "month") if number in cards else NONE
            goal = _target(targets.get(number, ()), calendar, member, new[number].first, new[number].last)
            line = (Line(t("riders.target", first=new[number].first, target=goal)),) if goal else ()
            found[number] = scored.plus(Riders(lines=line))
    return found


def _target(
    targets: Sequence[Target], calendar: Calendar, member: Member, first: date, last: date
) -> Decimal | None:
    return target_between(targets, calendar, member.joined_on, first, last) if targets else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Month:
    """Somebody's month in money: won so far, the target of the days so far, and of the whole of it."""

    span: Span
    won: Decimal
    so_far: Decimal
    whole: Decimal
    days_left: int

    @property
    def pace(self) -> Fraction:
        return Fraction(self.won) / Fraction(self.so_far)


def _in_money(store: Store, days: Days) -> dict[MemberId, _Month]:
    """The month of everybody who has a target in it."""
    spans = {number: Span.month(today) for number, (_, _, today) in days.items()}
    first, last = min(each.first for each in spans.values()), max(each.last for each in spans.values())
    targets = store.gather_targets(list(days), first, last)
    sold = store.day_cells(list(days), first, last, [Cell.SALES])
    found = {}
    for number, (member, calendar, today) in days.items():
        span = spans[number]
        theirs = targets.get(number, ())
        so_far = _target(theirs, calendar, member, span.first, today)
        whole = _target(theirs, calendar, member, span.first, span.last)
        if so_far and whole:
            won = sum(
                cells.get(Cell.SALES, 0)
                for day, cells in sold.get(number, {}).items()
                if span.first <= day <= today
            )
            left = len(calendar.present_days(today, span.last))
            found[number] = _Month(
                span=span, won=Decimal(won).scaleb(-2), so_far=so_far, whole=whole, days_left=left
            )
    return found


def _paces(store: Store, _org: Organisation, days: Days, _now: datetime) -> dict[MemberId, Riders]:
    """The pace against the month; below 90 % what each day left asks for."""
    found = {}
    for number, month in _in_money(store, days).items():
        percent = half_up(month.pace * 100)
        lines = [t("riders.pace", won=month.won, whole=month.whole, percent=percent)]
        buttons = [Button(t("riders.month_button"), f"/score {month.span.label}")]
        if month.pace < PACE_FINE:
            lines.append(_catch_up(month))
        found[number] = Riders(lines=tuple(Line(each) for each in lines), buttons=tuple(buttons))
    return found


def _catch_up(month: _Month) -> Text:
    """The correction plan in one number: needed on each of the days that are left (method section 2, pace)."""
    needed = Fraction(month.whole - month.won) / max(month.days_left, 1)
    return t("riders.catch_up", needed=Decimal(half_up(needed)), n=month.days_left)


def _comparisons(store: Store, _org: Organisation, days: Days, _now: datetime) -> dict[MemberId, Riders]:
    """The full comparison of the month on its last day."""
    found = {}
    for number, month in _in_money(store, days).items():
        percent = half_up(Fraction(month.won) / Fraction(month.whole) * 100)
        words = t(
            "riders.compared", first=month.span.first, won=month.won, whole=month.whole, percent=percent
        )
        button = Button(t("riders.month_button"), f"/score {month.span.label}")
        found[number] = Riders(lines=(Line(words),), buttons=(button,))
    return found
