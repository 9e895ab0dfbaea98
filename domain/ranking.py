"""The leaderboard: points, shared ranks, who is named, and the mean of a team in a contest (method section 7)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from domain.people import MemberId
from domain.quota import percent

CAP = Fraction(120, 100)
# Attainment, plan completion, verified share; a team without verification weighs the first two only.
WEIGHTS = (Fraction(50), Fraction(30), Fraction(20))
UNVERIFIED_WEIGHTS = (Fraction(125, 2), Fraction(75, 2), Fraction(0))
SCORED_DAYS = 3
PLACES, RANKED_PER_PLACE = 3, 3
# Under so many ranked only the team total is said.
NAMES_FROM = 5
TEAM_FROM = 3
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One person's week on the board; `before` are the points of a scored week before. Ratios, not capped."""

    member_id: MemberId
    name: str
    attainment: Fraction | None
    completion: Fraction | None
    verified: Fraction | None
    scored_days: int
    learning: bool = False
    ramping: bool = False
    named: bool = True
    before: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A ranked person: points to 0.01, the rank shared by full ties, and the change since the week before."""

    entry: Entry
    points: Decimal
    rank: int

    @property
    def change(self) -> Decimal | None:
        return None if self.entry.before is None else self.points - self.entry.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All that a week's board knows: the ranked in order, the rookies in theirs, and who is not ranked."""

    placed: tuple[Placed, ...]
    rookies: tuple[Placed, ...]
    unranked: tuple[Entry, ...]
    verifies: bool

    @property
    def named(self) -> tuple[Placed, ...]:
        """The places a post names: min(3, floor(ranked / 3)), none under 5 ranked, nobody who opted out."""
        return named(self.placed)

    @property
    def named_rookies(self) -> tuple[Placed, ...]:
        """The places of the rookie board that a post names, by the same rule."""
        return named(self.rookies)

    @property
    def most_improved(self) -> Placed | None:
        """Who gained most on a scored week before, of those who may be named; nobody where nobody gained."""
        if len(self.placed) < NAMES_FROM:
            return None
        gained = [
            each for each in self.placed if each.change is not None and each.change > 0 and each.entry.named
        ]
        return max(gained, key=lambda each: (each.change or Decimal(0), -each.rank), default=None)

    def of(self, member: MemberId) -> Placed | None:
        """Where somebody stands, on whichever of the two boards."""
        return next((each for each in (*self.placed, *self.rookies) if each.entry.member_id == member), None)

    def to_next(self, member: MemberId) -> Decimal | None:
        """How many points somebody lacks to the next place; None for the first, and for who is not ranked."""
        for among in (self.placed, self.rookies):
            mine = next((each for each in among if each.entry.member_id == member), None)
            if mine:
                above = [each.points for each in among if each.rank < mine.rank]
                return min(above) - mine.points if above else None
        return None


def exact_points(entry: Entry, *, verifies: bool) -> Fraction:
    """50 x min(attainment, 1.2) + 30 x plan completion + 20 x verified share; 62.5 and 37.5 without verification."""
    weights = WEIGHTS if verifies else UNVERIFIED_WEIGHTS
    parts = (
        min(entry.attainment or Fraction(0), CAP),
        entry.completion or Fraction(0),
        entry.verified or Fraction(0),
    )
    return sum((weight * part for weight, part in zip(weights, parts, strict=True)), Fraction(0))


def points(entry: Entry, *, verifies: bool) -> Decimal:
    """The points of a week, rounded half-up to 0.01 once."""
    return percent(exact_points(entry, verifies=verifies) / 100)


def is_ranked(entry: Entry) -> bool:
    """Not ranked: no target, fewer than 3 scored days, learning weeks (method section 7)."""
    return (
        entry.attainment is not None
        and entry.completion is not None
        and entry.scored_days >= SCORED_DAYS
        and not entry.learning
    )


def ranks(entries: Sequence[T], order: Callable[[T], tuple[Fraction, ...]]) -> tuple[tuple[T, int], ...]:
    """Entries from the highest down with their ranks; those equal in all share one: 1, 2, 2, 4."""
    ordered = sorted(entries, key=order, reverse=True)
    found: list[tuple[T, int]] = []
    for n, each in enumerate(ordered, 1):
        tied = bool(found) and order(found[-1][0]) == order(each)
        found.append((each, found[-1][1] if tied else n))
    return tuple(found)


def _placed(entries: Sequence[Entry], *, verifies: bool) -> tuple[Placed, ...]:
    def order(entry: Entry) -> tuple[Fraction, ...]:
        # Attainment, then the verified share break a tie of points.
        shown = Fraction(points(entry, verifies=verifies))
        return shown, entry.attainment or Fraction(0), entry.verified or Fraction(0)

    return tuple(
        Placed(entry=each, points=points(each, verifies=verifies), rank=rank)
        for each, rank in ranks(entries, order)
    )


def board(entries: Sequence[Entry]) -> Board:
    """The board of a team's week; rookies in their ramp months have one of their own.

    A team in which nobody has a verified visit has no verification (method section 7).
    """
    verifies = any(each.verified for each in entries)
    ranked = [each for each in entries if is_ranked(each)]
    return Board(
        placed=_placed([each for each in ranked if not each.ramping], verifies=verifies),
        rookies=_placed([each for each in ranked if each.ramping], verifies=verifies),
        unranked=tuple(each for each in entries if not is_ranked(each)),
        verifies=verifies,
    )


def named(placed: Sequence[Placed]) -> tuple[Placed, ...]:
    """The places that are said aloud; of shared places only whole ones, so that nobody is left out by chance."""
    if len(placed) < NAMES_FROM:
        return ()
    places = min(PLACES, len(placed) // RANKED_PER_PLACE)
    said = placed[:places]
    if len(placed) > places and placed[places].rank == said[-1].rank:
        said = tuple(each for each in said if each.rank < placed[places].rank)
    return tuple(each for each in said if each.entry.named)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPlace:
    """A team in a contest: the mean per head of its ranked members; too few are shown without a rank."""

    name: str
    mean: Decimal
    rank: int | None = None


def teams(scores: Sequence[tuple[str, Sequence[Decimal]]]) -> tuple[TeamPlace, ...]:
    """Teams by their mean per head, at least 3 members to be ranked (method section 7); those without anybody last."""
    means = [
        TeamPlace(
            name=name, mean=percent(sum((Fraction(each) for each in own), Fraction(0)) / len(own) / 100)
        )
        for name, own in scores
        if own
    ]
    sizes = {name: len(own) for name, own in scores}
    ranked = [each for each in means if sizes[each.name] >= TEAM_FROM]
    placed = [replace(each, rank=rank) for each, rank in ranks(ranked, lambda one: (Fraction(one.mean),))]
    return (*placed, *(each for each in means if sizes[each.name] < TEAM_FROM))
