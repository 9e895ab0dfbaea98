"""What is scored: the catalogue of KPIs, and the sets of them that make a role's card (method section 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.people import Role


class Kpi(StrEnum):
    """The KPIs of method section 6."""

    SALES = "sales"
    COLLECTION = "collection"
    SATISFACTION = "satisfaction"
    NEW_CUSTOMERS = "new_customers"
    PLAN_COMPLETION = "plan_completion"
    TEAM_ATTAINMENT = "team_attainment"
    FORECAST_ACCURACY = "forecast_accuracy"
    TALKS = "talks"
    TRAINING = "training"
    NEW_CUSTOMER_SALES = "new_customer_sales"
    GROWTH = "growth"
    GROSS_MARGIN = "gross_margin"
    SHARE = "share"
    COMPLAINTS = "complaints"
    RECEIVABLES = "receivables"
    NEW_MARKET = "new_market"
    CHANNELS = "channels"
    RESPONSE_TIME = "response_time"
    RESOLUTION_TIME = "resolution_time"
    CONVERSION = "conversion"
    REPURCHASE = "repurchase"
    VISITS = "visits"
    PROPOSAL_QUALITY = "proposal_quality"
    CERTIFICATES = "certificates"


class Sort(StrEnum):
    """What a KPI tells of: what came out, what was done, or how well."""

    RESULT = "result"
    BEHAVIOUR = "behaviour"
    QUALITY = "quality"


class Side(StrEnum):
    """The four sides of the balanced scorecard."""

    FINANCE = "finance"
    CUSTOMER = "customer"
    PROCESS = "process"
    LEARNING = "learning"


class Unit(StrEnum):
    """What a KPI is counted in."""

    MONEY = "money"
    PERCENT = "percent"
    COUNT = "count"
    HOURS = "hours"
    MARKS = "marks"


class Better(StrEnum):
    """Whether more or less of a KPI is good."""

    HIGHER = "higher"
    LOWER = "lower"


class Window(StrEnum):
    """Over which days a KPI is looked at (*ours* where the method leaves it open).

    QUARTER is the rolling quarter of project deals, WEEK the week of the card, MONTH the month so far against pace, LAST
    the last 90 days: all of them, or the last number typed in them.
    """

    QUARTER = "quarter"
    WEEK = "week"
    MONTH = "month"
    LAST = "last"


class Comes(StrEnum):
    """Where the numbers of a KPI come from: worked out from records, typed or imported, or nowhere yet."""

    DERIVED = "derived"
    TYPED = "typed"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiRow:
    """One row of the catalogue: kind, side of the balanced scorecard, unit, source and window. `target` is what ships, in the KPI's own unit, where the method names one."""

    kpi: Kpi
    sort: Sort
    side: Side
    unit: Unit
    comes: Comes
    window: Window
    better: Better = Better.HIGHER
    target: Decimal | None = None

    @property
    def adds_up(self) -> bool:
        """Whether the numbers of a window add up; of others the last one holds."""
        return self.window is not Window.LAST


def _row(kpi: Kpi, sort: Sort, side: Side, unit: Unit, comes: Comes, target: int | None = None) -> KpiRow:
    return KpiRow(
        kpi=kpi,
        sort=sort,
        side=side,
        unit=unit,
        comes=comes,
        window=_window(kpi, unit),
        better=Better.LOWER if kpi in LOWER else Better.HIGHER,
        target=None if target is None else Decimal(target),
    )


def _window(kpi: Kpi, unit: Unit) -> Window:
    """What is counted adds up over the month; a share, a time, a mark and what is open hold until the next one."""
    if kpi in WINDOWS:
        return WINDOWS[kpi]
    return Window.MONTH if unit in (Unit.COUNT, Unit.MONEY) else Window.LAST


WINDOWS: Mapping[Kpi, Window] = {
    Kpi.SALES: Window.QUARTER,
    Kpi.TEAM_ATTAINMENT: Window.QUARTER,
    Kpi.PLAN_COMPLETION: Window.WEEK,
    Kpi.VISITS: Window.WEEK,
    Kpi.FORECAST_ACCURACY: Window.MONTH,
    Kpi.RECEIVABLES: Window.LAST,
}
LOWER = frozenset({Kpi.COMPLAINTS, Kpi.RECEIVABLES, Kpi.RESPONSE_TIME, Kpi.RESOLUTION_TIME})
# The customer's own voice: every card of a rep holds one of these (method section 6).
CUSTOMER_KPIS = frozenset({Kpi.SATISFACTION, Kpi.REPURCHASE, Kpi.COMPLAINTS})
CATALOGUE: Mapping[Kpi, KpiRow] = {
    row.kpi: row
    for row in (
        _row(Kpi.SALES, Sort.RESULT, Side.FINANCE, Unit.MONEY, Comes.DERIVED),
        _row(Kpi.COLLECTION, Sort.RESULT, Side.FINANCE, Unit.PERCENT, Comes.DERIVED, 95),
        _row(Kpi.SATISFACTION, Sort.QUALITY, Side.CUSTOMER, Unit.PERCENT, Comes.DERIVED, 90),
        _row(Kpi.NEW_CUSTOMERS, Sort.RESULT, Side.CUSTOMER, Unit.COUNT, Comes.DERIVED, 2),
        _row(Kpi.PLAN_COMPLETION, Sort.BEHAVIOUR, Side.PROCESS, Unit.PERCENT, Comes.DERIVED, 90),
        _row(Kpi.TEAM_ATTAINMENT, Sort.RESULT, Side.FINANCE, Unit.PERCENT, Comes.DERIVED, 100),
        _row(Kpi.FORECAST_ACCURACY, Sort.QUALITY, Side.PROCESS, Unit.PERCENT, Comes.DERIVED, 90),
        _row(Kpi.TALKS, Sort.BEHAVIOUR, Side.LEARNING, Unit.COUNT, Comes.NOWHERE),
        _row(Kpi.TRAINING, Sort.BEHAVIOUR, Side.LEARNING, Unit.COUNT, Comes.NOWHERE),
        _row(Kpi.NEW_CUSTOMER_SALES, Sort.RESULT, Side.FINANCE, Unit.MONEY, Comes.TYPED),
        _row(Kpi.GROWTH, Sort.RESULT, Side.FINANCE, Unit.PERCENT, Comes.TYPED, 10),
        _row(Kpi.GROSS_MARGIN, Sort.RESULT, Side.FINANCE, Unit.PERCENT, Comes.TYPED),
        _row(Kpi.SHARE, Sort.RESULT, Side.CUSTOMER, Unit.PERCENT, Comes.TYPED),
        _row(Kpi.COMPLAINTS, Sort.QUALITY, Side.CUSTOMER, Unit.COUNT, Comes.TYPED),
        _row(Kpi.RECEIVABLES, Sort.RESULT, Side.FINANCE, Unit.MONEY, Comes.TYPED),
        _row(Kpi.NEW_MARKET, Sort.RESULT, Side.CUSTOMER, Unit.COUNT, Comes.TYPED),
        _row(Kpi.CHANNELS, Sort.RESULT, Side.PROCESS, Unit.COUNT, Comes.TYPED),
        _row(Kpi.RESPONSE_TIME, Sort.QUALITY, Side.PROCESS, Unit.HOURS, Comes.TYPED, 24),
        _row(Kpi.RESOLUTION_TIME, Sort.QUALITY, Side.PROCESS, Unit.HOURS, Comes.TYPED),
        _row(Kpi.CONVERSION, Sort.RESULT, Side.PROCESS, Unit.PERCENT, Comes.TYPED),
        _row(Kpi.REPURCHASE, Sort.RESULT, Side.CUSTOMER, Unit.PERCENT, Comes.TYPED),
        _row(Kpi.VISITS, Sort.BEHAVIOUR, Side.PROCESS, Unit.COUNT, Comes.DERIVED, 10),
        _row(Kpi.PROPOSAL_QUALITY, Sort.QUALITY, Side.PROCESS, Unit.MARKS, Comes.TYPED),
        _row(Kpi.CERTIFICATES, Sort.BEHAVIOUR, Side.LEARNING, Unit.COUNT, Comes.TYPED),
    )
}

WHOLE, LEAST = 100, 15


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiSet:
    """The KPIs of a role's card with their weights, in the order they are shown; version 0 is the one that ships.

    It holds for weeks that begin on or after `since`.
    """

    role: Role
    version: int
    lines: tuple[tuple[Kpi, int], ...]
    since: date = date.min
    targets: Mapping[Kpi, Decimal] = field(default_factory=dict)

    def target(self, kpi: Kpi) -> Decimal | None:
        """What is to be reached, in the KPI's own unit: what was set here, else what ships; None where neither is."""
        return self.targets.get(kpi, CATALOGUE[kpi].target)


SHIPPED: Mapping[Role, KpiSet] = {
    Role.REP: KpiSet(
        role=Role.REP,
        version=0,
        lines=(
            (Kpi.SALES, 40),
            (Kpi.COLLECTION, 15),
            (Kpi.SATISFACTION, 15),
            (Kpi.NEW_CUSTOMERS, 15),
            (Kpi.PLAN_COMPLETION, 15),
        ),
    ),
    Role.MANAGER: KpiSet(
        role=Role.MANAGER,
        version=0,
        lines=(
            (Kpi.TEAM_ATTAINMENT, 40),
            (Kpi.FORECAST_ACCURACY, 15),
            (Kpi.TALKS, 15),
            (Kpi.SATISFACTION, 15),
            (Kpi.TRAINING, 15),
        ),
    ),
}


class SetFlaw(StrEnum):
    """What is wrong with a set of KPIs."""

    SUM = "sum"
    LEAST = "least"
    CUSTOMER = "customer"
    OUTCOME = "outcome"
    TWICE = "twice"


def flaws(lines: Sequence[tuple[Kpi, int]], role: Role) -> tuple[SetFlaw, ...]:
    """What the weight rules of method sections 2 and 6 have against a set, all of it.

    Weights sum to 100, each at least 15; outcomes weigh at least half; a rep's card holds a customer KPI.
    """
    found = []
    kpis = [kpi for kpi, _ in lines]
    if len(set(kpis)) < len(kpis):
        found.append(SetFlaw.TWICE)
    if sum(weight for _, weight in lines) != WHOLE:
        found.append(SetFlaw.SUM)
    if any(weight < LEAST for _, weight in lines):
        found.append(SetFlaw.LEAST)
    if (
        2 * sum(weight for kpi, weight in lines if CATALOGUE[kpi].sort is Sort.RESULT) < WHOLE
        and role is Role.REP
    ):
        found.append(SetFlaw.OUTCOME)
    if role is Role.REP and CUSTOMER_KPIS.isdisjoint(kpis):
        found.append(SetFlaw.CUSTOMER)
    return tuple(found)


def in_force(sets: Sequence[KpiSet], role: Role, on: date) -> KpiSet | None:
    """The set of a role that holds in the week that begins on a date: the newest that had begun, else the shipped one."""
    own = [each for each in sets if each.role is role and each.since <= on]
    return max(own, key=lambda each: (each.since, each.version), default=SHIPPED.get(role))


class Measure(StrEnum):
    """Whether a KPI of somebody has a number: measured, nothing to measure, expected but missing, or no source yet."""

    MEASURED = "measured"
    EXCUSED = "excused"
    MISSING = "missing"
    NOT_SET_UP = "not_set_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A KPI of one person over its window, in the KPI's own unit (percent as 0..100)."""

    kpi: Kpi
    state: Measure
    actual: Fraction | None = None
    target: Fraction | None = None
