"""The delivery of a signed deal: three steps on its owner's days, each settling its task (method section 3)."""

from dataclasses import replace
from datetime import date

from domain.activity import Kind
from domain.deals import Deal, DealId, State, Tick
from domain.delivery import CALL_BACK, delivery_days
from domain.milestones import DELIVERY
from domain.ports import Store
from domain.steps import Step, StepId, StepState
from handlers.turn import Turn
from handlers.view import t
from handlers.words import catalogue


def delivery_of(store: Store, deal: Deal) -> tuple[Tick, ...]:
    """The tasks of a deal's delivery, in the order they are due."""
    found = [each for each in store.tasks(deal.id) if each.milestone == DELIVERY]
    return tuple(sorted(found, key=lambda each: (each.due_on or date.max, each.id)))


def begin_delivery(turn: Turn, deal: Deal) -> None:
    """Promises what the method asks for after the signature; the call-back is a planned call, for it asks a record."""
    owner = turn.store.member(deal.owner_id)
    there = {each.code: each for each in delivery_of(turn.store, deal)}
    for code, due_on in delivery_days(turn.today, turn.store.calendar(turn.org, owner)).items():
        step = turn.store.add_step(
            Step(
                id=StepId(0),
                member_id=owner.id,
                customer_id=deal.customer_id,
                customer_name=deal.customer_name,
                kind=Kind.CALL if code == CALL_BACK else None,
                text=catalogue().say(t(f"need.{code}"), owner.language),
                due_on=due_on,
                deal_id=deal.id,
            )
        )
        # A deal that was reopened and signed again has its tasks already.
        tick = there.get(code) or Tick(id=0, deal_id=deal.id, milestone=DELIVERY, code=code, done_on=None)
        turn.store.keep_task(replace(tick, done_on=None, due_on=due_on, step_id=step))


def end_delivery(turn: Turn, deal: Deal) -> None:
    """A signature that did not hold has nothing to deliver."""
    tasks = {each.step_id for each in delivery_of(turn.store, deal)}
    for step in turn.store.steps_of_deal(deal.id):
        if step.id in tasks:
            turn.store.revise_step(step.id, state=StepState.DROPPED)


def follow_step(turn: Turn, step: Step, *, done: bool = True) -> None:
    """A step that is done or moved takes the task of the delivery along that it was promised for."""
    deal = turn.store.deal(DealId(step.deal_id)) if step.deal_id else None
    if deal is None or deal.state is not State.WON:
        return
    for tick in delivery_of(turn.store, deal):
        if tick.step_id == step.id:
            now = replace(tick, done_on=turn.today) if done else replace(tick, due_on=step.due_on)
            turn.store.keep_task(now)
