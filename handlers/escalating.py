"""Requests whose time has come: told of for the first time, or to the next in rank; a step and its letters are one."""

from collections.abc import Mapping
from datetime import datetime

from domain.approvals import is_wanted, ranks_after
from domain.deals import Approval, ApprovalId, Decision, Rank
from domain.people import MemberId, Organisation, OrgId
from domain.ports import Store, Work
from handlers.approving import escalates_at, quiet_over, tell, touch_asked, whom
from handlers.letters import Teller
from handlers.pieces.approval import AT_ONCE
from handlers.turn import Codes

# So many are looked at in one turn of the writer.
APPROVALS = 50

# Who is told of what, in the order it was asked.
News = dict[MemberId, list[ApprovalId]]


def escalate(work: Work, now: datetime, codes: Codes) -> int:
    """Takes each request that is due one step on, and tells everybody all that is new to them at once; how many."""
    due = work.outbox.due_approvals(now, APPROVALS)
    stores: dict[OrgId, Store] = {}
    news: dict[OrgId, News] = {}
    for org_id, number in due:
        store = stores.setdefault(org_id, work.store(org_id))
        approval = store.approval(ApprovalId(number), held=True)
        if approval:
            for each in _next(store, store.organisation(), approval, now):
                news.setdefault(org_id, {}).setdefault(each, []).append(approval.id)
    for org_id, found in news.items():
        _tell(stores[org_id], stores[org_id].organisation(), found, now, codes)
    return len(due)


def _tell(
    store: Store, org: Organisation, found: Mapping[MemberId, list[ApprovalId]], now: datetime, codes: Codes
) -> None:
    """One card for up to three requests; it says how many more wait."""
    by = Teller(store=store, org=org.id, event=None, now=now, codes=codes)
    for member, numbers in found.items():
        tell(by, org, member, sorted(numbers)[:AT_ONCE])


def _next(store: Store, org: Organisation, approval: Approval, now: datetime) -> tuple[MemberId, ...]:
    """Who hears of a request now: whoever was to be told first, else the next rank in which somebody is new to it."""
    deal = store.deal(approval.deal_id) if approval.deal_id else None
    if approval.escalate_at is None or approval.escalate_at > now or approval.decision is not Decision.OPEN:
        # Another process was first.
        return ()
    if deal is None or not is_wanted(approval, deal):
        _move(store, approval, approval.rank, None)
        return ()
    ranks = ranks_after(approval.rank) if approval.asked else (approval.rank, *ranks_after(approval.rank))
    for rank in ranks:
        found = whom(store, deal, approval.asked_by, rank, now)
        new = tuple(each for each in found.told if each not in approval.asked)
        if not new:
            continue
        at = quiet_over(store, new, now)
        if at > now:
            _move(store, approval, approval.rank, at)
            return ()
        last = not ranks_after(rank)
        after = None if last else escalates_at(store, org, deal, now)
        _move(store, approval, rank, after, found.asked, found.covers)
        touch_asked(store, store.approval(approval.id) or approval, now)
        return new
    _move(store, approval, approval.rank, None)
    return ()


def _move(
    store: Store,
    approval: Approval,
    rank: Rank,
    at: datetime | None,
    asked: tuple[MemberId, ...] = (),
    covers: tuple[MemberId, ...] = (),
) -> None:
    store.move_approval(
        approval.id,
        rank=rank,
        escalate_at=at,
        asked=tuple(dict.fromkeys((*approval.asked, *asked))),
        covers=tuple(dict.fromkeys((*approval.covers, *covers))),
    )
