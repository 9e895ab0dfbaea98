"""The morning card: today's plan, at the person's own start of work (method 10)."""

from collections.abc import Mapping
from datetime import time, timedelta

from domain.people import Member, MemberId
from handlers.pieces.day import day_card, gathered_days
from handlers.registry import Slice, push
from handlers.view import Card


def _starts(member: Member) -> time:
    return member.day_starts


@push(at=_starts, patience=timedelta(hours=4))
def morning(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """A day card for everyone who works today."""
    return {number: day_card(facts) for number, facts in gathered_days(slice_).items()}
