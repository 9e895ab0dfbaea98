"""The clocks of a deal: set anew from its facts whenever one of them changes, and looked at when they run out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from domain.deals import STILL, Clocks, Deal, DealId, State
from domain.milestones import Template, TemplateId
from domain.people import Organisation
from domain.ports import Store
from domain.schedule import local_date
from domain.stalled import (
    LIMITS,
    Assessment,
    Clock,
    Level,
    assess,
    begins,
    benchmark,
    deadlines,
    import_quiet,
    speaks,
    step_quiet,
    stopped_days,
)
from domain.workdays import Calendar

# Beyond the longest deadline of any ladder: days off so far ahead are not declared yet.
AHEAD = timedelta(days=400)
LEVELS = tuple(Level)


class Usual:
    """What is usual at each milestone of each ladder, read once however many deals are looked at."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._templates: dict[TemplateId, Template] = {}
        self._days: dict[tuple[TemplateId, int], Fraction] = {}

    def template(self, deal: Deal) -> Template:
        """The ladder of a deal."""
        number = deal.template_id
        if number not in self._templates:
            self._templates[number] = self._store.template(number)
        return self._templates[number]

    def days(self, deal: Deal) -> Fraction:
        """The benchmark of the milestone a deal is at (method section 4)."""
        template = self.template(deal)
        stage = template.stage(min(deal.milestone, len(template.stages)))
        key = (deal.template_id, stage.number)
        if key not in self._days:
            self._days[key] = benchmark(self._store.won_passages(*key), stage.days)
        return self._days[key]


def wind(store: Store, org: Organisation, number: DealId, now: datetime) -> None:
    """Sets one deal's clocks from what is known of it now; a deal that is not active has none."""
    store.lock_deal(number)
    deal = store.deal(number)
    if deal is None:
        store.stop_clocks(number)
        return
    if deal.state is not State.ACTIVE:
        store.set_clocks(deal, replace(STILL, customer_on=store.customer_day(number)))
        return
    owner = store.member(deal.owner_id)
    calendar = store.calendar(org, owner)
    today = local_date(now, owner.zone)
    was = deal.clocks
    deal = as_of_now(store, deal)
    clock = clock_of(deal, Usual(store), calendar, today)
    ends = deadlines(clock)
    level = assess(clock, today).level
    quiet, quiets = _quiet(was, deal.clocks.next_on, level, calendar, today)
    alarms = [begins(ends.warn_on, owner.zone), begins(ends.critical_on, owner.zone)]
    foreseen: Mapping[Level, tuple[datetime | None, date | None]] = {
        Level.WARN: (was.warn_at, ends.warn_on),
        Level.CRITICAL: (was.critical_at, ends.critical_on),
    }
    store.set_clocks(
        deal,
        Clocks(
            customer_on=deal.clocks.customer_on,
            next_on=deal.clocks.next_on,
            warn_at=alarms[0],
            critical_at=alarms[1],
            level=LEVELS.index(level),
            since=_since(was, level, *foreseen[level], today, owner.zone) if level in foreseen else None,
            check_at=min((each for each in alarms if each and each > now), default=None),
            quiet_until=quiet,
            quiets=quiets,
        ),
    )


def _since(
    was: Clocks, level: Level, alarm: datetime | None, begun: date | None, today: date, zone: str
) -> date:
    """The day a level began: the day it was foreseen for, else today.

    A step that is done leaves a deal without one; that it warned "since it was entered" nobody could have known.
    """
    if level is LEVELS[was.level] and was.since:
        return was.since
    return begun if begun and alarm and local_date(alarm, zone) == begun else today


def _quiet(
    was: Clocks, next_on: date | None, level: Level, calendar: Calendar, today: date
) -> tuple[date | None, int]:
    """A new next step on a stalled deal quiets it until the working day after, at most twice running (architecture 5b).

    A step that is done, dropped or taken back quiets nothing any more.
    """
    if level is Level.OK:
        return None, 0
    if next_on is None or (next_on != was.next_on and next_on < today):
        return None, was.quiets
    if was.level and next_on != was.next_on:
        until = step_quiet(next_on, calendar, was.quiets)
        return (until, was.quiets + 1) if until else (was.quiet_until, was.quiets)
    return was.quiet_until, was.quiets


def as_of_now(store: Store, deal: Deal) -> Deal:
    """A deal with what this very turn did about the customer and the next step; its clocks are set when it ends."""
    clocks = replace(deal.clocks, customer_on=store.customer_day(deal.id), next_on=store.next_day(deal.id))
    return replace(deal, clocks=clocks)


def clock_of(deal: Deal, usual: Usual, calendar: Calendar, today: date) -> Clock:
    """What the deadlines of a deal are worked out from (method section 4)."""
    clocks = deal.clocks
    heard_on = max(filter(None, (clocks.customer_on, deal.opened_on, deal.resumed_on)))
    first = min(filter(None, (deal.entered_on, heard_on, clocks.next_on)))
    return Clock(
        entered_on=deal.entered_on,
        benchmark_days=usual.days(deal),
        next_on=clocks.next_on,
        last_customer_on=heard_on,
        hold_days=deal.held_days,
        held=deal.state is not State.ACTIVE,
        close_moves=deal.moves,
        limits=LIMITS[usual.template(deal).size],
        stopped=stopped_days(calendar, first, today + AHEAD),
    )


def assessed(store: Store, org: Organisation, deal: Deal, now: datetime) -> tuple[Assessment, int]:
    """How a deal stands today, and the usual days of its milestone, for its card."""
    owner = store.member(deal.owner_id)
    today = local_date(now, owner.zone)
    clock = clock_of(as_of_now(store, deal), Usual(store), store.calendar(org, owner), today)
    return assess(clock, today), int(clock.benchmark_days)


def speaking(deal: Deal, calendar: Calendar, today: date) -> bool:
    """Whether a deal is to be spoken of on a day of its owner, by the clocks as they are stored (architecture 5b)."""
    imported = import_quiet(deal.opened_on, calendar) if deal.imported else None
    return speaks(
        LEVELS[deal.clocks.level],
        today,
        step_quiet_until=deal.clocks.quiet_until,
        snoozed_until=max(filter(None, (deal.snoozed_until, imported)), default=None),
    )
