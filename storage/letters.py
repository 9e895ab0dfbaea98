"""An organisation's hand on what is said later: letters, live cards and the next pushes."""

from collections.abc import Sequence

from domain.people import MemberId
from domain.ports import Letter
from domain.schedule import Due
from storage.outbox import ADD_DUE, DROP_DUES, TOUCH, write_letter
from storage.session import Session


class Letters(Session):
    """What a turn says besides its answer."""

    def write(self, letter: Letter) -> None:
        write_letter(self.later, letter)

    def touch_card(self, key: str) -> None:
        """The card of this key no longer shows what is so; it is edited soon."""
        self.later.add(TOUCH, {"of_org": self.org_id, "of_key": key})

    def plan_pushes(self, member: MemberId, dues: Sequence[tuple[str, Due]]) -> None:
        """Replaces a person's next periods: after joining, and when zone, calendar or settings change."""
        self.connection.execute(DROP_DUES, {"of_org": self.org_id, "of_member": member})
        for push, due in dues:
            self.run(
                ADD_DUE,
                member_id=member,
                push=push,
                label=due.label,
                due_at=due.due_at,
                not_after=due.not_after,
            )
