"""/approve [P3 accept | return | ask]; reason: TEXT"""

import re
from typing import Annotated, Literal

from domain.deals import Approval, ApprovalId, ApprovalKind, Deal, DealId
from domain.people import EVERYBODY
from domain.refusals import NotAllowed, NotFound
from handlers.args import Args, Name, Words, said_as
from handlers.dealing import REFERENCE as DEAL
from handlers.deciding import accept, answer, ask, must_be_open, return_
from handlers.entitled import may_decide, waiting
from handlers.pieces.approval import (
    AT_ONCE,
    REFERENCE,
    handed_in_card,
    request_card,
    requests_card,
    title_of_request,
)
from handlers.registry import Scope, command
from handlers.turn import Turn
from handlers.view import Ask, Button, Card, card, t

NUMBER = re.compile(r"#?P(?P<id>\d{1,18})", re.IGNORECASE)


class ApproveArgs(Args):
    """Which request and what becomes of it; nothing for all that waits. The reason may also be a question."""

    lead = ("request", "how")
    request: Name | None = None
    how: (
        Annotated[
            Literal["accept", "return", "ask", "answer"],
            said_as("accept", "approve.accept_words"),
            said_as("return", "approve.return_words"),
            said_as("ask", "approve.ask_words"),
            said_as("answer", "approve.answer_words"),
        ]
        | None
    ) = None
    reason: Words | None = None


# A deputy or a cover may be a plain rep: the request itself says who was asked.
@command(roles=EVERYBODY, scope=Scope.TEAM)
def approve(turn: Turn, args: ApproveArgs) -> Card:
    """Decides what I was asked to decide, asks back, or shows what waits for me, the oldest first."""
    if args.request is None:
        return _waiting(turn)
    approval, deal = _meant(turn, args.request)
    if args.how is None and turn.me.id in (approval.asked_by, deal.owner_id):
        return handed_in_card(turn.store, approval, deal)
    if args.how == "answer":
        _must_be_asker(turn, approval, deal)
    else:
        _must_decide(turn, approval, deal)
    if args.how is None:
        return request_card(turn.store, turn.org, approval, deal, turn.now)
    must_be_open(turn, approval)
    if args.how == "accept":
        return accept(turn, approval, deal)
    if not args.reason:
        return card(
            title_of_request(approval, deal),
            t(f"approve.{args.how}_what"),
            ask=Ask(f"/approve {REFERENCE}{approval.id} {args.how}", "reason"),
            rows=((Button(t("button.cancel"), "/cancel"),),),
        )
    return {"return": return_, "ask": ask, "answer": answer}[args.how](turn, approval, deal, args.reason)


def _waiting(turn: Turn) -> Card:
    found = waiting(turn.store, turn.me)
    if not found:
        return card(t("approve.nothing"))
    deals = {each.deal_id: turn.store.deal(each.deal_id) for each in found if each.deal_id}
    asked = [(each, deal) for each in found if each.deal_id and (deal := deals[each.deal_id])]
    if len(asked) == 1:
        return request_card(turn.store, turn.org, *asked[0], turn.now)
    return requests_card(turn.store, asked[:AT_ONCE], more=max(len(asked) - AT_ONCE, 0))


def _meant(turn: Turn, said: str) -> tuple[Approval, Deal]:
    """The request of this number, or the open one of a deal; nobody else decides about it meanwhile."""
    number = NUMBER.fullmatch(said.strip())
    of_deal = DEAL.fullmatch(said.strip())
    open_ones = turn.store.approvals_of(DealId(int(of_deal["id"]))) if of_deal else ()
    wanted = ApprovalId(int(number["id"])) if number else next((each.id for each in open_ones), None)
    approval = turn.store.approval(wanted, held=True) if wanted else None
    deal = turn.store.deal(approval.deal_id) if approval and approval.deal_id else None
    if approval is None or deal is None or approval.kind is not ApprovalKind.GATE:
        raise NotFound("approve.no_such", said=said.strip()[:20])
    return approval, deal


def _must_decide(turn: Turn, approval: Approval, deal: Deal) -> None:
    """Raises `NotAllowed` for the own deal, and for whoever was not asked."""
    if may_decide(turn.me, approval, deal, turn.store.teams()):
        return
    if turn.me.id in (deal.owner_id, approval.asked_by):
        raise NotAllowed("approve.own", id=f"D{deal.id}")
    raise NotAllowed("approve.not_asked", id=f"D{deal.id}")


def _must_be_asker(turn: Turn, approval: Approval, deal: Deal) -> None:
    if turn.me.id not in (approval.asked_by, deal.owner_id):
        raise NotAllowed(
            "approve.not_asker", id=f"D{deal.id}", name=turn.store.member(approval.asked_by).name
        )
