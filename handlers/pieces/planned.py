"""A correction plan as it is shown: to its owner on the day card, to who leads the team in the list."""

from datetime import date

from domain.corrections import CorrectionPlan
from handlers.pieces.clipped import clipped
from handlers.view import Button, Text, t

TEXT_COLUMNS, LABEL_COLUMNS = 40, 18


def plan_item(plan: CorrectionPlan, today: date) -> Text:
    """One's own plan, until it is done."""
    key = "plan.own_overdue" if plan.is_overdue(today) else "plan.own"
    return t(key, text=clipped(plan.text, TEXT_COLUMNS), on=plan.due_on)


def plan_line(plan: CorrectionPlan, name: str, today: date) -> Text:
    """Somebody's plan, the date by which it is due."""
    key = "plan.line_overdue" if plan.is_overdue(today) else "plan.line"
    return t(key, name=name, text=clipped(plan.text, TEXT_COLUMNS), on=plan.due_on)


def plan_done(plan: CorrectionPlan) -> Button:
    """One tap when it is done."""
    return Button(t("plan.done_button", text=clipped(plan.text, LABEL_COLUMNS)), f"/funnel done P{plan.id}")
