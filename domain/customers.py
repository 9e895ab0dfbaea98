"""Customers and the people there, made on the way and never twice (product section 4)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NewType

from domain.people import MemberId

CustomerId = NewType("CustomerId", int)
ContactId = NewType("ContactId", int)


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
