"""Approvals: who is asked for one and when, and what becomes of a request that nobody wants any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.approvals import BATCH, is_wanted, leaves_at, next_asked_at
from domain.deals import Approval, ApprovalId, ApprovalKind, Deal, Decision, Dossier, Rank
from domain.kinds import Notice
from domain.people import MemberId, Organisation
from domain.ports import Store
from domain.refusals import NotNow
from domain.schedule import after_quiet, local_date, local_time
from handlers.entitled import holds
from handlers.gating import milestone_words
from handlers.letters import Teller, teller
from handlers.pieces.approval import approval_now
from handlers.pieces.listed import listed
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn, touch_digest
from handlers.view import Card, Line, Mark, Note, Words, card, t


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Whom a rank comes to on one day: who is told, and who waits to decide; `covers` stand in for somebody away."""

    told: tuple[MemberId, ...]
    asked: tuple[MemberId, ...]
    covers: tuple[MemberId, ...]


def whom(store: Store, deal: Deal, asker: MemberId, rank: Rank, now: datetime) -> Whom:
    """Who of a rank is asked about a deal: never its owner, never who asks; for who is away, their cover."""
    members, teams = {each.id: each for each in store.members()}, store.teams()
    apart = {deal.owner_id, asker}
    held = [each for each in members.values() if each.id not in apart and holds(each, rank, deal, teams)]
    told, asked, covers = [], [], []
    for each in held:
        cover = store.covers(local_date(now, each.zone)).get(each.id)
        stands_in = cover in members and cover not in apart and cover is not None
        told.append(cover if stands_in and cover else each.id)
        asked += [each.id, cover] if stands_in and cover else [each.id]
        covers += [cover] if stands_in and cover else []
    return Whom(
        told=tuple(dict.fromkeys(told)),
        asked=tuple(dict.fromkeys(asked)),
        covers=tuple(dict.fromkeys(covers)),
    )


def rank_to_ask(turn: Turn, deal: Deal) -> Rank | None:
    """The first rank with somebody to ask; None where there is nobody, or where the speaker is who would be asked."""
    for rank in Rank:
        if turn.me.id != deal.owner_id and holds(turn.me, rank, deal, turn.store.teams()):
            return None
        if whom(turn.store, deal, turn.me.id, rank, turn.now).told:
            return rank
    return None


def request(turn: Turn, dossier: Dossier, rank: Rank) -> Card:
    """Asks for a gate to be opened.

    The first request to somebody leaves at once, whatever the undo window (architecture 5b), but in quiet hours; what
    follows within 15 minutes comes with the tick in one message.
    """
    deal, store = dossier.deal, turn.store
    for other in store.approvals_of(deal.id):
        if other.kind is ApprovalKind.GATE:
            at = local_time(other.asked_at, turn.me.zone).strftime("%H:%M")
            raise NotNow("approve.asked_already", id=f"D{deal.id}", at=at)
    found = whom(store, deal, turn.me.id, rank, turn.now)
    before = store.approvals_since(turn.said_at - BATCH)
    told_at = quiet_over(store, found.told, leaves_at(turn.said_at, before, frozenset(found.told)))
    now = told_at == turn.said_at
    approval = Approval(
        id=ApprovalId(0),
        kind=ApprovalKind.GATE,
        deal_id=deal.id,
        milestone=deal.milestone,
        asked_by=turn.me.id,
        asked_at=turn.said_at,
        rank=rank,
        told_at=told_at,
        asked=found.asked if now else (),
        covers=found.covers if now else (),
    )
    number = store.ask_approval(approval, escalates_at(store, turn.org, deal, told_at) if now else told_at)
    if now:
        for each in found.told:
            tell(teller(turn), turn.org, each, [number])
    names: list[Words] = [store.member(each).name for each in found.told]
    later = () if now else (Note(t("approve.told_at", at=local_time(told_at, turn.me.zone))),)
    return card(
        Line(t("approve.asked", id=f"D{deal.id}", names=listed(names)), Mark.DONE),
        Note(t("approve.asked_means", milestone=milestone_words(deal.milestone + 1))),
        *later,
        rows=((undo_button(turn),),),
    )


def quiet_over(store: Store, told: Sequence[MemberId], at: datetime) -> datetime:
    """When the first of these people may be disturbed."""
    return min((after_quiet(at, store.member(each).zone) for each in told), default=at)


def tell(by: Teller, org: Organisation, to: MemberId, numbers: Sequence[ApprovalId]) -> None:
    """The card of these requests to somebody, not in their quiet hours."""
    member, label = by.store.member(to), f"-{'-'.join(map(str, numbers))}-"
    shown = approval_now(by.store, org, member, label, by.now)
    if shown:
        by.tell(to, Notice.APPROVAL, f"approval:{org.id}:{label}", shown, at=after_quiet(by.now, member.zone))


def escalates_at(store: Store, org: Organisation, deal: Deal, told_at: datetime) -> datetime:
    """When the next rank is asked: after one working day of the owner's team (product section 5)."""
    owner = store.member(deal.owner_id)
    return next_asked_at(told_at, store.calendar(org, owner), owner.zone)


def follow(turn: Turn) -> None:
    """What a turn means for requests: those of a deal that moved or ended are dropped, and cards show what is so.

    What is dropped is a fact of this turn's change: undoing it brings the request back.
    """
    store = turn.store
    for number in sorted(store.touched_deals()):
        deal = store.deal(number)
        for each in store.approvals_of(number):
            if deal is None or not is_wanted(each, deal):
                store.revise_approval(each.id, decision=Decision.WITHDRAWN)
    for touched in sorted(store.touched_approvals()):
        approval = store.approval(touched)
        if approval:
            show(store, approval, turn.now)


def show(store: Store, approval: Approval, now: datetime) -> None:
    """The cards of a request and the digests of whoever was asked are to show what is so now."""
    store.touch_approval(approval.id)
    touch_asked(store, approval, now)


def touch_asked(store: Store, approval: Approval, now: datetime) -> None:
    """The digests of whoever was asked count what waits."""
    for each in approval.asked:
        touch_digest(store, each, local_date(now, store.member(each).zone))
