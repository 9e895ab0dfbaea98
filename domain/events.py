"""What happened in a turn that others may want to hear: facts in the past tense, answered by reactions."""

from dataclasses import dataclass

from domain.activity import ActivityId
from domain.customers import CustomerId
from domain.deals import DealId, Passed, State
from domain.expenses import Alert
from domain.people import MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class ColleagueSeen:
    """Someone else than the owner recorded an activity with a customer."""

    activity_id: ActivityId
    customer_id: CustomerId
    customer_name: str
    owner_id: MemberId
    by_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DealMoved:
    """A deal left a milestone, forward or back; `by` is who moved it, where that was not its owner."""

    deal_id: DealId
    owner_id: MemberId
    milestone: int
    passed: Passed
    by_id: MemberId
    by_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DealSettled:
    """A deal rests, goes on again, or has ended; `by` is who said so, where that was not its owner."""

    deal_id: DealId
    owner_id: MemberId
    state: State
    by_id: MemberId
    by_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetCrossed:
    """The expenses of a deal came to 80 or to 100 percent of its budget (method section 10)."""

    deal_id: DealId
    level: Alert
    by_id: MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class SatisfactionFell:
    """A customer's answer took somebody's satisfaction below its target (method section 10)."""

    member_id: MemberId
    customer_id: CustomerId
    by_id: MemberId


Event = ColleagueSeen | DealMoved | DealSettled | BudgetCrossed | SatisfactionFell
