"""Weeks and months by label, what came before them, and when they close; until when a dispute is answered."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.disputes import Answer, Dispute, answer_by
from domain.kpis import Kpi
from domain.people import MemberId
from domain.periods import Span
from domain.workdays import Calendar, Leave

CALENDAR = Calendar(week=frozenset({1, 2, 3, 4, 5}))
ZONE = "Asia/Shanghai"
DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2089, 12, 31))


@given(DAYS)
def test_a_label_leads_back_to_its_days(day: date) -> None:
    for span in (Span.week(day), Span.month(day)):
        assert Span.labelled(span.label) == span
        assert span.first <= day <= span.last
        assert span.before.last + timedelta(days=1) == span.first


@given(DAYS)
def test_periods_back_stand_one_after_another(day: date) -> None:
    for span in (Span.week(day), Span.month(day)):
        back = span.back(5)
        assert len(back) == 5
        assert back[-1] == span
        assert all(one == other.before for one, other in pairwise(back))


@pytest.mark.parametrize(
    "label", ["", "W10", "2026", "2026-13", "2026-W54", "2026-W00", "1999-W10", "2026-W1x"]
)
def test_what_is_no_label_is_none(label: str) -> None:
    assert Span.labelled(label) is None


def test_short_labels_are_understood() -> None:
    assert Span.labelled("2026w9") == Span.week(date(2026, 2, 23))
    assert Span.labelled("2026-3") == Span.month(date(2026, 3, 1))


def test_a_period_closes_at_ten_on_the_first_day_worked_after_it() -> None:
    week, month = Span.week(date(2026, 3, 4)), Span.month(date(2026, 2, 10))
    assert week.closes_at(CALENDAR, ZONE) == datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
    assert month.closes_at(CALENDAR, ZONE) == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    away = replace(CALENDAR, leaves=(Leave(first=date(2026, 3, 9), last=date(2026, 3, 10)),))
    assert week.closes_at(away, ZONE) == datetime(2026, 3, 11, 2, 0, tzinfo=UTC)


def test_an_answer_is_due_at_the_close_of_the_third_working_day() -> None:
    friday = date(2026, 3, 6)
    due = answer_by(friday, CALENDAR, ZONE)
    assert due == datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
    asked = Dispute(
        id=1,
        member_id=MemberId(1),
        label="2026-W10",
        kpi=Kpi.SALES,
        reason="mine",
        asked_at=due - timedelta(days=3),
        answer_by=due,
    )
    assert not asked.is_late(due)
    assert asked.is_late(due + timedelta(seconds=1))
    assert not replace(asked, decision=Answer.DECLINED).is_late(due + timedelta(days=9))
