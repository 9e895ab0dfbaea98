"""Scores of many people at once: what the numbers of a week or a month are worth (method section 6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from domain.disputes import Answer, Dispute
from domain.kpis import CATALOGUE, Kpi, KpiSet, Measure, Measured, in_force
from domain.people import Member, MemberId, Organisation, Role
from domain.periods import Span
from domain.ports import Store
from domain.quota import attained, completion, half_up
from domain.schedule import local_date
from domain.scorecard import Score, Scorecard, scored
from domain.weekly import Weekly
from domain.workdays import Calendar, monday, week_label
from handlers.numbers import gathered_numbers
from handlers.weekly import gathered_weeklies

# Whose cards there are, a rep's before a manager's.
SCORED = (Role.REP, Role.MANAGER)
SCORED_ROLES = frozenset(SCORED)
People = Mapping[MemberId, tuple[Member, Calendar]]


def role_scored(member: Member) -> Role | None:
    """Whose card somebody has: a rep's before a manager's; None for who has none."""
    return next((role for role in SCORED if role in member.roles), None)


def gathered_scores(
    store: Store, org: Organisation, people: People, first: date, until: date
) -> dict[MemberId, Score]:
    """The cards of the week from the Monday `first` as they stand on `until`, in a constant number of queries."""
    return _gathered(store, org, people, Span.week(first), until)


def gathered_month_scores(
    store: Store, org: Organisation, people: People, first: date, until: date
) -> dict[MemberId, Score]:
    """The cards of the month from `first` as they stand on `until`: the same KPIs over the month."""
    return _gathered(store, org, people, Span.month(first), until)


def gathered_of(
    store: Store, org: Organisation, people: People, span: Span, today: date
) -> dict[MemberId, Score]:
    """The cards of a week or a month, as far as it has come."""
    return _gathered(store, org, people, span, min(span.last, today))


def _gathered(
    store: Store, org: Organisation, people: People, span: Span, until: date
) -> dict[MemberId, Score]:
    """A month's numbers stand with the week it is looked at in: money and customers have windows of their own."""
    weeklies = gathered_weeklies(store, org, people, monday(until), until)
    measured = measured_kpis(store, org, people, weeklies, span, until)
    sets = store.kpi_sets()
    found = {}
    for number, (member, calendar) in people.items():
        if kpis := set_of(sets, member, span.first):
            score = scored(kpis, _excused(kpis) if _is_away(calendar, span) else measured[number])
            found[number] = score if span.is_month else replace(score, weekly=weeklies[number])
    return found


def set_of(sets: Sequence[KpiSet], member: Member, on: date) -> KpiSet | None:
    """The KPIs of somebody's card in a period that begins on a date."""
    role = role_scored(member)
    return in_force(sets, role, on) if role else None


def _is_away(calendar: Calendar, span: Span) -> bool:
    """A period without a day present is excused (method section 2)."""
    return not calendar.present_days(span.first, span.last)


def _excused(kpis: KpiSet) -> list[Measured]:
    return [Measured(kpi=kpi, state=Measure.EXCUSED) for kpi, _ in kpis.lines]


def measured_kpis(
    store: Store,
    org: Organisation,
    people: People,
    weeklies: Mapping[MemberId, Weekly],
    span: Span,
    until: date,
) -> dict[MemberId, list[Measured]]:
    """What each KPI came to by `until`."""
    months = _months(store, org, people, span, until) if span.is_month else {}
    found = {}
    for number, weekly in weeklies.items():
        done = months.get(number) if span.is_month else weekly.completion
        found[number] = [_sales(weekly), _plan(done)]
    return found


def _sales(weekly: Weekly) -> Measured:
    if not weekly.target:
        return Measured(kpi=Kpi.SALES, state=Measure.NOT_SET_UP)
    return Measured(
        kpi=Kpi.SALES,
        state=Measure.MEASURED,
        actual=Fraction(weekly.sales),
        target=Fraction(weekly.target),
    )


def _plan(done: Fraction | None) -> Measured:
    if done is None:
        return Measured(kpi=Kpi.PLAN_COMPLETION, state=Measure.EXCUSED)
    target = CATALOGUE[Kpi.PLAN_COMPLETION].target or Decimal(0)
    return Measured(
        kpi=Kpi.PLAN_COMPLETION, state=Measure.MEASURED, actual=done * 100, target=Fraction(target)
    )


def _months(
    store: Store, org: Organisation, people: People, span: Span, until: date
) -> dict[MemberId, Fraction | None]:
    """Plan completion over the month."""
    return {
        number: completion([attained(each.actual, each.target) for each in did.over(span.first, until)])
        for number, did in gathered_numbers(store, org, people, span.first, until).items()
    }


def with_grants(score: Score, disputes: Iterable[Dispute]) -> Score:
    """The card with the numbers that were granted: the last word on each line."""
    granted: list[Measured] = []
    for each in disputes:
        line = score.line(each.kpi)
        if each.decision is Answer.ACCEPTED and each.granted is not None and line and line.target is not None:
            granted.append(replace(line.measured, state=Measure.MEASURED, actual=Fraction(each.granted)))
    if not granted:
        return score
    weekly = score.weekly
    for one in granted:
        if weekly and one.actual is not None and one.kpi is Kpi.SALES:
            weekly = replace(weekly, sales=Decimal(half_up(one.actual * 100)).scaleb(-2))
        if weekly and one.actual is not None and one.kpi is Kpi.PLAN_COMPLETION:
            weekly = replace(weekly, completion=one.actual / 100)
    return replace(score.corrected(*granted), weekly=weekly)


def as_closed(store: Store, weeklies: Mapping[MemberId, Weekly]) -> dict[MemberId, Weekly]:
    """The weeks with the numbers their cards were closed with, where they are: the board and the cards say the same."""
    labels = {week_label(each.monday) for each in weeklies.values()}
    cards = store.scorecards(list(weeklies), sorted(labels)) if weeklies else {}
    return {
        number: (cards[number][-1].score.weekly if number in cards else None) or weekly
        for number, weekly in weeklies.items()
    }


def latest(versions: Iterable[Scorecard]) -> dict[str, Scorecard]:
    """The last version of each period, by its label."""
    return {each.label: each for each in versions}


def today_of(member: Member, now: datetime) -> date:
    """The date on somebody's wall."""
    return local_date(now, member.zone)
