"""News for the tests of the storage: one of everything people are spoken to by, and all that can be seen of it."""

from collections.abc import Sequence
from datetime import timedelta

from domain.kinds import Notice
from domain.news_ports import News, Snooze
from domain.people import MemberId
from domain.ports import Store
from tests.support.opened import MONDAY, NINE


def waiting(member: MemberId, key: str = "thanks:1", **values: object) -> News:
    """A word of thanks that waits."""
    plain: dict[str, object] = {
        "key": key,
        "member_id": member,
        "kind": Notice.THANKS,
        "card": '{"b":[["l","thanks",null]]}',
        "made_at": NINE,
        "due_at": NINE,
    }
    return News(**plain | values)  # type: ignore[arg-type]


def told(member: MemberId, key: str = "settled:1", place: int = 1, **values: object) -> News:
    """The same, told on Monday."""
    known: dict[str, object] = {"told_at": NINE, "told_on": MONDAY, "place": place}
    return waiting(member, key, **known | values)


def keep_told(store: Store, member: MemberId) -> None:
    """Something that waits, something told, something muted, something to come again, something ignored."""
    store.keep_news([waiting(member)])
    store.tell_news([told(member)])
    store.mute(member, Notice.CONTEST, None)
    store.snooze(Snooze(member_id=member, kind=Notice.MORNING, about=MONDAY, due_at=NINE))
    store.note_said([(member, Notice.NUDGE)], NINE)
    store.note_said([(member, Notice.NUDGE)], NINE + timedelta(days=1))


def heard(store: Store, members: Sequence[MemberId]) -> tuple[object, ...]:
    """All that an organisation shows of it."""
    return (
        store.gather_news(members, NINE + timedelta(days=9)),
        [store.told_news(member, MONDAY) for member in members],
        store.gather_placed(members, MONDAY, MONDAY),
        store.gather_mutes(members),
        store.gather_heeded(members),
        [store.count_said(member, tuple(Notice), NINE - timedelta(days=9)) for member in members],
    )
