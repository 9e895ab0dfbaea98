"""When a push is due: right at every change of every zone, and once per day worked (method section 10)."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from domain.schedule import Cadence, Rule, instant, local_date, local_time, next_due
from domain.workdays import Calendar, Leave, days
from tests.domain.records import CALENDAR, ZONE, day, wall
from tests.domain.zones import Switch, different_zones, zones

QUARTER = timedelta(minutes=15)
PATIENCE = timedelta(hours=4)
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
EVERY_DAY = Calendar(week=frozenset(range(1, 8)))


def rule(at: time, cadence: Cadence = Cadence.WORKDAYS, patience: timedelta = PATIENCE) -> Rule:
    return Rule(cadence=cadence, at=at, patience=patience)


def walls(switch: Switch) -> list[datetime]:
    """The wall times that a switch skips or repeats, every quarter of an hour and the last second."""
    shown = (switch.at + switch.before).replace(tzinfo=None)
    start = min(shown, shown + switch.by)
    found = [start + n * QUARTER for n in range(abs(switch.by) // QUARTER)]
    return [*found, start + abs(switch.by) - timedelta(seconds=1)]


def test_all_zones_are_looked_at() -> None:
    switches = [switch for found in zones().values() for switch in found]
    assert len(zones()) > 400
    assert any(switch.by == timedelta(minutes=30) for switch in switches)
    assert {switch.by > timedelta(0) for switch in switches} == {True, False}


def test_a_skipped_time_is_the_first_instant_after_the_gap() -> None:
    wrong = [
        (name, skipped)
        for name, switches in zones().items()
        for switch in switches
        if switch.by > timedelta(0)
        for skipped in walls(switch)
        if instant(skipped.date(), skipped.time(), name) != switch.at
    ]
    assert wrong == []


def test_a_repeated_time_is_its_first_occurrence() -> None:
    wrong = [
        (name, repeated)
        for name, switches in zones().items()
        for switch in switches
        if switch.by < timedelta(0)
        for repeated in walls(switch)
        if instant(repeated.date(), repeated.time(), name) != repeated.replace(tzinfo=UTC) - switch.before
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("zone", "on", "at", "expected"),
    [
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), "2026-03-29T01:00"),
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), "2026-10-25T00:30"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:30"),
        ("America/New_York", date(2026, 3, 8), time(8, 30), "2026-03-08T12:30"),
        ("Asia/Shanghai", date(2026, 3, 2), time(8, 30), "2026-03-02T00:30"),
        ("Asia/Kathmandu", date(2026, 3, 2), time(8, 30), "2026-03-02T02:45"),
    ],
)
def test_known_instants(zone: str, on: date, at: time, expected: str) -> None:
    assert instant(on, at, zone) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_what_the_wall_shows() -> None:
    moment = datetime(2026, 3, 2, 16, 59, 58, 7, tzinfo=UTC)
    assert local_date(moment, ZONE) == day(3)
    assert local_time(moment, ZONE) == time(0, 59)


@pytest.mark.parametrize("at", [time(0, 0), time(2, 30), time(8, 30), time(23, 45)])
@pytest.mark.parametrize("calendar", [CALENDAR, EVERY_DAY], ids=["weekdays", "every day"])
def test_one_push_per_day_worked_in_every_zone(at: time, calendar: Calendar) -> None:
    expected = [each.isoformat() for each in calendar.present_days(*YEAR)]
    for zone in different_zones():
        labels, after = [], instant(YEAR[0], time(0, 0), zone) - timedelta(minutes=1)
        for _ in expected:
            due = next_due(rule(at), zone, calendar, after)
            assert due is not None, zone
            assert due.due_at > after, zone
            assert due.not_after == due.due_at + PATIENCE
            labels.append(due.label)
            after = due.due_at
        assert labels == expected, zone


@pytest.mark.parametrize("zone", ["Africa/Cairo", "America/Nuuk", "America/Santiago", "Europe/London"])
def test_looking_every_hour_finds_the_same_days(zone: str) -> None:
    """However often it is asked, nothing is due twice and nothing is left out."""
    first, last = date(2026, 3, 20), date(2026, 4, 10)
    now, labels = instant(first, time(0, 0), zone) - timedelta(minutes=1), []
    while local_date(now, zone) <= last:
        due = next_due(rule(time(0, 0)), zone, EVERY_DAY, now)
        assert due is not None
        if due.due_at <= now + timedelta(hours=1) and due.label <= last.isoformat():
            labels.append(due.label)
        now += timedelta(hours=1)
    assert labels == [each.isoformat() for each in days(first, last)]


def test_the_next_push_waits_for_a_day_worked() -> None:
    calendar = Calendar(week=CALENDAR.week, leaves=(Leave(first=day(6), last=day(10)),))
    due = next_due(rule(time(8, 30)), ZONE, calendar, wall(day(5), "08:30"))
    assert due is not None
    assert (due.label, due.due_at) == ("2026-03-11", wall(day(11), "08:30"))


def test_no_push_without_a_day_worked() -> None:
    nobody = Calendar(week=frozenset())
    assert next_due(rule(time(8, 30)), ZONE, nobody, wall(day(2), "08:00")) is None
