"""Days that were named and have to lie ahead."""

from datetime import date

from domain.refusals import NotUnderstood
from handlers.reading.moments import Moment
from handlers.turn import Turn


def day_ahead(turn: Turn, when: Moment | None, part: str) -> date | None:
    """The day of a moment, today at the earliest; raises `NotUnderstood` about this part for one that is past."""
    if when is None:
        return None
    on = when.on or turn.today
    if on < turn.today:
        raise NotUnderstood("args.past_date", said=on.isoformat(), on=on).at(part)
    return on
