"""When a day's third message comes, and what somebody muted of it (product section 6)."""

from datetime import date, time

from domain.kinds import KINDS, Notice
from domain.news_ports import Mutes, is_muted
from domain.people import Member, Role
from domain.workdays import Calendar

# Between the two beats of the day. On the week's last day the news come with what comes anyway: a rep's own week, a
# leader's reports. So nobody hears a fourth time. The hours are ours.
ALERT_AT, WEEK_AT, REPORTS_AT = time(11), time(16), time(18)


def news_at(member: Member, calendar: Calendar, on: date) -> time:
    """When the news of a date come to somebody, on their own wall."""
    if not calendar.last_of_week(on):
        return ALERT_AT
    if Role.REP in member.roles:
        return WEEK_AT
    return REPORTS_AT if Role.MANAGER in member.roles else ALERT_AT


def is_dropped(kind: Notice, muted: Mutes, on: date) -> bool:
    """Whether news were muted on a date: as their own kind, or with all that may be muted of a day's news."""
    return is_muted(muted, kind, on) or (KINDS[kind].mutable and is_muted(muted, Notice.NEWS, on))
