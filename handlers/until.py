"""The last day of something that somebody names: never in the past, and not beyond what makes sense."""

from datetime import date, timedelta

from domain.refusals import NotUnderstood
from handlers.reading.moments import moment


def last_day(said: str, today: date, longest: timedelta) -> date:
    """Raises `NotUnderstood` for no date, a past one, and one later than `longest` from today."""
    when = moment(said, today)
    if when is None or when.on is None:
        raise NotUnderstood("args.no_date", said=said[:40])
    if when.on < today:
        raise NotUnderstood("args.past_date", said=said[:40], on=when.on)
    if when.on - today > longest:
        raise NotUnderstood("away.too_long", n=longest.days)
    return when.on
