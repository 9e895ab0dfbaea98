"""What became of a letter's person and place meanwhile, on both databases, in as many queries for many as for one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import event

from domain.people import MemberId, OrgId
from domain.ports import Address, Letter, Urgency, Whereabouts
from domain.workdays import CalendarDay, Leave
from tests.support.opened import CHAT, MEMBER, MONDAY, NINE, Opened, letter

TUESDAY = MONDAY + timedelta(days=1)
FINE = Whereabouts(is_member=True, is_alive=True, paused_until=None, room_of=None)


def push(org: OrgId, member: MemberId | None, key: str = "k", to: Address | None = None) -> Letter:
    home = to or replace(CHAT, chat=f"chat-{org}")
    return letter(key, org_id=org, member_id=member, to=home, urgency=Urgency.PUSH)


def standing(books: Opened, *letters: Letter, dates: tuple[date, ...] = ()) -> list[Whereabouts]:
    with books.work() as work:
        for each in letters:
            work.outbox.write(each)
    with books.work() as work:
        found = work.outbox.whereabouts([each.key for each in letters], dates)
    return [found[each.key] for each in letters]


def test_a_person_who_is_there_and_one_who_left(books: Opened) -> None:
    org, team, member = books.found()
    with books.store(org) as store:
        other = store.add_member(replace(MEMBER, team_id=team))
        store.revise_member(other, left_on=MONDAY)
        store.revise_member(member, paused_until=TUESDAY)
    here, gone, nobody = standing(
        books, push(org, member), push(org, other, "gone"), push(org, MemberId(99), "nobody")
    )
    assert here == replace(FINE, paused_until=TUESDAY)
    assert not gone.is_member and not nobody.is_member


def test_a_chat_that_takes_nothing(books: Opened) -> None:
    org, _, member = books.found()
    with books.work() as work:
        work.outbox.bury(replace(CHAT, chat=f"chat-{org}"), NINE)
    assert standing(books, push(org, member)) == [replace(FINE, is_alive=False)]


def test_whose_room_it_is_now(books: Opened) -> None:
    org, team, member = books.found()
    room = Address(platform="telegram", chat="-5")
    with books.store(org) as store:
        store.bind_room(team, room, member)
    [found] = standing(books, push(org, None, to=room))
    assert found.room_of == org


def test_what_waits_for_a_room_is_taken_back_when_it_is_unbound(books: Opened) -> None:
    org, team, member = books.found()
    room = Address(platform="telegram", chat="-5")
    with books.store(org) as store:
        store.bind_room(team, room, member)
        store.write(push(org, None, "board", room))
    with books.store(org) as store:
        store.unbind_room(room)
        store.write(push(org, None, "farewell", room))
    with books.work() as work:
        assert [each.key for each in work.outbox.claim(NINE, 9)] == ["farewell"]


def test_days_away_and_days_declared_are_those_of_the_dates_asked_for(books: Opened) -> None:
    org, team, member = books.found()
    week = MONDAY + timedelta(days=7)
    with books.turn(org, member) as store:
        other = store.add_team("West")
        store.add_leave(member, Leave(first=MONDAY, last=TUESDAY), "")
        store.add_leave(member, Leave(first=week, last=week), "")
        store.add_calendar_day(CalendarDay(on=TUESDAY, works=False))
        store.add_calendar_day(CalendarDay(on=TUESDAY, works=True, team_id=team))
        store.add_calendar_day(CalendarDay(on=TUESDAY, works=False, team_id=other))
        store.add_calendar_day(CalendarDay(on=week, works=False))
    assert standing(books, push(org, member), dates=(TUESDAY,)) == [
        replace(FINE, leaves=(Leave(first=MONDAY, last=TUESDAY),), declared={TUESDAY: True})
    ]
    assert standing(books, push(org, member, "undated")) == [FINE]


def test_many_are_looked_up_in_as_many_statements_as_one(books: Opened) -> None:
    org, _, member = books.found()
    other_org, _, other = books.found("Westwind")
    letters = [push(org, member, f"k{number}") for number in range(40)]
    letters += [push(other_org, other, f"w{number}") for number in range(40)]
    with books.work() as work:
        for each in letters:
            work.outbox.write(each)
    with books.work() as work:
        keys = [each.key for each in letters]
        assert ran(books, lambda: work.outbox.whereabouts(keys[:1], (MONDAY,))) == 2
        assert ran(books, lambda: work.outbox.whereabouts(keys, (MONDAY,))) == 2
        assert ran(books, lambda: work.outbox.whereabouts(keys)) == 1


def ran(books: Opened, do: Callable[[], object]) -> int:
    """How many statements."""
    seen: list[object] = []

    def note(*said: object) -> None:
        seen.append(said)

    event.listen(books.database.engine, "before_cursor_execute", note)
    try:
        do()
    finally:
        event.remove(books.database.engine, "before_cursor_execute", note)
    return len(seen)
