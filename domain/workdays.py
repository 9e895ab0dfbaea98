"""Which days a person works: the organisation's week less the person's own leave (method section 10)."""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
# Method section 2: the numbers of the day, of the 15th and of the whole month.
MIDDLE = 15
# A calendar that never finds a working day is a mistake in the data; ten years bound every search.
SEARCH_DAYS = 3660


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Days away, both ends included."""

    first: date
    last: date

    def covers(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """A day declared off or worked for everybody, or for one team."""

    on: date
    works: bool
    team_id: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A person's working days; `week` holds ISO weekdays 1..7 (Monday is 1).

    `off` are days the team does not work although the week says so, `extra` days it works although the week does not.
    """

    week: frozenset[int]
    leaves: tuple[Leave, ...] = ()
    off: frozenset[date] = frozenset()
    extra: frozenset[date] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether the organisation works on `day`, leave aside."""
        return day in self.extra or (day.isoweekday() in self.week and day not in self.off)

    def is_away(self, day: date) -> bool:
        return any(leave.covers(day) for leave in self.leaves)

    def is_present(self, day: date) -> bool:
        """Whether the person works on `day`: a working day and not on leave."""
        return self.is_workday(day) and not self.is_away(day)

    def after(self, day: date) -> date:
        """The next day the person works after `day`; raises `LookupError` when there is none within ten years."""
        return self._search(day, ONE_DAY)

    def before(self, day: date) -> date:
        """The last day the person worked before `day`; raises `LookupError` when there is none within ten years."""
        return self._search(day, -ONE_DAY)

    def _search(self, day: date, step: timedelta) -> date:
        for _ in range(SEARCH_DAYS):
            day += step
            if self.is_present(day):
                return day
        raise LookupError("no working day within ten years")

    def present_days(self, first: date, last: date) -> tuple[date, ...]:
        """Days worked from `first` to `last`, both included."""
        return tuple(day for day in days(first, last) if self.is_present(day))

    def workdays(self, first: date, last: date) -> tuple[date, ...]:
        """Working days of the organisation from `first` to `last`, leave aside."""
        return tuple(day for day in days(first, last) if self.is_workday(day))

    def first_of_week(self, day: date) -> bool:
        """Whether `day` is the first day worked of its week: what "Monday" means (product section 6)."""
        return self.is_present(day) and not self.present_days(monday(day), day - ONE_DAY)

    def last_of_week(self, day: date) -> bool:
        """Whether `day` is the last day worked of its week: what "Friday" means (product section 6)."""
        return self.is_present(day) and not self.present_days(day + ONE_DAY, monday(day) + 6 * ONE_DAY)

    def first_of_month(self, day: date) -> bool:
        """Whether `day` is the first day worked of its month."""
        return self.is_present(day) and not self.present_days(day.replace(day=1), day - ONE_DAY)

    def last_of_month(self, day: date) -> bool:
        """Whether `day` is the last day worked of its month."""
        return self.is_present(day) and not self.present_days(day + ONE_DAY, month_end(day))

    def mid_month(self, day: date) -> bool:
        """Whether `day` is the 15th, or the first day worked after it in its month (method section 2, "1:15:30")."""
        middle = day.replace(day=MIDDLE)
        return day >= middle and self.is_present(day) and not self.present_days(middle, day - ONE_DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """A day that a region rests although the week says it works, or works although it does not (China's moved days)."""

    on: date
    works: bool
    name: str = ""


def declared_for(team_id: int | None, days: Iterable[CalendarDay]) -> dict[date, bool]:
    """The last word on each declared day for a team, or for who is in none: whether it works.

    `days` stand in the order they were declared, the organisation's before the teams': a team's word stands above.
    """
    return {day.on: day.works for day in days if day.team_id in (None, team_id)}


def days(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    while first <= last:
        yield first
        first += ONE_DAY


def month_end(day: date) -> date:
    """The last day of the month of `day`."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def quarter_start(day: date) -> date:
    """The first day of the quarter of `day`."""
    return day.replace(month=day.month - (day.month - 1) % 3, day=1)


def month_label(day: date) -> str:
    """The month of `day`, as `2026-03`."""
    return f"{day:%Y-%m}"


def monday(day: date) -> date:
    """The Monday of the ISO week of `day`."""
    return day - (day.isoweekday() - 1) * ONE_DAY


def week_label(day: date) -> str:
    """The ISO week of `day`, as `2026-W10`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"
