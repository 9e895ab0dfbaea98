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


class Notice(StrEnum):
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
    TROUBLE = "trouble"
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
    PROPOSAL = "proposal"
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
KINDS: Mapping[Notice, Manner] = {
    # The beats of a day, each at its hour.
    Notice.MORNING: Manner(sort=Sort.BEAT),
    Notice.NUDGE: Manner(sort=Sort.BEAT),
    Notice.DIGEST: Manner(sort=Sort.BEAT),
    # Somebody waits: a leader is asked to decide, a person gets the answer to what they asked, or a colleague asks.
    Notice.APPROVAL: Manner(sort=Sort.DECISION, value=3, urgency=3, mutable=False, asked=True),
    Notice.DECIDED: Manner(sort=Sort.DECISION, mutable=False),
    Notice.QUESTION: Manner(sort=Sort.DECISION, mutable=False),
    Notice.CLAIM: Manner(sort=Sort.DECISION, value=2, urgency=3, mutable=False, asked=True),
    Notice.CLAIMED: Manner(sort=Sort.DECISION, mutable=False),
    Notice.DISPUTE: Manner(sort=Sort.DECISION, value=2, urgency=3, mutable=False, asked=True),
    Notice.ANSWERED: Manner(sort=Sort.DECISION, mutable=False),
    Notice.APPEAL: Manner(sort=Sort.DECISION, value=2, urgency=3, mutable=False, asked=True),
    Notice.TARGET: Manner(sort=Sort.DECISION, value=2, urgency=3, mutable=False, asked=True),
    Notice.REMINDER: Manner(sort=Sort.DECISION, mutable=False),
    Notice.DOOR: Manner(sort=Sort.DECISION, value=2, urgency=3, mutable=False),
    # Something somebody said was not understood: once a day, and only to an admin.
    Notice.TROUBLE: Manner(sort=Sort.DECISION, value=3, urgency=3, mutable=False),
    # Somebody's own account and way in, a team to lead, accounts to look after: work begins with it, so it is not kept back.
    Notice.SEAT: Manner(sort=Sort.DECISION, mutable=False),
    Notice.HANDOVER: Manner(sort=Sort.DECISION, mutable=False),
    Notice.ACCOUNT: Manner(sort=Sort.DECISION, mutable=False),
    # The message that all news of a day share, and what may stand in it.
    Notice.NEWS: Manner(sort=Sort.NEWS),
    Notice.STALLED: Manner(sort=Sort.NEWS, value=3, urgency=2),
    Notice.HOLD: Manner(sort=Sort.NEWS, value=2, urgency=2),
    Notice.SAMPLE: Manner(sort=Sort.NEWS, value=2, urgency=1),
    Notice.WEEK: Manner(sort=Sort.NEWS, value=3, urgency=3),
    Notice.REPORTS: Manner(sort=Sort.NEWS, value=2, urgency=2),
    Notice.BUDGET: Manner(sort=Sort.NEWS, value=3, urgency=3),
    Notice.SATISFACTION: Manner(sort=Sort.NEWS, value=3, urgency=3),
    Notice.SETTLED: Manner(sort=Sort.NEWS, value=3, urgency=2),
    Notice.COVER: Manner(sort=Sort.NEWS, value=3, urgency=3, mutable=False),
    Notice.PLAN: Manner(sort=Sort.NEWS, value=2, urgency=2),
    Notice.QUALITY: Manner(sort=Sort.NEWS, value=2, urgency=2),
    Notice.CUSTOMER: Manner(sort=Sort.NEWS, value=2, urgency=1),
    Notice.SCORE: Manner(sort=Sort.NEWS, value=2, urgency=1),
    Notice.TEAM: Manner(sort=Sort.NEWS, value=1, urgency=2),
    Notice.THANKS: Manner(sort=Sort.NEWS, value=1, urgency=1),
    Notice.CONTEST: Manner(sort=Sort.NEWS, value=1, urgency=2),
    Notice.PROPOSAL: Manner(sort=Sort.NEWS),
    # For all to read, or for nobody: what only edits cards.
    Notice.ROOM: Manner(sort=Sort.ROOM, mutable=False),
}
# Beside a digest and the news of the day a leader is asked so often at once; five messages a day are all (product section 6).
ASKED_MOST = 3
ASKED = tuple(kind for kind, manner in KINDS.items() if manner.asked)
# What a day's third message is sent as: the news themselves, or what they come with.
THIRD = tuple(kind for kind, manner in KINDS.items() if manner.sort is Sort.NEWS)
