"""What follows from each outcome of a try to send: again and when, given up, parked, or nothing until there is proof."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs

from bot import courier as couriers
from bot.buckets import CHATS_IN_A_ROW, Buckets, Limit, Limits
from bot.courier import IN_FLIGHT, Lines
from bot.outcomes import Plainly, SendFailed
from bot.transcript import Recorder
from domain.people import Language, MemberId, OrgId
from domain.ports import Address, Delivery, Letter, Outcome, Urgency, Work
from handlers.view import Card, card, encode
from storage import tables
from tests.support.house import MONDAY, PLATFORM, House, house, seat

ANN, ORG = MemberId(1), OrgId(1)
LATER = MONDAY + timedelta(hours=4)
ROOM: dict[str, Any] = {"member_id": None, "to": Address(platform=PLATFORM, chat="room")}


class Moody(Recorder):
    """A platform that fails as it is told, then takes all; `asked` is every letter it was given."""

    def __init__(self, *failures: SendFailed | None, limits: Limits | None = None) -> None:
        super().__init__(limits=limits or Limits())
        self.failures = list(failures)
        self.asked: list[str] = []
        self.asked_chats: list[str] = []

    async def send(self, letter: Letter, shown: Card) -> str:
        self.asked.append(letter.key)
        self.asked_chats.append(letter.to.chat)
        failure = self.failures.pop(0) if self.failures else None
        if failure:
            raise failure
        return await Recorder.send(self, letter, shown)


def letter(key: str = "k", **facts: Any) -> Letter:
    known: dict[str, Any] = {
        "to": Address(platform=PLATFORM, chat="ann"),
        "card": encode(card(key)),
        "language": Language.EN,
        "due_at": MONDAY,
        "urgency": Urgency.PUSH,
        "member_id": ANN,
        "org_id": ORG,
    }
    return Letter(key=key, **(known | facts))


@contextlib.asynccontextmanager
async def told(channel: Moody, *letters: Letter) -> AsyncIterator[House]:
    """A house on that platform in which these letters are due."""
    async with house([seat("ann")]) as at:
        at.app.courier.join(PLATFORM, channel)
        await write(at, letters)
        yield at


async def write(at: House, letters: Sequence[Letter]) -> None:
    def job(work: Work) -> None:
        for each in letters:
            work.outbox.write(each)

    await at.app.writer.run(job)


async def row(at: House, key: str = "k") -> tuple[Any, ...]:
    """State, outcome and how many answers said nothing."""
    p = tables.letter.c
    [found] = await at.rows(select(p.state, p.outcome, p.unsure, p.reason).where(p.key == key))
    return tuple(found)


def unknown() -> SendFailed:
    return SendFailed(Outcome.UNKNOWN, "ReadTimeout")


REMINDER: dict[str, Any] = {"not_after": LATER}
ALERT: dict[str, Any] = {}
EDIT: dict[str, Any] = {"delivery": Delivery.EDIT, "edits": "m1", "urgency": Urgency.EDIT}


@pytest.mark.parametrize(
    ("facts", "failures", "tries", "ends"),
    [
        (REMINDER, 1, 2, ("sent", "sent", 1, "ReadTimeout")),
        # Once more, and then it is left to whoever looks for what may be missing.
        (REMINDER, 2, 2, ("unknown", "unknown", 2, "ReadTimeout")),
        (ALERT, 3, 4, ("sent", "sent", 3, "ReadTimeout")),
        (EDIT, 3, 4, ("sent", "sent", 3, "ReadTimeout")),
        (ROOM, 1, 2, ("sent", "sent", 1, "ReadTimeout")),
        (ROOM, 2, 2, ("unknown", "unknown", 2, "ReadTimeout")),
    ],
    ids=["reminder", "reminder, twice", "alert", "edit", "room", "room, twice"],
)
def test_what_nobody_knows_of_is_sent_anew_as_its_kind_may_be(
    facts: dict[str, Any], failures: int, tries: int, ends: tuple[Any, ...]
) -> None:
    async def scenario() -> None:
        channel = Moody(*(unknown() for _ in range(failures)))
        async with told(channel, letter(**facts)) as at:
            for _ in range(8):
                await at.app.courier.settle()
                at.clock.at += timedelta(minutes=15)
            assert (len(channel.asked), await row(at)) == (tries, ends)

    asyncio.run(scenario())


def test_an_answer_is_said_until_it_is_known_to_have_arrived() -> None:
    async def scenario() -> None:
        channel = Moody(unknown(), unknown(), unknown())
        async with told(channel) as at:
            await at.says("ann", "/help")
            for _ in range(4):
                at.clock.at += timedelta(minutes=1)
                await at.app.courier.settle()
            assert len(channel.asked) == 4 and len(channel.chats["ann"]) == 1

    asyncio.run(scenario())


def test_a_room_is_told_again_at_the_next_quarter_of_an_hour() -> None:
    async def scenario() -> None:
        channel = Moody(unknown())
        async with told(channel, letter(**ROOM)) as at:
            at.clock.at = MONDAY + timedelta(minutes=4)
            await at.app.courier.settle()
            at.clock.at = MONDAY + timedelta(minutes=14, seconds=59)
            await at.app.courier.settle()
            assert len(channel.asked) == 1
            at.clock.at = MONDAY + timedelta(minutes=15)
            await at.app.courier.settle()
            assert len(channel.asked) == 2

    asyncio.run(scenario())


def test_what_was_not_sent_is_tried_ever_more_slowly_until_it_is_useful_no_more() -> None:
    async def scenario() -> None:
        channel = Moody(*(SendFailed(Outcome.NOT_SENT, "no connection") for _ in range(999)))
        async with told(channel, letter(not_after=MONDAY + timedelta(minutes=10))) as at:
            tries = []
            for _ in range(720):
                before = len(channel.asked)
                await at.app.courier.settle()
                tries += [at.clock.at] * (len(channel.asked) - before)
                at.clock.at += timedelta(seconds=1)
            waits = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(tries)]
            assert waits[:6] == [1, 1, 2, 4, 8, 16] and set(waits[7:]) == {60}
            assert tries[-1] <= MONDAY + timedelta(minutes=10)
            assert (await row(at))[0] == "expired"

    asyncio.run(scenario())


def test_the_sample_of_a_card_that_was_refused_is_filed_with_its_letter() -> None:
    class Strict(Moody):
        async def send(self, letter: Letter, shown: Card) -> str:
            return Plainly(await Moody.send(self, letter, shown), "can't parse entities")

    async def scenario() -> None:
        async with told(Strict(), letter("plain")) as at, told(Moody(), letter("other")) as other:
            await at.app.courier.settle()
            assert await row(at, "plain") == ("sent", "refused", 0, "can't parse entities")
            at.app.courier.join(PLATFORM, Moody(SendFailed(Outcome.REFUSED, "message is too long")))
            await write(at, [letter("lost")])
            await at.app.courier.settle()
            assert await row(at, "lost") == ("dead", "refused", 0, "message is too long")
            await other.app.courier.settle()
            assert await row(other, "other") == ("sent", "sent", 0, None)

    asyncio.run(scenario())


def test_whether_it_was_sent_twice_can_be_told_after_a_crash_too() -> None:
    async def scenario() -> None:
        async with told(Moody(), letter("a", **REMINDER), letter("b", **REMINDER)) as at:
            await at.app.writer.run(lambda work: work.outbox.claim(MONDAY, 1))
            assert await at.app.courier.recover() == 1
            await at.app.courier.settle()
            p = tables.letter.c
            repeats = await at.rows(select(p.key).where(p.state == "sent", p.unsure + p.recovered > 0))
            assert [key for (key,) in repeats] == ["a"]

    asyncio.run(scenario())


# ---------------------------------------------------------------------- the token is refused


def test_nothing_is_tried_until_the_token_is_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Revoked: what is due stays due, however much it is; only the proof is asked for, ever more slowly."""
    monkeypatch.setattr(couriers, "PROOF_WAITS", (0.01, 0.02, 0.04))
    proofs: list[bool] = []
    good, asked_for = asyncio.Event(), asyncio.Event()

    async def proof() -> bool:
        proofs.append(good.is_set())
        if len(proofs) >= 5:
            asked_for.set()
        return good.is_set()

    class Revoked(Moody):
        async def send(self, letter: Letter, shown: Card) -> str:
            if not good.is_set():
                self.asked.append(letter.key)
                raise SendFailed(Outcome.REVOKED, "token_revoked", proof=proof)
            return await Recorder.send(self, letter, shown)

    async def scenario() -> None:
        channel = Revoked()
        letters = [
            letter(f"k{number}", to=Address(platform=PLATFORM, chat=f"c{number}")) for number in range(300)
        ]
        async with told(channel, *letters) as at:
            running = asyncio.create_task(at.app.courier.run())
            await asyncio.wait_for(asked_for.wait(), 30)
            assert at.app.courier.refused == {PLATFORM}
            await at.says_only("ann", "/help")
            due = "SELECT state, count(*) FROM letter WHERE urgency > 0 GROUP BY state"
            assert [tuple(each) for each in await at.rows(text(due))] == [("due", 300)]
            assert len(channel.asked) <= IN_FLIGHT
            good.set()
            at.clock.at += timedelta(minutes=2)
            while len(channel.sent) < len(letters) + 1:
                at.app.courier.wake()
                await asyncio.sleep(0.01)
            assert at.app.courier.refused == frozenset()
            at.app.courier.stop()
            await running

    with capture_logs() as logs:
        asyncio.run(asyncio.wait_for(scenario(), 60))
    assert [each["event"] for each in logs].count("token_refused") == 1
    assert [each["event"] for each in logs].count("token_taken_again") == 1


def test_a_second_workspace_under_a_name_of_its_own_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(couriers, "PROOF_WAITS", (60.0,))

    async def never() -> bool:
        return False

    async def scenario() -> None:
        dead, alive = Moody(SendFailed(Outcome.REVOKED, "token_revoked", proof=never)), Moody()
        other = [letter(f"o{n}", to=Address(platform="slack:T2", chat=f"c{n}")) for n in range(20)]
        async with told(dead, letter(), *other) as at:
            at.app.courier.join("slack:T2", alive)
            running = asyncio.create_task(at.app.courier.run())
            while len(alive.sent) < len(other) or at.app.courier.refused != {PLATFORM}:
                await asyncio.sleep(0.01)
            at.app.courier.stop()
            await running
            assert dead.asked == ["k"]

    asyncio.run(asyncio.wait_for(scenario(), 60))


# ---------------------------------------------------------------------- buckets


def test_one_chats_429_does_not_freeze_everybody() -> None:
    buckets = Buckets(Limits(by_chat=True))
    buckets.refused("a", 30.0, 0.0)
    assert buckets.wait("a", 10.0, group=False) == 20.0
    assert buckets.wait("b", 10.0, group=False) == 0.0
    # Refused again and again, one chat stays one chat.
    buckets.refused("a", 30.0, 5.0)
    assert buckets.wait("b", 10.0, group=False) == 0.0
    buckets.forget(99.0)
    assert buckets.wait("a", 99.0, group=False) == 0.0


def test_chats_that_are_refused_in_a_row_are_the_whole_bots() -> None:
    buckets = Buckets(Limits(by_chat=True))
    for number in range(CHATS_IN_A_ROW - 1):
        buckets.refused(f"c{number}", 30.0, 0.0)
    buckets.taken()
    buckets.refused("d", 30.0, 0.0)
    assert buckets.wait("z", 0.0, group=False) == 0.0
    for number in range(CHATS_IN_A_ROW - 1):
        buckets.refused(f"c{number}", 30.0, 0.0)
    assert buckets.wait("z", 10.0, group=False) == 20.0


def test_where_a_429_says_whom_it_means_it_is_believed() -> None:
    buckets = Buckets(Limits())
    buckets.refused("a", 30.0, 0.0)
    assert buckets.wait("b", 10.0, group=False) == 20.0


def test_after_a_pause_all_go_through_the_buckets_again() -> None:
    buckets = Buckets(Limits(bot=(Limit(most=2, seconds=1.0),)))
    buckets.refused("a", 10.0, 0.0)
    left = []
    now = 10.0
    for number in range(6):
        now += buckets.wait(f"c{number}", now, group=False)
        buckets.take(f"c{number}", now, group=False)
        left.append(now)
    assert left == [10, 10, 11, 11, 12, 12]


def test_a_group_that_is_full_holds_up_nobody_else() -> None:
    """A hundred announcements to one room fill the lines: they wait in the outbox, and the others' pushes leave."""

    class Rooms(Moody):
        def is_group(self, chat: str) -> bool:
            return chat == "room"

    async def scenario() -> None:
        channel = Rooms(limits=Limits(group=(Limit(most=2, seconds=3600.0),)))
        rooms = [letter(f"r{number:03}", **ROOM) for number in range(250)]
        # Due later, so that they stand behind all of the room's.
        pushes = [
            letter(
                f"p{number}",
                to=Address(platform=PLATFORM, chat=f"c{number}"),
                due_at=MONDAY + timedelta(seconds=1),
            )
            for number in range(30)
        ]
        async with told(channel, *rooms, *pushes) as at:
            at.clock.at += timedelta(seconds=2)
            running = asyncio.create_task(at.app.courier.run())
            while len(channel.sent) < 32:
                await asyncio.sleep(0.01)
            at.app.courier.stop()
            await running
            assert channel.asked[:2] == ["r000", "r001"]
            assert channel.asked_chats.count("room") == 2
            waiting = "SELECT count(*) FROM letter WHERE state = 'due' AND key LIKE 'r%'"
            assert [tuple(each) for each in await at.rows(text(waiting))] == [(248,)]

    asyncio.run(asyncio.wait_for(scenario(), 60))


def test_what_is_taken_out_of_a_line_leaves_answers_where_they_are() -> None:
    async def scenario() -> None:
        lines = Lines()
        for key, urgency in (("push", Urgency.PUSH), ("answer", Urgency.ANSWER), ("edit", Urgency.EDIT)):
            lines.add(letter(key, urgency=urgency))
        lines.add(letter("other", to=Address(platform=PLATFORM, chat="bob")))
        assert [each.key for each in lines.drain("ann", Urgency.PUSH)] == ["push", "edit"]
        assert [each.letter.key for each in lines.ready()] == ["answer", "other"]
        assert {each.key for each in lines.drain()} == {"answer", "other"} and len(lines) == 0

    asyncio.run(scenario())


def test_what_left_is_counted_as_recorded_also_when_nothing_waits_behind_it() -> None:
    """A letter that leaves a line others stand in, and is recorded once the line is empty, is no longer under way."""

    async def scenario() -> None:
        channel = Moody(limits=Limits(bot=(Limit(most=10_000, seconds=1.0),)))
        async with told(channel) as at:
            running = asyncio.create_task(at.app.courier.run())
            for round_ in range(6):
                sent = len(channel.sent)
                many = [
                    letter(f"{round_}:{n}", to=Address(platform=PLATFORM, chat=f"c{n}"))
                    for n in range(IN_FLIGHT * 3)
                ]
                await write(at, many)
                at.app.courier.wake()
                while len(channel.sent) < sent + len(many):
                    await asyncio.sleep(0.01)
                # Else this never ends, and after a few such rounds nothing leaves any more.
                while at.app.courier._lines[PLATFORM].unrecorded:
                    await asyncio.sleep(0.01)
            at.app.courier.stop()
            await running

    asyncio.run(asyncio.wait_for(scenario(), 60))


def test_what_left_late_is_counted_when_it_left() -> None:
    buckets = Buckets(Limits(bot=(Limit(most=2, seconds=1.0),), chat=(Limit(most=1, seconds=3.0),)))
    for chat in ("a", "b"):
        buckets.take(chat, 0.0, group=False)
    buckets.left("b", 0.0, 0.7, group=False)
    assert buckets.wait("c", 0.9, group=False) == pytest.approx(0.1)
    buckets.take("c", 1.0, group=False)
    assert buckets.wait("d", 1.0, group=False) == pytest.approx(0.7)
    assert buckets.wait("b", 1.0, group=False) == pytest.approx(2.7)
