"""Bars: where the scored metrics stand, all of them or only those that moved."""

from collections.abc import Sequence

from domain.quota import Metric, Standing
from handlers.view import Progress, t


def bar(standing: Standing) -> Progress:
    """One metric's bar, named with its period."""
    return Progress(t(f"metric.{standing.metric}.bar"), standing.actual, standing.target)


def bars(standings: Sequence[Standing]) -> tuple[Progress, ...]:
    """The bar of every metric that has a target now."""
    return tuple(bar(each) for each in standings if each.target)


def moved(before: Sequence[Standing], after: Sequence[Standing]) -> tuple[Progress, ...]:
    """The bars that a record moved."""
    was: dict[Metric, int] = {each.metric: each.actual for each in before}
    return tuple(bar(each) for each in after if each.target and each.actual != was[each.metric])
