"""Scores of many people at once: what the numbers of a week or a month are worth (method section 6)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from domain.disputes import Answer, Dispute
from domain.kpis import CATALOGUE, Kpi, KpiSet, Measure, Measured, in_force
from domain.measures import excused, measured, not_set_up
from domain.people import Member, MemberId, Organisation, Role
from domain.periods import Span
from domain.ports import Store
from domain.quota import attained, completion, half_up
from domain.rollups import Cell
from domain.schedule import local_date
from domain.scorecard import Score, Scorecard, scored
from domain.targets import target_between
from domain.weekly import Weekly
from domain.workdays import Calendar, monday, week_label
from handlers.kpis import SCORED, People, gathered_kpis, role_scored
from handlers.numbers import gathered_numbers
from handlers.weekly import gathered_weeklies

SCORED_ROLES = frozenset(SCORED)


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
    """A month's plan and money are those of the month; customers are looked back at as on its last day."""
    weeklies = gathered_weeklies(store, org, people, monday(until), until)
    kpis = gathered_kpis(store, org, people, weeklies, span.first, until)
    months = _months(store, org, people, span, until) if span.is_month else {}
    sets = store.kpi_sets()
    found = {}
    for number, (member, calendar) in people.items():
        if chosen := set_of(sets, member, span.first):
            numbers = list({**kpis[number], **months.get(number, {})}.values())
            score = scored(chosen, _excused(chosen) if _is_away(calendar, span) else numbers)
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
    return [excused(kpi) for kpi, _ in kpis.lines]


def _months(
    store: Store, org: Organisation, people: People, span: Span, until: date
) -> dict[MemberId, dict[Kpi, Measured]]:
    """Plan completion and sales of reps over the days of a month; what a manager's people sold stands as it is."""
    reps = {number: each for number, each in people.items() if role_scored(each[0]) is Role.REP}
    done = gathered_numbers(store, org, reps, span.first, until)
    cells = store.day_cells(list(reps), span.first, until, [Cell.SALES, Cell.NEW_CUSTOMERS])
    targets = store.gather_targets(list(reps), span.first, until)
    found = {}
    for number, (member, calendar) in reps.items():
        own = list(cells.get(number, {}).values())
        new, won = (sum(of.get(cell, 0) for of in own) for cell in (Cell.NEW_CUSTOMERS, Cell.SALES))
        ratios = [attained(each.actual, each.target) for each in done[number].over(span.first, until, new)]
        target = target_between(targets.get(number, ()), calendar, member.joined_on, span.first, until)
        found[number] = {
            Kpi.PLAN_COMPLETION: _plan(completion(ratios)),
            Kpi.SALES: measured(Kpi.SALES, Decimal(won).scaleb(-2), target)
            if target
            else not_set_up(Kpi.SALES),
        }
    return found


def _plan(done: Fraction | None) -> Measured:
    if done is None:
        return excused(Kpi.PLAN_COMPLETION)
    return measured(Kpi.PLAN_COMPLETION, done * 100, CATALOGUE[Kpi.PLAN_COMPLETION].target or Decimal(0))


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
