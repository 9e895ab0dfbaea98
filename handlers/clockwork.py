"""The clocks of a deal: set anew from its facts whenever one of them changes, and looked at when they run out."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from domain.deals import STILL, Clocks, Deal, DealId, State
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
    step_quiet,
    stopped_days,
)
from domain.workdays import Calendar

# Beyond the longest deadline of any ladder: days off so far ahead are not declared yet.
AHEAD = timedelta(days=400)
LEVELS = tuple(Level)


def wind(store: Store, org: Organisation, number: DealId, now: datetime) -> None:
    """Sets one deal's clocks from what is known of it now; a deal that is not active has none."""
    deal = store.deal(number)
    if deal is None:
        return
    if deal.state is not State.ACTIVE:
        store.set_clocks(deal, replace(STILL, customer_on=store.customer_day(number)))
        return
    owner = store.member(deal.owner_id)
    calendar = store.calendar(org, owner)
    today = local_date(now, owner.zone)
    was = deal.clocks
    deal = replace(
        deal, clocks=replace(was, customer_on=store.customer_day(number), next_on=store.next_day(number))
    )
    clock = clock_of(store, deal, calendar, today)
    ends = deadlines(clock)
    level = assess(clock, today).level
    begun = {Level.WARN: ends.warn_on, Level.CRITICAL: ends.critical_on}.get(level)
    since = was.since if level is LEVELS[was.level] and was.since else begun
    quiet, quiets = _quiet(was, deal.clocks.next_on, level, calendar)
    alarms = [begins(ends.warn_on, owner.zone), begins(ends.critical_on, owner.zone)]
    store.set_clocks(
        deal,
        Clocks(
            customer_on=deal.clocks.customer_on,
            next_on=deal.clocks.next_on,
            warn_at=alarms[0],
            critical_at=alarms[1],
            level=LEVELS.index(level),
            since=since,
            check_at=min((each for each in alarms if each and each > now), default=None),
            quiet_until=quiet,
            quiets=quiets,
        ),
    )


def _quiet(was: Clocks, next_on: date | None, level: Level, calendar: Calendar) -> tuple[date | None, int]:
    """A new next step on a stalled deal quiets it until the working day after, at most twice running (architecture 5b)."""
    if level is Level.OK:
        return None, 0
    if was.level and next_on and next_on != was.next_on:
        until = step_quiet(next_on, calendar, was.quiets)
        return (until, was.quiets + 1) if until else (was.quiet_until, was.quiets)
    return was.quiet_until, was.quiets


def clock_of(store: Store, deal: Deal, calendar: Calendar, today: date) -> Clock:
    """What the deadlines of a deal are worked out from (method section 4)."""
    template = store.template(deal.template_id)
    stage = template.stage(min(deal.milestone, len(template.stages)))
    since = min(filter(None, (deal.entered_on, deal.clocks.customer_on)))
    return Clock(
        entered_on=deal.entered_on,
        benchmark_days=benchmark(store.won_passages(deal.template_id, stage.number), stage.days),
        next_on=deal.clocks.next_on,
        last_customer_on=max(filter(None, (deal.clocks.customer_on, deal.opened_on, deal.resumed_on))),
        hold_days=deal.held_days,
        held=deal.state is not State.ACTIVE,
        close_moves=deal.moves,
        limits=LIMITS[template.size],
        stopped=stopped_days(calendar, since, today + AHEAD),
    )


def assessed(store: Store, org: Organisation, deal: Deal, now: datetime) -> tuple[Assessment, int]:
    """How a deal stands today, and the usual days of its milestone, for its card."""
    owner = store.member(deal.owner_id)
    today = local_date(now, owner.zone)
    # What this very turn did is on the card already, its clocks are set when it ends.
    deal = replace(
        deal,
        clocks=replace(deal.clocks, customer_on=store.customer_day(deal.id), next_on=store.next_day(deal.id)),
    )
    clock = clock_of(store, deal, store.calendar(org, owner), today)
    return assess(clock, today), int(clock.benchmark_days)
