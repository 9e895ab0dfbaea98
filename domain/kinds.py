"""What is said unasked: every letter nobody asked for is of a kind, and the kind says how it comes (product section 6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Sort(StrEnum):
    """How a kind comes: at its own hour, at once because somebody waits, with the day's one message, or to a room."""

    BEAT = "beat"
    DECISION = "decision"
    NEWS = "news"
    ROOM = "room"


class Kind(StrEnum):
    """The kinds of what is said unasked."""

    MORNING = "morning"
    NUDGE = "nudge"
    DIGEST = "digest"
    APPROVAL = "approval"
    DECIDED = "decided"
    QUESTION = "question"
    CLAIM = "claim"
    CLAIMED = "claimed"
    DISPUTE = "dispute"
    ANSWERED = "answered"
    APPEAL = "appeal"
    TARGET = "target"
    REMINDER = "reminder"
    DOOR = "door"
    ACCOUNT = "account"
    NEWS = "news"
    STALLED = "stalled"
    HOLD = "hold"
    SAMPLE = "sample"
    WEEK = "week"
    REPORTS = "reports"
    BUDGET = "budget"
    SATISFACTION = "satisfaction"
    SETTLED = "settled"
    COVER = "cover"
    SEAT = "seat"
    HANDOVER = "handover"
    PLAN = "plan"
    QUALITY = "quality"
    CUSTOMER = "customer"
    SCORE = "score"
    TEAM = "team"
    THANKS = "thanks"
    CONTEST = "contest"
    ROOM = "room"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a kind comes.

    `value` says what it is worth to the reader, `urgency` what a day's waiting costs, both from 1 to 3; news of urgency 3
    need not wait for the next day. What is `asked` of a leader is limited for a day. A text `kinds.KIND` names each, and
    `kinds.why_KIND` says why it comes.
    """

    sort: Sort
    value: int = 1
    urgency: int = 1
    mutable: bool = True
    asked: bool = False

    @property
    def weight(self) -> int:
        """What ranks the news of a day: value x urgency, 1 to 9."""
        return self.value * self.urgency

    @property
    def presses(self) -> bool:
        """Whether it need not wait for the next day."""
        return self.urgency >= URGENT


URGENT = 3
# A decision is never muted: somebody waits for it. Ours, like the two factors (product section 6 names only their product).
KINDS: Mapping[Kind, Manner] = {
    # The beats of a day, each at its hour.
    Kind.MORNING: Manner(sort=Sort.BEAT),
    Kind.NUDGE: Manner(sort=Sort.BEAT),
    Kind.DIGEST: Manner(sort=Sort.BEAT),
    # Somebody waits: a leader is asked to decide, a person gets the answer to what they asked, or a colleague asks.
    Kind.APPROVAL: Manner(sort=Sort.DECISION, value=3, urgency=3, mutable=False, asked=True),
    Kind.DECIDED: Manner(sort=Sort.DECISION, mutable=False),
    Kind.QUESTION: Manner(sort=Sort.DECISION, mutable=False),
    Kind.CLAIM: Manner(sort=Sort.DECISION, value=2, urgency=3, mutable=False, asked=True),
    Kind.CLAIMED: Manner(sort=Sort.DECISION, mutable=False),
    Kind.DISPUTE: Manner(sort=Sort.DECISION, value=2, urgency=3, mutable=False, asked=True),
    Kind.ANSWERED: Manner(sort=Sort.DECISION, mutable=False),
    Kind.APPEAL: Manner(sort=Sort.DECISION, value=2, urgency=3, mutable=False, asked=True),
    Kind.TARGET: Manner(sort=Sort.DECISION, value=2, urgency=3, mutable=False, asked=True),
    Kind.REMINDER: Manner(sort=Sort.DECISION, mutable=False),
    Kind.DOOR: Manner(sort=Sort.DECISION, value=2, urgency=3, mutable=False),
    # Somebody's own account and way in: never kept back.
    Kind.ACCOUNT: Manner(sort=Sort.DECISION, mutable=False),
    # The message that all news of a day share, and what may stand in it.
    Kind.NEWS: Manner(sort=Sort.NEWS),
    Kind.STALLED: Manner(sort=Sort.NEWS, value=3, urgency=2),
    Kind.HOLD: Manner(sort=Sort.NEWS, value=2, urgency=2),
    Kind.SAMPLE: Manner(sort=Sort.NEWS, value=2, urgency=1),
    Kind.WEEK: Manner(sort=Sort.NEWS, value=3, urgency=3),
    Kind.REPORTS: Manner(sort=Sort.NEWS, value=2, urgency=2),
    Kind.BUDGET: Manner(sort=Sort.NEWS, value=3, urgency=3),
    Kind.SATISFACTION: Manner(sort=Sort.NEWS, value=3, urgency=3),
    Kind.SETTLED: Manner(sort=Sort.NEWS, value=3, urgency=2),
    Kind.COVER: Manner(sort=Sort.NEWS, value=3, urgency=3, mutable=False),
    Kind.SEAT: Manner(sort=Sort.NEWS, value=3, urgency=3, mutable=False),
    Kind.HANDOVER: Manner(sort=Sort.NEWS, value=3, urgency=2, mutable=False),
    Kind.PLAN: Manner(sort=Sort.NEWS, value=2, urgency=2),
    Kind.QUALITY: Manner(sort=Sort.NEWS, value=2, urgency=2),
    Kind.CUSTOMER: Manner(sort=Sort.NEWS, value=2, urgency=1),
    Kind.SCORE: Manner(sort=Sort.NEWS, value=2, urgency=1),
    Kind.TEAM: Manner(sort=Sort.NEWS, value=1, urgency=2),
    Kind.THANKS: Manner(sort=Sort.NEWS, value=1, urgency=1),
    Kind.CONTEST: Manner(sort=Sort.NEWS, value=1, urgency=2),
    # For all to read.
    Kind.ROOM: Manner(sort=Sort.ROOM, mutable=False),
}
