"""One line of a scorecard in words: what was reached of what, what that is worth, and how much it weighs."""

from decimal import Decimal
from fractions import Fraction

from domain.kpis import CATALOGUE, Better, Kpi, Measure, Unit
from domain.quota import half_up
from domain.scorecard import ScoreLine
from handlers.view import Text, t

# Digits behind the point; a score has two.
PLACES = {Unit.MONEY: 2, Unit.PERCENT: 1, Unit.COUNT: 2, Unit.HOURS: 1, Unit.MARKS: 1}


def figure(value: Fraction, places: int = 2) -> Decimal:
    """A number with so many places at most, rounded half-up once."""
    return Decimal(half_up(value * 10**places)).scaleb(-places)


def kpi_name(kpi: Kpi) -> Text:
    """A KPI by the short name a line of a card has room for."""
    return t(f"score.kpi_{kpi}")


def value_words(kpi: Kpi, value: Fraction) -> Text:
    """A number of a KPI with its unit."""
    unit = CATALOGUE[kpi].unit
    return t(f"score.value_{unit}", value=figure(value, PLACES[unit]))


def pair_words(line: ScoreLine) -> Text:
    """What was reached of what, with the unit once."""
    unit = CATALOGUE[line.kpi].unit
    places = PLACES[unit]
    actual, target = line.actual or Fraction(0), line.target or Fraction(0)
    return t(f"score.pair_{unit}", actual=figure(actual, places), target=figure(target, places))


def line_words(line: ScoreLine, *, rushed: bool = False) -> Text:
    """A line of the card; one that does not count says why."""
    name = kpi_name(line.kpi)
    if line.points is None:
        return t(f"score.line_{line.state}", name=name)
    weight = half_up(line.counts)
    if line.state is Measure.MISSING:
        return t("score.line_missing", name=name, weight=weight)
    key = "score.line_rushed" if rushed and line.kpi is Kpi.PLAN_COMPLETION else "score.line"
    return t(key, name=name, pair=pair_words(line), score=line.score or Decimal(0), weight=weight)


def why_words(line: ScoreLine) -> tuple[Text, ...]:
    """How the score of a line comes about, in one or two lines."""
    if line.points is None:
        return (t(f"score.why_{line.state}"),)
    added = t("score.adds", weight=figure(line.counts), points=figure(line.points))
    if line.state is Measure.MISSING or line.score is None:
        return (t("score.why_missing"), added)
    is_lower = CATALOGUE[line.kpi].better is Better.LOWER
    return (t("score.why_lower" if is_lower else "score.why", pair=pair_words(line), score=line.score), added)
