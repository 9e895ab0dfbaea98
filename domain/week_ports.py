"""What the handlers ask of the storage about a week's numbers: the part of `domain.ports.Store` that holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from domain.collection import Instalment, Owed, Payment
from domain.customers import CustomerId
from domain.deals import DealId
from domain.kpis import Kpi, KpiSet
from domain.people import MemberId, TeamId
from domain.results import Result
from domain.rollups import Cell, Cells
from domain.samples import Doubt, Sample
from domain.satisfaction import Rating
from domain.targets import Target, TargetId, TargetStep


@dataclass(frozen=True, slots=True, kw_only=True)
class RollupCheck:
    """What the last nightly recomputation found: cells looked at, and how many were wrong and set right."""

    checked_at: datetime | None
    cells: int
    wrong: int
    examples: str = ""


class RollupStore(Protocol):
    """The numbers in cells."""

    def touched_weeks(self) -> frozenset[tuple[MemberId, date]]:
        """Whose weeks, by their Monday, this turn changed something in."""
        ...

    def touch_week(self, member: MemberId, on: date) -> None: ...
    def keep_cells(self, member: MemberId, monday: date, days: Mapping[date, Cells]) -> int:
        """Replaces the cells of a week, days and sum; how many cells were different."""
        ...

    def keep_week(self, member: MemberId, monday: date, cells: Cells) -> None:
        """Sets cells of a week to these sums, also to nothing."""
        ...

    def week_cells(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, dict[date, dict[Cell, int]]]:
        """The cells of whole weeks by their Monday, for the weeks whose Monday lies from `first` to `last`."""
        ...

    def day_cells(
        self, members: Sequence[MemberId], first: date, last: date, only: Sequence[Cell] = tuple(Cell)
    ) -> dict[MemberId, dict[date, dict[Cell, int]]]: ...
    def keep_check(self, check: RollupCheck) -> None: ...
    def last_check(self) -> RollupCheck | None: ...


class ResultStore(Protocol):
    """Results, what is owed and paid, and what customers say."""

    def add_result(self, result: Result) -> int: ...
    def results(
        self, members: Sequence[MemberId], kpis: Sequence[Kpi], first: date, last: date
    ) -> dict[MemberId, tuple[Result, ...]]: ...
    def results_of_deal(self, deal: DealId) -> tuple[Result, ...]: ...
    def results_of_customer(self, customer: CustomerId, kpi: Kpi) -> tuple[Result, ...]: ...
    def add_instalment(self, instalment: Instalment) -> int: ...
    def add_payment(self, payment: Payment, note: str, by: MemberId) -> int: ...
    def instalments(self, deals: Sequence[DealId]) -> dict[DealId, tuple[Instalment, ...]]: ...
    def payments(self, deals: Sequence[DealId]) -> dict[DealId, tuple[Payment, ...]]: ...
    def owed(self, owners: Sequence[MemberId], first: date, last: date) -> dict[MemberId, tuple[Owed, ...]]:
        """The deals of each owner that were won by `last` and not paid whole before `first`."""
        ...

    def kpis_with_facts(self) -> frozenset[Kpi]:
        """What the organisation ever kept a fact of: a KPI without any is not set up yet."""
        ...

    def add_rating(self, rating: Rating) -> int: ...
    def ratings(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, tuple[Rating, ...]]: ...
    def ratings_of_customer(self, customer: CustomerId, most: int) -> tuple[Rating, ...]:
        """What a customer said, the last first."""
        ...


class KpiStore(Protocol):
    """The sets of KPIs that an organisation made its own; those that ship have no row."""

    def kpi_sets(self) -> tuple[KpiSet, ...]: ...
    def keep_kpi_set(self, kept: KpiSet, by: MemberId, at: datetime) -> int: ...


class TargetStore(Protocol):
    """Targets and the steps on the way to them."""

    def add_target(self, target: Target) -> TargetId: ...
    def target(self, target: TargetId) -> Target | None: ...
    def revise_target(self, target: TargetId, **values: object) -> None: ...
    def add_target_step(self, target: TargetId, step: TargetStep) -> int: ...
    def pass_target(
        self,
        target: TargetId,
        said: TargetStep | None,
        *,
        answer_by: datetime | None,
        answer_of: MemberId | None,
    ) -> None:
        """What silence does: a step in somebody's place, and whose answer is waited for next; no fact of anybody's turn."""
        ...

    def target_steps(self, target: TargetId) -> tuple[TargetStep, ...]: ...
    def gather_targets(
        self, members: Sequence[MemberId], first: date, last: date, *, locked: bool = True
    ) -> dict[MemberId, tuple[Target, ...]]:
        """The sales targets of people that overlap these days; those being talked about too where not `locked`."""
        ...

    def team_targets(
        self, teams: Sequence[TeamId], first: date, last: date
    ) -> dict[TeamId, tuple[Target, ...]]: ...


class SampleStore(Protocol):
    """The quality samples of a week."""

    def add_sample(self, sample: Sample) -> int:
        """One record is drawn: nobody's doing, so no fact."""
        ...

    def sample(self, sample: int) -> Sample | None: ...
    def revise_sample(self, sample: int, **values: object) -> None: ...
    def samples_of(self, judges: Sequence[MemberId], since: date) -> tuple[Sample, ...]:
        """What these leaders were given to judge of the weeks since a Monday, also what they did judge."""
        ...

    def appeals(self) -> tuple[Sample, ...]:
        """The records whose judgement was appealed against and nobody decided yet."""
        ...

    def last_sampled(self, members: Sequence[MemberId]) -> dict[MemberId, date]:
        """The Monday of the last week each had a sample of."""
        ...

    def add_doubt(self, doubt: Doubt) -> int: ...
    def doubts(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, tuple[Doubt, ...]]:
        """What was explained of the weeks whose Monday lies in these days."""
        ...

    def samples(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[MemberId, tuple[Sample, ...]]:
        """The samples of the weeks whose Monday lies in these days."""
        ...


class WeekStore(RollupStore, ResultStore, KpiStore, TargetStore, SampleStore, Protocol):
    """All of it."""
