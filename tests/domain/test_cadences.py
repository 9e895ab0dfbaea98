"""Which day a cadence picks, what quiet hours and lateness do to a push, and what follows a change of the wall."""

from datetime import date, datetime, time, timedelta

import pytest

from domain.schedule import (
    LATE,
    Cadence,
    Due,
    Quiet,
    Rule,
    caught_up,
    due_on,
    instant,
    is_quiet,
    late_since,
    next_due,
    period_label,
    replanned,
    spoken,
)
from domain.workdays import Calendar, Leave, days
from tests.domain.records import CALENDAR, ZONE

PATIENCE = timedelta(hours=4)
MINUTE = timedelta(minutes=1)
NEW_YORK, AUCKLAND = "America/New_York", "Pacific/Auckland"


def rule(
    at: str = "08:30",
    cadence: Cadence = Cadence.WORKDAYS,
    patience: timedelta = PATIENCE,
    quiet: Quiet = Quiet.MOVES,
) -> Rule:
    return Rule(cadence=cadence, at=time.fromisoformat(at), patience=patience, quiet=quiet)


def at(text: str, zone: str = ZONE) -> datetime:
    found = datetime.fromisoformat(text)
    return instant(found.date(), found.time(), zone)


def labels(cadence: Cadence, calendar: Calendar, first: date, last: date) -> list[str]:
    found, after = [], instant(first, time(0, 0), ZONE)
    while due := next_due(rule(cadence=cadence), ZONE, calendar, after):
        if due.label > last.isoformat():
            break
        found.append(due.label)
        after = due.due_at
    return found


# Chinese New Year 2026: off from Sunday the 15th to Monday the 23rd, made up for on two Saturdays.
SPRING = Calendar(
    week=CALENDAR.week,
    off=frozenset(days(date(2026, 2, 16), date(2026, 2, 23))) | {date(2026, 1, 1), date(2026, 1, 2)},
    extra=frozenset({date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28)}),
)


@pytest.mark.parametrize(
    ("cadence", "expected"),
    [
        (Cadence.FIRST_OF_WEEK, ["2026-02-02", "2026-02-09", "2026-02-24"]),
        (Cadence.LAST_OF_WEEK, ["2026-02-06", "2026-02-14", "2026-02-28"]),
        (Cadence.MID_MONTH, ["2026-02-24"]),
        (Cadence.FIRST_OF_MONTH, ["2026-02-02"]),
        (Cadence.LAST_OF_MONTH, ["2026-02-28"]),
        (Cadence.FIRST_OF_QUARTER, []),
        (Cadence.FIRST_OF_YEAR, []),
    ],
)
def test_moved_working_days_decide_the_first_and_the_last(cadence: Cadence, expected: list[str]) -> None:
    assert labels(cadence, SPRING, date(2026, 2, 1), date(2026, 2, 28)) == expected


def test_a_day_of_every_month_quarter_and_year() -> None:
    first, last = date(2025, 12, 20), date(2027, 12, 31)
    assert labels(Cadence.FIRST_OF_YEAR, SPRING, first, last) == ["2026-01-04", "2027-01-01"]
    assert labels(Cadence.FIRST_OF_QUARTER, SPRING, first, date(2027, 1, 31)) == [
        "2026-01-04", "2026-04-01", "2026-07-01", "2026-10-01", "2027-01-01",
    ]  # fmt: skip
    assert labels(Cadence.DAILY, SPRING, date(2026, 2, 13), date(2026, 2, 20)) == [
        each.isoformat() for each in days(date(2026, 2, 13), date(2026, 2, 20))
    ]


@pytest.mark.parametrize(
    ("cadence", "fits"),
    [
        (Cadence.WORKDAYS, Calendar.is_present),
        (Cadence.FIRST_OF_WEEK, Calendar.first_of_week),
        (Cadence.LAST_OF_WEEK, Calendar.last_of_week),
        (Cadence.MID_MONTH, Calendar.mid_month),
        (Cadence.FIRST_OF_MONTH, Calendar.first_of_month),
        (Cadence.LAST_OF_MONTH, Calendar.last_of_month),
    ],
)
def test_a_cadence_picks_the_days_that_the_calendar_calls_so(cadence: Cadence, fits: object) -> None:
    away = Calendar(
        week=SPRING.week,
        off=SPRING.off,
        extra=SPRING.extra,
        leaves=(Leave(first=date(2026, 5, 28), last=date(2026, 7, 3)),),
    )
    span = (date(2026, 1, 2), date(2026, 12, 31))
    expected = [day.isoformat() for day in days(*span) if fits(away, day)]  # type: ignore[operator]
    assert labels(cadence, away, *span) == expected


@pytest.mark.parametrize(
    ("cadence", "label"),
    [
        (Cadence.WORKDAYS, "2026-03-02"),
        (Cadence.LAST_OF_WEEK, "2026-W10"),
        (Cadence.MID_MONTH, "2026-03"),
        (Cadence.FIRST_OF_QUARTER, "2026-Q1"),
        (Cadence.FIRST_OF_YEAR, "2026"),
    ],
)
def test_what_a_period_is_called(cadence: Cadence, label: str) -> None:
    assert period_label(cadence, "2026-03-02") == label


def test_what_is_said_once_a_week_is_not_said_again_when_its_day_is_moved() -> None:
    """Monday was served; then it is declared off, and Tuesday becomes the first day worked."""
    weekly = rule("10:05", Cadence.FIRST_OF_WEEK)
    moved = Calendar(week=CALENDAR.week, off=frozenset({date(2026, 3, 2)}))
    due = next_due(weekly, ZONE, moved, at("2026-03-02T11:00"), served="2026-03-02")
    assert due is not None
    assert due.label == "2026-03-09"


def test_quiet_hours_move_drop_or_leave_a_push_by_its_own_rule() -> None:
    day = date(2026, 3, 2)
    moved = due_on(rule("07:15"), day, ZONE)
    assert moved is not None
    assert moved.due_at == at("2026-03-02T08:00")
    night = due_on(rule("21:00"), day, ZONE)
    assert night is not None
    assert (night.label, night.due_at) == ("2026-03-02", at("2026-03-03T08:00"))
    assert due_on(rule("20:59"), day, ZONE) == Due(
        label="2026-03-02", due_at=at("2026-03-02T20:59"), not_after=at("2026-03-03T00:59")
    )
    assert due_on(rule("21:30", quiet=Quiet.DROPS), day, ZONE) is None
    for kind in (Quiet.OWN, Quiet.SILENT):
        own = due_on(rule("06:30", quiet=kind), day, ZONE)
        assert own is not None
        assert own.due_at == at("2026-03-02T06:30")


def test_a_push_of_the_night_comes_every_morning_after() -> None:
    after, found = at("2026-03-02T07:00"), []
    for _ in range(3):
        due = next_due(rule("22:00"), ZONE, CALENDAR, after)
        assert due is not None
        found.append(due.label)
        after = due.due_at
    assert found == ["2026-03-02", "2026-03-03", "2026-03-04"]


def test_what_is_late_into_the_night_waits_or_is_dropped() -> None:
    evening = Due(label="2026-03-02", due_at=at("2026-03-02T20:30"), not_after=at("2026-03-03T08:30"))
    now = at("2026-03-02T21:10")
    held = spoken(rule("20:30", patience=timedelta(hours=12)), ZONE, evening, now)
    assert held is not None
    assert held.due_at == at("2026-03-03T08:00")
    assert spoken(rule("20:30", quiet=Quiet.DROPS), ZONE, evening, now) is None
    assert spoken(rule("20:30", quiet=Quiet.SILENT), ZONE, evening, now) == evening
    assert spoken(rule("20:30"), ZONE, evening, at("2026-03-02T20:59")) == evening
    short = Due(label="2026-03-02", due_at=at("2026-03-02T20:30"), not_after=at("2026-03-03T07:59"))
    assert spoken(rule("20:30"), ZONE, short, now) is None


def test_the_own_time_stands_above_quiet_hours_but_not_when_it_comes_late() -> None:
    early = rule("07:00", quiet=Quiet.OWN)
    due = due_on(early, date(2026, 3, 2), ZONE)
    assert due is not None
    assert spoken(early, ZONE, due, due.due_at + LATE) == due
    held = spoken(early, ZONE, due, due.due_at + LATE + MINUTE)
    assert held is not None
    assert held.due_at == at("2026-03-02T08:00")


@pytest.mark.parametrize(
    ("now", "label", "says_so"),
    [
        ("2026-03-02T08:30", "2026-03-02", False),
        ("2026-03-02T08:40", "2026-03-02", False),
        ("2026-03-02T08:41", "2026-03-02", True),
        ("2026-03-02T12:30", "2026-03-02", True),
        ("2026-03-02T12:31", None, False),
        # Three were missed: today's comes, alone.
        ("2026-03-05T08:35", "2026-03-05", False),
        ("2026-03-05T10:00", "2026-03-05", True),
        ("2026-03-05T13:00", None, False),
        ("2026-03-08T09:00", None, False),
    ],
)
def test_after_an_outage_one_comes_while_it_is_of_use(now: str, label: str | None, *, says_so: bool) -> None:
    waited = due_on(rule(), date(2026, 3, 2), ZONE)
    assert waited is not None
    due = caught_up(rule(), ZONE, CALENDAR, waited, at(now))
    assert (due.label if due else None) == label
    assert (late_since(PATIENCE, due, at(now)) is not None if due else False) is says_so


def test_what_is_of_use_for_two_days_comes_until_then() -> None:
    scores = rule(cadence=Cadence.FIRST_OF_WEEK, patience=timedelta(hours=48))
    waited = due_on(scores, date(2026, 3, 2), ZONE)
    assert waited is not None
    assert caught_up(scores, ZONE, CALENDAR, waited, at("2026-03-04T08:30")) == waited
    assert caught_up(scores, ZONE, CALENDAR, waited, at("2026-03-04T08:31")) is None


def test_a_period_that_is_open_is_worked_out_from_its_instant() -> None:
    """The calendar changed at 08:29 and the tick looks at 08:31: today's card is not lost between them."""
    open_since = Due(label="2026-03-09", due_at=at("2026-03-02T08:29"), not_after=at("2026-03-02T08:28"))
    due = caught_up(rule(), ZONE, CALENDAR, open_since, at("2026-03-02T08:31"))
    assert due is not None
    assert due.label == "2026-03-02"
    assert caught_up(rule(), ZONE, CALENDAR, open_since, at("2026-03-02T08:29:30")) is None
    late = Due(label="2026-03-09", due_at=at("2026-03-02T09:00"), not_after=at("2026-03-02T08:59"))
    assert caught_up(rule(), ZONE, CALENDAR, late, at("2026-03-02T09:01")) is None


def test_whoever_flies_west_is_told_of_a_date_once() -> None:
    """Monday was served in Shanghai at 08:30; in New York it is Sunday evening again."""
    now = at("2026-03-02T09:00")
    waited = due_on(rule(), date(2026, 3, 3), ZONE)
    due = replanned(rule(), NEW_YORK, CALENDAR, now, waited, served="2026-03-02")
    assert due is not None
    assert (due.label, due.due_at) == ("2026-03-03", at("2026-03-03T08:30", NEW_YORK))


def test_whoever_flies_east_over_the_hour_is_owed_todays() -> None:
    """Tuesday's would come in Shanghai at 08:30; at 08:00 there it is 13:00 in Auckland."""
    now = at("2026-03-03T08:00")
    waited = due_on(rule(), date(2026, 3, 3), ZONE)
    due = replanned(rule(), AUCKLAND, CALENDAR, now, waited, served="2026-03-02")
    assert due == Due(label="2026-03-03", due_at=now, not_after=now + PATIENCE)
    assert late_since(PATIENCE, due, now + LATE) is None
    served = replanned(rule(), AUCKLAND, CALENDAR, now, waited, served="2026-03-03")
    assert served is not None
    assert served.label == "2026-03-04"


def test_nobody_is_owed_a_day_off_or_in_the_night() -> None:
    now = at("2026-03-03T08:00")
    waited = due_on(rule(), date(2026, 3, 3), ZONE)
    off = Calendar(week=CALENDAR.week, off=frozenset({date(2026, 3, 3)}))
    due = replanned(rule(), AUCKLAND, off, now, waited, served="2026-03-02")
    assert due is not None
    assert due.label == "2026-03-04"
    night = at("2026-03-03T21:05", AUCKLAND)
    due = replanned(rule(), AUCKLAND, CALENDAR, night, waited, served="2026-03-02")
    assert due is not None
    assert due.label == "2026-03-04"


def test_what_is_due_stays_due_when_a_setting_changes_in_its_minute() -> None:
    waited = due_on(rule(), date(2026, 3, 2), ZONE)
    assert replanned(rule(), ZONE, CALENDAR, at("2026-03-02T08:31"), waited) == waited
    later = replanned(rule("10:00"), ZONE, CALENDAR, at("2026-03-02T09:00"), None, served="2026-03-02")
    assert later is not None
    assert later.label == "2026-03-03"


def test_who_joins_in_the_afternoon_waits_for_tomorrow() -> None:
    due = replanned(rule(), ZONE, CALENDAR, at("2026-03-02T13:00"))
    assert due is not None
    assert due.label == "2026-03-03"


def test_quiet_is_from_21_to_8() -> None:
    assert [is_quiet(at(f"2026-03-02T{each}"), ZONE) for each in ("07:59", "08:00", "20:59", "21:00")] == [
        True, False, False, True,
    ]  # fmt: skip
