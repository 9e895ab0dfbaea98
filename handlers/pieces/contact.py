"""The card of a person at a customer: title, where, when last met, and the part they play on deals (product section 4)."""

from collections.abc import Iterator

from domain.customers import Contact, Customer
from domain.deals import Buyer, Deal
from domain.people import ADMINS
from handlers.accounts import changes, deals_seen, label, sees
from handlers.dealing import works
from handlers.pieces.clipped import clipped
from handlers.pieces.listed import listed
from handlers.pieces.person import person_words
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, Rows, Words, card, in_rows, t

DEALS_SHOWN, LISTED, COLUMNS = 3, 6, 28


def contact_card(turn: Turn, contact: Contact, customer: Customer, done: Words | None = None) -> Card:
    """Roles on the deals the speaker may look at; stance for those who work on them, never above the third line."""
    title = t("contact.titled", name=person_words(contact), title=clipped(contact.title, COLUMNS))
    plain: Words = title if contact.title else person_words(contact)
    blocks: list[Block] = [Line(done, Mark.DONE)] if done else []
    blocks.append(Line(plain))
    blocks.append(Line(t("contact.at", name=label(customer))))
    if sees(turn, customer):
        met = turn.store.last_met(contact)
        blocks.append(Line(t("contact.met", on=met) if met else t("contact.never_met")))
        blocks += [Line(each) for each in _parts(turn, contact, customer)]
    return card(*blocks, rows=_rows(turn, contact, customer))


def _parts(turn: Turn, contact: Contact, customer: Customer) -> Iterator[Words]:
    teams = turn.store.teams()
    for deal in deals_seen(turn, customer)[:DEALS_SHOWN]:
        dossier = turn.store.dossier(deal)
        for buyer in dossier.buyers:
            if buyer.contact_id == contact.id:
                yield _part(deal, buyer, told=works(turn.me, dossier, teams))


def _part(deal: Deal, buyer: Buyer, *, told: bool) -> Words:
    roles = listed([t(f"buying.{role}") for role in sorted(buyer.roles)]) or t("contact.no_role")
    if told and buyer.stance is not None:
        return t("contact.on_deal_stance", id=f"D{deal.id}", roles=roles, stance=f"{buyer.stance:+d}")
    return t("contact.on_deal", id=f"D{deal.id}", roles=roles)


def _rows(turn: Turn, contact: Contact, customer: Customer) -> Rows:
    line = f"/contact K{contact.id}"
    erase = Button(t("contact.erase_button"), f"{line}\nerase: yes")
    there = Button(t("customer.open_button"), f"/customer A{customer.id}")
    if not changes(turn, customer):
        return ((there,),) if contact.erased or not turn.me.holds(ADMINS) else ((there, erase),)
    if contact.erased:
        return ((there,),)
    change = (
        Button(t("contact.title_button"), f"{line}\ntitle:"),
        Button(t("contact.name_button"), f"{line}\nname:"),
    )
    last = undo_button(turn) if turn.store.changed else erase
    return (change, (there, last))


def people_card(turn: Turn, customer: Customer) -> Card:
    """Everybody at a customer, by name."""
    there = [each for each in customer.contacts if not each.erased]
    erased = len(customer.contacts) - len(there)
    if not there:
        return card(
            t("contact.nobody_there", name=label(customer)),
            rows=((Button(t("customer.open_button"), f"/customer A{customer.id}"),),),
        )
    more = len(there) - LISTED
    notes = [t("contact.more", n=more)] if more > 0 else [t("contact.n_erased", n=erased)] if erased else []
    buttons = [
        Button(
            t("contact.titled", name=clipped(each.name, 14), title=clipped(each.title, 12))
            if each.title
            else clipped(each.name, COLUMNS),
            f"/contact K{each.id}",
        )
        for each in there[:LISTED]
    ]
    rows = in_rows(buttons)
    return card(t("contact.people_of", name=label(customer)), *(Note(each) for each in notes), rows=rows)


def erase_asked(contact: Contact, customer: Customer) -> Card:
    """It cannot be undone, so it is asked once more; what stays is said before."""
    line = f"/contact K{contact.id}"
    return card(
        t("contact.sure", name=person_words(contact), customer=label(customer)),
        Note(t("contact.sure_goes")),
        Note(t("contact.sure_stays")),
        rows=((Button(t("contact.yes_button"), f"{line} erase"),), (Button(t("contact.no_button"), line),)),
    )
