"""An organisation's hand on what is said later: letters, live cards and the next pushes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.people import MemberId
from domain.ports import DueRow, Letter
from domain.schedule import Due
from storage.outbox import (
    ADD_DUE,
    ANSWERED,
    CANCEL_PUSHES,
    DROP_DUES,
    PLAN_ANEW,
    PLANNED,
    SHOWN,
    TOUCH,
    WAITED,
    write_letter,
)
from storage.session import Session

# Before `now`: nobody is due a period that is only worked out again.
MOMENT = timedelta(seconds=1)


class Letters(Session):
    """What a turn says besides its answer."""

    def write(self, letter: Letter) -> None:
        write_letter(self.later, letter)

    def touch_card(self, key: str) -> None:
        """The card of this key no longer shows what is so; it is edited soon."""
        self.later.add(TOUCH, {"of_org": self.org_id, "of_key": key})

    def shown_cards(self, keys: Sequence[str]) -> frozenset[str]:
        return frozenset(key for (key,) in self.rows(SHOWN, keys=list(keys))) if keys else frozenset()

    def plan_pushes(self, member: MemberId, dues: Sequence[tuple[str, Due]]) -> None:
        waited = self.waited(member)
        self.connection.execute(DROP_DUES, {"of_org": self.org_id, "of_member": member})
        self._add_dues(member, dues, waited)

    def waited(self, member: MemberId) -> dict[str, DueRow]:
        self.later.flush()
        rows = self.connection.execute(WAITED, {"of_org": self.org_id, "of_member": member})
        return {
            push: DueRow(
                org_id=self.org_id,
                member_id=member,
                push=push,
                due=Due(label=label, due_at=due_at, not_after=not_after),
                unanswered=unanswered,
                served=served,
            )
            for push, label, due_at, not_after, unanswered, served in rows
        }

    def add_pushes(self, member: MemberId, dues: Sequence[tuple[str, Due]]) -> None:
        self._add_dues(member, dues, {})

    def planned_pushes(self) -> frozenset[str]:
        return frozenset(push for (push,) in self.rows(PLANNED))

    def _add_dues(
        self, member: MemberId, dues: Sequence[tuple[str, Due]], waited: Mapping[str, DueRow]
    ) -> None:
        for push, due in dues:
            self.run(
                ADD_DUE,
                member_id=member,
                push=push,
                label=due.label,
                due_at=due.due_at,
                not_after=due.not_after,
                unanswered=waited[push].unanswered if push in waited else 0,
                served=waited[push].served if push in waited else "",
            )

    def plan_anew(self, members: Sequence[MemberId], now: datetime) -> None:
        values = {"of_org": self.org_id, "ids": list(members), "now": now, "past": now - MOMENT}
        self.connection.execute(PLAN_ANEW, values)

    def answered(self, member: MemberId, push: str) -> None:
        self.later.add(ANSWERED, {"of_org": self.org_id, "of_member": member, "of_push": push})

    def cancel_pushes(self, members: Sequence[MemberId], label: str) -> None:
        self.later.flush()
        self.connection.execute(
            CANCEL_PUSHES, {"of_org": self.org_id, "ids": list(members), "of_label": f"%:{label}"}
        )
