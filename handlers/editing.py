"""A message that was edited: what it did is set to what it says now (product section 4)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from domain.activity import ActivityId
from domain.ports import PRESENT, Change, Fact, Subject
from domain.refusals import NotFound, NotNow
from domain.steps import StepId
from handlers.answer import answer, arguments
from handlers.recording import RecordArgs, move_plan, rewrite
from handlers.turn import Turn
from handlers.view import Card

Number = TypeVar("Number")


def edited(turn: Turn, text: str, written_at: datetime) -> Card:
    """The card of the record or the plan as it is now; a message that had done nothing is taken as said now."""
    change = turn.store.change_from(turn.source) if turn.source else None
    if change is None:
        last = turn.store.latest_change(turn.me.id)
        if last and last.said_at >= written_at:
            # It may have asked what a button answered: done again, it would be there twice.
            raise NotNow("editing.since")
        return answer(turn, text)
    if change.actor_id != turn.me.id:
        raise NotFound("editing.not_a_record")
    facts = turn.store.facts(change.id)
    record, plan = _made(facts, Subject.ACTIVITY, ActivityId), _made(facts, Subject.STEP, StepId)
    if record is None and plan is None:
        raise NotNow("editing.not_a_record")
    # "Yesterday" means what it meant when the message was written.
    written = replace(turn, said_at=change.said_at)
    args = _arguments(written, change, text)
    turn.store.name_change(change.command)
    if record is not None:
        return rewrite(turn, record, args, written)
    return move_plan(turn, plan, args)  # type: ignore[arg-type]


def _arguments(turn: Turn, change: Change, text: str) -> RecordArgs:
    """What the message says now, as the command it was: another command cannot take its place."""
    declared, args = arguments(turn, text)
    if declared.name != change.command or not isinstance(args, RecordArgs):
        raise NotNow("editing.other_command")
    if args.when is None or args.when.on:
        return args
    return args.model_copy(update={"when": replace(args.when, on=turn.today)})


def _made(facts: tuple[Fact, ...], subject: Subject, number: Callable[[int], Number]) -> Number | None:
    """The first row of a kind that a change made."""
    made = (fact.subject_id for fact in facts if fact.subject is subject and fact.field == PRESENT)
    return next((number(each) for each in made), None)
