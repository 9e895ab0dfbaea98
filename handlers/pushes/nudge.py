"""The evening nudge at 17:30: what today still asks, only to those who miss something (method 10)."""

from collections.abc import Mapping
from datetime import time, timedelta

from domain.people import Member, MemberId
from handlers.pieces.close import close_card
from handlers.pieces.day import gathered_days
from handlers.registry import Slice, push
from handlers.view import Card

AT = time(17, 30)


def _at(member: Member) -> time | None:
    return AT if member.nudged else None


@push(at=_at, patience=timedelta(hours=2, minutes=30))
def nudge(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """What is left of the day; nothing for those who closed it."""
    days = gathered_days(slice_)
    return {number: None if facts.report else close_card(facts) for number, facts in days.items()}
