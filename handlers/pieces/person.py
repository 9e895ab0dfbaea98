"""The name of somebody at a customer, also where it was erased."""

from domain.customers import Contact
from domain.deals import Buyer
from handlers.view import Words, t

# What is left of an erased person: that there was somebody.
ERASED = t("contact.somebody_erased")


def person_words(person: Contact | Buyer) -> Words:
    """The name, or that it was erased."""
    return person.name or ERASED
