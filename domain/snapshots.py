"""A team's funnel as it stood on one day, and what changed since: entered, gone on, back, won, lost, later, dearer (method 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.deals import DealId, State
from domain.people import MemberId, TeamId

# A forecast that changed by more than this in a week is worth a word, and so are so many items lost at once (method 10).
FORECAST_CHANGE = Fraction(20, 100)
ITEMS_LOST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Standpoint:
    """One deal as a snapshot holds it: numbers and dates only, no words of anybody.

    `closes_on` is the expected close, `close_on` the customer's date; `percent` the shown probability in hundredths of a
    percent, `items` how many items of the checklist count.
    """

    deal_id: DealId
    owner_id: MemberId
    state: State
    milestone: int
    amount: Decimal
    closes_on: date
    percent: int
    close_on: date | None = None
    items: int = 0
    backs: int = 0
    overridden: tuple[int, ...] = ()

    @property
    def weighted(self) -> Fraction:
        """Amount x probability."""
        return Fraction(self.amount) * self.percent / 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The active deals of a team at the beginning of a week (`2026-W10`)."""

    team_id: TeamId
    label: str
    made_at: datetime
    deals: tuple[Standpoint, ...]


class Change(StrEnum):
    """What became of a deal between two looks at it."""

    ENTERED = "entered"
    ADVANCED = "advanced"
    BACK = "back"
    WON = "won"
    LOST = "lost"
    RESTED = "rested"
    SLIPPED = "slipped"
    SOONER = "sooner"
    AMOUNT = "amount"
    OVERRIDE = "override"
    ITEMS = "items"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One change of one deal; `before` is None for a new one."""

    change: Change
    before: Standpoint | None
    now: Standpoint


def changes(before: Mapping[DealId, Standpoint], now: Sequence[Standpoint]) -> tuple[Changed, ...]:
    """What changed, deal by deal; `now` holds the deals of before too, whatever became of them."""
    found = []
    for each in now:
        was = before.get(each.deal_id)
        found += [Changed(change=change, before=was, now=each) for change in _of(was, each)]
    return tuple(found)


def _of(was: Standpoint | None, now: Standpoint) -> list[Change]:
    if was is None:
        # What was opened and has ended since was never seen under way.
        new = {State.ACTIVE: [Change.ENTERED], State.WON: [Change.WON]}
        return new.get(now.state, [])
    match now.state:
        case State.WON:
            return [Change.WON]
        case State.LOST | State.CANCELLED:
            return [Change.LOST]
        case State.ON_HOLD:
            return [Change.RESTED]
    found = []
    if now.milestone > was.milestone:
        found.append(Change.ADVANCED)
    if now.milestone < was.milestone or now.backs > was.backs:
        found.append(Change.BACK)
    if was.close_on and now.close_on and now.close_on != was.close_on:
        found.append(Change.SLIPPED if now.close_on > was.close_on else Change.SOONER)
    if now.amount != was.amount:
        found.append(Change.AMOUNT)
    if {*now.overridden} - {*was.overridden}:
        found.append(Change.OVERRIDE)
    if was.items - now.items >= ITEMS_LOST:
        found.append(Change.ITEMS)
    return found


def weighted(deals: Sequence[Standpoint], first: date, last: date) -> Fraction:
    """The weighted forecast of a period: amount x probability of the active deals that close in it."""
    return sum(
        (each.weighted for each in deals if each.state is State.ACTIVE and first <= each.closes_on <= last),
        Fraction(0),
    )


def swing(before: Fraction, now: Fraction) -> Fraction | None:
    """How far a forecast changed, of what it was; None where nothing was forecast."""
    return now / before - 1 if before else None


def is_swing(change: Fraction | None) -> bool:
    """Whether a forecast changed by more than 20 %."""
    return change is not None and abs(change) > FORECAST_CHANGE
