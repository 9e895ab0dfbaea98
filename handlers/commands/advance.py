"""/advance DEAL [unproven | back | override]; reason: TEXT"""

from typing import Annotated, Literal

from domain.deals import Passed
from domain.milestones import LAST
from domain.refusals import NotNow
from handlers.approving import rank_to_ask, request
from handlers.args import Args, Name, Words, said_as
from handlers.dealing import SELLERS, deal_in_question, dossier_meant
from handlers.deciding import accept
from handlers.entitled import decidable
from handlers.gating import back, forward, gate_of, must_be_active, override, refused_card
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Ask, Button, Card, card, t


class AdvanceArgs(Args):
    """Which deal, and how it goes on when the gate is not open."""

    lead = ("deal", "how")
    deal: Name
    how: (
        Annotated[
            Literal["unproven", "back", "override"],
            said_as("unproven", "advance.unproven_words"),
            said_as("back", "advance.back_words"),
            said_as("override", "advance.override_words"),
        ]
        | None
    ) = None
    reason: Words | None = None


@command(roles=SELLERS, about=deal_in_question)
def advance(turn: Turn, args: AdvanceArgs) -> Card:
    """One milestone forward when the gate is open, else all that is missing, each with its button."""
    found = dossier_meant(turn, args.deal, lambda number: args.again("advance", deal=number))
    if isinstance(found, Card):
        return found
    deal, line = found.deal, f"/advance D{found.deal.id}"
    must_be_active(deal)
    if args.how in ("back", "override") and not args.reason:
        return card(
            t("parts.reason.ask"),
            ask=Ask(f"{line} {args.how}", "reason"),
            rows=((Button(t("button.cancel"), "/cancel"),),),
        )
    if args.how == "back":
        return back(turn, found, args.reason or "")
    if deal.milestone >= LAST:
        return card(
            t("advance.last", id=f"D{deal.id}"), rows=((Button(t("deal.won_button"), f"/won D{deal.id}"),),)
        )
    seen = gate_of(turn, found)
    if args.how == "override":
        return override(turn, found, args.reason or "")
    if args.how == "unproven" and not seen.is_open:
        if seen.holds:
            raise NotNow("advance.holds_now", id=f"D{deal.id}")
        return forward(turn, found, Passed.UNPROVEN)
    if not seen.is_ready:
        return refused_card(turn, found, seen)
    if seen.approval and (waits := decidable(turn.store, turn.me, deal)):
        # Whoever was asked and moves it on has decided.
        return accept(turn, waits, deal)
    if seen.approval and (rank := rank_to_ask(turn, deal)):
        return request(turn, found, rank)
    return forward(turn, found, Passed.PROVEN)
