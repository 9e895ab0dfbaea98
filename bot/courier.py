"""Takes letters from the outbox to the platforms: through the buckets, in order per chat, recorded, retried."""

import asyncio
import contextlib
import heapq
import itertools
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import structlog

from bot.buckets import Buckets, Limits
from bot.clock import Clock
from bot.jobs.port import Roles
from bot.outcomes import LONGEST_WAIT, Plainly, SendFailed, conclude
from bot.writer import Writer
from domain.ports import Database, Delivery, Job, Letter, Outcome, Urgency, Work
from handlers.letters import digest_of
from handlers.turn import Codes
from handlers.view import Card, decode
from handlers.wanted import keep_wanted

log = structlog.get_logger()
T = TypeVar("T")
CLAIM_MOST = 100
IN_FLIGHT = 8
IDLE_SECONDS, SHORTEST_SECONDS, SLOWEST_SECONDS = 30.0, 0.05, 1.0
# The outbox is looked at no more often than this: what was sent meanwhile is recorded together.
LOOK_SECONDS = 0.05
# An edit that its buckets hold back for longer waits in the outbox, where the next edit of its card replaces it.
EDIT_WAITS = 1.0
FIRST = min(Urgency) - 1
# So does a push that its own chat holds back for longer: others must not wait behind a group that is full.
PUSH_WAITS = 5.0
# How long nothing is tried after a token was refused, before the platform is asked whether it takes it again.
PROOF_WAITS = (1.0, 5.0, 15.0, 60.0, 300.0)
# A locked, full or lost database is asked again, for as long as it takes.
OUTAGE_WAITS = (0.1, 0.5, 1.0, 2.0, 5.0)
# Whoever sent before used up to all of the second's allowance.
TAKEN_OVER_SECONDS = 1.0
# A sender that is not sure of its role looks again so soon.
UNSURE_SECONDS = 0.1


class Channel(Protocol):
    """The sending side of a platform; without `menus` a letter that sets one has nothing to do there."""

    limits: Limits
    menus: bool

    def is_group(self, chat: str) -> bool: ...
    async def send(self, letter: Letter, shown: Card) -> str:
        """Posts or edits; the platform's id of the message. Raises `SendFailed`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A letter that left: the platform's id of the message, what it shows, and when.

    `refused` is what the platform said against our markup, where only the plain words arrived.
    """

    letter: Letter
    message: str
    digest: str
    at: datetime
    refused: str | None = None


@dataclass(order=True, slots=True)
class Queued:
    """A letter in line: by urgency, then by arrival."""

    urgency: int
    number: int
    letter: Letter


class Lines:
    """Letters waiting for one platform: the most urgent chat first, one letter in flight per chat."""

    def __init__(self, term: int | None = 0) -> None:
        # The term of office in which they were claimed; once closed nothing more of them leaves.
        self.term = term
        self.closed = False
        self._chats: dict[str, list[Queued]] = {}
        self._busy: set[str] = set()
        self._numbers = itertools.count()
        # Letters that left and that the outbox does not know of yet.
        self.unrecorded = 0
        self.wake = asyncio.Event()
        # Asks whether the token is taken again; set while it is refused. How often in a row it was in vain.
        self.proof: Callable[[], Awaitable[bool]] | None = None
        self.refusals = 0

    def __len__(self) -> int:
        return sum(len(line) for line in self._chats.values())

    def add(self, letter: Letter) -> None:
        line = self._chats.setdefault(letter.to.chat, [])
        # A form can be opened for a moment only.
        urgency = FIRST if letter.delivery is Delivery.FORM else letter.urgency
        heapq.heappush(line, Queued(urgency, next(self._numbers), letter))
        self.wake.set()

    def ready(self) -> list[Queued]:
        """The head of every idle chat, most urgent first."""
        return sorted(line[0] for chat, line in self._chats.items() if chat not in self._busy)

    def take(self, queued: Queued) -> None:
        """The head of a chat leaves the line."""
        chat = queued.letter.to.chat
        heapq.heappop(self._chats[chat])
        if not self._chats[chat]:
            del self._chats[chat]

    def drain(self, chat: str | None = None, urgency: int = FIRST) -> list[Letter]:
        """Takes out what waits (for one chat) and is no more urgent than that; it is for the caller to keep it."""
        taken: list[Letter] = []
        for name in [chat] if chat is not None else list(self._chats):
            line = self._chats.pop(name, [])
            taken += [each.letter for each in sorted(line) if each.urgency >= urgency]
            if kept := [each for each in line if each.urgency < urgency]:
                heapq.heapify(kept)
                self._chats[name] = kept
        return taken

    def start(self, queued: Queued) -> None:
        """It is on its way; until it is finished the rest of its chat waits."""
        self.take(queued)
        self._busy.add(queued.letter.to.chat)

    @property
    def in_flight(self) -> int:
        """How many letters are on their way; one that is finished no longer counts when `wake` is set."""
        return len(self._busy)

    def finish(self, queued: Queued) -> None:
        self._busy.discard(queued.letter.to.chat)
        self.wake.set()

    def close(self) -> list[Letter]:
        """What is in flight lands, nothing follows it; what was still in line."""
        left = [queued.letter for line in self._chats.values() for queued in line]
        self._chats.clear()
        self.closed = True
        self.wake.set()
        return left


class Courier:
    """One sender: it owns every bot's token, among replicas by a role for each, so its buckets hold.

    What is called a platform here is the name a channel joined under: each has lines, buckets and a token of its own,
    so that a second workspace needs no more than a name of its own.
    """

    def __init__(self, writer: Writer, clock: Clock, database: Database, codes: Codes, roles: Roles) -> None:
        self._writer = writer
        self._roles = roles
        self._role_of: dict[str, str] = {}
        self._serving: dict[str, asyncio.Task[None]] = {}
        self._looked_at = 0.0
        self._codes = codes
        self._database = database
        self._clock = clock
        self._channels: dict[str, Channel] = {}
        self._handed: deque[Letter] = deque()
        self._lines: dict[str, Lines] = {}
        self._sent: list[Sent] = []
        self._wake = asyncio.Event()
        self._stopping = False
        # How often each platform told us to wait.
        self.throttled: Counter[str] = Counter()

    def join(self, platform: str, channel: Channel, role: str = "") -> None:
        """Adds a platform that letters can be sent to, by whoever has the role."""
        self._channels[platform] = channel
        self._role_of[platform] = role
        self._roles.want(role)

    def hand(self, letters: Sequence[Letter]) -> None:
        """Takes answers just committed; they need no claim, their rows already say "sending"."""
        for letter in letters:
            if letter.to.platform in self._lines:
                self._lines[letter.to.platform].add(letter)
            else:
                self._handed.append(letter)
        # The same commit may have written letters that are claimed, also where it has no answer.
        self._wake.set()

    @property
    def refused(self) -> frozenset[str]:
        """The platforms that do not take our token: nothing is tried there, all that is due stays due."""
        return frozenset(name for name, lines in self._lines.items() if lines.proof)

    @property
    def unrecorded(self) -> int:
        """How many letters left that the outbox does not know of yet."""
        return len(self._sent)

    def wake(self) -> None:
        """Something may be due."""
        self._wake.set()

    async def recover(self) -> int:
        """After a crash: letters that were being sent are sent again; how many."""
        return await self._writer.run(lambda work: work.outbox.recover(self._clock.now()))

    async def settle(self) -> int:
        """Sends all that is due by now, one by one in the outbox's order; how many. For clocks that stand still."""
        count = 0
        while True:
            letters = self._taken()
            claimed, more = await self._keep(lambda work: self._claim(work, None))
            letters += claimed
            if not letters and not more:
                return count
            for letter in letters:
                await self._send(letter, None)
                await self._record()
                count += 1

    async def run(self) -> None:
        """Sends until stopped; what was not sent then stays due."""
        async with asyncio.TaskGroup() as group:
            while not self._stopping:
                for platform, role in self._role_of.items():
                    await self._follow(platform, self._roles.term(role), group)
                await self._look()
            if self._roles.shared:
                # The next sender may have them at once, and knows that they did not leave.
                await self._hold([(each, 0.0) for line in self._lines.values() for each in line.close()])
            for line in self._lines.values():
                line.wake.set()
            # Each is recorded as it lands: one that hangs until we are ended takes no other with it.
            while any(line.in_flight for line in self._lines.values()):
                await _woken(self._wake, SLOWEST_SECONDS)
                self._wake.clear()
                await self._record()
        await self._record()
        self._lines.clear()

    def stop(self) -> None:
        """Lets what is in flight finish and takes nothing new; the rest stays due."""
        self._stopping = True
        self._wake.set()

    async def _follow(self, platform: str, term: int | None, group: asyncio.TaskGroup) -> None:
        """A platform that is ours to send on has lines, in each term new ones; any other has none."""
        lines = self._lines.get(platform)
        if lines is not None and lines.term != term:
            # What was in line is the next sender's: its rows say that nobody knows what became of them.
            self._lines.pop(platform).close()
            lines = None
        before = self._serving.get(platform)
        if lines is not None or term is None or (before and not before.done()):
            return
        if self._roles.shared:
            found = await self._keep(lambda work: work.outbox.recover(self._clock.now(), platform))
            log.info("sending_taken_over", platform=platform, letters=found)
        lines = self._lines[platform] = Lines(term)
        self._serving[platform] = group.create_task(self._serve(platform, lines))
        self._serving[platform].add_done_callback(lambda _: self._wake.set())

    def _wanted(self) -> Sequence[str | None]:
        """The platforms to claim letters of; a slow one keeps its letters in the outbox and nobody else's."""
        ours = [each for each in self._lines if self._roles.owns(self._role_of[each])]
        # One that does not take our token keeps all of them.
        short = [
            each for each in ours if len(self._lines[each]) < CLAIM_MOST and self._lines[each].proof is None
        ]
        return (None,) if len(short) == len(self._lines) and not self._roles.shared else tuple(short)

    async def _look(self) -> None:
        """Records what left, takes what is due to the lines, and waits for the next reason to look."""
        self._wake.clear()
        self._looked_at = time.monotonic()
        wanted = self._wanted()
        sent, self._sent = self._sent, []
        claimed, more, due = await self._exchanged(sent, wanted)
        self._recorded(sent)
        for letter in (*self._taken(), *claimed):
            if letter.to.platform in self._lines:
                self._lines[letter.to.platform].add(letter)
            else:
                await self._put_off(letter)
        if not more:
            seconds = (due - self._clock.now()).total_seconds() if due else IDLE_SECONDS
            sure = all(self._roles.owns(self._role_of[each]) for each in self._lines)
            # With full lines it is their progress that wakes, not what is due.
            longest = IDLE_SECONDS if sure else UNSURE_SECONDS
            await _woken(self._wake, min(max(seconds, SHORTEST_SECONDS), longest))
        if not self._stopping:
            # Alone, answers come by hand, and what they leave behind is best recorded together. Among replicas all
            # comes through the outbox, and only the pace of looking is bounded.
            passed = time.monotonic() - self._looked_at if self._roles.shared else 0.0
            await asyncio.sleep(max(0.0, LOOK_SECONDS - passed))

    async def _exchanged(
        self, sent: Sequence[Sent], wanted: Sequence[str | None]
    ) -> tuple[tuple[Letter, ...], bool, datetime | None]:
        if self._roles.shared and not (sent or wanted):
            # Somebody else sends.
            return (), False, None
        return await self._keep(lambda work: self._exchange(work, sent, wanted))

    def _exchange(
        self, work: Work, sent: Sequence[Sent], wanted: Sequence[str | None]
    ) -> tuple[tuple[Letter, ...], bool, datetime | None]:
        """One look at the outbox: what left goes in; what is due, whether more is, and when the next will be come out."""
        _note(work, sent)
        found = [self._claim(work, one) for one in wanted]
        claimed = tuple(each for letters, _ in found for each in letters)
        named = None if wanted == (None,) else [each for each in wanted if each is not None]
        return claimed, any(more for _, more in found), work.outbox.next_due(named)

    def _claim(self, work: Work, platform: str | None) -> tuple[tuple[Letter, ...], bool]:
        """What is due and still wanted, and whether more may be due."""
        claimed = work.outbox.claim(self._clock.now(), CLAIM_MOST, platform)
        return keep_wanted(work, claimed), len(claimed) >= CLAIM_MOST

    async def _record(self) -> None:
        """Records at once what left."""
        sent, self._sent = self._sent, []
        if sent:
            await self._keep(lambda work: _note(work, sent))
            self._recorded(sent)

    async def _keep(self, job: Job[T]) -> T:
        """Runs a job however long the database is out: what became of a letter must not be forgotten."""
        for wait in itertools.chain(OUTAGE_WAITS, itertools.repeat(OUTAGE_WAITS[-1])):
            try:
                return await self._writer.run(job)
            except Exception as error:
                if not self._database.is_outage(error):
                    raise
                log.warning("outbox_out", error=type(error).__name__)
                await asyncio.sleep(wait)
        raise AssertionError("a chain without an end has ended")

    def _recorded(self, sent: Sequence[Sent]) -> None:
        for each in sent:
            lines = self._lines.get(each.letter.to.platform)
            if lines is not None:
                # What left in an earlier term counts no more.
                lines.unrecorded = max(0, lines.unrecorded - 1)
                lines.wake.set()

    def _taken(self) -> list[Letter]:
        return [self._handed.popleft() for _ in range(len(self._handed))]

    async def _put_off(self, letter: Letter) -> None:
        """It cannot leave now, because its platform is not configured say: it stays due."""
        await self._hold([(letter, LONGEST_WAIT.total_seconds())])

    async def _hold(
        self, held: Sequence[tuple[Letter, float]], outcome: Outcome = Outcome.NOT_SENT, reason: str = ""
    ) -> None:
        """Back to the outbox, each to come again after so many seconds."""
        now = self._clock.now()

        def job(work: Work) -> None:
            for letter, seconds in held:
                work.outbox.retry(letter.key, now + timedelta(seconds=seconds), outcome, reason)

        await self._keep(job)
        self._wake.set()

    async def _serve(self, platform: str, lines: Lines) -> None:
        """One platform's letters through its buckets, a few in flight, never two in one chat."""
        channel, buckets = self._channels[platform], Buckets(self._channels[platform].limits)
        role = self._role_of[platform]
        if self._roles.shared:
            buckets.pause(TAKEN_OVER_SECONDS, time.monotonic())
        flying: set[asyncio.Task[None]] = set()
        while not self._stopping and not lines.closed:
            if lines.proof:
                await self._prove(platform, lines, lines.proof)
                continue
            lines.wake.clear()
            pause: float | None = None
            held: list[tuple[Letter, float]] = []
            # One instant for all: a turn that comes free while we look is the first one's, not whoever's is looked at then.
            now = time.monotonic()
            for queued in lines.ready():
                if not self._roles.owns(role):
                    pause = UNSURE_SECONDS
                    break
                # A crash repeats what left unrecorded, so on a real platform that counts as in flight.
                unsure = lines.in_flight + (lines.unrecorded if channel.limits.bot else 0)
                if unsure >= IN_FLIGHT:
                    break
                # The topics of a group share its allowance.
                chat = queued.letter.to.chat.partition("/")[0]
                group = channel.is_group(chat)
                counted = buckets.of(queued.letter)
                wait = counted.wait(chat, now, group=group)
                if queued.letter.urgency is Urgency.EDIT and wait > EDIT_WAITS:
                    lines.take(queued)
                    held.append((queued.letter, counted.turn(chat, now, group=group)))
                elif queued.urgency >= Urgency.PUSH and counted.alone(chat, now, group=group) > PUSH_WAITS:
                    held += [(each, wait) for each in lines.drain(queued.letter.to.chat, Urgency.PUSH)]
                elif wait > 0:
                    pause = min(wait, pause or wait)
                else:
                    counted.take(chat, now, group=group)
                    lines.start(queued)
                    _keep_flying(flying, self._fly(queued, lines, counted, now))
            if held:
                _keep_flying(flying, self._hold(held))
                # What stood behind them is at the head now.
                lines.wake.set()
            buckets.forget(time.monotonic())
            await _woken(lines.wake, pause)
        if flying:
            await asyncio.wait(flying)

    async def _prove(self, platform: str, lines: Lines, proof: Callable[[], Awaitable[bool]]) -> None:
        """The token is refused: all goes back to the outbox, and nothing is tried before the platform takes it again.

        A proof that the next letter belies is worth nothing: only a letter that arrives begins the waits anew.
        """
        if not lines.refusals:
            log.error("token_refused", platform=platform)
        ends = time.monotonic() + PROOF_WAITS[min(lines.refusals, len(PROOF_WAITS) - 1)]
        lines.refusals += 1
        while not self._stopping and (left := ends - time.monotonic()) > 0:
            lines.wake.clear()
            if waiting := lines.drain():
                await self._hold([(each, 0.0) for each in waiting], Outcome.REVOKED)
            await _woken(lines.wake, left)
        if not self._stopping and await self._holds(proof):
            lines.proof = None
            log.warning("token_taken_again", platform=platform)
            self._wake.set()

    async def _holds(self, proof: Callable[[], Awaitable[bool]]) -> bool:
        try:
            return await proof()
        except Exception as error:
            log.error("proof_failed", exc_info=error)
            return False

    async def _fly(self, queued: Queued, lines: Lines, buckets: Buckets, taken: float) -> None:
        chat = queued.letter.to.chat.partition("/")[0]
        group = self._channels[queued.letter.to.platform].is_group(chat)
        buckets.left(chat, taken, time.monotonic(), group=group)
        try:
            await self._send(queued.letter, buckets)
        except Exception as error:
            # Nothing of what became of it was kept: it is tried again, and that shows it once more.
            log.error("outcome_not_kept", letter=queued.letter.key, exc_info=error)
            await self._put_off(queued.letter)
        finally:
            lines.finish(queued)

    async def _send(self, letter: Letter, buckets: Buckets | None) -> None:
        """Sends one letter and records what became of it."""
        channel = self._channels.get(letter.to.platform)
        if channel is None:
            await self._put_off(letter)
            return
        try:
            idle = letter.delivery is Delivery.MENU and not channel.menus
            message = "" if idle else await channel.send(letter, decode(letter.card))
        except SendFailed as failure:
            self.throttled[letter.to.platform] += failure.retry_after is not None
            if failure.retry_after and buckets:
                buckets.refused(letter.to.chat.partition("/")[0], failure.retry_after, time.monotonic())
            lines = self._lines.get(letter.to.platform)
            if lines is not None and failure.outcome is Outcome.REVOKED:
                lines.proof = failure.proof
            await self._failed(letter, failure)
            return
        except Exception as error:
            log.error("send_failed", letter=letter.key, exc_info=error)
            await self._failed(letter, SendFailed(Outcome.REFUSED, "a bug of ours"))
            return
        self._sent.append(
            Sent(
                letter=letter,
                message=str(message),
                digest=digest_of(letter.card),
                at=self._clock.now(),
                refused=message.refused if isinstance(message, Plainly) else None,
            )
        )
        if buckets:
            buckets.taken()
        lines = self._lines.get(letter.to.platform)
        if lines is not None:
            lines.unrecorded += 1
            lines.refusals = 0
        self._wake.set()

    async def _failed(self, letter: Letter, failure: SendFailed) -> None:
        now = self._clock.now()
        log.warning("not_sent", letter=letter.key, outcome=failure.outcome, reason=str(failure))
        await self._keep(lambda work: conclude(work, letter, failure, now, self._codes))
        # What is to be tried again may be due before anything else is.
        self._wake.set()


def _keep_flying(flying: set[asyncio.Task[None]], what: Coroutine[None, None, None]) -> None:
    """Starts a task and holds on to it until it ends."""
    task = asyncio.create_task(what)
    flying.add(task)
    task.add_done_callback(flying.discard)


def _note(work: Work, sent: Sequence[Sent]) -> None:
    for each in sent:
        work.outbox.sent(each.letter, each.message, each.digest, each.at, each.refused)


async def _woken(event: asyncio.Event, seconds: float | None) -> None:
    """Until the event or the time, whichever is first. (`wait_for` of 3.11 can swallow a cancellation.)"""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
