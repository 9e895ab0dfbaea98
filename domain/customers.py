"""Customers and the people there, made on the way and never twice (product section 4)."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NewType

from domain.people import MemberId

CustomerId = NewType("CustomerId", int)
ContactId = NewType("ContactId", int)

# Product section 4: nobody takes a customer over whose owner was there so lately.
PROTECTED_FOR = timedelta(days=90)


class BuyerType(StrEnum):
    """How a customer buys: public bodies put budget and compliance first, enterprises value (method section 9)."""

    PUBLIC = "public"
    ENTERPRISE = "enterprise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person at a customer; `key` is the folded name, `title` as typed (`CFO`); of one `erased` no word is left."""

    id: ContactId
    customer_id: CustomerId
    name: str
    key: str
    title: str = ""
    erased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A company; `key` is the folded name, unique in the organisation; `is_key` feeds key visits.

    `value` and `fit` are 0..50, with `decision_on` they tell hot from cold (method section 9).
    """

    id: CustomerId
    name: str
    key: str
    owner_id: MemberId
    is_key: bool = False
    segment: str = ""
    buyer_type: BuyerType | None = None
    value: int | None = None
    fit: int | None = None
    decision_on: date | None = None
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WhichCustomers:
    """Which customers a list is of: all conditions that are given hold.

    `of` owns them or works along, `owner_ids` own them; `hot_on` is the date on which they are hot, `ids` are the ones
    that a name may mean.
    """

    of: MemberId | None = None
    owner_ids: tuple[MemberId, ...] | None = None
    is_key: bool = False
    hot_on: date | None = None
    ids: tuple[CustomerId, ...] | None = None


def is_protected(active_on: date | None, today: date) -> bool:
    """Whether a claim needs a manager: the owner was active in the last 90 days, both ends included (product 4).

    `active_on` is the last local date of a counted activity of the owner, or when it became theirs; None is never.
    """
    return active_on is not None and today - active_on <= PROTECTED_FOR
