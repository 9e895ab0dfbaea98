"""A person's numbers in cells, worked out again whenever something in their week changed (architecture 5a)."""

from collections.abc import Iterable, Sequence
from datetime import date

from domain.kpis import Kpi
from domain.people import Member, MemberId, Organisation
from domain.ports import Store
from domain.rollups import summed, week_cells
from domain.week_ports import RollupCheck
from domain.workdays import ONE_DAY, Calendar, monday
from handlers.turn import Turn

COUNTED = (Kpi.SALES, Kpi.NEW_CUSTOMERS)
WEEK = 6 * ONE_DAY
# A turn with the writer stays short (architecture 5b).
ROLLED_AT_ONCE = 50


def roll(turn: Turn) -> None:
    """The cells of every week that this turn touched, whoever's it is."""
    for member, first in sorted(turn.store.touched_weeks()):
        whose = turn.me if member == turn.me.id else turn.store.member(member)
        calendar = turn.calendar() if member == turn.me.id else turn.store.calendar(turn.org, whose)
        roll_week(turn.store, whose, calendar, first)


def roll_week(store: Store, member: Member, calendar: Calendar, first: date) -> int:
    """Replaces the cells of one week from its records, claims, results and samples; how many were different."""
    last = first + WEEK
    days = week_cells(
        store.activities(member.id, first, last),
        store.claims(member.id, first, last),
        store.results([member.id], COUNTED, first, last).get(member.id, ()),
        store.samples([member.id], first, first).get(member.id, ()),
        calendar,
        member.zone,
        first,
    )
    return store.keep_cells(member.id, first, days)


def roll_begun(turn: Turn, members: Sequence[MemberId], first: date, last: date) -> None:
    """The cells of the weeks of these days that have begun, after somebody's working days changed.

    Of more people than a turn has time for, the night works them out.
    """
    until = monday(min(last, turn.today))
    if members and monday(first) <= until and len(members) <= ROLLED_AT_ONCE:
        roll_weeks(turn.store, turn.org, members, monday(first), until)


def roll_weeks(
    store: Store, org: Organisation, members: Iterable[MemberId], first: date, last: date
) -> RollupCheck:
    """Works out the cells of many people over whole weeks and sets right what differs: the nightly recomputation.

    Everything is read set by set: one query each for people, records, claims, results and samples. `checked_at` is
    for the caller to say; here it is None until then.
    """
    people = store.gather_members(org, tuple(members))
    ids, until = tuple(people), monday(last) + WEEK
    records = store.gather_activities(ids, first, until)
    claims = store.gather_claims(ids, first, until)
    results = store.results(ids, COUNTED, first, until)
    samples = store.samples(ids, first, until)
    weeks = store.week_cells(ids, first, last)
    cells = wrong = 0
    named: list[str] = []
    for number, (member, calendar) in people.items():
        week = first
        while week <= last:
            end = week + WEEK
            days = week_cells(
                [each for each in records.get(number, ()) if week <= each.on <= end],
                [each for each in claims.get(number, ()) if week <= each.on <= end],
                [each for each in results.get(number, ()) if week <= each.on <= end],
                [each for each in samples.get(number, ()) if each.monday == week],
                calendar,
                member.zone,
                week,
            )
            cells += sum(len(each) for each in days.values())
            whole, kept = summed(days), weeks.get(number, {}).get(week, {})
            differing = store.keep_cells(number, week, days)
            if not differing and kept != whole:
                # The days are right, and yet their sum is not.
                off = {cell for cell in kept | whole if kept.get(cell, 0) != whole.get(cell, 0)}
                store.keep_week(number, week, {cell: whole.get(cell, 0) for cell in off})
                differing = len(off)
            if differing:
                wrong += differing
                named.append(f"{number}:{week.isoformat()}")
            week += 7 * ONE_DAY
    return RollupCheck(checked_at=None, cells=cells, wrong=wrong, examples=" ".join(named[:5]))
