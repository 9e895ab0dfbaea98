"""Win probability: the C139 checklist, its table, cap, calibration and next best step (method section 3)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

NOTE_AT_LEAST = 10
FRESH_DAYS = 90
COACH_CAP = 60
PRIOR_WEIGHT = 10
CALIBRATED_FROM = 8
SHIFT_POINTS = 10
SHIFT_DAYS = 14


class Letter(StrEnum):
    """The three kinds of item, in the order that breaks a tie between gains."""

    CLEAR = "C"
    FIRST = "F"
    WIN = "W"


class Item(StrEnum):
    """The thirteen items of the checklist, in its order."""

    C1 = "c1"
    C2 = "c2"
    C3 = "c3"
    C4 = "c4"
    C5 = "c5"
    C6 = "c6"
    C7 = "c7"
    C8 = "c8"
    C9 = "c9"
    F1 = "f1"
    F2 = "f2"
    F3 = "f3"
    W = "w"


LETTER: Mapping[Item, Letter] = {item: Letter(item[0].upper()) for item in Item}
ITEMS: Mapping[Letter, tuple[Item, ...]] = {
    letter: tuple(item for item in Item if LETTER[item] is letter) for letter in Letter
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What is known of one item; `has_source` when a person or an activity stands behind the note.

    `confirmed` by a coach contact or the manager; `on` is the local date of the last word, None when nobody dated it.
    """

    item: Item
    note: str
    has_source: bool
    confirmed: bool = False
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many items count: `clear` 0..9, `first` 0..3, `win` 0..1; raises `ValueError` outside of these."""

    clear: int = 0
    first: int = 0
    win: int = 0

    def __post_init__(self) -> None:
        for letter in Letter:
            if not 0 <= self.of(letter) <= len(ITEMS[letter]):
                raise ValueError(f"{letter} is 0 to {len(ITEMS[letter])}, not {self.of(letter)}")

    def of(self, letter: Letter) -> int:
        """The count of one letter."""
        match letter:
            case Letter.CLEAR:
                return self.clear
            case Letter.FIRST:
                return self.first
            case Letter.WIN:
                return self.win


class Zone(StrEnum):
    """Where a standing lies: won, lost, or tossed about between them."""

    WIN = "win"
    LOSS = "loss"
    VOLATILE = "volatile"


class Basis(StrEnum):
    """What a probability rests on: the table, the table with own outcomes, or the milestones left."""

    PRIOR = "prior"
    CALIBRATED = "calibrated"
    CONVERSIONS = "conversions"


class Strategy(StrEnum):
    """The word for a probability, which says how much to put into a deal."""

    PROMISE = "promise"
    CONTEND = "contend"
    PARTICIPATE = "participate"
    REPLAN = "re-plan"


# Method section 3, in percent: rows are (W, F), columns C = 0..9.
PRIOR: Mapping[tuple[int, int], tuple[int, ...]] = {
    (0, 0): (5, 5, 5, 8, 10, 15, 20, 30, 40, 50),
    (0, 1): (5, 5, 8, 10, 15, 20, 30, 45, 60, 65),
    (0, 2): (8, 8, 10, 15, 20, 30, 40, 55, 65, 70),
    (0, 3): (10, 10, 15, 20, 25, 35, 45, 60, 70, 75),
    (1, 0): (30, 30, 35, 40, 45, 50, 75, 80, 85, 88),
    (1, 1): (35, 35, 40, 45, 50, 60, 90, 90, 92, 92),
    (1, 2): (40, 40, 45, 50, 55, 65, 92, 93, 94, 94),
    (1, 3): (45, 45, 50, 55, 60, 70, 93, 94, 95, 95),
}
# The study behind the table: wins to losses without W and with it.
STUDY_ODDS: Mapping[int, tuple[int, int]] = {0: (1, 12), 1: (31, 1)}
# The least percent of each word, best first; below the last of them a deal is planned anew.
STRATEGIES: tuple[tuple[int, Strategy], ...] = (
    (75, Strategy.PROMISE),
    (50, Strategy.CONTEND),
    (25, Strategy.PARTICIPATE),
)


def counts(rating: Rating) -> bool:
    """Whether an item counts: a note of at least 10 characters, blanks around it aside, and a source (method 3)."""
    return rating.has_source and len(rating.note.strip()) >= NOTE_AT_LEAST


def stale(on: date | None, today: date, days: int = FRESH_DAYS) -> bool:
    """Whether evidence, a stance or a rating of `on` is older than `days` and needs renewal before a gate (method 3).

    What nobody dated cannot be shown to be fresh.
    """
    return on is None or (today - on).days > days


def fresh(ratings: Iterable[Rating], today: date, days: int = FRESH_DAYS) -> tuple[Rating, ...]:
    """The ratings a gate may still go by: those not older than `days` (method 3)."""
    return tuple(each for each in ratings if not stale(each.on, today, days))


def is_rated(ratings: Iterable[Rating]) -> bool:
    """Whether any item counts: a deal of which none does goes by its milestones (method 3)."""
    return any(counts(each) for each in ratings)


def missing(ratings: Iterable[Rating]) -> tuple[Item, ...]:
    """The items that do not count yet, in the order of the checklist."""
    there = {each.item for each in ratings if counts(each)}
    return tuple(item for item in Item if item not in there)


def claimed(ratings: Iterable[Rating]) -> Standing:
    """The rep's own view: every item that counts, each once (method 3)."""
    return _standing({each.item for each in ratings if counts(each)})


def confirmed(ratings: Iterable[Rating]) -> Standing:
    """What gates and the category Commit go by: items that count and were confirmed, each once (method 3)."""
    return _standing({each.item for each in ratings if counts(each) and each.confirmed})


def written(standing: Standing) -> str:
    """A standing in one word, as it is kept with a deal that ended: `7C1F0W` (method section 3)."""
    return f"{standing.clear}C{standing.first}F{standing.win}W"


def _standing(items: Collection[Item]) -> Standing:
    letters = [LETTER[item] for item in items]
    return Standing(
        clear=letters.count(Letter.CLEAR), first=letters.count(Letter.FIRST), win=letters.count(Letter.WIN)
    )


def prior(standing: Standing) -> int:
    """The probability of the table, in whole percent 5..95 (method 3)."""
    return PRIOR[standing.win, standing.first][standing.clear]


def studied(win: int) -> Fraction:
    """The share of deals won in the study behind the table, 0..1, without W (0) or with it (1) (method 3)."""
    won, lost = STUDY_ODDS[win]
    return Fraction(won, won + lost)


def zone(standing: Standing) -> Zone:
    """Win with W, F >= 1 and C >= 6; loss without W, F <= 2 and C <= 6; volatile otherwise (method 3)."""
    if standing.win and standing.first >= 1 and standing.clear >= 6:
        return Zone.WIN
    if not standing.win and standing.first <= 2 and standing.clear <= 6:
        return Zone.LOSS
    return Zone.VOLATILE


def on_sixty_line(standing: Standing) -> bool:
    """Whether a standing is on or above "8C 1F 0W": C >= 8 and F >= 1, whatever W is (method 3)."""
    return standing.clear >= 8 and standing.first >= 1


def capped(percent: Fraction, *, coached: bool) -> Fraction:
    """A percent of the checklist, at most 60 without a coach's confirmation (method 3)."""
    return percent if coached else min(percent, Fraction(COACH_CAP))


def calibrated(won: int, closed: int, prior: int) -> tuple[Fraction, Basis]:
    """The percent of a cell of the table with `won` of `closed` own deals, and what it rests on (method 3).

    From 8 closed deals on (wins + 10 x prior) / (n + 10), below that the prior in percent itself. Raises `ValueError`
    when more were won than closed.
    """
    if not 0 <= won <= closed:
        raise ValueError(f"{won} won of {closed} closed")
    if closed < CALIBRATED_FROM:
        return Fraction(prior), Basis.PRIOR
    return Fraction(100 * won + PRIOR_WEIGHT * prior, closed + PRIOR_WEIGHT), Basis.CALIBRATED


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A rep moves the shown value by -10..10 points; in force on the days before `until`, a local date (method 3).

    Raises `ValueError` for more points and for a reason left blank.
    """

    points: int
    until: date
    reason: str

    def __post_init__(self) -> None:
        if abs(self.points) > SHIFT_POINTS:
            raise ValueError(f"at most {SHIFT_POINTS} points, not {self.points}")
        if not self.reason.strip():
            raise ValueError("a shift needs a reason")


def shift_from(today: date, points: int, reason: str) -> Shift:
    """A shift in force for 14 days, `today` being the first; raises as `Shift` does (method 3)."""
    return Shift(points=points, until=today + timedelta(days=SHIFT_DAYS), reason=reason)


def shifted(percent: Fraction, shift: Shift | None, today: date, cap: int = 100) -> Fraction:
    """A percent moved by a shift that is in force `today`: never below 0, never above `cap` (method 3)."""
    points = shift.points if shift and today < shift.until else 0
    return min(max(percent + points, Fraction(0)), Fraction(cap))


@dataclass(frozen=True, slots=True, kw_only=True)
class Probability:
    """The exact `percent` 0..100 of a deal, what it rests on, and `n`, the closed deals of its cell.

    `capped` when the missing coach holds it down; `shift` is the one in force, whose points are in `percent`.
    """

    percent: Fraction
    basis: Basis
    n: int = 0
    capped: bool = False
    shift: Shift | None = None


def probability(
    standing: Standing | None,
    today: date,
    *,
    coached: bool,
    conversions: Fraction,
    won: int = 0,
    closed: int = 0,
    shift: Shift | None = None,
) -> Probability:
    """The win probability of a deal (method 3).

    `standing` is None where nothing is rated: then it is `conversions`, the product 0..1 of those of the milestones
    left, and the coach's cap does not apply. `won` and `closed` are the own outcomes of the standing's cell. Raises
    `ValueError` for impossible outcomes and for conversions outside 0..1.
    """
    if not 0 <= conversions <= 1:
        raise ValueError(f"conversions are 0 to 1, not {conversions}")
    in_force = shift if shift and today < shift.until else None
    if standing is None:
        percent = shifted(100 * conversions, in_force, today)
        return Probability(percent=percent, basis=Basis.CONVERSIONS, shift=in_force)
    free, basis = calibrated(won, closed, prior(standing))
    # The rep moves what is shown, and that is under the cap already.
    shown, cap = capped(free, coached=coached), 100 if coached else COACH_CAP
    percent = shifted(shown, in_force, today, cap)
    return Probability(
        percent=percent,
        basis=basis,
        n=closed,
        capped=percent < shifted(free, in_force, today),
        shift=in_force,
    )


def strategy(percent: Fraction) -> Strategy:
    """The word for an exact percent: from 75 promise, 50 contend, 25 participate, else re-plan (method 3)."""
    return next((word for least, word in STRATEGIES if percent >= least), Strategy.REPLAN)


def gains(standing: Standing) -> dict[Letter, int]:
    """What one more item of each letter adds, in points of the table before the cap (method 3).

    A letter of which nothing is missing is left out.
    """
    return {
        letter: prior(_one_more(standing, letter)) - prior(standing)
        for letter in Letter
        if standing.of(letter) < len(ITEMS[letter])
    }


def _one_more(standing: Standing, letter: Letter) -> Standing:
    return Standing(
        clear=standing.clear + (letter is Letter.CLEAR),
        first=standing.first + (letter is Letter.FIRST),
        win=standing.win + (letter is Letter.WIN),
    )


def next_best(ratings: Collection[Rating]) -> Item | None:
    """The missing item with the largest gain, None when all count (method 3).

    Ties prefer C, then F, then W; within a letter the lowest number.
    """
    gain = gains(claimed(ratings))
    # `max` keeps the first of equals, and the items stand in the order that breaks ties.
    return max(missing(ratings), key=lambda item: gain[LETTER[item]], default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """The C/F/W minimum to leave a milestone; with `warns_without_win` it may be left without W, with a warning."""

    clear: int = 0
    first: int = 0
    coach: bool = False
    warns_without_win: bool = False


class Need(StrEnum):
    """What a minimum can be short of."""

    CLEAR = "C"
    FIRST = "F"
    COACH = "coach"


@dataclass(frozen=True, slots=True, kw_only=True)
class Short:
    """What is short, and by how many."""

    need: Need
    by: int


def short_of(minimum: Minimum, standing: Standing, *, coached: bool) -> tuple[Short, ...]:
    """What a standing lacks of a minimum, C before F before the coach; empty when it holds (method 3).

    A gate goes by the confirmed standing.
    """
    lacks = {
        Need.CLEAR: minimum.clear - standing.clear,
        Need.FIRST: minimum.first - standing.first,
        Need.COACH: int(minimum.coach) - int(coached),
    }
    return tuple(Short(need=need, by=by) for need, by in lacks.items() if by > 0)


def warns(minimum: Minimum, standing: Standing) -> bool:
    """Whether leaving warns that the top decision maker is not confirmed (method 3)."""
    return minimum.warns_without_win and not standing.win


def upcoming(ratings: Collection[Rating], minimum: Minimum) -> tuple[Item, ...]:
    """The missing items in the order to work on (method 3).

    First the letters of which a gate's minimum asks more than counts, then by gain; ties as in `next_best`.
    """
    standing = claimed(ratings)
    gain = gains(standing)
    asked = {Letter.CLEAR: minimum.clear, Letter.FIRST: minimum.first, Letter.WIN: 0}

    def order(item: Item) -> tuple[bool, int]:
        letter = LETTER[item]
        return standing.of(letter) >= asked[letter], -gain[letter]

    # Sorting keeps the order of the checklist among equals.
    return tuple(sorted(missing(ratings), key=order))
