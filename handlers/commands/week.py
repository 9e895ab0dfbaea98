"""/week [last]; /week report; line: TEXT; /week comment NAME; line: TEXT; /week reports"""

from datetime import date, timedelta
from fractions import Fraction
from typing import Annotated, Literal

from domain.people import Role
from domain.periods import Span
from domain.quota import Metric, half_up
from domain.refusals import NotUnderstood
from handlers.args import Args, Name, Words, said_as
from handlers.numbers import numbers
from handlers.pieces.bars import bars
from handlers.pieces.closed import days_closed
from handlers.pieces.listed import listed
from handlers.reading.cards import asked
from handlers.registry import Scope, command
from handlers.reporting import comment_on, may_report, rep_meant, report_of, reports_card, write_line
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Facts, Line, Note, card, t
from handlers.view import Words as Said


class WeekArgs(Args):
    """This week, or the `last`; the rep's line about it, and the comment of whoever leads."""

    lead = ("which", "about")
    which: (
        Annotated[
            Literal["last", "report", "reports", "comment"],
            said_as("last", "week.last_words"),
            said_as("report", "week.report_words"),
            said_as("reports", "week.reports_words"),
            said_as("comment", "week.comment_words"),
        ]
        | None
    ) = None
    about: Name | None = None
    line: Words | None = None


# A deputy is a rep like others, and reads the reports of the team nonetheless.
@command(roles=frozenset({Role.REP, Role.MANAGER, Role.DIRECTOR}), scope=Scope.TEAM)
def week(turn: Turn, args: WeekArgs) -> Card:
    """The week's numbers against the plan, the line that goes with them, and the comment of whoever leads."""
    turn.store.note_seen(turn.me.id, Metric.DATA_REVIEW, turn.today)
    said = asked(args.about or "", turn.today)
    this = Span.week(turn.today)
    match args.which:
        case "comment":
            member, _ = rep_meant(turn, said.who)
            return comment_on(turn, member, said.span or _reported(turn), args.line)
        case "reports":
            return reports_card(turn, said.span or _reported(turn), said.page)
        case "report" if Role.REP in turn.me.roles:
            span = said.span or this
            return write_line(turn, span, args.line, _numbers(turn, span)[:3])
    if Role.REP not in turn.me.roles:
        return reports_card(turn, _reported(turn), 1)
    if args.about or args.line:
        raise NotUnderstood("args.takes_nothing", said=(args.about or args.line or "")[:80])
    return _own(turn, this.before if args.which else this)


def _reported(turn: Turn) -> Span:
    """The week whose reports are read: this one from its last day worked on, the one before until then."""
    this = Span.week(turn.today)
    left = turn.calendar().present_days(turn.today + timedelta(days=1), this.last)
    return this.before if left else this


def _own(turn: Turn, span: Span) -> Card:
    is_last = span.last < turn.today
    title = "week.title_last" if is_last else "week.title"
    blocks: list[Block] = [Line(t(title, first=span.first, last=span.last)), *_numbers(turn, span)]
    report = report_of(turn.store, turn.me.id, span)
    if report and report.line:
        blocks.append(Line(t("week.your_line", line=report.line)))
    other = (t("button.this_week"), "/week") if is_last else (t("button.last_week"), "/week last")
    rows: list[tuple[Button, ...]] = [(Button(*other), Button(t("button.today"), "/today"))]
    ends = is_last or not turn.calendar().present_days(turn.today + timedelta(days=1), span.last)
    if ends and may_report(turn, span):
        words = "week.change_line" if report and report.line else "week.add_line"
        rows.insert(0, (Button(t(words), f"/week report{' last' if is_last else ''}"),))
    return card(*blocks, rows=tuple(rows))


def _numbers(turn: Turn, span: Span) -> list[Block]:
    """How far the plan is, its bars, and how each day was closed."""
    until = min(turn.today, span.last)
    did = numbers(turn.store, turn.org, turn.me, turn.calendar(), span.first, span.last)
    done = did.completion(span.first, until)
    if done is None:
        return [Note(t("week.excused"))]
    days = _days(turn, span.first, until)
    return [
        Line(t("week.completion", percent=half_up(done * Fraction(100)))),
        *bars(did.standings(until)),
        *((Facts(days),) if days else ()),
    ]


def _days(turn: Turn, first: date, until: date) -> tuple[tuple[Said, Said], ...]:
    """The days of each way a day was closed: one line a way, not one a day."""
    closed = days_closed(turn, first, until)
    return tuple(
        (t(f"state.{state}"), listed([t("week.day", on=day) for day in days]))
        for state, days in closed.items()
    )
