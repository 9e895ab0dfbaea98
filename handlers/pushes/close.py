"""The day close at 20:00: the day card is edited silently, nothing is sent (method 10)."""

from collections.abc import Mapping
from datetime import date, time, timedelta

from domain.people import Member, MemberId
from domain.quota import DAY_CLOSE
from handlers.registry import Slice, push
from handlers.turn import day_key
from handlers.view import Card


def _at(_member: Member) -> time:
    return DAY_CLOSE


@push(at=_at, patience=timedelta(hours=14))
def close(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """Marks every day card to be edited to how the day stands."""
    for recipient in slice_.recipients:
        slice_.store.touch_card(day_key(recipient.member.id, date.fromisoformat(recipient.label)))
    return {}
