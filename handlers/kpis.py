"""KPIs of many people at once: what the lines of their cards came to (method section 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain import measures
from domain.collection import Instalment, Owed, Payment
from domain.deals import DealId
from domain.kpis import CATALOGUE, SHIPPED, Comes, Kpi, KpiSet, Measured, in_force
from domain.measures import Elapsed, elapsed, last_whole_month, not_set_up, rolling_first
from domain.people import Member, MemberId, Organisation, Role, team_of
from domain.ports import Store
from domain.quota import Metric, plan, prorated
from domain.results import Result
from domain.rollups import Cell
from domain.satisfaction import Rating
from domain.snapshots import weighted
from domain.weekly import Weekly
from domain.workdays import ONE_DAY, Calendar, monday, week_label
from handlers.weekly import gathered_weeklies

People = Mapping[MemberId, tuple[Member, Calendar]]
Weeklies = Mapping[MemberId, Weekly]
# Whose cards there are, a rep's before a manager's.
SCORED = (Role.REP, Role.MANAGER)
TYPED = tuple(kpi for kpi, row in CATALOGUE.items() if row.comes is Comes.TYPED)
WEEK = 6 * ONE_DAY
# What the daily plan asks for too.
METRIC_OF = {Kpi.NEW_CUSTOMERS: Metric.NEW_CUSTOMERS, Kpi.VISITS: Metric.VISITS}


def role_scored(member: Member) -> Role | None:
    """Whose card somebody has; None for who has none."""
    return next((role for role in SCORED if role in member.roles), None)


def gathered_kpis(
    store: Store, org: Organisation, people: People, weeklies: Weeklies, first: date, until: date
) -> dict[MemberId, dict[Kpi, Measured]]:
    """Every KPI of everybody asked for, as it stands on `until`, by the set that holds in a period begun on `first`.

    A manager's KPIs are those of the team: what its people sold, collected and were told. `weeklies` are those of the
    week of `until`. As many queries for one as for all.
    """
    led = _led(store, people, monday(until), until)
    team_people = store.gather_members(org, _all(led)) if led else {}
    team_weeklies = gathered_weeklies(store, org, team_people, monday(until), until) if team_people else {}
    facts = _facts(store, tuple(dict.fromkeys((*people, *team_people))), until)
    forecasts = _forecasts(store, led, until)
    sets = store.kpi_sets()
    found = {}
    for number, (member, calendar) in people.items():
        kpis = in_force(sets, role_scored(member) or Role.REP, first) or SHIPPED[Role.REP]
        if number in led:
            there = [each for each in led[number] if each in team_people]
            members = {each: team_people[each] for each in there}
            numbers = {each: team_weeklies[each] for each in there}
        else:
            members, numbers = {number: (member, calendar)}, {number: weeklies[number]}
        own = _Own(
            kpis=kpis,
            org=org,
            facts=facts,
            until=until,
            people=members,
            weeklies=numbers,
            typed_of=number,
            month=elapsed(calendar, until),
            leads=number in led,
            forecast=forecasts.get(number),
        )
        found[number] = {kpi: own.measured(kpi) for kpi in Kpi}
    return found


def _led(store: Store, people: People, first: date, until: date) -> dict[MemberId, list[MemberId]]:
    """Who leads whom of those who are scored as managers: who was most days of the week in a team of theirs."""
    managers = {number for number, (member, _) in people.items() if role_scored(member) is Role.MANAGER}
    if not managers:
        return {}
    manager_of = {each.id: each.manager_id for each in store.teams()}
    reps = [each for each in store.members() if Role.REP in each.roles]
    stays = store.stays([each.id for each in reps])
    days = [first + n * ONE_DAY for n in range((until - first).days + 1)]
    led: dict[MemberId, list[MemberId]] = {number: [] for number in managers}
    for each in reps:
        team = team_of(stays.get(each.id, ()), days)
        leader = manager_of.get(team) if team else None
        if leader in led:
            led[leader].append(each.id)
    return led


def _all(led: Mapping[MemberId, Sequence[MemberId]]) -> tuple[MemberId, ...]:
    return tuple(dict.fromkeys(each for members in led.values() for each in members))


def _forecasts(store: Store, led: Mapping[MemberId, object], until: date) -> dict[MemberId, Fraction]:
    """What each manager's teams were forecast to win in the month that ended last, by the snapshot of its first week."""
    leaders = {each.id: each.manager_id for each in store.teams() if each.manager_id in led} if led else {}
    if not leaders:
        return {}
    first, last = last_whole_month(until)
    following = week_label(monday(first) + WEEK + ONE_DAY)
    found: dict[MemberId, Fraction] = {}
    for team, snapshot in store.snapshots(tuple(leaders), following).items():
        leader = leaders[team]
        if leader and snapshot.label == week_label(first):
            found[leader] = found.get(leader, Fraction(0)) + weighted(snapshot.deals, first, last)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What was read for everybody at once."""

    owed: Mapping[MemberId, tuple[Owed, ...]]
    instalments: Mapping[DealId, tuple[Instalment, ...]]
    payments: Mapping[DealId, tuple[Payment, ...]]
    ratings: Mapping[MemberId, tuple[Rating, ...]]
    results: Mapping[MemberId, tuple[Result, ...]]
    new: Mapping[MemberId, int]
    sold: Mapping[MemberId, Decimal]
    known: frozenset[Kpi]


def _facts(store: Store, ids: Sequence[MemberId], until: date) -> _Facts:
    first = rolling_first(until)
    owed = store.owed(ids, first, until)
    deals = [each.deal_id for of in owed.values() for each in of]
    month = store.day_cells(ids, until.replace(day=1), until, [Cell.NEW_CUSTOMERS])
    sold = store.day_cells(ids, *last_whole_month(until), [Cell.SALES])
    return _Facts(
        owed=owed,
        instalments=store.instalments(deals),
        payments=store.payments(deals),
        ratings=store.ratings(ids, first, until),
        results=store.results(ids, TYPED, min(first, until.replace(day=1)), until),
        new={
            member: sum(cells.get(Cell.NEW_CUSTOMERS, 0) for cells in days.values())
            for member, days in month.items()
        },
        sold={
            member: sum((Decimal(cells.get(Cell.SALES, 0)).scaleb(-2) for cells in days.values()), Decimal(0))
            for member, days in sold.items()
        },
        known=store.kpis_with_facts(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Own:
    """All that one card is made of: the people it is about, one or a team, and whose typed numbers it shows."""

    kpis: KpiSet
    org: Organisation
    facts: _Facts
    until: date
    people: People
    weeklies: Weeklies
    typed_of: MemberId
    month: Elapsed
    leads: bool
    forecast: Fraction | None

    def measured(self, kpi: Kpi) -> Measured:
        """One KPI; one that nobody kept a fact of, or that nothing feeds yet, is not set up."""
        row = CATALOGUE[kpi]
        if row.comes is Comes.NOWHERE:
            return not_set_up(kpi)
        if row.comes is Comes.TYPED:
            facts = self.facts.results.get(self.typed_of, ())
            mine = [each for each in facts if each.kpi is kpi]
            if kpi not in self.facts.known:
                return not_set_up(kpi)
            return measures.typed(kpi, mine, self.month, self.until, self.kpis.target(kpi))
        return self._derived(kpi)

    def _derived(self, kpi: Kpi) -> Measured:
        target, weeklies = self.kpis.target(kpi) or Decimal(0), list(self.weeklies.values())
        match kpi:
            case Kpi.SALES:
                return measures.sales(weeklies)
            case Kpi.PLAN_COMPLETION:
                return measures.plan_completion(weeklies, target)
            case Kpi.TEAM_ATTAINMENT if self.leads:
                return measures.team_attainment(weeklies, target)
            case Kpi.FORECAST_ACCURACY if self.leads:
                sold = sum((self.facts.sold.get(member, Decimal(0)) for member in self.people), Decimal(0))
                return measures.forecast_accuracy(self.forecast, sold, target)
            case Kpi.COLLECTION if kpi in self.facts.known:
                owed = [each for member in self.people for each in self.facts.owed.get(member, ())]
                paid = self.facts.payments
                return measures.collection(owed, self.facts.instalments, paid, self.until, target)
            case Kpi.SATISFACTION if kpi in self.facts.known:
                said = [each for member in self.people for each in self.facts.ratings.get(member, ())]
                return measures.satisfaction(said, target)
            case Kpi.NEW_CUSTOMERS:
                new = sum(self.facts.new.get(member, 0) for member in self.people)
                return measures.counted(kpi, new, self._asked(kpi))
            case Kpi.VISITS:
                return measures.counted(kpi, sum(each.visits for each in weeklies), self._asked(kpi))
            case _:
                return not_set_up(kpi)

    def _asked(self, kpi: Kpi) -> Fraction:
        """What a count was to be by now, of all it is about: by the month's pace, or the week's share of days present."""
        asked = Fraction(0)
        for member, calendar in self.people.values():
            target = self._planned(kpi, member)
            if kpi is Kpi.VISITS:
                week = monday(self.until)
                present = len(calendar.present_days(week, week + WEEK))
                asked += prorated(int(target), present, len(calendar.workdays(week, week + WEEK)))
            else:
                asked += elapsed(calendar, self.until).of(target)
        return asked

    def _planned(self, kpi: Kpi, member: Member) -> Decimal:
        """What was set with the KPIs, else by the own daily plan, else what ships."""
        if kpi in self.kpis.targets:
            return self.kpis.targets[kpi]
        own = plan(member, self.org, self.until).get(METRIC_OF[kpi])
        return self.kpis.target(kpi) or Decimal(0) if own is None else Decimal(own)
