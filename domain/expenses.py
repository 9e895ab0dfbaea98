"""Expenses of a deal against its budget and against its amount (method section 9)."""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

WARN_FROM, CRITICAL_FROM = Fraction(80, 100), Fraction(1)


class Alert(StrEnum):
    """How near the expenses of a deal are to its budget."""

    OK = "ok"
    WARN = "warn"
    CRITICAL = "critical"


def budget_share(spent: Decimal, budget: Decimal | None) -> Fraction | None:
    """The exact share of a budget that is spent, 0 or more; None without a budget above 0 (method 9)."""
    return Fraction(spent) / Fraction(budget) if budget is not None and budget > 0 else None


def alert(spent: Decimal, budget: Decimal | None) -> Alert:
    """Warn from 80 % of the budget, critical from 100 %; without a budget there is nothing to warn of (method 9)."""
    share = budget_share(spent, budget)
    if share is None or share < WARN_FROM:
        return Alert.OK
    return Alert.CRITICAL if share >= CRITICAL_FROM else Alert.WARN


def expense_ratio(spent: Decimal, amount: Decimal | None) -> Fraction | None:
    """What is spent against the amount of the deal, exactly; None without an amount above 0 (method 9)."""
    return Fraction(spent) / Fraction(amount) if amount is not None and amount > 0 else None


def crossed(before: Alert, after: Alert) -> Alert | None:
    """The level that was reached just now, to be told once; None where it stayed or fell (method section 10)."""
    order = tuple(Alert)
    return after if order.index(after) > order.index(before) else None
