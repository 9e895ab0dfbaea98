"""The records behind a line of a scorecard: a tap on a number opens what it is made of."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import partial

from domain.collection import Collected, collected, dues
from domain.deals import DealId
from domain.kpis import Kpi
from domain.measures import rolling_first
from domain.quota import COUNTED, claimed, tally
from domain.results import Result
from domain.satisfaction import Rating
from domain.scorecard import ScoreLine
from domain.workdays import ONE_DAY
from handlers.numbers import numbers
from handlers.pieces.clipped import clipped
from handlers.pieces.listed import listed
from handlers.pieces.pages import last_page, turning
from handlers.pieces.scorecard import Shown, command_of, when
from handlers.pieces.scoreline import kpi_name, value_words, why_words
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Note, Text, Words, card, t
from handlers.weekly import QUARTER

# Under the title and how the score comes about, so many records to a page.
PER_PAGE = 4
NAME_COLUMNS = 14

# A record is put into words only when its page is looked at.
Records = Sequence[Callable[[], Text]]


def _days(turn: Turn, shown: Shown) -> Records:
    """What was counted on each day worked, the metrics of the plan only."""
    span = shown.span
    until = min(span.last, turn.today)
    did = numbers(turn.store, turn.org, shown.member, shown.calendar, span.first, until)
    metrics = [metric for metric in COUNTED if metric in did.plan(until)]

    def words(day: date) -> Text:
        recorded, bulk = tally(did.records, day, day), claimed(did.claims, day, day)
        counts: list[Words] = [
            t("score.counted", what=t(f"metric.{metric}.short"), n=recorded[metric] + bulk.get(metric, 0))
            for metric in metrics
        ]
        return t("score.day", on=day, what=listed(counts))

    present = shown.calendar.present_days(max(span.first, shown.member.joined_on), until)
    return [partial(words, day) for day in present]


def _window(turn: Turn, shown: Shown, kpi: Kpi) -> tuple[date, date]:
    """The days a KPI looks back on: sales a month or a quarter, new customers the month, all else 90 days."""
    span, until = shown.span, min(shown.span.last, turn.today)
    match kpi:
        case Kpi.SALES if span.is_month:
            return span.first, until
        case Kpi.SALES:
            return span.last + ONE_DAY - QUARTER, until
        case Kpi.NEW_CUSTOMERS:
            return until.replace(day=1), until
        case _:
            return rolling_first(until), until


def _results(kpi: Kpi, turn: Turn, shown: Shown) -> Records:
    """The results of a KPI, the last first: won deals, new customers, typed numbers."""
    found = turn.store.results([shown.member.id], [kpi], *_window(turn, shown, kpi))
    return [partial(_result, turn, each) for each in reversed(found.get(shown.member.id, ()))]


def _result(turn: Turn, each: Result) -> Text:
    deal = turn.store.deal(each.deal_id) if each.deal_id else None
    customer = turn.store.customer(each.customer_id) if each.customer_id else None
    named = deal.customer_name if deal else customer.name if customer else each.note
    name = clipped(named, NAME_COLUMNS) or t(f"score.by_{each.origin}")
    what: Words = t("score.of_deal", id=f"D{deal.id}", name=name) if deal else name
    if each.kpi is Kpi.NEW_CUSTOMERS:
        return t("score.record", on=each.on, what=what)
    return t("score.amount", on=each.on, what=what, value=value_words(each.kpi, Fraction(each.value)))


def _collected(turn: Turn, shown: Shown) -> Records:
    """Each won deal of which something was due: what came in of it."""
    first, last = _window(turn, shown, Kpi.COLLECTION)
    deals = turn.store.owed([shown.member.id], first, last).get(shown.member.id, ())
    numbers_ = [each.deal_id for each in deals]
    planned, paid = turn.store.instalments(numbers_), turn.store.payments(numbers_)
    found = []
    for each in deals:
        due = collected(dues(each, planned.get(each.deal_id, ())), paid.get(each.deal_id, ()), first, last)
        if due.due:
            found.append(partial(_collection, turn, each.deal_id, due))
    return found


def _collection(turn: Turn, number: DealId, due: Collected) -> Text:
    deal = turn.store.deal(number)
    name = clipped(deal.customer_name, NAME_COLUMNS) if deal else ""
    return t("score.due", id=f"D{number}", name=name, received=due.received, due=due.due)


def _said(turn: Turn, shown: Shown) -> Records:
    """What customers answered, the last first."""
    found = turn.store.ratings([shown.member.id], *_window(turn, shown, Kpi.SATISFACTION))
    return [partial(_rating, turn, each) for each in reversed(found.get(shown.member.id, ()))]


def _rating(turn: Turn, each: Rating) -> Text:
    customer = turn.store.customer(each.customer_id)
    name = clipped(customer.name, NAME_COLUMNS) if customer else ""
    return t("score.rated", on=each.on, name=name, n=int(each.answer))


# What a KPI is made of, where it is not of results.
BEHIND: Mapping[Kpi, Callable[[Turn, Shown], Records]] = {
    Kpi.PLAN_COMPLETION: _days,
    Kpi.VISITS: _days,
    Kpi.COLLECTION: _collected,
    Kpi.SATISFACTION: _said,
}


def behind_card(turn: Turn, shown: Shown, line: ScoreLine, page: int, *, mine: bool) -> Card:
    """How the score of a line comes about, and the records it is made of, page by page."""
    records = BEHIND.get(line.kpi, partial(_results, line.kpi))(turn, shown)
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
    blocks: list[Block] = [Line(each()) for each in seen] or [Note(t("score.records_none"))]
    return card(
        name,
        *why_words(line),
        *blocks,
        rows=(*((row,) if (row := turning(command, page, last)) else ()), tuple(buttons)),
    )
