"""What a store keeps of how people are spoken to: news that wait, cards to be sent again, what is muted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from domain.kinds import KINDS, Notice
from domain.people import MemberId


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something a person is to hear with the day's one message; `card` is JSON of `handlers.view`.

    It waits until `due_at`. Once told it stands on the card of `told_on` in `place`, counted from 1; what was muted when
    it would have been told has no place anywhere. `change_id` is the change it tells of: taken back with it.
    """

    key: str
    member_id: MemberId
    kind: Notice
    card: str
    made_at: datetime
    due_at: datetime
    change_id: int | None = None
    told_at: datetime | None = None
    told_on: date | None = None
    place: int | None = None

    @property
    def rank(self) -> tuple[int, datetime, int, str]:
        """The order of a day's news: value x urgency first, then what is older."""
        return -KINDS[self.kind].weight, self.made_at, self.change_id or 0, self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """A card somebody wants to see again at `due_at`, made anew then; `about` is the date it was for."""

    member_id: MemberId
    kind: Notice
    about: date
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Heeded:
    """How somebody answers a kind: how often within a day, how often not, and how often not in a row lately."""

    kind: Notice
    acted: int
    ignored: int
    in_a_row: int
    proposed_on: date | None = None

    def proposes(self, today: date) -> bool:
        """Whether to ask if it should be switched off: after ten in a row, once a quarter (ours)."""
        asked = self.proposed_on is not None and today - self.proposed_on < PROPOSED_AGAIN
        return KINDS[self.kind].mutable and self.in_a_row >= IGNORED_IN_A_ROW and not asked


IGNORED_IN_A_ROW = 10
PROPOSED_AGAIN = timedelta(days=91)
# Whoever presses a button of it within this time has acted on it.
ACTED_WITHIN = timedelta(days=1)
# What somebody muted, each until a date; None is for good.
Mutes = Mapping[Notice, date | None]


def is_muted(mutes: Mapping[Notice, date | None], kind: Notice, today: date) -> bool:
    """Whether a kind is muted on a date, its last one included; what may not be muted never is."""
    if not KINDS[kind].mutable or kind not in mutes:
        return False
    until = mutes[kind]
    return until is None or today <= until


class NewsStore(Protocol):
    """Rows of news, snoozes and mutes."""

    def keep_news(self, news: Sequence[News]) -> None:
        """Keeps what is to be told; of one key only the first."""
        ...

    def tell_news(self, news: Sequence[News]) -> None:
        """Keeps that these were told, when, on which card and where on it; new ones with it."""
        ...

    def gather_news(self, members: Sequence[MemberId], now: datetime) -> dict[MemberId, tuple[News, ...]]:
        """What waits for each and is due, in no order."""
        ...

    def told_news(self, member: MemberId, on: date) -> tuple[News, ...]:
        """What stands on a person's card of a date, by place."""
        ...

    def gather_placed(
        self, members: Sequence[MemberId], first: date, last: date
    ) -> dict[tuple[MemberId, date], int]:
        """How many things stand on the card of each and each of these dates."""
        ...

    def wait_again(self, member: MemberId, on: date, due_at: datetime) -> None:
        """What stands on the card of a date was not told after all: it waits until `due_at`."""
        ...

    def withdraw_news(self, change: int) -> tuple[tuple[MemberId, date], ...]:
        """What a change that is taken back had to tell is dropped; whose card of which date had it already."""
        ...

    def gather_mutes(self, members: Sequence[MemberId]) -> dict[MemberId, Mutes]: ...
    def mute(self, member: MemberId, kind: Notice, until: date | None) -> None: ...
    def unmute(self, member: MemberId, kind: Notice) -> None: ...
    def snooze(self, snooze: Snooze) -> None:
        """One of a kind at a time: the last said counts."""
        ...

    def drop_snooze(self, member: MemberId, kind: Notice) -> None: ...
    def count_said(self, member: MemberId, kinds: Sequence[Notice], since: datetime) -> int:
        """How many letters of these kinds were written to a person since an instant, edits aside."""
        ...

    def note_said(self, said: Sequence[tuple[MemberId, Notice]], now: datetime) -> None:
        """These were said; the one before of the same kind was ignored when it still waits to be acted on."""
        ...

    def heed(self, member: MemberId, kind: Notice, now: datetime) -> None:
        """The person acted on the last of a kind, if it is no more than a day old."""
        ...

    def gather_heeded(self, members: Sequence[MemberId]) -> dict[MemberId, tuple[Heeded, ...]]: ...
    def note_proposed(self, member: MemberId, kind: Notice, on: date) -> None: ...
