"""What customers owe and pay: received against due, and who is late (method section 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from domain.deals import DealId
from domain.people import MemberId

# A signed deal without a payment plan is due whole so many days after it was won (*ours*).
DUE_AFTER = timedelta(days=30)
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """A part of a deal's amount and the date it is due."""

    deal_id: DealId
    amount: Decimal
    due_on: date
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What came in for a deal on a date."""

    deal_id: DealId
    amount: Decimal
    on: date
    note: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A won deal whose amount is or was to be collected, by whoever owns it."""

    deal_id: DealId
    owner_id: MemberId
    amount: Decimal
    won_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What was due in a period and what of it came in; the rate is None when nothing was due."""

    due: Decimal
    received: Decimal

    @property
    def rate(self) -> Fraction | None:
        return Fraction(self.received) / Fraction(self.due) if self.due else None


def dues(owed: Owed, planned: Sequence[Instalment]) -> tuple[Instalment, ...]:
    """What a won deal owes and when: the instalments, and what no instalment covers 30 days after it was won (*ours*).

    So a plan for a part of the amount leaves the rest due as it would have been without a plan.
    """
    left = owed.amount - sum((each.amount for each in planned), NOTHING)
    if left <= 0:
        return tuple(planned)
    return (*planned, Instalment(deal_id=owed.deal_id, amount=left, due_on=owed.won_on + DUE_AFTER))


def settled(
    instalments: Sequence[Instalment], payments: Sequence[Payment], until: date
) -> tuple[Decimal, ...]:
    """How much of each instalment is paid by `until`: payments fill them in the order they are due."""
    left = sum((each.amount for each in payments if each.on <= until), NOTHING)
    paid = []
    for each in sorted(instalments, key=lambda one: (one.due_on, one.id)):
        taken = min(each.amount, left)
        left -= taken
        paid.append(taken)
    return tuple(paid)


def collected(
    instalments: Sequence[Instalment], payments: Sequence[Payment], first: date, last: date
) -> Collected:
    """Of one deal: received against due / due over the days from `first` to `last` (method section 9).

    Due is what falls due by `last` and was not paid before `first`; what was paid for instalments not yet due does not
    count.
    """
    in_order = sorted(instalments, key=lambda one: (one.due_on, one.id))
    before = settled(in_order, payments, first - timedelta(days=1))
    now = settled(in_order, payments, last)
    due = received = NOTHING
    for each, was, paid in zip(in_order, before, now, strict=True):
        if each.due_on <= last:
            due += each.amount - was
            received += paid - was
    return Collected(due=due, received=received)


def together(parts: Sequence[Collected]) -> Collected:
    """The sum over deals."""
    return Collected(
        due=sum((each.due for each in parts), NOTHING),
        received=sum((each.received for each in parts), NOTHING),
    )
