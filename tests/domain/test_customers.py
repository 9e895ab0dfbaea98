"""How long an owner is protected from claims, to the day (product section 4)."""

from datetime import date, timedelta

import pytest

from domain.customers import PROTECTED_FOR, is_protected

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(("days", "protected"), [(0, True), (1, True), (89, True), (90, True), (91, False)])
def test_protection_lasts_ninety_days_from_the_last_activity(days: int, protected: bool) -> None:
    assert timedelta(days=90) == PROTECTED_FOR
    assert is_protected(TODAY - timedelta(days=days), TODAY) is protected


def test_what_was_never_looked_after_is_not_protected() -> None:
    assert not is_protected(None, TODAY)


def test_an_activity_of_tomorrow_protects() -> None:
    """The owner's date may be ahead of the claimant's."""
    assert is_protected(TODAY + timedelta(days=1), TODAY)
