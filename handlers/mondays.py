"""What a leader's digest carries on some days: on the week's first the funnel with its exceptions, in a month its pace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from domain.corrections import CorrectionPlan
from domain.forecast import Horizon
from domain.people import Member, MemberId, Organisation, Role, Team, TeamId
from domain.periods import Span
from domain.ports import Store
from domain.workdays import Calendar
from handlers.alerting import Waiting
from handlers.comparing import Compared, compared
from handlers.excepting import Exceptional, exceptions
from handlers.funnels import FunnelFacts, Whose, gathered_funnels
from handlers.pieces.listed import listed
from handlers.pieces.scorecard import Shown, gathered_cards

# A digest ends in five decisions (field 3.28); the list has the others.
SHOWN = 5
# A total below this is worth a talk: red in the check matrix (method section 8).
TALK_BELOW = 80

# A leader, the teams they lead, their working days and the date of the digest.
Day = tuple[Member, tuple[Team, ...], Calendar, date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A team's month: what is won of which target, and how many of its people have one.

    `scores` are its people's cards of the month before, by name, on the day a month opens.
    """

    on: date
    won: Decimal
    target: Decimal | None
    pace: Fraction | None
    opens: bool
    ends: bool
    locked: int
    reps: int
    scores: tuple[Shown, ...] = ()

    @property
    def to_talk_with(self) -> tuple[Member, ...]:
        """Whose total of the month before is worth a talk, by name; nobody who had no such month."""
        return tuple(
            each.member for each in self.scores if each.total is not None and each.total < TALK_BELOW
        )

    @property
    def won_share(self) -> Fraction:
        """Won of the target; nothing without one."""
        return Fraction(self.won) / Fraction(self.target) if self.target else Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Monday:
    """What the day adds to a digest; nothing on most days.

    `overdue` are correction plans with their owners' names, `lapsed` says that one of them was due since the digest
    before.
    """

    funnel: FunnelFacts | None = None
    changes: Compared | None = None
    exceptions: tuple[Exceptional, ...] = ()
    overdue: tuple[tuple[CorrectionPlan, str], ...] = ()
    lapsed: bool = False
    month: Month | None = None

    @property
    def is_week(self) -> bool:
        """Whether it is the first working day of the leader's week."""
        return self.funnel is not None

    @property
    def shown(self) -> tuple[Exceptional, ...]:
        return self.exceptions[:SHOWN]

    @property
    def worth_saying(self) -> bool:
        """Whether there is a funnel to report on, a plan that is overdue, or a month to open or to weigh."""
        funnel = self.funnel
        has_funnel = funnel is not None and bool(funnel.deals or funnel.target is not None)
        has_month = self.month is not None and bool(self.month.target or self.month.scores)
        return bool(has_funnel or self.exceptions or self.lapsed or has_month)


NOTHING = Monday()


def gathered_mondays(
    store: Store,
    org: Organisation,
    days: Sequence[Day],
    waiting: Mapping[MemberId, Sequence[Waiting]],
    now: datetime,
) -> dict[MemberId, Monday]:
    """What each leader's day adds: as many queries for one as for all, and only those of the days there are."""
    months = _months(store, org, [each for each in days if _is_of_month(each[2], each[3])], now)
    plans = _overdue(store, days)
    shown = {}
    for leader, _, calendar, today in days:
        overdue, before = plans.get(leader.id, ()), calendar.before(today)
        lapsed = any(plan.due_on >= before for plan, _ in overdue)
        shown[leader.id] = Monday(month=months.get(leader.id), overdue=overdue, lapsed=lapsed)
    weeks = [each for each in days if each[2].first_of_week(each[3])]
    if not weeks:
        return shown
    leaders = [leader for leader, *_ in weeks]
    funnels = gathered_funnels(store, org, [whose(each) for each in weeks])
    changed = compared(store, funnels)
    stalled = [each for theirs in waiting.values() for each in theirs]
    matters = exceptions(store, list(zip(funnels, changed, strict=True)), stalled, leaders)
    for leader, funnel, changes, every in zip(leaders, funnels, changed, matters, strict=True):
        shown[leader.id] = replace(shown[leader.id], funnel=funnel, changes=changes, exceptions=every)
    return shown


def whose(day: Day) -> Whose:
    """The funnel of the teams somebody leads."""
    _, teams, _, today = day
    return Whose(name=listed([each.name for each in teams]), today=today, teams=teams)


def _overdue(store: Store, days: Sequence[Day]) -> dict[MemberId, tuple[tuple[CorrectionPlan, str], ...]]:
    """The correction plans of each leader's teams that are past their date, with whose they are."""
    teams = sorted({team.id for _, theirs, _, _ in days for team in theirs})
    plans = store.open_corrections(teams) if teams else ()
    if not plans:
        return {}
    names = {each.id: each.name for each in store.members()}
    return {
        leader.id: tuple(
            (plan, names.get(plan.owner_id, ""))
            for plan in plans
            if plan.is_overdue(today) and plan.team_id in {team.id for team in theirs}
        )
        for leader, theirs, _, today in days
    }


def _is_of_month(calendar: Calendar, day: date) -> bool:
    return calendar.first_of_month(day) or calendar.mid_month(day) or calendar.last_of_month(day)


def _scores(
    store: Store, org: Organisation, days: Sequence[Day], now: datetime
) -> dict[str, dict[MemberId, Shown]]:
    """The cards of the month before of everybody in the teams whose month opens, by that month."""
    teams: dict[Span, set[TeamId]] = {}
    for _, theirs, _, today in days:
        teams.setdefault(Span.month(today).before, set()).update(team.id for team in theirs)
    reps = [each for each in store.members() if Role.REP in each.roles] if teams else []
    found = {}
    for span, wanted in teams.items():
        # Who came since had no such month.
        ids = [each.id for each in reps if each.team_id in wanted and each.joined_on <= span.last]
        found[span.label] = (
            gathered_cards(store, org, store.gather_members(org, ids), span, now) if ids else {}
        )
    return found


def _months(store: Store, org: Organisation, days: Sequence[Day], now: datetime) -> dict[MemberId, Month]:
    """The month of each leader's teams on the days on which it opens, is half over or ends."""
    scores = _scores(store, org, [each for each in days if each[2].first_of_month(each[3])], now)
    funnels = gathered_funnels(store, org, [whose(each) for each in days], Horizon.MONTH)
    found = {}
    for (leader, teams, calendar, today), facts in zip(days, funnels, strict=True):
        # A month without targets says so once, when it opens.
        if facts.target is None and not calendar.first_of_month(today):
            continue
        found[leader.id] = Month(
            on=facts.period[0],
            won=facts.won,
            target=facts.target,
            pace=facts.pace,
            opens=calendar.first_of_month(today),
            ends=calendar.last_of_month(today),
            locked=facts.locked,
            reps=facts.reps,
            scores=_of_teams(scores.get(Span.month(today).before.label, {}), leader, teams),
        )
    return found


def _of_teams(cards: Mapping[MemberId, Shown], leader: Member, teams: Sequence[Team]) -> tuple[Shown, ...]:
    """Those of a leader's people who have points, by name: a month of nothing is not held up to anybody."""
    ids = {team.id for team in teams}
    shown = [
        each
        for each in cards.values()
        if (each.total or 0) >= 1 and each.member.team_id in ids and each.member.id != leader.id
    ]
    return tuple(sorted(shown, key=lambda each: (each.member.name.casefold(), each.member.id)))
