"""The way to somebody's target from what is known of them: as many queries for a large team as for a small one."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from domain.funnel import capacity
from domain.people import Member, MemberId, Organisation, Role
from domain.ports import Store
from domain.rollups import Cell
from domain.targets import Step, Target, target_between
from domain.way import Way, average_deal, pace, per_visit, way
from domain.workdays import ONE_DAY, Calendar
from handlers.funnels import PER_VISIT, VISITS_BACK, FunnelFacts, Whose, funnel_of

# *Ours*: the present pace is that of the last four weeks; today is not over and does not count.
PACE_BACK = timedelta(days=28)


def way_of(store: Store, org: Organisation, person: Member, target: Target, today: date) -> Way | None:
    """The way from today to the end of a target; None before there is any deal to say what a usual one is worth.

    A target that is still talked about is looked at as if it were locked.
    """
    facts = funnel_of(store, org, Whose(name=person.name, today=today, person=person))
    if facts.mean is None:
        return None
    calendar = store.calendar(org, person)
    period = (target.first, target.last)
    asked, sold = _asked(target, calendar, person), _sold(store, person.id, target, today)
    chances, visits_a_day = _visits(store, person, calendar, today)
    return way(
        asked=asked,
        sold=sold,
        capacity=_capacity(facts, period, asked - sold),
        average=average_deal(store.deal_amounts(person.id), facts.mean),
        norms=facts.norms,
        per_visit=chances,
        pace=visits_a_day,
        calendar=calendar,
        today=today,
        period=period,
    )


def _asked(target: Target, calendar: Calendar, person: Member) -> Fraction:
    locked = replace(target, step=Step.LOCKED)
    whole = target_between((locked,), calendar, person.joined_on, target.first, target.last) or Decimal(0)
    return Fraction(whole)


def _sold(store: Store, member: MemberId, target: Target, today: date) -> Fraction:
    days = store.day_cells([member], target.first, min(target.last, today), [Cell.SALES]).get(member, {})
    return Fraction(sum(cells.get(Cell.SALES, 0) for cells in days.values()), 100)


def _capacity(facts: FunnelFacts, period: tuple[date, date], remaining: Fraction) -> Fraction:
    """What the deals at hand bring that close in the target's own period."""
    return capacity(
        [facts.prospect(each) for each in facts.deals],
        {each.id: facts.ladders[each.template_id] for each in facts.deals},
        facts.today,
        period,
        remaining,
    ).capacity


def _visits(store: Store, person: Member, calendar: Calendar, today: date) -> tuple[Fraction, Fraction]:
    """The deals that one visit of the person begins, pulled toward the team's, and their visits a day lately."""
    since, yesterday = today - VISITS_BACK, today - ONE_DAY
    team = {
        each.id
        for each in store.members()
        if each.id == person.id or (Role.REP in each.roles and each.team_id == person.team_id)
    }
    days = store.day_cells(sorted(team), since, yesterday, [Cell.VISITS])
    made = {
        member: {on: cells.get(Cell.VISITS, 0) for on, cells in found.items()}
        for member, found in days.items()
    }
    begun = store.opened_since(since)
    usual = per_visit(
        sum(begun.get(each, 0) for each in team),
        sum(sum(found.values()) for found in made.values()),
        PER_VISIT,
    )
    mine = made.get(person.id, {})
    first = max(today - PACE_BACK, person.joined_on)
    lately = sum(n for on, n in mine.items() if on >= first)
    own = per_visit(begun.get(person.id, 0), sum(mine.values()), usual)
    return own, pace(lately, calendar, first, yesterday)
