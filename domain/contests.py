"""Contests: what they count, who takes part, and who wins; their rules are frozen once they run (method section 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NewType

from domain.people import MemberId, TeamId
from domain.ranking import TeamPlace, ranks
from domain.rollups import Cell

ContestId = NewType("ContestId", int)
# A contest longer than a quarter is a target.
MOST_DAYS = 92


class Count(StrEnum):
    """What a contest counts; ATTAINMENT is the percent of the own target, so that all can win."""

    VISITS = "visits"
    CALLS = "calls"
    CONTACTS = "contacts"
    NEW_CUSTOMERS = "new_customers"
    ATTAINMENT = "attainment"


# The numbers in cells that are added up over the days; attainment has its own.
CELLS: Mapping[Count, Cell] = {
    Count.VISITS: Cell.VISITS,
    Count.CALLS: Cell.CALLS,
    Count.CONTACTS: Cell.CONTACTS,
    Count.NEW_CUSTOMERS: Cell.NEW_CUSTOMERS,
}


class Between(StrEnum):
    """Who is compared: people one by one, or teams by their mean per head."""

    REPS = "reps"
    TEAMS = "teams"


class ContestState(StrEnum):
    """OPEN until its result was posted, or it was cancelled."""

    OPEN = "open"
    ENDED = "ended"
    CANCELLED = "called_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """One contest from `first` to `last`; `team_id` is None when all teams take part.

    `minimum` is what a winner must have at least, in what is counted; 0 for none.
    """

    id: ContestId
    team_id: TeamId | None
    name: str
    count: Count
    between: Between
    first: date
    last: date
    minimum: Decimal
    prize: str
    made_by: MemberId
    made_at: datetime
    state: ContestState = ContestState.OPEN
    result: str = ""

    def runs(self, today: date) -> bool:
        """Whether its rules are frozen: it has begun."""
        return self.state is ContestState.OPEN and self.first <= today

    def is_over(self, today: date) -> bool:
        """Whether its last day is past and nobody was told the result."""
        return self.state is ContestState.OPEN and self.last < today


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """One person in a contest: what was counted, and the rank, shared by ties."""

    member_id: MemberId
    name: str
    score: Decimal
    rank: int


def standing(scores: Sequence[tuple[MemberId, str, Decimal]]) -> tuple[Stand, ...]:
    """Everybody from the first down; those with as much share a rank: 1, 1, 3."""
    return tuple(
        Stand(member_id=member, name=name, score=score, rank=rank)
        for (member, name, score), rank in ranks(scores, lambda each: (Fraction(each[2]),))
    )


def winners(stands: Sequence[Stand], minimum: Decimal) -> tuple[Stand, ...]:
    """Whoever is first and has at least the minimum, and anything at all: of a tie, all of them."""
    return tuple(each for each in stands if each.rank == 1 and each.score >= minimum and each.score > 0)


def team_winners(places: Sequence[TeamPlace], minimum: Decimal) -> tuple[TeamPlace, ...]:
    """The teams that are first by their mean per head; one with fewer than 3 members has no rank (method section 7)."""
    return tuple(each for each in places if each.rank == 1 and each.mean >= minimum and each.mean > 0)
