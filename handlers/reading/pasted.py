"""Lines that somebody pastes to bring their deals along: `Acme 500k M3 Li Wei Fri` (product section 2.4)."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.milestones import FIRST
from handlers.reading.amounts import split_amount
from handlers.reading.moments import split_moment
from handlers.reading.typed import clean

_MILESTONE = re.compile(r"(?:^|(?<=\s))M(?P<n>[1-6])(?=\s|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """One line: the customer, and what else it says."""

    line: str
    customer: str
    amount: Decimal | None
    milestone: int
    contact: str
    next_on: date | None


def pasted(line: str, today: date) -> Pasted | None:
    """What a line says, in the order customer, amount, milestone, contact, next date; None where no name stands."""
    words, when = split_moment(clean(line), today)
    stage = _MILESTONE.search(words)
    head = words[: stage.start()].strip() if stage else words
    contact = words[stage.end() :].strip() if stage else ""
    customer, amount = split_amount(head)
    if amount is None and contact:
        contact, amount = split_amount(contact)
    customer = customer.strip(" ,;\t")
    if not any(glyph.isalnum() for glyph in customer):
        return None
    return Pasted(
        line=line.strip(),
        customer=customer,
        amount=amount,
        milestone=int(stage["n"]) if stage else FIRST,
        contact=contact.strip(" ,;\t"),
        next_on=when.on if when and when.on and when.on >= today else None,
    )
