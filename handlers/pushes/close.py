"""The day close at 20:00 and the end of its grace at 10:00: the day's cards are edited, nothing is sent (method 10)."""

from collections.abc import Mapping
from datetime import date, time, timedelta

from domain.activity import GRACE_UNTIL
from domain.kinds import Notice
from domain.people import Member, MemberId
from domain.quota import DAY_CLOSE
from domain.schedule import Quiet
from handlers.colleagues import touch_digests
from handlers.registry import Slice, push
from handlers.turn import touch_day
from handlers.view import Card


def _close(_member: Member) -> time:
    return DAY_CLOSE


def _just_after_grace(_member: Member) -> time:
    return GRACE_UNTIL.replace(minute=1)


@push(kind=Notice.ROOM, at=_close, patience=timedelta(hours=14), quiet=Quiet.SILENT)
def close(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """Marks the cards of the day to be edited to how it stands."""
    for recipient in slice_.recipients:
        touch_day(slice_.store, recipient.member.id, date.fromisoformat(recipient.label))
    return {}


@push(kind=Notice.ROOM, at=_just_after_grace, patience=timedelta(hours=14), quiet=Quiet.SILENT)
def grace(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """Marks the cards of the working day before, and the digests: what was not closed by 10:00 is missed."""
    teams = {recipient.member.team_id for recipient in slice_.recipients}
    touch_digests(slice_.store, slice_.now, slice_.store.teams(), teams)
    for recipient in slice_.recipients:
        day = recipient.calendar.before(date.fromisoformat(recipient.label))
        touch_day(slice_.store, recipient.member.id, day)
    return {}
