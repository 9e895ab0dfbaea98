"""Numbers in cells: what one person's week adds up to, day by day, always worked out as a whole (method section 2)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.activity import Activity, Credit, Kind
from domain.kpis import Kpi
from domain.quota import COUNTED, DAY_CLOSE, Claim, Metric, claimed, daily
from domain.results import Result
from domain.samples import Sample
from domain.schedule import instant
from domain.workdays import ONE_DAY, Calendar

# The last four working hours of a week end with its last day's close (*ours*: the day runs until 20:00).
LAST_HOURS = timedelta(hours=4)


class Cell(StrEnum):
    """What is kept of every person, day and week; SALES in hundredths of money, the others as counts."""

    CONTACTS = "contacts"
    CALLS = "calls"
    VISITS = "visits"
    KEY_VISITS = "key_visits"
    NEW_CUSTOMERS = "new_customers"
    SALES = "sales"
    VERIFIED = "verified"
    RECORDS = "records"
    RUSHED = "rushed"
    SAMPLED = "sampled"
    INVALID = "invalid"


Cells = Mapping[Cell, int]
OF_METRIC: Mapping[Metric, Cell] = {
    Metric.CONTACTS: Cell.CONTACTS,
    Metric.CALLS: Cell.CALLS,
    Metric.VISITS: Cell.VISITS,
    Metric.KEY_VISITS: Cell.KEY_VISITS,
    Metric.NEW_CUSTOMERS: Cell.NEW_CUSTOMERS,
}


def week_cells(
    records: Sequence[Activity],
    claims: Sequence[Claim],
    results: Sequence[Result],
    samples: Sequence[Sample],
    calendar: Calendar,
    zone: str,
    monday: date,
) -> dict[date, dict[Cell, int]]:
    """The cells of one person's week from `monday`, by day; what is nothing is left out.

    `records` and `claims` are all of the week's: their credit depends on each other, so a week is never added to but
    worked out again. The week's own cells are the sums of these.
    """
    days = [monday + n * ONE_DAY for n in range(7)]
    rush_from = _rush_from(calendar, zone, days)
    verified = {each.activity_id for each in samples if each.is_verified}
    found: dict[date, dict[Cell, int]] = {}
    counted = daily(records)
    for day in days:
        done, bulk = counted.get(day, {}), claimed(claims, day, day)
        found[day] = {OF_METRIC[each]: done.get(each, 0) + bulk.get(each, 0) for each in COUNTED}
    for record in records:
        if record.withdrawn or record.on not in found:
            continue
        cells = found[record.on]
        _add(cells, Cell.RECORDS, 1)
        if rush_from is not None and record.recorded_at >= rush_from:
            _add(cells, Cell.RUSHED, 1)
        if record.id in verified and record.kind is Kind.VISIT and record.credit is Credit.COUNTED:
            _add(cells, Cell.VERIFIED, 1)
    for result in results:
        if result.on in found and result.kpi is Kpi.SALES:
            _add(found[result.on], Cell.SALES, int(result.value.scaleb(2)))
        elif result.on in found and result.kpi is Kpi.NEW_CUSTOMERS:
            _add(found[result.on], Cell.NEW_CUSTOMERS, int(result.value))
    for sample in samples:
        if sample.on in found:
            _add(found[sample.on], Cell.SAMPLED, 1)
            _add(found[sample.on], Cell.INVALID, sample.is_invalid)
    return {day: kept for day, cells in found.items() if (kept := {c: n for c, n in cells.items() if n})}


def summed(days: Mapping[date, Cells]) -> dict[Cell, int]:
    """The week's cells: the sum of its days."""
    whole: dict[Cell, int] = {}
    for cells in days.values():
        for cell, n in cells.items():
            _add(whole, cell, n)
    return {cell: n for cell, n in whole.items() if n}


def _add(cells: dict[Cell, int], cell: Cell, n: int) -> None:
    cells[cell] = cells.get(cell, 0) + n


def _rush_from(calendar: Calendar, zone: str, days: Sequence[date]) -> datetime | None:
    """When the last four working hours of the week begin; None for a week with no day present."""
    present = calendar.present_days(days[0], days[-1])
    return instant(present[-1], DAY_CLOSE, zone) - LAST_HOURS if present else None
