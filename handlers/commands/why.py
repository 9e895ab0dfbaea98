"""/why KIND [DATE]"""

from domain.kinds import KINDS, Notice
from handlers.args import Args, OnDate
from handlers.muting import Known, reason
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Button, Card, Note, card, t


class WhyArgs(Args):
    """Which push, and the date it was for; today's where none is said."""

    lead = ("kind", "on")
    kind: Known
    on: OnDate | None = None


# What else there is to know beside one of them.
BESIDE = {Notice.MORNING: Button(t("why.habits_button"), "/today more")}


@command(hidden=True)
def why(turn: Turn, args: WhyArgs) -> Card:
    """Why a push comes, when to see it again, and the way to less of it."""
    kind, on = args.kind, args.on or turn.today
    about = f"{kind} {on.isoformat()}"
    beside = (BESIDE[kind],) if kind in BESIDE else ()
    less = (Button(t("why.less_button"), f"/mute {kind}"),) if KINDS[kind].mutable else ()
    return card(
        reason(turn, kind, on),
        Note(t("why.settings")),
        rows=(
            tuple(
                Button(t(f"snooze.{when}_button"), f"/snooze {about} {when}")
                for when in ("15", "60", "tomorrow")
            ),
            (*less, *beside, Button(t("why.back_button"), f"/snooze {about} now")),
        ),
    )
