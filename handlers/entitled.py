"""Who may decide about a request for approval, and what waits for somebody's decision (product section 5)."""

from collections.abc import Sequence

from domain.approvals import is_wanted, ranks_until
from domain.deals import Approval, ApprovalKind, Deal, Rank
from domain.people import Member, Role, Team
from domain.ports import Store


def holds(member: Member, rank: Rank, deal: Deal, teams: Sequence[Team]) -> bool:
    """Whether somebody is of a rank that decides about a deal."""
    team = next((each for each in teams if each.id == deal.team_id), None)
    match rank:
        case Rank.MANAGER:
            return team is not None and team.manager_id == member.id
        case Rank.DEPUTY:
            return team is not None and team.deputy_id == member.id
        case Rank.DIRECTOR:
            return Role.DIRECTOR in member.roles


def may_decide(member: Member, approval: Approval, deal: Deal, teams: Sequence[Team]) -> bool:
    """Who was asked so far, as things are now; nobody decides about the own deal or the own request (product 5)."""
    if member.id in (deal.owner_id, approval.asked_by):
        return False
    return member.id in approval.covers or any(
        holds(member, rank, deal, teams) for rank in ranks_until(approval.rank)
    )


def decidable(store: Store, member: Member, deal: Deal) -> Approval | None:
    """The open request about a deal that somebody may decide; None where there is none, or it is for others."""
    teams = store.teams()
    gates = (each for each in store.approvals_of(deal.id) if each.kind is ApprovalKind.GATE)
    return next((each for each in gates if may_decide(member, each, deal, teams)), None)


def waiting(store: Store, member: Member) -> tuple[Approval, ...]:
    """What waits for somebody's decision, the oldest first."""
    found, teams = [], store.teams()
    for each in store.open_approvals():
        deal = store.deal(each.deal_id) if each.kind is ApprovalKind.GATE and each.deal_id else None
        if deal and is_wanted(each, deal) and may_decide(member, each, deal, teams):
            found.append(each)
    return tuple(found)
