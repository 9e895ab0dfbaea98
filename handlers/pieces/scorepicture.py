"""The scorecard and the trend as pictures, with the same numbers in words."""

from collections.abc import Sequence
from decimal import Decimal

from domain.periods import Span
from domain.quota import half_up
from handlers.charting import charted
from handlers.charts import Scorecard, ScoredLine, Trend, TrendPoint
from handlers.pieces.scorecard import Shown, command_of, remark, title
from handlers.pieces.scoreline import kpi_name, pair_words
from handlers.view import Button, Card, card, t


def picture_card(shown: Shown, *, mine: bool) -> Card:
    """The lines as bars beside the total; a line that does not count has none."""
    lines = tuple(
        ScoredLine(
            label=kpi_name(each.kpi),
            score=each.score,
            weight=half_up(each.counts),
            detail=pair_words(each)
            if each.actual is not None and each.target is not None
            else t(f"score.short_{each.state}"),
        )
        for each in shown.score.lines
    )
    drawn = Scorecard(
        title=t("score.title_chart") if mine else t("score.of_chart", name=shown.member.name),
        period=title(shown, mine=True),
        lines=lines,
        total=shown.total,
        remark=remark(shown),
    )
    return card(charted(drawn), rows=((Button(t("score.back_button"), command_of(shown, mine=mine)),),))


def trend_picture(trend: Sequence[tuple[Span, Decimal | None]], shown: Shown, *, mine: bool) -> Card:
    """The weeks as points, and the best of them."""
    totals = [total for _, total in trend if total is not None]
    drawn = Trend(
        title=t("score.title_trend") if mine else t("score.of_trend", name=shown.member.name),
        period=t("score.eight_weeks"),
        points=tuple(
            TrendPoint(label=t("score.week_of", on=span.first), value=total) for span, total in trend
        ),
        best=max(totals, default=None),
    )
    return card(charted(drawn), rows=((Button(t("score.back_button"), command_of(shown, mine=mine)),),))
