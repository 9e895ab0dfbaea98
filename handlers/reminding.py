"""A line that a colleague hears once a day, and only when they are there."""

from domain.kinds import Notice
from domain.people import Member
from domain.ports import Letter, Urgency
from domain.refusals import NotNow
from domain.schedule import after_quiet, local_date
from handlers.letters import TOKEN_BITS
from handlers.turn import Turn
from handlers.view import Card, encode


def tell_once(turn: Turn, to: Member, kind: Notice, name: str, about: str, shown: Card) -> None:
    """Writes it for after the quiet hours; raises `NotNow` when they are on leave or in a pause then.

    The letter's key holds the day: a second one of this name about the same is not written on it.
    """
    at = after_quiet(turn.now, to.zone)
    day = local_date(at, to.zone)
    paused = to.paused_until is not None and day <= to.paused_until
    if paused or not turn.store.calendar(turn.org, to).is_present(day):
        raise NotNow("remind.not_there", name=to.name, on=day)
    for address in turn.store.address_of(to.id)[:1]:
        turn.store.write(
            Letter(
                key=f"{name}:{turn.org.id}:{about}:{day.isoformat()}",
                to=address,
                card=encode(shown),
                language=to.language,
                due_at=at,
                urgency=Urgency.PUSH,
                token=turn.codes(TOKEN_BITS),
                commands=shown.commands,
                member_id=to.id,
                org_id=turn.org.id,
                kind=kind,
            )
        )
