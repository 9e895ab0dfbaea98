"""What was handed over, a page for each customer: who is there, what is open, what was promised (product section 5)."""

from domain.customers import Customer
from domain.deals import Deal, Dossier
from domain.people import Member
from domain.refusals import NotFound
from handlers.accounts import label
from handlers.belonging import deals_with
from handlers.gating import gate_of, milestone_words
from handlers.handing import accounts_in, giver_in
from handlers.pieces.clipped import clipped
from handlers.pieces.customer import people_words
from handlers.pieces.listed import listed
from handlers.pieces.needs import missing_words
from handlers.pieces.pages import last_page, turning
from handlers.pieces.person import person_words
from handlers.pieces.record import LINES, before_line
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Note, Param, Words, card, t

DEALS_SHOWN, STEPS_SHOWN, ROLES_SHOWN = 2, 2, 3
STEP_COLUMNS, DEAL_COLUMNS = 24, 12


def pack_card(turn: Turn, page: int) -> Card:
    """One account of the last handover to the speaker; raises `NotFound` where there was none, or no such page."""
    change = turn.store.handed_to(turn.me.id)
    found = accounts_in(turn.store, change, turn.me) if change else ()
    if change is None or not found:
        raise NotFound("handover.none")
    last = last_page(len(found), 1, page)
    customer = turn.store.customer(found[page - 1])
    if customer is None:
        raise NotFound("customer.no_number", id=f"A{found[page - 1]}")
    giver = giver_in(turn.store, change, turn.me)
    return _page(turn, customer, giver, page, last)


def _page(turn: Turn, customer: Customer, giver: Member | None, page: int, last: int) -> Card:
    deals = deals_with(turn, customer)[:DEALS_SHOWN]
    blocks: list[Block] = [
        Line(t("handover.page", n=page, of=last, name=label(customer))),
        Note(t("handover.from", name=giver.name if giver else "-")),
    ]
    if people := people_words(customer.contacts):
        blocks.append(Line(people))
    for deal in deals:
        dossier = turn.store.dossier(deal)
        blocks.append(Line(_gate(turn, deal, dossier)))
        if roles := _roles(dossier):
            blocks.append(Line(roles))
    blocks += [Line(each) for each in _promises(turn, customer)]
    room = LINES - len(blocks)
    blocks += (
        [Note(before_line(turn, each)) for each in turn.store.history(customer.id, room)] if room > 0 else []
    )
    buttons = [
        Button(t("customer.open_button"), f"/customer A{customer.id}"),
        *(
            Button(
                t("deals.open_button", id=f"D{each.id}", what=clipped(each.title, DEAL_COLUMNS)),
                f"/deal D{each.id}",
            )
            for each in deals
        ),
    ]
    rows = (tuple(buttons), turning("/handover", page, last))
    return card(*blocks[:LINES], rows=tuple(row for row in rows if row))


def _gate(turn: Turn, deal: Deal, dossier: Dossier) -> Words:
    """Where a deal stands, and how much its gate still needs."""
    needs = len(missing_words(gate_of(turn, dossier), dossier))
    values: dict[str, Param] = {
        "id": f"D{deal.id}",
        "n": deal.milestone,
        "milestone": milestone_words(deal.milestone),
    }
    return t("handover.gate_needs", **values, needs=needs) if needs else t("handover.gate_open", **values)


def _roles(dossier: Dossier) -> Words | None:
    held = [each for each in dossier.buyers if each.roles][:ROLES_SHOWN]
    names: list[Words] = [
        t(
            "handover.role",
            name=person_words(each),
            roles=listed([t(f"buying.{role}") for role in sorted(each.roles)]),
        )
        for each in held
    ]
    return listed(names) if names else None


def _promises(turn: Turn, customer: Customer) -> list[Words]:
    mine = [each for each in turn.store.open_steps(turn.me.id) if each.customer_id == customer.id]
    found: list[Words] = []
    for step in mine[:STEPS_SHOWN]:
        text: Words = clipped(step.text, STEP_COLUMNS) if step.text else t("handover.planned")
        found.append(
            t("handover.promised", text=text, on=step.due_on)
            if step.due_on
            else t("handover.undated", text=text)
        )
    return found
