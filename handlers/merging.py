"""Twins become one customer: what moves is shown first, moved as facts, and its weeks are decided anew (product 4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.activity import Activity, ActivityId
from domain.customers import Contact, Customer
from domain.kinds import Notice
from domain.ports import Subject, Value
from domain.refusals import NotAllowed, NotNow
from domain.steps import StepId
from handlers.accounts import label, owner_of, rules
from handlers.claiming import drop_claims
from handlers.crediting import decide_weeks
from handlers.letters import teller
from handlers.pieces.customer import customer_card
from handlers.pieces.listed import listed
from handlers.turn import Turn, touch_day
from handlers.view import Button, Card, Line, Note, Words, card, t

MOVED = (Subject.CONTACT, Subject.ACTIVITY, Subject.STEP, Subject.DEAL)
# What counts for somebody goes along without a word: it is no customer's to look at.
COUNTED = (Subject.RATING, Subject.RESULT)
# What is known of the one that goes and not of the one that stays.
TAKEN_OVER = ("segment", "buyer_type", "value", "fit", "decision_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """Two people at two customers with the same folded name: the one that goes, and the one that stays."""

    gone: Contact
    kept: Contact


def merge_asked(turn: Turn, gone: Customer, kept: Customer) -> Card:
    """Both names side by side and what moves; it is asked once more, whatever was typed."""
    _must_be_two(turn, gone, kept)
    found = _counted(turn, gone)
    same: tuple[Words, ...] = tuple(each.kept.name for each in _same_people(gone, kept))
    lines: list[Words] = [t("merge.moves", what=listed(found)) if found else t("merge.moves_nothing")]
    if same:
        lines.append(t("merge.same_people", names=listed(same[:3])))
    return card(
        Line(t("merge.sure", gone=label(gone), kept=label(kept))),
        *lines,
        Note(t("merge.means", gone=label(gone), kept=label(kept))),
        rows=(
            (Button(t("merge.yes_button"), f"/customer A{gone.id} merge A{kept.id} yes"),),
            (
                Button(t("merge.other_way_button"), f"/customer A{kept.id} merge A{gone.id}"),
                Button(t("merge.no_button"), f"/customer A{gone.id}"),
            ),
        ),
    )


def merged(turn: Turn, gone: Customer, kept: Customer) -> Card:
    """All that was one customer's is the other's; the old number and name lead there from now on."""
    _must_be_two(turn, gone, kept)
    found = _counted(turn, gone)
    records = _records(turn, gone)
    _touch_days(turn, gone)
    for each in _same_people(gone, kept):
        turn.store.move_contact(each.gone.id, each.kept.id)
        if each.gone.title and not each.kept.title:
            turn.store.revise_contact(each.kept.id, title=each.gone.title)
        turn.store.withdraw(Subject.CONTACT, each.gone.id)
    for subject in (*MOVED, *COUNTED):
        turn.store.move_rows(subject, gone.id, kept.id)
    _join_people(turn, gone, kept)
    turn.store.move_rows(Subject.APPROVAL, gone.id, kept.id)
    drop_claims(turn.store, kept)
    values: dict[str, Value] = {
        name: getattr(gone, name)
        for name in TAKEN_OVER
        if getattr(kept, name) in (None, "") and getattr(gone, name) not in (None, "")
    }
    if values:
        turn.store.revise_customer(kept.id, **values)
    turn.store.revise_customer(gone.id, merged_into=kept.id)
    turn.store.withdraw(Subject.CUSTOMER, gone.id)
    after = [known[0] for each in records if (known := turn.store.activity(each.id))]
    decide_weeks(turn, [*records, *after])
    for owner in {gone.owner_id, kept.owner_id} - {turn.me.id}:
        told = t("merge.told", by=turn.me.name, gone=label(gone), kept=label(kept))
        look = Button(t("customer.open_button"), f"/customer A{kept.id}")
        teller(turn).tell(owner, Notice.CUSTOMER, "merged", card(told, rows=((look,),)))
    done = t("merge.done", gone=label(gone), kept=label(kept))
    notes = (t("merge.moved", what=listed(found)),) if found else ()
    return customer_card(turn, turn.store.customer(kept.id) or kept, done, *notes)


def _must_be_two(turn: Turn, gone: Customer, kept: Customer) -> None:
    if gone.id == kept.id:
        raise NotNow("merge.same", name=label(kept))
    for each in (gone, kept):
        if not rules(turn, each):
            raise NotAllowed("merge.not_both", name=label(each), owner=owner_of(turn, each).name)


def _counted(turn: Turn, customer: Customer) -> tuple[Words, ...]:
    counts = ((subject, len(turn.store.of_customer(subject, customer.id))) for subject in MOVED)
    return tuple(t(f"merge.n_{subject}", n=n) for subject, n in counts if n)


def _records(turn: Turn, customer: Customer) -> list[Activity]:
    numbers = turn.store.of_customer(Subject.ACTIVITY, customer.id)
    found = (turn.store.activity(ActivityId(number)) for number in numbers)
    return [each[0] for each in found if each]


def _touch_days(turn: Turn, customer: Customer) -> None:
    """Whose day shows the customer by its old name."""
    for number in turn.store.of_customer(Subject.STEP, customer.id):
        step = turn.store.step(StepId(number))
        if step:
            touch_day(turn.store, step.member_id, turn.today)


def _same_people(gone: Customer, kept: Customer) -> Sequence[Twins]:
    """The same folded name at the same customer is the same person; of an erased one no name is left."""
    there = {each.key: each for each in kept.contacts if not each.erased}
    return [Twins(gone=each, kept=there[each.key]) for each in gone.contacts if each.key in there]


def _join_people(turn: Turn, gone: Customer, kept: Customer) -> None:
    """Whoever looked after the one that goes works along at the other."""
    there = {kept.owner_id, *(member for _, member in turn.store.collaborators(kept.id))}
    for number, member in turn.store.collaborators(gone.id):
        if member in there:
            turn.store.withdraw(Subject.COLLABORATOR, number)
        there.add(member)
    turn.store.move_rows(Subject.COLLABORATOR, gone.id, kept.id)
    if gone.owner_id not in there and owner_of(turn, gone).left_on is None:
        turn.store.add_collaborator(kept.id, gone.owner_id)
