"""What waits for the day's one message, what was told, what is muted, what comes again: the same on both databases."""

from dataclasses import replace
from datetime import timedelta

from domain.kinds import KINDS, Notice
from domain.news_ports import News, Snooze, is_muted
from domain.people import MemberId
from domain.ports import ChangeId, Urgency
from tests.storage.told import told, waiting
from tests.support.opened import MONDAY, NINE, Opened, letter

DAY = timedelta(days=1)


def test_news_wait_once_until_they_are_told(books: Opened) -> None:
    org, _, member = books.found()
    later = waiting(member, "later", due_at=NINE + DAY)
    with books.store(org) as store:
        store.keep_news([waiting(member), later])
        store.keep_news([replace(waiting(member), card="another")])
    with books.store(org) as store:
        assert store.gather_news([member], NINE) == {member: (waiting(member),)}
        found = store.gather_news([member], NINE + DAY)[member]
        assert {each.key for each in found} == {"thanks:1", "later"}
        store.tell_news([told(member, "thanks:1")])
    with books.store(org) as store:
        assert store.gather_news([member], NINE) == {}
        assert store.told_news(member, MONDAY) == (told(member, "thanks:1"),)
        store.wait_again(member, MONDAY, NINE + DAY)
    with books.store(org) as store:
        assert store.told_news(member, MONDAY) == ()
        assert len(store.gather_news([member], NINE + DAY)[member]) == 2


def test_what_a_change_had_to_tell_goes_with_it(books: Opened) -> None:
    org, _, member = books.found()
    with books.store(org) as store:
        store.keep_news([waiting(member, "a", change_id=7), waiting(member, "b")])
        store.tell_news([told(member, "c", change_id=7), told(member, "d", change_id=7, told_on=None)])
    with books.store(org) as store:
        assert store.withdraw_news(ChangeId(7)) == ((member, MONDAY),)
    with books.store(org) as store:
        assert [each.key for each in store.gather_news([member], NINE)[member]] == ["b"]
        assert store.told_news(member, MONDAY) == ()


def test_ranks_are_value_times_urgency_and_then_age() -> None:
    def of(kind: Notice, minutes: int) -> News:
        return waiting(MemberId(1), f"{kind}{minutes}", kind=kind, made_at=NINE + timedelta(minutes=minutes))

    mixed = [of(Notice.THANKS, 0), of(Notice.STALLED, 2), of(Notice.BUDGET, 3), of(Notice.STALLED, 1)]
    ranked = [each.key for each in sorted(mixed, key=lambda each: each.rank)]
    assert ranked == ["budget3", "stalled1", "stalled2", "thanks0"]
    assert [KINDS[kind].weight for kind in (Notice.BUDGET, Notice.STALLED, Notice.THANKS)] == [9, 6, 1]


def test_a_mute_ends_with_its_last_day_and_decisions_are_never_muted(books: Opened) -> None:
    org, _, member = books.found()
    with books.store(org) as store:
        store.mute(member, Notice.STALLED, MONDAY)
        store.mute(member, Notice.THANKS, MONDAY)
        store.mute(member, Notice.THANKS, None)
        store.mute(member, Notice.APPROVAL, None)
    with books.store(org) as store:
        mutes = store.gather_mutes([member])[member]
        assert mutes == {Notice.STALLED: MONDAY, Notice.THANKS: None, Notice.APPROVAL: None}
        assert is_muted(mutes, Notice.STALLED, MONDAY) and not is_muted(mutes, Notice.STALLED, MONDAY + DAY)
        assert is_muted(mutes, Notice.THANKS, MONDAY + 999 * DAY)
        assert not is_muted(mutes, Notice.APPROVAL, MONDAY)
        store.unmute(member, Notice.THANKS)
    with books.store(org) as store:
        assert Notice.THANKS not in store.gather_mutes([member])[member]


def test_a_card_to_come_again_is_one_of_its_kind(books: Opened) -> None:
    org, _, member = books.found()
    once = Snooze(member_id=member, kind=Notice.MORNING, about=MONDAY, due_at=NINE)
    with books.store(org) as store:
        store.snooze(once)
        store.snooze(replace(once, due_at=NINE + DAY))
    with books.work() as work:
        assert work.outbox.due_snoozes(NINE, 9) == ()
        assert work.outbox.due_snoozes(NINE + DAY, 9) == ((org, replace(once, due_at=NINE + DAY)),)
        assert work.outbox.next_push() == NINE + DAY
    with books.store(org) as store:
        store.drop_snooze(member, Notice.MORNING)
    with books.work() as work:
        assert work.outbox.due_snoozes(NINE + DAY, 9) == ()


def test_what_nobody_acted_on_within_a_day_was_ignored(books: Opened) -> None:
    org, _, member = books.found()
    with books.store(org) as store:
        for n in range(10):
            store.note_said([(member, Notice.NUDGE)], NINE + n * DAY)
        # Too late for the last of them.
        store.heed(member, Notice.NUDGE, NINE + 11 * DAY)
        store.note_said([(member, Notice.NUDGE)], NINE + 12 * DAY)
    with books.store(org) as store:
        (found,) = store.gather_heeded([member])[member]
        assert (found.acted, found.ignored, found.in_a_row) == (0, 10, 10)
        assert found.proposes(MONDAY)
        store.note_proposed(member, Notice.NUDGE, MONDAY)
        store.heed(member, Notice.NUDGE, NINE + 12 * DAY + DAY / 2)
        store.heed(member, Notice.NUDGE, NINE + 12 * DAY + DAY / 2)
    with books.store(org) as store:
        (found,) = store.gather_heeded([member])[member]
        assert (found.acted, found.ignored, found.in_a_row) == (1, 10, 0)
        again = replace(found, in_a_row=10)
        assert not again.proposes(MONDAY + 90 * DAY) and again.proposes(MONDAY + 91 * DAY)


def test_letters_of_a_kind_are_counted_and_answers_are_not(books: Opened) -> None:
    org, _, member = books.found()
    with books.work() as work:
        for key, kind in (("a", Notice.APPROVAL), ("b", Notice.CLAIM), ("c", None)):
            pushed = letter(key, org_id=org, member_id=member)
            work.outbox.write(replace(pushed, kind=kind, urgency=Urgency.PUSH))
    with books.store(org) as store:
        assert store.count_said(member, (Notice.APPROVAL, Notice.CLAIM), NINE - DAY) == 2
        assert store.count_said(member, (Notice.APPROVAL,), NINE - DAY) == 1
        assert store.count_said(member, tuple(Notice), NINE + DAY) == 0
    with books.work() as work:
        kinds = {each.key: each.kind for each in work.outbox.claim(NINE + DAY, 9)}
        assert kinds["a"] is Notice.APPROVAL
