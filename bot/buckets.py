"""The sender's allowances: per bot, per chat and per group, by the instants of what was sent."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from domain.ports import Letter

# A 429 that names no chat is the chat's own, until so many chats in a row were refused: then it is the bot's.
CHATS_IN_A_ROW = 3
# How far ahead turns are given out: those of messages that were overtaken by a newer one stay unused.
TURNS_WITHIN = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `most` in any window of `seconds`."""

    most: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A platform's limits (platforms sections 2 and 3): the whole bot, one chat, one group, and what is counted apart.

    `by_chat` where a 429 does not say whom it means: one chat's must not freeze everybody.
    """

    bot: tuple[Limit, ...] = ()
    chat: tuple[Limit, ...] = ()
    group: tuple[Limit, ...] = ()
    apart: "tuple[Apart, ...]" = ()
    by_chat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Letters that a platform counts by themselves, with pauses of their own; the first that fits counts."""

    fits: Callable[[Letter], bool]
    limits: Limits


@dataclass(slots=True)
class Bucket:
    """A sliding window over one limit; `now` is monotonic seconds."""

    limit: Limit
    sent: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Seconds until one more may leave; 0 when it may leave now."""
        while self.sent and self.sent[0] <= now - self.limit.seconds:
            self.sent.popleft()
        return 0.0 if len(self.sent) < self.limit.most else self.sent[0] + self.limit.seconds - now

    def take(self, now: float) -> None:
        self.sent.append(now)

    def moved(self, taken: float, left: float) -> None:
        """What was counted at one instant left at a later one."""
        for at in range(len(self.sent) - 1, -1, -1):
            if self.sent[at] == taken:
                self.sent[at] = left
                return


class Buckets:
    """All buckets of one bot, and its pauses after a 429."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._bot = [Bucket(limit) for limit in limits.bot]
        self._pace = max((limit.seconds / limit.most for limit in limits.bot), default=0.0)
        self._last_turn = 0.0
        self._chats: dict[str, list[Bucket]] = {}
        self._paused_until = 0.0
        self._by_chat = limits.by_chat
        self._parked: dict[str, float] = {}
        # The chats that were refused since something was taken.
        self._refused: set[str] = set()
        self._apart = [(each.fits, Buckets(each.limits)) for each in limits.apart]

    def of(self, letter: Letter) -> "Buckets":
        """The buckets a letter is counted in."""
        return next((buckets for fits, buckets in self._apart if fits(letter)), self)

    def wait(self, chat: str, now: float, *, group: bool) -> float:
        """Seconds until a message to `chat` may leave."""
        return max(self._whole(now), self.alone(chat, now, group=group))

    def alone(self, chat: str, now: float, *, group: bool) -> float:
        """Seconds that `chat` by itself holds a message back, whatever the bot may do."""
        parked = self._parked.get(chat, 0.0) - now
        return max((0.0, parked, *(bucket.wait(now) for bucket in self._of_chat(chat, group))))

    def _whole(self, now: float) -> float:
        return max((0.0, self._paused_until - now, *(bucket.wait(now) for bucket in self._bot)))

    def turn(self, chat: str, now: float, *, group: bool) -> float:
        """Seconds until a message that waits elsewhere should come again.

        While the bot as a whole may send nothing, each gets a turn of its own, or all would come at once.
        """
        wait = self.wait(chat, now, group=group)
        if self._whole(now) < wait:
            return wait
        first, following = now + wait, self._last_turn + self._pace
        self._last_turn = following if first < following < first + TURNS_WITHIN else first
        return self._last_turn - now

    def take(self, chat: str, now: float, *, group: bool) -> None:
        """Counts a message that leaves now; edits count too."""
        for bucket in (*self._bot, *self._of_chat(chat, group)):
            bucket.take(now)

    def left(self, chat: str, taken: float, now: float, *, group: bool) -> None:
        """A message that was counted at `taken` leaves only now: a process that stood still must not catch up."""
        for bucket in (*self._bot, *self._of_chat(chat, group)):
            bucket.moved(taken, now)

    def refused(self, chat: str, seconds: float, now: float) -> None:
        """After a 429 nothing leaves for a while, to that chat or at all; what waits goes through the buckets again."""
        self._refused.add(chat)
        if not self._by_chat or len(self._refused) >= CHATS_IN_A_ROW:
            self.pause(seconds, now)
        else:
            self._parked[chat] = max(self._parked.get(chat, 0.0), now + seconds)

    def taken(self) -> None:
        """Something was taken: the bot as a whole is not refused."""
        self._refused.clear()

    def pause(self, seconds: float, now: float) -> None:
        """Nothing leaves for a while."""
        self._paused_until = max(self._paused_until, now + seconds)

    def forget(self, now: float) -> None:
        """Drops the buckets of chats that have been quiet."""
        for _, apart in self._apart:
            apart.forget(now)
        for chat, buckets in list(self._chats.items()):
            if all(bucket.wait(now) == 0.0 and not bucket.sent for bucket in buckets):
                del self._chats[chat]
        for chat, until in list(self._parked.items()):
            if until <= now:
                del self._parked[chat]

    def _of_chat(self, chat: str, group: bool) -> list[Bucket]:
        if chat not in self._chats:
            limits = self._limits.chat + (self._limits.group if group else ())
            self._chats[chat] = [Bucket(limit) for limit in limits]
        return self._chats[chat]
