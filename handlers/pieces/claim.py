"""The card of a claim: who wants to look after whose customer, and what whoever leads decides (product section 4)."""

from datetime import datetime

from domain.customers import Customer
from domain.deals import Approval, ApprovalId, Decision
from domain.people import Member, Organisation
from domain.ports import Store
from handlers.pieces.clipped import clipped
from handlers.turn import claim_key
from handlers.view import Button, Card, Line, card, t

COLUMNS = 24


def claim_now(store: Store, _org: Organisation, member: Member, label: str, _now: datetime) -> Card:
    """The living card; of a claim that was taken back, that nothing is asked for any more."""
    approval = store.approval(ApprovalId(int(label)))
    shown = claim_card(store, member, approval) if approval else None
    return shown or card(t("claim.was_withdrawn"), key=claim_key(member.id, int(label)))


def claim_card(store: Store, member: Member, approval: Approval) -> Card | None:
    """As it stands now: to be decided with one tap, or how it was decided."""
    customer = store.customer(approval.customer_id) if approval.customer_id else None
    if customer is None:
        return None
    claimant = store.member(approval.asked_by)
    key = claim_key(member.id, approval.id)
    title = Line(t("claim.title", name=_label(customer), who=claimant.name))
    if approval.decision is not Decision.OPEN:
        by = store.member(approval.decided_by).name if approval.decided_by else "-"
        how = approval.reason if approval.decision is not Decision.WITHDRAWN else "withdrawn"
        return card(title, Line(t(f"claim.was_{how or 'withdrawn'}", by=by)), key=key)
    owner = store.member(customer.owner_id)
    seen = store.owner_seen_on(customer)
    stands = (
        t("claim.owner_seen", owner=owner.name, on=seen)
        if seen
        else t("claim.owner_unseen", owner=owner.name)
    )
    line = f"/customer A{customer.id}"
    return card(
        title,
        Line(stands),
        rows=(
            (
                Button(t("claim.give_button"), f"{line} give M{claimant.id}"),
                Button(t("claim.share_button"), f"{line} share M{claimant.id}"),
                Button(t("claim.keep_button"), f"{line} keep M{claimant.id}"),
            ),
        ),
        key=key,
    )


def _label(customer: Customer) -> str:
    return f"A{customer.id} {clipped(customer.name, COLUMNS)}"
