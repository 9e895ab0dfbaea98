"""The way to a target, run backwards: money that is missing -> deals -> visits -> today's number (method sections 4, 5)."""

# Theory (*ours*, after the method's ideal funnel): what is missing is the target less what is sold and less what the
# deals at hand will still bring. So many average deals must be won, through one's own conversions so many must be
# begun, and through one's own visits per begun deal so many visits made, on the days one is still there. The funnel is
# taken to run evenly: visits made now feed it as those made before bring what closes now. Own numbers are pulled toward
# the team's by ten: few deals say little yet.

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.funnel import PRIOR, Norms, latest_entry, win_probability
from domain.quota import half_up
from domain.workdays import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One person's way from today to the end of a target; money and ratios are exact.

    `asked` is the target with its ramp and leave, `capacity` what the deals at hand will bring in time, `average` the
    usual deal, `chance` the share of begun deals that is won, `per_visit` the deals that one visit begins, `pace` the
    visits of a present day lately, `days_left` the days still present, today included. `begin_by` is the last date
    to begin a deal that closes in time.
    """

    asked: Fraction
    sold: Fraction
    capacity: Fraction
    average: Fraction
    chance: Fraction
    per_visit: Fraction
    pace: Fraction
    days_left: int
    today: date
    begin_by: date

    @property
    def is_reached(self) -> bool:
        """Whether it is sold already."""
        return self.sold >= self.asked

    @property
    def missing(self) -> Fraction:
        """The money nothing at hand stands for."""
        return max(Fraction(0), self.asked - self.sold - self.capacity)

    @property
    def wins(self) -> Fraction:
        """The deals to win, not rounded: missing / average deal."""
        return self.missing / self.average

    @property
    def begun(self) -> Fraction:
        """The deals to begin: wins / the chance of a begun deal."""
        return self.wins / self.chance

    @property
    def visits(self) -> Fraction:
        """The visits to make: begun / deals begun per visit."""
        return self.begun / self.per_visit

    @property
    def a_day(self) -> Fraction | None:
        """The visits of each day that is left; None when no day is."""
        return self.visits / self.days_left if self.days_left else None

    @property
    def todays(self) -> int:
        """Today's number: the visits of a day that is left, rounded up once; nothing when no day is left."""
        return math.ceil(self.a_day) if self.a_day is not None else 0

    @property
    def lands(self) -> Fraction:
        """Where it ends at the present pace: what is sold, what the deals at hand bring, and what these visits begin."""
        ahead = self.pace * self.days_left * self.per_visit * self.chance * self.average
        return self.sold + self.capacity + ahead

    @property
    def is_late(self) -> bool:
        """Whether a deal begun today closes after the target ends: its visits count for the next one."""
        return self.today > self.begin_by


def per_visit(begun: int, visits: int, usual: Fraction) -> Fraction:
    """The deals that one visit begins, pulled toward the usual: (begun + 10 x usual) / (visits + 10).

    Several deals may come of one visit, so this is no share. Raises `ValueError` for numbers below nothing.
    """
    if begun < 0 or visits < 0:
        raise ValueError(f"{begun} deals of {visits} visits cannot be")
    return (begun + PRIOR * usual) / (visits + PRIOR)


def average_deal(own: Sequence[Decimal], usual: Fraction) -> Fraction:
    """The usual deal of somebody, pulled toward that of all: (sum + 10 x usual) / (n + 10)."""
    return (sum((Fraction(each) for each in own), Fraction(0)) + PRIOR * usual) / (len(own) + PRIOR)


def pace(visits: int, calendar: Calendar, first: date, last: date) -> Fraction:
    """Visits of a day present from `first` to `last`; nothing for days of which none was present."""
    days = len(calendar.present_days(first, last))
    return Fraction(visits, days) if days else Fraction(0)


def way(
    *,
    asked: Fraction,
    sold: Fraction,
    capacity: Fraction,
    average: Fraction,
    norms: Norms,
    per_visit: Fraction,
    pace: Fraction,
    calendar: Calendar,
    today: date,
    period: tuple[date, date],
) -> Way:
    """The way from today to the end of a period; before the period begins all of its days are left.

    Raises `ValueError` where the average deal, the chances or the deals of a visit are nothing.
    """
    first, last = period
    start = norms[0].milestone
    chance = win_probability(norms, start)
    if min(average, chance, per_visit) <= 0:
        raise ValueError("no way leads over deals of nothing")
    return Way(
        asked=asked,
        sold=sold,
        capacity=capacity,
        average=average,
        chance=chance,
        per_visit=per_visit,
        pace=pace,
        days_left=len(calendar.present_days(max(first, today), last)),
        today=today,
        begin_by=latest_entry(last, norms, start),
    )


def tenth_up(value: Fraction) -> Decimal:
    """What is needed, rounded up to a tenth: never less than it takes."""
    return Decimal(math.ceil(value * 10)).scaleb(-1)


def tenth(value: Fraction) -> Decimal:
    """What is done, rounded half-up to a tenth."""
    return Decimal(half_up(value * 10)).scaleb(-1)
