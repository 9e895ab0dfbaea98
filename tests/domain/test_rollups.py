"""Numbers in cells: a week worked out anew is the same whichever way its records came about (method section 2)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.activity import Activity, ActivityId, Credit, Kind, recredited
from domain.kpis import Kpi
from domain.people import MemberId
from domain.quota import Claim, Metric, claimed, tally
from domain.results import Origin, Result
from domain.rollups import OF_METRIC, Cell, summed, week_cells
from domain.samples import Sample, Upheld, Verdict
from domain.workdays import ONE_DAY, Calendar
from tests.domain.records import CALENDAR, MONDAY, ZONE, away, day, record, wall
from tests.domain.test_properties import weeks

SUNDAY = MONDAY + 6 * ONE_DAY
CLAIMS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 9), st.sampled_from((Metric.CALLS, Metric.VISITS))),
    max_size=4,
).map(
    lambda rows: [
        Claim(id=n, metric=metric, on=MONDAY + offset * ONE_DAY, quantity=9, effective=effective)
        for n, (offset, effective, metric) in enumerate(rows)
    ]
)


def cells(
    records: Sequence[Activity] = (),
    claims: Sequence[Claim] = (),
    results: Sequence[Result] = (),
    samples: Sequence[Sample] = (),
    calendar: Calendar = CALENDAR,
) -> dict[date, dict[Cell, int]]:
    return week_cells(records, claims, results, samples, calendar, ZONE, MONDAY)


def result(kpi: Kpi, on: date, value: str) -> Result:
    return Result(
        member_id=MemberId(1),
        team_id=None,
        kpi=kpi,
        on=on,
        value=Decimal(value),
        origin=Origin.DERIVED,
        made_by=MemberId(1),
    )


def sample(of: Activity, verdict: Verdict, upheld: Upheld = Upheld.NONE) -> Sample:
    return Sample(
        id=of.id,
        member_id=of.member_id,
        monday=MONDAY,
        activity_id=of.id,
        on=of.on,
        drawn_at=datetime(2026, 3, 9, tzinfo=UTC),
        judge_id=None,
        verdict=verdict,
        upheld=upheld,
    )


def credited(records: Sequence[Activity]) -> list[Activity]:
    """The records as the product keeps them: each customer and kind decided in the order it happened."""
    found: list[Activity] = []
    for of in sorted({(each.customer_id, each.kind) for each in records}):
        mine = [each for each in records if (each.customer_id, each.kind) == of]
        found += recredited(mine, CALENDAR, ZONE)
    return found


@given(weeks(customers=3, kinds=tuple(Kind)), CLAIMS, st.randoms(use_true_random=False))
def test_the_order_in_which_rows_are_read_changes_nothing(
    records: list[Activity], claims: list[Claim], chance: Random
) -> None:
    mixed = sorted(records, key=lambda _: chance.random())
    assert cells(mixed, claims[::-1]) == cells(records, claims)


@given(weeks(customers=3, kinds=tuple(Kind)), st.randoms(use_true_random=False))
def test_recording_editing_and_undoing_in_any_order_ends_in_the_same_cells(
    records: list[Activity], chance: Random
) -> None:
    """What is kept after each step is what a recomputation from scratch finds, whatever happened on the way."""
    kept: dict[ActivityId, Activity] = {}
    for each in sorted(records, key=lambda _: chance.random()):
        # Recorded on another day at another customer first, taken back, and corrected at last.
        elsewhere = record(each.id, each.kind, on=day(2 + chance.randrange(7)), customer=chance.randint(1, 3))
        for version in (elsewhere, replace(elsewhere, withdrawn=True), each):
            kept[each.id] = version
            kept = {one.id: one for one in credited(list(kept.values()))}
    assert cells(list(kept.values())) == cells(credited(records))


@given(weeks(customers=3, kinds=tuple(Kind)), CLAIMS)
def test_cells_are_what_the_day_cards_count(records: list[Activity], claims: list[Claim]) -> None:
    found, whole = cells(records, claims), summed(cells(records, claims))
    for on in (MONDAY + n * ONE_DAY for n in range(7)):
        counted, bulk = tally(records, on, on), claimed(claims, on, on)
        for metric in (Metric.CONTACTS, Metric.CALLS, Metric.VISITS, Metric.KEY_VISITS):
            assert found.get(on, {}).get(OF_METRIC[metric], 0) == counted[metric] + bulk.get(metric, 0)
    of_week = tally(records, MONDAY, SUNDAY)
    assert whole.get(Cell.CONTACTS, 0) == of_week[Metric.CONTACTS]
    assert whole.get(Cell.RECORDS, 0) == sum(
        not each.withdrawn for each in records if MONDAY <= each.on <= SUNDAY
    )
    assert all(n > 0 for by_cell in found.values() for n in by_cell.values())


def test_contacts_of_a_customer_stop_counting_on_the_sixth_day_of_a_week() -> None:
    records = [record(n, Kind.CALL, on=MONDAY + n * ONE_DAY) for n in range(7)]
    found = cells(records)
    assert [by_cell.get(Cell.CONTACTS, 0) for _, by_cell in sorted(found.items())] == [1, 1, 1, 1, 1, 0, 0]
    assert summed(found)[Cell.CALLS] == 7


@pytest.mark.parametrize(
    ("calendar", "entered", "rushed"),
    [
        # The week's last day closes at 20:00: what came from 16:00 on came in its last four working hours.
        (CALENDAR, wall(day(6), "15:59"), 0),
        (CALENDAR, wall(day(6), "16:00"), 1),
        (CALENDAR, wall(day(8), "11:00"), 1),
        # With Thursday and Friday off, the week ends on Wednesday.
        (away(5, 6), wall(day(4), "15:59"), 0),
        (away(5, 6), wall(day(4), "16:00"), 1),
        # Nobody rushes in a week away.
        (away(2, 8), wall(day(6), "19:00"), 0),
    ],
)
def test_records_of_the_last_four_working_hours_are_marked(
    calendar: Calendar, entered: datetime, rushed: int
) -> None:
    found = summed(cells([record(1, recorded_at=entered)], calendar=calendar))
    assert (found[Cell.RECORDS], found.get(Cell.RUSHED, 0)) == (1, rushed)


def test_results_stand_in_the_cells_of_their_day_to_the_cent() -> None:
    found = cells(
        results=[
            result(Kpi.SALES, MONDAY, "1000.01"),
            result(Kpi.SALES, MONDAY, "0.99"),
            result(Kpi.SALES, day(4), "-5.50"),
            result(Kpi.NEW_CUSTOMERS, day(4), "2.00"),
            result(Kpi.SALES, day(9), "7"),
            result(Kpi.COMPLAINTS, MONDAY, "3"),
        ]
    )
    assert found == {MONDAY: {Cell.SALES: 100_100}, day(4): {Cell.SALES: -550, Cell.NEW_CUSTOMERS: 2}}
    assert summed(found) == {Cell.SALES: 99_550, Cell.NEW_CUSTOMERS: 2}


@pytest.mark.parametrize(
    ("verdict", "upheld", "verified", "invalid"),
    [
        (Verdict.VALID, Upheld.NONE, 1, 0),
        # Silence makes nothing invalid, and verifies nothing.
        (Verdict.OPEN, Upheld.NONE, 0, 0),
        (Verdict.INVALID, Upheld.NONE, 0, 1),
        (Verdict.INVALID, Upheld.WAITING, 0, 1),
        (Verdict.INVALID, Upheld.UPHELD, 0, 1),
        (Verdict.INVALID, Upheld.REVERSED, 1, 0),
    ],
)
def test_what_was_judged_of_a_sample_is_counted(
    verdict: Verdict, upheld: Upheld, verified: int, invalid: int
) -> None:
    visit, thin = record(1), record(2, on=day(3), credit=Credit.THIN)
    found = summed(cells([visit, thin], samples=[sample(visit, verdict, upheld)]))
    assert (found[Cell.SAMPLED], found.get(Cell.VERIFIED, 0), found.get(Cell.INVALID, 0)) == (
        1,
        verified,
        invalid,
    )
    # Only a visit that counts can be a verified one.
    for other in (thin, record(3, Kind.CALL)):
        assert Cell.VERIFIED not in summed(cells([other], samples=[sample(other, verdict, upheld)]))


def test_a_record_moved_out_of_the_week_leaves_nothing_behind() -> None:
    moved = replace(record(1), on=SUNDAY + ONE_DAY, at=wall(SUNDAY, "09:00") + timedelta(days=1))
    assert cells([moved]) == {}
