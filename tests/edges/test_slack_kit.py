"""The tool kit on Slack: one form for all fields of a card, errors at the field, what was filled in kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.slack_house import ANN, HTTP, SOCKET, House, house, in_loop, label

Json = dict[str, Any]
ROI = {"gain": "300k a year", "cost": "500k", "payback": "20 months"}
FAB = {
    "contact": "Li Wei (CFO)",
    "feature": "dual cutter",
    "advantage": "changes over in 5 minutes",
    "benefit": "no overtime",
}
RATED = {"real": "4", "compete": "5", "win": "3", "worth": "4", "deliver": "2"}
ANSWERED = {"spec": "yes", "relation": "yes", "genuine": "yes", "odd": "no", "vague": "no", "ahead": "no"}

pytestmark = pytest.mark.usefixtures("sqlite_url")


async def opened(at: House, words: str) -> Json:
    """The form that `/pace WORDS` opens."""
    assert (await at.server.user_commands(ANN, "/pace", words)).acknowledged
    return await form(at)


async def form(at: House) -> Json:
    """The form that is open, once it is there."""
    return await at.server.until(lambda: at.server.modal(ANN)) or {}


async def with_a_deal(at: House) -> None:
    await at.team()
    await at.tells(ANN, "deal new Acme; amount: 800k; next: send quote by Fri")


def fields(view: Json) -> dict[str, Json]:
    return {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}


def kept(at: House) -> list[tuple[str, dict[str, str]]]:
    found = at.rows("SELECT tool, body FROM sheet WHERE withdrawn = 0 ORDER BY id")
    return [(tool, json.loads(body)) for tool, body in found]


@pytest.mark.parametrize("by", [SOCKET, HTTP])
def test_a_card_is_one_form_put_right_at_its_field_and_changed_field_by_field(
    tmp_path: Path, by: str
) -> None:
    async def scenario() -> None:
        async with house(tmp_path, by=by) as at:
            await with_a_deal(at)
            view = await opened(at, "tool D1 roi")
            assert view["title"]["text"] == "D1 Acme · ROI"
            shown = fields(view)
            # The fields of this card and of no other, all of them needed.
            assert list(shown) == list(ROI) and not any(each["optional"] for each in shown.values())

            wrong = await at.server.user_submits(ANN, ROI | {"cost": "x" * 2_000})
            assert wrong.response and list(wrong.response["errors"]) == ["cost"]
            assert at.server.modal(ANN) and kept(at) == []

            before = len(at.server.messages(ANN))
            assert (await at.server.user_submits(ANN, ROI)).response is None
            assert at.server.modal(ANN) is None and kept(at) == [("roi", ROI)]
            told = await at.said(ANN, before + 1)
            assert "300k a year" in told.text

            # What is in the card stands in the form; one field changed leaves the rest.
            assert (
                await at.server.user_clicks(ANN, told.channel, told.ts, label("tool.change_button"))
            ).acknowledged
            again = fields(await form(at))
            assert {name: each["element"]["initial_value"] for name, each in again.items()} == ROI
            assert (await at.server.user_submits(ANN, ROI | {"cost": "450k"})).response is None
            assert kept(at) == [("roi", ROI | {"cost": "450k"})]

    in_loop(scenario())


def test_a_card_for_somebody_asks_whom_in_the_same_form(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await with_a_deal(at)
            assert list(fields(await opened(at, "tool D1 fab"))) == list(FAB)
            two = await at.server.user_submits(ANN, FAB | {"contact": "Li Wei, Sun Mei"})
            assert two.response and list(two.response["errors"]) == ["contact"]
            assert at.rows("SELECT count(*) FROM contact") == [(0,)]
            assert (await at.server.user_submits(ANN, FAB)).response is None
            assert [tool for tool, _ in kept(at)] == ["fab"]
            assert at.rows("SELECT name, title FROM contact") == [("Li Wei", "CFO")]

    in_loop(scenario())


def test_a_bid_check_is_one_form_of_choices(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await with_a_deal(at)
            shown = fields(await opened(at, "bid D1"))
            assert list(shown) == [*RATED, *ANSWERED]
            assert {each["element"]["type"] for each in shown.values()} == {"static_select"}
            before = len(at.server.messages(ANN))
            assert (await at.server.user_submits(ANN, RATED | ANSWERED)).response is None
            assert "73.00" in (await at.said(ANN, before + 1)).text
            (check,) = kept(at)
            assert check[1]["ratings"] == "4 5 3 4 2" and "signs" in check[1]

    in_loop(scenario())


def test_a_risk_that_was_kept_says_so_in_words_and_asks_for_its_backup(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await with_a_deal(at)
            told = await at.commands(ANN, "risk D1 steel gets dearer")
            assert at.server.modal(ANN) is None and label("button.undo") in told.labels
            await at.tells(ANN, "fix the price for 90 days")
            assert kept(at) == [
                ("risk", {"risk": "steel gets dearer", "backup": "fix the price for 90 days"})
            ]

    in_loop(scenario())
