"""The checklist: what counts, what is next, and what holds for every standing."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from domain.c139 import (
    CALIBRATED_FROM,
    COACH_CAP,
    ITEMS,
    LETTER,
    PRIOR,
    Basis,
    Item,
    Letter,
    Minimum,
    Need,
    Probability,
    Rating,
    Shift,
    Short,
    Standing,
    Strategy,
    Zone,
    calibrated,
    capped,
    claimed,
    confirmed,
    counts,
    fresh,
    gains,
    is_rated,
    missing,
    next_best,
    on_sixty_line,
    prior,
    probability,
    shift_from,
    shifted,
    short_of,
    stale,
    strategy,
    warns,
    zone,
)

TODAY = date(2026, 3, 2)
EVERY = [
    Standing(clear=clear, first=first, win=win)
    for clear in range(10)
    for first in range(4)
    for win in range(2)
]
STANDINGS = st.sampled_from(EVERY)
PERCENTS = st.fractions(0, 100)
POINTS = st.integers(-10, 10)
OUTCOMES = st.integers(0, 200).flatmap(lambda closed: st.tuples(st.integers(0, closed), st.just(closed)))
RATINGS = st.lists(
    st.builds(
        Rating,
        item=st.sampled_from(Item),
        note=st.sampled_from(["", "short", "long enough to count"]),
        has_source=st.booleans(),
        confirmed=st.booleans(),
    ),
    max_size=20,
)


def rated(*items: Item, sure: bool = False) -> list[Rating]:
    return [
        Rating(item=item, note="said on the visit", has_source=True, confirmed=sure, on=TODAY)
        for item in items
    ]


# --- what counts


@pytest.mark.parametrize(
    ("note", "has_source", "stands"),
    [
        ("ten chars.", True, True),
        ("ten chars.", False, False),
        ("nine char", True, False),
        ("  nine char  ", True, False),
        ("\u8bf4" * 10, True, True),
        ("\u8bf4" * 9, True, False),
        ("", True, False),
    ],
)
def test_an_item_counts_with_a_note_and_a_source(note: str, has_source: bool, stands: bool) -> None:
    rating = Rating(item=Item.C1, note=note, has_source=has_source)
    assert counts(rating) is is_rated([rating]) is stands
    assert (Item.C1 in missing([rating])) is not stands


def test_the_checklist_has_nine_three_and_one() -> None:
    assert [len(ITEMS[letter]) for letter in Letter] == [9, 3, 1]
    assert [item for letter in Letter for item in ITEMS[letter]] == list(Item)
    assert LETTER[Item.W] is Letter.WIN


def test_what_is_said_twice_counts_once() -> None:
    twice = rated(Item.C1, Item.C1, Item.F2)
    assert claimed(twice) == Standing(clear=1, first=1)


def test_only_what_counts_can_be_confirmed() -> None:
    poor = Rating(item=Item.C2, note="yes", has_source=True, confirmed=True)
    ratings = [*rated(Item.C1, Item.W, sure=True), *rated(Item.C3), poor]
    assert confirmed(ratings) == Standing(clear=1, win=1)
    assert claimed(ratings) == Standing(clear=2, win=1)


@given(RATINGS)
def test_no_more_is_confirmed_than_claimed(ratings: list[Rating]) -> None:
    for letter in Letter:
        assert confirmed(ratings).of(letter) <= claimed(ratings).of(letter)
    assert sum(claimed(ratings).of(letter) for letter in Letter) + len(missing(ratings)) == len(Item)


@pytest.mark.parametrize("wrong", [{"clear": 10}, {"first": 4}, {"win": 2}, {"clear": -1}, {"win": -1}])
def test_a_standing_outside_the_table_is_an_error(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="0 to"):
        Standing(**wrong)


def test_words_last_ninety_days() -> None:
    assert not stale(TODAY - timedelta(days=90), TODAY)
    assert stale(TODAY - timedelta(days=91), TODAY)
    assert stale(TODAY - timedelta(days=31), TODAY, days=30)
    assert stale(None, TODAY)
    old = Rating(item=Item.C1, note="said on the visit", has_source=True, on=TODAY - timedelta(days=91))
    undated = Rating(item=Item.C2, note="said on the visit", has_source=True)
    assert claimed(fresh([*rated(Item.F1), old, undated], TODAY)) == Standing(first=1)


# --- the table


@given(STANDINGS)
def test_one_more_item_never_lowers_the_chance(standing: Standing) -> None:
    """C and F within a row and a column, and W above the same row without it."""
    assert all(gain >= 0 for gain in gains(standing).values())
    if not standing.win:
        assert gains(standing)[Letter.WIN] > 0


def test_the_table_is_whole() -> None:
    assert sorted(PRIOR) == [(win, first) for win in range(2) for first in range(4)]
    assert {len(row) for row in PRIOR.values()} == {10}
    assert {5 <= prior(standing) <= 95 for standing in EVERY} == {True}


@given(STANDINGS)
def test_every_standing_lies_in_one_zone(standing: Standing) -> None:
    wins = standing.win == 1 and standing.first > 0 and standing.clear > 5
    loses = standing.win == 0 and standing.first < 3 and standing.clear < 7
    expected = {(True, False): Zone.WIN, (False, True): Zone.LOSS, (False, False): Zone.VOLATILE}
    assert zone(standing) is expected[wins, loses]


def test_the_zones_hold_what_their_names_say() -> None:
    chances = {each: [prior(standing) for standing in EVERY if zone(standing) is each] for each in Zone}
    assert max(chances[Zone.LOSS]) < min(chances[Zone.WIN])
    assert max(chances[Zone.LOSS]) == 40


def test_the_line_is_sixty_percent_or_more() -> None:
    above = [prior(standing) for standing in EVERY if on_sixty_line(standing)]
    assert min(above) == 60


# --- cap, calibration, shift


@given(PERCENTS, st.booleans())
def test_the_cap_holds_without_a_coach_only(percent: Fraction, coached: bool) -> None:
    held = capped(percent, coached=coached)
    assert held == percent if coached or percent <= COACH_CAP else held == COACH_CAP


@given(OUTCOMES, STANDINGS)
def test_calibration_lies_between_the_prior_and_the_rate(
    outcomes: tuple[int, int], standing: Standing
) -> None:
    won, closed = outcomes
    percent, basis = calibrated(won, closed, prior(standing))
    if closed < CALIBRATED_FROM:
        assert (percent, basis) == (Fraction(prior(standing)), Basis.PRIOR)
        return
    low, high = sorted([Fraction(100 * won, closed), Fraction(prior(standing))])
    assert basis is Basis.CALIBRATED
    assert low < percent < high or low == percent == high


def test_calibration_by_hand() -> None:
    assert calibrated(6, 8, 60) == (Fraction(200, 3), Basis.CALIBRATED)
    assert calibrated(6, 7, 60) == (Fraction(60), Basis.PRIOR)


@pytest.mark.parametrize(("won", "closed"), [(9, 8), (-1, 8), (1, 0)])
def test_impossible_outcomes_are_an_error(won: int, closed: int) -> None:
    with pytest.raises(ValueError, match="closed"):
        calibrated(won, closed, 50)


@given(PERCENTS, POINTS, st.sampled_from([COACH_CAP, 100]))
def test_a_shift_stays_within_the_cap(percent: Fraction, points: int, cap: int) -> None:
    assume(percent <= cap)
    moved = shifted(percent, shift_from(TODAY, points, "new CFO"), TODAY, cap)
    assert 0 <= moved <= cap
    assert moved == percent + points or moved in (0, cap)


def test_a_shift_lasts_fourteen_days() -> None:
    shift = shift_from(TODAY, 5, "new CFO")
    in_force = [
        number
        for number in range(-1, 20)
        if shifted(Fraction(40), shift, TODAY + timedelta(days=number)) == 45
    ]
    assert in_force == list(range(-1, 14))
    assert shifted(Fraction(40), None, TODAY) == 40


@pytest.mark.parametrize(("points", "reason"), [(11, "new CFO"), (-11, "new CFO"), (5, "  ")])
def test_a_wild_or_silent_shift_is_an_error(points: int, reason: str) -> None:
    with pytest.raises(ValueError, match=r"points|reason"):
        Shift(points=points, until=TODAY, reason=reason)


# --- the probability of a deal

LINE = Standing(clear=8, first=1)


def chance(
    percent: int,
    basis: Basis = Basis.PRIOR,
    n: int = 0,
    capped: bool = False,
    shift: Shift | None = None,
) -> Probability:
    return Probability(percent=Fraction(percent), basis=basis, n=n, capped=capped, shift=shift)


def of(
    standing: Standing | None,
    coached: bool = True,
    won: int = 0,
    closed: int = 0,
    shift: Shift | None = None,
    today: date = TODAY,
) -> Probability:
    """The probability of a deal whose milestones left come to 56 percent."""
    left = Fraction(56, 100)
    return probability(
        standing, today, coached=coached, conversions=left, won=won, closed=closed, shift=shift
    )


def test_a_deal_without_ratings_goes_by_its_milestones_and_no_cap() -> None:
    assert of(None, coached=False, won=9, closed=9) == chance(56, Basis.CONVERSIONS)
    hopeful = shift_from(TODAY, 10, "budget approved")
    assert of(None, coached=False, shift=hopeful) == chance(66, Basis.CONVERSIONS, shift=hopeful)


def test_a_rated_deal_goes_by_the_table() -> None:
    whole = Standing(clear=9, first=3, win=1)
    assert of(whole) == chance(95)
    assert of(whole, coached=False) == chance(60, capped=True)
    assert of(LINE, coached=False) == chance(60)
    assert of(Standing()) == chance(5)


def test_own_outcomes_move_the_value_of_their_cell() -> None:
    assert of(LINE, won=9, closed=10) == chance(75, Basis.CALIBRATED, n=10)
    assert of(LINE, won=7, closed=7) == chance(60, n=7)
    assert of(LINE, coached=False, won=9, closed=10) == chance(60, Basis.CALIBRATED, n=10, capped=True)


def test_the_rep_moves_what_is_shown() -> None:
    hopeful, doubtful = shift_from(TODAY, 10, "budget approved"), shift_from(TODAY, -10, "rival is back")
    assert of(LINE, shift=hopeful) == chance(70, shift=hopeful)
    assert of(LINE, coached=False, shift=hopeful) == chance(60, capped=True, shift=hopeful)
    assert of(LINE, shift=hopeful, today=hopeful.until) == chance(60)
    # The cap is 60 and the rep sees ten points less: 50, not 65.
    best = Standing(clear=9, first=3)
    assert of(best, coached=False, shift=doubtful) == chance(50, capped=True, shift=doubtful)


@given(STANDINGS, OUTCOMES, st.booleans(), POINTS)
def test_no_probability_leaves_its_bounds(
    standing: Standing, outcomes: tuple[int, int], coached: bool, points: int
) -> None:
    won, closed = outcomes
    found = of(standing, coached, won, closed, shift_from(TODAY, points, "new CFO"))
    assert 0 <= found.percent <= (100 if coached else COACH_CAP)
    assert not (coached and found.capped)


@pytest.mark.parametrize("wrong", [Fraction(-1, 100), Fraction(101, 100)])
def test_conversions_are_a_share(wrong: Fraction) -> None:
    with pytest.raises(ValueError, match="conversions"):
        probability(None, TODAY, coached=True, conversions=wrong)


# --- the word and the next step


@given(PERCENTS)
@example(Fraction(75))
@example(Fraction(74999, 1000))
@example(Fraction(49999, 1000))
@example(Fraction(25))
@example(Fraction(24999, 1000))
def test_each_percent_has_one_word(percent: Fraction) -> None:
    """No rounding: 74.999 is not promised."""
    words = [
        percent >= 75,
        50 <= percent < 75,
        25 <= percent < 50,
        percent < 25,
    ]
    order = [Strategy.PROMISE, Strategy.CONTEND, Strategy.PARTICIPATE, Strategy.REPLAN]
    assert strategy(percent) is order[words.index(True)]


def first(count: int, letter: Letter) -> list[Rating]:
    return rated(*ITEMS[letter][:count])


@pytest.mark.parametrize(
    ("clear", "lead", "win", "best"),
    [
        # 5 -> 30 by W; C and F add nothing.
        (0, 0, 0, Item.W),
        # 50 -> 75 by the sixth C; F adds 10.
        (5, 0, 1, Item.C6),
        # 75 -> 90 by F; C adds 5.
        (6, 0, 1, Item.F1),
        # 92 -> 94 by F; C adds nothing.
        (8, 1, 1, Item.F2),
        # 92 -> 93 by C and by F alike: C.
        (6, 2, 1, Item.C7),
        # 30 -> 30 by C, 35 by F.
        (0, 0, 1, Item.F1),
        (9, 3, 0, Item.W),
        (9, 3, 1, None),
    ],
)
def test_the_next_best_item(clear: int, lead: int, win: int, best: Item | None) -> None:
    ratings = [*first(clear, Letter.CLEAR), *first(lead, Letter.FIRST), *first(win, Letter.WIN)]
    assert next_best(ratings) is best


def test_the_lowest_number_that_is_missing_comes_first() -> None:
    there = rated(Item.C2, Item.C3, Item.C4, Item.C5, Item.C9, Item.W)
    assert next_best(there) is Item.C1


@given(RATINGS)
def test_the_next_best_item_gains_most(ratings: list[Rating]) -> None:
    best = next_best(ratings)
    gain = gains(claimed(ratings))
    if best is None:
        assert not missing(ratings)
        return
    better = [letter for letter in gain if gain[letter] > gain[LETTER[best]]]
    equal = [letter for letter in gain if gain[letter] == gain[LETTER[best]]]
    assert not better
    assert LETTER[best] is equal[0]
    assert best is next(item for item in missing(ratings) if LETTER[item] is LETTER[best])


# --- the minimum of a gate


def test_a_minimum_says_what_is_short() -> None:
    minimum = Minimum(clear=8, first=1, coach=True, warns_without_win=True)
    assert short_of(minimum, Standing(clear=6), coached=False) == (
        Short(need=Need.CLEAR, by=2),
        Short(need=Need.FIRST, by=1),
        Short(need=Need.COACH, by=1),
    )
    enough = Standing(clear=9, first=2)
    assert short_of(minimum, enough, coached=True) == ()
    assert warns(minimum, enough)
    assert not warns(minimum, Standing(clear=9, first=2, win=1))
    assert not warns(Minimum(clear=3), Standing())
    assert short_of(Minimum(clear=3), Standing(clear=3), coached=False) == ()
