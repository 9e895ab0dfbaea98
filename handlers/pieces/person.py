"""The name of somebody at a customer, also where it was erased."""

from domain.customers import Contact
from domain.deals import Buyer
from handlers.view import Words, t


def person_words(person: Contact | Buyer) -> Words:
    """The name; of an erased person what is left: that there was somebody."""
    return person.name or t("contact.somebody_erased")
