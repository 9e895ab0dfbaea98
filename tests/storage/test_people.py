"""Organisations, people, invitations and the doorstep: written and read the same on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.choices import Choice, NewCustomer, chosen
from domain.people import Language, MemberId, OrgId, Profile, Role, Stay, Team
from domain.ports import Address, Draft, Invitation
from tests.support.opened import CHAT, MEMBER, NINE, ORGANISATION, Opened

HOUR = timedelta(hours=1)


def test_an_organisation_is_read_as_it_was_founded(books: Opened) -> None:
    org, _, _ = books.found()
    with books.work() as work:
        assert work.store(org).organisation() == replace(ORGANISATION, id=org)
        assert work.people.organisations() == (replace(ORGANISATION, id=org),)


def test_an_organisation_is_revised(books: Opened) -> None:
    org, _, _ = books.found()
    with books.store(org) as store:
        store.revise_organisation(name="Südwind", zone="Asia/Tokyo", currency="JPY")
    with books.store(org) as store:
        expected = replace(ORGANISATION, id=org, name="Südwind", zone="Asia/Tokyo", currency="JPY")
        assert store.organisation() == expected


def test_a_member_is_read_as_it_was_added(books: Opened) -> None:
    org, team, member = books.found()
    with books.store(org) as store:
        assert store.member(member) == replace(MEMBER, id=member, team_id=team)
        bare = replace(MEMBER, roles=frozenset(), nudged=True)
        second = store.add_member(bare)
        assert second == member + 1
        assert store.members() == (store.member(member), replace(bare, id=second))


def test_a_member_is_revised_field_by_field(books: Opened) -> None:
    org, _, member = books.found()
    with books.store(org) as store:
        before = store.member(member)
        store.revise_member(member, language=Language.EN, nudged=True, profile=Profile.FULL)
        store.revise_member(member, wanted_role=Role.MANAGER)
        assert store.member(member) == replace(
            before, language=Language.EN, nudged=True, profile=Profile.FULL
        )
        assert store.wanted_role(member) is Role.MANAGER
        store.revise_member(member, wanted_role=None)
        assert store.wanted_role(member) is None


def test_a_team_has_a_manager_and_a_deputy(books: Opened) -> None:
    org, team, member = books.found()
    with books.store(org) as store:
        other = store.add_member(MEMBER)
        store.lead_team(team, member)
        store.lead_team(team, None, other)
        north = store.add_team("North")
        assert store.teams() == (
            Team(id=team, name="South", manager_id=member, deputy_id=other),
            Team(id=north, name="North"),
        )


def test_a_person_is_known_by_chat_identity_with_all_a_turn_needs(books: Opened) -> None:
    org, team, member = books.found()
    home = Address(platform="telegram", chat=f"chat-{org}")
    room = replace(home, chat="the team room")
    draft = Draft(line="/visit Acme", part="who", suspended=True)
    with books.store(org) as store:
        store.keep_draft(member, room.chat, draft)
    with books.work() as work:
        known = work.people.who(room, f"account-{org}")
        assert known is not None
        assert known.org.id == org
        assert known.member == replace(MEMBER, id=member, team_id=team)
        assert known.team == Team(id=team, name="South")
        assert known.home == home
        assert known.draft == draft
        at_home = work.people.who(home, f"account-{org}")
        assert at_home is not None
        assert at_home.draft is None
        assert work.people.who(replace(home, platform="slack"), f"account-{org}") is None
        assert work.people.who(home, "nobody") is None


def test_a_draft_is_replaced_and_dropped(books: Opened) -> None:
    org, _, member = books.found()
    at = Address(platform="telegram", chat=f"chat-{org}")
    for draft in (Draft(line="/call", part="who"), Draft(line="/visit", part="result"), None):
        with books.work() as work:
            work.store(org).keep_draft(member, at.chat, draft)
            known = work.people.who(at, f"account-{org}")
            assert known is not None
            assert known.draft == draft


def test_a_chat_identity_belongs_to_one_organisation_only(books: Opened) -> None:
    org, _, member = books.found()
    other, _, colleague = books.found("Südwind")
    at = Address(platform="telegram", chat="new chat")
    with books.work() as work:
        work.people.bind(at, f"account-{org}", other, colleague)
        known = work.people.who(at, f"account-{org}")
        assert known is not None
        assert known.org.id == other
        assert work.store(org).address_of(member) == ()
        assert work.store(other).address_of(colleague) == (at, replace(at, chat=f"chat-{other}"))


def test_an_identity_of_somebody_who_does_not_exist_is_refused(books: Opened) -> None:
    org, _, _ = books.found()
    with pytest.raises(Exception, match=r"(?i)foreign key"), books.work() as work:
        work.people.bind(CHAT, "7", org, MemberId(99))


def test_an_owner_code_serves_once_and_until_it_expires(books: Opened) -> None:
    with books.work() as work:
        work.people.keep_owner_code("hash", NINE + HOUR)
        assert work.people.owner_code("hash", NINE)
        assert not work.people.owner_code("hash", NINE + HOUR)
        assert not work.people.owner_code("other", NINE)
        work.people.use_owner_code("hash", NINE)
        assert not work.people.owner_code("hash", NINE)


def test_an_invitation_is_found_by_each_of_its_codes_until_it_is_used(books: Opened) -> None:
    org, team, member = books.found()
    with books.store(org) as store:
        number = store.invite(Role.MANAGER, team, member, ["typed", "linked"], NINE + HOUR)
    expected = Invitation(id=number, org_id=org, role=Role.MANAGER, team_id=team, invited_by=member)
    with books.work() as work:
        assert work.people.invitation("typed", NINE) == expected
        assert work.people.invitation("linked", NINE) == expected
        assert work.people.invitation("typed", NINE + HOUR) is None
        work.people.use_invitation(org, number, member, NINE)
        assert work.people.invitation("typed", NINE) is None
        assert work.people.invitation("linked", NINE) is None


def test_wrong_codes_are_counted_by_account_since_an_instant(books: Opened) -> None:
    with books.work() as work:
        for minutes in (0, 1, 2):
            work.people.note_wrong_code(CHAT, "7", NINE + timedelta(minutes=minutes))
        work.people.note_wrong_code(CHAT, "8", NINE)
        assert work.people.wrong_codes(CHAT, "7", NINE - HOUR) == 3
        assert work.people.wrong_codes(CHAT, "7", NINE) == 2
        assert work.people.wrong_codes(replace(CHAT, platform="slack"), "7", NINE - HOUR) == 0


def test_the_doorstep_keeps_the_language_and_what_was_asked(books: Opened) -> None:
    draft = Draft(line="/start", part="name")
    with books.work() as work:
        assert work.people.doorstep(CHAT) == (None, None)
        work.people.keep_doorstep(CHAT, Language.ZH_HANT, draft)
        assert work.people.doorstep(CHAT) == (Language.ZH_HANT, draft)
        work.people.keep_doorstep(CHAT, Language.EN, None)
        assert work.people.doorstep(CHAT) == (Language.EN, None)


def test_numbers_begin_at_one_in_each_organisation(books: Opened) -> None:
    first = books.found()
    second = books.found("Südwind")
    assert (first[1:], second[1:]) == ((1, 1), (1, 1))
    assert second[0] != first[0]
    assert OrgId(second[0]) > first[0]


def test_the_teams_somebody_was_in_are_kept_by_date(books: Opened) -> None:
    org, team, member = books.found()
    joined = MEMBER.joined_on
    with books.store(org) as store:
        north, west = store.add_team("North"), store.add_team("West")
        moved = joined + timedelta(days=30)
        store.join_team(member, north, moved)
        # Twice on one day: only the last of them was ever a team of theirs.
        store.join_team(member, west, moved)
        assert store.member(member).team_id == west
        assert store.stays([member]) == {
            member: (Stay(team_id=team, since=joined), Stay(team_id=west, since=moved))
        }


def test_what_a_team_chose_is_kept(books: Opened) -> None:
    org, _, _ = books.found()
    with books.store(org) as store:
        assert chosen(store.organisation(), Choice.TARGET_ROUNDS) == 3
        store.choose({Choice.TARGET_ROUNDS: 2, Choice.NEW_CUSTOMER: "tomorrow"})
        assert chosen(store.organisation(), Choice.TARGET_ROUNDS) == 2
        # What is not allowed is as it ships.
        assert chosen(store.organisation(), Choice.NEW_CUSTOMER) == NewCustomer.MILESTONE_2
