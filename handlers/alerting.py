"""Who hears of a stalled deal and when, and what its owner did about it (method section 4)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from domain.deal_ports import Alerted
from domain.deals import Deal
from domain.people import Member, MemberId, Organisation, TeamId
from domain.ports import Store
from domain.quota import learning_week
from domain.schedule import instant, local_date
from domain.stalled import SLOT_DAYS, Assessment, Level, answered_by, assess, elapsed, escalates_on, slot
from domain.thirds import ALERT_AT
from domain.workdays import Calendar
from handlers.clockwork import LEVELS, Usual, clock_of, speaking
from handlers.colleagues import touch_digests
from handlers.letters import UNDO_WITHIN
from handlers.turn import Turn

# Of each team so many are looked at for a digest: it names two, the list has them all.
LOOKED_AT = 100
# What a command of the owner says about an alert. A record of the customer is an answer too: in touch since the deal
# stalled, or at least planned.
CONTACT, STEP = "contact", "next"
ANSWERS: Mapping[str, str] = {
    "next": STEP,
    "hold": "hold",
    "lost": "lost",
    "bid": "bid",
    "advance": "advance",
    "stalled": "snooze",
    "visit": CONTACT,
    "call": CONTACT,
    "meeting": CONTACT,
    "msg": CONTACT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A stalled deal today: how it stands, what is usual, who has it, and what was told of it in these seven days.

    `overdue` are the days since its next step was due, `chance` the product of the conversions still ahead of it.
    """

    deal: Deal
    owner: Member
    calendar: Calendar
    today: date
    stands: Assessment
    usual: int
    overdue: int
    chance: Fraction
    alert: Alerted | None = None

    @property
    def level(self) -> Level:
        return LEVELS[self.deal.clocks.level]

    @property
    def told(self) -> bool:
        """Whether its owner has heard, for this level, episode and seven days."""
        return self.alert is not None and self.alert.told_at is not None

    @property
    def led_at(self) -> datetime | None:
        """When whoever leads the team heard of the same."""
        return self.alert.led_at if self.alert else None

    @property
    def speaks(self) -> bool:
        return speaking(self.deal, self.calendar, self.today)

    @property
    def urgency(self) -> tuple[int, Fraction, date, int]:
        """Critical first, then what is at stake (amount x probability by milestones, *ours*), then the longest."""
        stake = Fraction(self.deal.amount or 0) * self.chance
        return -self.deal.clocks.level, -stake, _since(self.deal, self.today), self.deal.id

    def heard(self, *, told_at: datetime | None = None, led_at: datetime | None = None) -> Alerted:
        """That its owner, or who leads the team, hears of it now."""
        level, since, number = _key(self.deal, self.today)
        return Alerted(
            deal_id=self.deal.id, level=level, since=since, slot=number, told_at=told_at, led_at=led_at
        )

    def escalates(self, now: datetime) -> bool:
        """Whether the leader is to hear: a warn after 2 working days, a critical after 4 working hours of the rep's.

        The hours count from when the rep was told, or would have been at the latest. Nothing is escalated in the
        learning weeks.
        """
        if not self.speaks or learning_week(self.owner.joined_on, self.today):
            return False
        _, since, number = _key(self.deal, self.today)
        begun = since + number * timedelta(days=SLOT_DAYS)
        if self.level is Level.WARN:
            return self.today >= escalates_on(begun, self.calendar)
        zone = self.owner.zone
        told = self.alert.told_at if self.alert else None
        told = told or instant(self.calendar.after(begun), ALERT_AT, zone)
        return now >= answered_by(told, self.calendar, zone, self.owner.day_starts)


def _since(deal: Deal, today: date) -> date:
    return min(deal.clocks.since or today, today)


def _key(deal: Deal, today: date) -> tuple[int, date, int]:
    """One alert per deal, level and episode, repeated after seven days."""
    since = _since(deal, today)
    return deal.clocks.level, since, slot(since, today)


def waiting(
    store: Store,
    people: Mapping[MemberId, tuple[Member, Calendar]],
    deals: Iterable[Deal],
    now: datetime,
) -> tuple[Waiting, ...]:
    """How stalled deals stand today, in the order given: one query for what was told of all of them.

    Whoever is not among `people` has left; whoever takes over hears of their deals.
    """
    known = [each for each in deals if each.owner_id in people]
    alerts = store.alerted([each.id for each in known])
    usual = Usual(store)
    found = []
    for deal in known:
        owner, calendar = people[deal.owner_id]
        today = local_date(now, owner.zone)
        clock, alert = clock_of(deal, usual, calendar, today), alerts.get(deal.id)
        same = alert is not None and (alert.level, alert.since, alert.slot) == _key(deal, today)
        found.append(
            Waiting(
                deal=deal,
                owner=owner,
                calendar=calendar,
                today=today,
                stands=assess(clock, today),
                usual=int(clock.benchmark_days),
                overdue=elapsed(clock.next_on, today, clock.stopped) if clock.next_on else 0,
                chance=usual.template(deal).remaining_conversion(deal.milestone),
                alert=alert if same else None,
            )
        )
    return tuple(found)


def waiting_of(store: Store, org: Organisation, deals: Sequence[Deal], now: datetime) -> tuple[Waiting, ...]:
    """The same for deals of anybody."""
    owners = sorted({each.owner_id for each in deals})
    return waiting(store, store.gather_members(org, owners), deals, now) if owners else ()


def escalated(store: Store, org: Organisation, teams: Sequence[TeamId], now: datetime) -> tuple[Waiting, ...]:
    """What whoever leads these teams is to hear of, the worst and longest first."""
    deals = store.gather_stalled_in(teams, LOOKED_AT)
    # What was led already stays on its digest, with what came of it.
    return tuple(each for each in waiting_of(store, org, deals, now) if each.led_at or each.escalates(now))


def note_answers(turn: Turn) -> None:
    """What the owner of an alerted deal did in this turn is remembered beside the alert; an undo takes it back."""
    numbers = sorted(turn.store.touched_deals())
    if not numbers:
        return
    alerts = turn.store.alerted(numbers)
    for number, last in alerts.items():
        deal = turn.store.deal(number)
        if last.led_at and deal:
            # A digest of today may show it.
            touch_digests(turn.store, turn.now, turn.store.teams(), {deal.team_id})
        if deal is None or deal.owner_id != turn.me.id:
            continue
        answer = _answer(turn.store.command, deal, last, turn.today)
        if answer and (last.answer is None or deal.clocks.level):
            turn.store.answer_alert(number, answer, turn.now)
        just = last.answered_at and turn.now - last.answered_at <= UNDO_WITHIN
        if turn.store.command == "undo" and just:
            turn.store.answer_alert(number, None, turn.now)


def _answer(command: str, deal: Deal, last: Alerted, today: date) -> str | None:
    """What a command says about an alert; a record that neither counts nor plans anything says nothing."""
    name, clocks = ANSWERS.get(command), deal.clocks
    if name != CONTACT or (clocks.customer_on and clocks.customer_on >= last.since):
        return name
    return STEP if clocks.next_on and clocks.next_on >= today else None
