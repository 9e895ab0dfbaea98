"""/lost DEAL; reason: CODE or TEXT; lesson: TEXT; keep: TEXT"""

from dataclasses import replace
from typing import Literal

from domain.deals import LESSON_AT_LEAST, LostReason, State
from domain.refusals import NotUnderstood
from handlers.answer import ask
from handlers.args import Args, Missing, Name, Told, Words
from handlers.dealing import SELLERS, deal_choices, deal_in_question, dossier_meant, may_reopen, must_be_open
from handlers.ending import lose, review_later
from handlers.pieces.ended import closed_card
from handlers.pieces.undo_button import undo_button
from handlers.reasons import reason_meant
from handlers.registry import command, registry
from handlers.turn import Turn
from handlers.view import Button, Card, Rows, in_rows, t

# Six buttons are all that a card has room for; the others are typed.
OFFERED = (
    LostReason.PRICE,
    LostReason.RIVAL,
    LostReason.PRODUCT,
    LostReason.RELATION,
    LostReason.NO_DECISION,
    LostReason.PROJECT_CANCELLED,
)


class LostArgs(Args):
    """Which deal, why it ended, one lesson, and what was good enough to keep."""

    lead = ("deal",)
    deal: Name
    reason: (
        Literal[
            "price", "rival", "product", "relation", "timing", "no_decision", "project_cancelled", "other"
        ]
        | Words
        | None
    ) = None
    lesson: Told | None = None
    keep: Told | None = None


def _choices(turn: Turn, missing: Missing) -> Rows:
    if missing.part == "deal":
        return deal_choices(turn, "lost")
    if missing.part != "reason":
        return ()
    buttons = [
        Button(t(f"lost.part.reason.option_{each}"), f"{missing.line}\nreason: {each}") for each in OFFERED
    ]
    return in_rows(buttons)


@command(roles=SELLERS, choices=_choices, about=deal_in_question)
def lost(turn: Turn, args: LostArgs) -> Card:
    """The deal is lost, or its project cancelled; a reason and one lesson are kept, its steps and requests dropped."""
    found = dossier_meant(turn, args.deal, lambda number: args.again("lost", deal=number))
    if isinstance(found, Card):
        return found
    deal, number = found.deal, f"D{found.deal.id}"
    if deal.state in (State.LOST, State.CANCELLED) and not args.reason and (args.lesson or args.keep):
        review_later(turn, deal, _lesson(args.lesson) if args.lesson else None, args.keep)
        now = turn.store.dossier(turn.store.deal(deal.id) or deal)
        return closed_card(turn, now, "won.reviewed").plus(rows=((undo_button(turn),),))
    must_be_open(deal)
    missing = next((part for part in ("reason", "lesson") if not getattr(args, part)), None)
    if missing:
        line = args.again("lost", deal=number)
        return ask(turn, registry().commands["lost"], Missing(line=line, part=missing))
    reason, note = reason_meant(args.reason or "", LostReason, "lost")
    lesson = _lesson(args.lesson or "")
    state = State.CANCELLED if reason == LostReason.PROJECT_CANCELLED else State.LOST
    lose(turn, found, state, reason, note=note, lesson=lesson, kept=(args.keep or "").strip())
    now = turn.store.dossier(turn.store.deal(deal.id) or deal)
    reopen = may_reopen(turn.me, deal, turn.store.teams())
    buttons = (Button(t("deal.reopen_button"), f"/deal {number} reopen"),) if reopen else ()
    shown = closed_card(turn, now, f"lost.done_{state}")
    return replace(shown, rows=((*buttons, undo_button(turn)),))


def _lesson(said: str) -> str:
    """A lesson of a few characters at least; raises `NotUnderstood` for less."""
    if len(said.strip()) < LESSON_AT_LEAST:
        raise NotUnderstood("lost.no_lesson").at("lesson")
    return said.strip()
