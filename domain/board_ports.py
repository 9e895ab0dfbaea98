"""What the handlers ask of the storage about boards: the part of `domain.ports.Store` that holds them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from domain.contests import Contest, ContestId
from domain.people import MemberId, TeamId


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedBoard:
    """A team's board of a week as it was posted: version 0 on its last day, 1 the final one, later ones corrected.

    `points` are those of everybody ranked, `total` the attainment of the team; None without a target.
    """

    team_id: TeamId
    label: str
    version: int
    made_at: datetime
    points: Mapping[MemberId, Decimal]
    total: Fraction | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """Something well done, said aloud: a word of thanks, or the star of a month (`label`)."""

    member_id: MemberId
    team_id: TeamId | None
    kind: str
    label: str
    reason: str
    on: date
    made_by: MemberId
    id: int = 0


class BoardStore(Protocol):
    """The boards of the organisation's teams."""

    def keep_board(self, board: PostedBoard) -> bool:
        """Keeps a version; False where another turn kept it already."""
        ...

    def boards(self, team: TeamId, most: int) -> tuple[PostedBoard, ...]:
        """The boards that were posted last, the newest week and version first."""
        ...

    def ever_in_team(self, team: TeamId, last: date) -> tuple[MemberId, ...]:
        """Everybody who was in a team at some time up to a date."""
        ...

    def add_contest(self, contest: Contest) -> ContestId: ...
    def contest(self, contest: ContestId) -> Contest | None: ...
    def contests(self, since: date) -> tuple[Contest, ...]:
        """The contests that end on a date or later, and those whose result was not posted; the first to begin first."""
        ...

    def revise_contest(self, contest: ContestId, **values: object) -> None: ...
    def end_contest(self, contest: ContestId, result: str) -> bool:
        """Its time is over and its result is kept; nobody's doing, so no fact. False where it is open no more."""
        ...

    def add_award(self, award: Award) -> int: ...
    def awards(self, member: MemberId, most: int) -> tuple[Award, ...]: ...
