"""What the handlers ask of the storage about funnels: the part of `domain.ports.Store` that holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from domain.corrections import CorrectionPlan, PlanId
from domain.deal_ports import Which
from domain.deals import Checked, Deal, DealId
from domain.matters import Ruling
from domain.milestones import TemplateId
from domain.people import MemberId, TeamId
from domain.snapshots import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """How many stays of an owner's deals in a milestone ended, and how many of them forward."""

    owner_id: MemberId
    team_id: TeamId | None
    milestone: int
    entered: int
    advanced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """One deal that was won or lost: when it began and ended."""

    owner_id: MemberId
    team_id: TeamId | None
    won: bool
    opened_on: date
    closed_on: date


class FunnelStore(Protocol):
    """Whole funnels at once: as many queries for one deal as for all."""

    def every_deal(self, which: Which) -> tuple[Deal, ...]:
        """All deals of a list, by their number."""
        ...

    def deals_numbered(self, deals: Sequence[DealId]) -> tuple[Deal, ...]: ...
    def gather_checked(self, deals: Sequence[DealId]) -> dict[DealId, tuple[Checked, ...]]:
        """The checklist of many deals."""
        ...

    def all_outcomes(self) -> Mapping[str, tuple[int, int]]:
        """How many deals of each confirmed standing (`7C1F0W`) were won, and how many closed."""
        ...

    def gather_won_passages(
        self, templates: Sequence[TemplateId]
    ) -> dict[tuple[TemplateId, int], tuple[int, ...]]:
        """The days of the last stays of won deals, by ladder and milestone."""
        ...

    def passed_since(self, since: date) -> tuple[Passed, ...]: ...
    def ended_since(self, since: date) -> tuple[Ended, ...]: ...
    def opened_since(self, since: date) -> Mapping[MemberId, int]:
        """How many deals each owner has that were opened since a day."""
        ...

    # snapshots
    def keep_snapshot(self, snapshot: Snapshot) -> bool:
        """Keeps a team's snapshot of a week once; whether it is new."""
        ...

    def snapshots(self, teams: Sequence[TeamId], before: str) -> dict[TeamId, Snapshot]:
        """The last snapshot of each team from a week before this one."""
        ...

    # correction plans
    def add_correction(self, plan: CorrectionPlan) -> PlanId: ...
    def correction(self, plan: PlanId) -> CorrectionPlan | None: ...
    def revise_correction(self, plan: PlanId, **values: object) -> None: ...
    def open_corrections(self, teams: Sequence[TeamId]) -> tuple[CorrectionPlan, ...]:
        """The open plans of some teams, the first due first."""
        ...

    def gather_corrections(self, owners: Sequence[MemberId]) -> dict[MemberId, tuple[CorrectionPlan, ...]]:
        """The open plans of each owner, the first due first."""
        ...

    # exceptions
    def add_ruling(self, ruling: Ruling) -> int: ...
    def rulings(self, deals: Sequence[DealId]) -> dict[DealId, tuple[Ruling, ...]]:
        """What was decided about each deal, the latest last."""
        ...
