"""What a leader's digest is made of: missed reports, silence, who is away, deals that wait, and the week's funnel."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import takewhile

from domain.activity import grace_end
from domain.people import Member, MemberId, Organisation, Role, Team, TeamId
from domain.ports import Report, Store
from domain.quota import DayState, day_state
from domain.schedule import instant, local_date
from domain.silence import (
    MISSED_IN_A_ROW,
    SILENT_DAYS,
    TEAM_SILENT_DAYS,
    heard,
    silent_days,
    silent_since,
    team_silent_days,
)
from domain.workdays import Calendar
from handlers.alerting import Waiting, escalated
from handlers.colleagues import led_by
from handlers.mondays import NOTHING, Monday, gathered_mondays
from handlers.pieces.answers import NOTHING as UNASKED
from handlers.pieces.answers import ToAnswer, gathered_answers
from handlers.turn import close_key, day_key

# What is missed is named within this time, also after a leader's holiday.
LOOK_BACK = timedelta(days=14)
# A digest names two deals.
DEALS_NAMED = 2
CLOSED = frozenset({DayState.ON_TIME, DayState.LATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Led:
    """One person of a led team: their working days, and when each day of late was closed."""

    member: Member
    calendar: Calendar
    closed: Mapping[date, datetime]

    def state(self, day: date, now: datetime) -> DayState:
        return day_state(day, self.closed.get(day), now, self.calendar, self.member.zone)

    def days(self, today: date) -> tuple[date, ...]:
        """The days of late that were theirs to close."""
        return self.calendar.present_days(max(self.member.joined_on, today - LOOK_BACK), today)

    def missed_in_a_row(self, last: date, today: date, now: datetime) -> tuple[date, ...]:
        """The days of late up to `last` that were missed, none closed between them; the latest first."""
        mine = (day for day in reversed(self.days(today)) if day <= last and not self.pauses(day))
        return tuple(takewhile(lambda day: self.state(day, now) is DayState.MISSED, mine))

    def pauses(self, day: date) -> bool:
        return self.member.paused_until is not None and day <= self.member.paused_until

    def silent(self, today: date) -> tuple[date, ...]:
        return () if self.pauses(today) else silent_days(heard(self.member), self.calendar, today)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The time of one digest: its day, the day and the instant of the one before, and the working day before it."""

    today: date
    now: datetime
    before: date
    since: datetime
    yesterday: date
    is_first_of_week: bool = False

    def states(self, each: Led) -> dict[date, DayState]:
        """How somebody's days of late stand: those whose grace was not over at the digest before, latest first."""
        found = {}
        for day in reversed(each.days(self.today)):
            if grace_end(day, each.calendar, each.member.zone) <= self.since:
                break
            if not each.pauses(day):
                found[day] = each.state(day, self.now)
        return found

    def asks(self, each: Led) -> bool:
        """Whether somebody worked the working day before, and was to close it."""
        day = self.yesterday
        joined = each.member.joined_on <= day
        return joined and each.calendar.is_present(day) and not each.pauses(day)


Unreported = tuple[tuple[Led, tuple[date, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFacts:
    """What a digest is made of.

    Whoever was silent for five days is named for that alone, and nobody of a team that is silent as a whole.
    `unreported` are the days missed since the digest before, `runs` those days with the ones missed right before them,
    latest first, `asked` the cards that asked for days, `to_approve` the
    requests that wait for the leader's decision, `scores` what people ask about their scorecards and wrote of their week.
    `waiting` are the stalled deals that this digest tells of, `cleared`
    how many were settled on the working day before. `monday` is what the first working day of a week adds, and what the
    first, the fifteenth and the last of a month do.
    """

    leader: Member
    window: Window
    teams: tuple[Team, ...]
    people: tuple[Led, ...]
    silent_teams: tuple[tuple[Team, tuple[date, ...]], ...]
    silent: tuple[Led, ...]
    unreported: Unreported
    in_grace: int
    closed: int
    worked: int
    runs: Unreported = ()
    asked: frozenset[str] = frozenset()
    to_approve: int = 0
    waiting: tuple[Waiting, ...] = ()
    cleared: int = 0
    scores: ToAnswer = UNASKED
    monday: Monday = NOTHING

    @property
    def named(self) -> tuple[Waiting, ...]:
        """The deals that are named on any day but the first of a week; the list has the others."""
        return self.waiting[:DEALS_NAMED]

    @property
    def missed(self) -> Unreported:
        """The unreported days that somebody was asked for: nobody misses what no card told them."""
        asked = (
            (each, tuple(day for day in days if self._was_asked(each, day))) for each, days in self.unreported
        )
        return tuple((each, days) for each, days in asked if days)

    @property
    def in_a_row(self) -> Unreported:
        """Whoever missed two daily reports or more one after the other, the latest of them anew (method section 10)."""
        anew = {each.member.id for each, _ in self.missed}
        runs = (
            (each, tuple(takewhile(lambda day, one=each: self._was_asked(one, day), days)))  # type: ignore[misc]
            for each, days in self.runs
            if each.member.id in anew
        )
        return tuple((each, days) for each, days in runs if len(days) >= MISSED_IN_A_ROW)

    @property
    def missed_once(self) -> Unreported:
        """All others who missed a report."""
        more = {each.member.id for each, _ in self.in_a_row}
        return tuple((each, days) for each, days in self.missed if each.member.id not in more)

    def _was_asked(self, each: Led, day: date) -> bool:
        return bool(self.asked & set(asking(each.member.id, day)))

    def worth_saying(self) -> bool:
        """Whether a decision waits, or anything is new since the digest before: a missed report, silence, a deal that waits."""
        today = self.window.today
        begun = [silent_since(each.silent(today), SILENT_DAYS) for each in self.silent]
        begun += [silent_since(days, TEAM_SILENT_DAYS) for _, days in self.silent_teams]
        asks = self.to_approve or self.missed or self.waiting or self.scores or self.monday.worth_saying
        return bool(asks) or any(self.window.before < day <= today for day in begun if day)


def _facts(
    window: Window, leader: Member, teams: tuple[Team, ...], known: Sequence[Led], only: MemberId | None
) -> DigestFacts:
    """One leader's facts; nobody is reported to themselves. The silence of one person alone is no team's."""
    today, now = window.today, window.now
    theirs = {team.id for team in teams}
    people = [each for each in known if each.member.team_id in theirs and each.member.id != leader.id]
    silent_teams = () if only else tuple(_silent_teams(teams, people, today))
    quiet = {team.id for team, _ in silent_teams}
    awake = [each for each in people if each.member.team_id not in quiet]
    silent = tuple(each for each in awake if len(each.silent(today)) >= SILENT_DAYS)
    states = [(each, window.states(each)) for each in awake if each not in silent]
    missed = (
        (each, tuple(sorted(day for day, state in found.items() if state is DayState.MISSED)))
        for each, found in states
    )
    unreported = tuple((each, days) for each, days in missed if days)
    worked = [each.state(window.yesterday, now) for each in people if window.asks(each)]
    return DigestFacts(
        leader=leader,
        window=window,
        teams=teams,
        people=tuple(people),
        silent_teams=silent_teams,
        silent=silent,
        unreported=unreported,
        runs=tuple((each, each.missed_in_a_row(days[-1], today, now)) for each, days in unreported),
        in_grace=sum(1 for _, found in states if DayState.GRACE in found.values()),
        closed=sum(1 for state in worked if state in CLOSED),
        worked=len(worked),
    )


def _silent_teams(
    teams: Sequence[Team], people: Sequence[Led], today: date
) -> Iterator[tuple[Team, tuple[date, ...]]]:
    """The teams of which nobody was heard for three days, with these days; who paused does not count."""
    for team in teams:
        counted = [each for each in people if each.member.team_id == team.id and not each.pauses(today)]
        days = team_silent_days([(heard(each.member), each.calendar) for each in counted], today)
        if len(days) >= TEAM_SILENT_DAYS:
            yield team, days


def _window(leader: Member, calendar: Calendar, today: date, now: datetime) -> Window:
    before = calendar.before(today)
    return Window(
        today=today,
        now=now,
        before=before,
        since=instant(before, leader.digest_at, leader.zone),
        yesterday=replace(calendar, leaves=()).before(today),
        is_first_of_week=calendar.first_of_week(today),
    )


def gathered_digests(
    store: Store,
    org: Organisation,
    leaders: Sequence[tuple[Member, Calendar, date]],
    now: datetime,
    only: MemberId | None = None,
) -> dict[MemberId, DigestFacts]:
    """The facts of many digests: one query each for teams, people, calendars, reports and cards.

    `only` names the one person they are about, who may read them: nothing of anybody else is looked at.
    """
    teams = store.teams()
    led = {leader.id: led_by(leader, teams) for leader, _, _ in leaders}
    of_teams = {team.id for found in led.values() for team in found}
    if not of_teams:
        return {}
    ids = [
        each.id
        for each in store.members()
        if Role.REP in each.roles and each.team_id in of_teams and only in (None, each.id)
    ]
    people = store.gather_members(org, ids)
    days = [today for _, _, today in leaders]
    reports = store.gather_reports(ids, min(days) - LOOK_BACK, max(days)) if ids else {}
    known = [
        Led(member=member, calendar=calendar, closed=_closed(reports.get(member.id, ())))
        for member, calendar in people.values()
    ]
    facts = [
        _facts(_window(leader, calendar, today, now), leader, led[leader.id], known, only)
        for leader, calendar, today in leaders
        if led[leader.id]
    ]
    keys = {
        key
        for each in facts
        for person, missing in (*each.unreported, *each.runs)
        for day in missing
        for key in asking(person.member.id, day)
    }
    asked = store.shown_cards(sorted(keys))
    found = [replace(each, asked=asked) for each in facts]
    if only is None:
        # A single person's digest is about that person alone.
        approvals = store.open_approvals()
        found = [
            replace(each, to_approve=sum(1 for one in approvals if each.leader.id in one.asked))
            for each in found
        ]
        found = _with_deals(store, org, found, sorted(of_teams), now)
        found = _with_scores(store, found, now)
        found = _with_mondays(store, org, found, {each.id: days for each, days, _ in leaders}, now)
    return {each.leader.id: each for each in found}


def _with_scores(store: Store, facts: Sequence[DigestFacts], now: datetime) -> list[DigestFacts]:
    """What people ask about their scorecards, and what they wrote of the week before: one query each for all."""
    led = [
        (
            each.window.today,
            {one.member.id: one.member.name for one in each.people},
            each.window.is_first_of_week,
        )
        for each in facts
    ]
    found = gathered_answers(store, led, now)
    return [replace(each, scores=scores) for each, scores in zip(facts, found, strict=True)]


def _with_mondays(
    store: Store,
    org: Organisation,
    facts: Sequence[DigestFacts],
    calendars: Mapping[MemberId, Calendar],
    now: datetime,
) -> list[DigestFacts]:
    """What the day of the week or of the month adds; on any other nothing is read."""
    days = [(each.leader, each.teams, calendars[each.leader.id], each.window.today) for each in facts]
    added = gathered_mondays(store, org, days, {each.leader.id: each.waiting for each in facts}, now)
    return [replace(each, monday=added.get(each.leader.id, NOTHING)) for each in facts]


def _with_deals(
    store: Store, org: Organisation, facts: Sequence[DigestFacts], teams: Sequence[TeamId], now: datetime
) -> list[DigestFacts]:
    """What waits with each leader's people, and what was settled: one query for all teams, one for each day before."""
    waiting = escalated(store, org, teams, now)
    cleared = {
        period: store.count_cleared(teams, *period) for period in {_day_before(each) for each in facts}
    }
    return [
        replace(
            each,
            waiting=_told_of(each, waiting, now),
            cleared=sum(cleared[_day_before(each)].get(team.id, 0) for team in each.teams),
        )
        for each in facts
    ]


def _told_of(facts: DigestFacts, waiting: Sequence[Waiting], now: datetime) -> tuple[Waiting, ...]:
    """Those of the digest's day first, then what was not told yet: a deal is worth saying once in seven days."""
    theirs, leader, today = {team.id for team in facts.teams}, facts.leader, facts.window.today
    mine = [each for each in waiting if each.deal.team_id in theirs and each.owner.id != leader.id]
    led = [local_date(each.led_at, leader.zone) if each.led_at else None for each in mine]
    is_today = today == local_date(now, leader.zone)
    of_today = [each for each, on in zip(mine, led, strict=True) if on == today]
    new = [each for each, on in zip(mine, led, strict=True) if on is None and is_today]
    return (*of_today, *new)


def _day_before(facts: DigestFacts) -> tuple[datetime, datetime]:
    """From the working day before to the digest's own day, on the leader's wall."""
    window, zone = facts.window, facts.leader.zone
    return instant(window.yesterday, time(), zone), instant(window.today, time(), zone)


def asking(member: MemberId, day: date) -> tuple[str, str]:
    """The cards that ask for a day: the morning's and the evening's."""
    return day_key(member, day), close_key(member, day)


def _closed(reports: Sequence[Report]) -> dict[date, datetime]:
    return {each.on: each.sent_at for each in reports}


def digest_facts(
    store: Store,
    org: Organisation,
    leader: Member,
    today: date,
    now: datetime,
    only: MemberId | None = None,
) -> DigestFacts | None:
    """The facts of one person's digest, of all they lead or of one; None for who leads nobody."""
    calendar = store.calendar(org, leader)
    return gathered_digests(store, org, [(leader, calendar, today)], now, only).get(leader.id)
