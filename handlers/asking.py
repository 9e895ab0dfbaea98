"""How satisfied customers say they are: an answer kept, and the rate it makes (method sections 9 and 10)."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

from domain.customers import ContactId, Customer
from domain.deals import DealId
from domain.events import SatisfactionFell
from domain.measures import rolling_first
from domain.people import MemberId
from domain.quota import half_up
from domain.satisfaction import TARGET, Answer, Rating, satisfied
from handlers.accounts import label
from handlers.belonging import deal_of_record
from handlers.matching import contacts_named, is_customer
from handlers.pieces.clipped import clipped
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, Rows, Words, card, in_rows, t
from handlers.words import catalogue

SHOWN, NOTE_COLUMNS = 2, 30
# The best first: as people read a scale.
ANSWERS = tuple(sorted(Answer, reverse=True))


class Said(Protocol):
    """What the command was given besides the customer and the answer."""

    @property
    def source(self) -> str | None: ...
    @property
    def deal(self) -> str | None: ...
    @property
    def note(self) -> str | None: ...

    def again(self, name: str, **values: str) -> str: ...


def answer_in(turn: Turn, said: str) -> tuple[str, Answer | None]:
    """The customer, and the answer at the end of the words: `Acme satisfied`, `A7 4`."""
    words = said.strip()
    if is_customer(turn, words):
        return words, None
    meant = [
        (each, answer)
        for answer in Answer
        for each in catalogue().listed(f"csat.answer_{answer.value}_words")
    ]
    # The longest first: "very dissatisfied" ends in "satisfied" too.
    for each, answer in sorted(meant, key=lambda one: len(one[0]), reverse=True):
        name = words[: -len(each)].rstrip() if words.casefold().endswith(each) else ""
        # In Chinese no blank stands between a name and an answer.
        if name and (words[len(name)].isspace() or not each.isascii()):
            return name, answer
    return words, None


def answer_rows(said: Said, customer: Customer) -> Rows:
    """The five answers, each the whole command."""
    buttons = [
        Button(t(f"csat.answer_{each.value}"), said.again("csat", customer=f"A{customer.id} {each.value}"))
        for each in ANSWERS
    ]
    return in_rows(buttons)


def rating_card(turn: Turn, customer: Customer, rows: Rows) -> Card:
    """The question to a customer, and what was answered before."""
    before = turn.store.ratings_of_customer(customer.id, SHOWN)
    return card(t("csat.asks", name=label(customer)), *(Line(_line(each)) for each in before), rows=rows)


def rated(turn: Turn, customer: Customer, answer: Answer, said: Said) -> Card:
    """Keeps an answer: it counts for the customer's owner."""
    contact: ContactId | None = None
    if said.source:
        met = contacts_named(
            turn,
            customer,
            said.source,
            lambda name: said.again("csat", customer=f"A{customer.id} {answer.value}", source=name),
        )
        if isinstance(met, Card):
            return met
        contact = met[0].id if met else None
    deal = deal_of_record(turn, customer, said.deal, ()) if said.deal else None
    owner = customer.owner_id
    before = _rate(turn, owner)
    turn.store.add_rating(
        Rating(
            customer_id=customer.id,
            member_id=owner,
            answer=answer,
            on=turn.today,
            made_by=turn.me.id,
            deal_id=DealId(deal) if deal else None,
            contact_id=contact,
            note=said.note or "",
        )
    )
    now = _rate(turn, owner)
    if now is not None and now < TARGET and (before is None or before >= TARGET):
        turn.happened.append(SatisfactionFell(member_id=owner, customer_id=customer.id, by_id=turn.me.id))
    return _rated_card(turn, customer, answer)


def rate_words(turn: Turn, member: MemberId) -> Words:
    """The rate of the last 90 days of somebody, and of how many answers."""
    ratings = _ratings(turn, member)
    found = satisfied([each.answer for each in ratings])
    if found is None:
        return t("csat.no_rate")
    return t("csat.rate", n=len(ratings), percent=half_up(found * 100))


def _rated_card(turn: Turn, customer: Customer, answer: Answer) -> Card:
    owner = customer.owner_id
    blocks: list[Block] = [
        Line(t("csat.kept", name=label(customer)), Mark.DONE),
        Line(t(f"csat.answer_{answer.value}")),
    ]
    if owner != turn.me.id:
        blocks.append(Line(t("csat.counts_for", name=turn.store.member(owner).name)))
    blocks.append(Line(rate_words(turn, owner)))
    now = _rate(turn, owner)
    if now is not None and now < TARGET:
        blocks.append(Note(t("csat.below", percent=half_up(TARGET * 100))))
    note = Button(t("csat.look_button"), f"/customer A{customer.id}")
    return card(*blocks, rows=((note, undo_button(turn)),))


def _line(rating: Rating) -> Words:
    answer = t(f"csat.answer_{rating.answer.value}")
    if rating.note:
        return t("csat.line_note", on=rating.on, answer=answer, note=clipped(rating.note, NOTE_COLUMNS))
    return t("csat.line", on=rating.on, answer=answer)


def _ratings(turn: Turn, member: MemberId) -> Sequence[Rating]:
    return turn.store.ratings([member], rolling_first(turn.today), turn.today).get(member, ())


def _rate(turn: Turn, member: MemberId) -> Fraction | None:
    return satisfied([each.answer for each in _ratings(turn, member)])
