"""A colleague's accounts, open deals and open steps handed to another as one pack (product section 5)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from domain.customers import Customer, CustomerId, WhichCustomers
from domain.deal_ports import Which
from domain.deals import ApprovalKind, Deal
from domain.kinds import Notice
from domain.people import ADMINS, Member, Role
from domain.ports import Change, Fact, Store, Subject
from domain.refusals import NotAllowed, NotNow
from domain.steps import Step, StepId
from handlers.claiming import drop_claims
from handlers.colleagues import called, led_by, touch_digests
from handlers.letters import teller
from handlers.pieces.listed import listed
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn, touch_day
from handlers.view import Button, Card, Line, Mark, Note, Words, card, t

# Who may get accounts.
TAKERS = frozenset({Role.REP, Role.MANAGER})
SLICE = 200
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """What is handed over."""

    customers: tuple[Customer, ...]
    deals: tuple[Deal, ...]
    steps: tuple[Step, ...]

    def words(self) -> Words:
        """`3 customers, 2 deals, 4 next steps`."""
        counts = (
            ("customers", len(self.customers)),
            ("deals", len(self.deals)),
            ("steps", len(self.steps)),
        )
        return listed([t(f"handover.n_{name}", n=n) for name, n in counts if n])


def people_of(turn: Turn) -> tuple[Member, ...]:
    """Whose accounts the speaker may hand over, those who have left after those who are here."""
    people = (*turn.store.members(), *turn.store.former_members())
    if turn.me.holds(ADMINS):
        return people
    led = {team.id for team in led_by(turn.me, turn.store.teams())}
    return tuple(each for each in people if each.team_id in led or each.id == turn.me.id)


def may_hand(turn: Turn) -> bool:
    """Managers and admins hand over."""
    return turn.me.holds(ADMINS | {Role.MANAGER})


def must_hand(turn: Turn) -> None:
    """Raises `NotAllowed` for whoever does not hand over."""
    if not may_hand(turn):
        raise NotAllowed("handover.only_manager")


def must_lead(turn: Turn, said: str, people: Sequence[Member]) -> None:
    """Raises `NotAllowed` for a colleague of a team that somebody else leads."""
    others = called(said, turn.store.members())
    if others and not called(said, people):
        raise NotAllowed("handover.another_team", name=others[0].name)


def among(said: str, people: Sequence[Member]) -> Sequence[Member]:
    """Of several with one name those who are still here."""
    found = called(said, people)
    here = [each for each in found if each.left_on is None]
    return [each for each in people if each not in found or each in here] if here else people


def pack_of(turn: Turn, giver: Member, customers: Sequence[Customer] | None) -> Pack:
    """All that is the giver's, or only what is about these customers."""
    store = turn.store
    mine = tuple(_every(lambda skipped: _accounts(store, giver, skipped)))
    deals = tuple(_every(lambda skipped: store.deals(Which(owner_id=giver.id), SLICE, skipped)))
    steps = store.open_steps(giver.id)
    if customers is None:
        return Pack(customers=mine, deals=deals, steps=steps)
    wanted = {each.id for each in customers}
    return Pack(
        customers=tuple(each for each in mine if each.id in wanted),
        deals=tuple(each for each in deals if each.customer_id in wanted),
        steps=tuple(each for each in steps if each.customer_id in wanted),
    )


def _accounts(store: Store, giver: Member, skipped: int) -> tuple[Customer, ...]:
    found = store.customers(WhichCustomers(owner_ids=(giver.id,)), SLICE, skipped)
    return tuple(each for each, _ in found)


def _every(fetch: Callable[[int], tuple[Row, ...]]) -> Iterator[Row]:
    """Page by page, to the last one."""
    skipped = 0
    while found := fetch(skipped):
        yield from found
        skipped += SLICE


def handed(turn: Turn, giver: Member, taker: Member, customers: Sequence[Customer] | None) -> Card:
    """Moves the pack in one change, which can be undone; both are told, the successor with what is in it."""
    if giver.id == taker.id:
        raise NotNow("handover.same", name=giver.name)
    if not taker.holds(TAKERS):
        raise NotNow("handover.no_seller", name=taker.name).at("to")
    pack = pack_of(turn, giver, customers)
    if not (pack.customers or pack.deals or pack.steps):
        raise NotNow("handover.nothing", name=giver.name)
    for customer in pack.customers:
        _give_customer(turn, customer, taker)
    for deal in pack.deals:
        _give_deal(turn, deal, taker)
    for step in pack.steps:
        turn.store.revise_step(step.id, member_id=taker.id)
    for claim in turn.store.open_approvals():
        # Who asked for a gate is who hears of it.
        if claim.kind is ApprovalKind.GATE and claim.deal_id in {each.id for each in pack.deals}:
            turn.store.revise_approval(claim.id, asked_by=taker.id)
    for each in (giver, taker):
        touch_day(turn.store, each.id, turn.today)
    touch_digests(turn.store, turn.now, turn.store.teams(), {each.team_id for each in pack.deals})
    what = pack.words()
    look = Button(t("handover.look_button"), "/handover 1")
    if taker.id != turn.me.id:
        told = t("handover.told_taker", by=turn.me.name, giver=giver.name)
        shown = card(told, t("handover.what", what=what), rows=((look,),))
        teller(turn).tell(taker.id, Notice.HANDOVER, "handover", shown)
    if giver.left_on is None and giver.id != turn.me.id:
        told = t("handover.told_giver", by=turn.me.name, taker=taker.name)
        shown = card(told, t("handover.what", what=what), Note(t("handover.thanks")))
        teller(turn).tell(giver.id, Notice.HANDOVER, "handover", shown)
    mine = (look,) if taker.id == turn.me.id else ()
    return card(
        Line(t("handover.done", giver=giver.name, taker=taker.name), Mark.DONE),
        t("handover.what", what=what),
        rows=((*mine, undo_button(turn)),),
    )


def _give_customer(turn: Turn, customer: Customer, taker: Member) -> None:
    for number, member in turn.store.collaborators(customer.id):
        if member == taker.id:
            turn.store.withdraw(Subject.COLLABORATOR, number)
    turn.store.revise_customer(customer.id, owner_id=taker.id)
    drop_claims(turn.store, replace(customer, owner_id=taker.id))


def _give_deal(turn: Turn, deal: Deal, taker: Member) -> None:
    for seller in turn.store.dossier(deal).sellers:
        # Its owner has what is left of the shares.
        if seller.member_id == taker.id:
            turn.store.withdraw(Subject.SELLER, seller.id)
    turn.store.revise_deal(deal.id, owner_id=taker.id, team_id=taker.team_id)


def accounts_in(store: Store, change: Change, taker: Member) -> tuple[CustomerId, ...]:
    """The customers that a handover was about, by number: of accounts, of deals, of steps."""
    found: set[CustomerId] = set()
    for fact in store.facts(change.id):
        if fact.after == taker.id and (customer := _customer_of(store, fact)):
            found.add(customer)
    return tuple(sorted(found))


def _customer_of(store: Store, fact: Fact) -> CustomerId | None:
    match fact.subject, fact.field:
        case Subject.CUSTOMER, "owner_id":
            there = store.customer(CustomerId(fact.subject_id))
            return there.id if there else None
        case Subject.DEAL, "owner_id":
            deal = store.deal(fact.subject_id)  # type: ignore[arg-type]
            return deal.customer_id if deal else None
        case Subject.STEP, "member_id":
            step = store.step(StepId(fact.subject_id))
            return step.customer_id if step else None
        case _:
            return None


def giver_in(store: Store, change: Change, taker: Member) -> Member | None:
    """Who had what a handover gave."""
    for fact in store.facts(change.id):
        if (
            fact.after == taker.id
            and fact.field in ("owner_id", "member_id")
            and isinstance(fact.before, int)
        ):
            return store.member(fact.before)  # type: ignore[arg-type]
    return None
