"""The weeks and months that cards are made of: their labels, their days, and when each closes (method sections 2 and 6)."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from domain.activity import GRACE_UNTIL
from domain.schedule import instant
from domain.workdays import ONE_DAY, Calendar, monday, month_end, month_label, week_label

WEEK = re.compile(r"(?P<year>20\d\d)-?W(?P<week>\d\d?)", re.IGNORECASE)
MONTH = re.compile(r"(?P<year>20\d\d)-(?P<month>\d\d?)")
SIX_DAYS = 6 * ONE_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A week (`2026-W10`) or a month (`2026-03`), both ends included."""

    label: str
    first: date
    last: date

    @classmethod
    def week(cls, day: date) -> Self:
        """The week of a day."""
        first = monday(day)
        return cls(label=week_label(first), first=first, last=first + SIX_DAYS)

    @classmethod
    def month(cls, day: date) -> Self:
        """The month of a day."""
        return cls(label=month_label(day), first=day.replace(day=1), last=month_end(day))

    @classmethod
    def labelled(cls, label: str) -> Self | None:
        """The week or month with this label; None where there is no such one."""
        try:
            if found := WEEK.fullmatch(label):
                return cls.week(date.fromisocalendar(int(found["year"]), int(found["week"]), 1))
            if found := MONTH.fullmatch(label):
                return cls.month(date(int(found["year"]), int(found["month"]), 1))
        except ValueError:
            return None
        return None

    @property
    def is_month(self) -> bool:
        return "W" not in self.label

    @property
    def before(self) -> Self:
        """The week or the month before."""
        return self.month(self.first - ONE_DAY) if self.is_month else self.week(self.first - ONE_DAY)

    def back(self, count: int) -> tuple[Self, ...]:
        """This one and those before it, so many in all, the oldest first."""
        found = [self]
        while len(found) < count:
            found.append(found[-1].before)
        return tuple(reversed(found))

    def closes_at(self, calendar: Calendar, zone: str) -> datetime:
        """10:00 of the first day worked after it: until then the card is provisional."""
        return instant(calendar.after(self.last), GRACE_UNTIL, zone)
