"""/report [DAY] [close]; reflection: TEXT"""

from datetime import date

from domain.kinds import Notice
from domain.people import Role
from domain.quota import DayState, day_state
from domain.refusals import NotNow, NotUnderstood
from handlers.args import Args, Told, Words
from handlers.colleagues import touch_digests
from handlers.pieces.bars import bars
from handlers.pieces.close import close_card
from handlers.pieces.day import day_facts
from handlers.pieces.undo_button import undo_button
from handlers.reading.moments import moment
from handlers.registry import command
from handlers.turn import Turn, touch_day
from handlers.view import Button, Card, Line, Mark, card, t
from handlers.words import catalogue


class ReportArgs(Args):
    """Which day, today when none is named; `close` closes it as it is."""

    lead = ("day",)
    day: Words | None = None
    reflection: Told | None = None


@command(roles=frozenset({Role.REP}))
def report(turn: Turn, args: ReportArgs) -> Card:
    """What the day still asks; closes it with `close` or a reflection."""
    words = (args.day or "").split()
    days = [word for word in words if word.casefold() not in catalogue().listed("report.close_words")]
    on = _day(turn, " ".join(days))
    closes = len(days) < len(words) or args.reflection is not None
    if closes:
        return _close(turn, on, args.reflection or "")
    return close_card(day_facts(turn.store, turn.org, turn.me, on, turn.now))


def _day(turn: Turn, said: str) -> date:
    if not said:
        return turn.today
    when = moment(said, turn.today)
    if when is None or when.on is None:
        raise NotUnderstood("args.no_date", said=said)
    if when.on > turn.today:
        raise NotUnderstood("report.future", on=when.on)
    return when.on


def _close(turn: Turn, on: date, reflection: str) -> Card:
    kept = turn.store.report(turn.me.id, on)
    if kept and (not reflection or kept.reflection):
        raise NotNow("report.closed_already", on=on)
    if kept:
        turn.store.revise_report(kept.id, reflection=reflection)
        return card(Line(t("report.reflected", on=on), Mark.DONE), rows=((undo_button(turn),),))
    state = day_state(on, turn.said_at, turn.now, turn.calendar(), turn.me.zone)
    if state is DayState.MISSED:
        raise NotNow("report.too_late", on=on)
    turn.store.add_report(turn.me.id, on, turn.said_at, reflection)
    turn.store.answered(turn.me.id, "nudge")
    turn.store.heed(turn.me.id, Notice.NUDGE, turn.now)
    facts = day_facts(turn.store, turn.org, turn.me, on, turn.now)
    touch_day(turn.store, turn.me.id, on)
    touch_digests(turn.store, turn.now, turn.store.teams(), {turn.me.team_id})
    return card(
        Line(t(f"report.{state}", on=on, at=turn.wall), Mark.DONE),
        *bars(facts.standings()),
        rows=((*_reflect(on, reflection), undo_button(turn)),),
    )


def _reflect(on: date, reflection: str) -> tuple[Button, ...]:
    """A line on the day is a habit of the plan: asked for until it is there."""
    return () if reflection else (Button(t("report.reflect"), f"/report {on.isoformat()}\nreflection:"),)
