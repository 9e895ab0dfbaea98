"""A number of a frozen scorecard that its owner says is wrong, and what the leader answered; the line of a week's report."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

from domain.kpis import Kpi
from domain.people import MemberId
from domain.schedule import instant
from domain.workdays import Calendar

# Working days whoever leads the team has to answer (*ours*; the rule asks for some deadline).
ANSWER_DAYS = 3
# Days worked, the one on which the card closed included, on which a number of it may be disputed (*ours*).
ASK_DAYS = 5
# The last instant of the last of them is the close of the day.
ANSWER_AT = time(20, 0)


class Answer(StrEnum):
    """What became of a dispute."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """One line of one card; `claimed` is the number its owner says is right, `granted` the one that was accepted."""

    id: int
    member_id: MemberId
    label: str
    kpi: Kpi
    reason: str
    asked_at: datetime
    answer_by: datetime
    claimed: Decimal | None = None
    decision: Answer = Answer.OPEN
    decided_by: MemberId | None = None
    decided_at: datetime | None = None
    granted: Decimal | None = None
    answer: str = ""

    def is_late(self, now: datetime) -> bool:
        """Whether the answer is overdue: it stays open and is named."""
        return self.decision is Answer.OPEN and now > self.answer_by


def answer_by(asked_on: date, calendar: Calendar, zone: str) -> datetime:
    """Until when an answer is due: the close of the third working day after the day it was asked."""
    day = asked_on
    for _ in range(ANSWER_DAYS):
        day = calendar.after(day)
    return instant(day, ANSWER_AT, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekReport:
    """The one line a rep adds to the numbers of a week, and the leader's comment on it."""

    id: int
    member_id: MemberId
    label: str
    line: str
    sent_at: datetime
    comment: str = ""
    commented_by: MemberId | None = None
    commented_at: datetime | None = None
