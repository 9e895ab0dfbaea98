"""The Slack scenarios once more, with the Web API's state kept by npm `emulate` instead of our own fake."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from domain.people import Language
from handlers.view import t
from handlers.words import catalogue
from tests.support.slack_emulate import EmulatedSlack, installed
from tests.support.slack_house import HTTP, SOCKET, House, house, in_loop, label

Json = dict[str, Any]
VISIT = "visit Acme\nmet: Li Wei (CFO)\nresult: budget confirmed\nnext: send quote by Fri"
VISITED = {
    "customer": "Acme",
    "met": "Li Wei (CFO)",
    "result": "budget confirmed",
    "next": "send quote by Fri",
}
BOTH = pytest.mark.parametrize("by", [SOCKET, HTTP])

pytestmark = pytest.mark.usefixtures("sqlite_url")


@dataclass(slots=True)
class Workspace:
    """A bot at work in an emulated workspace, and who the two people in it are."""

    at: House
    slack: EmulatedSlack
    boss: str
    ann: str


@asynccontextmanager
async def workspace(tmp_path: Path, by: str) -> AsyncIterator[Workspace]:
    slack = EmulatedSlack(installed())
    async with house(tmp_path, by=by, server=slack) as at:
        here = Workspace(at, slack, slack.people["boss"], slack.people["ann"])
        await at.founded(here.boss)
        await at.tells(here.ann, await at.invite_code(here.boss))
        yield here


async def form(here: Workspace) -> Json:
    return await here.slack.until(lambda: here.slack.modal(here.ann)) or {}


@BOTH
def test_the_first_loop(tmp_path: Path, by: str) -> None:
    async def scenario() -> None:
        async with workspace(tmp_path, by) as here:
            at = here.at
            card = await at.commands(here.ann, VISIT)
            assert "✓ Acme" in card.text and "1/5" in card.text
            await at.presses(here.ann, card, label("button.undo"))
            assert "Undone" in card.text and card.labels == []
            again = await at.tells(here.ann, VISIT)
            assert again.ts != card.ts and "1/5" in again.text
            # The bot's words are where emulate keeps them, under the bot's own name.
            kept = {one["ts"]: one for one in await here.slack.history(here.slack.dm(here.ann))}
            assert "Undone" in kept[card.ts]["text"] and kept[again.ts]["text"] == again.text
            assert at.rows("SELECT count(*) FROM activity WHERE withdrawn = 0") == [(1,)]

    in_loop(scenario())


@BOTH
def test_the_first_loop_in_chinese(tmp_path: Path, by: str) -> None:
    def says(key: str) -> str:
        return catalogue().say(t(key), Language.ZH)

    async def scenario() -> None:
        async with workspace(tmp_path, by) as here:
            at = here.at
            await at.tells(here.ann, "language zh")
            card = await at.tells(here.ann, says("answer.example"))
            assert card.text.startswith("✓ ")
            await at.presses(here.ann, card, says("button.undo"))
            assert not card.text.startswith("✓ ") and card.labels == []
            unread = await at.tells(here.ann, "/news 99/99")
            assert catalogue().say(t("args.no_date", said="99/99"), Language.ZH) in unread.text
            assert at.rows("SELECT count(*) FROM activity WHERE withdrawn = 0") == [(0,)]

    in_loop(scenario())


@BOTH
def test_a_form_is_opened_put_right_and_saved(tmp_path: Path, by: str) -> None:
    async def scenario() -> None:
        async with workspace(tmp_path, by) as here:
            at, before = here.at, len(here.slack.messages(here.ann))
            await here.slack.user_commands(here.ann, "/pace", "visit")
            await form(here)
            wrong = await here.slack.user_submits(here.ann, VISITED | {"next": "send quote by the 99th"})
            assert wrong.response and wrong.response["errors"].keys() == {"next"}
            right = await here.slack.user_submits(here.ann, VISITED)
            assert right.acknowledged and right.response is None
            assert "✓ Acme" in (await at.said(here.ann, before + 1)).text
            assert at.rows("SELECT count(*) FROM activity") == [(1,)]

    in_loop(scenario())


def test_a_trigger_that_was_used_before_becomes_a_message(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with workspace(tmp_path, HTTP) as here:
            before = len(here.slack.messages(here.ann))
            here.slack.spends_triggers = True
            await here.slack.user_commands(here.ann, "/pace", "visit")
            asked = await here.at.said(here.ann, before + 1)
            (refused,) = [call.outcome for call in here.slack.calls_of("views.open")]
            assert refused == "refused: exchanged_trigger_id"
            here.slack.spends_triggers = False
            await here.slack.user_clicks(here.ann, asked.channel, asked.ts, label("button.fill_in"))
            await form(here)

    in_loop(scenario())


@BOTH
def test_the_home(tmp_path: Path, by: str) -> None:
    async def scenario() -> None:
        async with workspace(tmp_path, by) as here:
            await here.slack.app_home(here.ann)
            shown = await here.slack.until(lambda: here.slack.home(here.ann)) or {}
            assert shown["type"] == "home" and "0/5" in str(shown["blocks"])
            await here.slack.user_clicks_view(here.ann, label("button.visit"))
            await form(here)
            assert (await here.slack.user_submits(here.ann, VISITED)).response is None

    in_loop(scenario())


@BOTH
def test_a_deal_at_its_gate(tmp_path: Path, by: str) -> None:
    """Opened, held at the gate with what is missing, proven by words, and shown to whoever leads."""

    async def scenario() -> None:
        async with workspace(tmp_path, by) as here:
            at = here.at
            opened = await at.tells(
                here.ann, "deal new Acme\ntitle: press line\namount: 800k\nnext: demo by Fri"
            )
            assert "✓ D1" in opened.text and "M1" in opened.text
            refused = await at.presses(here.ann, opened, label("deal.advance_button"))
            assert refused.text.count("○") >= 3 and refused.labels
            kept = await at.tells(here.ann, "evidence D1 other\ntext: they wrote it down\nfrom: Li Wei")
            assert kept.text.startswith("✓ Kept for D1")
            assert "they wrote it down" in (await at.tells(here.ann, "evidence E1")).text
            assert "(ann" in (await at.tells(here.boss, "deal D1")).text
            assert at.rows("SELECT milestone FROM deal") == [(1,)]

    in_loop(scenario())


def test_a_stranger_at_home(tmp_path: Path) -> None:
    async def scenario() -> None:
        slack = EmulatedSlack(installed())
        async with house(tmp_path, server=slack):
            await slack.app_home(slack.people["ann"])
            shown = await slack.until(lambda: slack.home(slack.people["ann"])) or {}
            hello = catalogue().say(t("doorstep.hello"), Language.EN)
            assert hello.split("\n")[0] in str(shown["blocks"])

    in_loop(scenario())
