"""The weekly quality sample: how many records, which, and what it makes of the week's credit (method section 2)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from domain.activity import Activity, ActivityId, Kind
from domain.people import MemberId
from domain.workdays import Calendar

LEAST, SHARE = 3, Fraction(10, 100)
# Below this the week's credit is multiplied; a manager judges so many records a week; who is judged may appeal so long.
CREDIT_BELOW = Fraction(80, 100)
JUDGED_AT_MOST = 20
APPEAL_WITHIN = timedelta(days=3)
# Working days after the week until the judge is reminded, and until what is not judged counts as valid.
REMINDED_AFTER, VALID_AFTER = 3, 5


class Verdict(StrEnum):
    """What was judged of a record; OPEN until somebody did."""

    OPEN = "open"
    VALID = "valid"
    INVALID = "invalid"


class Upheld(StrEnum):
    """What became of an appeal; NONE without one, WAITING until it is decided."""

    NONE = "none"
    WAITING = "waiting"
    UPHELD = "upheld"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One record of the sample of a week."""

    id: int
    member_id: MemberId
    monday: date
    activity_id: ActivityId
    on: date
    drawn_at: datetime
    judge_id: MemberId | None
    verdict: Verdict = Verdict.OPEN
    judged_by: MemberId | None = None
    judged_at: datetime | None = None
    reason: str = ""
    appeal: str = ""
    appealed_at: datetime | None = None
    upheld: Upheld = Upheld.NONE

    @property
    def is_invalid(self) -> bool:
        """Judged invalid, and not taken back on appeal; what nobody judged counts as valid."""
        return self.verdict is Verdict.INVALID and self.upheld is not Upheld.REVERSED

    @property
    def is_verified(self) -> bool:
        """Somebody looked at it and found it to be so; silence verifies nothing."""
        return self.verdict is Verdict.VALID or (
            self.verdict is Verdict.INVALID and self.upheld is Upheld.REVERSED
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """What a rep said about something that does not fit together."""

    member_id: MemberId
    monday: date
    activity_id: ActivityId
    answer: str
    answered_at: datetime
    id: int = 0


def contradictions(records: Sequence[Activity], calendar: Calendar) -> tuple[ActivityId, ...]:
    """The visits on a day away, in the order of their days: the rep is asked first (method section 2, *ours*).

    Two check-ins too far apart cannot be told before places are kept.
    """
    found = [
        each
        for each in records
        if each.kind is Kind.VISIT and not each.withdrawn and calendar.is_away(each.on)
    ]
    return tuple(each.id for each in sorted(found, key=lambda each: (each.on, each.id)))


def rationed(sizes: Sequence[int], most: int = JUDGED_AT_MOST) -> tuple[int, ...]:
    """How many records of each rep a manager is given, in the order of the reps: whole samples while they fit."""
    given, left = [], most
    for each in sizes:
        taken = each if each <= left else 0
        given.append(taken)
        left -= taken
    return tuple(given)


def size(records: int) -> int:
    """k = min(records, max(3, ceil(10 % of records)))."""
    tenth = records * SHARE
    return min(records, max(LEAST, -(-tenth.numerator // tenth.denominator)))


def drawn(
    records: Sequence[ActivityId], seed: str, first: Sequence[ActivityId] = ()
) -> tuple[ActivityId, ...]:
    """Which records are drawn: those of `first` (unexplained contradictions) before the rest, by a seed of rep and week."""
    k = size(len(records))
    ahead = [each for each in first if each in records][:k]
    rest = sorted((each for each in records if each not in ahead), key=lambda each: _lot(seed, each))
    return (*ahead, *sorted(rest[: k - len(ahead)]))


def _lot(seed: str, record: ActivityId) -> bytes:
    """Where a record falls in the draw: nobody can foresee it, everybody can check it."""
    return hashlib.sha256(f"{seed}:{record}".encode()).digest()


def coefficient(sampled: int, invalid: int) -> Fraction:
    """1 - invalid / k; 1 without a sample. Raises `ValueError` for more invalid than sampled."""
    if not 0 <= invalid <= sampled:
        raise ValueError(f"{invalid} of {sampled} cannot be invalid")
    return 1 - Fraction(invalid, sampled) if sampled else Fraction(1)


def credit(sampled: int, invalid: int) -> Fraction:
    """What the week's activity credit is multiplied by: the coefficient when it is below 0.80, else 1."""
    found = coefficient(sampled, invalid)
    return found if found < CREDIT_BELOW else Fraction(1)
