"""Deals opened, changed, woken and reopened, with what is asked when an amount looks like a slip (product section 5)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from domain.amounts import suspicious
from domain.customers import Customer
from domain.deals import CLOSED, Deal, DealId, Dossier, Part, Passed, State
from domain.gates import owner_share
from domain.milestones import FIRST, LAST, PROJECT
from domain.refusals import NotAllowed, NotNow, NotUnderstood
from domain.stalled import elapsed, stopped_days
from handlers.args import Promise
from handlers.colleagues import colleague_named
from handlers.dealing import may_reopen
from handlers.delivering import end_delivery
from handlers.ending import settled
from handlers.gating import enter
from handlers.promising import set_next, touch_owner
from handlers.turn import Turn
from handlers.view import Button, Card, card, t

TITLE_MOST = 60


def doubted(turn: Turn, amount: Decimal, again: Callable[[Decimal], str]) -> Card | None:
    """The question "500,000 or 5,000,000?" for an amount ten times off what is usual for the speaker (product 3)."""
    meant = suspicious(amount, turn.store.deal_amounts(turn.me.id))
    if meant is None:
        return None
    buttons = tuple(Button(t("deal.exactly", amount=each), again(each)) for each in sorted((amount, meant)))
    return card(t("deal.which_amount", first=min(amount, meant), second=max(amount, meant)), rows=(buttons,))


def opened(
    turn: Turn,
    customer: Customer,
    *,
    title: str,
    amount: Decimal | None,
    close_on: date | None,
    promise: Promise | None,
    milestone: int = FIRST,
    imported: bool = False,
) -> Deal:
    """A new active deal at M1, or wherever an imported one already is."""
    deal = Deal(
        id=DealId(0),
        customer_id=customer.id,
        customer_name=customer.name,
        owner_id=turn.me.id,
        team_id=turn.me.team_id,
        title=title,
        state=State.ACTIVE,
        milestone=milestone,
        opened_on=turn.today,
        entered_on=turn.today,
        amount=amount,
        close_on=close_on,
        template_id=turn.store.current_template(PROJECT.name).id,
        imported=imported,
        unproven=tuple(range(FIRST, milestone)),
    )
    deal = replace(deal, id=turn.store.open_deal(deal))
    if promise:
        set_next(turn.store, deal, promise.text, promise.due_on, promise.due_time)
        touch_owner(turn.store, deal, turn.today)
    return deal


def changed(turn: Turn, dossier: Dossier, **wanted: object) -> dict[str, object]:
    """Sets what differs; a close that moves to a later day is counted (method section 4)."""
    deal = dossier.deal
    if deal.state in CLOSED:
        raise NotNow("deals.closed", id=f"D{deal.id}")
    values = {
        name: value for name, value in wanted.items() if value is not None and value != getattr(deal, name)
    }
    close = values.get("close_on")
    if deal.close_on and isinstance(close, date) and close > deal.close_on:
        values["moves"] = deal.moves + 1
    if values:
        turn.store.revise_deal(deal.id, **values)
    return values


def activated(turn: Turn, dossier: Dossier) -> None:
    """A lead, or a deal that rested, goes on; the days on hold are no stage time (method section 3)."""
    deal = dossier.deal
    if deal.state is State.ACTIVE or deal.state in CLOSED:
        raise NotNow("deals.nothing_to_wake", id=f"D{deal.id}")
    values: dict[str, object] = {"state": State.ACTIVE}
    if deal.held_on:
        calendar = turn.store.calendar(turn.org, turn.store.member(deal.owner_id))
        rested = elapsed(deal.held_on, turn.today, stopped_days(calendar, deal.held_on, turn.today))
        values |= {
            "held_on": None,
            "held_until": None,
            "held_days": deal.held_days + rested,
            "resumed_on": turn.today,
            "reason": "",
            "note": "",
        }
    turn.store.revise_deal(deal.id, **values)
    settled(turn, deal, State.ACTIVE)


def reopened(turn: Turn, dossier: Dossier, reason: str) -> None:
    """A closed deal goes on where it stood; that needs a manager (method section 3)."""
    deal = dossier.deal
    if deal.state not in CLOSED:
        raise NotNow("deals.is_open", id=f"D{deal.id}")
    if not may_reopen(turn.me, deal, turn.store.teams()):
        raise NotAllowed("deals.reopen_manager", id=f"D{deal.id}")
    values: dict[str, object] = {
        "state": State.ACTIVE,
        "closed_on": None,
        "reason": "",
        "note": reason,
        "standing": "",
    }
    milestone = deal.milestone
    if deal.state is State.WON:
        end_delivery(turn, deal)
        milestone = _signed_at(turn, deal)
        # The signature did not hold, and with it goes what it let the deal skip.
        values |= {
            "contract": "",
            "phase": dossier.template.stage(milestone).phase,
            "unproven": tuple(each for each in deal.unproven if each < milestone),
            "overridden": tuple(each for each in deal.overridden if each < milestone),
        }
    enter(turn, deal, milestone, Passed.BACK, reason, resumed_on=turn.today, **values)
    settled(turn, deal, State.ACTIVE)


def _signed_at(turn: Turn, deal: Deal) -> int:
    """The milestone a won deal was signed in: a signature may come early."""
    stays = [each.milestone for each in turn.store.passages(deal.id) if each.milestone <= LAST]
    return stays[-1] if stays else LAST


def joined(turn: Turn, dossier: Dossier, said: str, part: Part, share: int) -> str:
    """A colleague on the deal team; the shares of all sum to 100 percent (product section 5). Their name."""
    deal = dossier.deal
    colleague = colleague_named(said, turn.store.members())
    others = [each for each in dossier.sellers if each.member_id != colleague.id]
    if colleague.id == deal.owner_id:
        raise NotNow("deal.owner_already", name=colleague.name)
    there = next((each for each in dossier.sellers if each.member_id == colleague.id), None)
    if sum(each.share for each in others) + share > 100:
        raise NotUnderstood("deal.too_much", n=owner_share(others)).at("share")
    if there:
        turn.store.revise_seller(there.id, part=part, share=share)
    else:
        turn.store.add_seller(deal.id, colleague.id, part, share)
    return colleague.name
