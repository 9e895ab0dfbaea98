"""/call CUSTOMER [WHEN]; met: WHO; result: TEXT; next: TEXT by DATE; deal: DEAL; purpose: TEXT"""

from domain.activity import Kind
from domain.people import Role
from handlers.args import Missing
from handlers.recording import RecordArgs, customer_choices, record, record_in_question
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Card, Rows


def _choices(turn: Turn, missing: Missing) -> Rows:
    return customer_choices(turn, Kind.CALL, missing)


@command(roles=frozenset({Role.REP, Role.MANAGER, Role.DIRECTOR}), choices=_choices, about=record_in_question)
def call(turn: Turn, args: RecordArgs) -> Card:
    """Records a call; it is effective with an outcome and a next step (method 2)."""
    return record(turn, Kind.CALL, args)
