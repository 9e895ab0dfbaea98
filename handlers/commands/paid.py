"""/paid DEAL [AMOUNT | remove [due] AMOUNT]; due: AMOUNT; on: DATE"""

from typing import Annotated

from handlers.args import ASIDE, Amount, Args, Missing, Name, When, Words, YesNo
from handlers.collecting import Deed, Way, above_zero, collected_card, deed_of, kept, planned, removed
from handlers.dealing import (
    CHOICE_COLUMNS,
    MOST_ASKED,
    SELLERS,
    Right,
    deal_choices,
    deal_in_question,
    dossier_meant,
    title_of,
)
from handlers.registry import command
from handlers.turn import Turn
from handlers.view import Button, Card, Rows, t


class PaidArgs(Args):
    """Which deal, what came in or is due, and when."""

    lead = ("deal", "what")
    deal: Name
    what: Words | None = None
    due: Amount | None = None
    on: When | None = None
    sure: Annotated[YesNo | None, ASIDE] = None


def _choices(turn: Turn, missing: Missing) -> Rows:
    """The own won deals that are not paid whole, else those under way."""
    if missing.part != "deal":
        return ()
    owed = turn.store.owed([turn.me.id], turn.today, turn.today).get(turn.me.id, ())
    deals = [deal for each in owed[: MOST_ASKED - 1] if (deal := turn.store.deal(each.deal_id))]
    rows = tuple(
        (
            Button(
                t("deals.choice", id=f"D{each.id}", what=title_of(each, CHOICE_COLUMNS)), f"/paid D{each.id}"
            ),
        )
        for each in deals
    )
    return rows or deal_choices(turn, "paid")


@command(roles=SELLERS, choices=_choices, about=deal_in_question)
def paid(turn: Turn, args: PaidArgs) -> Card:
    """What a deal still owes: shown, a payment noted, an instalment planned, or one of them taken out."""
    right = Right.WORK if args.what or args.due is not None else Right.SEE
    found = dossier_meant(turn, args.deal, lambda number: args.again("paid", deal=number), right)
    if isinstance(found, Card):
        return found
    if right is Right.SEE:
        return collected_card(turn, found.deal)
    deed = (
        deed_of(args.what or "")
        if args.due is None
        else Deed(way=Way.DUE, amount=above_zero(args.due, "due"))
    )
    on, sure = args.on.on if args.on else None, args.sure == "yes"
    again = args.again("paid", deal=f"D{found.deal.id}", sure="yes")
    match deed.way:
        case Way.DUE:
            return planned(turn, found.deal, deed.amount, on, again, sure=sure)
        case Way.REMOVE | Way.REMOVE_DUE:
            return removed(turn, found.deal, deed, on)
        case Way.PAID:
            return kept(turn, found.deal, deed.amount, on or turn.today, again, sure=sure)
