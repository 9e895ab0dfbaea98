"""/cancel"""

from domain.ports import Draft
from handlers.args import Missing, NoArgs
from handlers.registry import command, registry
from handlers.turn import Turn
from handlers.view import Button, Card, Rows, card, t


@command()
def cancel(turn: Turn, args: NoArgs) -> Card:
    """Leaves a question at any point; the draft itself is dropped by the answer (`handlers/answer.py`)."""
    if turn.draft is None:
        return card(t("cancel.nothing"), rows=((Button(t("button.help"), "/help"),),))
    return card(t("cancel.done"), rows=_back(turn, turn.draft))


def _back(turn: Turn, draft: Draft) -> Rows:
    """A question stands where the record's card stood: one tap shows the record again."""
    declared = registry().find(draft.line.split()[0].lstrip("/"))
    missing = Missing(line=draft.line, part=draft.part)
    about = declared.about(turn, missing) if declared and declared.about else None
    return ((Button(about, " ".join(draft.line.split()[:2])),),) if about else ()
