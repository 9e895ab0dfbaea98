"""The daily quantified plan: metrics, profiles, targets, completion, pace and the day close (method section 2)."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache, lru_cache
from math import lcm
from operator import attrgetter
from types import MappingProxyType

from domain.activity import CONTACTS_PER_CUSTOMER_WEEK, Activity, Credit, Kind, grace_end, is_contact
from domain.customers import CustomerId
from domain.people import Member, Organisation, Profile, Role
from domain.schedule import instant
from domain.workdays import Calendar, month_end

DAY_CLOSE = time(20, 0)
ONE = Fraction(1)
# Product section 4: at most 5 in bulk a day, over all of the day's bulk; the rest is kept but does not count.
BULK_PER_DAY = 5


class Metric(StrEnum):
    """The rows of the daily quantified plan."""

    CONTACTS = "contacts"
    CALLS = "calls"
    VISITS = "visits"
    KEY_VISITS = "key_visits"
    NEW_CUSTOMERS = "new_customers"
    DATA_REVIEW = "data_review"
    PRODUCT_STUDY = "product_study"
    TEAM_TALK = "team_talk"
    REFLECTION = "reflection"
    TRAINING = "training"
    TEAM_MEETING = "team_meeting"
    ARTICLES = "articles"
    CROSS_TEAM_MEETING = "cross_team_meeting"
    GROWTH_PLAN = "growth_plan"
    PROFESSIONAL_TRAINING = "professional_training"


class Period(StrEnum):
    """The period a target is for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A number of records claimed at once: `quantity` as typed, `effective` with outcome and next step."""

    metric: Metric
    on: date
    quantity: int
    effective: int
    id: int = 0


class Source(StrEnum):
    """Where the actual of a metric comes from."""

    ACTIVITY = "activity"
    DEAL = "deal"
    SEEN = "seen"
    REPORT = "report"
    TICK = "tick"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """One row of the table of method section 2."""

    metric: Metric
    quantity: int
    period: Period
    source: Source
    scored: bool = False


def _scored(metric: Metric, quantity: int, period: Period, source: Source) -> MetricRow:
    return MetricRow(metric=metric, quantity=quantity, period=period, source=source, scored=True)


def _habit(metric: Metric, quantity: int, period: Period, source: Source = Source.TICK) -> MetricRow:
    return MetricRow(metric=metric, quantity=quantity, period=period, source=source)


# Method section 2. Scored by default are contacts, calls, visits, key visits and new customers; the rest are habits.
METRICS: Mapping[Metric, MetricRow] = {
    row.metric: row
    for row in (
        _scored(Metric.CONTACTS, 5, Period.DAY, Source.ACTIVITY),
        _scored(Metric.CALLS, 10, Period.DAY, Source.ACTIVITY),
        _scored(Metric.VISITS, 10, Period.WEEK, Source.ACTIVITY),
        _scored(Metric.KEY_VISITS, 2, Period.WEEK, Source.ACTIVITY),
        _scored(Metric.NEW_CUSTOMERS, 2, Period.MONTH, Source.DEAL),
        _habit(Metric.DATA_REVIEW, 1, Period.DAY, Source.SEEN),
        _habit(Metric.PRODUCT_STUDY, 1, Period.DAY),
        _habit(Metric.TEAM_TALK, 1, Period.DAY),
        _habit(Metric.REFLECTION, 1, Period.DAY, Source.REPORT),
        _habit(Metric.TRAINING, 1, Period.WEEK),
        _habit(Metric.TEAM_MEETING, 1, Period.WEEK),
        _habit(Metric.ARTICLES, 2, Period.MONTH),
        _habit(Metric.CROSS_TEAM_MEETING, 1, Period.MONTH),
        _habit(Metric.GROWTH_PLAN, 1, Period.MONTH),
        _habit(Metric.PROFESSIONAL_TRAINING, 1, Period.YEAR),
    )
}
COUNTED: tuple[Metric, ...] = tuple(row.metric for row in METRICS.values() if row.source is Source.ACTIVITY)
NO_OTHERS: Mapping[Metric, int] = MappingProxyType({})
HABITS: tuple[MetricRow, ...] = tuple(row for row in METRICS.values() if not row.scored)

# Product section 2.5: a profile scores only the metrics it names plus new customers; only `full` scores contacts.
PROFILES: Mapping[Profile, Mapping[Metric, int]] = {
    Profile.FIELD: {Metric.VISITS: 10, Metric.CALLS: 5, Metric.NEW_CUSTOMERS: 2},
    Profile.DESK: {Metric.VISITS: 2, Metric.CALLS: 10, Metric.NEW_CUSTOMERS: 2},
    Profile.KEY_ACCOUNT: {Metric.VISITS: 5, Metric.KEY_VISITS: 2, Metric.CALLS: 3, Metric.NEW_CUSTOMERS: 2},
    Profile.FULL: {row.metric: row.quantity for row in METRICS.values() if row.scored},
}

# Two learning weeks shrink the daily plan (product section 2.5); afterwards it is whole.
LEARNING: tuple[Fraction, ...] = (Fraction(50, 100), Fraction(75, 100))


def half_up(value: Fraction) -> int:
    """`value` rounded half-up to a whole number."""
    size = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return size if value >= 0 else -size


def percent(ratio: Fraction) -> Decimal:
    """A ratio as percent with 2 places, rounded half-up once (method, general arithmetic)."""
    hundredfold = ratio * 100
    exact = Decimal(hundredfold.numerator) / Decimal(hundredfold.denominator)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def learning_week(joined_on: date, today: date) -> int | None:
    """The learning week a member is in, 1 or 2; None after them (product section 2.5)."""
    week = (today - joined_on).days // 7
    return week + 1 if 0 <= week < len(LEARNING) else None


# A person's or a role's quantity of a metric; more is a slip of the finger.
MOST_QUANTITY = 200
# What a person's plan may be made of: the metrics that are counted, and new customers. Habits are ticked.
PLANNABLE: tuple[Metric, ...] = tuple(row.metric for row in METRICS.values() if row.scored)


class SetBy(StrEnum):
    """Who set a quantity of the daily plan: the person's profile, a role of theirs, or the plan of their own."""

    PROFILE = "profile"
    ROLE = "role"
    OWN = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """How much of a metric the daily plan asks in its period, before learning weeks and leave shrink it."""

    metric: Metric
    quantity: int
    set_by: SetBy


def quantities(member: Member, org: Organisation) -> tuple[Quantity, ...]:
    """The daily plan in force for a person, the profile's metrics first: own quantity, else role's, else profile's.

    Of several roles that name a metric the one furthest from the rep stands (the order of `Role`). A metric that the
    profile does not score is scored once a role or the person has a quantity of it (product section 2.5).
    """
    return planned(member.profile, member.roles, org, member.quantities)


def planned(
    profile: Profile, roles: Set[Role], org: Organisation, own: Mapping[str, int] = MappingProxyType({})
) -> tuple[Quantity, ...]:
    """The daily plan of somebody with this profile and these roles, and with quantities of their own."""
    found = _set(PROFILES[profile].items(), SetBy.PROFILE)
    for role in Role:
        if role in roles:
            found |= _set(org.quantities.get(role, {}).items(), SetBy.ROLE)
    return tuple((found | _set(own.items(), SetBy.OWN)).values())


def _set(own: Iterable[tuple[str, int]], set_by: SetBy) -> dict[Metric, Quantity]:
    return {
        Metric(name): Quantity(metric=Metric(name), quantity=quantity, set_by=set_by)
        for name, quantity in own
    }


def plan(member: Member, org: Organisation, today: date) -> Mapping[Metric, int]:
    """A person's scored targets per period on `today`: `quantities`, shrunk in learning weeks to at least 1."""
    week = learning_week(member.joined_on, today)
    if member.quantities or org.quantities:
        return shrunk({each.metric: each.quantity for each in quantities(member, org)}, week)
    return _of_profile(member.profile, week)


@cache
def _of_profile(profile: Profile, week: int | None) -> Mapping[Metric, int]:
    return MappingProxyType(shrunk(PROFILES[profile], week))


def shrunk(targets: Mapping[Metric, int], week: int | None) -> dict[Metric, int]:
    """Targets in a learning week: half-up, at least 1; whole when `week` is None (product section 2.5)."""
    factor = LEARNING[week - 1] if week else ONE
    return {metric: max(1, half_up(quantity * factor)) for metric, quantity in targets.items()}


@lru_cache(maxsize=1024)
def prorated(target: int, present: int, working: int) -> int:
    """A weekly target for `present` of `working` days: half-up, at least 1 when any day is present, else 0."""
    if present <= 0 or working <= 0:
        return 0
    return max(1, half_up(Fraction(target * present, working)))


def attained(actual: int, target: int) -> Fraction:
    """min(actual / target, 1); a target of nothing is attained."""
    return ONE if target <= 0 else min(Fraction(actual, target), ONE)


def completion(ratios: Sequence[Fraction]) -> Fraction | None:
    """The mean of the scored metrics' capped ratios; None when nothing is scored (an excused period)."""
    return sum(ratios, Fraction(0)) / len(ratios) if ratios else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Where a period stands after `e` of `t` working days (method section 2)."""

    expected: Fraction
    pace: Fraction
    needed_per_day: Fraction | None
    catch_up: Fraction | None


def pace(target: int, actual: int, elapsed: int, total: int) -> Pace:
    """Pace on working day `elapsed` of `total`; needed and catch-up are None on the last day.

    Raises `ValueError` unless 1 <= elapsed <= total and target >= 1.
    """
    if not 1 <= elapsed <= total or target < 1:
        raise ValueError("pace needs 1 <= elapsed <= total and target >= 1")
    expected = Fraction(target * elapsed, total)
    left = total - elapsed
    needed = Fraction(target - actual, left) if left else None
    return Pace(
        expected=expected,
        pace=Fraction(actual) / expected,
        needed_per_day=needed,
        catch_up=needed / Fraction(target, total) if needed is not None else None,
    )


def tally(records: Iterable[Activity], first: date, last: date) -> dict[Metric, int]:
    """What the records from `first` to `last` add up to in each metric that comes from activity.

    Contacts are the sum over days of distinct customers with a two-way interaction, at most 5 days a week per
    customer; give the records from the Monday on so that this limit sees the whole week.
    """
    return tallies(records, ((first, last),))[0]


def tallies(records: Iterable[Activity], spans: Sequence[tuple[date, date]]) -> list[dict[Metric, int]]:
    """What the records add up to in each span of days, in one pass."""
    found = [dict.fromkeys(COUNTED, 0) for _ in spans]
    for on, day in daily(records).items():
        for counts, (first, last) in zip(found, spans, strict=True):
            if first <= on <= last:
                for metric, n in day.items():
                    counts[metric] += n
    return found


def daily(records: Iterable[Activity]) -> dict[date, dict[Metric, int]]:
    """What the records of each day add up to, under the limits of `tally`; a day without a record is left out."""
    found: dict[date, dict[Metric, int]] = {}
    met: set[tuple[date, CustomerId]] = set()
    per_week: dict[tuple[int, int, CustomerId], int] = {}
    for record in sorted(records, key=attrgetter("on", "at")):
        if record.withdrawn:
            continue
        on = record.on
        counts = found.get(on) or found.setdefault(on, dict.fromkeys(COUNTED, 0))
        if (on, record.customer_id) not in met and is_contact(record):
            met.add((on, record.customer_id))
            year, week, _ = on.isocalendar()
            seen = per_week.get((year, week, record.customer_id), 0) + 1
            per_week[year, week, record.customer_id] = seen
            counts[Metric.CONTACTS] += seen <= CONTACTS_PER_CUSTOMER_WEEK
        if record.credit is Credit.COUNTED:
            visit = record.kind is Kind.VISIT
            counts[Metric.CALLS] += record.kind is Kind.CALL
            counts[Metric.VISITS] += visit
            counts[Metric.KEY_VISITS] += visit and record.key_customer
    return found


def claimed(claims: Iterable[Claim], first: date, last: date) -> dict[Metric, int]:
    """What bulk claims from `first` to `last` count for: the effective ones, at most 5 a day (product section 4)."""
    counts: dict[Metric, int] = {}
    room: dict[date, int] = {}
    for claim in sorted(claims, key=lambda each: each.id):
        if first <= claim.on <= last:
            taken = min(claim.effective, room.get(claim.on, BULK_PER_DAY))
            room[claim.on] = room.get(claim.on, BULK_PER_DAY) - taken
            counts[claim.metric] = counts.get(claim.metric, 0) + taken
    return counts


class DayState(StrEnum):
    """How a day was closed."""

    ON_TIME = "on_time"
    LATE = "late"
    MISSED = "missed"
    GRACE = "grace"
    OPEN = "open"
    EXCUSED = "excused"


def day_state(
    on: date,
    reported_at: datetime | None,
    now: datetime,
    calendar: Calendar,
    zone: str,
    close: time = DAY_CLOSE,
) -> DayState:
    """The state of the day `on` at `now`: on time before the close, late within grace, then missed (method 2)."""
    closes_at, graced_until = instant(on, close, zone), grace_end(on, calendar, zone)
    if reported_at is not None:
        if reported_at < closes_at:
            return DayState.ON_TIME
        return DayState.LATE if reported_at <= graced_until else DayState.MISSED
    if not calendar.is_present(on):
        return DayState.EXCUSED
    if now < closes_at:
        return DayState.OPEN
    return DayState.GRACE if now <= graced_until else DayState.MISSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one scored metric stands in its period; of `actual`, `claimed` were said in bulk and nobody verified."""

    metric: Metric
    period: Period
    actual: int
    target: int
    claimed: int = 0

    @property
    def missing(self) -> int:
        return max(0, self.target - self.actual)


def standings(
    targets: Mapping[Metric, int],
    records: Sequence[Activity],
    calendar: Calendar,
    today: date,
    claims: Sequence[Claim] = (),
) -> tuple[Standing, ...]:
    """The scored day and week metrics of `today`; weekly targets shrink with leave (method section 2).

    `records` and `claims` are the person's of this week. New customers are a matter of the month and left out.
    """
    start = today - timedelta(days=today.isoweekday() - 1)
    end = start + timedelta(days=6)
    present, working = _days_of_week(calendar, start)
    day, week = ((today, today), (start, end))
    of_day, of_week = tallies(records, (day, week))
    rows = []
    for metric, target in targets.items():
        period = METRICS[metric].period
        if metric not in COUNTED:
            continue
        if period is Period.DAY:
            rows.append(_standing(metric, period, target, of_day, claimed(claims, *day)))
        else:
            due = prorated(target, present, working)
            rows.append(_standing(metric, period, due, of_week, claimed(claims, *week)))
    return tuple(rows)


def _standing(
    metric: Metric, period: Period, target: int, recorded: Mapping[Metric, int], bulk: Mapping[Metric, int]
) -> Standing:
    added = bulk.get(metric, 0)
    return Standing(
        metric=metric, period=period, actual=recorded[metric] + added, target=target, claimed=added
    )


@lru_cache(maxsize=4096)
def _working_days(calendar: Calendar, day: date) -> Mapping[Period, int]:
    """Of how many working days a day is one share, by the period of a target."""
    _, week = _days_of_week(calendar, day - timedelta(days=day.isoweekday() - 1))
    month = len(calendar.workdays(day.replace(day=1), month_end(day)))
    return {Period.DAY: 1, Period.WEEK: week, Period.MONTH: month}


@lru_cache(maxsize=4096)
def _days_of_week(calendar: Calendar, start: date) -> tuple[int, int]:
    """How many days of the week from `start` the person works, and of how many a whole target is.

    A day declared off shrinks a target like a day of leave. In a week with a day worked besides the same target is
    spread over more days: it does not grow, and each day of leave shrinks it less.
    """
    end = start + timedelta(days=6)
    return len(calendar.present_days(start, end)), max(len(calendar.workdays(start, end)), len(calendar.week))


def week_completion(
    targets: Mapping[Metric, int],
    records: Sequence[Activity],
    calendar: Calendar,
    monday: date,
    until: date,
    claims: Sequence[Claim] = (),
) -> Fraction | None:
    """Plan completion of the week from `monday` as it stands on `until`; None for a week with no day present.

    A daily metric's ratio is the mean of its capped daily ratios over the days present so far.
    """
    days = [monday + timedelta(days=n) for n in range(7)]
    counted = {
        day: {metric: n + claimed(claims, day, day).get(metric, 0) for metric, n in counts.items()}
        for day, counts in zip(days, tallies(records, [(day, day) for day in days]), strict=True)
    }
    return completion_of_week(targets, counted, calendar, monday, until)


def completion_of_week(
    targets: Mapping[Metric, int],
    counted: Mapping[date, Mapping[Metric, int]],
    calendar: Calendar,
    monday: date,
    until: date,
) -> Fraction | None:
    """Plan completion of a week from what each of its days counted; None for a week with no day present.

    A day that is not there counted nothing. A weekly metric is taken over the whole week, against its share of the days
    present; a monthly one is not due in a week.
    """
    there, working = _days_of_week(calendar, monday)
    if not there:
        return None
    so_far = present_until(calendar, monday, until)
    # Parts and wholes of each metric's ratio: one fraction is made of them at the end.
    ratios: list[tuple[int, int]] = []
    for metric, target in targets.items():
        if metric not in COUNTED:
            continue
        if METRICS[metric].period is Period.WEEK:
            actual, due = 0, prorated(target, there, working)
            for counts in counted.values():
                actual += counts.get(metric, 0)
            ratios.append((min(actual, due), due) if due > 0 else (1, 1))
        elif so_far:
            done = 0
            for day in so_far:
                done += min(counted[day].get(metric, 0), target) if day in counted else 0
            ratios.append((done, target * len(so_far)) if target > 0 else (1, 1))
    return _mean(ratios)


@lru_cache(maxsize=1024)
def present_until(calendar: Calendar, monday: date, until: date) -> tuple[date, ...]:
    """The days worked of the week from `monday`, as far as `until`."""
    return calendar.present_days(monday, min(until, monday + timedelta(days=6)))


def _mean(ratios: Sequence[tuple[int, int]]) -> Fraction | None:
    """The mean of ratios given as parts and wholes; None of none."""
    if not ratios:
        return None
    whole = lcm(*(whole for _, whole in ratios))
    return Fraction(sum(part * (whole // each) for part, each in ratios), whole * len(ratios))


def month_standings(
    plan_on: Callable[[date], Mapping[Metric, int]],
    records: Sequence[Activity],
    calendar: Calendar,
    first: date,
    last: date,
    claims: Sequence[Claim] = (),
    others: Mapping[Metric, int] = NO_OTHERS,
) -> tuple[Standing, ...]:
    """The scored metrics over the days from `first` to `last`, each against its target of these days.

    The method (section 2) gives targets a day, a week and a month; a month asks on each day present for a daily
    target, and for its share of a weekly or monthly one: target / working days of that week or month. The shares add
    up exactly, so weeks that two months cut are neither lost nor counted twice, and are rounded half-up once, to at
    least 1. `records` begin with the Monday on or before `first`; `others` are the actuals of metrics that no record
    counts (new customers): one that is not among them is left out. Without a day present there are no standings.
    """
    due: dict[Metric, Fraction] = {}
    for day in calendar.present_days(first, last):
        working = _working_days(calendar, day)
        for metric, target in plan_on(day).items():
            if target and (metric in COUNTED or metric in others):
                share = Fraction(target, working[METRICS[metric].period])
                due[metric] = due.get(metric, Fraction(0)) + share
    recorded, bulk = {**tally(records, first, last), **others}, claimed(claims, first, last)
    return tuple(
        _standing(metric, Period.MONTH, max(1, half_up(target)), recorded, bulk)
        for metric, target in due.items()
    )
