"""The cards of requests for approval: one with all that is needed to decide, or up to three at once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.deals import Approval, ApprovalId, Deal, Decision
from domain.gates import gate
from domain.people import Member, Organisation
from domain.ports import Store
from domain.schedule import local_date
from handlers.clockwork import assessed
from handlers.entitled import waiting
from handlers.pieces.clipped import clipped
from handlers.pieces.listed import listed
from handlers.pieces.needs import missing_words
from handlers.turn import approval_key
from handlers.view import Block, Button, Card, Line, Mark, Note, Text, card, t

REFERENCE = "P"
# A card has six buttons in three rows (product 6), and a decision takes two.
AT_ONCE = 3
NAME_COLUMNS = 12

Asked = tuple[Approval, Deal]


def approval_now(store: Store, org: Organisation, member: Member, label: str, now: datetime) -> Card | None:
    """The living card of one request or several (`-12-13-`) as they stand now; None when nothing is left to show."""
    numbers = [ApprovalId(int(each)) for each in label.strip("-").split("-")]
    found = [each for number in numbers if (each := _asked(store, number))]
    if not found:
        return None
    key = approval_key(member.id, *(approval.id for approval, _ in found))
    if len(found) == 1:
        approval, deal = found[0]
        if member.id in (approval.asked_by, deal.owner_id):
            return handed_in_card(store, approval, deal, key)
        return request_card(store, org, approval, deal, now, key)
    # Where a card is full there may be more.
    others = waiting(store, member) if len(found) == AT_ONCE else ()
    return requests_card(store, found, key, sum(1 for each in others if each.id not in numbers))


def _asked(store: Store, number: ApprovalId) -> Asked | None:
    approval = store.approval(number)
    deal = store.deal(approval.deal_id) if approval and approval.deal_id else None
    return (approval, deal) if approval and deal else None


def title_of_request(approval: Approval, deal: Deal) -> Text:
    """Which deal wants to go where."""
    return t("approve.title", id=f"D{deal.id}", milestone=_onward(approval))


def decided_words(store: Store, approval: Approval) -> Text:
    """Who decided what, or that nothing is asked for any more."""
    if approval.decided_by is None:
        return t("approve.withdrawn")
    return t(f"approve.{approval.decision}", name=store.member(approval.decided_by).name)


def request_card(
    store: Store, org: Organisation, approval: Approval, deal: Deal, now: datetime, key: str | None = None
) -> Card:
    """One request, to be decided with one tap; the amount comes after the first forty characters."""
    title = title_of_request(approval, deal)
    if approval.decision is not Decision.OPEN:
        return card(title, Line(decided_words(store, approval)), key=key)
    return card(
        title,
        Line(
            t(
                "approve.of",
                name=store.member(approval.asked_by).name,
                customer=clipped(deal.customer_name, 24),
            )
        ),
        *_facts(store, org, deal, now),
        rows=(decision_row(approval),),
        key=key,
    )


def handed_in_card(store: Store, approval: Approval, deal: Deal, key: str | None = None) -> Card:
    """The request as whoever handed it in sees it: what became of it, and what can be done."""
    number = f"D{deal.id}"
    look = Button(t("approve.open_button", id=number), f"/deal {number}")
    match approval.decision:
        case Decision.OPEN:
            names = listed([store.member(each).name for each in approval.asked])
            shown = card(
                t("approve.waits_for", id=number, names=names) if names else t("approve.waits", id=number)
            )
        case Decision.RETURNED if approval.decided_by:
            name = store.member(approval.decided_by).name
            shown = card(t("approve.came_back", id=number, name=name), Line(approval.reason))
            look_again = Button(t("approve.again_button"), f"/advance {number}")
            return replace(shown, rows=((look, look_again),), key=key)
        case _:
            shown = card(title_of_request(approval, deal), Line(decided_words(store, approval)))
    return replace(shown, rows=((look,),), key=key)


def decision_row(approval: Approval) -> tuple[Button, ...]:
    """Accept, return, ask."""
    line = f"/approve {REFERENCE}{approval.id}"
    return (
        Button(t("approve.accept_button"), f"{line} accept"),
        Button(t("approve.return_button"), f"{line} return"),
        Button(t("approve.ask_button"), f"{line} ask"),
    )


def _facts(store: Store, org: Organisation, deal: Deal, now: datetime) -> tuple[Block, ...]:
    """What the gate asked for and has, how long the deal stands there, and what it is worth."""
    dossier, today = store.dossier(deal), local_date(now, store.member(deal.owner_id).zone)
    seen = gate(dossier, today, organisation_since=org.started_on)
    tasks = sum(1 for each in dossier.stage.tasks if each.required)
    proof = sum(1 for each in dossier.stage.evidence if each.required)
    done = t(
        "approve.proof",
        done=tasks - len(seen.tasks),
        of=tasks,
        given=proof - len(seen.evidence),
        wanted=proof,
    )
    missing = missing_words(seen, dossier)
    stands, usual = assessed(store, org, deal, now)
    return (
        Line(done),
        *((Line(t("approve.lacks", what=listed(missing[:2]))),) if missing else ()),
        Line(t("approve.stands", n=stands.days, usual=usual)),
        *((Line(t("approve.amount", amount=deal.amount)),) if deal.amount is not None else ()),
    )


def requests_card(store: Store, found: Sequence[Asked], key: str | None = None, more: int = 0) -> Card:
    """Up to three requests, each decided with one tap; without amounts, which come too early to read here."""
    undecided = [approval for approval, _ in found if approval.decision is Decision.OPEN]
    # A card that lives on is about its own requests; what is asked for now counts all.
    left = len(undecided) + (0 if key else more)
    blocks: list[Block] = [Line(t("approve.some", n=left) if left else t("approve.all_decided"))]
    rows = []
    for place, (approval, deal) in enumerate(found[:AT_ONCE], 1):
        title = t("approve.nth", n=place, id=f"D{deal.id}", milestone=_onward(approval))
        if approval.decision is not Decision.OPEN:
            decided = t("approve.nth_decided", n=place, id=f"D{deal.id}", what=decided_words(store, approval))
            blocks.append(Line(decided, Mark.DONE))
            continue
        name = clipped(store.member(approval.asked_by).name, NAME_COLUMNS)
        what = t("approve.nth_of", name=name, customer=clipped(deal.customer_name, NAME_COLUMNS))
        blocks += [Line(title), Line(what)]
        line = f"/approve {REFERENCE}{approval.id}"
        rows.append(
            (
                Button(t("approve.nth_accept", n=place), f"{line} accept"),
                Button(t("approve.nth_return", n=place), f"{line} return"),
            )
        )
    if more and left:
        blocks.append(Note(t("approve.more", n=more)))
    return card(*blocks, rows=tuple(rows), key=key)


def _onward(approval: Approval) -> Text:
    return t(f"milestone.m{(approval.milestone or 0) + 1}")
