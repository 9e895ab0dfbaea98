"""Results of deals: shares sum to the amount to the cent, and one deal makes a customer new."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.choices import NewCustomer
from domain.customers import CustomerId
from domain.deals import Deal, DealId, Part, Passage, Seller, State
from domain.people import MemberId
from domain.results import divided, first_new, reached_on, shares
from tests.storage.dealt import deal_of

MONDAY = date(2026, 3, 2)
ANN, BOB, CY = MemberId(1), MemberId(2), MemberId(3)
AMOUNTS = st.decimals(min_value="0.01", max_value="999999999.99", places=2)
SHARES = st.lists(st.integers(1, 100), min_size=1, max_size=6)


def seller(member: MemberId, share: int) -> Seller:
    return Seller(id=1, deal_id=DealId(1), member_id=member, name="x", part=Part.REP, share=share)


def deal(number: int, milestone: int = 2, **values: object) -> Deal:
    return deal_of(CustomerId(1), ANN, id=DealId(number), milestone=milestone, **values)


def stay(milestone: int, day: int) -> Passage:
    return Passage(deal_id=DealId(1), milestone=milestone, entered_on=MONDAY + timedelta(days=day))


@given(AMOUNTS, SHARES)
def test_parts_sum_to_the_amount_and_none_is_a_cent_off(amount: Decimal, weights: list[int]) -> None:
    parts = tuple((MemberId(n), weight) for n, weight in enumerate(weights))
    found = divided(amount, parts)
    assert [member for member, _ in found] == [member for member, _ in parts]
    assert sum(value for _, value in found) == amount
    for (_, value), weight in zip(found, weights, strict=True):
        assert abs(value * sum(weights) - amount * weight) < Decimal("0.01") * sum(weights)


def test_the_owner_has_what_is_left_and_comes_first() -> None:
    assert shares(ANN, [seller(BOB, 30), seller(CY, 0)]) == ((ANN, 70), (BOB, 30))
    assert shares(ANN, [seller(BOB, 100)]) == ((BOB, 100),)
    assert shares(ANN, [seller(ANN, 40), seller(BOB, 30)]) == ((ANN, 70), (BOB, 30))
    with pytest.raises(ValueError, match="more than 100"):
        shares(ANN, [seller(BOB, 60), seller(CY, 41)])


def test_an_odd_cent_goes_to_the_owner_where_the_remainders_are_equal() -> None:
    found = divided(Decimal("0.01"), shares(ANN, [seller(BOB, 50)]))
    assert found == ((ANN, Decimal("0.01")), (BOB, Decimal("0.00")))


def test_a_deal_that_went_back_is_so_far_since_it_came_again() -> None:
    stays = [stay(1, 0), stay(2, 1), stay(3, 2), stay(1, 3), stay(2, 4), stay(3, 5)]
    found = reached_on(deal(1, milestone=3), stays, NewCustomer.MILESTONE_2)
    assert found == MONDAY + timedelta(days=4)


def test_the_first_deal_so_far_makes_the_customer_new() -> None:
    deals = [deal(1), deal(2), deal(3, milestone=1)]
    stays = {DealId(1): [stay(2, 5)], DealId(2): [stay(2, 4)]}
    found = first_new(deals, stays, NewCustomer.MILESTONE_2)
    assert found is deals[1]
    assert first_new([deals[2]], {}, NewCustomer.MILESTONE_2) is None
    # Somebody's customer before, unless the signature is what counts.
    imported = [*deals, deal(4, imported=True)]
    assert first_new(imported, stays, NewCustomer.MILESTONE_2) is None
    won = replace(imported[3], state=State.WON, closed_on=MONDAY)
    assert first_new([*deals, won], {won.id: []}, NewCustomer.WON) is won
