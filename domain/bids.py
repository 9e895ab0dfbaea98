"""Whether to bid: the weighted score, and the rule of three conditions and three stop signs (method section 3)."""

from collections.abc import Collection, Sequence
from enum import StrEnum
from fractions import Fraction

# Percent of each criterion, in the order they are rated.
WEIGHTS: tuple[int, ...] = (20, 25, 20, 15, 20)
RATED_AT_MOST = 5
BID_FROM, REVIEW_FROM = 70, 50
STOPS_AT = 2


class Verdict(StrEnum):
    """What a bid score says."""

    BID = "bid"
    REVIEW = "review"
    NO_BID = "no_bid"


class Condition(StrEnum):
    """What must all be true for a GO."""

    MEETS_SPEC = "meets_spec"
    CLOSE_RELATION = "close_relation"
    GENUINE_COMPETITION = "genuine_competition"


class StopSign(StrEnum):
    """What warns of a bid that others have prepared."""

    ODD_SPEC = "odd_spec"
    VAGUE_RELATION = "vague_relation"
    RIVAL_AHEAD = "rival_ahead"


class Decision(StrEnum):
    """What the rule says of a bid."""

    GO = "go"
    NO_GO = "no_go"
    REVIEW = "review"


def score(ratings: Sequence[int]) -> Fraction:
    """The exact score 0..100 of five ratings 0..5, in the order of `WEIGHTS` (method 3).

    Raises `ValueError` for another number of ratings, or one outside 0..5.
    """
    if len(ratings) != len(WEIGHTS) or not all(0 <= each <= RATED_AT_MOST for each in ratings):
        raise ValueError(f"{len(WEIGHTS)} ratings of 0 to {RATED_AT_MOST}, not {ratings}")
    return Fraction(sum(weight * each for weight, each in zip(WEIGHTS, ratings, strict=True)), RATED_AT_MOST)


def verdict(score: Fraction) -> Verdict:
    """Bid from 70, review from 50, else no bid, on the exact score (method 3)."""
    if score >= BID_FROM:
        return Verdict.BID
    return Verdict.REVIEW if score >= REVIEW_FROM else Verdict.NO_BID


def decide(conditions: Collection[Condition], signs: Collection[StopSign]) -> Decision:
    """What the conditions that hold and the stop signs seen come to (method 3).

    NO-GO when the spec is not met or two stop signs are seen; GO when all three hold and no sign is; else REVIEW.
    """
    held, seen = set(conditions), set(signs)
    if Condition.MEETS_SPEC not in held or len(seen) >= STOPS_AT:
        return Decision.NO_GO
    return Decision.GO if held == set(Condition) and not seen else Decision.REVIEW
