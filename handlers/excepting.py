"""The exceptions of a week: deals that wait for a leader's decision, and what they decide (method 10, field 3.28)."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from domain.deals import Deal, DealId
from domain.matters import OF_CHANGE, Cause, Matter, Ruling, Verdict, open_causes, ranked
from domain.people import Member, Organisation
from domain.ports import Store
from domain.snapshots import Change, Changed
from domain.workdays import week_label
from handlers.alerting import Waiting, escalated
from handlers.colleagues import touch_digests
from handlers.comparing import Compared
from handlers.funnels import FunnelFacts
from handlers.turn import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceptional:
    """One exception with all that is said of it."""

    matter: Matter
    deal: Deal
    owner: Member
    changes: tuple[Changed, ...] = ()
    waiting: Waiting | None = None

    def change(self, change: Change) -> Changed | None:
        return next((each for each in self.changes if each.change is change), None)


def exceptions(
    store: Store,
    funnels: Sequence[tuple[FunnelFacts, Compared]],
    waiting: Sequence[Waiting],
    leaders: Sequence[Member],
) -> tuple[tuple[Exceptional, ...], ...]:
    """The open exceptions of each funnel for whoever leads it, by value x urgency: one query for all verdicts."""
    stalled = {each.deal.id: each for each in waiting}
    causes = [_causes(facts, found, stalled.keys()) for facts, found in funnels]
    decided = store.rulings(sorted({number for each in causes for number in each}))
    members = {each.id: each for each in store.members()}
    result = []
    for (facts, found), named, leader in zip(funnels, causes, leaders, strict=True):
        deals = {each.id: each for each in facts.deals}
        left = {
            number: open_causes(why, decided.get(number, ()), week_label(facts.today), deals[number].close_on)
            for number, why in named.items()
            if deals[number].owner_id != leader.id and deals[number].owner_id in members
        }
        amounts = {number: deals[number].amount or Decimal(0) for number in left}
        result.append(
            tuple(
                Exceptional(
                    matter=each,
                    deal=deals[each.deal_id],
                    owner=members[deals[each.deal_id].owner_id],
                    changes=tuple(c for c in found.changes if c.now.deal_id == each.deal_id),
                    waiting=stalled.get(each.deal_id),
                )
                for each in ranked(left, amounts, facts.average or Decimal(1))
            )
        )
    return tuple(result)


def _causes(
    facts: FunnelFacts, found: Compared, stalled: Container[DealId]
) -> dict[DealId, frozenset[Cause]]:
    """Why each active deal is an exception, whatever was decided about it."""
    causes: dict[DealId, set[Cause]] = {}
    here = {each.id for each in facts.deals}
    for each in found.changes:
        # What a colleague was given is decided: whoever has it now begins anew.
        handed = each.before is not None and each.before.owner_id != each.now.owner_id
        if each.change in OF_CHANGE and each.now.deal_id in here and not handed:
            causes.setdefault(each.now.deal_id, set()).add(OF_CHANGE[each.change])
    for deal in facts.deals:
        if _is_past(deal, facts.today):
            causes.setdefault(deal.id, set()).add(Cause.PAST_CLOSE)
        if deal.id in stalled:
            causes.setdefault(deal.id, set()).add(Cause.STALLED)
    return {number: frozenset(why) for number, why in causes.items()}


def _is_past(deal: Deal, today: date) -> bool:
    return deal.close_on is not None and deal.close_on < today


def exceptions_of(
    store: Store, org: Organisation, facts: FunnelFacts, found: Compared, leader: Member, now: datetime
) -> tuple[Exceptional, ...]:
    """The open exceptions of one funnel."""
    teams = facts.whose.teams or store.teams()
    waiting = escalated(store, org, [each.id for each in teams], now)
    return exceptions(store, [(facts, found)], waiting, [leader])[0]


def ruled(turn: Turn, deal: Deal, verdict: Verdict, close_on: date | None = None) -> None:
    """A verdict stands with its deal for this week; the digests show what is left."""
    turn.store.add_ruling(
        Ruling(
            deal_id=deal.id,
            label=week_label(turn.today),
            verdict=verdict,
            made_by=turn.me.id,
            made_at=turn.now,
            close_on=close_on,
        )
    )
    touch_digests(turn.store, turn.now, turn.store.teams(), {deal.team_id})
