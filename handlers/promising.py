"""The next step of a deal: one at a time, with a date (method section 3)."""

from datetime import date, time

from domain.deals import Deal
from domain.milestones import DELIVERY
from domain.ports import Store
from domain.steps import Step, StepId, StepState
from handlers.turn import touch_day


def set_next(
    store: Store,
    deal: Deal,
    text: str,
    due_on: date | None,
    due_time: time | None = None,
    source: int | None = None,
) -> StepId:
    """Sets a deal's next step; what was promised before is dropped, planned visits stay."""
    drop_next(store, deal)
    return store.add_step(
        Step(
            id=StepId(0),
            member_id=deal.owner_id,
            customer_id=deal.customer_id,
            customer_name=deal.customer_name,
            kind=None,
            text=text,
            due_on=due_on,
            due_time=due_time,
            source_id=source,  # type: ignore[arg-type]
            deal_id=deal.id,
        )
    )


def drop_next(store: Store, deal: Deal) -> None:
    """What was promised and is not done is promised no more; what a signature asks for stays."""
    owed = {each.step_id for each in store.tasks(deal.id)} if deal.milestone == DELIVERY else ()
    for step in store.open_steps(deal.owner_id):
        if step.deal_id == deal.id and step.kind is None and step.id not in owed:
            store.revise_step(step.id, state=StepState.DROPPED)


def touch_owner(store: Store, deal: Deal, today: date) -> None:
    """The day of the deal's owner shows its next step."""
    touch_day(store, deal.owner_id, today)
