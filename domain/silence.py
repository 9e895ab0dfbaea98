"""When silence says something: ignored evenings, silent people and silent teams (product section 6, *ours*)."""

from collections.abc import Iterable
from datetime import date, timedelta

from domain.people import Member
from domain.workdays import ONE_DAY, Calendar

# Two ignored evenings leave only the morning card; five silent days ask "Pause?"; three of a team ask its manager.
EVENINGS_IGNORED = 2
SILENT_DAYS = 5
# A manager hears of so many daily reports missed one after the other (method section 10).
MISSED_IN_A_ROW = 2
TEAM_SILENT_DAYS = 3
# Who was not heard for longer is silent all the same, and no search need go further back.
LOOK_BACK = timedelta(days=92)


def stops_nudging(ignored: int) -> bool:
    """Whether `ignored` nudges in a row leave only the morning card, until the person closes a day."""
    return ignored >= EVENINGS_IGNORED


def heard(member: Member) -> date | None:
    """The last date a person was heard, or the end of their pause: after a pause silence begins anew."""
    known = [on for on in (member.heard_on, member.paused_until) if on and member.heard_on]
    return max(known, default=None)


def silent_days(heard_on: date | None, calendar: Calendar, today: date) -> tuple[date, ...]:
    """The days worked after `heard_on` and before `today`: days away and days off never count.

    Somebody of whom nothing is known (`heard_on` is None) is not silent. Looks back at most `LOOK_BACK`.
    """
    if heard_on is None:
        return ()
    return calendar.present_days(max(heard_on, today - LOOK_BACK) + ONE_DAY, today - ONE_DAY)


def silent_since(days: tuple[date, ...], most: int) -> date | None:
    """The first date on which `days` of silence are `most`: the day after the last of these; None before."""
    return days[most - 1] + ONE_DAY if len(days) >= most else None


def asks_to_pause(days: tuple[date, ...]) -> bool:
    """Whether a morning with so many silent days asks "Pause?": the fifth, and then every fifth."""
    return len(days) > 0 and len(days) % SILENT_DAYS == 0


def team_silent_days(people: Iterable[tuple[date | None, Calendar]], today: date) -> tuple[date, ...]:
    """The days before `today` on which somebody of a team worked and since which nobody of it was heard.

    `people` holds each one's `heard_on` and calendar. A team with nobody in it, or with somebody of whom nothing is
    known, is not silent.
    """
    known = list(people)
    heard = [heard_on for heard_on, _ in known if heard_on]
    if not known or len(heard) < len(known):
        return ()
    last = max(heard)
    return tuple(sorted({day for _, calendar in known for day in silent_days(last, calendar, today)}))
