"""Correction plans: how a team that is below pace means to catch up, who does what by when (method sections 2 and 4)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction
from typing import NewType

from domain.people import MemberId, TeamId

PlanId = NewType("PlanId", int)
# Below this share of what is expected by now a team owes a plan (method section 2).
BELOW_PACE = Fraction(90, 100)


class PlanState(StrEnum):
    """A plan is open until it is done or dropped."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionPlan:
    """One action against a gap, with its owner and date."""

    id: PlanId
    team_id: TeamId
    text: str
    owner_id: MemberId
    due_on: date
    made_by: MemberId
    made_at: datetime
    state: PlanState = PlanState.OPEN

    def is_overdue(self, today: date) -> bool:
        return self.state is PlanState.OPEN and self.due_on < today


def pace(won: Fraction, target: Fraction, passed: int, whole: int) -> Fraction | None:
    """Actual / expected by the end of day `passed` of `whole` working days; None before the first and without a target."""
    if target <= 0 or passed <= 0 or whole <= 0:
        return None
    return won / (target * passed / whole)


def owes_plan(found: Fraction | None) -> bool:
    """Whether a pace is below 90 %."""
    return found is not None and found < BELOW_PACE
