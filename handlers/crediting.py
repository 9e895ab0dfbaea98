"""The credit of a person's records: decided anew whenever one of them comes, changes or goes (method 2)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from domain.activity import Activity, recredited
from domain.workdays import monday
from handlers.turn import Turn


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
