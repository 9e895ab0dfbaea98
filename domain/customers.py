"""Customers and the people there, made on the way and never twice (product section 4)."""

from dataclasses import dataclass
from typing import NewType

from domain.people import MemberId

CustomerId = NewType("CustomerId", int)
ContactId = NewType("ContactId", int)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person at a customer; `key` is the folded name, `title` as typed (`CFO`)."""

    id: ContactId
    customer_id: CustomerId
    name: str
    key: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A company; `key` is the folded name, unique in the organisation; `is_key` feeds key visits."""

    id: CustomerId
    name: str
    key: str
    owner_id: MemberId
    is_key: bool = False
    contacts: tuple[Contact, ...] = ()
