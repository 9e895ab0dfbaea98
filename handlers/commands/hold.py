"""/hold DEAL; until: DATE; reason: CODE or TEXT"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from domain.deals import HOLD_AT_MOST, Deal, HoldReason, State, parked, rests_until
from domain.refusals import NotNow, NotUnderstood
from handlers.answer import ask
from handlers.args import Args, Missing, Name, When, Words
from handlers.dealing import SELLERS, deal_asked, deal_choices, deal_in_question, dossier_meant, must_be_open
from handlers.ending import settled
from handlers.pieces.held import held_card
from handlers.reasons import reason_meant
from handlers.registry import command, registry
from handlers.turn import Turn
from handlers.view import Button, Card, Rows, in_rows, t

A_WEEK = timedelta(days=7)


class HoldArgs(Args):
    """Which deal rests, until when and why; one that rests already rests longer."""

    lead = ("deal",)
    deal: Name
    until: When | None = None
    reason: Words | None = None


def _choices(turn: Turn, missing: Missing) -> Rows:
    if missing.part == "deal":
        return deal_choices(turn, "hold")
    deal = deal_asked(turn, missing)
    if missing.part == "until":
        ends = [
            Button(t(f"hold.{name}", on=on), f"{missing.line}\nuntil: {on.isoformat()}")
            for name, on in _ends(turn.today)
            if deal is None or turn.today < on <= rests_until(deal, turn.today)
        ]
        return tuple((each,) for each in ends)
    buttons = [Button(t(f"hold.option_{each}"), f"{missing.line}\nreason: {each}") for each in HoldReason]
    return in_rows(buttons)


def _ends(today: date) -> Iterator[tuple[str, date]]:
    """A week, a month, the end of the quarter: where that is today it is the next one's."""
    yield "week", today + A_WEEK
    yield "month", _in_months(today, 1)
    quarter = _quarter_end(today)
    yield "quarter", quarter if quarter > today else _quarter_end(today + A_WEEK)


def _in_months(day: date, n: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _quarter_end(day: date) -> date:
    month = (day.month + 2) // 3 * 3
    return date(day.year, month, monthrange(day.year, month)[1])


@command(roles=SELLERS, choices=_choices, about=deal_in_question)
def hold(turn: Turn, args: HoldArgs) -> Card:
    """The deal rests until a date: those days are no stage time, and nothing is said of it meanwhile."""
    found = dossier_meant(turn, args.deal, lambda number: args.again("hold", deal=number))
    if isinstance(found, Card):
        return found
    deal = found.deal
    must_be_open(deal)
    if deal.state is State.LEAD:
        raise NotNow("deals.not_active", id=f"D{deal.id}")
    rests = deal.state is State.ON_HOLD
    if rests and rests_until(deal, turn.today) <= turn.today:
        raise NotNow("hold.used_up", id=f"D{deal.id}", n=HOLD_AT_MOST.days)
    line = args.again("hold", deal=f"D{deal.id}")
    if args.until is None:
        return ask(turn, registry().commands["hold"], Missing(line=line, part="until"))
    until = _until(turn, deal, args.until.on or turn.today)
    if not args.reason and not rests:
        return ask(turn, registry().commands["hold"], Missing(line=line, part="reason"))
    values: dict[str, object] = {"held_until": until}
    if args.reason:
        values["reason"], values["note"] = reason_meant(args.reason, HoldReason, "hold")
    if not rests:
        values |= {"state": State.ON_HOLD, "held_on": turn.today}
    turn.store.revise_deal(deal.id, **values)
    settled(turn, deal, State.ON_HOLD)
    return held_card(turn, turn.store.deal(deal.id) or deal)


def _until(turn: Turn, deal: Deal, on: date) -> date:
    """The end of the hold; raises `NotUnderstood` for a day that is not ahead, or too far."""
    try:
        return parked(deal, on, turn.today)
    except ValueError:
        if on <= turn.today:
            raise NotUnderstood("hold.not_ahead", on=on).at("until") from None
        latest = rests_until(deal, turn.today)
        raise NotUnderstood("hold.too_long", n=HOLD_AT_MOST.days, on=latest).at("until") from None
