"""R14 and R15: each period of each zone has one push, and a person who moves about has each date at most once.

The short form looks at one zone of each behaviour; the whole of it is `uv run pytest -m long tests/domain/test_all_zones.py`.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from domain.schedule import Cadence, Due, Quiet, Rule, instant, is_quiet, local_date, next_due, replanned
from domain.workdays import Calendar, days
from tests.domain.zones import different_zones, offset, zones

NO_TIME, SECOND = timedelta(0), timedelta(seconds=1)
PATIENCE = timedelta(hours=4)
WEEKDAYS = Calendar(week=frozenset(range(1, 6)))
CADENCES = (Cadence.DAILY, Cadence.FIRST_OF_WEEK, Cadence.FIRST_OF_MONTH)
# Every half hour of a day, and times that no half hour is.
TIMES = [time(n // 2, n % 2 * 30) for n in range(48)] + [time(2, 15), time(23, 59)]
SHORT_TIMES = [time(0, 0), time(2, 30), time(23, 30)]
AHEAD = 14.0
SEED, CHANGES = 20261126, 10_000


def expected(cadence: Cadence, first: date, last: date) -> list[str]:
    """The dates of a cadence in a span, by counting."""
    found, seen = [], set()
    for day in days(first - timedelta(days=31), last):
        match cadence:
            case Cadence.DAILY:
                period: object = day
            case Cadence.FIRST_OF_WEEK:
                period = day.isocalendar()[:2]
            case _:
                period = (day.year, day.month)
        if (cadence is Cadence.DAILY or day.isoweekday() < 6) and period not in seen:
            seen.add(period)
            found.append(day.isoformat())
    return [day for day in found if day >= first.isoformat()]


def fired(rule: Rule, zone: str, first: date, last: date) -> Iterator[Due]:
    """What fires when the next period is asked for after each one."""
    after = instant(first, time(0, 0), zone) - SECOND
    while due := next_due(rule, zone, WEEKDAYS, after):
        if due.label > last.isoformat():
            return
        yield due
        after = due.due_at


def wrong(names: Sequence[str], times: Sequence[time], first: date, last: date) -> list[tuple[str, ...]]:
    """Where a period has no push, or two, or one in the wrong order."""
    found: list[tuple[str, ...]] = []
    for cadence in CADENCES:
        periods = expected(cadence, first, last)
        for at in times:
            rule = Rule(cadence=cadence, at=at, patience=PATIENCE, quiet=Quiet.OWN)
            for zone in names:
                dues = list(fired(rule, zone, first, last))
                instants = [due.due_at for due in dues]
                rising = all(one < two for one, two in pairwise(instants))
                # In a gap that ends a day the first instant after it is the next day's first.
                dated = all(
                    due.label in {local_date(due.due_at - by, zone).isoformat() for by in (NO_TIME, SECOND)}
                    for due in dues
                )
                if [due.label for due in dues] != periods or not rising or not dated:
                    found.append((cadence, str(at), zone))
    return found


def test_every_period_of_every_behaviour_has_one_push() -> None:
    assert wrong(different_zones(), SHORT_TIMES, date(2026, 1, 1), date(2026, 12, 31)) == []


@pytest.mark.long
def test_every_period_of_every_zone_for_three_years_has_one_push() -> None:
    names = sorted(zones())
    assert len(names) > 400
    assert wrong(names, TIMES, date(2026, 1, 1), date(2028, 12, 31)) == []
    print(f"{len(names)} zones, 3 years, {len(TIMES)} times, {len(CADENCES)} cadences: one push per period")


def walk(chance: random.Random, changes: int, names: Sequence[str], at: time) -> list[str]:
    """One person whose zone changes at random instants; what was not as promised."""
    rule = Rule(cadence=Cadence.DAILY, at=at, patience=PATIENCE)
    now, zone = datetime(2026, 1, 1, tzinfo=UTC), names[0]
    due = next_due(rule, zone, WEEKDAYS, now)
    served, seen, faults = "", Counter[str](), []
    last_at, west = now, 0.0
    for _ in range(changes):
        now += timedelta(minutes=chance.randrange(1, 4 * 24 * 60))
        while due and due.due_at <= now:
            served = due.label
            seen[served] += 1
            if is_quiet(due.due_at, zone):
                faults.append(f"{served} in the quiet hours of {zone}")
            if due.due_at - last_at > timedelta(hours=36 + west):
                faults.append(f"{served} {due.due_at - last_at} after the one before, {west} h west")
            last_at, west = due.due_at, 0.0
            due = next_due(rule, zone, WEEKDAYS, due.due_at, served)
        other = chance.choice(names)
        hours = (offset(now, ZoneInfo(other)) - offset(now, ZoneInfo(zone))) / timedelta(hours=1)
        if abs(hours) > AHEAD:
            continue
        # Whoever flies west lives through hours of a date that was served: those come on top.
        west += max(-hours, 0.0)
        zone = other
        due = replanned(rule, zone, WEEKDAYS, now, due, served)
    return faults + [f"{label} {n} times" for label, n in seen.items() if n > 1]


@pytest.mark.parametrize("at", [time(8, 0), time(8, 30), time(9, 0)])
def test_ten_thousand_changes_of_zone_send_each_date_at_most_once(at: time) -> None:
    chance = random.Random(f"{SEED} {at}")
    assert walk(chance, CHANGES // 3 + 1, different_zones(), at) == []
