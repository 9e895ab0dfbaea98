"""The credit of a person's records: decided anew whenever one of them comes, changes or goes (method 2)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from domain.activity import Activity, recredited, week_closed
from domain.workdays import monday
from handlers.turn import Turn, touch_day


def week_of(turn: Turn, on: date) -> tuple[Activity, ...]:
    """The speaker's records of the week of `on`."""
    first = monday(on)
    return turn.store.activities(turn.me.id, first, first + timedelta(days=6))


def leave(turn: Turn, was: Activity, now: Activity) -> None:
    """Decides the records one stood among without it, when it has another customer or day now."""
    if (was.customer_id, was.on) != (now.customer_id, now.on):
        decide_anew(turn, week_of(turn, was.on), replace(was, withdrawn=True))


def decide_anew(turn: Turn, week: Sequence[Activity], made: Activity) -> tuple[Activity, ...]:
    """Decides the records of this customer and kind with `made` among them, in the order things happened."""
    same = [each for each in week if each.customer_id == made.customer_id and each.kind is made.kind]
    others = [each for each in same if each.id != made.id]
    decided = recredited([*others, made], turn.calendar(), turn.me.zone)
    was = {each.id: each.credit for each in same}
    turn.store.recredit(each for each in decided if each.id in was and each.credit is not was[each.id])
    return decided


def decide_weeks(turn: Turn, records: Iterable[Activity]) -> None:
    """Decides anew what these records, of anybody, stand among: their maker's week with that customer, kind by kind.

    A week that is closed stays as it was counted.
    """
    weeks = {(each.member_id, each.customer_id, each.kind, monday(each.on)) for each in records}
    for maker, customer, kind, first in sorted(weeks):
        member = turn.store.member(maker)
        calendar = turn.store.calendar(turn.org, member)
        if week_closed(first, turn.now, calendar, member.zone):
            continue
        found = turn.store.activities(maker, first, first + timedelta(days=6))
        same = {each.id: each for each in found if (each.customer_id, each.kind) == (customer, kind)}
        decided = recredited(same.values(), calendar, member.zone)
        turn.store.recredit(each for each in decided if each.credit is not same[each.id].credit)
        for day in {each.on for each in same.values()}:
            touch_day(turn.store, maker, day)
