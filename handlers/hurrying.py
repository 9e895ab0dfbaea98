"""News that need not wait for the next day: the third message where it was not sent yet, one edit of it where it was."""

from dataclasses import replace
from datetime import datetime, time
from typing import Protocol

from domain.kinds import THIRD, Notice
from domain.news_ports import News
from domain.people import Member
from domain.ports import Address, Store
from domain.schedule import after_quiet, instant, local_date, local_time
from domain.thirds import is_dropped, news_at
from domain.workdays import Calendar
from handlers.pieces.news import news_card
from handlers.turn import touch_news
from handlers.view import Card

# The card as it was sent, and one more time.
TIMES_TOLD = 2


class Posts(Protocol):
    """Who may write the letter."""

    @property
    def store(self) -> Store: ...
    @property
    def now(self) -> datetime: ...
    def post(
        self,
        to: Member,
        address: Address,
        kind: Notice,
        name: str,
        shown: Card,
        *,
        at: datetime | None = None,
    ) -> None: ...


def hurry(by: Posts, to: Member) -> None:
    """Tells what waits for somebody now, after the hour of the day's message and outside their quiet hours.

    With the third message once, by an edit of it once; else it waits for the next day's. Edits notify nobody.
    """
    store, on = by.store, local_date(by.now, to.zone)
    calendar = store.calendar(store.organisation(), to)
    if not _may_be_told(by, to, calendar):
        return
    before = store.told_news(to.id, on)
    said = store.count_said(to.id, THIRD, instant(on, time(), to.zone))
    if said and (not before or len({each.told_at for each in before}) >= TIMES_TOLD):
        return
    if not said and calendar.last_of_week(on):
        # The own week, or a team's, is this day's third message.
        return
    told = _now(by, to, len(before))
    if not told:
        return
    if said:
        store.tell_news(told)
        touch_news(store, to.id, on)
        return
    for address in store.address_of(to.id)[:1]:
        store.tell_news(told)
        kind = told[0].kind if len(told) == 1 else Notice.NEWS
        by.post(to, address, kind, f"news:{on.isoformat()}", news_card(to.id, on, told))


def _may_be_told(by: Posts, to: Member, calendar: Calendar) -> bool:
    on = local_date(by.now, to.zone)
    paused = to.paused_until is not None and on <= to.paused_until
    if paused or after_quiet(by.now, to.zone) != by.now:
        return False
    return calendar.is_present(on) and local_time(by.now, to.zone) >= news_at(to, calendar, on)


def _now(by: Posts, to: Member, placed: int) -> list[News]:
    """What waits and was not muted, in its order, after what stands on the card."""
    on = local_date(by.now, to.zone)
    muted = by.store.gather_mutes([to.id]).get(to.id, {})
    waiting = sorted(by.store.gather_news([to.id], by.now).get(to.id, ()), key=lambda each: each.rank)
    wanted = [each for each in waiting if not is_dropped(each.kind, muted, on)]
    return [replace(each, told_at=by.now, told_on=on, place=placed + n) for n, each in enumerate(wanted, 1)]
