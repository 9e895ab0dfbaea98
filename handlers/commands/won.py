"""/won DEAL [unproven | override]; amount: N; contract: NUMBER; lesson: TEXT; keep: TEXT"""

from decimal import Decimal
from typing import Annotated

from domain.deals import Dossier, State
from domain.refusals import NotAllowed, NotUnderstood
from handlers.answer import ask
from handlers.args import ASIDE, Amount, Args, Missing, Name, Told, Words, YesNo
from handlers.dealing import SELLERS, deal_asked, deal_choices, deal_in_question, dossier_meant, must_be_open
from handlers.dealmaking import doubted
from handlers.ending import review_later
from handlers.gating import may_override, must_be_active
from handlers.pieces.ended import closed_card, won_card
from handlers.pieces.undo_button import undo_button
from handlers.registry import command, registry
from handlers.turn import Turn
from handlers.view import Button, Card, Rows, t
from handlers.winning import lacking, refused_card, signature, signed, win
from handlers.words import catalogue

NOTHING = "-"


class WonArgs(Args):
    """Which deal, what the contract says, and the closing review: one lesson and what to keep."""

    lead = ("deal",)
    deal: Words
    amount: Amount | None = None
    contract: Name | None = None
    lesson: Told | None = None
    keep: Told | None = None
    reason: Annotated[Words | None, ASIDE] = None
    sure: Annotated[YesNo | None, ASIDE] = None

    @property
    def reviews(self) -> bool:
        """Whether nothing but the closing review is said."""
        return bool(self.lesson or self.keep) and self.amount is None and self.contract is None


def _choices(turn: Turn, missing: Missing) -> Rows:
    """The amount and the contract that are known already; a review may have nothing new."""
    if missing.part == "deal":
        return deal_choices(turn, "won")
    if missing.part in ("lesson", "keep"):
        return ((Button(t("won.nothing_button"), f"{missing.line}\n{missing.part}: {NOTHING}"),),)
    deal = deal_asked(turn, missing)
    if deal and missing.part == "amount" and deal.amount is not None:
        return ((Button(t("deal.exactly", amount=deal.amount), f"{missing.line}\namount: {deal.amount:f}"),),)
    if deal and missing.part == "contract" and deal.contract:
        return (
            (
                Button(
                    t("won.contract_button", contract=deal.contract[:24]),
                    f"{missing.line}\ncontract: {deal.contract}",
                ),
            ),
        )
    return ()


@command(roles=SELLERS, choices=_choices, about=deal_in_question)
def won(turn: Turn, args: WonArgs) -> Card:
    """The contract is signed: amount, number, the closing review; then the delivery begins and the team hears of it."""
    said, how = _how(args.deal)
    found = dossier_meant(turn, said, lambda number: args.again("won", deal=_line(number, how)))
    if isinstance(found, Card):
        return found
    deal = found.deal
    if deal.state is State.WON and args.reviews:
        review_later(turn, deal, _new(args.lesson), _new(args.keep))
        now = turn.store.deal(deal.id) or deal
        return closed_card(turn, turn.store.dossier(now), "won.reviewed").plus(rows=((undo_button(turn),),))
    must_be_open(deal)
    must_be_active(deal)
    if how == "override" and not may_override(turn, deal):
        raise NotAllowed("advance.no_override", id=f"D{deal.id}")
    asked = _asked(turn, args, found, how)
    if isinstance(asked, Card):
        return asked
    dossier = signed(found, *asked)
    gates = lacking(turn, dossier)
    way = signature(turn, deal, gates, how, args.reason or "")
    if way is None:
        return refused_card(
            turn, deal, dossier, gates, lambda word: args.again("won", deal=_line(f"D{deal.id}", word))
        )
    for part in ("reason",) if way.overridden and not args.reason else ("lesson", "keep"):
        if getattr(args, part) is None:
            return _ask(turn, args, _line(f"D{deal.id}", how), part)
    now = win(turn, dossier, way, _new(args.lesson), _new(args.keep))
    rooms = any(room.team_id == deal.team_id for room in turn.store.rooms())
    shown = won_card(turn, turn.store.dossier(now), rooms)
    return shown.plus(
        rows=((Button(t("won.open_button", id=f"D{deal.id}"), f"/deal D{deal.id}"), undo_button(turn)),)
    )


def _asked(turn: Turn, args: WonArgs, found: Dossier, how: str | None) -> tuple[Decimal, str] | Card:
    """Amount and contract, or the question for what is not said yet."""
    line = _line(f"D{found.deal.id}", how)
    if args.contract is not None and not _new(args.contract):
        raise NotUnderstood("won.no_contract").at("contract")
    if args.amount is None:
        return _ask(turn, args, line, "amount")
    if args.sure != "yes" and args.amount != found.deal.amount:
        doubt = doubted(
            turn, args.amount, lambda each: args.again("won", deal=line, amount=f"{each:f}", sure="yes")
        )
        if doubt:
            return doubt
    if args.contract is None:
        return _ask(turn, args, line, "contract")
    return args.amount, args.contract


def _ask(turn: Turn, args: WonArgs, line: str, part: str) -> Card:
    return ask(turn, registry().commands["won"], Missing(line=args.again("won", deal=line), part=part))


def _how(said: str) -> tuple[str, str | None]:
    """The deal, and how it passes gates that are not open."""
    name, _, last = said.strip().rpartition(" ")
    for how in ("unproven", "override"):
        if name and last.casefold() in catalogue().listed(f"advance.{how}_words"):
            return name, how
    return said, None


def _line(number: str, how: str | None) -> str:
    return f"{number} {how}" if how else number


def _new(said: str | None) -> str:
    """What was written down, if anything is new."""
    words = (said or "").strip()
    return "" if words.casefold() in catalogue().listed("won.nothing_words") else words
