"""The board: shared ranks, who is ranked and who is named, and that nothing public speaks of anybody else (method 7)."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.layout import plain as plain_lines
from domain.contests import standing, winners
from domain.people import Language, MemberId
from domain.ranking import NAMES_FROM, Board, Entry, board
from domain.refusals import NotNow
from handlers.pieces.board import post_card
from handlers.pieces.boardpicture import board_picture
from handlers.view import card, encode

RATIOS = st.fractions(min_value=0, max_value=2, max_denominator=50)
SHARES = st.fractions(min_value=0, max_value=1, max_denominator=50)


def entry(number: int, attainment: str | None = "1", **values: Any) -> Entry:
    plain: dict[str, Any] = {
        "member_id": MemberId(number),
        "name": f"Person{number:02}",
        "attainment": None if attainment is None else Fraction(attainment),
        "completion": Fraction(1, 2),
        "verified": Fraction(1, 2),
        "scored_days": 5,
    }
    return Entry(**(plain | values))


def ten(**values: Any) -> list[Entry]:
    return [entry(n, f"{n}/10", **values) for n in range(1, 11)]


def names(found: Board) -> list[str]:
    return [each.entry.name for each in found.named]


def test_of_ten_the_first_three_are_named_of_five_one_of_four_nobody() -> None:
    assert names(board(ten())) == ["Person10", "Person09", "Person08"]
    assert names(board(ten()[:8])) == ["Person08", "Person07"]
    assert names(board(ten()[:5])) == ["Person05"]
    assert names(board(ten()[:4])) == []


def test_who_opted_out_leaves_no_gap_that_tells() -> None:
    entries = [entry(n, f"{n}/10", named=n != 9) for n in range(1, 11)]
    found = board(entries)
    assert [(each.rank, each.entry.name) for each in found.named] == [(1, "Person10"), (3, "Person08")]
    assert found.of(MemberId(9)) is not None


def test_a_tie_across_the_last_named_place_names_neither() -> None:
    """Two share the third place of ten, and only three may be named: nobody is left out by chance."""
    entries = [
        entry(n, "1.1" if n == 10 else "1.05" if n == 9 else "1" if n in (7, 8) else "0.5")
        for n in range(1, 11)
    ]
    assert names(board(entries)) == ["Person10", "Person09"]


def test_not_ranked_without_target_with_few_days_or_while_learning() -> None:
    left_out = [entry(1, None), entry(2, scored_days=2), entry(3, learning=True), entry(4, completion=None)]
    found = board([*left_out, entry(5)])
    assert [each.entry.member_id for each in found.placed] == [5]
    assert found.unranked == tuple(left_out)


def test_who_is_in_ramp_has_a_board_of_their_own() -> None:
    found = board([entry(1), entry(2, ramping=True), entry(3, "0.2", ramping=True)])
    assert [each.entry.member_id for each in found.placed] == [1]
    assert [(each.entry.member_id, each.rank) for each in found.rookies] == [(2, 1), (3, 2)]
    assert found.to_next(MemberId(3)) == Decimal("40.00")
    assert found.to_next(MemberId(2)) is None


def test_most_improved_needs_a_scored_week_before_and_to_be_better() -> None:
    entries = [entry(n, f"{n}/10", before=Decimal(80) if n == 3 else None) for n in range(1, 11)]
    assert board(entries).most_improved is None
    better = [entry(n, f"{n}/10", before=Decimal(20) if n in (3, 4) else None) for n in range(1, 11)]
    best = board(better).most_improved
    assert best is not None and best.entry.member_id == 4
    hidden = [
        entry(n, f"{n}/10", before=Decimal(20) if n in (3, 4) else None, named=n != 4) for n in range(1, 11)
    ]
    best = board(hidden).most_improved
    assert best is not None and best.entry.member_id == 3


def test_a_team_without_verification_weighs_the_other_two() -> None:
    (first,) = board([entry(1, "1.5", verified=None)]).placed
    # 62.5 x 1.2 + 37.5 x 0.5
    assert first.points == Decimal("93.75")


@st.composite
def teams_of(draw: st.DrawFn) -> list[Entry]:
    size = draw(st.integers(0, 15))
    return [
        entry(
            n,
            draw(st.one_of(st.none(), RATIOS.map(str))),
            completion=draw(SHARES),
            verified=draw(st.one_of(st.none(), SHARES)),
            scored_days=draw(st.integers(0, 5)),
            named=draw(st.booleans()),
            ramping=draw(st.booleans()),
            before=draw(st.one_of(st.none(), st.decimals(0, 110, places=2))),
        )
        for n in range(1, size + 1)
    ]


@given(teams_of(), st.integers(0, 2))
def test_nothing_public_speaks_of_the_lower_part(entries: list[Entry], version: int) -> None:
    found = board(entries)
    shown = post_card(found, date(2026, 3, 6), Fraction(9, 10), Fraction(8, 10), version, "late")
    said = encode(shown) + "\n".join(plain_lines(shown, Language.EN))
    allowed = {each.entry.name for each in (*found.named, *found.named_rookies)}
    if found.most_improved:
        allowed.add(found.most_improved.entry.name)
    assert {each.name for each in entries if each.name in said} <= allowed
    assert len(found.named) <= min(3, len(found.placed) // 3)
    assert all(each.entry.named for each in found.named)
    if len(found.placed) < NAMES_FROM and len(found.rookies) < NAMES_FROM:
        assert not allowed
    with suppress(NotNow):
        drawn = card(board_picture(date(2026, 3, 2), found, Fraction(9, 10)))
        said = encode(drawn) + "\n".join(plain_lines(drawn, Language.EN))
        assert {each.name for each in entries if each.name in said} <= allowed


@given(teams_of())
def test_ranks_follow_the_points_and_ties_share_them(entries: list[Entry]) -> None:
    placed = board(entries).placed
    for n, each in enumerate(placed):
        assert sum(1 for other in placed if other.points > each.points) < each.rank <= n + 1
        assert 0 <= each.points <= 110
    ranks = [each.rank for each in placed]
    assert ranks == sorted(ranks)


def test_a_tie_in_a_contest_wins_together_and_nobody_below_the_minimum() -> None:
    stands = standing(
        [(MemberId(1), "Ann", Decimal(5)), (MemberId(2), "Bob", Decimal(5)), (MemberId(3), "Cy", Decimal(4))]
    )
    assert [each.rank for each in stands] == [1, 1, 3]
    assert [each.name for each in winners(stands, Decimal(5))] == ["Ann", "Bob"]
    assert winners(stands, Decimal(6)) == ()
    assert winners(standing([(MemberId(1), "Ann", Decimal(0))]), Decimal(0)) == ()
