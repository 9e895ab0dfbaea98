"""The watch: a deaf door is healed once its platform answers, then the process ends; clocks that jump are noticed."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.watch import JUMP_SECONDS, NotReceiving, Patience, Pulse, Watch
from tests.support.house import MONDAY, FreeClock

QUICK = Patience(proof=0.2, check=0.02, healing=0.2, ending=1.0)


class Ear:
    """A door that hears only where it is told to, and a platform that answers or does not."""

    def __init__(self, *, hears: bool = True, heals: bool = True, up: bool = True) -> None:
        self.pulse = Pulse("ear")
        self.hears, self.heals, self.up = hears, heals, up
        self.runs = self.renewed = self.asked = 0
        self.ended = asyncio.Event()
        self.error: Exception | None = None

    async def run(self) -> None:
        self.runs += 1
        while not self.ended.is_set():
            if self.hears and self.up:
                self.pulse.prove()
            await asyncio.sleep(0.02)
        if self.error:
            raise self.error

    async def renew(self) -> None:
        self.renewed += 1
        self.hears = self.heals

    async def answers(self) -> bool:
        self.asked += 1
        return self.up


def kept(ear: Ear, seconds: float, then: Any = None) -> Watch:
    """Watches a door for so long; raises what the watch raises."""
    watch = Watch([ear], FreeClock(MONDAY), QUICK)

    async def scenario() -> None:
        keeping = asyncio.create_task(watch.keep(ear))
        done, _ = await asyncio.wait([keeping], timeout=seconds)
        if then and not done:
            then()
            done, _ = await asyncio.wait([keeping], timeout=seconds)
        keeping.cancel()
        await asyncio.wait([keeping])
        if done:
            keeping.result()

    asyncio.run(asyncio.wait_for(scenario(), 30))
    return watch


def test_a_door_that_hears_is_left_alone() -> None:
    ear = Ear()
    watch = kept(ear, 0.8)
    assert (ear.runs, ear.renewed, ear.asked) == (1, 0, 0)
    assert watch.healed["ear"] == 0


def test_a_deaf_door_is_healed() -> None:
    ear = Ear(hears=False)
    watch = kept(ear, 1.5)
    assert (ear.runs, ear.renewed, ear.pulse.proven) == (2, 1, True)
    assert watch.healed["ear"] == 1 and watch.is_receiving


def test_a_door_that_stays_deaf_ends_the_process(capsys: pytest.CaptureFixture[str]) -> None:
    ear = Ear(hears=False, heals=False)
    with pytest.raises(NotReceiving):
        kept(ear, 20)
    assert (ear.runs, ear.renewed) == (2, 1)
    said = capsys.readouterr().out
    assert said.count("door_restarted") == 1 and said.count("not_receiving") == 1


def test_while_the_platform_is_out_nothing_is_gained_by_ending() -> None:
    ear = Ear(hears=False, heals=True, up=False)

    def comes_up() -> None:
        assert (ear.runs, ear.renewed) == (1, 0)
        ear.up = True

    watch = kept(ear, 1.2, comes_up)
    assert (ear.runs, ear.renewed) == (2, 1) and watch.is_receiving


def test_a_door_that_ends_by_itself_is_not_started_again() -> None:
    ear = Ear()
    ear.error = RuntimeError("no token")
    with pytest.raises(RuntimeError, match="no token"):
        kept(ear, 0.2, ear.ended.set)
    assert ear.runs == 1


# ---------------------------------------------------------------------- time


class Both:
    """The machine's two clocks: the one that somebody sets, and the one that only runs."""

    def __init__(self) -> None:
        self.wall = FreeClock(MONDAY)
        self.ran = 1000.0

    def pass_by(self, seconds: float) -> None:
        self.ran += seconds
        self.wall.at += timedelta(seconds=seconds)

    def watch(self, *pulses: Pulse) -> Watch:
        ears = []
        for pulse in pulses:
            ears.append(Ear())
            ears[-1].pulse = pulse
        return Watch(ears, self.wall, seconds=lambda: self.ran)

    def pulse(self) -> Pulse:
        return Pulse("ear", lambda: self.ran)


@pytest.mark.parametrize("jump", [timedelta(hours=-2), timedelta(hours=2), timedelta(days=1)])
def test_a_clock_that_is_set_is_told_once_and_changes_no_age(
    jump: timedelta, capsys: pytest.CaptureFixture[str]
) -> None:
    """R16: what was proved stays as old as it is, and nothing is healed for it."""

    async def scenario() -> None:
        both = Both()
        pulse = both.pulse()
        watch = both.watch(pulse)
        pulse.prove()
        both.pass_by(10)
        watch.look_at_clocks()
        assert watch.jumps == 0
        both.wall.at += jump
        for _ in range(3):
            both.pass_by(5)
            watch.look_at_clocks()
        assert watch.jumps == 1
        assert watch.ages == {"ear": 25.0} and watch.is_receiving
        both.wall.at -= jump
        watch.look_at_clocks()
        assert watch.jumps == 2

    asyncio.run(scenario())
    assert capsys.readouterr().out.count("clock_jumped") == 2


def test_a_clock_that_is_only_put_right_is_no_jump() -> None:
    async def scenario() -> None:
        both = Both()
        watch = both.watch()
        both.wall.at += timedelta(seconds=JUMP_SECONDS - 1)
        watch.look_at_clocks()
        assert watch.jumps == 0

    asyncio.run(scenario())


def test_a_skew_is_told_once_until_it_is_over(capsys: pytest.CaptureFixture[str]) -> None:
    async def scenario() -> None:
        both = Both()
        pulse = both.pulse()
        watch = both.watch(pulse)
        said = "Mon, 02 Mar 2026 00:00:00 GMT"
        for now, skew in ((61, 61.0), (61, 61.0), (2, 2.0), (-31, -31.0)):
            pulse.compare(said, datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=now))
            assert pulse.skew == skew
            watch.look_at_clocks()
        for unread in (None, "", "yesterday", "Mon, 02 Mar 2026 00:00:00"):
            pulse.compare(unread, MONDAY)
            assert pulse.skew == -31.0

    asyncio.run(scenario())
    assert capsys.readouterr().out.count("clock_skewed") == 2


def test_how_late_the_ticks_are() -> None:
    both = Both()
    watch = both.watch()
    assert watch.tick_late is None
    watch.ticking(15)
    assert watch.tick_late == 0
    both.pass_by(18)
    assert watch.tick_late == 3
    watch.ticking(15)
    both.pass_by(1)
    assert watch.tick_late == 3
    both.pass_by(60)
    assert watch.tick_late == 46
