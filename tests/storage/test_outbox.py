"""What is said later: letters by urgency, live cards, buttons and due rows, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.people import Language, MemberId, OrgId
from domain.ports import (
    Address,
    ChangeId,
    Delivery,
    DueRow,
    Letter,
    Outcome,
    PressedButton,
    StaleCard,
    Urgency,
)
from domain.schedule import Due
from storage import outbox
from storage.database import open_engine
from storage.driver import Driver, Prepared
from tests.support.opened import CHAT, NINE, Opened, letter

MINUTE = timedelta(minutes=1)
PUSH = {"urgency": Urgency.PUSH}
KEY = "day:1:2026-03-02"


def write(books: Opened, *letters: Letter) -> None:
    with books.work() as work:
        for each in letters:
            work.outbox.write(each)


def claimed(books: Opened, minutes: int = 0, limit: int = 99) -> list[str]:
    with books.work() as work:
        return [each.key for each in work.outbox.claim(NINE + minutes * MINUTE, limit)]


def live(books: Opened, org: OrgId, member: MemberId, **values: object) -> Letter:
    """A card that lives on, sent."""
    sent = letter("post", org_id=org, member_id=member, card_key=KEY, **PUSH, **values)
    write(books, sent)
    with books.work() as work:
        work.outbox.sent(sent, "m1", "digest", NINE)
    return sent


def stale(books: Opened) -> list[StaleCard]:
    with books.work() as work:
        return list(work.outbox.stale_cards(9))


def test_every_field_of_a_letter_comes_back(books: Opened) -> None:
    full = Letter(
        key="k",
        to=Address(platform="slack", chat="D1"),
        card='{"text": "\u4f60\u597d ✓"}',
        language=Language.ZH_HANT,
        due_at=NINE,
        not_after=NINE + MINUTE,
        urgency=Urgency.EDIT,
        delivery=Delivery.EDIT,
        edits="m0",
        reply_to="m9",
        token="token",
        member_id=MemberId(3),
        org_id=OrgId(2),
        card_key="day:3",
        change_id=ChangeId(2**40),
    )
    bare = replace(letter("bare"), urgency=Urgency.PUSH)
    write(books, replace(full, commands=("/today", "/undo")), bare)
    with books.work() as work:
        assert work.outbox.claim(NINE, 9) == (bare, full)


def test_the_same_key_twice_is_one_letter_the_first(books: Opened) -> None:
    write(books, letter("k", card="1", **PUSH))
    write(books, letter("k", card="2", **PUSH), letter("k", card="3", **PUSH))
    with books.work() as work:
        assert [each.card for each in work.outbox.claim(NINE, 9)] == ["1"]


def test_the_same_key_twice_in_one_turn_is_one_letter(books: Opened) -> None:
    write(books, letter("k", card="1", **PUSH), letter("k", card="2", **PUSH))
    with books.work() as work:
        assert [each.card for each in work.outbox.claim(NINE, 9)] == ["1"]


def test_letters_leave_by_urgency_then_by_time(books: Opened) -> None:
    write(
        books,
        letter("edit", urgency=Urgency.EDIT),
        letter("later push", urgency=Urgency.PUSH, due_at=NINE + MINUTE),
        letter("push", **PUSH),
        letter("second push", **PUSH),
    )
    assert claimed(books, minutes=1) == ["push", "second push", "later push", "edit"]


def test_a_letter_is_claimed_once_and_not_before_it_is_due(books: Opened) -> None:
    write(books, *(letter(str(number), due_at=NINE + number * MINUTE, **PUSH) for number in range(4)))
    assert claimed(books, minutes=-1) == []
    assert claimed(books, minutes=2, limit=2) == ["0", "1"]
    assert claimed(books, minutes=2) == ["2"]
    assert claimed(books, minutes=2) == []


def test_an_answer_is_in_hand_and_claimed_only_after_a_crash(books: Opened) -> None:
    write(books, letter("answer"))
    assert claimed(books) == []
    with books.work() as work:
        assert work.outbox.recover(NINE) == 1
        assert work.outbox.recover(NINE) == 0
    assert claimed(books) == ["answer"]


def test_a_letter_that_comes_too_late_is_dropped(books: Opened) -> None:
    write(books, letter("late", not_after=NINE + MINUTE, **PUSH))
    assert claimed(books, minutes=2) == []
    assert claimed(books) == []


def test_a_letter_is_in_time_until_its_last_instant(books: Opened) -> None:
    write(books, letter("just", not_after=NINE + MINUTE, **PUSH))
    assert claimed(books, minutes=1) == ["just"]


def test_a_retry_comes_at_its_time_and_what_was_given_up_never(books: Opened) -> None:
    write(books, letter("a", **PUSH), letter("b", **PUSH))
    assert claimed(books) == ["a", "b"]
    with books.work() as work:
        work.outbox.retry("a", NINE + MINUTE, Outcome.NOT_SENT)
        work.outbox.give_up("b", Outcome.REFUSED, NINE)
        assert work.outbox.next_due() == NINE + MINUTE
    assert claimed(books) == []
    assert claimed(books, minutes=1) == ["a"]
    with books.work() as work:
        assert work.outbox.next_due() is None
        assert work.outbox.recover(NINE) == 1


def test_a_sent_letter_is_not_recovered(books: Opened) -> None:
    write(books, letter("answer"))
    with books.work() as work:
        work.outbox.sent(letter("answer"), "m1", "digest", NINE)
    with books.work() as work:
        assert work.outbox.recover(NINE) == 0


def test_a_chat_that_is_gone_is_not_written_to(books: Opened) -> None:
    org, _, member = books.found()
    home = Address(platform="telegram", chat=f"chat-{org}")
    second = Address(platform="slack", chat="D1")
    with books.work() as work:
        work.people.bind(second, "U1", org, member)
        assert work.store(org).address_of(member) == (second, home)
        work.outbox.bury(home, NINE)
        assert work.store(org).address_of(member) == (second,)
        assert work.store(org).gather_addresses([member]) == {member: second}
        work.people.bind(home, f"account-{org}", org, member)
        assert work.store(org).address_of(member) == (second, home)


def test_a_sent_card_that_lives_on_is_compared_once_more(books: Opened) -> None:
    org, _, member = books.found()
    live(books, org, member, language=Language.ZH)
    (card,) = stale(books)
    assert card == StaleCard(
        org_id=org,
        key=KEY,
        to=CHAT,
        message="m1",
        version=1,
        digest="digest",
        language=Language.ZH,
        member_id=member,
    )
    with books.work() as work:
        work.outbox.refreshed(card, None)
    assert stale(books) == []


def test_a_touched_card_is_stale_until_it_is_refreshed(books: Opened) -> None:
    org, _, member = books.found()
    live(books, org, member)
    with books.work() as work:
        work.outbox.refreshed(stale_one(work.outbox.stale_cards(9)), None)
    with books.store(org) as store:
        store.touch_card(KEY)
        store.touch_card(KEY)
        store.touch_card("another")
    (card,) = stale(books)
    assert card.version == 3
    with books.store(org) as store:
        store.touch_card(KEY)
    with books.work() as work:
        work.outbox.refreshed(card, None)
    assert [each.version for each in stale(books)] == [4]


def stale_one(cards: tuple[StaleCard, ...]) -> StaleCard:
    (card,) = cards
    return card


def test_a_pending_edit_gives_way_to_the_next(books: Opened) -> None:
    org, _, member = books.found()
    live(books, org, member)
    (card,) = stale(books)
    edit = {
        "org_id": org,
        "member_id": member,
        "card_key": KEY,
        "urgency": Urgency.EDIT,
        "delivery": Delivery.EDIT,
        "edits": "m1",
    }
    with books.work() as work:
        work.outbox.refreshed(card, letter("edit 1", **edit))
    with books.store(org) as store:
        store.touch_card(KEY)
    (card,) = stale(books)
    with books.work() as work:
        work.outbox.refreshed(card, letter("edit 2", **edit))
    assert claimed(books) == ["edit 2"]
    assert stale(books) == []


def test_a_card_posted_anew_is_shown_by_the_new_message(books: Opened) -> None:
    org, _, member = books.found()
    sent = live(books, org, member)
    with books.work() as work:
        work.outbox.refreshed(stale_one(work.outbox.stale_cards(9)), None)
        work.outbox.sent(sent, "m2", "digest 2", NINE)
    (card,) = stale(books)
    assert (card.message, card.digest) == ("m2", "digest 2")


def test_a_card_seen_by_one_person_only_does_not_live_on(books: Opened) -> None:
    org, _, member = books.found()
    live(books, org, member, delivery=Delivery.PRIVATE)
    assert stale(books) == []


def test_a_button_stands_for_its_command(books: Opened) -> None:
    org, _, member = books.found()
    commands = ("/today", "/visit \u4f60\u597d")
    written = letter("k", token="t", commands=commands, org_id=org, member_id=member, card_key=KEY)
    write(books, written)
    expected = PressedButton(
        org_id=org,
        member_id=member,
        to=CHAT,
        command="/visit \u4f60\u597d",
        expires_at=NINE + timedelta(days=7),
        used_at=None,
        card_key=KEY,
    )
    with books.work() as work:
        assert work.outbox.pressed("t", 1) == expected
        assert work.outbox.pressed("t", 2) is None
        assert work.outbox.pressed("t", -1) is None
        assert work.outbox.pressed("unknown", 0) is None


def test_a_button_is_used_alone(books: Opened) -> None:
    write(books, letter("k", token="t", commands=("/a", "/b", "/c")))
    with books.work() as work:
        work.outbox.use("t", 1, NINE)
        work.outbox.use("t", 0, NINE + MINUTE)
    with books.work() as work:
        used = [button.used_at for n in range(3) if (button := work.outbox.pressed("t", n))]
        assert used == [NINE + MINUTE, NINE, None]


def test_a_button_of_nobody_known_has_no_organisation(books: Opened) -> None:
    write(books, letter("k", token="t", commands=("/start",)))
    with books.work() as work:
        button = work.outbox.pressed("t", 0)
        assert button is not None
        assert (button.org_id, button.member_id) == (None, None)


def due(label: str, minutes: int) -> Due:
    return Due(label=label, due_at=NINE + minutes * MINUTE, not_after=NINE + (minutes + 60) * MINUTE)


def test_due_rows_come_in_time_and_move_on(books: Opened) -> None:
    org, _, member = books.found()
    with books.store(org) as store:
        store.plan_pushes(
            member, [("morning", due("d1", 0)), ("nudge", due("d1", 5)), ("close", due("d1", 9))]
        )
    with books.work() as work:
        assert work.outbox.next_push() == NINE
        assert work.outbox.due(NINE - MINUTE, 9) == ()
        rows = work.outbox.due(NINE + 5 * MINUTE, 9)
        assert rows == (
            DueRow(org_id=org, member_id=member, push="morning", due=due("d1", 0)),
            DueRow(org_id=org, member_id=member, push="nudge", due=due("d1", 5)),
        )
        assert work.outbox.due(NINE + 9 * MINUTE, 1) == rows[:1]
        work.outbox.move_due([(rows[0], "d1", due("d2", 20)), (rows[1], "d1", None)])
    with books.work() as work:
        assert [(row.push, row.due, row.served) for row in work.outbox.due(NINE + 99 * MINUTE, 9)] == [
            ("close", due("d1", 9), ""),
            ("morning", due("d2", 20), "d1"),
        ]


def test_a_new_plan_replaces_the_old_one(books: Opened) -> None:
    org, _, member = books.found()
    with books.store(org) as store:
        other = store.add_member(store.member(member))
        store.plan_pushes(other, [("morning", due("other", 3))])
        store.plan_pushes(member, [("morning", due("d1", 0)), ("close", due("d1", 9))])
        store.plan_pushes(member, [("morning", due("d2", 7))])
    with books.work() as work:
        assert [row.due.label for row in work.outbox.due(NINE + 99 * MINUTE, 9)] == ["other", "d2"]


def test_due_rows_of_many_organisations_move_in_one_unit_of_work(books: Opened) -> None:
    """As the tick does: the stores of the organisations are open side by side while rows of all are moved."""
    homes = [books.found(name) for name in ("Nordwind", "Südwind", "Westwind")]
    for org, _, member in homes:
        with books.store(org) as store:
            store.plan_pushes(member, [("morning", due("d1", 0))])
    with books.work() as work:
        rows = work.outbox.due(NINE, 9)
        for org, _, member in homes:
            work.store(org).write(letter(f"{org}", org_id=org, member_id=member, card_key=KEY, **PUSH))
        assert work.store(homes[0][0]).organisation().id == homes[0][0]
        work.outbox.move_due([(row, "d1", due("d2", 10)) for row in rows])
    with books.work() as work:
        assert work.outbox.due(NINE, 9) == ()
        assert len(work.outbox.due(NINE + 10 * MINUTE, 9)) == 3


def test_cards_of_many_organisations_are_refreshed_in_one_unit_of_work(books: Opened) -> None:
    for name in ("Nordwind", "Südwind"):
        org, _, member = books.found(name)
        live(books, org, member)
        write(books, letter(f"post {org}", org_id=org, member_id=member, card_key=KEY, **PUSH))
    with books.work() as work:
        for org in books.founded:
            sent = letter(f"post {org}", org_id=org, member_id=MemberId(1), card_key=KEY, **PUSH)
            work.outbox.sent(sent, "m", "digest", NINE)
    with books.work() as work:
        cards = work.outbox.stale_cards(9)
        assert [card.org_id for card in cards] == books.founded
        for card in cards:
            assert work.store(card.org_id).organisation().id == card.org_id
            work.outbox.refreshed(card, None)
    assert stale(books) == []


@pytest.mark.parametrize("many", [1, 250])
def test_many_letters_are_claimed_in_slices_without_a_gap(books: Opened, many: int) -> None:
    write(books, *(letter(f"{number:03}", **PUSH) for number in range(many)))
    found: list[str] = []
    for _ in range(many // 100 + 1):
        found += claimed(books, limit=100)
    assert found == [f"{number:03}" for number in range(many)]


IN_ORDER = {
    "due": (outbox.DUE, "ix_due_order"),
    "claim": (outbox.CLAIM, "ix_letter_due"),
    "expire": (outbox.EXPIRE, "ix_letter_expires"),
    "next": (outbox.NEXT_DUE, "ix_letter_due"),
}


@pytest.mark.parametrize("name", IN_ORDER)
def test_what_is_due_is_read_along_its_index_and_never_sorted(sqlite_url: str, name: str) -> None:
    """Of ten thousand that are due at one minute each look reads what it takes, or the work would grow with the square."""
    statement, index = IN_ORDER[name]
    engine = open_engine(sqlite_url)
    with engine.connect() as connection:
        driver = Driver(connection)
        values = {"now": NINE, "most": 9}
        prepared = driver._of(statement, values, many=False)
        assert isinstance(prepared, Prepared)
        # With its values: what a partial index holds is known by them.
        plan = driver.raw.execute(f"EXPLAIN QUERY PLAN {prepared.sql}", prepared.bound(values)).fetchall()
    engine.dispose()
    steps = [row[3] for row in plan]
    assert any(f"INDEX {index}" in each for each in steps), steps
    assert not any("TEMP B-TREE" in each for each in steps), steps
