"""The morning card: today's plan, at the person's own start of work (method 10)."""

from collections.abc import Mapping
from datetime import date, time, timedelta

from domain.kinds import Notice
from domain.people import Member, MemberId
from domain.schedule import Quiet
from domain.silence import SILENT_DAYS, asks_to_pause, heard, silent_days
from handlers.pieces.day import day_card, gathered_days
from handlers.pieces.dots import dotted
from handlers.registry import Recipient, Slice, push
from handlers.view import Button, Card, card, t

A_WEEK = timedelta(days=7)


def _starts(member: Member) -> time:
    return member.day_starts


@push(kind=Notice.MORNING, at=_starts, patience=timedelta(hours=4), quiet=Quiet.OWN)
def morning(slice_: Slice) -> Mapping[MemberId, Card | None]:
    """A day card for everyone who works today; after five silent days "Pause?", and again every five (product 6)."""
    silent = {each.member.id: _silent(each) for each in slice_.recipients}
    cards: dict[MemberId, Card | None] = {
        number: day_card(facts)
        for number, facts in gathered_days(slice_).items()
        if len(silent[number]) < SILENT_DAYS
    }
    for each in slice_.recipients:
        if asks_to_pause(silent[each.member.id]):
            on = date.fromisoformat(each.label)
            shown = pause_card(on, len(silent[each.member.id]))
            cards[each.member.id] = dotted(shown, Notice.MORNING, on)
    return cards


def _silent(recipient: Recipient) -> tuple[date, ...]:
    return silent_days(heard(recipient.member), recipient.calendar, date.fromisoformat(recipient.label))


def pause_card(today: date, silent: int) -> Card:
    """A question instead of the card: whoever answers it is heard, and the cards come again or pause."""
    return card(
        t("morning.pause", n=silent),
        t("morning.pause_means"),
        rows=(
            (
                Button(t("morning.pause_week"), f"/settings pause {(today + A_WEEK).isoformat()}"),
                Button(t("morning.pause_until"), "/settings pause"),
            ),
            (Button(t("morning.keep"), "/settings pause off"),),
        ),
    )
