"""Contests as they stand and as they end: scores from numbers in cells, the result posted to the rooms that took part."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.contests import CELLS, Between, Contest, Count, Stand, standing, team_winners, winners
from domain.people import Member, MemberId, Organisation, Role, Team
from domain.ports import Room, Store
from domain.quota import percent
from domain.ranking import TeamPlace, teams
from domain.rollups import Cell
from domain.targets import target_between
from handlers.letters import Teller
from handlers.pieces.contest import result_card
from handlers.weekly import People


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """A contest with everybody who takes part, the first ahead, and the teams by their mean where teams are compared."""

    contest: Contest
    stands: tuple[Stand, ...]
    places: tuple[TeamPlace, ...]

    @property
    def won_by(self) -> tuple[str, ...]:
        """Who is first by the rules: several in a tie, nobody below the minimum."""
        if self.contest.between is Between.TEAMS:
            return tuple(each.name for each in team_winners(self.places, self.contest.minimum))
        return tuple(each.name for each in winners(self.stands, self.contest.minimum))


def taking_part(store: Store, contest: Contest) -> tuple[Member, ...]:
    """The reps of the team, or of all teams."""
    return tuple(
        each
        for each in store.members()
        if Role.REP in each.roles
        and each.team_id is not None
        and (contest.team_id is None or each.team_id == contest.team_id)
    )


def race(store: Store, org: Organisation, contest: Contest, until: date) -> Race:
    """How a contest stands on a day: as many queries for one person as for all."""
    members = taking_part(store, contest)
    people = store.gather_members(org, [each.id for each in members])
    last = min(until, contest.last)
    scores = _scores(store, people, contest, last)
    named = [(each.id, each.name, scores.get(each.id, Decimal(0))) for each in members]
    return Race(contest=contest, stands=standing(named), places=_places(store.teams(), members, scores))


def _scores(store: Store, people: People, contest: Contest, last: date) -> dict[MemberId, Decimal]:
    ids = tuple(people)
    cell = CELLS.get(contest.count, Cell.SALES)
    days = store.day_cells(ids, contest.first, last, [cell])
    sums = {number: sum(cells.get(cell, 0) for cells in of.values()) for number, of in days.items()}
    if contest.count is not Count.ATTAINMENT:
        return {number: Decimal(n) for number, n in sums.items()}
    targets = store.gather_targets(ids, contest.first, contest.last)
    found = {}
    for number, (member, calendar) in people.items():
        own = targets.get(number, ())
        asked = target_between(own, calendar, member.joined_on, contest.first, contest.last)
        if asked:
            found[number] = percent(_ratio(sums.get(number, 0), asked))
    return found


def _ratio(cents: int, asked: Decimal) -> Fraction:
    return Fraction(cents, 100) / Fraction(asked)


def _places(
    found: Sequence[Team], members: Sequence[Member], scores: dict[MemberId, Decimal]
) -> tuple[TeamPlace, ...]:
    by_team = [
        (team.name, [scores.get(each.id, Decimal(0)) for each in members if each.team_id == team.id])
        for team in found
    ]
    return teams([(name, own) for name, own in by_team if own])


def end_contests(by: Teller, org: Organisation, today: date) -> int:
    """Posts the results of the contests whose time is over; each once, whoever comes first; how many."""
    ended = 0
    for contest in by.store.contests(today):
        if contest.is_over(today):
            found = race(by.store, org, contest, contest.last)
            by.store.end_contest(contest.id, ", ".join(found.won_by))
            for room in _rooms(by.store, contest):
                by.announce(
                    room.at, f"contest:{contest.id}", org.language, result_card(contest, found.won_by)
                )
            ended += 1
    return ended


def _rooms(store: Store, contest: Contest) -> tuple[Room, ...]:
    return tuple(each for each in store.rooms() if contest.team_id in (None, each.team_id))
