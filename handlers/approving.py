"""Approvals: who is asked for one, and the card on which the first tap decides (product section 5)."""

from collections.abc import Sequence
from datetime import datetime

from domain.deals import Approval, ApprovalId, ApprovalKind, Deal, Decision, Dossier, Rank
from domain.people import Member, MemberId, Organisation, Role, Team
from domain.ports import Store
from domain.refusals import NotNow
from domain.schedule import instant, local_time
from handlers.gating import milestone_words
from handlers.letters import teller
from handlers.pieces.listed import listed
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn, approval_key
from handlers.view import Button, Card, Line, Mark, Note, Words, card, t

REFERENCE = "P"


def asked(store: Store, deal: Deal, rank: Rank, teams: Sequence[Team]) -> tuple[MemberId, ...]:
    """Who of a rank may decide about a deal: never its owner (product section 5)."""
    team = next((each for each in teams if each.id == deal.team_id), None)
    match rank:
        case Rank.MANAGER:
            found = [team.manager_id if team else None]
        case Rank.DEPUTY:
            found = [team.deputy_id if team else None]
        case Rank.DIRECTOR:
            found = [each.id for each in store.members() if Role.DIRECTOR in each.roles]
    return tuple(each for each in found if each is not None and each != deal.owner_id)


def first_rank(store: Store, deal: Deal, teams: Sequence[Team]) -> Rank | None:
    """The first rank in which somebody else than the owner can decide; None where there is nobody."""
    return next((rank for rank in Rank if asked(store, deal, rank, teams)), None)


def request(turn: Turn, dossier: Dossier, rank: Rank) -> Card:
    """Asks for a gate to be opened; the request leaves at once, whatever the undo window (architecture 5b)."""
    deal, teams = dossier.deal, turn.store.teams()
    for other in turn.store.open_approvals():
        if other.deal_id == deal.id and other.kind is ApprovalKind.GATE:
            at = local_time(other.asked_at, turn.me.zone).strftime("%H:%M")
            raise NotNow("approve.asked_already", id=f"D{deal.id}", at=at)
    number = turn.store.ask_approval(
        Approval(
            id=ApprovalId(0),
            kind=ApprovalKind.GATE,
            deal_id=deal.id,
            milestone=deal.milestone,
            asked_by=turn.me.id,
            asked_at=turn.said_at,
            rank=rank,
        ),
        escalates_at(turn, deal),
    )
    whom = asked(turn.store, deal, rank, teams)
    for each in whom:
        shown = approval_card(turn.store, turn.org, turn.store.member(each), str(number), turn.now)
        if shown:
            teller(turn).tell(each, "approval", shown)
    names: list[Words] = [turn.store.member(each).name for each in whom]
    return card(
        Line(t("approve.asked", id=f"D{deal.id}", names=listed(names)), Mark.DONE),
        Note(t("approve.asked_means", milestone=milestone_words(deal.milestone + 1))),
        rows=((undo_button(turn),),),
    )


def escalates_at(turn: Turn, deal: Deal) -> datetime:
    """When the next rank is asked: after one working day of the team (product section 5)."""
    calendar = turn.store.calendar(turn.org, turn.store.member(deal.owner_id))
    return instant(calendar.after(turn.today), turn.wall, turn.me.zone)


def approval_card(store: Store, org: Organisation, member: Member, label: str, now: datetime) -> Card | None:
    """The card of a request as it stands now: to be decided with one tap, or who decided what."""
    approval = store.approval(ApprovalId(int(label)))
    deal = store.deal(approval.deal_id) if approval and approval.deal_id else None
    if approval is None or deal is None:
        return None
    key = approval_key(member.id, approval.id)
    title = t("approve.title", id=f"D{deal.id}", milestone=milestone_words((approval.milestone or 0) + 1))
    if approval.decision is not Decision.OPEN:
        by = store.member(approval.decided_by).name if approval.decided_by else "-"
        return card(title, Line(t(f"approve.{approval.decision}", name=by)), key=key)
    line = f"/approve {REFERENCE}{approval.id}"
    amount = (Line(t("approve.amount", amount=deal.amount)),) if deal.amount is not None else ()
    return card(
        title,
        Line(t("approve.of", name=store.member(approval.asked_by).name, customer=deal.customer_name)),
        *amount,
        rows=(
            (
                Button(t("approve.accept_button"), f"{line} accept"),
                Button(t("approve.return_button"), f"{line} return\nreason:"),
                Button(t("approve.ask_button"), f"{line} ask\nreason:"),
            ),
        ),
        key=key,
    )
