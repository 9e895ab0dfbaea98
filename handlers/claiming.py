"""Claims on somebody else's customer: asked, taken when nobody looked after it, decided by whoever leads (product 4)."""

from collections.abc import Sequence
from enum import StrEnum

from domain.customers import Customer, is_protected
from domain.deals import Approval, ApprovalId, ApprovalKind, Decision, Rank
from domain.kinds import Notice
from domain.people import Member, MemberId, Role, Team
from domain.ports import Store, Subject
from domain.refusals import NotAllowed, NotNow
from domain.schedule import local_date, local_time
from handlers.accounts import label, leads_owner, must_be_another_seller, owner_of, rules
from handlers.letters import teller
from handlers.pieces.claim import claim_card
from handlers.pieces.customer import customer_card
from handlers.pieces.listed import listed
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn, claim_key
from handlers.view import Button, Card, Line, Mark, Note, Words, card, t


class Verdict(StrEnum):
    """What becomes of a claim: a new owner, one more collaborator, or all as it was."""

    GIVE = "give"
    SHARE = "share"
    KEEP = "keep"


def claimed(turn: Turn, customer: Customer) -> Card:
    """The customer is the speaker's at once, or whoever leads its owner is asked."""
    owner = owner_of(turn, customer)
    if owner.id == turn.me.id:
        raise NotNow("claim.own", name=label(customer))
    for other in open_claims(turn.store, customer):
        if other.asked_by == turn.me.id:
            at = local_time(other.asked_at, turn.me.zone).strftime("%H:%M")
            raise NotNow("claim.asked_already", name=label(customer), at=at)
    if owner.left_on or not _is_protected(turn, customer, owner):
        return _taken(turn, customer, owner)
    whom, rank = asked(turn.store, customer, turn.me.id)
    if not whom:
        raise NotNow("claim.nobody", name=label(customer), owner=owner.name)
    number = turn.store.ask_approval(
        Approval(
            id=ApprovalId(0),
            kind=ApprovalKind.CLAIM,
            customer_id=customer.id,
            asked_by=turn.me.id,
            asked_at=turn.said_at,
            rank=rank,
        ),
        None,
    )
    made = turn.store.approval(number)
    for each in whom:
        shown = claim_card(turn.store, turn.store.member(each), made) if made else None
        if shown:
            teller(turn).tell(each, Notice.CLAIM, "claim", shown)
    names: list[Words] = [turn.store.member(each).name for each in whom]
    return card(
        Line(t("claim.asked", name=label(customer), names=listed(names)), Mark.DONE),
        Note(t("claim.asked_means", owner=owner.name)),
        rows=((undo_button(turn),),),
    )


def _is_protected(turn: Turn, customer: Customer, owner: Member) -> bool:
    """By what the owner did there, or by how lately it became theirs."""
    since = turn.store.owned_since(customer.id)
    days = [turn.store.owner_seen_on(customer), local_date(since, owner.zone) if since else None]
    return is_protected(max(filter(None, days), default=None), turn.today)


def _taken(turn: Turn, customer: Customer, owner: Member) -> Card:
    """Nobody looked after it for so long that it needs no word; the owner hears of it and it can be undone."""
    _own(turn, customer, turn.me.id, owner)
    told = card(t("claim.told_taken", by=turn.me.name, name=label(customer)), t("claim.told_taken_means"))
    teller(turn).tell(owner.id, Notice.CUSTOMER, "claim", told)
    return customer_card(
        turn,
        turn.store.customer(customer.id) or customer,
        t("claim.taken", name=label(customer)),
        t("claim.taken_means", owner=owner.name),
    )


def asked(store: Store, customer: Customer, claimant: MemberId) -> tuple[tuple[MemberId, ...], Rank]:
    """Who decides about a claim: manager, else deputy, else directors; never its owner or who claims it."""
    owner = store.member(customer.owner_id)
    team = _team(store.teams(), owner)
    found: tuple[tuple[Rank, Sequence[MemberId | None]], ...] = (
        (Rank.MANAGER, (team.manager_id if team else None,)),
        (Rank.DEPUTY, (team.deputy_id if team else None,)),
        (Rank.DIRECTOR, [each.id for each in store.members() if Role.DIRECTOR in each.roles]),
    )
    for rank, members in found:
        may = tuple(each for each in members if each is not None and each not in (owner.id, claimant))
        if may:
            return may, rank
    return (), Rank.DIRECTOR


def _team(teams: Sequence[Team], owner: Member) -> Team | None:
    return next((each for each in teams if each.id == owner.team_id), None)


def open_claims(store: Store, customer: Customer) -> tuple[Approval, ...]:
    """The claims on a customer that nobody decided yet."""
    return tuple(
        each
        for each in store.open_approvals()
        if each.kind is ApprovalKind.CLAIM and each.customer_id == customer.id
    )


def decides_claims(turn: Turn, customer: Customer) -> bool:
    """Manager and deputy of the owner's team and directors; nobody about the own customer."""
    if customer.owner_id == turn.me.id:
        return False
    return Role.DIRECTOR in turn.me.roles or leads_owner(turn, customer)


def decided(turn: Turn, customer: Customer, colleague: Member, verdict: Verdict, *, sure: bool) -> Card:
    """One tap decides a claim for all who were asked; without a claim it is asked once whether that is meant."""
    claim = next((each for each in open_claims(turn.store, customer) if each.asked_by == colleague.id), None)
    may = decides_claims(turn, customer) or (verdict is not Verdict.KEEP and rules(turn, customer))
    if not may:
        raise NotAllowed("claim.not_yours_to_decide", name=label(customer))
    must_be_another_seller(customer, colleague)
    if claim is None and (verdict is Verdict.KEEP or not sure):
        return _unasked(customer, colleague, verdict)
    owner = owner_of(turn, customer)
    match verdict:
        case Verdict.GIVE:
            _own(turn, customer, colleague.id, owner)
        case Verdict.SHARE:
            _share(turn, customer, colleague)
        case Verdict.KEEP:
            pass
    if claim:
        _close(turn, claim, verdict)
    _tell_both(turn, customer, colleague, owner, verdict)
    now = turn.store.customer(customer.id) or customer
    values = {"name": label(customer), "who": colleague.name, "owner": owner.name}
    return customer_card(turn, now, t(f"claim.done_{verdict}", **values))


def _unasked(customer: Customer, colleague: Member, verdict: Verdict) -> Card:
    if verdict is Verdict.KEEP:
        raise NotNow("claim.none", name=label(customer), who=colleague.name)
    yes = Button(
        t(f"claim.{verdict}_to_button", who=colleague.name),
        f"/customer A{customer.id} {verdict} M{colleague.id} yes",
    )
    return card(
        t("claim.unasked", name=label(customer), who=colleague.name),
        rows=((yes,), (Button(t("button.cancel"), f"/customer A{customer.id}"),)),
    )


def _own(turn: Turn, customer: Customer, to: MemberId, owner: Member) -> None:
    """A new owner; the old one, if still there, works along."""
    there = {member: number for number, member in turn.store.collaborators(customer.id)}
    if to in there:
        turn.store.withdraw(Subject.COLLABORATOR, there[to])
    turn.store.revise_customer(customer.id, owner_id=to)
    if owner.left_on is None and owner.id not in there:
        turn.store.add_collaborator(customer.id, owner.id)


def _share(turn: Turn, customer: Customer, colleague: Member) -> None:
    if colleague.id in {member for _, member in turn.store.collaborators(customer.id)}:
        raise NotNow("customer.with_already", name=colleague.name)
    turn.store.add_collaborator(customer.id, colleague.id)


def _close(turn: Turn, claim: Approval, verdict: Verdict) -> None:
    """The claim is decided, and every card that asks for it shows so."""
    turn.store.revise_approval(
        claim.id,
        decision=Decision.RETURNED if verdict is Verdict.KEEP else Decision.ACCEPTED,
        decided_by=turn.me.id,
        decided_at=turn.said_at,
        reason=verdict.value,
    )
    touch_claim(turn.store, claim.id)


def touch_claim(store: Store, number: int) -> None:
    """Every card that asks for a claim is to show what is so now: whoever leads may have been asked."""
    seats = {each for team in store.teams() for each in (team.manager_id, team.deputy_id) if each}
    directors = {each.id for each in store.members() if Role.DIRECTOR in each.roles}
    for each in sorted(seats | directors):
        store.touch_card(claim_key(each, number))


def drop_claims(store: Store, customer: Customer) -> None:
    """What its owner, by now, asked for is asked no more; nor is anything asked twice by the same person."""
    claimants = {customer.owner_id}
    for claim in open_claims(store, customer):
        if claim.asked_by in claimants:
            store.revise_approval(claim.id, decision=Decision.WITHDRAWN)
            touch_claim(store, claim.id)
        claimants.add(claim.asked_by)


def _tell_both(turn: Turn, customer: Customer, colleague: Member, owner: Member, verdict: Verdict) -> None:
    values = {"by": turn.me.name, "name": label(customer)}
    to_claimant = t(f"claim.told_claimant_{verdict}", **values, owner=owner.name)
    to_owner = t(f"claim.told_owner_{verdict}", **values, who=colleague.name)
    look = ((Button(t("customer.open_button"), f"/customer A{customer.id}"),),)
    if colleague.id != turn.me.id:
        rows = look if verdict is not Verdict.KEEP else ()
        teller(turn).tell(colleague.id, Notice.CLAIMED, "claim", card(to_claimant, rows=rows))
    if owner.id != turn.me.id and owner.left_on is None:
        teller(turn).tell(owner.id, Notice.CLAIMED, "claim", card(to_owner, rows=look))
