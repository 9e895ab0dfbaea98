"""What a person can put right: every refusal names its text and the values in it.

Refusal
├── NotUnderstood     the words do not parse: a part, a date, a code
├── NotFound          the thing named does not exist, or not for this person
├── NotAllowed        the role or the ownership is missing
└── NotNow            the moment is wrong: undone already, too late, decided by someone else
"""

from datetime import date, datetime
from typing import Self

RefusalValue = str | int | date | datetime


class Refusal(Exception):
    """The person can fix it; `key` names the text, `values` fill it. Nothing the turn did is kept.

    `part` names the part of a command it is about, so that a form can show it there.
    """

    def __init__(self, key: str, /, **values: RefusalValue) -> None:
        super().__init__(key)
        self.key = key
        self.values = values
        self.part: str | None = None

    def at(self, part: str) -> Self:
        """The same refusal, about one part."""
        self.part = part
        return self


class NotUnderstood(Refusal):
    """The words do not parse."""


class NotFound(Refusal):
    """The thing named does not exist, or not for this person."""


class NotAllowed(Refusal):
    """The role or the ownership is missing."""


class NotNow(Refusal):
    """The moment is wrong."""
