"""Items of the checklist and the people on a deal: written and read the same on both databases, each change a fact."""

from dataclasses import replace
from datetime import timedelta

from domain.activity import ActivityId
from domain.c139 import Item
from domain.customers import ContactId
from domain.deals import BuyingRole, Checked, Deal, DealId, Dossier, State
from domain.people import MemberId, OrgId
from domain.ports import Subject
from tests.support.opened import MONDAY, Opened


def founded(books: Opened) -> tuple[OrgId, MemberId, Deal, ContactId]:
    org, team, member = books.found()
    with books.turn(org, member) as store:
        acme = store.add_customer("Acme", "acme", member)
        li = store.add_contact(acme.id, "Li Wei", "liwei", "CFO")
        deal = Deal(
            id=DealId(0),
            customer_id=acme.id,
            customer_name="Acme",
            owner_id=member,
            team_id=team,
            title="",
            state=State.ACTIVE,
            milestone=1,
            opened_on=MONDAY,
            entered_on=MONDAY,
        )
        deal = replace(deal, id=store.open_deal(deal))
    return org, member, deal, li.id


def read(books: Opened, org: OrgId, deal: Deal) -> Dossier:
    with books.store(org) as store:
        return store.dossier(deal)


def test_an_item_is_kept_with_its_source_and_its_confirmation(books: Opened) -> None:
    org, member, deal, li = founded(books)
    first = Checked(
        id=0,
        deal_id=deal.id,
        item=Item.C1,
        note="through the plant head",
        source="",
        checked_on=MONDAY,
        contact_id=li,
    )
    with books.turn(org, member) as store:
        store.keep_checked(first)
    (kept,) = read(books, org, deal).checked
    assert kept == replace(first, id=kept.id)
    assert kept.rating.has_source and not kept.rating.confirmed
    coached = replace(
        kept, activity_id=ActivityId(7), coach_id=li, confirmed_on=MONDAY + timedelta(days=1), contact_id=None
    )
    with books.turn(org, member) as store:
        store.keep_checked(coached)
    found = read(books, org, deal)
    assert found.checked == (coached,)
    assert found.coached and found.confirmed().clear == 1
    with books.turn(org, member) as store:
        store.keep_checked(replace(coached, note="", activity_id=None, coach_id=None, confirmed_on=None))
    emptied = read(books, org, deal)
    assert not emptied.ratings and not emptied.coached


def test_a_person_on_a_deal_is_kept_withdrawn_and_put_back(books: Opened) -> None:
    org, member, deal, li = founded(books)
    with books.turn(org, member) as store:
        number = store.add_buyer(deal.id, li, frozenset({BuyingRole.USER}))
        store.revise_buyer(
            number,
            roles=frozenset({BuyingRole.USER, BuyingRole.COACH}),
            influence=4,
            stance=-1,
            stance_on=MONDAY,
        )
    (kept,) = read(books, org, deal).buyers
    assert (kept.name, kept.title, kept.influence, kept.stance, kept.stance_on) == (
        "Li Wei",
        "CFO",
        4,
        -1,
        MONDAY,
    )
    assert kept.roles == {BuyingRole.USER, BuyingRole.COACH} and kept.is_key
    with books.turn(org, member) as store:
        store.withdraw(Subject.BUYER, number)
    assert read(books, org, deal).buyers == ()
    with books.turn(org, member) as store:
        again = store.add_buyer(deal.id, li, frozenset({BuyingRole.ECONOMIC}))
    assert [each.id for each in read(books, org, deal).buyers] == [again]
