"""Turns at the edge: a form's refusal is told whoever is slow, and a lane outlives a row that cannot be ended."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pytest
from structlog.testing import capture_logs

from bot.app import build
from bot.clock import WallClock
from bot.inbound import Inbound
from bot.intake import Delivery
from bot.writer import Writer
from domain.ports import Job
from tests.support.slack_house import ANN, HTTP, House, house, in_loop

T = TypeVar("T")
SOON = 5.0
BAD_DATE = {"customer": "Acme", "met": "Li Wei (CFO)", "next": "send quote by the 99th"}
STATES = "SELECT state, count(*) FROM inbox GROUP BY state ORDER BY state"

pytestmark = pytest.mark.usefixtures("sqlite_url")


class Slow:
    """A writer whose results of one kind arrive only once it is released."""

    def __init__(self, writer: Writer, holds: Callable[[object], bool]) -> None:
        self._writer = writer
        self._holds = holds
        self.held, self.released = asyncio.Event(), asyncio.Event()

    async def run(self, job: Job[T]) -> T:
        result = await self._writer.run(job)
        if self._holds(result):
            self.held.set()
            await self.released.wait()
        return result

    def close(self) -> None:
        self._writer.close()


def _worded(result: object) -> bool:
    """Whether it is what is wrong with a form, in words."""
    return isinstance(result, Mapping)


async def _form(at: House) -> None:
    """A rep has a form open."""
    await at.team()
    await at.server.user_commands(ANN, "/pace", "visit")
    await at.server.until(lambda: at.server.modal(ANN))


# ---------------------------------------------------------------------- a form's refusal


def test_a_refusal_that_is_worded_too_late_for_the_form_is_told_by_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.adapter.FORM_SECONDS", 0.5)

    async def scenario() -> None:
        async with house(tmp_path, by=HTTP) as at:
            await _form(at)
            slow = at.app.dispatch._writer = Slow(at.app.writer, _worded)
            # Acknowledged while the words are still waited for: the form's time is kept.
            wrong = await at.server.user_submits(ANN, BAD_DATE)
            assert wrong.acknowledged and wrong.response is None and not slow.released.is_set()
            await asyncio.wait_for(slow.held.wait(), SOON)
            assert at.server.messages(ANN) == []
            slow.released.set()
            assert "99th" in (await at.said(ANN)).text
            await at.app.dispatch.idle()
            assert at.rows(STATES) == [("done", 2)]

    in_loop(scenario())


def test_a_refusal_that_is_told_in_the_form_is_told_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path, by=HTTP) as at:
            await _form(at)
            wrong = await at.server.user_submits(ANN, BAD_DATE)
            assert wrong.response and list(wrong.response["errors"]) == ["next"]
            await at.app.dispatch.idle()
            assert at.rows(STATES) == [("done", 2)]
            # Words are answered in their order: nothing came before this answer.
            await at.tells(ANN, "today")
            assert len(at.server.messages(ANN)) == 1

    in_loop(scenario())


def test_a_form_whose_asker_was_ended_meanwhile_is_answered_by_a_message(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path, by=HTTP) as at:
            await _form(at)
            slow = at.app.dispatch._writer = Slow(at.app.writer, _worded)
            asking = asyncio.create_task(at.server.user_submits(ANN, BAD_DATE))
            await asyncio.wait_for(slow.held.wait(), SOON)
            # As the end of a connection does it.
            [asker] = [task for task in asyncio.all_tasks() if "Dispatch.errors" in _stack(task)]
            asker.cancel()
            slow.released.set()
            assert "99th" in (await at.said(ANN)).text
            await asyncio.wait([asking], timeout=SOON)
            await at.app.dispatch.idle()
            assert at.rows(STATES) == [("done", 2)]

    in_loop(scenario())


def _stack(task: "asyncio.Task[object]") -> str:
    """The names of the coroutines a task is in, outermost first."""
    names: list[str] = []
    inner: object = task.get_coro()
    while inner is not None:
        names.append(getattr(inner, "__qualname__", ""))
        inner = getattr(inner, "cr_await", None)
    return " ".join(names)


# ---------------------------------------------------------------------- what is stored is answered


def test_what_is_stored_is_answered_even_if_its_connection_ended_meanwhile(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path, by=HTTP) as at:
            await at.team()
            slow = at.app.intake._writer = Slow(at.app.writer, lambda result: isinstance(result, list))
            asking = asyncio.create_task(at.server.user_says(ANN, "today"))
            await asyncio.wait_for(slow.held.wait(), SOON)
            [taker] = [task for task in asyncio.all_tasks() if "Intake.take" in _stack(task)]
            taker.cancel()
            slow.released.set()
            assert "Visits" in (await at.said(ANN)).text
            await asyncio.wait([asking], timeout=SOON)
            await at.app.dispatch.idle()
            assert at.rows(STATES) == [("done", 1)]

    in_loop(scenario())


# ---------------------------------------------------------------------- a row that cannot be ended


def _decode(body: str) -> Inbound | None:
    if body == "bad":
        raise ValueError("cannot be read")
    return None


def test_a_row_that_cannot_even_be_set_aside_is_left_and_its_lane_goes_on(sqlite_url: str) -> None:
    async def scenario() -> None:
        app = build(sqlite_url, WallClock(), {"slack": _decode})
        file = sqlite_url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute(
                "CREATE TRIGGER never BEFORE UPDATE ON inbox WHEN NEW.state = 'poison' "
                "BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
            with capture_logs() as said:
                await app.intake.take("slack", [Delivery(id="1", lane="L", body="bad")])
                await asyncio.wait_for(app.dispatch.idle(), SOON)
                await app.intake.take("slack", [Delivery(id=str(n), lane="L", body="ok") for n in (2, 3)])
                # Whoever waits for an answer is not left waiting.
                late = asyncio.get_running_loop().time() + 60
                asked = app.intake.ask("slack", Delivery(id="4", lane="L", body="bad"), late)
                assert await asyncio.wait_for(asked, SOON) == {}
                await asyncio.wait_for(app.dispatch.idle(), SOON)
            assert [each["event_id"] for each in said if each["event"] == "row_left"] == [1, 4]
            assert other.execute("SELECT id, state FROM inbox ORDER BY id").fetchall() == [
                (1, "new"),
                (2, "done"),
                (3, "done"),
                (4, "new"),
            ]
            other.execute("DROP TRIGGER never")
            # The next start takes up what was left.
            assert await app.dispatch.recover() == 2
            await asyncio.wait_for(app.dispatch.idle(), SOON)
            assert other.execute("SELECT count(*) FROM inbox WHERE state = 'poison'").fetchall() == [(2,)]
        app.close()

    in_loop(scenario())
