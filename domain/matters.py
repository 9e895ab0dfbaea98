"""What a leader is to decide about a week's deals: exceptions, ranked by value and urgency (method 10, field 3.28)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domain.deals import DealId
from domain.people import MemberId
from domain.snapshots import Change


class Cause(StrEnum):
    """Why a deal is an exception, the most urgent first."""

    PAST_CLOSE = "past_close"
    ITEMS = "items"
    BACK = "back"
    STALLED = "stalled"
    SLIPPED = "slipped"
    OVERRIDE = "override"


# *Ours*: how much each weighs; a deal with several causes weighs their sum.
URGENCY: Mapping[Cause, int] = {
    Cause.PAST_CLOSE: 4,
    Cause.ITEMS: 3,
    Cause.BACK: 3,
    Cause.STALLED: 2,
    Cause.SLIPPED: 2,
    Cause.OVERRIDE: 1,
}
OF_CHANGE: Mapping[Change, Cause] = {
    Change.SLIPPED: Cause.SLIPPED,
    Change.OVERRIDE: Cause.OVERRIDE,
    Change.BACK: Cause.BACK,
    Change.ITEMS: Cause.ITEMS,
}


class Verdict(StrEnum):
    """What a leader decided about an exception without changing the deal's state or owner."""

    ASK = "ask"
    JOIN = "join"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A verdict on a deal in one week; `close_on` is the date that was accepted with it."""

    deal_id: DealId
    label: str
    verdict: Verdict
    made_by: MemberId
    made_at: datetime
    close_on: date | None = None
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A deal that waits for a decision, with all its causes, the most urgent first."""

    deal_id: DealId
    causes: tuple[Cause, ...]
    amount: Decimal

    @property
    def weight(self) -> Decimal:
        """Value x urgency."""
        return self.amount * sum(URGENCY[cause] for cause in self.causes)


def ranked(
    causes: Mapping[DealId, frozenset[Cause]], amounts: Mapping[DealId, Decimal], usual: Decimal
) -> tuple[Matter, ...]:
    """The exceptions by value x urgency, the greatest first; a deal without an amount is worth a `usual` one."""
    found = [
        Matter(
            deal_id=deal,
            causes=tuple(cause for cause in Cause if cause in named),
            amount=amounts.get(deal) or usual,
        )
        for deal, named in causes.items()
        if named
    ]
    return tuple(sorted(found, key=lambda each: (-each.weight, each.deal_id)))


def open_causes(
    causes: frozenset[Cause], rulings: Sequence[Ruling], label: str, close_on: date | None
) -> frozenset[Cause]:
    """What is left to decide: nothing once the week has a verdict; a date that was accepted is no slip any more."""
    if any(each.label == label for each in rulings):
        return frozenset()
    accepted = {each.close_on for each in rulings if each.verdict is Verdict.ACCEPT}
    return causes - {Cause.SLIPPED} if close_on in accepted else causes
