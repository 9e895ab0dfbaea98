"""/score [NAME] [last | month | 2026-W10] [LINE]; /score dispute LINE; reason: TEXT; amount: NUMBER"""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator

from domain.people import Member, Role
from domain.periods import Span
from domain.quota import Metric
from domain.refusals import NotAllowed, NotFound, NotNow
from handlers.args import Amount, Args, Name, Words
from handlers.colleagues import colleague_meant, leads
from handlers.disputing import accept, decline, dispute, found, plain_name, state_card, which_line
from handlers.kpis import role_scored
from handlers.pieces.behind import behind_card
from handlers.pieces.scorecard import (
    TREND,
    Shown,
    more_card,
    score_card,
    shown_of,
    trend_card,
)
from handlers.pieces.scorepicture import picture_card, trend_picture
from handlers.reading.cards import Asked, asked
from handlers.registry import Scope, command
from handlers.turn import Turn
from handlers.view import Card

# Who sees the cards of all: the person, who leads them, directors and HR (method section 1).
SEE_ALL = frozenset({Role.DIRECTOR, Role.HR})


def _bare(value: object) -> object:
    """A number without the unit it stands in on a card."""
    return value.strip().rstrip("%\uff05 ") if isinstance(value, str) else value


class ScoreArgs(Args):
    """Whose card, of when, which line of it; and what is to become of a number."""

    lead = ("about",)
    about: Name | None = None
    reason: Words | None = None
    amount: Annotated[Amount, BeforeValidator(_bare)] | None = None


# A deputy is a rep like others, and leads nonetheless: whose card it is decides.
@command(scope=Scope.TEAM)
def score(turn: Turn, args: ScoreArgs) -> Card:
    """The scorecard with every number explained; a tap on a line opens the records; a wrong number is disputed."""
    turn.store.note_seen(turn.me.id, Metric.DATA_REVIEW, turn.today)
    said = asked(args.about or "", turn.today)
    if said.dispute is not None:
        return _answer(turn, said, args.reason, args.amount)
    member = _whose(turn, said, args)
    if isinstance(member, Card):
        return member
    mine, week = member.id == turn.me.id, Span.week(turn.today)
    if said.trend:
        return _trend(turn, member, week, mine=mine, drawn=said.how == "picture")
    span = said.span or (week.before if said.how == "dispute" else week)
    if span.first > turn.today:
        raise NotNow("score.future", said=span.label)
    shown = shown_of(turn.store, turn.org, member, span, turn.now)
    if shown is None:
        raise NotFound("score.no_card", name=member.name)
    if said.how == "dispute":
        return _dispute(turn, shown, said, args.reason, args.amount, mine=mine)
    if said.how == "picture":
        return picture_card(shown, mine=mine)
    if said.how == "more":
        return more_card(shown, mine=mine, today=week, month=Span.month(turn.today))
    if said.kpi is None:
        return score_card(shown, mine=mine)
    line = shown.score.line(said.kpi)
    if line is None:
        raise NotFound("score.no_line", name=plain_name(turn, said.kpi))
    return behind_card(turn, shown, line, said.page, mine=mine)


def _whose(turn: Turn, said: Asked, args: ScoreArgs) -> Member | Card:
    """Oneself, or a colleague whose card one may see."""
    if not said.who:
        if role_scored(turn.me) is None:
            raise NotFound("score.no_card", name=turn.me.name)
        return turn.me
    people, teams = turn.store.members(), turn.store.teams()
    words = args.about or ""
    meant = colleague_meant(
        said.who, people, teams, lambda number: args.again("score", about=words.replace(said.who, number, 1))
    )
    if isinstance(meant, Card) or meant.id == turn.me.id:
        return meant
    if not turn.me.holds(SEE_ALL) and not leads(turn.me, meant, teams):
        raise NotAllowed("score.not_yours", name=meant.name)
    return meant


def _answer(turn: Turn, said: Asked, reason: str | None, amount: Decimal | None) -> Card:
    """One dispute by its number: how it stands, or what is decided."""
    each, shown = found(turn, said.dispute or 0)
    match said.how:
        case "accept":
            return accept(turn, each, shown, amount)
        case "decline":
            return decline(turn, each, shown, reason)
        case _:
            return state_card(turn, each, shown)


def _dispute(
    turn: Turn, shown: Shown, said: Asked, reason: str | None, amount: Decimal | None, *, mine: bool
) -> Card:
    if not mine:
        raise NotAllowed("score.not_own", name=shown.member.name)
    if said.kpi is None:
        return which_line(shown)
    return dispute(turn, shown, said.kpi, reason, amount)


def _trend(turn: Turn, member: Member, week: Span, *, mine: bool, drawn: bool) -> Card:
    """The last weeks, this one as far as it has come."""
    shown = shown_of(turn.store, turn.org, member, week, turn.now)
    if shown is None:
        raise NotFound("score.no_card", name=member.name)
    trend = tuple(zip(week.back(TREND), (*reversed(shown.before), shown.total), strict=True))
    return trend_picture(trend, shown, mine=mine) if drawn else trend_card(trend, shown, mine=mine)
