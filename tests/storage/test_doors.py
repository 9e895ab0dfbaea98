"""Rooms, second accounts, calendars and who leaves: written and read the same on both databases."""

from dataclasses import replace
from datetime import date, timedelta

from domain.activity import Activity, ActivityId, Kind
from domain.customers import CustomerId
from domain.deals import Deal, DealId, State
from domain.people import MemberId, Role
from domain.ports import Address, Change, ChangeId, Delivery, Draft, Footprint, Urgency, Wording
from domain.quota import Claim, Metric
from domain.schedule import Due
from domain.workdays import CalendarDay, Leave
from tests.support.opened import CHAT, MEMBER, MONDAY, NINE, Opened, letter

HOUR = timedelta(hours=1)
GROUP = Address(platform="telegram", chat="-100")
TOPIC = replace(GROUP, chat="-100/7")
MOVED = replace(GROUP, chat="-200")
DAY = timedelta(days=1)


def test_a_room_belongs_to_a_team_of_one_organisation(books: Opened) -> None:
    org, team, member = books.found()
    with books.store(org) as store:
        store.bind_room(team, GROUP, member)
        store.bind_room(team, GROUP, member)
        (room,) = store.rooms()
        assert (room.team_id, room.at, room.bound_by) == (team, GROUP, member)
    with books.work() as work:
        assert work.people.owner_of_room(GROUP) == org
        assert work.people.owner_of_room(TOPIC) == org
        assert work.people.owner_of_room(MOVED) is None
    with books.store(org) as store:
        store.unbind_room(GROUP)
        assert store.rooms() == ()


def test_a_chat_that_moves_takes_its_topics_letters_and_buttons_along(books: Opened) -> None:
    org, team, member = books.found()
    waits = letter("l1", to=GROUP, urgency=Urgency.PUSH, org_id=org, token="t1", commands=("/today",))
    elsewhere = letter("l2", to=replace(GROUP, chat="-1001"), urgency=Urgency.PUSH, org_id=org)
    with books.work() as work:
        work.store(org).bind_room(team, TOPIC, member)
        for each in (waits, replace(waits, key="l3", to=TOPIC, token=None), elsewhere):
            work.outbox.write(each)
        work.people.move_chat(GROUP, MOVED)
        work.people.move_chat(GROUP, MOVED)
    with books.work() as work:
        assert [each.to.chat for each in work.outbox.claim(NINE, 9)] == ["-200", "-200/7", "-1001"]
        assert [room.at.chat for room in work.store(org).rooms()] == ["-200/7"]
        pressed = work.outbox.pressed("t1", 0)
        assert pressed and pressed.to == MOVED


def test_what_came_to_the_new_number_first_stays_there(books: Opened) -> None:
    org, team, member = books.found()
    card = letter("c1", to=GROUP, org_id=org, member_id=member, card_key="board:1:2026-03-02")
    with books.work() as work:
        store = work.store(org)
        other = store.add_team("North")
        for at, whose in ((GROUP, team), (TOPIC, team), (MOVED, other)):
            store.bind_room(whose, at, member)
        work.outbox.sent(card, "1", "old", NINE)
        work.outbox.sent(replace(card, key="c2", to=MOVED), "2", "new", NINE)
        work.people.move_chat(GROUP, MOVED)
        rooms = sorted((room.at.chat, room.team_id) for room in store.rooms())
        assert rooms == [("-200", other), ("-200/7", team)]
        assert [(each.to.chat, each.message) for each in work.outbox.stale_cards(9)] == [("-200", "2")]


def test_a_topic_that_takes_nothing_any_more_leaves_its_group_alone(books: Opened) -> None:
    org, team, member = books.found()
    with books.work() as work:
        store = work.store(org)
        for at in (GROUP, TOPIC):
            store.bind_room(team, at, member)
        assert work.outbox.bury(TOPIC, NINE) == ((org, member),)
        assert [room.at for room in store.rooms()] == [GROUP]


def test_a_group_that_takes_nothing_any_more_takes_its_topics_along(books: Opened) -> None:
    org, team, member = books.found()
    with books.work() as work:
        for at in (TOPIC, replace(GROUP, chat="-1001")):
            work.store(org).bind_room(team, at, member)
        assert work.outbox.bury(GROUP, NINE) == ((org, member),)
        assert [room.at.chat for room in work.store(org).rooms()] == ["-1001"]


def test_a_chat_that_takes_nothing_any_more_is_noticed_once(books: Opened) -> None:
    org, team, member = books.found()
    home = replace(CHAT, chat=f"chat-{org}")
    with books.work() as work:
        assert work.outbox.bury(home, NINE) == ()
        # Found out once more a while later: lost it is since the first time.
        assert work.outbox.bury(home, NINE + timedelta(minutes=1)) == ()
        assert work.outbox.lost(NINE - timedelta(minutes=1)) is None
        assert work.outbox.lost(NINE) == (org, ((member, home.platform),))
        assert work.store(org).address_of(member) == ()
        work.outbox.told_lost(org)
        assert work.outbox.lost(NINE) is None
        work.people.revive(home)
        work.outbox.bury(home, NINE)
        work.people.revive(home)
        assert work.outbox.lost(NINE) is None
        assert work.store(org).address_of(member) == (home,)
        work.store(org).bind_room(team, GROUP, member)
        assert work.outbox.bury(GROUP, NINE) == ((org, member),)
        assert work.store(org).rooms() == ()


def test_pushes_go_to_the_platform_that_was_wished(books: Opened) -> None:
    org, _, member = books.found()
    slack = Address(platform="slack", chat="D1")
    telegram = replace(CHAT, chat=f"chat-{org}")
    with books.work() as work:
        work.people.bind(slack, "U1", org, member)
        store = work.store(org)
        assert store.address_of(member) == (slack, telegram)
        store.revise_member(member, pushes_to="telegram")
        assert store.address_of(member) == (telegram, slack)
        assert store.gather_addresses([member]) == {member: telegram}


def test_a_link_code_is_good_once_and_for_a_while(books: Opened) -> None:
    org, _, member = books.found()
    other, _, colleague = books.found("Südwind")
    with books.work() as work:
        work.store(org).keep_link_code(member, "hash", NINE + HOUR)
        assert work.people.link_code("hash", NINE) == (org, member)
        assert work.people.link_code("hash", NINE + HOUR) is None
        assert work.people.link_code("other", NINE) is None
        work.store(org).keep_link_code(member, "of the link", NINE + HOUR)
        work.store(other).keep_link_code(colleague, "colleague's", NINE + HOUR)
        work.people.use_link_code("hash", NINE)
        assert work.people.link_code("hash", NINE) is None
        assert work.people.link_code("of the link", NINE) is None
        assert work.people.link_code("colleague's", NINE) == (other, colleague)


def test_who_leaves_is_unbound_and_what_they_did_stays(books: Opened) -> None:
    org, team, member = books.found()
    with books.turn(org, member) as store:
        store.add_tick(member, Metric.TRAINING, MONDAY)
        store.lead_team(team, member)
        store.revise_member(member, wanted_role=Role.MANAGER)
        store.keep_draft(member, "41", Draft(line="/visit", part="customer"))
        store.plan_pushes(member, [("morning", Due(label="d", due_at=NINE, not_after=NINE))])
        store.write(letter("push", org_id=org, member_id=member, urgency=Urgency.PUSH))
    with books.store(org) as store:
        store.dismiss(member, MONDAY)
    with books.work() as work:
        assert work.people.who(replace(CHAT, chat=f"chat-{org}"), f"account-{org}") is None
        assert work.outbox.claim(NINE, 9) == ()
        assert work.outbox.due(NINE, 9) == ()
        store = work.store(org)
        assert store.members() == ()
        assert store.gather_members(store.organisation(), [member]) == {}
        assert store.member(member).left_on == MONDAY
        assert store.teams()[0].manager_id is None
        assert store.wanted_role(member) is None
        assert store.ticks(member, MONDAY, MONDAY) == ((Metric.TRAINING, MONDAY),)


def test_an_invitation_of_somebody_who_left_lets_nobody_in(books: Opened) -> None:
    org, team, member = books.found()
    with books.store(org) as store:
        colleague = store.add_member(MEMBER)
        store.invite(Role.REP, team, member, ["theirs"], NINE + HOUR)
        store.invite(Role.REP, team, colleague, ["another's"], NINE + HOUR)
        store.dismiss(member, MONDAY)
    with books.work() as work:
        assert work.people.invitation("theirs", NINE) is None
        assert work.people.invitation("another's", NINE) is not None


def test_an_account_that_is_unbound_leaves_what_is_to_be_said_to_the_others(books: Opened) -> None:
    org, _, member = books.found()
    slack, home = Address(platform="slack", chat="D1"), replace(CHAT, chat=f"chat-{org}")
    push = letter(
        "push", to=slack, org_id=org, member_id=member, urgency=Urgency.PUSH, token="t1", commands=("/today",)
    )
    edit = replace(push, key="edit", token=None, delivery=Delivery.EDIT, edits="m1", urgency=Urgency.EDIT)
    with books.work() as work:
        store = work.store(org)
        work.people.bind(slack, "U1", org, member)
        assert store.gather_platforms([member]) == {member: ("slack", "telegram")}
        store.keep_draft(member, slack.chat, Draft(line="/visit", part="customer"))
        store.keep_draft(member, home.chat, Draft(line="/call", part="customer"))
        work.outbox.sent(
            letter("card", to=slack, org_id=org, member_id=member, card_key="day:1:d"), "m1", "x", NINE
        )
        for each in (push, edit):
            work.outbox.write(each)
        store.unlink(member, "slack", home)
        assert work.people.who(slack, "U1") is None
        assert store.address_of(member) == (home,)
        known = work.people.who(home, f"account-{org}")
        assert known and known.draft and known.draft.line == "/call"
        assert [(each.key, each.to) for each in work.outbox.claim(NINE, 9)] == [("push", home)]
        pressed = work.outbox.pressed("t1", 0)
        assert pressed and pressed.to == home
        store.touch_card("day:1:d")
        assert work.outbox.stale_cards(9) == ()


def test_a_card_on_two_platforms_is_edited_on_both(books: Opened) -> None:
    org, _, member = books.found()
    slack, home = Address(platform="slack", chat="D1"), replace(CHAT, chat=f"chat-{org}")
    key = f"day:{member}:2026-03-02"
    with books.work() as work:
        work.people.bind(slack, "U1", org, member)
        for to in (slack, home):
            shown = letter(f"card-{to.platform}", to=to, org_id=org, member_id=member, card_key=key)
            work.outbox.sent(shown, f"m-{to.platform}", "x", NINE)
    with books.work() as work:
        work.store(org).touch_card(key)
        stale = work.outbox.stale_cards(9)
        assert {each.to for each in stale} == {slack, home}
    for each in stale:
        # Slice by slice: the edit of one chat does not take back the other's.
        with books.work() as work:
            edit = letter(f"edit-{each.to.platform}", to=each.to, org_id=org, card_key=key)
            work.outbox.refreshed(
                each, replace(edit, delivery=Delivery.EDIT, edits=each.message, urgency=Urgency.EDIT)
            )
    with books.work() as work:
        assert {each.to for each in work.outbox.claim(NINE, 9)} == {slack, home}


DEAL = Deal(
    id=DealId(0),
    customer_id=CustomerId(1),
    customer_name="",
    owner_id=MemberId(1),
    team_id=None,
    title="",
    state=State.ACTIVE,
    milestone=1,
    opened_on=MONDAY,
    entered_on=MONDAY,
)


def test_a_footprint_counts_what_is_a_persons_own(books: Opened) -> None:
    org, _, member = books.found()
    with books.turn(org, member) as store:
        colleague = store.add_member(MEMBER)
    with books.turn(org, colleague) as store:
        store.add_tick(colleague, Metric.TRAINING, MONDAY)
    with books.turn(org, member) as store:
        customer = store.add_customer("Acme", "acme", member)
        for kind in (Kind.VISIT, Kind.VISIT, Kind.CALL):
            store.add_activity(activity(member, customer.id, kind), Wording(result="ok"))
        withdrawn = store.add_activity(activity(member, customer.id, Kind.CALL), Wording())
        store.revise_activity(withdrawn, withdrawn=True)
        store.add_claim(member, Claim(metric=Metric.CALLS, on=MONDAY, quantity=8, effective=3))
        store.add_report(member, MONDAY, NINE, "words")
        store.add_leave(member, Leave(first=MONDAY, last=MONDAY), "")
        store.keep_draft(member, "41", Draft(line="/visit", part="who"))
        store.write(letter("l1", org_id=org, member_id=member))
        store.open_deal(replace(DEAL, owner_id=member, customer_id=customer.id))
        expected = Footprint(
            records={Kind.VISIT: 2, Kind.CALL: 1},
            claims=1,
            customers=1,
            open_steps=0,
            reports=1,
            ticks=0,
            leaves=1,
            drafts=1,
            letters=1,
            changes=1,
            deals=1,
            evidence=0,
            files=0,
        )
        assert store.footprint(member) == expected
        nothing = {
            "claims": 0,
            "customers": 0,
            "reports": 0,
            "leaves": 0,
            "drafts": 0,
            "letters": 0,
            "deals": 0,
        }
        empty = replace(expected, records={}, **nothing)
        assert store.footprint(colleague) == replace(empty, ticks=1)


def activity(member: MemberId, customer: CustomerId, kind: Kind) -> Activity:
    return Activity(
        id=ActivityId(0),
        kind=kind,
        member_id=member,
        customer_id=customer,
        at=NINE,
        on=MONDAY,
        recorded_at=NINE,
    )


def test_the_last_word_on_a_day_is_the_teams(books: Opened) -> None:
    org, team, member = books.found()
    saturday, friday = date(2026, 3, 7), date(2026, 3, 6)
    with books.turn(org, member, "calendar") as store:
        other = store.add_member(MEMBER)
        store.add_calendar_day(CalendarDay(on=MONDAY, works=True, team_id=team))
        store.add_calendar_day(CalendarDay(on=MONDAY, works=False))
        store.add_calendar_day(CalendarDay(on=friday, works=True, note="moved"))
        store.add_leave(member, Leave(first=saturday, last=saturday), "", other)
        whole = store.organisation()
        mine, theirs = (store.calendar(whole, store.member(each)) for each in (member, other))
        assert (mine.is_present(MONDAY), theirs.is_present(MONDAY)) == (True, False)
        assert mine.is_present(friday) and theirs.is_present(friday)
        assert (mine.is_present(saturday), theirs.is_present(saturday)) == (False, True)
        assert store.covers(saturday) == {member: other}
        assert store.covers(saturday + DAY) == {}
        gathered = store.gather_members(whole, [member, other])
        assert {number: calendar for number, (_, calendar) in gathered.items()} == {
            member: mine,
            other: theirs,
        }
        assert [day.note for day in store.calendar_days(friday, saturday)] == ["moved"]


def test_claims_are_read_for_one_and_for_many(books: Opened) -> None:
    org, _, member = books.found()
    claim = Claim(metric=Metric.CALLS, on=MONDAY, quantity=8, effective=3)
    with books.turn(org, member, "log") as store:
        number = store.add_claim(member, claim)
        assert store.claims(member, MONDAY, MONDAY) == (replace(claim, id=number),)
        assert store.claims(member, MONDAY + DAY, MONDAY + DAY) == ()
        assert store.gather_claims([member], MONDAY, MONDAY) == {member: (replace(claim, id=number),)}


def test_quantities_are_kept_per_role_and_per_person(books: Opened) -> None:
    org, _, member = books.found()
    with books.store(org) as store:
        store.set_quantities({"calls": 7}, member)
        store.set_role_quantities({Role.REP: {"visits": 3}, Role.MANAGER: {}})
        assert store.member(member).quantities == {"calls": 7}
        assert store.organisation().quantities == {Role.REP: {"visits": 3}}


def test_an_edit_finds_the_first_change_of_its_message_that_stands(books: Opened) -> None:
    org, _, member = books.found()
    with books.work() as work:
        for number in (1, 2):
            change = Change(
                id=ChangeId(number), actor_id=member, said_at=NINE, command="visit", source="telegram:41:5"
            )
            work.store(org, change).add_tick(member, Metric.TRAINING, MONDAY)
    with books.store(org) as store:
        found = store.change_from("telegram:41:5")
        assert found and (found.id, found.source) == (1, "telegram:41:5")
        store.take_back(ChangeId(1), (), NINE)
        later = store.change_from("telegram:41:5")
        assert later and later.id == 2
        assert store.change_from("telegram:41:6") is None


def test_pushes_of_a_day_are_taken_back_and_answers_are_not(books: Opened) -> None:
    org, _, member = books.found()
    with books.work() as work:
        for key, label, urgency in (("a", "2026-03-02", Urgency.PUSH), ("b", "2026-03-03", Urgency.PUSH)):
            card_key = f"day:{member}:{label}"
            work.outbox.write(letter(key, org_id=org, member_id=member, urgency=urgency, card_key=card_key))
        work.store(org).cancel_pushes([member], "2026-03-02")
        assert [each.key for each in work.outbox.claim(NINE, 9)] == ["b"]


def test_ignored_pushes_are_counted_until_one_is_answered(books: Opened) -> None:
    org, _, member = books.found()
    with books.work() as work:
        store = work.store(org)
        store.plan_pushes(member, [("nudge", Due(label="d", due_at=NINE, not_after=NINE))])
        for expected in (0, 1):
            (row,) = work.outbox.due(NINE, 9)
            assert row.unanswered == expected
            work.outbox.unanswered([row])
            work.outbox.next_push()
        store.answered(member, "nudge")
        work.outbox.next_push()
        assert [row.unanswered for row in work.outbox.due(NINE, 9)] == [0]


def test_what_opens_a_form_goes_with_its_letter(books: Opened) -> None:
    org, _, _ = books.found()
    written = letter(
        "f", org_id=org, urgency=Urgency.PUSH, delivery=Delivery.FORM, form_trigger="1.2.abc", commands=()
    )
    with books.work() as work:
        work.outbox.write(written)
        assert work.outbox.claim(NINE, 1) == (written,)
