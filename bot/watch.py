"""Whether each platform is still receiving, by its last proof of it: heals a door that is deaf, or ends the process."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

import structlog

from bot.clock import Clock

log = structlog.get_logger()
Seconds = Callable[[], float]
# Beyond this a clock that was set is worth a word: what is due comes early or late by as much (quality R16).
JUMP_SECONDS = 300.0
# Slack refuses signatures 300 s old; pushes and "today" go wrong long before.
MOST_SKEW_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds: how old a proof may be, how often it is looked at, and how long a healed door has to bring one."""

    proof: float = 90.0
    check: float = 5.0
    healing: float = 60.0
    ending: float = 5.0


@dataclass(slots=True)
class Pulse:
    """A platform's last proof that we receive from it, by the monotonic clock; and what its clock says of ours."""

    platform: str
    seconds: Seconds = time.monotonic
    # Another process receives and this one is ready to: there is nothing to prove.
    stands_by: Callable[[], bool] = bool
    proved_at: float = field(init=False)
    # Nothing was proved before the first proof: until then the age counts from the start.
    proven: bool = False
    # Our clock minus the platform's, by the `Date` of its last answer.
    skew: float | None = None
    # How often it told us to ask more slowly; letters are counted by the courier.
    throttled: int = 0

    def __post_init__(self) -> None:
        self.proved_at = self.seconds()

    @property
    def age(self) -> float:
        """Seconds since the last proof."""
        return 0.0 if self.stands_by() else self.seconds() - self.proved_at

    def begin(self) -> None:
        """From now on the platform has something to prove."""
        self.proved_at = self.seconds()

    def prove(self) -> None:
        """Something arrived, or nothing could have got lost."""
        self.proved_at = self.seconds()
        self.proven = True

    def compare(self, said: str | None, now: datetime) -> None:
        """Notes how far our clock is from the platform's; `said` is a `Date` header, or none."""
        try:
            told = parsedate_to_datetime(said or "")
        except ValueError:
            return
        if told.tzinfo is not None:
            self.skew = (now - told).total_seconds()


class Receiver(Protocol):
    """The receiving side of a platform."""

    @property
    def pulse(self) -> Pulse: ...
    async def run(self) -> None:
        """Receives until cancelled, and again when it is called again."""
        ...

    async def renew(self) -> None:
        """Drops the connections that the last run received by."""
        ...

    async def answers(self) -> bool:
        """Whether the platform answers at all, by a connection made for this question."""
        ...


class NotReceiving(Exception):
    """A platform answers, and yet nothing proves that we receive from it: whoever supervises us starts us anew."""


class Watch:
    """Keeps the doors receiving, and an eye on the clock."""

    def __init__(
        self,
        receivers: Iterable[Receiver],
        clock: Clock,
        patience: Patience | None = None,
        seconds: Seconds = time.monotonic,
    ) -> None:
        self._receivers = tuple(receivers)
        self._clock = clock
        self._patience = patience or Patience()
        self._seconds = seconds
        self._offset = self._wall()
        self._skewed: set[str] = set()
        self._ticked_at: float | None = None
        self._late = 0.0
        self._every = 0.0
        self.jumps = 0
        self.stopping = False
        self.healed: Counter[str] = Counter()

    @property
    def pulses(self) -> tuple[Pulse, ...]:
        return tuple(each.pulse for each in self._receivers)

    @property
    def ages(self) -> Mapping[str, float]:
        """Seconds since each platform's last proof."""
        return {each.platform: each.age for each in self.pulses}

    @property
    def is_receiving(self) -> bool:
        """Whether every platform's proof is young enough."""
        return all(age <= self._patience.proof for age in self.ages.values())

    @property
    def tick_late(self) -> float | None:
        """Seconds by which the last tick began too late, or the next one is late by now; None before the first."""
        if self._ticked_at is None:
            return None
        return max(self._late, self._seconds() - self._ticked_at - self._every)

    def ticking(self, every: float) -> None:
        """A tick begins; the next is meant to begin so many seconds later."""
        now = self._seconds()
        if self._ticked_at is not None:
            self._late = max(0.0, now - self._ticked_at - self._every)
        self._ticked_at, self._every = now, every

    async def keep(self, receiver: Receiver) -> None:
        """Has a door receive until cancelled, or as long as it does by itself.

        Raises what the door raises, or `NotReceiving`.
        """
        healed_at: float | None = None
        while True:
            running = asyncio.create_task(receiver.run())
            try:
                if await self._ends(receiver, running, healed_at):
                    return running.result()
            finally:
                running.cancel()
                await asyncio.wait([running], timeout=self._patience.ending)
            healed_at = self._seconds()
            self.healed[receiver.pulse.platform] += 1
            log.error("door_restarted", platform=receiver.pulse.platform, silent=round(receiver.pulse.age))
            await receiver.renew()

    async def _ends(self, receiver: Receiver, running: "asyncio.Task[None]", healed_at: float | None) -> bool:
        """Whether the door ended by itself; if not, it is to be healed. Raises `NotReceiving`."""
        pulse, patience = receiver.pulse, self._patience
        while not (await asyncio.wait([running], timeout=patience.check))[0]:
            if pulse.age <= patience.proof:
                healed_at = None
            elif not await receiver.answers():
                # The network or the platform is out: no connection of ours would be any better, nor a new process.
                healed_at = None
                log.warning("platform_out", platform=pulse.platform, silent=round(pulse.age))
            elif healed_at is None:
                return False
            elif self._seconds() - healed_at > patience.healing:
                log.critical("not_receiving", platform=pulse.platform, silent=round(pulse.age))
                raise NotReceiving(pulse.platform)
        return True

    async def watch_clocks(self) -> None:
        """Notes when the clock is set, and when it is not the platforms', until cancelled."""
        while True:
            await asyncio.sleep(self._patience.check)
            self.look_at_clocks()

    def look_at_clocks(self) -> None:
        """One look: each jump is logged once, and a skew once until it is over."""
        before, self._offset = self._offset, self._wall()
        if abs(jumped := self._offset - before) > JUMP_SECONDS:
            self.jumps += 1
            log.error("clock_jumped", seconds=round(jumped))
        for pulse in self.pulses:
            if pulse.skew is None or abs(pulse.skew) <= MOST_SKEW_SECONDS:
                self._skewed.discard(pulse.platform)
            elif pulse.platform not in self._skewed:
                self._skewed.add(pulse.platform)
                log.error("clock_skewed", platform=pulse.platform, seconds=round(pulse.skew))

    def _wall(self) -> float:
        """How far the wall clock is from the monotonic one: it changes when somebody sets the clock."""
        return self._clock.now().timestamp() - self._seconds()
