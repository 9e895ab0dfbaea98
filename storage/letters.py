"""An organisation's hand on what is said later: letters, live cards and the next pushes."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.people import MemberId
from domain.ports import Letter
from domain.schedule import Due
from storage.outbox import (
    ADD_DUE,
    ANSWERED,
    CANCEL_PUSHES,
    DROP_DUES,
    IGNORED,
    PLAN_ANEW,
    PLANNED,
    SHOWN,
    TOUCH,
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
        self.later.flush()
        ignored = dict(self.connection.execute(IGNORED, {"of_org": self.org_id, "of_member": member}).all())
        self.connection.execute(DROP_DUES, {"of_org": self.org_id, "of_member": member})
        self._add_dues(member, dues, ignored)

    def add_pushes(self, member: MemberId, dues: Sequence[tuple[str, Due]]) -> None:
        self._add_dues(member, dues, {})

    def planned_pushes(self) -> frozenset[str]:
        return frozenset(push for (push,) in self.rows(PLANNED))

    def _add_dues(
        self, member: MemberId, dues: Sequence[tuple[str, Due]], ignored: Mapping[str, int]
    ) -> None:
        for push, due in dues:
            self.run(
                ADD_DUE,
                member_id=member,
                push=push,
                label=due.label,
                due_at=due.due_at,
                not_after=due.not_after,
                unanswered=ignored.get(push, 0),
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
