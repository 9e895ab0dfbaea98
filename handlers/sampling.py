"""The weekly draw: which records whoever leads is given to judge, reps in turn, contradictions first (method section 2)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from domain.activity import Activity, ActivityId
from domain.people import Member, MemberId, Organisation, Role, Team
from domain.ports import Store
from domain.samples import VALID_AFTER, Sample, Verdict, contradictions, drawn, rationed, size
from domain.schedule import instant, local_date
from domain.workdays import ONE_DAY, Calendar, days, monday, week_label
from handlers.rollups import roll_week
from handlers.weekly import People

WEEK = timedelta(days=7)
# Judgements of weeks longer ago are no longer asked for.
WEEKS_OPEN = 2 * WEEK


def draw_week(store: Store, org: Organisation, team: Team, first: date, now: datetime) -> int:
    """Draws the samples of a team's closed week, once; how many records."""
    judge = team.manager_id or team.deputy_id
    ids = [
        each.id
        for each in store.members()
        if Role.REP in each.roles and each.team_id == team.id and each.id != judge
    ]
    if judge is None or not ids or store.samples(ids, first, first):
        return 0
    people = store.gather_members(org, ids)
    records = store.gather_activities(ids, first, first + WEEK - ONE_DAY)
    explained = store.doubts(ids, first, first)
    order = _in_turn(store, people)
    known = {each: [one for one in records.get(each, ()) if not one.withdrawn] for each in order}
    room = rationed([size(len(known[each])) for each in order])
    total = 0
    for member, given in zip(order, room, strict=True):
        if given:
            said = {each.activity_id for each in explained.get(member, ())}
            total += _draw(store, people[member], known[member], frozenset(said), first, judge, now)
    return total


def gathered_odd(store: Store, people: People, first: date) -> dict[MemberId, tuple[ActivityId, ...]]:
    """What does not fit together in the week from `first` and nobody explained: the rep is asked first.

    Nothing is read of who was never away in it.
    """
    week = days(first, first + WEEK - ONE_DAY)
    away = [number for number, (_, calendar) in people.items() if any(map(calendar.is_away, week))]
    if not away:
        return {}
    records = store.gather_activities(away, first, first + WEEK - ONE_DAY)
    explained = store.doubts(away, first, first)
    found = {}
    for number in away:
        said = {each.activity_id for each in explained.get(number, ())}
        odd = contradictions(records.get(number, ()), people[number][1])
        if left := tuple(each for each in odd if each not in said):
            found[number] = left
    return found


def _in_turn(store: Store, people: People) -> list[MemberId]:
    """Who was not looked at for longest comes first."""
    last = store.last_sampled(tuple(people))
    return sorted(people, key=lambda each: (last.get(each, date.min), each))


def _draw(
    store: Store,
    whose: tuple[Member, Calendar],
    records: Sequence[Activity],
    explained: frozenset[int],
    first: date,
    judge: MemberId,
    now: datetime,
) -> int:
    member, calendar = whose
    odd = [each for each in contradictions(records, calendar) if each not in explained]
    days = {each.id: each.on for each in records}
    picked = drawn([each.id for each in records], f"{member.id}:{week_label(first)}", odd)
    for number in picked:
        store.add_sample(
            Sample(
                id=0,
                member_id=member.id,
                monday=first,
                activity_id=number,
                on=days[number],
                drawn_at=now,
                judge_id=judge,
            )
        )
    roll_week(store, member, calendar, first)
    return len(picked)


def open_samples(store: Store, leaders: Sequence[MemberId], today: date) -> tuple[Sample, ...]:
    """What these leaders have still to judge, the oldest week first; what lies too long counts as valid."""
    found = store.samples_of(leaders, monday(today) - WEEKS_OPEN)
    return tuple(
        sorted(
            (each for each in found if each.verdict is Verdict.OPEN),
            key=lambda each: (each.monday, each.member_id, each.id),
        )
    )


def judged_until(sample: Sample, calendar: Calendar, zone: str) -> datetime:
    """The end of the fifth working day after the draw: what nobody judged by then counts as valid."""
    day = local_date(sample.drawn_at, zone)
    for _ in range(VALID_AFTER):
        day = calendar.after(day)
    return instant(day + ONE_DAY, MIDNIGHT, zone)


MIDNIGHT = datetime.min.time()
