"""/stalled [DEAL [more | why | nudge | join | snooze DAYS]] [PAGE]; reason: TEXT"""

from typing import Annotated, Literal

from domain.deals import Dossier
from domain.refusals import NotNow, NotUnderstood
from domain.stalled import SNOOZE_DAYS, snooze
from handlers.alerting import Waiting, waiting_of
from handlers.args import Args, Name, Words, said_as
from handlers.dealing import SELLERS, Right, deal_in_question, decides, dossier_meant, title_of
from handlers.gating import must_be_active
from handlers.nudging import asked, joins
from handlers.pieces.stalled import (
    SNOOZES,
    alert_card,
    alert_lines,
    leader_rows,
    more_card,
    stalled_list,
    why_card,
)
from handlers.pieces.undo_button import undo_button
from handlers.registry import Scope, command
from handlers.turn import Turn
from handlers.view import Ask, Button, Card, Line, Mark, card, t


class StalledArgs(Args):
    """Which deal, or which page of the list; what is to be done about it, and for how long."""

    lead = ("deal", "how", "days")
    deal: Name | None = None
    how: (
        Annotated[
            Literal["more", "why", "nudge", "join", "snooze"],
            said_as("more", "deal.more_words"),
            said_as("why", "stalled.why_words"),
            said_as("nudge", "stalled.nudge_words"),
            said_as("join", "stalled.join_words"),
            said_as("snooze", "stalled.snooze_words"),
        ]
        | None
    ) = None
    days: int | None = None
    reason: Words | None = None


@command(roles=SELLERS, scope=Scope.TEAM, about=deal_in_question)
def stalled(turn: Turn, args: StalledArgs) -> Card:
    """The deals that wait for a decision, or one of them and what can be done about it."""
    if args.deal is None or args.deal.isdecimal():
        return stalled_list(turn, int((args.deal or "1")[:6]))
    leads = args.how in ("nudge", "join")
    right = Right.DECIDE if leads else Right.WORK if args.how == "snooze" else Right.SEE
    found = dossier_meant(turn, args.deal, lambda number: args.again("stalled", deal=number), right)
    if isinstance(found, Card):
        return found
    must_be_active(found.deal)
    match args.how:
        case "more":
            return more_card(found.deal)
        case "snooze":
            return _snoozed(turn, found, args)
        case "nudge":
            return card(Line(t("remind.sent", name=asked(turn, found).name), Mark.DONE))
        case "join":
            return card(Line(t("stalled.offered", name=joins(turn, found).name), Mark.DONE))
    each = _waiting(turn, found)
    if args.how == "why":
        return why_card(turn, each)
    number = f"D{found.deal.id}"
    known = turn.store.gather_known([found.deal.id])[found.deal.id]
    if not decides(turn.me, found.deal, turn.store.teams()):
        return alert_card(each, known)
    title = t("deals.named", id=number, what=title_of(found.deal))
    return card(title, *alert_lines(each, known), rows=leader_rows(number))


def _waiting(turn: Turn, found: Dossier) -> Waiting:
    """How it stands; raises `NotNow` for a deal that is in order."""
    each = next(iter(waiting_of(turn.store, turn.org, [found.deal], turn.now)), None)
    if each is None or not found.deal.clocks.level:
        raise NotNow("stalled.in_order", id=f"D{found.deal.id}")
    return each


def _snoozed(turn: Turn, found: Dossier, args: StalledArgs) -> Card:
    """Quiet for some days, for a reason: the level stays what it is."""
    number = f"D{found.deal.id}"
    _waiting(turn, found)
    if args.days is None:
        row = tuple(
            Button(t("stalled.snooze_button", n=days), f"/stalled {number} snooze {days}\nreason:")
            for days in SNOOZES
        )
        return card(t("stalled.part.days.ask"), ask=Ask(f"/stalled {number} snooze", "days"), rows=(row,))
    if not 1 <= args.days <= SNOOZE_DAYS:
        raise NotUnderstood("stalled.too_long", n=SNOOZE_DAYS).at("days")
    if not args.reason:
        return card(t("parts.reason.ask"), ask=Ask(f"/stalled {number} snooze {args.days}", "reason"))
    until = snooze(args.days, turn.today)
    turn.store.revise_deal(found.deal.id, snoozed_until=until, snooze_reason=args.reason)
    return card(
        Line(t("stalled.snoozed", id=number, on=until), Mark.DONE),
        args.reason,
        rows=((undo_button(turn),),),
    )
