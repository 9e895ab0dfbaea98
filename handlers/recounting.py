"""The nightly recomputation: every number in cells is worked out again from its records and must be the same."""

from datetime import date, datetime, time, timedelta

from domain.people import MemberId, OrgId
from domain.ports import Work
from domain.schedule import local_date, local_time
from domain.week_ports import RollupCheck
from domain.workdays import monday
from handlers.rollups import roll_weeks

# A slice of people small enough that its turn with the writer stays short (architecture 5b).
PEOPLE = 10
# At night the last weeks, in which something may still change; the first time all that a quarter's scores are made of.
WEEKS, FIRST_WEEKS = timedelta(weeks=5), timedelta(weeks=14)
NIGHT = (time(2, 0), time(5, 0))
AT_LEAST = timedelta(hours=20)


def is_due(work: Work, org_id: OrgId, now: datetime) -> bool:
    """At night of the organisation's own zone, once; at once where it was never done."""
    store = work.store(org_id)
    last = store.last_check()
    if last is None or last.checked_at is None:
        return True
    at = local_time(now, store.organisation().zone)
    return NIGHT[0] <= at < NIGHT[1] and now - last.checked_at >= AT_LEAST


def recount(work: Work, org_id: OrgId, after: MemberId, now: datetime) -> tuple[MemberId | None, RollupCheck]:
    """Works out the cells of the next few people and sets right what was wrong; who was last, None for nobody left."""
    store = work.store(org_id)
    org = store.organisation()
    people = sorted(each.id for each in store.members() if each.id > after)[:PEOPLE]
    if not people:
        return None, RollupCheck(checked_at=now, cells=0, wrong=0)
    back = WEEKS if store.last_check() else FIRST_WEEKS
    first, last = _weeks(local_date(now, org.zone), back)
    return people[-1], roll_weeks(store, org, people, first, last)


def _weeks(today: date, back: timedelta) -> tuple[date, date]:
    """The Mondays from so long ago to this week's, and the next one's: east of here it may have begun."""
    return monday(today - back), monday(today + timedelta(days=1))


def finish(work: Work, org_id: OrgId, check: RollupCheck) -> None:
    """Keeps what was found, for /health."""
    work.store(org_id).keep_check(check)
