"""Funnels of people and teams, gathered whole: as many queries for one as for all (method section 4)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from domain.corrections import pace
from domain.deal_ports import Which
from domain.deals import Deal, DealId, State
from domain.forecast import Forecast, Horizon
from domain.funnel import (
    PRIOR,
    Capacity,
    Coverage,
    Norm,
    Norms,
    Passing,
    Prospect,
    Stock,
    ToAdd,
    Velocity,
    Visits,
    by_cycle,
    by_volume,
    capacity,
    concentration,
    expected_close,
    leak,
    norms,
    smoothed,
    to_add,
    visits_needed,
    win_probability,
)
from domain.funnel_ports import Ended, Passed
from domain.milestones import PROJECT, Template, TemplateId
from domain.people import Member, MemberId, Organisation, Role, Team, TeamId
from domain.ports import Store
from domain.rollups import Cell
from domain.snapshots import Standpoint
from domain.stalled import benchmark
from domain.targets import Target, target_between
from domain.workdays import Calendar, monday
from handlers.clockwork import LEVELS
from handlers.odds import Odds, odds_of
from handlers.view import Words

# *Ours*: own conversions, the win rate and the cycle are those of the last year, chances per visit of the last quarter.
LOOK_BACK, VISITS_BACK = timedelta(days=365), timedelta(days=91)
# *Ours*: until there are own numbers, one visit in eight opens a deal.
PER_VISIT = Fraction(1, 8)
HUNDREDTHS = 10_000
LONG_AGO = date(2000, 1, 1)

People = Mapping[MemberId, tuple[Member, Calendar]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose funnel it is: one person's, some teams', or with neither the whole organisation's; and from which day."""

    name: Words
    today: date
    person: Member | None = None
    teams: tuple[Team, ...] = ()

    @property
    def is_own(self) -> bool:
        return self.person is not None

    def holds(self, owner: MemberId, team: TeamId | None) -> bool:
        """Whether a deal of this owner and team is part of it."""
        if self.person:
            return owner == self.person.id
        return not self.teams or team in {each.id for each in self.teams}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One milestone: the deals that stand in it and what they are worth, beside what should stand there."""

    milestone: int
    count: int
    amount: Decimal
    ideal: Stock | None

    @property
    def wanted(self) -> int:
        """How many deals should stand in it, rounded up once."""
        return math.ceil(self.ideal.stock) if self.ideal else 0

    @property
    def gap(self) -> int:
        return max(0, self.wanted - self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelFacts:
    """A funnel in a period: its active deals with their odds, its own norms, and what is left of the target.

    `target` is None where nobody has one; `average` is None before the first deal with an amount. `reps` sell in it,
    `locked` of them have a target of their own; `per_visit` are the deals that one visit opens. Of the `whole_days` the
    organisation works in the period `passed_days` are over by the end of today.
    """

    whose: Whose
    horizon: Horizon
    deals: tuple[Deal, ...]
    odds: Mapping[DealId, Odds]
    ladders: Mapping[TemplateId, Norms]
    norms: Norms
    passings: tuple[Passing, ...]
    average: Decimal | None
    target: Decimal | None
    won: Decimal
    win_rate: Fraction
    cycle_days: Fraction
    reps: int
    locked: int
    per_visit: Fraction
    passed_days: int
    whole_days: int

    @property
    def today(self) -> date:
        return self.whose.today

    @property
    def period(self) -> tuple[date, date]:
        return self.horizon.around(self.today)

    @property
    def days_left(self) -> int:
        """Calendar days, today and the last one included."""
        return (self.period[1] - self.today).days + 1

    @property
    def remaining(self) -> Fraction:
        """What is left of the target; nothing without one."""
        return max(Fraction(0), Fraction(self.target or 0) - Fraction(self.won))

    @property
    def mean(self) -> Fraction | None:
        """The average deal, where there is one that is worth anything."""
        return Fraction(self.average) if self.average else None

    @property
    def pace(self) -> Fraction | None:
        """Won so far against what is expected by now; None without a target."""
        won, target = Fraction(self.won), Fraction(self.target or 0)
        return pace(won, target, self.passed_days, self.whole_days)

    def prospect(self, deal: Deal) -> Prospect:
        return Prospect(
            deal_id=deal.id,
            owner_id=deal.owner_id,
            amount=deal.amount or Decimal(0),
            milestone=deal.milestone,
            entered_on=deal.entered_on,
            chance=self.odds[deal.id].shown,
            held_days=deal.held_days,
            close_on=deal.close_on,
        )

    def closes_on(self, deal: Deal) -> date:
        return expected_close(self.prospect(deal), self.ladders[deal.template_id], self.today)

    def stages(self) -> tuple[Stage, ...]:
        """Current against ideal by cycle, per milestone; no ideal without a target or an average deal."""
        ideal: Mapping[int, Stock] = {}
        if self.target and self.mean:
            monthly = Fraction(self.target) / self.horizon.months
            ideal = {each.milestone: each for each in by_cycle(monthly, self.mean, self.norms)}
        return tuple(
            Stage(
                milestone=norm.milestone,
                count=sum(1 for each in self.deals if each.milestone == norm.milestone),
                amount=sum(
                    (each.amount or Decimal(0) for each in self.deals if each.milestone == norm.milestone),
                    Decimal(0),
                ),
                ideal=ideal.get(norm.milestone),
            )
            for norm in self.norms
        )

    @property
    def wanted(self) -> int:
        """How many deals should be under way in all; the total of the unrounded, rounded up once."""
        return math.ceil(sum((each.ideal.stock for each in self.stages() if each.ideal), Fraction(0)))

    def to_enter(self) -> Mapping[int, int]:
        """Ideal by volume: how many deals must enter each milestone for the whole target."""
        if not self.target or not self.mean:
            return {}
        found = by_volume(Fraction(self.target), self.mean, self.norms)
        return {each.milestone: each.deals for each in found}

    def visits(self) -> Visits | None:
        """The visits that feed the ideal funnel; None without a target."""
        if not self.target or not self.mean or not self.reps:
            return None
        entries = by_cycle(Fraction(self.target) / self.horizon.months, self.mean, self.norms)[0].entries
        return visits_needed(entries, self.per_visit, self.reps)

    def capacity(self) -> Capacity:
        return capacity(
            [self.prospect(each) for each in self.deals],
            {each.id: self.ladders[each.template_id] for each in self.deals},
            self.today,
            self.period,
            self.remaining,
        )

    def to_add(self) -> tuple[ToAdd, ...]:
        """How many deals at each milestone would close the gap; nothing where there is none."""
        gap = self.capacity().gap
        if not gap or not self.mean:
            return ()
        return to_add(gap, self.mean, self.norms, self.today, self.period[1])

    def velocity(self) -> Velocity | None:
        """None before there is any deal with an amount."""
        if not self.mean:
            return None
        return Velocity(
            deals=len(self.deals),
            win_rate=self.win_rate,
            average=self.mean,
            cycle_days=self.cycle_days,
            remaining=self.remaining,
            days_left=self.days_left,
        )

    def coverage(self) -> Coverage:
        return Coverage(pipeline=Fraction(self.pipeline), remaining=self.remaining, win_rate=self.win_rate)

    @property
    def pipeline(self) -> Decimal:
        return sum((each.amount or Decimal(0) for each in self.deals), Decimal(0))

    def leak(self) -> Passing | None:
        return leak(self.passings)

    def top(self) -> tuple[MemberId, Fraction] | None:
        """Whose share of the pipeline is largest."""
        amounts: dict[MemberId, Decimal] = {}
        for each in self.deals:
            amounts[each.owner_id] = amounts.get(each.owner_id, Decimal(0)) + (each.amount or Decimal(0))
        return concentration(amounts)

    def forecast(self) -> tuple[Forecast, ...]:
        return tuple(
            Forecast(
                deal_id=each.id,
                owner_id=each.owner_id,
                amount=each.amount or Decimal(0),
                milestone=each.milestone,
                close_on=self.closes_on(each),
                chance=self.odds[each.id].shown,
                confirmed=self.odds[each.id].confirmed,
                coached=self.odds[each.id].coached,
                level=LEVELS[each.clocks.level],
            )
            for each in self.deals
        )

    def standpoint(self, deal: Deal) -> Standpoint:
        """A deal as a snapshot keeps it; of one that is not under way only what it became."""
        active = deal.id in self.odds
        return Standpoint(
            deal_id=deal.id,
            owner_id=deal.owner_id,
            state=deal.state,
            milestone=deal.milestone,
            amount=deal.amount or Decimal(0),
            closes_on=self.closes_on(deal) if active else deal.closed_on or self.today,
            percent=int(self.odds[deal.id].shown * HUNDREDTHS) if active else 0,
            close_on=deal.close_on,
            items=self.odds[deal.id].items if active else 0,
            backs=deal.backs,
            overridden=deal.overridden,
        )

    def standpoints(self) -> tuple[Standpoint, ...]:
        return tuple(self.standpoint(each) for each in self.deals)


def gathered_funnels(
    store: Store, org: Organisation, asked: Sequence[Whose], horizon: Horizon = Horizon.QUARTER
) -> tuple[FunnelFacts, ...]:
    """The funnels asked for, in their order."""
    if not asked:
        return ()
    today = max(each.today for each in asked)
    since = min(each.today for each in asked) - LOOK_BACK
    deals = store.every_deal(_which(asked))
    checked = store.gather_checked([each.id for each in deals])
    outcomes = store.all_outcomes() if checked else {}
    current = store.current_template(PROJECT.name)
    templates = {number: store.template(number) for number in sorted({each.template_id for each in deals})}
    templates.setdefault(current.id, current)
    stays = store.gather_won_passages(sorted(templates))
    ladders = {number: _ladder(each, stays) for number, each in templates.items()}
    odds = {
        each.id: odds_of(each, templates[each.template_id], checked.get(each.id, ()), outcomes, today)
        for each in deals
    }
    passed, ended = store.passed_since(since), store.ended_since(since)
    opened = store.opened_since(today - VISITS_BACK)
    average = store.average_deal()
    sellers = _sellers(store, asked)
    ids = sorted({number for each in sellers for number in each})
    people = store.gather_members(org, ids) if ids else {}
    spans = [horizon.around(each.today) for each in asked]
    first, last = min(each[0] for each in spans), max(each[1] for each in spans)
    targets = store.gather_targets(ids, first, last) if ids else {}
    of_teams = store.team_targets(sorted({t.id for each in asked for t in each.teams}), first, last)
    back = monday(today - VISITS_BACK)
    weeks = store.week_cells(ids, back, monday(today)) if ids else {}
    sold = store.day_cells(ids, first, last, [Cell.SALES]) if ids else {}
    found = []
    for whose, theirs, (begins, ends) in zip(asked, sellers, spans, strict=True):
        team = {number: people[number] for number in theirs if number in people}
        mine = tuple(each for each in deals if whose.holds(each.owner_id, each.team_id))
        own, passings = _own_norms(whose, ladders[current.id], passed, people)
        calendar = _calendar(org, team)
        target = _target(whose, team, targets, of_teams, calendar, begins, ends)
        visits = sum(cells.get(Cell.VISITS, 0) for number in team for cells in weeks.get(number, {}).values())
        won, closed, cycle = _outcome(whose, ended)
        at_first = win_probability(ladders[current.id], own[0].milestone)
        found.append(
            FunnelFacts(
                whose=whose,
                horizon=horizon,
                deals=mine,
                odds={each.id: odds[each.id] for each in mine},
                ladders=ladders,
                norms=own,
                passings=passings,
                average=average,
                target=target,
                won=_won(team, sold, begins, ends),
                win_rate=smoothed(won, closed, at_first),
                cycle_days=benchmark(cycle, math.ceil(sum(each.days for each in own))),
                reps=len(team),
                locked=sum(1 for number in team if targets.get(number)),
                per_visit=(sum(opened.get(number, 0) for number in team) + PRIOR * PER_VISIT)
                / (visits + PRIOR),
                passed_days=len(calendar.workdays(begins, whose.today)),
                whole_days=len(calendar.workdays(begins, ends)),
            )
        )
    return tuple(found)


def funnel_of(
    store: Store, org: Organisation, whose: Whose, horizon: Horizon = Horizon.QUARTER
) -> FunnelFacts:
    """One funnel."""
    return gathered_funnels(store, org, [whose], horizon)[0]


def _which(asked: Sequence[Whose]) -> Which:
    """The active deals of all that is asked for in one list; of one person alone, theirs."""
    active = frozenset({State.ACTIVE})
    if len(asked) == 1 and asked[0].person:
        return Which(owner_id=asked[0].person.id, states=active)
    if all(each.teams for each in asked):
        return Which(team_ids=tuple(sorted({t.id for each in asked for t in each.teams})), states=active)
    return Which(states=active)


def _sellers(store: Store, asked: Sequence[Whose]) -> list[tuple[MemberId, ...]]:
    """Who sells in each funnel: the person, or the reps of the teams."""
    reps = [each for each in store.members() if Role.REP in each.roles]
    return [
        (whose.person.id,)
        if whose.person
        else tuple(each.id for each in reps if whose.holds(each.id, each.team_id))
        for whose in asked
    ]


def _ladder(template: Template, stays: Mapping[tuple[TemplateId, int], tuple[int, ...]]) -> Norms:
    """A ladder with the days that its milestones really take (method section 4)."""
    return tuple(
        Norm(
            milestone=each.milestone,
            days=benchmark(stays.get((template.id, each.milestone), ()), int(each.days)),
            conversion=each.conversion,
        )
        for each in norms(template)
    )


def _counted(passed: Sequence[Passed], milestone: int) -> tuple[int, int]:
    here = [each for each in passed if each.milestone == milestone]
    return sum(each.advanced for each in here), sum(each.entered for each in here)


def _own_norms(
    whose: Whose, ladder: Norms, passed: Sequence[Passed], people: People
) -> tuple[Norms, tuple[Passing, ...]]:
    """Own conversions, drawn toward the ladder's; a person's toward those of the team (field 3.5)."""
    mine = [each for each in passed if whose.holds(each.owner_id, each.team_id)]
    benchmarks = ladder
    if whose.person:
        team = whose.person.team_id
        benchmarks = _smoothed(ladder, [each for each in passed if each.team_id == team])
    own = _smoothed(benchmarks, mine)
    passings = tuple(
        Passing(
            milestone=norm.milestone,
            entered=_counted(mine, norm.milestone)[1],
            own=norm.conversion,
            benchmark=usual.conversion,
        )
        for norm, usual in zip(own, benchmarks, strict=True)
    )
    return own, passings


def _smoothed(ladder: Norms, passed: Sequence[Passed]) -> Norms:
    return tuple(
        Norm(
            milestone=each.milestone,
            days=each.days,
            conversion=smoothed(*_counted(passed, each.milestone), each.conversion),
        )
        for each in ladder
    )


def _outcome(whose: Whose, ended: Sequence[Ended]) -> tuple[int, int, tuple[int, ...]]:
    """Won, closed, and the days of what was won, the latest last."""
    mine = [each for each in ended if whose.holds(each.owner_id, each.team_id)]
    won = [each for each in mine if each.won]
    return len(won), len(mine), tuple((each.closed_on - each.opened_on).days for each in won)


def _calendar(org: Organisation, team: People) -> Calendar:
    """The days the organisation works, without anybody's leave."""
    some = next((calendar for _, calendar in team.values()), None)
    return Calendar(week=some.week, off=some.off, extra=some.extra) if some else Calendar(week=org.week)


def _target(
    whose: Whose,
    team: People,
    targets: Mapping[MemberId, tuple[Target, ...]],
    of_teams: Mapping[TeamId, tuple[Target, ...]],
    calendar: Calendar,
    first: date,
    last: date,
) -> Decimal | None:
    """What the people are to reach in the period; where none of them has a target, what their teams are."""
    theirs = [
        target_between(targets.get(number, ()), days, member.joined_on, first, last)
        for number, (member, days) in team.items()
    ]
    if known := [each for each in theirs if each is not None]:
        return sum(known, Decimal(0))
    wholes = [
        target_between(of_teams.get(each.id, ()), calendar, LONG_AGO, first, last) for each in whose.teams
    ]
    known = [each for each in wholes if each is not None]
    return sum(known, Decimal(0)) if known else None


def _won(
    team: People, sold: Mapping[MemberId, Mapping[date, Mapping[Cell, int]]], first: date, last: date
) -> Decimal:
    return sum(
        (
            Decimal(cells.get(Cell.SALES, 0)).scaleb(-2)
            for number in team
            for day, cells in sold.get(number, {}).items()
            if first <= day <= last
        ),
        Decimal(0),
    )
