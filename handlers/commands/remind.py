"""/remind NAME"""

from domain.kinds import Notice
from domain.people import ADMINS, EVERYBODY
from domain.refusals import NotAllowed
from handlers.args import Args, Words
from handlers.colleagues import colleague_named, leads
from handlers.registry import Scope, command
from handlers.reminding import tell_once
from handlers.turn import Turn
from handlers.view import Button, Card, Line, Mark, card, t


class RemindArgs(Args):
    """Whom to remind."""

    lead = ("name",)
    name: Words


@command(roles=EVERYBODY, scope=Scope.TEAM, hidden=True)
def remind(turn: Turn, args: RemindArgs) -> Card:
    """One kind line to somebody one leads: once a day, never in quiet hours, on leave or in a pause."""
    member = colleague_named(args.name, turn.store.members())
    if not turn.me.holds(ADMINS) and not leads(turn.me, member, turn.store.teams()):
        raise NotAllowed("dayplan.not_yours", name=member.name)
    shown = card(
        t("remind.asked", name=turn.me.name),
        rows=((Button(t("button.today"), "/today"), Button(t("close.now"), "/report")),),
    )
    tell_once(turn, member, Notice.REMINDER, "remind", str(member.id), shown)
    return card(Line(t("remind.sent", name=member.name), Mark.DONE))
