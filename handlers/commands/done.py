"""/done ITEM [drop | DATE]"""

import re
from dataclasses import replace

from domain.people import Role
from domain.quota import HABITS, Metric, Period, Source
from domain.refusals import NotFound, NotNow, NotUnderstood
from domain.steps import Step, StepId, StepState
from domain.workdays import monday
from handlers.args import Args, Missing, Words
from handlers.delivering import follow_step
from handlers.pieces.day import done_button
from handlers.pieces.undo_button import undo_button
from handlers.reading.moments import moment
from handlers.reading.names import fold
from handlers.recording import PLANNED, keep_plan, open_step
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Button, Card, Line, Mark, Rows, card, in_rows, t
from handlers.words import catalogue

_ITEM = re.compile(r"(?P<item>#?S\d{1,18})\s*(?P<how>.*)", re.IGNORECASE)


DUE_SHOWN, CHOICES = 2, 4


class DoneArgs(Args):
    """A due step (S12), with `drop` or a new date, or a habit by its name."""

    lead = ("item",)
    item: Words


def _choices(turn: Turn, missing: Missing) -> Rows:
    """What is due, then the habits of the day and the week that are not done."""
    due = [each for each in turn.store.open_steps(turn.me.id) if each.due_on and each.due_on <= turn.today]
    ticked = {metric for metric, _ in turn.store.ticks(turn.me.id, monday(turn.today), turn.today)}
    habits = [
        row.metric for row in HABITS if row.source is Source.TICK and row.period in (Period.DAY, Period.WEEK)
    ]
    buttons = [done_button(each) for each in due[:DUE_SHOWN]]
    buttons += [Button(t(f"metric.{each}.button"), f"/done {each}") for each in habits if each not in ticked]
    return in_rows(buttons[:CHOICES])


@command(roles=frozenset({Role.REP, Role.MANAGER, Role.DIRECTOR}), choices=_choices)
def done(turn: Turn, args: DoneArgs) -> Card:
    """One tap: a planned visit is recorded, a step done, moved or dropped, a habit ticked."""
    found = _ITEM.fullmatch(args.item)
    if found is None:
        return _habit(turn, args.item)
    number = StepId(int(PLANNED.fullmatch(found["item"])["id"]))  # type: ignore[index]
    if found["how"]:
        return _settled(turn, open_step(turn, number), found["how"])
    step = open_step(turn, number)
    if step.kind:
        return keep_plan(turn, number)
    turn.store.revise_step(number, state=StepState.DONE)
    follow_step(turn, step)
    return card(
        Line(t("done.step", text=step.text, customer=step.customer_name), Mark.DONE),
        rows=((undo_button(turn),),),
    )


def _settled(turn: Turn, step: Step, how: str) -> Card:
    if how.casefold() in catalogue().listed("done.drop_words"):
        turn.store.revise_step(step.id, state=StepState.DROPPED)
        return card(
            Line(t("done.dropped", text=step.text or step.customer_name), Mark.DONE),
            rows=((undo_button(turn),),),
        )
    when = moment(how, turn.today)
    if when is None or when.on is None:
        raise NotUnderstood("args.no_date", said=how)
    if when.on < turn.today:
        raise NotUnderstood("args.past_date", said=how, on=when.on)
    turn.store.revise_step(step.id, due_on=when.on, due_time=when.at)
    follow_step(turn, replace(step, due_on=when.on), done=False)
    return card(
        Line(t("done.moved", text=step.text or step.customer_name, on=when.on), Mark.DONE),
        rows=((undo_button(turn),),),
    )


def _habit(turn: Turn, said: str) -> Card:
    metric = habit_named(said)
    if metric is None:
        raise NotFound("done.no_such", said=said[:60])
    if (metric, turn.today) in turn.store.ticks(turn.me.id, turn.today, turn.today):
        raise NotNow("done.already", what=catalogue().say(t(f"metric.{metric}.name"), turn.language))
    turn.store.add_tick(turn.me.id, metric, turn.today)
    return card(
        Line(t("done.habit", what=t(f"metric.{metric}.name")), Mark.DONE), rows=((undo_button(turn),),)
    )


def habit_named(said: str) -> Metric | None:
    """The habit by code or by its name in any language."""
    wanted = fold(said)
    for row in HABITS:
        if row.source is Source.TICK:
            names = (catalogue().say(t(f"metric.{row.metric}.name"), language) for language in _LANGUAGES)
            if wanted in {fold(row.metric), *(fold(name) for name in names)}:
                return row.metric
    return None


_LANGUAGES = tuple(catalogue().forms("metric.training.name"))
