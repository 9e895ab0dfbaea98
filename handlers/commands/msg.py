"""/msg CUSTOMER [WHEN]; replied: yes; met: WHO; result: TEXT; next: TEXT by DATE; deal: DEAL; purpose: TEXT"""

from domain.activity import Kind
from domain.people import Role
from handlers.args import Missing, YesNo
from handlers.recording import RecordArgs, customer_choices, record, record_in_question
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Button, Card, Rows, t


class MessageArgs(RecordArgs):
    """The parts of a record, and whether it was answered."""

    replied: YesNo | None = None

    @property
    def answered(self) -> bool | None:
        return None if self.replied is None else self.replied == "yes"


def _choices(turn: Turn, missing: Missing) -> Rows:
    if missing.part == "replied":
        return (
            (
                Button(t("parts.replied.option_yes"), f"{missing.line}\nreplied: yes"),
                Button(t("parts.replied.option_no"), f"{missing.line}\nreplied: no"),
            ),
        )
    return customer_choices(turn, Kind.MESSAGE, missing)


@command(roles=frozenset({Role.REP, Role.MANAGER, Role.DIRECTOR}), choices=_choices, about=record_in_question)
def msg(turn: Turn, args: MessageArgs) -> Card:
    """Records a message; it is a contact once it is marked replied (method 2)."""
    return record(turn, Kind.MESSAGE, args)
