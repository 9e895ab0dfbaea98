"""The evening nudge at 17:30: what today still asks, only to those who miss something (method 10)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time, timedelta

from domain.kinds import Notice
from domain.people import Member, MemberId
from domain.schedule import Quiet
from domain.silence import stops_nudging
from handlers.pieces.close import close_card
from handlers.pieces.day import gathered_days
from handlers.registry import Slice, push
from handlers.view import Card

AT = time(17, 30)


def _at(member: Member) -> time | None:
    return AT if member.nudged else None


@push(kind=Notice.NUDGE, at=_at, patience=timedelta(hours=2, minutes=30), awaited=True, quiet=Quiet.DROPS)
def nudge(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """What is left of the day; nothing for those who closed it, or who let two evenings pass (product 6)."""
    asked = tuple(each for each in slice_.recipients if not stops_nudging(each.unanswered))
    if not asked:
        return {}
    days = gathered_days(replace(slice_, recipients=asked))
    return {number: None if facts.report else close_card(facts) for number, facts in days.items()}
