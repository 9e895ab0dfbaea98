"""The news of a day at 11:00, on one card: the third message between the two beats (product section 6)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time, timedelta

from domain.kinds import Notice
from domain.people import EVERYBODY, Member, MemberId
from domain.thirds import ALERT_AT, news_at
from handlers.registry import Slice, push
from handlers.thirds import third
from handlers.view import Card


def _at(_member: Member) -> time:
    return ALERT_AT


@push(kind=Notice.NEWS, at=_at, patience=timedelta(hours=6), roles=EVERYBODY)
def news(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """What waits for each; on the week's last day it comes later, with what comes then anyway."""
    due = tuple(
        each
        for each in slice_.recipients
        if news_at(each.member, each.calendar, date.fromisoformat(each.label)) == ALERT_AT
    )
    return third(replace(slice_, recipients=due), Notice.NEWS, {}) if due else {}
