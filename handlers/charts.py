"""What pictures show: a funnel, a scorecard, a leaderboard, a trend as plain values, and their JSON form."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, assert_never

from handlers.wording import Words
from handlers.wording import from_json as words_of
from handlers.wording import to_json as words_json

# Rounded by whoever makes the chart: what is drawn is what is written.
Number = int | Decimal


class Theme(StrEnum):
    """The colours of a picture."""

    LIGHT = "light"
    DARK = "dark"


class Unit(StrEnum):
    """What the numbers of a trend are."""

    PLAIN = "plain"
    PERCENT = "percent"
    MONEY = "money"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStage:
    """One stage: how many deals stand in it, how many should, what they are worth; `mark` is a word about it."""

    name: Words
    count: int
    ideal: Number
    amount: Decimal | None = None
    mark: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """Stages from the first to the last, actual against ideal."""

    title: Words
    period: Words
    stages: tuple[FunnelStage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredLine:
    """One line: its score from 0 to 120, None where there is none, its weight in percent; `detail` is "8 of 10"."""

    label: Words
    score: Number | None
    weight: int
    detail: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """The lines of a period and their total; `remark` is a few words beside it, "+6, best in 5 weeks"."""

    title: Words
    period: Words
    lines: tuple[ScoredLine, ...]
    total: Number | None
    remark: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPlace:
    """One place; equal points share a rank."""

    rank: int
    name: Words
    points: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaderboard:
    """The first places, who improved most ("Lin Tao +12") and the team ("91%, +5")."""

    title: Words
    period: Words
    places: tuple[BoardPlace, ...]
    improved: Words | None = None
    team: Words | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One period and its value; None where there is no data."""

    label: Words
    value: Number | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Values in the order of their periods, beside a target and the personal best."""

    title: Words
    period: Words
    points: tuple[TrendPoint, ...]
    target: Number | None = None
    best: Number | None = None
    unit: Unit = Unit.PLAIN


Drawing = Funnel | Scorecard | Leaderboard | Trend


def to_json(drawing: Drawing) -> list[Any]:
    """The chart as JSON takes it."""
    head = [words_json(drawing.title), words_json(drawing.period)]
    match drawing:
        case Funnel():
            stages = [
                [
                    words_json(each.name),
                    each.count,
                    _number(each.ideal),
                    _number(each.amount),
                    _maybe(each.mark),
                ]
                for each in drawing.stages
            ]
            return ["f", *head, stages]
        case Scorecard():
            lines = [
                [words_json(each.label), _number(each.score), each.weight, _maybe(each.detail)]
                for each in drawing.lines
            ]
            return ["s", *head, lines, _number(drawing.total), _maybe(drawing.remark)]
        case Leaderboard():
            places = [[each.rank, words_json(each.name), _number(each.points)] for each in drawing.places]
            return ["b", *head, places, _maybe(drawing.improved), _maybe(drawing.team)]
        case Trend():
            points = [[words_json(each.label), _number(each.value)] for each in drawing.points]
            return ["t", *head, points, _number(drawing.target), _number(drawing.best), drawing.unit]
        case _:
            assert_never(drawing)


def from_json(body: list[Any]) -> Drawing:
    """The chart that `to_json` made JSON of."""
    kind, title, period, *rest = body
    return _KINDS[kind](words_of(title), words_of(period), *rest)


def _funnel(title: Words, period: Words, stages: list[Any]) -> Funnel:
    return Funnel(
        title=title,
        period=period,
        stages=tuple(
            FunnelStage(
                name=words_of(name),
                count=count,
                ideal=_unnumber(ideal),
                amount=None if amount is None else Decimal(_unnumber(amount)),
                mark=_unmaybe(mark),
            )
            for name, count, ideal, amount, mark in stages
        ),
    )


def _scorecard(title: Words, period: Words, lines: list[Any], total: Any, remark: Any) -> Scorecard:
    return Scorecard(
        title=title,
        period=period,
        lines=tuple(
            ScoredLine(
                label=words_of(label),
                score=_unnumbered(score),
                weight=weight,
                detail=_unmaybe(detail),
            )
            for label, score, weight, detail in lines
        ),
        total=_unnumbered(total),
        remark=_unmaybe(remark),
    )


def _leaderboard(title: Words, period: Words, places: list[Any], improved: Any, team: Any) -> Leaderboard:
    return Leaderboard(
        title=title,
        period=period,
        places=tuple(
            BoardPlace(rank=rank, name=words_of(name), points=_unnumber(points))
            for rank, name, points in places
        ),
        improved=_unmaybe(improved),
        team=_unmaybe(team),
    )


def _trend(title: Words, period: Words, points: list[Any], target: Any, best: Any, unit: str) -> Trend:
    return Trend(
        title=title,
        period=period,
        points=tuple(TrendPoint(label=words_of(label), value=_unnumbered(value)) for label, value in points),
        target=_unnumbered(target),
        best=_unnumbered(best),
        unit=Unit(unit),
    )


_KINDS: dict[str, Callable[..., Drawing]] = {
    "f": _funnel,
    "s": _scorecard,
    "b": _leaderboard,
    "t": _trend,
}


def _maybe(words: Words | None) -> Any:
    return None if words is None else words_json(words)


def _unmaybe(body: Any) -> Words | None:
    return None if body is None else words_of(body)


def _number(value: Number | None) -> int | str | None:
    """Decimals as their digits, so that they come back as they were."""
    return str(value) if isinstance(value, Decimal) else value


def _unnumber(body: int | str) -> Number:
    return Decimal(body) if isinstance(body, str) else body


def _unnumbered(body: int | str | None) -> Number | None:
    return None if body is None else _unnumber(body)
