"""Bars: where the scored metrics stand, all of them or only those that moved."""

from collections.abc import Sequence

from domain.quota import Metric, Period, Standing
from handlers.view import Block, Note, Progress, t


def bar(standing: Standing) -> Progress:
    """One metric's bar, named with its period; a month's stands under the month's own title."""
    month = standing.period is Period.MONTH
    label = t(f"metric.{standing.metric}.short") if month else t(f"metric.{standing.metric}.bar")
    return Progress(label, standing.actual, standing.target)


def bars(standings: Sequence[Standing]) -> tuple[Block, ...]:
    """The bar of every metric that has a target now, and below them what nobody verified."""
    shown = [each for each in standings if each.target]
    return (*map(bar, shown), *(unverified(each) for each in shown if each.claimed))


def moved(before: Sequence[Standing], after: Sequence[Standing]) -> tuple[Block, ...]:
    """The bars that a record or a claim moved."""
    was: dict[Metric, int] = {each.metric: each.actual for each in before}
    return bars([each for each in after if each.actual != was[each.metric]])


def unverified(standing: Standing) -> Note:
    """How much of a bar was only claimed in bulk (product 4)."""
    what = t(f"metric.{standing.metric}.short")
    return Note(t("log.unverified", what=what, n=standing.claimed, actual=standing.actual))
