"""/remind NAME"""

from domain.people import ADMINS, EVERYBODY, Member
from domain.ports import Letter, Urgency
from domain.refusals import NotAllowed, NotNow
from domain.schedule import after_quiet, local_date
from handlers.args import Args, Words
from handlers.colleagues import colleague_named, leads
from handlers.letters import TOKEN_BITS
from handlers.registry import Scope, command
from handlers.turn import Turn
from handlers.view import Button, Card, Line, Mark, card, encode, t


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
    at = after_quiet(turn.now, member.zone)
    day = local_date(at, member.zone)
    paused = member.paused_until is not None and day <= member.paused_until
    if paused or not turn.store.calendar(turn.org, member).is_present(day):
        raise NotNow("remind.not_there", name=member.name, on=day)
    _write(turn, member, f"remind:{turn.org.id}:{member.id}:{day.isoformat()}")
    return card(Line(t("remind.sent", name=member.name), Mark.DONE))


def _write(turn: Turn, member: Member, key: str) -> None:
    """The letter's key holds the day: a second one on it is not written."""
    shown = card(
        t("remind.asked", name=turn.me.name),
        rows=((Button(t("button.today"), "/today"), Button(t("close.now"), "/report")),),
    )
    for address in turn.store.address_of(member.id)[:1]:
        turn.store.write(
            Letter(
                key=key,
                to=address,
                card=encode(shown),
                language=member.language,
                due_at=after_quiet(turn.now, member.zone),
                urgency=Urgency.PUSH,
                token=turn.codes(TOKEN_BITS),
                commands=shown.commands,
                member_id=member.id,
                org_id=turn.org.id,
            )
        )
