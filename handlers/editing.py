"""A message that was edited: what it did is done again as it reads now (product section 4)."""

from domain.activity import ActivityId
from domain.ports import PRESENT, Change, Subject
from domain.refusals import NotNow
from handlers.answer import answer
from handlers.turn import Turn
from handlers.view import Card


def edited(turn: Turn, text: str) -> Card:
    """The card of the record as it is now; a message that had done nothing is taken as said now."""
    change = turn.store.change_from(turn.source) if turn.source else None
    if change is None or change.undone_at:
        return answer(turn, text)
    number = _record_of(turn, change)
    if number is None:
        raise NotNow("editing.not_a_record")
    return answer(turn, text)


def _record_of(turn: Turn, change: Change) -> ActivityId | None:
    """The record a change made, if it made one."""
    made = (
        fact.subject_id
        for fact in turn.store.facts(change.id)
        if fact.subject is Subject.ACTIVITY and fact.field == PRESENT and fact.after
    )
    return next((ActivityId(number) for number in made), None)
