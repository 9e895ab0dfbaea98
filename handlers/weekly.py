"""People's weeks as they are scored and ranked, from their numbers in cells: as many queries for one as for all."""

from collections.abc import Mapping, Sequence, Set
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from domain.people import Member, MemberId, Organisation, Stay, team_of
from domain.ports import Store
from domain.quota import METRICS, Metric, Period, completion_of_week, learning_week, plan, present_until
from domain.rollups import OF_METRIC, Cell
from domain.samples import credit
from domain.targets import Target, months_since, ramp, target_between
from domain.weekly import Weekly
from domain.workdays import ONE_DAY, Calendar

WEEK = timedelta(days=7)
# Project deals are judged over a rolling quarter: the thirteen weeks that end with this one (method section 6).
QUARTER = 13 * WEEK
# More than 60 % of a week's records in its last hours is said on the card (method section 2).
RUSHED = Fraction(60, 100)
DAILY = {
    OF_METRIC[row.metric]: row.metric
    for row in METRICS.values()
    if row.metric in OF_METRIC and row.period is Period.DAY
}
WEEKLY = {
    OF_METRIC[row.metric]: row.metric
    for row in METRICS.values()
    if row.metric in OF_METRIC and row.period is Period.WEEK
}

People = Mapping[MemberId, tuple[Member, Calendar]]
Days = Mapping[date, Mapping[Cell, int]]
_NO_DAYS: Days = {}
_NONE: frozenset[date] = frozenset()


def gathered_weeklies(
    store: Store, org: Organisation, people: People, monday: date, until: date
) -> dict[MemberId, Weekly]:
    """The week from `monday` as it stands on `until`, of everybody asked for."""
    ids = tuple(people)
    last = monday + WEEK - ONE_DAY
    window = last - QUARTER + ONE_DAY
    whole = store.week_cells(ids, monday, monday)
    days = store.day_cells(ids, monday, last, tuple(DAILY))
    sold = store.day_cells(ids, window, until, [Cell.SALES])
    targets = store.gather_targets(ids, window, until)
    closed = store.gather_closed(ids, monday, until)
    stays = store.stays(ids)
    return {
        number: _weekly(
            org,
            member,
            calendar,
            monday,
            until,
            week=whole.get(number, {}).get(monday, {}),
            days=days.get(number, _NO_DAYS),
            sold=sold.get(number, _NO_DAYS),
            targets=targets.get(number, ()),
            closed=closed.get(number, _NONE),
            stays=stays.get(number, ()),
        )
        for number, (member, calendar) in people.items()
    }


def _weekly(
    org: Organisation,
    member: Member,
    calendar: Calendar,
    monday: date,
    until: date,
    *,
    week: Mapping[Cell, int],
    days: Days,
    sold: Days,
    targets: Sequence[Target],
    closed: Set[date],
    stays: Sequence[Stay],
) -> Weekly:
    present = present_until(calendar, monday, until)
    done = completion_of_week(plan(member, org, until), _counted(week, days, monday), calendar, monday, until)
    factor = credit(week.get(Cell.SAMPLED, 0), week.get(Cell.INVALID, 0))
    window = monday + WEEK - QUARTER
    return Weekly(
        member_id=member.id,
        team_id=team_of(stays, present or (monday,)),
        monday=monday,
        until=until,
        sales=_sales(sold, targets),
        target=target_between(targets, calendar, member.joined_on, window, until),
        completion=None if done is None else done * factor,
        done=done,
        visits=week.get(Cell.VISITS, 0),
        verified=week.get(Cell.VERIFIED, 0),
        scored_days=sum(1 for day in present if day in closed),
        coefficient=factor,
        learning=learning_week(member.joined_on, until) is not None,
        ramping=ramp(months_since(member.joined_on, until)) < 1,
        rushed=week.get(Cell.RUSHED, 0) > RUSHED * week.get(Cell.RECORDS, 0),
    )


def _counted(week: Mapping[Cell, int], days: Days, monday: date) -> dict[date, dict[Metric, int]]:
    """What each day counted; the whole week's numbers stand on its Monday, where only their sum is asked for."""
    found = {
        day: {metric: cells.get(cell, 0) for cell, metric in DAILY.items()} for day, cells in days.items()
    }
    first = found.setdefault(monday, {})
    for cell, metric in WEEKLY.items():
        first[metric] = week.get(cell, 0)
    return found


def _sales(sold: Days, targets: Sequence[Target]) -> Decimal:
    """What was won on days that a target covers; without any target, all of the window."""
    cents = 0
    for day, cells in sold.items():
        if not targets or any(each.first <= day <= each.last for each in targets):
            cents += cells.get(Cell.SALES, 0)
    return Decimal(cents).scaleb(-2)
