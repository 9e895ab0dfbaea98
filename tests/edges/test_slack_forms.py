"""Forms, the home and changed words on Slack, as people use them: opened, put right, saved once, never lost."""

import json
import tomllib
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.buckets import Limit, Limits
from bot.slack import modal, render
from bot.slack.channel import SlackChannel
from domain.people import Language
from handlers.view import Button, Card, Field, Form, Line, Mark, card, t
from handlers.words import catalogue
from tests.support.slack_house import ANN, BOSS, HTTP, SOCKET, House, house, in_loop, label
from tests.support.slack_payloads import check_view

Json = dict[str, Any]
WORDS: dict[str, str] = tomllib.loads(
    (Path(__file__).parent / "slack_words.toml").read_text(encoding="utf-8")
)
# An edit of a home that the buckets held back.
HELD = "SELECT 1 FROM letter WHERE chat = 'home:U2' AND state = 'due' AND outcome IS NOT NULL"
BOTH = pytest.mark.parametrize("by", [SOCKET, HTTP])
VISITED = {
    "customer": "Acme",
    "met": "Li Wei (CFO)",
    "result": "budget confirmed",
    "next": "send quote by Fri",
}

pytestmark = pytest.mark.usefixtures("sqlite_url")


async def form(at: House, user: str = ANN) -> Json:
    """The form a person sees, once it is there."""
    return await at.server.until(lambda: at.server.modal(user)) or {}


async def home(at: House, user: str = ANN) -> Json:
    """The home a person sees, once it is there."""
    return await at.server.until(lambda: at.server.home(user)) or {}


def _opened(at: House, count: int) -> bool:
    return len(at.server.api.modals.get(ANN, [])) == count


def errors(answer: Json | None) -> dict[str, str]:
    """What the answer to a form says is wrong with it."""
    assert answer and answer["response_action"] == "errors"
    found: dict[str, str] = answer["errors"]
    return found


# ---------------------------------------------------------------------- forms


@BOTH
def test_a_form_is_opened_put_right_and_saved(tmp_path: Path, by: str) -> None:
    async def scenario() -> None:
        async with house(tmp_path, by=by) as at:
            await at.team()
            assert (await at.server.user_commands(ANN, "/pace", "visit")).acknowledged
            shown = await form(at)
            assert shown["blocks"][0]["block_id"] == "customer"
            assert at.server.messages(ANN) == []

            wrong = await at.server.user_submits(ANN, VISITED | {"next": "send quote by the 99th"})
            said = errors(wrong.response)
            assert list(said) == ["next"] and said["next"]
            # The form stays open with what was filled in, and nothing was saved.
            assert at.server.modal(ANN) and at.rows("SELECT count(*) FROM activity") == [(0,)]

            right = await at.server.user_submits(ANN, VISITED)
            assert right.acknowledged and right.response is None
            assert at.server.modal(ANN) is None
            told = await at.said(ANN)
            assert "✓ Acme" in told.text and "Li Wei" in told.text
            assert at.rows("SELECT count(*) FROM activity WHERE withdrawn = 0") == [(1,)]
            # It is undone like any other.
            await at.presses(ANN, told, label("button.undo"))
            assert at.rows("SELECT count(*) FROM activity WHERE withdrawn = 0") == [(0,)]

    in_loop(scenario())


def test_a_form_in_chinese(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.founded()
            await at.joined(locale="zh-CN", tz="Asia/Shanghai")
            await at.server.user_commands(ANN, "/pace", WORDS["visit_word"])
            shown = await form(at)
            assert shown["submit"]["text"] == label("button.save", Language.ZH)
            before = len(at.server.messages(ANN))
            wrong = await at.server.user_submits(
                ANN, {"customer": WORDS["customer"], "when": WORDS["bad_when"]}
            )
            assert errors(wrong.response).keys() == {"when"}
            saved = {"customer": WORDS["customer"], "met": WORDS["met"], "next": WORDS["next"]}
            assert (await at.server.user_submits(ANN, saved)).response is None
            assert WORDS["customer"] in (await at.said(ANN, before + 1)).text

    in_loop(scenario())


def test_what_is_asked_for_must_be_filled_in(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            await at.server.user_commands(ANN, "/pace", "visit")
            shown = await form(at)
            needed = [block["block_id"] for block in shown["blocks"] if not block.get("optional")]
            assert needed == ["customer"]
            # The client keeps such a form back; one that came all the same is answered at the part.
            empty = await at.server.user_submits(ANN, {"met": "Li"})
            assert errors(empty.response) == {"customer": label("answer.needed")}

    in_loop(scenario())


def test_a_form_that_comes_too_late_becomes_a_message_to_fill_it_in_from(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path, ack_seconds=0.5) as at:
            await at.team()
            at.server.fault("views.open", 1, code=200, description="expired_trigger_id")
            await at.server.user_commands(ANN, "/pace", "visit")
            asked = await at.said(ANN)
            assert at.server.modal(ANN) is None
            assert asked.labels == [label("button.fill_in"), label("button.cancel")]
            # A press brings a new trigger.
            assert (
                await at.server.user_clicks(ANN, asked.channel, asked.ts, label("button.fill_in"))
            ).acknowledged
            await form(at)
            assert (await at.server.user_submits(ANN, VISITED)).response is None
            assert "✓ Acme" in (await at.said(ANN, 2)).text

    in_loop(scenario())


@pytest.mark.parametrize(
    "fault",
    [
        {"code": 200, "description": "exchanged_trigger_id"},
        {"code": 429, "retry_after": 30},
        {"code": 500},
        {"drop": True},
    ],
)
def test_whatever_keeps_a_form_from_opening_its_question_is_asked(
    tmp_path: Path, fault: dict[str, Any]
) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            at.server.add_channel("C1", members=[ANN])
            at.server.fault("views.open", 2, **fault)
            await at.server.user_commands(ANN, "/pace", "visit")
            assert label("button.fill_in") in (await at.said(ANN)).labels
            # In a channel it is asked there, of that person alone.
            await at.server.user_commands(ANN, "/pace", "visit", channel="C1")
            (asked,) = await at.server.until(lambda: at.server.ephemerals)
            assert asked.seen_only_by == ANN and label("button.fill_in") in asked.labels
            await at.server.user_clicks(ANN, "C1", asked.ts, label("button.fill_in"))
            await form(at)

    in_loop(scenario())


def test_a_trigger_opens_one_form_and_a_press_another(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            # Words bring no trigger, so they are answered by a message.
            asked = await at.tells(ANN, "visit")
            for opened in (1, 2):
                await at.server.user_clicks(ANN, asked.channel, asked.ts, label("button.fill_in"))
                await at.server.until(partial(_opened, at, opened))
            assert (await at.server.redeliver()).acknowledged
            await at.tells(ANN, "today")
            assert len(at.server.api.modals[ANN]) == 2
            assert len(at.server.calls_of("views.open")) == 2

    in_loop(scenario())


@BOTH
def test_what_is_submitted_twice_is_saved_once(tmp_path: Path, by: str) -> None:
    async def scenario() -> None:
        async with house(tmp_path, by=by) as at:
            await at.team()
            await at.server.user_commands(ANN, "/pace", "visit")
            view = await form(at)
            submitted = await at.server.user_submits(ANN, VISITED)
            assert submitted.response is None
            # The same delivery once more, and the same form from another device.
            again = await at.server.redeliver(submitted)
            assert again.acknowledged and again.response is None
            at.server.api.modals[ANN].append(view["id"])
            twice = await at.server.user_submits(ANN, VISITED, view_id=view["id"])
            assert list(errors(twice.response)) == ["customer"]
            assert at.rows("SELECT count(*) FROM activity") == [(1,)]

    in_loop(scenario())


def test_a_form_of_somebody_else_saves_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            await at.server.user_commands(ANN, "/pace", "visit")
            view = await form(at)
            at.server.api.modals[BOSS] = [view["id"]]
            borrowed = await at.server.user_submits(BOSS, VISITED, view_id=view["id"])
            assert errors(borrowed.response)
            assert at.rows("SELECT count(*) FROM activity") == [(0,)]

    in_loop(scenario())


def test_a_form_whose_turn_takes_long_is_closed_and_its_answer_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.adapter.FORM_SECONDS", 0.0)

    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            await at.server.user_commands(ANN, "/pace", "visit")
            await form(at)
            wrong = await at.server.user_submits(ANN, VISITED | {"next": "send quote by the 99th"})
            assert wrong.acknowledged and wrong.response is None
            assert at.server.modal(ANN) is None
            assert (await at.said(ANN)).text and at.rows("SELECT count(*) FROM activity") == [(0,)]

    in_loop(scenario())


def test_the_form_of_a_command_in_a_channel(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            at.server.add_channel("C1", members=[ANN])
            await at.server.user_commands(ANN, "/pace", "visit", channel="C1")
            await form(at)
            assert (await at.server.user_submits(ANN, VISITED)).response is None
            assert "✓ Acme" in (await at.said(ANN)).text
            assert at.server.messages("C1") == []

    in_loop(scenario())


def test_the_shortcut_opens_the_form(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            assert (await at.server.user_shortcut(ANN, "log_visit")).acknowledged
            await form(at)
            assert (await at.server.user_submits(ANN, VISITED)).response is None
            assert "✓ Acme" in (await at.said(ANN)).text

    in_loop(scenario())


# ---------------------------------------------------------------------- what a form looks like


LONG = "x" * 5_000
FORM = Form(
    title=LONG,
    line="/call Acme",
    fields=(
        Field(
            "result", t("parts.result.label"), t("parts.result.ask"), required=True, lines=True, value=LONG
        ),
        Field(
            "replied", LONG, LONG, options=((LONG, "yes"), (t("parts.replied.option_no"), "no")), value="no"
        ),
        Field("met", t("parts.met.ask"), t("parts.met.ask")),
        Field("odd", " ", "<!channel> \ud800"),
    ),
)


@pytest.mark.parametrize("language", Language)
def test_a_form_keeps_slacks_limits(language: Language) -> None:
    asked = Card((Line("Acme", Mark.DONE), Line(t("parts.result.ask"))), form=FORM)
    shown = json.loads(json.dumps(modal.view(asked, language, "abc")))
    assert check_view(shown) == []
    assert shown["private_metadata"] == "abc.0"
    about, result, replied, met, odd = shown["blocks"]
    assert "Acme" in str(about) and "multiline" in result["element"]
    assert [block["optional"] for block in (result, replied, met, odd)] == [False, True, True, True]
    assert replied["element"]["initial_option"]["value"] == "no"
    assert "placeholder" not in met["element"]


def test_every_button_carries_the_number_of_its_command() -> None:
    rows = ((Button("One", "/visit 1"), Button("Two", "/visit 2")), (Button("Cancel", "/cancel"),))
    for shown in (Card((Line("Which?"),), rows, form=FORM), Card((Line("Which?"),), (), form=FORM)):
        buttons = [
            button
            for block in render.blocks(shown, Language.EN, "abc")
            if block["type"] == "actions"
            for button in block["elements"]
        ]
        said = {button["text"]["text"]: int(button["value"].removeprefix("abc.")) for button in buttons}
        assert sorted(said.values()) == list(range(len(shown.commands)))
        assert shown.commands[said[label("button.fill_in")]] == FORM.line
        assert all(
            shown.commands[said[str(button.label)]] == button.command for row in shown.rows for button in row
        )


def test_errors_are_put_where_they_can_be_seen() -> None:
    view = {
        "blocks": [
            {"type": "rich_text", "block_id": "a"},
            *({"type": "input", "block_id": each} for each in "bc"),
        ]
    }
    said = modal.errors(view, {"c": "see /visit", "": "done already", "gone": "no such part"})
    assert said == {
        "response_action": "errors",
        "errors": {"c": "see /visit", "b": "done already\nno such part"},
    }


def test_a_card_without_a_form_has_no_modal() -> None:
    with pytest.raises(ValueError):
        modal.view(card("x"), Language.EN, "abc")


# ---------------------------------------------------------------------- the home


def shown_at_home(at: House, user: str = ANN) -> str:
    return json.dumps(at.server.home(user) or {}, ensure_ascii=False)


async def refreshed(at: House) -> None:
    """What no longer shows what is so is to be edited."""
    stale = "SELECT 1 FROM card WHERE key LIKE 'home:%' AND version > shown"
    await at.server.until(lambda: at.rows(stale))
    await at.app.refresh()
    at.app.courier.wake()


def homes_every(seconds: float) -> Limits:
    """Slack's limits, but for how often a home is shown."""
    homes, *others = SlackChannel.limits.apart
    slow = replace(homes, limits=replace(homes.limits, chat=(Limit(most=1, seconds=seconds),)))
    return replace(SlackChannel.limits, apart=(slow, *others))


@BOTH
def test_the_home_shows_the_day_and_is_not_shown_too_often(
    tmp_path: Path, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SlackChannel, "limits", homes_every(600))

    async def scenario() -> None:
        async with house(tmp_path, by=by) as at:
            await at.team()
            assert (await at.server.app_home(ANN)).acknowledged
            assert (await home(at))["type"] == "home" and "0/5" in shown_at_home(at)
            await at.tells(ANN, "visit Acme; met: Li; result: ok; next: demo by Fri")
            await refreshed(at)
            # It waits in the outbox, where the next edit replaces it.
            await at.server.until(lambda: at.rows(HELD))
            await at.tells(ANN, "visit Borealis; met: Li; result: ok; next: demo by Fri")
            await refreshed(at)
            cancelled = "SELECT count(*) FROM letter WHERE chat = 'home:U2' AND state = 'cancelled'"
            assert at.rows(cancelled) == [(1,)]
            assert len(at.server.calls_of("views.publish")) == 1

    in_loop(scenario())


def test_the_home_follows_the_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Long enough to be held back, unless the machine is slow; it is shown in either case.
    monkeypatch.setattr(SlackChannel, "limits", homes_every(1.5))

    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            await at.server.app_home(ANN)
            await home(at)
            await at.tells(ANN, "visit Acme; met: Li; result: ok; next: demo by Fri")
            await refreshed(at)
            await at.server.until(lambda: _goes_on(at) and "1/5" in shown_at_home(at))
            assert len(at.server.calls_of("views.publish")) == 2
            # What it shows has not changed: nothing is sent.
            await refreshed(at)
            await at.tells(ANN, "today")
            assert len(at.server.calls_of("views.publish")) == 2
            assert at.rows(HELD) == []

    in_loop(scenario())


def _goes_on(at: House) -> bool:
    """Time passes on the clock of the house too."""
    at.clock.advance(timedelta(seconds=2))
    at.app.courier.wake()
    return True


def test_opened_again_at_once_it_is_not_shown_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            for _ in range(5):
                assert (await at.server.app_home(ANN)).acknowledged
            await home(at)
            await at.tells(ANN, "today")
            assert len(at.server.calls_of("views.publish")) == 1

    in_loop(scenario())


def test_a_press_in_the_home_is_answered_in_the_direct_message(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            await at.server.app_home(ANN)
            await home(at)
            assert (await at.server.user_clicks_view(ANN, label("button.more"))).acknowledged
            assert (await at.said(ANN)).channel == at.server.dm(ANN)

    in_loop(scenario())


def test_the_form_opens_from_the_home(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            await at.server.app_home(ANN)
            await home(at)
            assert (await at.server.user_clicks_view(ANN, label("button.visit"))).acknowledged
            await form(at)
            assert (await at.server.user_submits(ANN, VISITED)).response is None
            assert "✓ Acme" in (await at.said(ANN)).text

    in_loop(scenario())


def test_a_stranger_sees_the_doorstep_and_comes_in_from_there(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.founded()
            code = await at.invite_code()
            at.server.add_user(ANN, name="ann", locale="zh-TW")
            await at.server.app_home(ANN)
            await home(at)
            hello = catalogue().say(t("doorstep.hello"), Language.ZH_HANT)
            assert hello.split("\n")[0] in shown_at_home(at)
            asks = label("doorstep.have_invite", Language.ZH_HANT)
            assert (await at.server.user_clicks_view(ANN, asks)).acknowledged
            assert label("doorstep.type_code", Language.ZH_HANT) in (await at.said(ANN)).text
            await at.tells(ANN, code)
            # From now on pushes go to the direct message, not to the home.
            found = at.rows("SELECT chat FROM identity WHERE account = 'U2'")
            assert found == [(at.server.dm(ANN),)]

    in_loop(scenario())


def test_who_opens_a_home_is_not_moved_there(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            at.server.fault("chat.postMessage", 1, code=200, description="account_inactive")
            await at.server.user_says(ANN, "today")
            gone = "SELECT 1 FROM identity WHERE account = 'U2' AND alive = 0"
            await at.server.until(lambda: at.rows(gone))
            await at.server.app_home(ANN)
            await home(at)
            assert at.rows("SELECT chat FROM identity WHERE account = 'U2'") == [(at.server.dm(ANN),)]

    in_loop(scenario())


# ---------------------------------------------------------------------- changed words


def test_words_that_were_changed_change_the_record(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            await at.tells(ANN, "visit Acme; met: Li; result: ok; next: demo by Fri")
            said = at.server.deliveries[-1].payload["event"]["ts"]
            before = len(at.server.messages(ANN))
            changed = "visit Borealis; met: Li; result: ok; next: demo by Fri"
            assert (await at.server.user_edits(ANN, said, changed)).acknowledged
            await at.said(ANN, before + 1)
            source = at.rows("SELECT DISTINCT source FROM change WHERE source IS NOT NULL")
            assert (f"slack:{at.server.dm(ANN)}:{said}",) in source

    in_loop(scenario())


def test_a_mention_that_was_edited_is_not_done_twice(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            at.server.add_channel("C1", members=[ANN])
            await at.server.user_says(ANN, "<@U00000BOT> visit Acme; met: Li", channel="C1")
            await at.server.until(lambda: at.server.ephemerals)
            said = at.server.deliveries[-1].payload["event"]["ts"]
            await at.server.user_edits(ANN, said, "<@U00000BOT> visit Acme; met: Li Wei", channel="C1")
            await at.server.until(lambda: at.server.ephemerals[1:])
            assert at.rows("SELECT count(*) FROM activity WHERE withdrawn = 0") == [(1,)]

    in_loop(scenario())


# ---------------------------------------------------------------------- one gesture, many deliveries


def test_each_event_delivered_four_times_and_out_of_order_is_done_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path, by=HTTP) as at:
            await at.team()
            names = ["Alpine", "Borealis", "Cobalt"]
            for name in names:
                await at.tells(ANN, f"visit {name}; met: Li")
            told = [one for one in at.server.deliveries if one.payload.get("event", {}).get("user") == ANN]
            assert len(told) == len(names)
            before = len(at.server.messages(ANN))
            for again in (*reversed(told), *told, *reversed(told)):
                assert (await at.server.redeliver(again)).acknowledged
            # The same gesture under another event id and time.
            twin = told[0].payload["event"] | {"ts": at.server.api.next_ts()}
            assert (await at.server.push_event(twin)).acknowledged
            await at.tells(ANN, "today")
            assert len(at.server.messages(ANN)) == before + 1
            assert at.rows("SELECT count(*) FROM activity") == [(3,)]
            assert at.rows("SELECT count(*) FROM inbox WHERE lane LIKE 'slack:%:U2'") == [(4,)]

    in_loop(scenario())
