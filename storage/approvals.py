"""Rows of approvals: what was asked of whom, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from domain.customers import CustomerId
from domain.deals import Approval, ApprovalId, ApprovalKind, DealId, Decision, Rank
from domain.people import MemberId
from domain.ports import Subject
from storage import tables
from storage.outbox import TOUCH_LIKE
from storage.session import Session

q = tables.approval.c
APPROVAL = select(
    q.id,
    q.kind,
    q.asked_by,
    q.asked_at,
    q.rank,
    q.decision,
    q.deal_id,
    q.customer_id,
    q.milestone,
    q.decided_by,
    q.decided_at,
    q.reason,
    q.told_at,
    q.escalate_at,
    q.asked,
    q.covers,
    q.withdrawn,
).where(q.org_id == bindparam("org_id"))
APPROVAL_BY_ID = APPROVAL.where(q.id == bindparam("approval_id"))
# On PostgreSQL turns run side by side: of two taps the second waits, and reads what the first decided.
APPROVAL_HELD = APPROVAL_BY_ID.with_for_update()
OPEN_APPROVALS = APPROVAL.where(q.decision == Decision.OPEN, q.withdrawn.is_(False)).order_by(
    q.asked_at, q.id
)
APPROVALS_OF = OPEN_APPROVALS.where(q.deal_id == bindparam("deal_id"))
APPROVALS_SINCE = APPROVAL.where(q.asked_at > bindparam("moment")).order_by(q.asked_at, q.id)
MOVE_APPROVAL = (
    update(tables.approval)
    .where(q.org_id == bindparam("of_org"), q.id == bindparam("of_id"))
    .values(
        rank=bindparam("to_rank"),
        escalate_at=bindparam("at"),
        asked=bindparam("now_asked"),
        covers=bindparam("now_covers"),
    )
)


def as_approval(row: Sequence[Any]) -> Approval:
    """An approval from the columns of APPROVAL."""
    (
        number, kind, by, at, rank, decision, deal, customer, milestone, decided_by, decided_at, reason, told_at,
        escalate_at, asked, covers, withdrawn,
    ) = row  # fmt: skip
    return Approval(
        id=ApprovalId(number),
        kind=ApprovalKind(kind),
        asked_by=MemberId(by),
        asked_at=at,
        rank=Rank(rank),
        decision=Decision.WITHDRAWN if withdrawn else Decision(decision),
        deal_id=DealId(deal) if deal else None,
        customer_id=CustomerId(customer) if customer else None,
        milestone=milestone,
        decided_by=MemberId(decided_by) if decided_by else None,
        decided_at=decided_at,
        reason=reason,
        told_at=told_at,
        escalate_at=escalate_at,
        asked=asked,
        covers=covers,
    )


class Approvals(Session):
    """What somebody else decides."""

    def ask_approval(self, approval: Approval, escalate_at: datetime | None) -> ApprovalId:
        number = self.add(
            Subject.APPROVAL,
            kind=approval.kind,
            deal_id=approval.deal_id,
            customer_id=approval.customer_id,
            milestone=approval.milestone,
            asked_by=approval.asked_by,
            asked_at=approval.asked_at,
            rank=approval.rank,
            told_at=approval.told_at,
            escalate_at=escalate_at,
            asked=approval.asked,
            covers=approval.covers,
            decision=approval.decision,
            decided_by=None,
            decided_at=None,
            reason=approval.reason,
        )
        return ApprovalId(number)

    def approval(self, approval: ApprovalId, *, held: bool = False) -> Approval | None:
        row = self.row(APPROVAL_HELD if held else APPROVAL_BY_ID, approval_id=approval)
        return as_approval(row) if row else None

    def revise_approval(self, approval: ApprovalId, **values: Any) -> None:
        self.revise(Subject.APPROVAL, approval, values)

    def move_approval(
        self,
        approval: ApprovalId,
        *,
        rank: Rank,
        escalate_at: datetime | None,
        asked: Sequence[MemberId],
        covers: Sequence[MemberId],
    ) -> None:
        self.change_rows(
            MOVE_APPROVAL,
            of_id=approval,
            to_rank=rank,
            at=escalate_at,
            now_asked=tuple(asked),
            now_covers=tuple(covers),
        )

    def open_approvals(self) -> tuple[Approval, ...]:
        return tuple(as_approval(row) for row in self.rows(OPEN_APPROVALS))

    def approvals_of(self, deal: DealId) -> tuple[Approval, ...]:
        return tuple(as_approval(row) for row in self.rows(APPROVALS_OF, deal_id=deal))

    def approvals_since(self, moment: datetime) -> tuple[Approval, ...]:
        return tuple(as_approval(row) for row in self.rows(APPROVALS_SINCE, moment=moment))

    def touched_approvals(self) -> frozenset[ApprovalId]:
        return frozenset(ApprovalId(each) for each in self._approvals)

    def touch_approval(self, approval: ApprovalId) -> None:
        # A card shows one or several of them: `approval:5:-12-13-`.
        self.later.add(TOUCH_LIKE, {"of_org": self.org_id, "of_keys": f"approval:%:%-{approval}-%"})
