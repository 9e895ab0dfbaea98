"""/exceptions [PAGE] or /exceptions DEAL [ask | join | accept]; until: DATE"""

from datetime import timedelta
from typing import Annotated, Literal

from domain.deals import Dossier
from domain.kinds import Notice
from domain.matters import Verdict
from domain.refusals import NotAllowed
from domain.schedule import after_quiet
from handlers.ahead import day_ahead
from handlers.args import Args, Name, When, said_as
from handlers.colleagues import led_by
from handlers.comparing import compared
from handlers.dealing import DECIDERS, SELLERS, Right, deal_in_question, dossier_meant, title_of
from handlers.dealmaking import changed
from handlers.excepting import Exceptional, exceptions_of, ruled
from handlers.funnels import funnel_of
from handlers.gating import must_be_active
from handlers.letters import teller
from handlers.nudging import asked, joins
from handlers.pieces.exceptions import exception_card, exceptions_card
from handlers.pieces.undo_button import undo_button
from handlers.registry import Scope, command
from handlers.turn import Turn
from handlers.view import Ask, Button, Card, Line, Mark, card, t
from handlers.whose import whose_meant

LATER = (timedelta(days=7), timedelta(days=14), timedelta(days=30))


class ExceptionsArgs(Args):
    """Which deal and what is decided about it, or which page of the list; a new close date where one is accepted."""

    lead = ("deal", "how")
    deal: Name | None = None
    how: (
        Annotated[
            Literal["ask", "join", "accept"],
            said_as("ask", "stalled.nudge_words"),
            said_as("join", "stalled.join_words"),
            said_as("accept", "exceptions.accept_words"),
        ]
        | None
    ) = None
    until: When | None = None


@command(roles=SELLERS, scope=Scope.TEAM, about=deal_in_question)
def exceptions(turn: Turn, args: ExceptionsArgs) -> Card:
    """What changed in the week and waits for a leader's decision, by value and urgency; and the decision."""
    if not (led_by(turn.me, turn.store.teams()) or turn.me.holds(DECIDERS)):
        raise NotAllowed("exceptions.not_yours")
    if args.deal is None or args.deal.isdecimal():
        facts = funnel_of(turn.store, turn.org, whose_meant(turn, ""))
        found = compared(turn.store, [facts])[0]
        open_ones = exceptions_of(turn.store, turn.org, facts, found, turn.me, turn.now)
        return exceptions_card(open_ones, found, int((args.deal or "1")[:6]))
    dossier = dossier_meant(
        turn, args.deal, lambda number: args.again("exceptions", deal=number), Right.DECIDE
    )
    if isinstance(dossier, Card):
        return dossier
    must_be_active(dossier.deal)
    match args.how:
        case "ask":
            owner = asked(turn, dossier)
            ruled(turn, dossier.deal, Verdict.ASK)
            return card(Line(t("remind.sent", name=owner.name), Mark.DONE))
        case "join":
            owner = joins(turn, dossier)
            ruled(turn, dossier.deal, Verdict.JOIN)
            return card(Line(t("stalled.offered", name=owner.name), Mark.DONE))
        case "accept":
            return _accepted(turn, dossier, args)
    return exception_card(turn, dossier, _said_of(turn, dossier))


def _said_of(turn: Turn, dossier: Dossier) -> Exceptional | None:
    """What is open about a deal; None once it is decided."""
    facts = funnel_of(turn.store, turn.org, whose_meant(turn, ""))
    found = compared(turn.store, [facts])[0]
    every = exceptions_of(turn.store, turn.org, facts, found, turn.me, turn.now)
    return next((each for each in every if each.deal.id == dossier.deal.id), None)


def _accepted(turn: Turn, dossier: Dossier, args: ExceptionsArgs) -> Card:
    """The delay is accepted as it is; a close date that is past needs a new one."""
    deal, until = dossier.deal, day_ahead(turn, args.until, "until")
    number = f"D{deal.id}"
    if until is None and (deal.close_on is None or deal.close_on < turn.today):
        line = f"/exceptions {number} accept"
        row = tuple(
            Button(t("record.due_on", on=turn.today + later), f"{line}\nuntil: {turn.today + later}")
            for later in LATER
        )
        return card(
            t("deals.named", id=number, what=title_of(deal)),
            t("exceptions.part.until.ask"),
            ask=Ask(line, "until"),
            rows=tuple((each,) for each in row),
        )
    on = until or deal.close_on or turn.today
    changed(turn, dossier, close_on=on)
    ruled(turn, deal, Verdict.ACCEPT, on)
    owner = turn.store.member(deal.owner_id)
    shown = card(
        t("exceptions.told_accepted", name=turn.me.name, id=number, on=on),
        title_of(deal),
        rows=((Button(t("stalled.open_button"), f"/deal {number}"),),),
    )
    teller(turn).tell(owner.id, Notice.SETTLED, "accepted", shown, at=after_quiet(turn.now, owner.zone))
    return card(Line(t("exceptions.accepted", id=number, on=on), Mark.DONE), rows=((undo_button(turn),),))
