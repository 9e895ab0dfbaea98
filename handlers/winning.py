"""A signature: from the last gate, or from an earlier milestone, for a deal that is signed early is signed (method section 3)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from domain.deals import Deal, Dossier, Passed, State
from domain.gates import Gate, at_milestone, gates_left
from domain.milestones import DELIVERY, Phase
from domain.refusals import NotAllowed
from handlers.delivering import begin_delivery
from handlers.ending import settled, standing_at_end
from handlers.gating import enter, may_override
from handlers.pieces.listed import milestones
from handlers.pieces.needs import missing_buttons, missing_words
from handlers.pieces.undo_button import undo_button
from handlers.promising import drop_next
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Mark, Note, Steps, Words, card, in_rows, t

# A card has at most eight lines, six buttons and three rows (product 6).
NAMED, SUPPLIED = 4, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """How a deal comes to be won: the gates it left with something missing, by kind, and why a manager let it."""

    unproven: tuple[int, ...] = ()
    overridden: tuple[int, ...] = ()
    reason: str = ""

    @property
    def passed(self) -> Passed:
        if self.overridden:
            return Passed.OVERRIDE
        return Passed.UNPROVEN if self.unproven else Passed.PROVEN


def signed(dossier: Dossier, amount: Decimal, contract: str) -> Dossier:
    """The deal with what is in the contract: the proof that the last gate asks for."""
    return replace(dossier, deal=replace(dossier.deal, amount=amount, contract=contract))


def lacking(turn: Turn, dossier: Dossier) -> tuple[Gate, ...]:
    """The gates between the deal and the signature that are not open, the skipped ones too."""
    found = gates_left(dossier, turn.today, organisation_since=turn.org.started_on)
    return tuple(each for each in found if not each.is_open)


def signature(
    turn: Turn, deal: Deal, gates: tuple[Gate, ...], how: str | None, reason: str
) -> Signature | None:
    """How the deal passes its gates; None where what is missing has to be shown first.

    Raises `NotAllowed` for an override by somebody who may not.
    """
    holding = tuple(each.milestone for each in gates if each.holds)
    advising = tuple(each.milestone for each in gates if not each.holds)
    if how == "override":
        if not may_override(turn, deal):
            raise NotAllowed("advance.no_override", id=f"D{deal.id}")
        return Signature(unproven=advising, overridden=holding, reason=reason)
    if holding or (advising and how != "unproven"):
        return None
    return Signature(unproven=advising)


def refused_card(
    turn: Turn, before: Deal, dossier: Dossier, gates: tuple[Gate, ...], again: Callable[[str], str]
) -> Card:
    """All that is missing on the way to the signature, and the way past it; amount and contract are kept meanwhile."""
    deal = dossier.deal
    kept = {name: getattr(deal, name) for name in ("amount", "contract")}
    news = {name: value for name, value in kept.items() if value != getattr(before, name)}
    if news:
        turn.store.revise_deal(deal.id, **news)
    needs, buttons = _missing(dossier, gates)
    skipped = range(deal.milestone + 1, DELIVERY)
    holds = any(each.holds for each in gates)
    past: tuple[Button, ...] = ()
    if not holds:
        past = (Button(t("won.unproven_button"), again("unproven")),)
    elif may_override(turn, deal):
        past = (Button(t("advance.override_button"), again("override") + "\nreason:"),)
    more = len(needs) - NAMED
    blocks: list[Block] = [
        *((Note(t("won.skips", milestones=milestones(skipped))),) if skipped else ()),
        Steps(tuple((Mark.OPEN, each) for each in needs[:NAMED])),
        *((Note(t("day.more", n=more)),) if more > 0 else ()),
        *((Note(t("won.holds")),) if holds else ()),
    ]
    supplied = buttons[:SUPPLIED]
    last = (*past, *((undo_button(turn),) if news else ()))
    rows = (*in_rows(supplied), *((last,) if last else ()))
    title = t("won.not_yet_kept" if news else "won.not_yet", id=f"D{deal.id}")
    return card(title, *blocks, rows=rows)


def _missing(dossier: Dossier, gates: tuple[Gate, ...]) -> tuple[list[Words], tuple[Button, ...]]:
    """What each gate misses, that of the present one first, and the buttons that supply it, each once."""
    words: list[Words] = []
    buttons: dict[str, Button] = {}
    for each in gates:
        there = at_milestone(dossier, each.milestone)
        found = [*missing_words(each, there)]
        if each.approval:
            found.append(t("won.approval", milestone=f"M{each.milestone}"))
        # Rivals are asked for in two milestones.
        words += [need for need in found if need not in words]
        for button in missing_buttons(each, there):
            buttons.setdefault(button.command, button)
    return words, tuple(buttons.values())


def win(turn: Turn, dossier: Dossier, how: Signature, lesson: str, kept: str) -> Deal:
    """The deal is won: what was promised gives way to the delivery, and the team hears of it once it cannot be undone.

    The stay it left ends with how it passed; milestones that it skipped have no stay of their own, only their mark.
    """
    deal = dossier.deal
    enter(
        turn,
        deal,
        DELIVERY,
        how.passed,
        how.reason,
        state=State.WON,
        phase=Phase.DELIVERY,
        amount=deal.amount,
        contract=deal.contract,
        lesson=lesson,
        kept=kept,
        closed_on=turn.today,
        standing=standing_at_end(dossier),
        unproven=(*deal.unproven, *how.unproven),
        overridden=(*deal.overridden, *how.overridden),
    )
    drop_next(turn.store, deal)
    begin_delivery(turn, deal)
    # How long its stays took is part of what is usual from now on.
    turn.store.check_deals(deal.template_id, None, turn.now)
    settled(turn, deal, State.WON)
    return turn.store.deal(deal.id) or deal
