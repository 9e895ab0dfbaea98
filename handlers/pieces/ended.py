"""The card of a deal that has ended: how, what of the delivery is done, what it taught (method section 3)."""

from domain.deals import Deal, Dossier, LostReason, State, Tick
from domain.gates import owner_share
from handlers.delivering import delivery_of
from handlers.pieces.clipped import clipped
from handlers.pieces.dealtitle import title_line
from handlers.pieces.listed import listed, milestones
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, Rows, Steps, Words, card, t

TEXT_COLUMNS, LABEL_COLUMNS = 60, 20


def closed_card(turn: Turn, dossier: Dossier, done: str | None = None) -> Card:
    """How a deal ended and what it taught; of a won one the contract, the shares and how far the delivery is."""
    deal = dossier.deal
    blocks: list[Block] = [
        title_line(turn, deal, done),
        Line(t(f"deal.ended_{deal.state}", on=deal.closed_on or deal.entered_on)),
        *(Line(each) for each in _contract(deal)),
        *(Line(each) for each in shares(turn, dossier)),
        *(Line(each) for each in _because(deal)),
    ]
    tasks = delivery_of(turn.store, deal) if deal.state is State.WON else ()
    if tasks:
        blocks.append(Line(_delivery(tasks)))
    blocks += [Note(each) for each in marks(deal)]
    blocks += [Line(t("deal.lesson", text=clipped(deal.lesson, TEXT_COLUMNS)))] if deal.lesson else []
    blocks += [Line(t("deal.kept", text=clipped(deal.kept, TEXT_COLUMNS)))] if deal.kept else []
    more = (Button(t("button.more"), f"/deal D{deal.id} more"),)
    return card(*blocks, rows=(*delivery_rows(turn, deal, tasks), more))


def won_card(turn: Turn, dossier: Dossier, rooms: bool) -> Card:
    """What was just signed and what follows: the three steps of the delivery, and who will hear of it."""
    deal = dossier.deal
    tasks = delivery_of(turn.store, deal)
    hears = (Note(t("won.room_hears")),) if rooms else ()
    return card(
        title_line(turn, deal, "won.done"),
        *(Line(each) for each in _contract(deal)),
        *(Line(each) for each in shares(turn, dossier)),
        Steps(tuple(_task(each) for each in tasks)),
        *(Note(each) for each in marks(deal)),
        *hears,
    )


def _task(task: Tick) -> tuple[Mark, Words]:
    words = t(f"need.{task.code}")
    if task.done_on:
        return Mark.DONE, words
    return Mark.OPEN, t("won.due", what=words, on=task.due_on) if task.due_on else words


def _contract(deal: Deal) -> tuple[Words, ...]:
    """The contract and its amount, the amount last: a screen may be seen by others."""
    if deal.contract and deal.amount is not None and deal.state is State.WON:
        return (t("deal.contract_amount", contract=clipped(deal.contract, 24), amount=deal.amount),)
    return (t("deal.amount", amount=deal.amount),) if deal.amount is not None else ()


def shares(turn: Turn, dossier: Dossier) -> tuple[Words, ...]:
    """Whose deal it is to which part, where colleagues have a share; the owner has the rest."""
    if not any(each.share for each in dossier.sellers):
        return ()
    owner = turn.store.member(dossier.deal.owner_id).name
    parts: list[Words] = [t("deal.share", name=owner, n=owner_share(dossier.sellers))]
    parts += [t("deal.share", name=each.name, n=each.share) for each in dossier.sellers if each.share]
    return (listed(parts),)


def _because(deal: Deal) -> tuple[Words, ...]:
    if deal.reason not in set(LostReason):
        return ()
    if deal.reason == LostReason.OTHER and deal.note:
        return (t("deal.because", reason=clipped(deal.note, TEXT_COLUMNS)),)
    return (t("deal.because", reason=t(f"lost.reason_{deal.reason}")),)


def marks(deal: Deal) -> tuple[Words, ...]:
    """The milestones that were left without proof, or by a manager's word."""
    unproven, overridden = milestones(deal.unproven), milestones(deal.overridden)
    if deal.unproven and deal.overridden:
        return (t("deal.unproven_overridden", unproven=unproven, overridden=overridden),)
    if deal.unproven:
        return (t("deal.unproven", milestones=unproven),)
    return (t("deal.overridden", milestones=overridden),) if deal.overridden else ()


def _delivery(tasks: tuple[Tick, ...]) -> Words:
    done = sum(1 for each in tasks if each.done_on)
    following = next((each for each in tasks if not each.done_on), None)
    if following is None:
        return t("deal.delivered", n=len(tasks))
    what = t(f"need.{following.code}")
    if following.due_on is None:
        return t("deal.delivery_open", done=done, all=len(tasks), what=what)
    return t("deal.delivery", done=done, all=len(tasks), what=what, on=following.due_on)


def delivery_rows(turn: Turn, deal: Deal, tasks: tuple[Tick, ...]) -> Rows:
    """One tap for what comes next in the delivery, on the owner's own card; a call-back is recorded as a call."""
    mine = {each.id for each in turn.store.steps_of_deal(deal.id) if each.member_id == turn.me.id}
    following = next((each for each in tasks if not each.done_on and each.step_id in mine), None)
    if following is None:
        return ()
    label = t("day.done_step", text=t(f"need.{following.code}"))
    return ((Button(label, f"/done S{following.step_id}"),),)
