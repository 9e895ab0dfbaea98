"""The records behind a line of a scorecard: a tap on a number opens what it is made of."""

from collections.abc import Callable, Mapping, Sequence

from domain.kpis import Kpi
from domain.quota import COUNTED, Metric, claimed, tally
from domain.scorecard import ScoreLine
from handlers.numbers import numbers
from handlers.pieces.listed import listed
from handlers.pieces.pages import last_page, turning
from handlers.pieces.scorecard import Shown, command_of, when
from handlers.pieces.scoreline import kpi_name, why_words
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Note, Text, card, t

# Under the title and how the score comes about, so many records to a page.
PER_PAGE = 4

Records = Sequence[Text]


def _days(turn: Turn, shown: Shown) -> Records:
    """What was counted on each day worked, the metrics of the plan only."""
    span = shown.span
    until = min(span.last, turn.today)
    did = numbers(turn.store, turn.org, shown.member, shown.calendar, span.first, until)
    metrics = [metric for metric in COUNTED if metric in did.plan(until)]
    found = []
    for day in shown.calendar.present_days(max(span.first, shown.member.joined_on), until):
        recorded, bulk = tally(did.records, day, day), claimed(did.claims, day, day)
        words = [_counted(metric, recorded[metric] + bulk.get(metric, 0)) for metric in metrics]
        found.append(t("score.day", on=day, what=listed(words)))
    return found


def _counted(metric: Metric, count: int) -> Text:
    return t("score.counted", what=t(f"metric.{metric}.short"), n=count)


# What each KPI is made of; one that nothing feeds yet has no records.
BEHIND: Mapping[Kpi, Callable[[Turn, Shown], Records]] = {
    Kpi.PLAN_COMPLETION: _days,
    Kpi.VISITS: _days,
}


def behind_card(turn: Turn, shown: Shown, line: ScoreLine, page: int, *, mine: bool) -> Card:
    """How the score of a line comes about, and the records it is made of, page by page."""
    records = BEHIND[line.kpi](turn, shown) if line.kpi in BEHIND else ()
    last = last_page(len(records), PER_PAGE, page)
    seen = records[(page - 1) * PER_PAGE : page * PER_PAGE]
    name = t("score.title_line", name=kpi_name(line.kpi), what=when(shown.span))
    if not mine:
        name = t("score.of", name=shown.member.name, what=name)
    command = command_of(shown, mine=mine, rest=line.kpi)
    buttons = [Button(t("score.back_button"), command_of(shown, mine=mine))]
    if mine and not shown.runs and line.points is not None:
        buttons.append(
            Button(t("score.dispute_button"), command_of(shown, mine=True, rest=f"dispute {line.kpi}"))
        )
    blocks: list[Block] = [Line(each) for each in seen] or [Note(t("score.records_none"))]
    return card(
        name,
        *why_words(line),
        *blocks,
        rows=(*((row,) if (row := turning(command, page, last)) else ()), tuple(buttons)),
    )
