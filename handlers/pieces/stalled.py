"""Stalled deals as they are shown: the rep's alert, why it came, the list, and the lines of a digest."""

from collections.abc import Sequence

from domain.deal_ports import Which
from domain.deals import Deal, State
from domain.people import Role, TeamId
from domain.schedule import local_date
from domain.stalled import LIMITS, Level, Signal, asks_to_decide, overstay_days
from handlers.alerting import STEP, Waiting, waiting_of
from handlers.clockwork import Usual
from handlers.colleagues import led_by
from handlers.dealing import decides, title_of
from handlers.gating import milestone_words
from handlers.pieces.clipped import clipped
from handlers.pieces.listed import listed
from handlers.pieces.pages import last_page, turning
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Note, Rows, Words, card, in_rows, t

PAGE, PER_ROW = 4, 2
NAME_COLUMNS, WHO_COLUMNS = 14, 10
SNOOZES = (3, 7, 14)


def alert_card(each: Waiting, known: int, more: int = 0) -> Card:
    """What next? First what a customer may read over the shoulder, then the days, then whose deal it is."""
    number = f"D{each.deal.id}"
    others = (Button(t("stalled.all"), "/stalled"),) if more else ()
    return card(
        t("stalled.what_next", id=number),
        *alert_lines(each, known),
        *((Note(t("stalled.others", n=more)),) if more else ()),
        rows=(answer_row(number), (Button(t("stalled.more_button"), f"/stalled {number} more"), *others)),
    )


def alert_lines(each: Waiting, known: int) -> tuple[Block, ...]:
    """How long it stands and since when the customer was not heard, or the question of the last resort; its name."""
    stands, milestone = each.stands, milestone_words(each.deal.milestone)
    days: tuple[Block, ...] = (Line(t("stalled.decide.ask", n=stands.idle_days)),)
    if not asks_to_decide(stands.idle_days, known):
        met = each.deal.clocks.customer_on is not None
        idle = (
            t("stalled.heard", n=stands.idle_days, usual=each.usual)
            if met
            else t("stalled.unmet", usual=each.usual)
        )
        days = Line(t("stalled.stage", n=stands.days, milestone=milestone)), Line(idle)
    signals: list[Words] = [t(f"signal.{signal}") for signal in (*stands.critical, *stands.warn)]
    return *days, Note(t("stalled.about", what=title_of(each.deal), why=listed(signals)))


def answer_row(number: str) -> tuple[Button, ...]:
    """The three answers that are asked for most."""
    return (
        Button(t("stalled.step_button"), f"/next {number}"),
        Button(t("deal.hold_button"), f"/hold {number}"),
        Button(t("deal.lost_button"), f"/lost {number}"),
    )


def leader_rows(number: str) -> Rows:
    """What whoever leads the team can do about a deal of somebody else's."""
    return (
        (
            Button(t("stalled.ask_button"), f"/stalled {number} nudge"),
            Button(t("stalled.join_button"), f"/stalled {number} join"),
            Button(t("stalled.open_button"), f"/deal {number}"),
        ),
    )


def more_card(deal: Deal) -> Card:
    """The other answers: is it worth it at all, not now with a reason, and why it was said."""
    number = f"D{deal.id}"
    snoozes = tuple(
        Button(t("stalled.snooze_button", n=days), f"/stalled {number} snooze {days}\nreason:")
        for days in SNOOZES
    )
    return card(
        t("deals.named", id=number, what=title_of(deal)),
        rows=(
            (
                Button(t("stalled.bid_button"), f"/bid {number}"),
                Button(t("stalled.open_button"), f"/deal {number}"),
            ),
            snoozes,
            (Button(t("stalled.why_button"), f"/stalled {number} why"),),
        ),
    )


def why_card(turn: Turn, each: Waiting) -> Card:
    """Each signal with where it warns and where it is critical."""
    usual, signals = Usual(turn.store), {*each.stands.warn, *each.stands.critical}
    limits, days = LIMITS[usual.template(each.deal).size], usual.days(each.deal)
    return card(
        t("stalled.why", id=f"D{each.deal.id}"),
        t(
            "stalled.why_overstay",
            n=each.stands.days,
            warn=overstay_days(limits.overstay_warn, days),
            critical=overstay_days(limits.overstay_critical, days),
        ),
        t(
            "stalled.why_idle",
            n=each.stands.idle_days,
            warn=limits.idle_warn,
            critical=limits.idle_critical,
        ),
        t("stalled.why_moves", n=each.deal.moves, warn=limits.pushes_warn, critical=limits.pushes_critical),
        *((t("signal.next_step"),) if Signal.NEXT_STEP in signals else ()),
        Note(t("stalled.rule")),
        rows=((Button(t("stalled.open_button"), f"/deal D{each.deal.id}"),),),
    )


def reason_words(each: Waiting) -> Words:
    """What weighs most, in a few words."""
    stands = each.stands
    match next(iter((*stands.critical, *stands.warn)), None):
        case Signal.IDLE:
            return t("stalled.idle", n=stands.idle_days)
        case Signal.NEXT_STEP if each.deal.clocks.next_on is None:
            return t("stalled.no_step")
        case Signal.NEXT_STEP:
            return t("stalled.overdue", n=each.overdue)
        case Signal.PUSHES:
            return t("stalled.moved", n=each.deal.moves)
        case _:
            return t("stalled.stands", n=stands.days, usual=each.usual)


def answer_words(each: Waiting) -> Words:
    """What the owner did about it, for whoever leads the team."""
    answer, name = (each.alert.answer if each.alert else None), each.owner.name
    if each.alert is None or answer is None or each.alert.answered_at is None:
        return t("stalled.answer_none", name=name)
    on = local_date(each.alert.answered_at, each.owner.zone)
    if answer == STEP and each.deal.clocks.next_on:
        on = each.deal.clocks.next_on
    return t(f"stalled.answer_{answer}", name=name, on=on)


def digest_words(place: int, each: Waiting) -> Words:
    """One numbered deal of a digest, the answer beside it."""
    return t(
        "stalled.led",
        n=place,
        id=f"D{each.deal.id}",
        milestone=milestone_words(each.deal.milestone),
        why=reason_words(each),
        answer=answer_words(each),
    )


def stalled_list(turn: Turn, page: int) -> Card:
    """The stalled deals of those I lead, or my own: the worst and longest first, the totals from counters."""
    led = tuple(team.id for team in led_by(turn.me, turn.store.teams()))
    which, totals = _scope(turn, led)
    total = sum(totals.values())
    last = last_page(total, PAGE, page)
    first = (page - 1) * PAGE
    found = waiting_of(turn.store, turn.org, turn.store.deals(which, PAGE, first), turn.now)
    if not found:
        return card(t("stalled.none"), rows=((Button(t("stalled.deals_button"), "/deals"),),))
    own = which.owner_id is not None
    turned = turning("/stalled", page, last)
    return card(
        t("stalled.title", first=first + 1, last=first + len(found), n=total),
        t("stalled.totals", critical=totals.get(Level.CRITICAL, 0), warn=totals.get(Level.WARN, 0)),
        *(Line(_line(place, each, own=own)) for place, each in enumerate(found, first + 1)),
        rows=(*_deal_rows(turn, found, first + 1), *((turned,) if turned else ())),
    )


def _scope(turn: Turn, led: tuple[TeamId, ...]) -> tuple[Which, dict[Level, int]]:
    active = frozenset({State.ACTIVE})
    if Role.DIRECTOR in turn.me.roles:
        return Which(stalled=True, states=active), dict(turn.store.stalled_totals())
    if led:
        return Which(stalled=True, states=active, team_ids=led), dict(turn.store.stalled_totals(teams=led))
    mine = turn.store.stalled_totals(owner=turn.me.id)
    return Which(stalled=True, states=active, owner_id=turn.me.id), dict(mine)


def _line(place: int, each: Waiting, *, own: bool) -> Words:
    what, why = clipped(each.deal.customer_name, NAME_COLUMNS), reason_words(each)
    number = f"D{each.deal.id}"
    if own:
        return t("stalled.line", n=place, id=number, what=what, why=why)
    name = clipped(each.owner.name, WHO_COLUMNS)
    return t("stalled.line_of", n=place, id=number, what=what, name=name, why=why)


def _deal_rows(turn: Turn, found: Sequence[Waiting], first: int) -> Rows:
    """Whoever may ask the owner does; of one's own deal the answers are opened."""
    teams = turn.store.teams()
    buttons = [
        Button(t("stalled.n_ask", n=place), f"/stalled D{each.deal.id} nudge")
        if decides(turn.me, each.deal, teams)
        else Button(t("stalled.n_open", n=place, id=f"D{each.deal.id}"), f"/stalled D{each.deal.id}")
        for place, each in enumerate(found, first)
    ]
    return in_rows(buttons, PER_ROW)
