"""/task DEAL [CODE | T5 | TEXT] [done | drop]; by: DATE"""

from domain.refusals import NotFound, NotUnderstood
from handlers.ahead import day_ahead
from handlers.args import Args, Name, When, Words
from handlers.dealing import SELLERS, Right, deal_in_question, dossier_meant
from handlers.pieces.clipped import clipped
from handlers.registry import command
from handlers.tasking import (
    own_added,
    own_card,
    own_named,
    own_settled,
    stage_task,
    tasks_card,
    ticked,
)
from handlers.turn import Turn
from handlers.view import Card
from handlers.words import catalogue


class TaskArgs(Args):
    """Which deal; a task of its stage, one of its own (T5) or a new one in words; and by when."""

    lead = ("deal", "what")
    deal: Name
    what: Words | None = None
    by: When | None = None


@command(roles=SELLERS, about=deal_in_question)
def task(turn: Turn, args: TaskArgs) -> Card:
    """The tasks of a deal: shown, ticked, added, given a day or dropped."""
    found = dossier_meant(turn, args.deal, lambda number: args.again("task", deal=number), Right.SEE)
    if isinstance(found, Card):
        return found
    said, how = _split(args.what or "")
    if not said:
        return tasks_card(turn, found)
    word, _, page = said.partition(" ")
    if word.casefold() in catalogue().listed("task.own_words") and (not page or page.isdecimal()):
        return own_card(turn, found, int(page[:3] or 1))
    if of_stage := stage_task(found, said):
        if args.by:
            raise NotUnderstood("task.no_day").at("by")
        return ticked(turn, found, of_stage, how)
    if own := own_named(found, said):
        return own_settled(turn, found, own, how, day_ahead(turn, args.by, "by"))
    if how:
        raise NotFound("task.unknown", said=clipped(said, 24), id=f"D{found.deal.id}")
    return own_added(turn, found, said, day_ahead(turn, args.by, "by"))


def _split(what: str) -> tuple[str, str]:
    """The task, and what becomes of it when the last word says so."""
    said, _, last = what.strip().rpartition(" ")
    for how in ("done", "drop"):
        if last.casefold() in catalogue().listed(f"task.{how}_words"):
            return said.strip(), how
    return what.strip(), ""
