"""What holds for the numbers of the day whatever was recorded."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from domain.activity import DUPLICATE_WITHIN, VISITS_PER_CUSTOMER_DAY, Activity, Credit, Kind, recredited
from domain.people import Profile
from domain.quota import (
    DayState,
    Metric,
    attained,
    completion,
    day_state,
    plan,
    prorated,
    tally,
    week_completion,
)
from domain.schedule import local_date
from domain.steps import CARRIES_AT_MOST, carried, stands
from domain.workdays import Calendar, Leave
from tests.domain.records import CALENDAR, MONDAY, ZONE, day, record, wall
from tests.domain.staff import ACME, planner

MINUTES = st.integers(0, 7 * 24 * 60 - 1)
LEAVES = st.lists(
    st.tuples(st.integers(-20, 40), st.integers(0, 6)).map(
        lambda span: Leave(
            first=MONDAY + timedelta(days=span[0]), last=MONDAY + timedelta(days=span[0] + span[1])
        )
    ),
    max_size=3,
)
CALENDARS = st.builds(
    lambda week, leaves: Calendar(week=frozenset(week), leaves=tuple(leaves)),
    st.sets(st.integers(1, 7), min_size=1),
    LEAVES,
)


@st.composite
def weeks(draw: st.DrawFn, customers: int = 1, kinds: tuple[Kind, ...] = (Kind.VISIT,)) -> list[Activity]:
    """Records of one week: crowded enough that duplicates and limits are met."""
    found = []
    for number in range(draw(st.integers(0, 12))):
        hour, quarter = draw(st.integers(0, 30)), draw(st.integers(0, 3))
        at = wall(MONDAY, "08:00") + timedelta(hours=hour, minutes=quarter * 15)
        on = local_date(at, ZONE)
        made = record(
            number,
            draw(st.sampled_from(kinds)),
            on=on,
            clock=(at + timedelta(hours=8)).strftime("%H:%M"),
            customer=draw(st.integers(1, customers)),
            met=tuple(draw(st.sets(st.integers(1, 3), max_size=2))),
            withdrawn=draw(st.integers(0, 9)) == 0,
            key_customer=draw(st.booleans()),
            complete_at=draw(st.sampled_from([at, at, at, at + timedelta(hours=30), None])),
            credit=draw(st.sampled_from(Credit)),
        )
        found.append(made)
    return found


@given(weeks(), st.randoms(use_true_random=False))
def test_credit_does_not_depend_on_the_order_of_input(records: list[Activity], chance: Random) -> None:
    shuffled = sorted(records, key=lambda _: chance.random())
    assert recredited(shuffled, CALENDAR, ZONE) == recredited(records, CALENDAR, ZONE)


@given(weeks())
def test_deciding_twice_changes_nothing(records: list[Activity]) -> None:
    once = recredited(records, CALENDAR, ZONE)
    assert recredited(once, CALENDAR, ZONE) == once


@given(weeks())
def test_nothing_is_credited_beyond_the_limits(records: list[Activity]) -> None:
    decided = recredited(records, CALENDAR, ZONE)
    assert sorted(each.id for each in decided) == sorted(each.id for each in records)
    counted = [each for each in decided if each.credit is Credit.COUNTED]
    assert all(number <= VISITS_PER_CUSTOMER_DAY for number in Counter(each.on for each in counted).values())
    assert not any(each.withdrawn or each.complete_at is None for each in counted)
    for earlier, later in pairwise(counted):
        newcomers = set(later.contact_ids) - set(earlier.contact_ids)
        assert newcomers or later.at - earlier.at >= DUPLICATE_WITHIN


@given(weeks(), st.data())
def test_a_withdrawn_record_is_as_if_it_had_never_been(records: list[Activity], data: st.DataObject) -> None:
    if not records:
        return
    gone = data.draw(st.sampled_from(records)).id
    without = recredited([each for each in records if each.id != gone], CALENDAR, ZONE)
    marked = [
        record(each.id, on=each.on, clock="00:00", withdrawn=True) if each.id == gone else each
        for each in records
    ]
    assert tuple(e for e in recredited(marked, CALENDAR, ZONE) if e.id != gone) == without


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 20)), min_size=1, max_size=6))
def test_completion_lies_between_nothing_and_all(done: list[tuple[int, int]]) -> None:
    found = completion([attained(actual, target) for actual, target in done])
    assert found is not None
    assert 0 <= found <= 1


@given(
    weeks(customers=3, kinds=tuple(Kind)),
    CALENDARS,
    st.sampled_from(Profile),
    st.integers(0, 6),
)
def test_completion_of_a_week_lies_between_nothing_and_all(
    records: list[Activity], calendar: Calendar, profile: Profile, passed: int
) -> None:
    targets = plan(planner(profile, date(2026, 1, 1)), ACME, MONDAY)
    found = week_completion(targets, records, calendar, MONDAY, MONDAY + timedelta(days=passed))
    present = calendar.present_days(MONDAY, MONDAY + timedelta(days=6))
    assert (found is None) is not bool(present)
    assert found is None or 0 <= found <= 1


@given(st.integers(1, 100), st.integers(1, 7), st.data())
def test_a_shrunken_target_is_between_one_and_the_whole(
    target: int, working: int, data: st.DataObject
) -> None:
    present = data.draw(st.integers(0, working))
    due = prorated(target, present, working)
    assert (1 if present else 0) <= due <= target
    assert prorated(target, working, working) == target
    if present > 1:
        exact = Fraction(target * present, working)
        assert due == 1 or abs(due - exact) <= Fraction(1, 2)
        assert due >= prorated(target, present - 1, working)


@given(weeks(customers=3, kinds=tuple(Kind)))
def test_a_week_is_the_sum_of_its_days(records: list[Activity]) -> None:
    days = [MONDAY + timedelta(days=n) for n in range(7)]
    whole = tally(records, days[0], days[-1])
    for metric in whole:
        assert whole[metric] == sum(tally(records, each, each)[metric] for each in days)
    assert whole[Metric.KEY_VISITS] <= whole[Metric.VISITS]


ORDER = [DayState.OPEN, DayState.GRACE, DayState.MISSED]


@given(CALENDARS, MINUTES, MINUTES, st.integers(0, 6))
def test_a_day_never_goes_back(calendar: Calendar, one: int, other: int, number: int) -> None:
    on = day(2 + number)
    early, late = (datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=2 * n) for n in sorted((one, other)))
    before, after = (day_state(on, None, now, calendar, ZONE) for now in (early, late))
    if calendar.is_present(on):
        assert ORDER.index(before) <= ORDER.index(after)
    else:
        assert before is after is DayState.EXCUSED


@given(CALENDARS, MINUTES, MINUTES)
def test_what_was_reported_stays_so(calendar: Calendar, sent: int, later: int) -> None:
    sent_at = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=sent)
    at_once = day_state(MONDAY, sent_at, sent_at, calendar, ZONE)
    assert day_state(MONDAY, sent_at, sent_at + timedelta(minutes=later), calendar, ZONE) is at_once
    unsent = day_state(MONDAY, None, sent_at, calendar, ZONE)
    if calendar.is_present(MONDAY):
        assert (unsent, at_once) in {
            (DayState.OPEN, DayState.ON_TIME),
            (DayState.GRACE, DayState.LATE),
            (DayState.MISSED, DayState.MISSED),
        }


@given(CALENDARS, st.integers(0, 30), st.integers(0, 20))
def test_a_step_leaves_the_card_after_its_third_carry(calendar: Calendar, due: int, later: int) -> None:
    due_on = MONDAY + timedelta(days=due)
    today = due_on + timedelta(days=later)
    times = carried(due_on, today, calendar)
    assert 0 <= times <= CARRIES_AT_MOST
    assert times == min(CARRIES_AT_MOST, len(calendar.present_days(due_on + timedelta(days=1), today)))
    assert stands(due_on, today, calendar) or times == CARRIES_AT_MOST
