"""What follows when days are declared off or worked: pushes, cards and digests of everybody they concern."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from domain.people import Member, TeamId
from domain.schedule import local_date
from domain.workdays import declared_for, monday
from handlers.colleagues import touch_digests
from handlers.rollups import roll_begun
from handlers.turn import Turn, touch_day

# As far as days are declared, back and ahead.
BACK, AHEAD = timedelta(days=62), timedelta(days=800)

# What is declared for each team, and for who is in none: the days, and whether they are worked.
Declared = Mapping[TeamId | None, Mapping[date, bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What another word on the calendar changed: the days, and the people it concerns by team."""

    days: tuple[date, ...]
    people: Mapping[TeamId | None, tuple[Member, ...]]

    @property
    def count(self) -> int:
        return sum(map(len, self.people.values()))


def declared(turn: Turn) -> Declared:
    """The days declared now, for every team."""
    days = turn.store.calendar_days(turn.today - BACK, turn.today + AHEAD)
    return {team: declared_for(team, days) for team in (None, *(each.id for each in turn.store.teams()))}


def works(turn: Turn, of_team: Mapping[date, bool], day: date) -> bool:
    """Whether a team works on a day, as declared or else as the organisation's week says."""
    return of_team.get(day, day.isoweekday() in turn.org.week)


def of_regions(turn: Turn) -> dict[date, bool]:
    """The holidays of the regions that only some observe, and whether they work then."""
    regions = {each.region for each in turn.store.members() if each.region} - {turn.org.region}
    found: dict[date, bool] = {}
    for days in turn.store.holidays(regions).values():
        found |= days
    return found


def follow(turn: Turn, before: Declared) -> Followed:
    """Lets pushes, cards and digests follow what changed since `before`, in a few statements and one batch of cards.

    What was to be sent on a day that is off now is taken back at once; the next periods are worked out by the tick.
    """
    now = declared(turn)
    changed = {team: _changed(turn, before.get(team, {}), days) for team, days in now.items()}
    people: dict[TeamId | None, list[Member]] = {}
    for member in turn.store.members():
        if changed.get(member.team_id):
            people.setdefault(member.team_id, []).append(member)
    found = [each for team in people.values() for each in team]
    turn.store.plan_anew([each.id for each in found], turn.now)
    off: dict[date, list[Member]] = {}
    for member in found:
        today = local_date(turn.now, member.zone)
        if today in changed[member.team_id] and not works(turn, now[member.team_id], today):
            off.setdefault(today, []).append(member)
    for today, members in off.items():
        turn.store.cancel_pushes([each.id for each in members], today.isoformat())
    for member in found:
        _touch(turn, member, changed[member.team_id])
    touch_digests(turn.store, turn.now, turn.store.teams(), set(people))
    days = set().union(*(changed[team] for team in people))
    if days:
        roll_begun(turn, [each.id for each in found], min(days), max(days))
    return Followed(
        days=tuple(sorted(days)),
        people={team: tuple(members) for team, members in people.items()},
    )


def _changed(turn: Turn, before: Mapping[date, bool], after: Mapping[date, bool]) -> frozenset[date]:
    both = before.keys() | after.keys()
    own = of_regions(turn)
    return frozenset(
        day
        for day in both
        if works(turn, before, day) is not works(turn, after, day)
        # A word like the week's own still stands above the region of whoever has one.
        or (day in own and before.get(day) is not after.get(day))
    )


def _touch(turn: Turn, member: Member, days: frozenset[date]) -> None:
    """The cards that show a changed day: its own, and today's with the week's target."""
    today = local_date(turn.now, member.zone)
    shown = {day for day in days if day <= today}
    if any(monday(day) == monday(today) for day in days):
        shown.add(today)
    for day in shown:
        touch_day(turn.store, member.id, day)
