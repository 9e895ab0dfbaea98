"""A chart as a block of a card, with all that it shows in words beside it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import assert_never

from handlers.charts import (
    Drawing,
    Funnel,
    FunnelStage,
    Leaderboard,
    Number,
    Scorecard,
    ScoredLine,
    Theme,
    Trend,
    Unit,
)
from handlers.view import Chart, Words, t


def charted(drawing: Drawing, theme: Theme = Theme.LIGHT) -> Chart:
    """The block that shows a drawing."""
    return Chart(drawing, described(drawing), theme)


def described(drawing: Drawing) -> Words:
    """All that a drawing shows, for whoever does not see it."""
    match drawing:
        case Funnel():
            said = [_stage(each) for each in drawing.stages]
        case Scorecard():
            said = [t("chart.said_total", total=measured(drawing.total))]
            said += [drawing.remark] if drawing.remark else []
            said += [_line(each) for each in drawing.lines]
        case Leaderboard():
            said = [
                t("chart.said_place", rank=each.rank, name=each.name, points=each.points)
                for each in drawing.places
            ]
            said += [t("chart.said_improved", who=drawing.improved)] if drawing.improved else []
            said += [t("chart.said_team", team=drawing.team)] if drawing.team else []
        case Trend():
            said = [
                t("chart.said_point", label=each.label, value=measured(each.value, drawing.unit))
                for each in drawing.points
            ]
            said += (
                [t("chart.said_target", value=measured(drawing.target, drawing.unit))]
                if drawing.target is not None
                else []
            )
            said += (
                [t("chart.said_best", value=measured(drawing.best, drawing.unit))]
                if drawing.best is not None
                else []
            )
        case _:
            assert_never(drawing)
    return t("chart.alt", title=drawing.title, period=drawing.period, what=_joined(said))


def measured(value: Number | None, unit: Unit = Unit.PLAIN) -> Words:
    """A value with its unit, as it is written."""
    if value is None:
        return t("chart.none")
    match unit:
        case Unit.PLAIN:
            return t("chart.plain", value=value)
        case Unit.PERCENT:
            return t("chart.percent", value=value)
        case Unit.MONEY:
            return t("chart.money", value=Decimal(value))
        case _:
            assert_never(unit)


def _stage(stage: FunnelStage) -> Words:
    said = t("chart.said_stage", name=stage.name, count=stage.count, ideal=stage.ideal)
    if stage.amount is not None:
        said = t("chart.said_noted", what=said, note=measured(stage.amount, Unit.MONEY))
    return t("chart.said_noted", what=said, note=stage.mark) if stage.mark else said


def _line(line: ScoredLine) -> Words:
    said = t("chart.said_line", label=line.label, score=measured(line.score), weight=line.weight)
    return t("chart.said_noted", what=said, note=line.detail) if line.detail else said


def _joined(said: Sequence[Words]) -> Words:
    line: Words = said[0] if said else t("chart.none")
    for each in said[1:]:
        line = t("chart.said_then", first=line, last=each)
    return line
