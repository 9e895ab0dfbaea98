"""Holds, signatures and deliveries: what a deal may rest, which gates it leaves, when its delivery is due."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.c139 import Standing, written
from domain.customers import CustomerId
from domain.deals import HOLD_AT_MOST, Deal, DealId, Dossier, State, parked, rests_until
from domain.delivery import delivery_days
from domain.gates import gates_left
from domain.milestones import DELIVERY_TASKS, PROJECT
from domain.people import MemberId
from domain.workdays import Calendar, Leave

MONDAY = date(2026, 3, 2)
WEEK = Calendar(week=frozenset({1, 2, 3, 4, 5}))
DEAL = Deal(
    id=DealId(1),
    customer_id=CustomerId(1),
    customer_name="Acme",
    owner_id=MemberId(1),
    team_id=None,
    title="",
    state=State.ACTIVE,
    milestone=2,
    opened_on=MONDAY,
    entered_on=MONDAY,
)


@given(st.integers(-400, 400))
def test_a_hold_ends_after_today_and_within_ninety_days(days: int) -> None:
    until = MONDAY + timedelta(days=days)
    if 1 <= days <= 90:
        assert parked(DEAL, until, MONDAY) == until
    else:
        with pytest.raises(ValueError, match="a hold ends"):
            parked(DEAL, until, MONDAY)


def test_a_longer_hold_counts_from_its_beginning() -> None:
    held = replace(DEAL, state=State.ON_HOLD, held_on=MONDAY)
    later = MONDAY + timedelta(days=60)
    assert rests_until(held, later) == MONDAY + HOLD_AT_MOST
    assert parked(held, MONDAY + timedelta(days=90), later)
    with pytest.raises(ValueError, match="by 2026-05-31"):
        parked(held, MONDAY + timedelta(days=91), later)


def test_the_gates_to_the_signature_are_those_from_the_present_milestone_on() -> None:
    dossier = Dossier(deal=DEAL, template=PROJECT)
    young = gates_left(dossier, MONDAY, organisation_since=MONDAY)
    assert [each.milestone for each in young] == [2, 3, 4, 5, 6]
    assert not any(each.holds for each in young)
    grown = gates_left(dossier, MONDAY, organisation_since=MONDAY - timedelta(days=30))
    assert [each.milestone for each in grown if each.holds] == [5, 6]
    # The first gate, which is behind the deal, is asked for no approval.
    assert not any(each.approval for each in grown)
    signed = replace(dossier, deal=replace(DEAL, milestone=6, amount=None, contract="HT-9"))
    (last,) = gates_left(signed, MONDAY, organisation_since=MONDAY)
    assert [each.code for each in last.evidence] == ["final_amount"]


def test_a_delivery_is_due_on_days_the_owner_works() -> None:
    # 7 March is a Saturday, 1 April a Wednesday, 31 May a Sunday.
    assert delivery_days(MONDAY, WEEK) == {
        "hand_over": date(2026, 3, 6),
        "first_call_back": date(2026, 4, 1),
        "satisfaction_survey": date(2026, 5, 29),
    }
    # Away until after the fifth day: the first day back.
    away = replace(WEEK, leaves=(Leave(first=date(2026, 3, 3), last=date(2026, 3, 10)),))
    assert delivery_days(MONDAY, away)["hand_over"] == date(2026, 3, 11)


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)))
def test_a_delivery_begins_after_the_signature(won_on: date) -> None:
    days = delivery_days(won_on, WEEK)
    assert list(days) == list(DELIVERY_TASKS)
    assert all(day > won_on and WEEK.is_present(day) for day in days.values())


def test_a_standing_is_written_in_one_word() -> None:
    assert written(Standing(clear=7, first=1)) == "7C1F0W"
