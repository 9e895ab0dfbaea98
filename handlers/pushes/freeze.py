"""Scorecards close at 10:00 of the first day worked after their week or month: version 1, said to nobody (method 2)."""

from collections.abc import Mapping
from datetime import date, time, timedelta

from domain.kinds import Notice
from domain.people import Member, MemberId
from domain.periods import Span
from domain.schedule import Cadence, Quiet
from domain.workdays import Calendar
from handlers.correcting import freeze as frozen
from handlers.registry import Recipient, Slice, push
from handlers.scoring import SCORED_ROLES
from handlers.turn import touch_day
from handlers.view import Card

# Provisional until 10:00: what is entered in that minute still counts.
CLOSES_AT = time(10, 1)
# Who was away or paused so long has their weeks closed when they are back; what is older has no card.
CAUGHT_UP = 13
# A bot that was down closes what it missed as long as the period is the last one.
WEEK_LONG, MONTH_LONG = timedelta(days=6), timedelta(days=27)


def _at(_member: Member) -> time | None:
    return CLOSES_AT


@push(
    kind=Notice.ROOM,
    at=_at,
    cadence=Cadence.FIRST_OF_WEEK,
    patience=WEEK_LONG,
    roles=SCORED_ROLES,
    quiet=Quiet.SILENT,
)
def freeze(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """The cards of the week before, and of the weeks somebody was away."""
    _close(slice_, {each.member.id: Span.week(_day(each)).before for each in slice_.recipients})
    return {}


@push(
    kind=Notice.ROOM,
    at=_at,
    cadence=Cadence.FIRST_OF_MONTH,
    patience=MONTH_LONG,
    roles=SCORED_ROLES,
    quiet=Quiet.SILENT,
)
def freeze_month(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """The cards of the month before."""
    _close(slice_, {each.member.id: Span.month(_day(each)).before for each in slice_.recipients})
    return {}


def _day(recipient: Recipient) -> date:
    return date.fromisoformat(recipient.label)


def _close(slice_: Slice, ended: Mapping[MemberId, Span]) -> None:
    """One reading for each period that somebody's card is missing of, however many they are."""
    spans = {span.label: span for last in ended.values() for span in last.back(CAUGHT_UP)}
    there = slice_.store.scorecards(slice_.ids, sorted(spans))
    missing: dict[str, dict[MemberId, tuple[Member, Calendar]]] = {}
    for each in slice_.recipients:
        labels = {card.label for card in there.get(each.member.id, ())}
        for span in _unclosed(each, ended[each.member.id], labels):
            missing.setdefault(span.label, {})[each.member.id] = (each.member, each.calendar)
    for label in sorted(missing):
        frozen(slice_.store, slice_.org, missing[label], spans[label], slice_.now)
    for each in slice_.recipients:
        touch_day(slice_.store, each.member.id, _day(each))


def _unclosed(each: Recipient, last: Span, there: set[str]) -> list[Span]:
    """The period that ended, and those before it back to one that was closed or to when somebody came."""
    found = []
    for span in reversed(last.back(CAUGHT_UP)):
        if span.label in there or span.last < each.member.joined_on:
            break
        found.append(span)
        if not there and each.calendar.present_days(span.first, span.last):
            # Nothing was ever closed: the last one in which they worked is enough to begin with.
            break
    return found
