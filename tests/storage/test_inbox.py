"""What platforms delivered: kept once, answered once, set aside with a reference, on both databases."""

from datetime import timedelta

from domain.ports import Delivered, EventId
from tests.support.opened import NINE, Opened


def keep(books: Opened, delivery: str, platform: str = "telegram") -> EventId | None:
    with books.work() as work:
        return work.inbox.keep(platform, delivery, f"{platform}:41", '{"text": "\u4f60\u597d ✓"}', NINE)


def waiting(books: Opened) -> list[EventId]:
    with books.work() as work:
        return [each.id for each in work.inbox.waiting(EventId(0), 9)]


def test_a_delivery_is_kept_as_it_came(books: Opened) -> None:
    number = keep(books, "7")
    assert number is not None
    with books.work() as work:
        assert work.inbox.waiting(EventId(0), 9) == (
            Delivered(
                id=number,
                platform="telegram",
                lane="telegram:41",
                body='{"text": "\u4f60\u597d ✓"}',
                received_at=NINE,
            ),
        )


def test_the_same_delivery_again_is_nothing_new(books: Opened) -> None:
    first = keep(books, "7")
    assert keep(books, "7") is None
    other = keep(books, "7", platform="slack")
    assert other is not None
    assert waiting(books) == [first, other]


def test_a_delivery_that_was_answered_comes_no_more(books: Opened) -> None:
    first, second = keep(books, "7"), keep(books, "8")
    assert first is not None
    with books.work() as work:
        work.inbox.done(first)
        assert [each.id for each in work.inbox.waiting(EventId(0), 9)] == [second]
    assert keep(books, "7") is None


def test_numbers_grow_even_when_nothing_is_kept(books: Opened) -> None:
    numbers = [keep(books, each) for each in ("7", "7", "8", "6")]
    kept = [each for each in numbers if each is not None]
    assert len(kept) == 3
    assert kept == sorted(kept)


def test_waiting_pages_in_the_order_of_arrival(books: Opened) -> None:
    numbers = [keep(books, str(each)) for each in (5, 3, 9, 1)]
    with books.work() as work:
        page = work.inbox.waiting(EventId(0), 2)
        assert [each.id for each in page] == numbers[:2]
        assert [each.id for each in work.inbox.waiting(page[-1].id, 9)] == numbers[2:]


def test_a_failure_is_counted_and_a_poisonous_delivery_set_aside(books: Opened) -> None:
    number = keep(books, "7")
    assert number is not None
    with books.work() as work:
        work.inbox.failed(number, "ref1", quarantine=False)
        (again,) = work.inbox.waiting(EventId(0), 9)
        assert again.attempts == 1
        work.inbox.failed(number, "ref2", quarantine=True)
        assert work.inbox.waiting(EventId(0), 9) == ()


def test_an_offset_is_kept_by_platform(books: Opened) -> None:
    with books.work() as work:
        assert work.inbox.offset("telegram") == 0
        work.inbox.keep_offset("telegram", 2**40)
        work.inbox.keep_offset("slack", 1)
        work.inbox.keep_offset("telegram", 2**40 + 1)
        assert work.inbox.offset("telegram") == 2**40 + 1
        assert work.inbox.offset("slack") == 1


def test_a_delivery_keeps_the_instant_to_the_microsecond(books: Opened) -> None:
    at = NINE.astimezone() + timedelta(microseconds=1)
    with books.work() as work:
        work.inbox.keep("telegram", "9", "l", "{}", at)
        (found,) = work.inbox.waiting(EventId(0), 9)
        assert found.received_at == at
