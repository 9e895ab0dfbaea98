"""What remains once a contract is signed: the steps of the delivery and the days they are due (method section 3)."""

from collections.abc import Mapping
from datetime import date, timedelta

from domain.milestones import DELIVERY_TASKS
from domain.workdays import Calendar

# The step that is a call with the customer; the others are done without a record.
CALL_BACK = "first_call_back"


def delivery_days(won_on: date, calendar: Calendar) -> Mapping[str, date]:
    """When each delivery task is due, by its code: on the last day the owner works by then (method section 3).

    Where that would not be after the signature it is the next day worked.
    """
    return {code: _worked(won_on + timedelta(days=n), won_on, calendar) for code, n in DELIVERY_TASKS.items()}


def _worked(by: date, won_on: date, calendar: Calendar) -> date:
    day = by if calendar.is_present(by) else calendar.before(by)
    return day if day > won_on else calendar.after(by)
