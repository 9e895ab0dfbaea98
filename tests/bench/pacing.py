"""P8: how close to the platform's limit a broadcast is sent, whether it stays below it, and how fast an answer overtakes."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.app import build
from bot.buckets import Limits
from bot.clock import WallClock
from bot.telegram.sender import LIMITS
from domain.ports import Delivery, Letter, Urgency, Work
from handlers.view import Card
from tests.bench import outbox
from tests.bench.figure import Figure, Found, median
from tests.bench.world import PLATFORM, Size, make

BARS = ("P8",)
ABOUT = """\
P8. Ten thousand pushes to as many people are due, and the courier sends them with Telegram's limits as the product has them (25 a
second, 3 in 3 seconds to a chat, 18 a minute to a group) to a channel in the process that takes 20 ms for each, as a platform does.
What is counted is when each arrives there. The rate is that of the time after the first second, against 25 a second; the most in any
second and in any minute to one group are the worst of the whole run. Every half a second an answer is handed over as after a turn:
its slots are the pushes that had their turn between that instant and its own."""
TAKES = 0.02
PEOPLE = Size(organisations=1, reps_each=200)
ROOM = "-100"
EVERY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """How many letters are due, of them to one group, and for how many seconds they are watched."""

    letters: int
    to_room: int
    seconds: float


# A minute and a half shows a whole minute of the group; ten seconds show the rate.
FULL = Pacing(letters=10_000, to_room=60, seconds=90.0)
QUICK = Pacing(letters=10_000, to_room=30, seconds=12.0)


@dataclass(slots=True)
class Arrivals:
    """A channel that notes when each letter arrives, and whether somebody waited for it."""

    limits: Limits = LIMITS
    menus: bool = False
    at: list[float] = field(default_factory=list)
    to_room: list[float] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)

    def is_group(self, chat: str) -> bool:
        return chat.startswith("-")

    async def send(self, letter: Letter, shown: Card) -> str:
        if letter.urgency is Urgency.ANSWER:
            self.answers[letter.key] = len(self.at)
        self.at.append(time.monotonic())
        if letter.to.chat == ROOM:
            self.to_room.append(self.at[-1])
        await asyncio.sleep(TAKES)
        return str(len(self.at))


def most(instants: Sequence[float], window: float) -> int:
    """The most in any such window."""
    worst = first = 0
    for last, instant in enumerate(instants):
        while instants[first] <= instant - window:
            first += 1
        worst = max(worst, last - first + 1)
    return worst


async def sent(folder: Path, scale: Pacing) -> tuple[Arrivals, dict[str, int]]:
    """What arrived, and of each answer how much had left when it was handed over."""
    make(folder / "world.db", PEOPLE)
    app = build(f"sqlite:///{folder / 'world.db'}", WallClock(), {})
    channel = Arrivals()
    app.courier.join(PLATFORM, channel)
    now = app.clock.now()
    drawn = outbox.letters(outbox.Claiming(letters=scale.letters, rounds=1, jobs=0, size=PEOPLE))
    # Chats of their own, or a person's own limit would be what is measured.
    pushes = [
        replace(each, due_at=now, not_after=None, to=replace(each.to, chat=str(2_000_000 + number)))
        for number, each in enumerate(drawn)
    ]
    rooms = [
        replace(each, key=f"room:{number}", to=replace(each.to, chat=ROOM), member_id=None)
        for number, each in enumerate(pushes[: scale.to_room])
    ]

    def job(work: Work) -> None:
        for each in (*rooms, *pushes):
            work.outbox.write(each)

    await app.writer.run(job)
    running = asyncio.create_task(app.courier.run())
    handed: dict[str, int] = {}
    ends = time.monotonic() + scale.seconds
    while time.monotonic() < ends:
        await asyncio.sleep(EVERY)
        asked = replace(
            pushes[-1 - len(handed)],
            key=f"event:{len(handed)}",
            urgency=Urgency.ANSWER,
            delivery=Delivery.POST,
        )
        await app.writer.run(lambda work, one=asked: work.outbox.write(one))  # type: ignore[misc]
        app.courier.hand([asked])
        # What had its turn before leaves first: it is not what overtakes an answer.
        await asyncio.sleep(0)
        handed[asked.key] = len(channel.at)
    while handed.keys() - channel.answers.keys() and time.monotonic() < ends + 5:
        await asyncio.sleep(TAKES)
    app.courier.stop()
    await running
    app.close()
    return channel, handed


async def run(quick: bool, only: Sequence[str]) -> Found:
    scale = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="dealpace-bench-") as name:
        channel, handed = await sent(Path(name), scale)
    return found(channel, handed, scale)


def found(channel: Arrivals, handed: dict[str, int], scale: Pacing) -> Found:
    """The figures of a run; an answer that never came is worth none."""
    second = channel.limits.bot[0]
    first = channel.at[0] + second.seconds
    steady = [each for each in channel.at if each >= first]
    rate = (len(steady) - 1) / (steady[-1] - steady[0])
    waited = [channel.answers[key] - before for key, before in handed.items() if key in channel.answers]
    group = channel.limits.group[0]
    limits = (
        (
            "messages in any second",
            most(channel.at, second.seconds),
            second.most + 1,
            "the bot's 25 a second",
        ),
        (
            "messages to a group in any minute",
            most(channel.to_room, group.seconds),
            group.most + 1,
            "18 a minute",
        ),
    )
    return Found(
        figures=[
            Figure(
                bar="P8",
                what=f"of the permitted rate ({rate:.2f} a second)",
                value=100 * rate / second.most,
                spread=(100 * rate / second.most,) * 2,
                least=99,
                reference=f"{second.most} a second",
                unit="%",
            ),
            *(
                Figure(
                    bar="P8",
                    what=what,
                    value=value,
                    spread=(value, value),
                    most=wanted,
                    reference=whose,
                    unit="",
                )
                for what, value, wanted, whose in limits
            ),
            Figure(
                bar="P8",
                what=f"slots an answer waits (median {median(waited):.0f})",
                value=max(waited),
                spread=(min(waited), max(waited)),
                most=2,
                reference=f"{scale.letters} pushes due",
                unit="slots",
            ),
        ],
        ran=f"P8: {scale.letters} pushes due, {scale.seconds:.0f} s of them; {len(waited)} answers between",
        about=ABOUT,
        broken="" if len(waited) == len(handed) else f"{len(handed) - len(waited)} answers never left",
    )
