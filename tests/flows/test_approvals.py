"""Approvals beside the transcripts: two taps at once, crashes, quiet hours, who took over, what a lock screen shows."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.layout import plain as plain_lines
from bot.seed import Seat
from domain.deals import Approval, ApprovalId, DealId, Decision
from domain.milestones import PROJECT, Known, Source, revised
from domain.people import Language, MemberId, OrgId, Role, TeamId
from domain.ports import Change, ChangeId, Work
from handlers.escalating import escalate
from handlers.pieces.approval import approval_now
from handlers.registry import registry
from handlers.turn import approval_key
from handlers.view import t
from handlers.words import catalogue
from tests.support.house import House, house, seat
from tests.support.shown import keys_of

# 10:00 in Shanghai, a Monday.
TEN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
NORTH = OrgId(1)
BOSS = replace(seat("boss"), roles=frozenset({Role.MANAGER}))
ANN, CY = seat("ann"), seat("cy")
DAN = replace(seat("dan"), roles=frozenset({Role.DIRECTOR}))
DORA = replace(seat("dora"), deputy=True)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def shorten(work: Work) -> None:
    """The ladder whose first gate asks for money and time, one visit and the manager's word."""
    store = work.store(NORTH)
    stage = PROJECT.stage(1)
    known = tuple(
        each for each in stage.tasks if each.source is Source.FACT and each.known is Known.AMOUNT_AND_CLOSE
    )
    store.keep_template(revised(PROJECT, replace(stage, tasks=known), 1), MemberId(1), TEN)


@asynccontextmanager
async def ready(
    seats: Sequence[Seat], url: str = "sqlite:///:memory:", deals: int = 1
) -> AsyncIterator[House]:
    """A house in which deals of Ann stand before their gate, ready but for the manager's word."""
    async with house(seats, url=url, now=TEN) as at:
        await at.app.writer.run(shorten)
        for number in range(1, deals + 1):
            await at.says("ann", f"/deal new Customer{number}x; amount: 60k; close: 30 Apr")
            await at.says("ann", f"/visit Customer{number}x; met: Li Wei; result: yes; deal: D{number}")
        at.sent()
        yield at


async def approvals(at: House) -> list[Approval]:
    def job(work: Work) -> list[Approval]:
        store = work.store(NORTH)
        found = [store.approval(ApprovalId(number)) for number in range(1, 20)]
        return [each for each in found if each]

    return await at.app.writer.run(job)


def asking(at: House, chat: str) -> int:
    """How many messages with something to decide a chat has got, whatever became of them."""
    return sum(
        1
        for shown in at.recorder.chats.get(chat, [])
        if (shown.card.key or "").startswith("approval:") and shown.to.chat == chat
    )


def said(at: House, chat: str) -> set[str]:
    """The texts of the last message of a chat."""
    return keys_of(at.recorder.chats[chat][-1].card)


def test_of_two_taps_at_once_one_decides(database_url: str) -> None:
    async def scenario() -> None:
        async with ready([BOSS, ANN, DORA], database_url) as at:
            await at.says("ann", "/advance D1")
            at.clock.at += DAY
            await at.app.settle()
            assert asking(at, "dora") == 1
            await asyncio.gather(
                at.says("boss", "/approve P1 accept"), at.says("dora", "/approve P1 return; reason: not yet")
            )
            (approval,) = await approvals(at)
            won = {MemberId(1): Decision.ACCEPTED, MemberId(3): Decision.RETURNED}
            assert approval.decided_by is not None and approval.decision is won[approval.decided_by]
            loser = "dora" if approval.decided_by == MemberId(1) else "boss"
            told = {key for shown in at.recorder.chats[loser] for key in keys_of(shown.card)}
            assert f"approve.{approval.decision}_at" in told

            def told_of(work: Work) -> tuple[int, list[int]]:
                store = work.store(NORTH)
                changes = [store.facts(ChangeId(number)) for number in range(1, 20)]
                decisions = [
                    fact for facts in changes for fact in facts if fact.field == "decision" and fact.before
                ]
                return len(decisions), [each.milestone for each in store.passages(DealId(1))]

            decided, passed = await at.app.writer.run(told_of)
            assert decided == 1
            assert passed == ([1, 2] if approval.decision is Decision.ACCEPTED else [1])

    asyncio.run(scenario())


class Crash(Exception):
    """The process ends before the commit."""


def test_a_rank_is_asked_once_whatever_happens_in_between() -> None:
    """The move of the rank and its letters are one transaction: a crash before the commit leaves neither."""

    async def scenario() -> None:
        async with ready([BOSS, ANN, DORA]) as at:
            await at.says("ann", "/advance D1")
            at.clock.at += DAY

            def dies(work: Work) -> int:
                assert escalate(work, at.clock.at, at.app.codes) == 1
                raise Crash

            with pytest.raises(Crash):
                await at.app.writer.run(dies)
            assert (await approvals(at))[0].rank == "manager"
            for _ in range(3):
                await asyncio.gather(at.app.tick(), at.app.tick())
                await at.app.settle()
            at.clock.at -= timedelta(hours=3)
            await at.app.settle()
            at.clock.at += timedelta(hours=4)
            await at.app.settle()
            assert asking(at, "dora") == 1
            assert asking(at, "boss") == 1
            assert (await approvals(at))[0].rank == "deputy"

    asyncio.run(scenario())


def test_a_rank_with_nobody_is_passed_over_and_the_last_is_the_end() -> None:
    async def scenario() -> None:
        async with ready([BOSS, ANN, DAN]) as at:
            await at.says("ann", "/advance D1")
            at.clock.at += DAY
            await at.app.settle()
            assert asking(at, "dan") == 1
            for _ in range(5):
                at.clock.at += DAY
                await at.app.settle()
            assert (asking(at, "boss"), asking(at, "dan")) == (1, 1)
            (approval,) = await approvals(at)
            assert approval.escalate_at is None and approval.decision is Decision.OPEN

    asyncio.run(scenario())


def test_an_escalation_waits_for_the_end_of_somebodys_quiet_hours() -> None:
    async def scenario() -> None:
        # 10:00 in Shanghai is 21:00 in New York, 08:00 there is 21:00 in Shanghai.
        far = replace(DORA, zone="America/New_York")
        async with ready([BOSS, ANN, far]) as at:
            await at.says("ann", "/advance D1")
            at.clock.at += DAY
            await at.app.settle()
            assert asking(at, "dora") == 0
            at.clock.at += timedelta(hours=10, minutes=59)
            await at.app.settle()
            assert asking(at, "dora") == 0
            at.clock.at += MINUTE
            await at.app.settle()
            assert asking(at, "dora") == 1

    asyncio.run(scenario())


def test_what_falls_due_together_comes_in_one_message() -> None:
    async def scenario() -> None:
        async with ready([BOSS, ANN, DORA], deals=5) as at:
            for number in range(1, 6):
                await at.says("ann", f"/advance D{number}")
            assert asking(at, "boss") == 1
            at.clock.at += 15 * MINUTE
            await at.app.settle()
            assert asking(at, "boss") == 2
            assert [each.asked for each in await approvals(at)] == [(MemberId(1),)] * 5
            at.clock.at += DAY
            await at.app.settle()
            # The first by itself a quarter of an hour before, were it not for the clock that jumped.
            assert asking(at, "dora") == 1
            last = [each for each in at.recorder.chats["dora"] if "approval:" in (each.card.key or "")][-1]
            assert len(last.card.commands) == 6

    asyncio.run(scenario())


def test_who_took_over_the_team_decides_and_who_led_it_no_more() -> None:
    async def scenario() -> None:
        async with ready([BOSS, ANN, CY]) as at:
            await at.says("ann", "/advance D1")

            def hand_over(work: Work) -> None:
                work.store(NORTH).lead_team(TeamId(1), MemberId(3))

            await at.app.writer.run(hand_over)
            await at.says("boss", "/approve P1 accept")
            assert said(at, "boss") == {"approve.not_asked"}
            await at.says("cy", "/approve P1 ask; reason: who pays?")
            await at.says("ann", "/approve P1 answer; reason: the plant")
            assert "approve.answers" in said(at, "cy")
            await at.says("cy", "/approve P1 accept")
            assert (await approvals(at))[0].decided_by == MemberId(3)

    asyncio.run(scenario())


def test_a_cover_who_owns_the_deal_or_asks_for_it_is_not_asked() -> None:
    async def scenario() -> None:
        async with ready([BOSS, ANN, CY]) as at:
            await at.says("boss", "/away today; cover: ann")
            await at.says("ann", "/advance D1")
            (approval,) = await approvals(at)
            assert approval.asked == (MemberId(1),) and approval.covers == ()
            await at.says("ann", "/approve P1 accept")
            assert said(at, "ann") == {"approve.own"}

    asyncio.run(scenario())


def test_a_deal_that_ends_asks_nobody_any_more() -> None:
    async def scenario() -> None:
        async with ready([BOSS, ANN, DORA]) as at:
            await at.says("ann", "/advance D1")

            def ends(work: Work) -> None:
                change = Change(id=ChangeId(900), actor_id=MemberId(2), said_at=at.clock.at, command="lost")
                work.store(NORTH, change).revise_deal(DealId(1), state="lost")

            # Behind the product's back: not even the tick asks for what nobody wants.
            await at.app.writer.run(ends)
            at.clock.at += DAY
            await at.app.settle()
            assert asking(at, "dora") == 0
            await at.says("boss", "/approve")
            assert said(at, "boss") == {"approve.nothing"}

    asyncio.run(scenario())


@pytest.mark.parametrize("language", Language)
def test_a_lock_screen_shows_no_amount(language: Language) -> None:
    """The first forty characters, with the shortest names there are."""

    async def scenario() -> None:
        ann = replace(ANN, name="A")
        async with house([BOSS, ann], now=TEN) as at:
            await at.app.writer.run(shorten)
            await at.says("ann", "/deal new B; amount: 777k; close: 30 Apr")
            await at.says("ann", "/visit B; met: C; result: yes; deal: D1")
            await at.says("ann", "/advance D1")

            def job(work: Work) -> list[str]:
                store = work.store(NORTH)
                boss = store.member(MemberId(1))
                shown = approval_now(store, store.organisation(), boss, "-1-", at.clock.at)
                assert shown and shown.key == approval_key(1, 1)
                return plain_lines(shown, language)

            lines = await at.app.writer.run(job)
            text = "\n".join(lines)
            amount = catalogue().say(t("deal.amount", amount=Decimal(777000)), language)
            assert text.index(amount) >= 40, text

    asyncio.run(scenario())


def test_a_question_is_shown_whole_or_refused() -> None:
    async def scenario() -> None:
        async with ready([BOSS, ANN]) as at:
            await at.says("ann", "/advance D1")
            await at.says("boss", f"/approve P1 ask; reason: {'x' * 121}")
            assert "args.too_long" in said(at, "boss")
            assert len(at.recorder.chats["ann"][-1].card.commands) == 1
            await at.says("boss", f"/approve P1 ask; reason: {'x' * 120}")
            assert f"{'x' * 120}" in "\n".join(plain_lines(at.recorder.chats["ann"][-1].card, Language.EN))

    asyncio.run(scenario())


def test_everybody_may_say_it_and_the_request_says_who_decides() -> None:
    """A deputy or a cover may be a plain rep: no role is asked for, but whoever was not asked changes nothing."""
    assert registry().commands["approve"].roles == frozenset(Role)

    async def scenario() -> None:
        trainer = replace(seat("tom"), roles=frozenset({Role.TRAINER}))
        async with ready([BOSS, ANN, CY, DAN, trainer]) as at:
            await at.says("ann", "/advance D1")
            for who in ("ann", "cy", "dan", "tom"):
                for how in ("accept", "return; reason: no", "ask; reason: why"):
                    await at.says(who, f"/approve P1 {how}")
                    assert said(at, who) <= {"approve.own", "approve.not_asked"}
            (approval,) = await approvals(at)
            assert approval.decision is Decision.OPEN

    asyncio.run(scenario())
