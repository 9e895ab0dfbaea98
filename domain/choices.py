"""What a team may choose where the method leaves it open; what nobody chose is as it ships."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.people import Organisation


class Choice(StrEnum):
    """The choices of method sections 2, 5 and 7."""

    TARGET_ROUNDS = "target_rounds"
    NEW_CUSTOMER = "new_customer"
    ROOM_AMOUNTS = "room_amounts"


class NewCustomer(StrEnum):
    """When a customer counts as new: the first deal at milestone 2, or the first won (method section 2)."""

    MILESTONE_2 = "milestone_2"
    WON = "won"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceRow:
    """One choice, what ships, and all it may be."""

    choice: Choice
    default: int | str
    allowed: tuple[int | str, ...]


# Method 5: one to three rounds of a target; method 2: new customers; method 7: no amounts in rooms unless chosen.
CHOICES: Mapping[Choice, ChoiceRow] = {
    row.choice: row
    for row in (
        ChoiceRow(choice=Choice.TARGET_ROUNDS, default=3, allowed=(1, 2, 3)),
        ChoiceRow(choice=Choice.NEW_CUSTOMER, default=NewCustomer.MILESTONE_2, allowed=tuple(NewCustomer)),
        ChoiceRow(choice=Choice.ROOM_AMOUNTS, default=0, allowed=(0, 1)),
    )
}


def chosen(org: Organisation, choice: Choice) -> int | str:
    """What holds in an organisation; a choice that is none of those allowed any more is as it ships."""
    row = CHOICES[choice]
    value = org.choices.get(choice, row.default)
    return value if value in row.allowed else row.default
