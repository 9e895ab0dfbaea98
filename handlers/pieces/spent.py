"""What a deal has cost, against its budget and its amount (method section 9)."""

from domain.deals import Dossier
from domain.expenses import budget_share, expense_ratio
from domain.quota import half_up
from handlers.view import Words, t


def spent_words(dossier: Dossier) -> Words:
    """What is spent, of which budget, and the share of it in whole percent."""
    budget = dossier.deal.budget
    share = budget_share(dossier.spent, budget)
    if budget is None or share is None:
        return t("expense.spent", spent=dossier.spent)
    return t("expense.spent_of", spent=dossier.spent, budget=budget, percent=half_up(share * 100))


def ratio_words(dossier: Dossier) -> Words | None:
    """What is spent of the deal's amount, in percent with one place; None where either is missing."""
    ratio = expense_ratio(dossier.spent, dossier.deal.amount)
    if not ratio:
        return None
    tenths = half_up(ratio * 1000)
    return t("expense.ratio", percent=f"{tenths // 10}.{tenths % 10}")
