"""/undo"""

from collections.abc import Sequence, Set
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from domain.activity import Activity, ActivityId
from domain.corrections import PlanId
from domain.deals import DealId
from domain.ports import PRESENT, Change, ChangeId, Fact, Subject
from domain.refusals import NotNow
from domain.schedule import local_date, local_time
from domain.steps import StepId
from handlers.args import Args
from handlers.claiming import touch_claim
from handlers.colleagues import touch_digests
from handlers.crediting import decide_anew, decide_weeks, leave, week_of
from handlers.letters import UNDO_WITHIN, withdrawal
from handlers.offdays import declared, follow
from handlers.pieces.record import record_line
from handlers.registry import command
from handlers.tick import plan_pushes
from handlers.turn import Turn, touch_day, touch_news
from handlers.view import Button, Card, Rows, Text, card, t

OF_DEALS = frozenset(
    {
        Subject.DEAL,
        Subject.SELLER,
        Subject.BUYER,
        Subject.CHECKED,
        Subject.TASK,
        Subject.EVIDENCE,
        Subject.SHEET,
        Subject.RIVAL,
        Subject.EXPENSE,
        Subject.APPROVAL,
    }
)


OF_FUNNELS = frozenset({Subject.CORRECTION_PLAN, Subject.RULING})
# Changes of rows of several people, by the command that made them: named as a whole.
WHOLE = frozenset({"customer", "contact", "handover"})


class UndoArgs(Args):
    """The latest change when none is named; a button names its own."""

    lead = ("change",)
    change: Annotated[int, Field(gt=0, lt=2**63)] | None = None


@command()
def undo(turn: Turn, args: UndoArgs) -> Card:
    """Takes back my latest change, or the one a button names, within ten minutes."""
    change = _wanted(turn, args)
    later = turn.store.dependant(change.id)
    if later:
        name, at = turn.store.member(later.actor_id).name, local_time(later.said_at, turn.me.zone)
        key = "undo.decided" if later.command == "approve" else "undo.depends"
        raise NotNow(key, name=name, at=at.strftime("%H:%M"))
    facts = turn.store.facts(change.id)
    for fact in facts:
        # What others built on a deal is not pulled from under them.
        if (
            fact.subject is Subject.DEAL
            and fact.field == PRESENT
            and turn.store.deal_in_use(DealId(fact.subject_id))
        ):
            raise NotNow("undo.deal_in_use", id=f"D{fact.subject_id}")
    what = _what(turn, change, facts)
    turn.store.undoing(change.id)
    _take_back(turn, change, facts)
    # What goes has its name only before, what stays has its old one only now.
    what, show = _kept(turn, change, facts) or (what, ())
    said_on = local_date(change.said_at, turn.me.zone)
    for day in (said_on, turn.calendar().before(said_on)):
        touch_day(turn.store, turn.me.id, day)
    shown = card(t("undo.done", what=what), rows=show)
    withdrawn = card(t("undo.withdrawn", name=turn.me.name, what=what))
    for member, on in turn.store.withdraw_news(change.id):
        touch_news(turn.store, member, on)
    for number, posted in enumerate(turn.store.withdraw_letters(change.id)):
        if posted.message != turn.pressed:
            mine = posted.member_id == turn.me.id
            turn.store.write(withdrawal(turn, posted, number, shown if mine else withdrawn))
    return shown


def _take_back(turn: Turn, change: Change, facts: Sequence[Fact]) -> None:
    """The opposite of each fact, and what follows from it for others' cards and for pushes."""
    about = {fact.subject for fact in facts}
    before = declared(turn) if Subject.CALENDAR_DAY in about else None
    cover = turn.store.covers(turn.today).get(turn.me.id) if Subject.LEAVE in about else None
    records = {ActivityId(fact.subject_id) for fact in facts if fact.subject is Subject.ACTIVITY}
    was = [found[0] for number in records if (found := turn.store.activity(number))]
    plans = {PlanId(fact.subject_id) for fact in facts if fact.subject is Subject.CORRECTION_PLAN}
    owners = {plan.owner_id for each in plans if (plan := turn.store.correction(each))}
    turn.store.take_back(change.id, facts, turn.now)
    for owner in owners:
        touch_day(turn.store, owner, turn.today)
    if change.command in WHOLE:
        now = [found[0] for each in was if (found := turn.store.activity(each.id))]
        decide_weeks(turn, [*was, *now])
    else:
        for each in was:
            _decide_anew(turn, each)
    _touch_cards(turn, facts)
    if before is not None:
        follow(turn, before)
    if Subject.LEAVE in about:
        plan_pushes(turn.store, turn.org, turn.me, turn.now)
    if cover:
        touch_day(turn.store, cover, turn.today)
    if about & OF_FUNNELS:
        touch_digests(turn.store, turn.now, turn.store.teams(), {each.id for each in turn.store.teams()})
    if about & {Subject.LEAVE, Subject.REPORT}:
        touch_digests(turn.store, turn.now, turn.store.teams(), {turn.me.team_id})


def _touch_cards(turn: Turn, facts: Sequence[Fact]) -> None:
    """Whose steps were moved has another day again; a claim is open again, or asked no more."""
    for fact in facts:
        if fact.subject is Subject.APPROVAL:
            touch_claim(turn.store, fact.subject_id)
        step = turn.store.step(StepId(fact.subject_id)) if fact.subject is Subject.STEP else None
        if step and step.member_id != turn.me.id:
            touch_day(turn.store, step.member_id, turn.today)


def _what(turn: Turn, change: Change, facts: Sequence[Fact]) -> Text:
    """What is taken back, in words."""
    if change.command in WHOLE:
        return t(f"{change.command}.undone")
    new = {fact.subject for fact in facts if fact.field == PRESENT}
    found = _record(turn, facts) if Subject.ACTIVITY in new else None
    return found[1] if found else _other(turn, change, facts, new)


def _kept(turn: Turn, change: Change, facts: Sequence[Fact]) -> tuple[Text, Rows] | None:
    """A record that stays, without what was added to it or changed, can be shown again."""
    if change.command in WHOLE:
        return None
    found = _record(turn, facts)
    if found is None or found[0].withdrawn:
        return None
    made, record = found
    key = "undo.change" if _is_edit(turn, change) else "undo.addition"
    return t(key, what=record), ((Button(record, record_line(made.kind, f"V{made.id}")),),)


def _record(turn: Turn, facts: Sequence[Fact]) -> tuple[Activity, Text] | None:
    """The record that a change is about, and its name."""
    number = next((ActivityId(fact.subject_id) for fact in facts if fact.subject is Subject.ACTIVITY), None)
    found = turn.store.activity(number) if number else None
    customer = turn.store.customer(found[0].customer_id) if found else None
    if found is None or customer is None:
        return None
    return found[0], t(f"record.plain_{found[0].kind}", customer=customer.name)


def _is_edit(turn: Turn, change: Change) -> bool:
    """Whether its message had done something before."""
    first = turn.store.change_from(change.source) if change.source else None
    return first is not None and first.id != change.id


def _other(turn: Turn, change: Change, facts: Sequence[Fact], new: Set[Subject]) -> Text:
    """A plan, a step, the line on a day; all else by its command, and whatever is about a deal."""
    if OF_DEALS & {fact.subject for fact in facts}:
        return t(f"{change.command}.undone")
    number = next((StepId(fact.subject_id) for fact in facts if fact.subject is Subject.STEP), None)
    step = turn.store.step(number) if number else None
    if step:
        plan = t("undo.plan", customer=step.customer_name)
        if Subject.STEP in new:
            return plan
        if step.kind:
            return t("undo.change", what=plan)
        return t("undo.step", customer=step.customer_name, text=step.text)
    if change.command == "report" and Subject.REPORT not in new:
        return t("undo.reflection")
    return t(f"{change.command}.undone")


def _wanted(turn: Turn, args: UndoArgs) -> Change:
    found = turn.store.change(ChangeId(args.change)) if args.change else turn.store.latest_change(turn.me.id)
    if found is None or found.actor_id != turn.me.id or found.undoes:
        raise NotNow("undo.nothing")
    if found.undone_at:
        raise NotNow("undo.already", at=local_time(found.undone_at, turn.me.zone).strftime("%H:%M"))
    if turn.now - found.said_at > UNDO_WITHIN:
        raise NotNow("undo.too_late", n=UNDO_WITHIN // timedelta(minutes=1))
    return found


def _decide_anew(turn: Turn, was: Activity) -> None:
    """A withdrawn or changed record decides the credit of its customer and kind anew, and of those it was before."""
    found = turn.store.activity(was.id)
    if found:
        made, _ = found
        leave(turn, was, made)
        decide_anew(turn, week_of(turn, made.on), made)
        for day in {was.on, made.on}:
            touch_day(turn.store, turn.me.id, day)
