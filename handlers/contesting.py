"""Contests as they stand and as they end: scores from numbers in cells, the result posted to the rooms that took part."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.contests import CELLS, Between, Contest, Count, Stand, standing, team_winners, winners
from domain.kinds import Notice
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
    def result(self) -> str:
        """Who is first by the rules, as it is kept: several in a tie, nobody below the minimum.

        People by their numbers, since names are erased with them; teams by name, one a line.
        """
        if self.contest.between is Between.TEAMS:
            return "\n".join(each.name for each in team_winners(self.places, self.contest.minimum))
        return "\n".join(str(each.member_id) for each in winners(self.stands, self.contest.minimum))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Who won a contest that is over; `names` only those who may be named, `hidden` who won unnamed."""

    names: tuple[str, ...]
    hidden: tuple[Member, ...]


def outcome(store: Store, contest: Contest, reader: MemberId | None = None) -> Outcome:
    """What may be read of a kept result; who won without being named reads it alone."""
    if contest.between is Between.TEAMS:
        return Outcome(names=tuple(contest.result.splitlines()), hidden=())
    won = [store.member(MemberId(int(each))) for each in contest.result.splitlines()]
    return Outcome(
        names=tuple(each.name for each in won if each.named or each.id == reader),
        hidden=tuple(each for each in won if not each.named and each.id != reader),
    )


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
    named = [(each.id, each.name, scores[each.id]) for each in members if each.id in scores]
    return Race(contest=contest, stands=standing(named), places=_places(store.teams(), members, scores))


def _scores(store: Store, people: People, contest: Contest, last: date) -> dict[MemberId, Decimal]:
    """What counts for each; whoever has no target is not ranked where attainment counts (method section 7)."""
    ids = tuple(people)
    cell = CELLS.get(contest.count, Cell.SALES)
    days = store.day_cells(ids, contest.first, last, [cell])
    sums = {number: sum(cells.get(cell, 0) for cells in of.values()) for number, of in days.items()}
    if contest.count is not Count.ATTAINMENT:
        return {number: Decimal(sums.get(number, 0)) for number in ids}
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
        (team.name, [scores[each.id] for each in members if each.team_id == team.id and each.id in scores])
        for team in found
    ]
    return teams([(name, own) for name, own in by_team if own])


def end_contests(by: Teller, org: Organisation, today: date) -> int:
    """Posts the results of the contests whose time is over; each once, whoever comes first; how many."""
    ended = 0
    for contest in by.store.contests(today):
        if contest.is_over(today):
            result = race(by.store, org, contest, contest.last).result
            if not by.store.end_contest(contest.id, result):
                continue
            _tell(by, org, replace(contest, result=result))
            ended += 1
    return ended


def _tell(by: Teller, org: Organisation, contest: Contest) -> None:
    """The rooms read who won, of those who may be named; the others that won read it alone."""
    won = outcome(by.store, contest)
    shown = result_card(contest, won.names, nobody=not won.names and not won.hidden)
    for room in _rooms(by.store, contest):
        by.announce(room.at, f"contest:{contest.id}", org.language, shown)
    for each in won.hidden:
        by.tell_all([each], Notice.CONTEST, f"contest:{contest.id}", result_card(contest, [each.name]))


def _rooms(store: Store, contest: Contest) -> tuple[Room, ...]:
    return tuple(each for each in store.rooms() if contest.team_id in (None, each.team_id))
