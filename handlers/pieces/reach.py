"""The customer's people on a deal as lines and cards: roles, influence, stance, and what is thin about the reach."""

from collections.abc import Mapping, Sequence
from datetime import date

from domain.c139 import stale
from domain.coverage import Coverage, coverage, met_on
from domain.customers import Contact
from domain.deals import Buyer, BuyingRole, Dossier
from handlers.dealing import title_of, works
from handlers.pieces.clipped import clipped
from handlers.pieces.listed import listed
from handlers.pieces.pages import last_page
from handlers.pieces.person import ERASED
from handlers.pieces.undo_button import undo_button
from handlers.turn import Turn
from handlers.view import Block, Button, Card, Line, Mark, Note, Rows, Words, card, t

# How a stance is called; it is shown in words, never by sign or colour alone (product, tone and layout).
STANCE_CODES: Mapping[str, int] = {"against": -2, "doubtful": -1, "neutral": 0, "for": 1, "active": 2}
PAGE, GAPS, OFFERED = 4, 2, 2
NAME_COLUMNS, LABEL_COLUMNS, TITLE_COLUMNS = 24, 14, 16


def name_of(name: str, title: str = "", columns: int = NAME_COLUMNS) -> Words:
    """A person's name with the title; of one that was erased no word is left."""
    if not name:
        return ERASED
    shown = clipped(name, columns)
    return t("who.titled", name=shown, title=clipped(title, columns)) if title else shown


def stance_words(stance: int) -> Words:
    """A stance in words."""
    code = next(each for each, value in STANCE_CODES.items() if value == stance)
    return t(f"who.part.stance.option_{code}")


def roles_words(roles: frozenset[BuyingRole]) -> Words:
    """Roles in the order of the method."""
    return listed([t(f"buying.{role}") for role in BuyingRole if role in roles])


def _joined(parts: Sequence[Words]) -> Words:
    line = parts[0]
    for each in parts[1:]:
        line = t("who.pair", first=line, last=each)
    return line


def _both(roles: Sequence[Words]) -> Words:
    """Roles within a sentence that stands in a list itself."""
    line = roles[0]
    for each in roles[1:]:
        line = t("coverage.both", first=line, last=each)
    return line


def stance_line(buyer: Buyer, today: date) -> Words:
    """A stance, and how old it is once it is to be renewed."""
    if buyer.stance is None:
        return t("who.no_stance")
    words = stance_words(buyer.stance)
    if not stale(buyer.stance_on, today):
        return words
    if buyer.stance_on is None:
        return t("who.renew_undated", stance=words)
    return t("who.renew", stance=words, n=(today - buyer.stance_on).days)


def person_line(buyer: Buyer, today: date, *, whole: bool) -> Words:
    """One person in a line; only the deal team and the manager see the coach, influence and stance (method section 1)."""
    roles = buyer.roles if whole else buyer.roles - {BuyingRole.COACH}
    parts: list[Words] = [roles_words(roles) if roles else t("who.no_role")]
    if whole:
        parts.append(t("who.influence", n=buyer.influence) if buyer.influence else t("who.no_influence"))
        parts.append(stance_line(buyer, today))
    return t("who.person", name=name_of(buyer.name, buyer.title), what=_joined(parts))


def buyers_seen(dossier: Dossier, *, whole: bool) -> tuple[Buyer, ...]:
    """The people of a deal; whoever only looks does not learn who the insider is, not even by what is left out."""
    insider = frozenset({BuyingRole.COACH})
    return tuple(each for each in dossier.buyers if whole or each.roles != insider)


def gap_words(found: Coverage, dossier: Dossier, *, whole: bool) -> list[Words]:
    """What is thin about the reach, the worst first; who is key and whose stance is old only for the deal team."""
    economic = dossier.with_role(BuyingRole.ECONOMIC)
    unseen = [each for each in found.unmet if BuyingRole.ECONOMIC in each.buyer.roles]
    others = [each for each in found.unmet if each not in unseen]
    words: list[Words] = [t("caution.no_economic")] if found.no_economic else []
    if unseen and len(unseen) == len(economic):
        # The one seen last says how long nobody of them was met.
        last = min(unseen, key=lambda each: (not each.ever, each.days))
        words.append(t("coverage.economic_unmet", n=last.days) if last.ever else t("coverage.economic_never"))
    elif whole:
        others = [*unseen, *others]
    roles = [each for each in found.open_roles if not (found.no_economic and each is BuyingRole.ECONOMIC)]
    if roles:
        words.append(t("coverage.open", roles=_both([t(f"buying.{role}") for role in roles])))
    if whole:
        for each in others:
            name = name_of(each.buyer.name, columns=LABEL_COLUMNS)
            words.append(
                t("coverage.unmet", name=name, n=each.days) if each.ever else t("coverage.never", name=name)
            )
        if found.stale:
            names = [name_of(each.name, columns=LABEL_COLUMNS) for each in found.stale]
            words.append(t("coverage.renew", names=listed(names)))
    return words


def gaps_seen(turn: Turn, dossier: Dossier, *, whole: bool) -> list[Words]:
    """What is thin about the reach today, as the speaker may see it."""
    return gap_words(coverage(dossier, turn.today), dossier, whole=whole)


def reach_card(turn: Turn, dossier: Dossier, page: int = 1) -> Card:
    """Who decides: the people of a deal, what is thin, and whoever of the customer is not on it yet."""
    deal, whole = dossier.deal, works(turn.me, dossier, turn.store.teams())
    buyers = buyers_seen(dossier, whole=whole)
    last = last_page(len(buyers), PAGE, page)
    shown = buyers[(page - 1) * PAGE : page * PAGE]
    gaps = gaps_seen(turn, dossier, whole=whole)
    lines: list[Block] = [Line(person_line(each, turn.today, whole=whole)) for each in shown]
    more = f"/who D{deal.id} {page % last + 1}"
    return card(
        t("who.title", id=f"D{deal.id}", what=title_of(deal, TITLE_COLUMNS)),
        *(lines or [Line(t("who.nobody"))]),
        *(Note(each) for each in gaps[:GAPS]),
        rows=_rows(turn, dossier, shown, more if last > 1 else "") if whole else _turn_page(more, last),
    )


def _turn_page(more: str, last: int) -> Rows:
    return ((Button(t("who.more_button"), more),),) if last > 1 else ()


def _rows(turn: Turn, dossier: Dossier, shown: Sequence[Buyer], more: str) -> Rows:
    """Who lacks something, then who is not on the deal yet, then somebody new."""
    line = f"/who D{dossier.deal.id}"
    lacking = sorted(
        (each for each in shown if each.name), key=lambda each: (not _lacks(each, turn.today), each.id)
    )
    known = tuple(
        Button(
            t("who.renew_button", name=clipped(each.name, LABEL_COLUMNS))
            if each.stance is not None and stale(each.stance_on, turn.today)
            else clipped(each.name, LABEL_COLUMNS),
            f"{line} {each.name}",
        )
        for each in lacking[:OFFERED]
    )
    # Where nobody is to be changed there is room for twice as many.
    added = tuple(
        Button(t("who.add_button", name=clipped(each.name, LABEL_COLUMNS)), f"{line} {each.name}")
        for each in outside(turn, dossier)[: OFFERED if known else 2 * OFFERED]
    )
    new = (Button(t("who.new_button"), f"{line}\nwho:"),)
    turning = (Button(t("who.more_button"), more),) if more else ()
    return tuple(row for row in (known, added[:OFFERED], added[OFFERED:], (*new, *turning)) if row)


def _lacks(buyer: Buyer, today: date) -> bool:
    return not buyer.roles or buyer.influence is None or stale(buyer.stance_on, today)


def outside(turn: Turn, dossier: Dossier) -> tuple[Contact, ...]:
    """The customer's people who are not on the deal, whoever was named last first."""
    customer = turn.store.customer(dossier.deal.customer_id)
    there = {each.contact_id for each in dossier.buyers}
    found = (
        [each for each in customer.contacts if each.id not in there and not each.erased] if customer else []
    )
    return tuple(reversed(found))


def person_card(turn: Turn, dossier: Dossier, buyer: Buyer, done: bool = False) -> Card:
    """One of the customer's people: what is known, each with the button that changes it."""
    deal, seen = dossier.deal, met_on(dossier, buyer)
    line = f"/who D{deal.id} {reference(buyer)}"
    title = t(
        "who.person",
        name=name_of(buyer.name, buyer.title),
        what=t("deals.named", id=f"D{deal.id}", what=title_of(deal, TITLE_COLUMNS)),
    )
    stance = stance_line(buyer, turn.today)
    if buyer.stance is not None and buyer.stance_on and not stale(buyer.stance_on, turn.today):
        stance = t("who.said_on", stance=stance, on=buyer.stance_on)
    undo = (undo_button(turn),) if turn.store.changed else ()
    return card(
        Line(title, Mark.DONE if done else None),
        roles_words(buyer.roles) if buyer.roles else t("who.no_role"),
        t("who.influence", n=buyer.influence) if buyer.influence else t("who.no_influence"),
        stance,
        Note(t("who.met_on", on=seen) if seen else t("who.not_met")),
        rows=(
            (
                Button(t("who.role_button"), f"{line}\nrole:"),
                Button(t("who.influence_button"), f"{line}\ninfluence:"),
                Button(t("who.stance_button"), f"{line}\nstance:"),
            ),
            (
                Button(t("who.all_button"), f"/who D{deal.id}"),
                *(undo or (Button(t("who.remove_button"), f"{line}\nrole: none"),)),
            ),
        ),
    )


def reference(buyer: Buyer) -> str:
    """How a line names somebody: by name, and who was erased by number."""
    return buyer.name or f"K{buyer.contact_id}"
