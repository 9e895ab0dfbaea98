"""How each day was closed."""

from collections.abc import Mapping
from datetime import date

from domain.quota import DayState, day_state
from handlers.turn import Turn


def days_closed(turn: Turn, first: date, last: date) -> Mapping[DayState, list[date]]:
    """The speaker's working days from `first` to `last` by how they were closed, since the speaker came."""
    calendar, zone = turn.calendar(), turn.me.zone
    reports = {each.on: each.sent_at for each in turn.store.reports(turn.me.id, first, last)}
    found: dict[DayState, list[date]] = {}
    for day in calendar.workdays(max(first, turn.me.joined_on), last):
        state = day_state(day, reports.get(day), turn.now, calendar, zone)
        found.setdefault(state, []).append(day)
    return found
