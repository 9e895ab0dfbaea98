"""When those who are asked for an approval hear of it, and when the next in rank are asked (product sections 5 and 6)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from domain.deals import Approval, Deal, Rank, State
from domain.people import MemberId
from domain.schedule import instant, local_date, local_time
from domain.workdays import Calendar

# Product section 6: what is asked of the same person within this time of a first request comes together.
BATCH = timedelta(minutes=15)


def leaves_at(asked_at: datetime, before: Iterable[Approval], whom: frozenset[MemberId]) -> datetime:
    """When a request leaves: at once, or with the others 15 minutes after a first one to the same people.

    `before` is what was asked for of late; a first one is told of in the instant it was asked for.
    """
    first = (each.asked_at for each in before if each.told_at == each.asked_at and whom & set(each.asked))
    return max((at + BATCH for at in first if asked_at < at + BATCH), default=asked_at)


def next_asked_at(told_at: datetime, calendar: Calendar, zone: str) -> datetime:
    """One working day of the team later at the same wall time; whose leave is in the calendar does not matter.

    What was asked on a day off counts as asked on the next working day.
    """
    team = replace(calendar, leaves=())
    day = local_date(told_at, zone)
    begun = day if team.is_workday(day) else team.after(day)
    return instant(team.after(begun), local_time(told_at, zone), zone)


def ranks_after(rank: Rank) -> tuple[Rank, ...]:
    """The ranks that are asked later, in order."""
    every = tuple(Rank)
    return every[every.index(rank) + 1 :]


def ranks_until(rank: Rank) -> tuple[Rank, ...]:
    """The ranks that were asked so far: each of them may still decide, the first tap wins."""
    every = tuple(Rank)
    return every[: every.index(rank) + 1]


def is_wanted(approval: Approval, deal: Deal) -> bool:
    """Whether a request still makes sense: its deal is active and stands where it was asked for."""
    return deal.state is State.ACTIVE and deal.milestone == approval.milestone
