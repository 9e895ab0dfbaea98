"""/health"""

from datetime import timedelta

from domain.people import ADMINS
from domain.schedule import local_date, local_time
from handlers.args import NoArgs
from handlers.registry import Scope, command
from handlers.turn import Turn
from handlers.view import Block, Card, Line, Mark, Note, card, t

# A night that was missed is worth a word; two are.
OVERDUE = timedelta(hours=36)


@command(roles=ADMINS, scope=Scope.ORGANISATION)
def health(turn: Turn, args: NoArgs) -> Card:
    """Whether the numbers still agree with the records they are made of: what the last nightly recomputation found."""
    found = turn.store.last_check()
    if found is None or found.checked_at is None:
        return card(t("health.title"), Note(t("health.not_yet")))
    zone = turn.me.zone
    at = t("health.at", on=local_date(found.checked_at, zone), at=local_time(found.checked_at, zone))
    agrees = Line(t("health.agrees", n=found.cells), Mark.DONE)
    wrong = Line(t("health.repaired", n=found.wrong, of=found.cells), Mark.NOTE)
    overdue: tuple[Block, ...] = ()
    if turn.now - found.checked_at > OVERDUE:
        overdue = (Line(t("health.overdue"), Mark.NOTE),)
    return card(t("health.title"), wrong if found.wrong else agrees, Note(at), *overdue)
