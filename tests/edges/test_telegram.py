"""The Telegram door over loopback: the real library against a strict fake, from the first /start to every failure."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.clock import SetClock, WallClock
from bot.inbound import Pressed, Said, Unread
from bot.outcomes import SendFailed
from bot.telegram.adapter import TokenRefused
from bot.telegram.sender import LIMITS, Sender
from bot.telegram.updates import AS_RECEIVED, decode, deliveries, offset_after, query_ids
from domain.people import Language
from domain.ports import Address, Delivery, Letter, Outcome
from handlers.view import Button, Card, card, encode, t
from handlers.words import catalogue
from tests.support.telegram_bot_api import Refused
from tests.support.telegram_server import TOKEN, TelegramServer
from tests.support.telegram_stage import (
    ANN,
    BOB,
    BOSS,
    GROUP,
    MONDAY,
    MORNING,
    VISIT,
    Telegram,
    in_loop,
    opening,
    say,
    stage,
)

# ---------------------------------------------------------------------- the scenario


@pytest.mark.parametrize("pushed", [False, True], ids=["polled", "pushed"])
@pytest.mark.parametrize(("language", "code"), [(Language.EN, "en"), (Language.ZH, "zh-hans")])
def test_from_start_to_the_morning_card(
    tmp_path: Path, database_url: str, language: Language, code: str, pushed: bool
) -> None:
    async def scenario() -> None:
        clock = SetClock(MONDAY)
        async with stage(tmp_path, clock, url=database_url, pushed=pushed) as on:
            await on.found()
            welcome = await on.joins(ANN, "Ann", code)
            assert welcome.text.startswith(
                catalogue().say(t("start.welcome", name="Ann", org="Acme Sales"), language)
            )
            assert say("button.visit", language) in welcome.labels

            logged = await on.says(ANN, say("answer.example", language))
            first = logged.text.splitlines()[0]
            assert first.startswith("✓ ")
            assert (
                "Acme" if language is Language.EN else say("answer.example", language).split()[1]
            ) in first
            assert any(line.endswith(" 1/5") for line in logged.text.splitlines())
            assert logged.entities[0] == {"type": "bold", "offset": 0, "length": len(first)}

            undo = say("button.undo", language)
            assert undo in logged.labels
            await on.clicks(ANN, logged, undo)
            assert logged.text.startswith(opening("undo.done", language))
            assert undo not in logged.labels
            assert len(on.server.api.answers) == 1
            assert on.server.api.open_queries == set()

            seen = len(on.server.messages(ANN))
            clock.set(MORNING)
            await on.tick()
            [morning] = (await on.server.until(lambda: on.server.messages(ANN)[seen:]))[:1]
            assert morning.text.splitlines()[0] == catalogue().say(t("day.open", on=MORNING.date()), language)
            await on.tick()

            # The card of the day lives on: a visit edits it.
            await on.says(ANN, say("answer.example", language))
            await on.refreshed(morning)
            assert any(line.endswith(" 1/5") for line in morning.text.splitlines())
            assert [each.text for each in on.server.messages(ANN)].count(morning.text) == 1
            assert bool(on.server.calls_of("getUpdates")) is not pushed

    in_loop(scenario())


def test_what_cannot_be_read_is_answered(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await on.found()
            await on.joins(ANN, "Ann")
            seen = len(on.server.messages(ANN))
            on.server.user_speaks(ANN)
            answer = (await on.server.until(lambda: on.server.messages(ANN)[seen:]))[0]
            assert answer.text == catalogue().say(
                t("answer.cannot_read_yet", what=t("what.voice")), Language.EN
            )

    in_loop(scenario())


# ---------------------------------------------------------------------- what comes twice, broken or late


def test_the_same_update_twice_is_applied_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await on.found()
            await on.joins(ANN, "Ann")
            await on.says(ANN, VISIT)
            [(body,)] = on.rows("SELECT body FROM inbox WHERE body LIKE '%budget confirmed%'")
            on.server.push_raw(json.loads(body))
            on.server.push_raw(json.loads(body))
            seen = len(on.server.messages(ANN))
            await on.says(ANN, "/week")
            assert len(on.server.messages(ANN)) == seen + 1
            assert on.rows("SELECT count(*) FROM activity") == [(1,)]

    in_loop(scenario())


def poison(update_id: int) -> list[dict[str, Any]]:
    """Updates of a wrong shape: python-telegram-bot refuses the whole batch for each of the first three (M3)."""
    person, chat = {"id": BOB, "is_bot": False, "first_name": "Bob"}, {"id": BOB, "type": "private"}
    good = {"message_id": 1, "date": 1583110800, "chat": chat, "from": person, "text": "x"}
    return [
        {"update_id": update_id, "message": {**good, "date": "yesterday"}},
        {"update_id": update_id + 1, "message": {**good, "date": 10**30}},
        {"update_id": update_id + 2, "message": {**good, "chat": {"id": BOB}}},
        {"update_id": update_id + 3, "message": "text"},
        {
            "update_id": update_id + 4,
            "callback_query": {"id": "1", "from": person, "message": [], "data": "x"},
        },
        {"update_id": update_id + 5, "message": {**good, "text": 5}},
    ]


def test_poison_among_good_updates_is_set_aside_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Telegram() as server:
            async with stage(tmp_path, server=server) as on:
                await on.found()
                await on.joins(ANN, "Ann")
            # One batch for the next start: a good one, poison of every kind, a good one.
            server.user_sends(ANN, VISIT)
            broken = poison(5_000)
            for each in broken:
                server.push_raw(each)
            server.push_raw({"message": "no number at all"})
            server.user_sends(BOSS, "/help")
            seen = {user: len(server.messages(user)) for user in (ANN, BOSS)}
            async with stage(tmp_path, server=server) as on:
                for user in (ANN, BOSS):
                    await server.until(lambda user=user: len(server.messages(user)) > seen[user])  # type: ignore[misc]
                await server.until(lambda: server.pending_updates() == 0)
                await on.app.dispatch.idle()
                assert on.rows("SELECT count(*) FROM inbox WHERE state = 'poison'") == [(len(broken) + 1,)]
                assert on.rows("SELECT count(*) FROM inbox WHERE state = 'new'") == [(0,)]
                assert await on.says(ANN, "/help")

    in_loop(scenario())


def test_nothing_is_confirmed_before_it_is_committed(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await on.found()
            await on.joins(ANN, "Ann")
            await on.server.until(lambda: on.server.pending_updates() == 0)
            offset = await on.app.intake.offset("telegram")
            full = "CREATE TRIGGER full BEFORE INSERT ON inbox BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
            on.rows(full)
            polls = len(on.server.calls_of("getUpdates"))
            seen = len(on.server.messages(ANN))
            on.server.user_sends(ANN, VISIT)
            await on.server.until(lambda: len(on.server.calls_of("getUpdates")) > polls + 3)
            assert {call.params["offset"] for call in on.server.calls_of("getUpdates")[polls:]} == {offset}
            assert on.server.pending_updates() == 1
            assert on.server.messages(ANN)[seen:] == []
            assert await on.app.intake.offset("telegram") == offset

            on.rows("DROP TRIGGER full")
            answer = (await on.server.until(lambda: on.server.messages(ANN)[seen:]))[0]
            assert answer.text.startswith("✓ Acme")
            await on.server.until(lambda: on.server.pending_updates() == 0)
            assert await on.app.intake.offset("telegram") == offset + 1

    in_loop(scenario())


def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Telegram() as server:
            async with stage(tmp_path, server=server) as on:
                await on.found()
                await on.joins(ANN, "Ann")
            seen = len(server.messages(ANN))
            server.user_sends(ANN, VISIT)
            polls = len(server.calls_of("getUpdates"))
            async with stage(tmp_path, server=server) as on:
                await server.until(lambda: server.messages(ANN)[seen:])
                assert server.calls_of("getUpdates")[polls].params["offset"] > 1
                assert len(server.messages(ANN)) == seen + 1

    in_loop(scenario())


def test_polling_survives_conflict_outage_and_a_deaf_moment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await on.found()
            await on.server.until(lambda: on.server.pending_updates() == 0)
            on.server.fault(
                "getUpdates", 2, code=409, description="Conflict: terminated by other getUpdates request"
            )
            on.server.fault("getUpdates", 2, code=502)
            on.server.fault("getUpdates", 1, drop=True)
            on.server.fault("getUpdates", 1, accept_then_drop=True)
            await on.says(BOSS, "/help")
            await on.says(BOSS, "/help")
            outcomes = {call.outcome for call in on.server.calls_of("getUpdates")}
            assert {"fault 409", "fault 502", "dropped", "ok, then dropped"} <= outcomes
            port = on.server.root.rpartition(":")[2]
            await on.server.stop()
            await on.server.start(int(port))
            seen = len(on.server.messages(BOSS))
            on.server.user_sends(BOSS, "/help")
            await on.server.until(lambda: on.server.messages(BOSS)[seen:])
            assert on.door.pulse.age < 10
            assert on.rows("SELECT count(*) FROM inbox WHERE body LIKE '%/help%'") == [(3,)]

    in_loop(scenario())
    logged = "".join(capsys.readouterr())
    assert "telegram_second_poller" in logged
    assert "telegram_not_receiving" in logged
    assert TOKEN not in logged


def test_whether_telegram_answers_is_asked_apart_from_polls_and_letters(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await on.found()
            assert on.door.pulse.skew is not None and on.door.pulse.proven
            for fault in ({"code": 502}, {"code": 401}, {"drop": True}):
                on.server.fault("getMe", 1, **fault)
                assert not await on.door.answers()
            assert await on.door.answers()
            await on.door.renew()
            await on.says(BOSS, "/help")

    in_loop(scenario())


def test_a_refused_token_ends_the_door(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Telegram() as server:
            server.token = "987654321:another"
            async with stage(tmp_path, server=server) as on:
                with pytest.raises(TokenRefused) as refused:
                    await on.running
                assert TOKEN not in repr(refused.getrepr(chain=True))

    in_loop(scenario())


def test_the_door_waits_for_telegram_to_come_up(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Telegram() as server:
            server.fault("getMe", 3, code=502)
            server.fault("deleteWebhook", 1, drop=True)
            async with stage(tmp_path, server=server) as on:
                await on.found()

    in_loop(scenario())


def test_the_door_closes_at_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await on.server.until(lambda: on.server.calls_of("getUpdates"))
            on.running.cancel()
            done, _ = await asyncio.wait([on.running], timeout=1)
            assert done == {on.running}

    in_loop(scenario())


# ---------------------------------------------------------------------- presses


def test_an_old_press_is_done_although_its_spinner_is_gone(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Telegram() as server:
            async with stage(tmp_path, server=server) as on:
                await on.found()
                await on.joins(ANN, "Ann")
                logged = await on.says(ANN, VISIT)
            server.user_clicks(ANN, logged.message_id, say("button.undo"))
            server.expire_queries()
            async with stage(tmp_path, server=server):
                await server.until(lambda: logged.history)
                [call] = server.calls_of("answerCallbackQuery")
                assert "query is too old" in call.outcome

    in_loop(scenario())


def test_a_button_of_somebody_else_does_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await on.found()
            await on.joins(ANN, "Ann")
            await on.joins(BOB, "Bob")
            logged = await on.says(ANN, VISIT)
            data = logged.buttons[0]["callback_data"]
            assert len(data) <= 24
            seen = len(on.server.messages(BOB))
            for number, chat in enumerate((ANN, BOB)):
                query = {
                    "id": f"{number}",
                    "from": {"id": BOB, "is_bot": False, "first_name": "Bob"},
                    "message": {**logged.body, "chat": {"id": chat, "type": "private"}},
                    "chat_instance": "1",
                    "data": data,
                }
                on.server.push_raw({"update_id": 700 + number, "callback_query": query})
            await on.server.until(lambda: len(on.server.calls_of("answerCallbackQuery")) == 2)
            # Whoever presses is told, in their own chat, wherever the button was got from.
            await on.server.until(lambda: len(on.server.messages(BOB)) == seen + 2)
            assert logged.history == []
            assert on.rows("SELECT count(*) FROM change WHERE undone_at IS NOT NULL") == [(0,)]
            texts = [each.text for each in on.server.messages(BOB)[seen:]]
            assert sorted(texts) == sorted([say("press.unknown"), "This is Ann's card."])

    in_loop(scenario())


# ---------------------------------------------------------------------- sending


def test_a_rate_limit_and_errors_of_telegram_lose_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path, WallClock()) as on:
            await on.found()
            await on.joins(ANN, "Ann")
            seen = len(on.server.messages(ANN))
            on.server.fault("sendMessage", 1, code=429, retry_after=1)
            on.server.user_sends(ANN, VISIT)
            await on.server.until(lambda: on.server.messages(ANN)[seen:])
            refused, sent = on.server.calls_of("sendMessage")[-2:]
            assert (refused.outcome, sent.outcome) == ("fault 429", "ok")
            assert sent.at - refused.at >= 1.0
            assert on.app.courier.throttled == {"telegram": 1}

            on.server.fault("sendMessage", 1, code=500)
            await on.says(ANN, "/week")
            on.server.fault("sendMessage", 1, code=502)
            await on.says(ANN, "/help")
            assert len(on.server.messages(ANN)) == seen + 3

    in_loop(scenario())


def test_an_answer_that_was_accepted_but_not_confirmed_comes_at_most_twice(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path, WallClock()) as on:
            await on.found()
            await on.joins(ANN, "Ann")
            seen = len(on.server.messages(ANN))
            on.server.fault("sendMessage", 1, accept_then_drop=True)
            on.server.user_sends(ANN, VISIT)
            await on.server.until(lambda: len(on.server.messages(ANN)) == seen + 2)
            first, second = on.server.messages(ANN)[seen:]
            assert first.text == second.text
            assert on.rows("SELECT count(*) FROM activity") == [(1,)]
            # The button of either copy works.
            await on.clicks(ANN, first, say("button.undo"))
            assert len(on.server.messages(ANN)) == seen + 2

    in_loop(scenario())


@pytest.mark.parametrize("told", [True, False], ids=["told", "found out"])
def test_who_blocks_us_gets_no_more_pushes_until_they_come_back(tmp_path: Path, told: bool) -> None:
    async def scenario() -> None:
        clock = SetClock(MONDAY)
        async with stage(tmp_path, clock) as on:
            await on.found()
            await on.joins(ANN, "Ann")
            await on.joins(BOB, "Bob")
            alive = f"SELECT alive FROM identity WHERE chat = '{ANN}'"
            if told:
                on.server.block(ANN)
                await on.server.until(lambda: on.rows(alive) == [(0,)])
            else:
                on.server.api.chats[ANN].refusal = BLOCKED
            clock.set(MORNING)
            await on.tick()
            await on.server.until(lambda: on.rows(alive) == [(0,)])
            clock.set(MORNING + timedelta(days=1))
            seen = len(on.server.messages(BOB))
            await on.tick()
            await on.server.until(lambda: len(on.server.messages(BOB)) > seen)
            assert _refusals(on.server, ANN) == (0 if told else 1)
            unreached = catalogue().say(
                t("gone.unreached", name="Ann", platform=t("platform.telegram")), Language.EN
            )
            # Who is lost is told with the news of the day.
            clock.set(MORNING + timedelta(days=1, hours=3))
            await on.tick()

            def said() -> int:
                return sum(unreached in each.text for each in on.server.messages(BOSS))

            await on.server.until(lambda: said() > 0)
            assert said() == 1

            clock.set(MORNING + timedelta(days=1, hours=4))
            if told:
                on.server.block(ANN, blocked=False)
            else:
                await on.says(ANN, "/help")
            await on.server.until(lambda: on.rows(alive) == [(1,)])
            seen = len(on.server.messages(ANN))
            clock.set(MORNING + timedelta(days=2))
            await on.tick()
            await on.server.until(lambda: on.server.messages(ANN)[seen:])

    in_loop(scenario())


BLOCKED = Refused(403, "Forbidden: bot was blocked by the user")


def _refusals(server: TelegramServer, chat: int) -> int:
    return sum(
        call.params["chat_id"] == chat and call.outcome.startswith("refused")
        for call in server.calls_of("sendMessage")
    )


HOSTILE = (
    "<b>",
    '</b><a href="http://evil.example">Acme</a>',
    "Fish & Chips &lt",
    "\u202eemca \u05d0\u05d1\u05d2",
    "A\u200bcm\u200de",
    "\u0000Acme",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "x" * 10_000,
)


@pytest.mark.parametrize("code", ["en", "zh-hans", "zh-hant"])
def test_hostile_customer_names_reach_the_reader_as_they_are(tmp_path: Path, code: str) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await on.found()
            await on.joins(ANN, "</b><i>Ann", code)
            for name in HOSTILE:
                answer = await on.says(ANN, f"/visit {name}\nmet: {name[:20]}\nresult: {name[:20]}")
                assert {entity["type"] for entity in answer.entities} <= {"bold", "code", "pre"}
                if name.startswith(("<", "Fish")):
                    assert name in answer.text
            assert on.server.illegal == []
            assert on.rows("SELECT count(*) FROM inbox WHERE state <> 'done'") == [(0,)]

    in_loop(scenario())


def test_a_burst_to_one_chat_keeps_to_its_bucket(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with (
            Telegram(limits=True) as server,
            stage(tmp_path, server=server, limits=LIMITS) as on,
        ):
            for number in range(6):
                server.user_sends(ANN, f"/help {number}")
            await server.until(lambda: len(server.messages(ANN)) == 6)
            assert server.busiest(2.9, ANN) == 3
            assert on.rows("SELECT count(*) FROM inbox WHERE state = 'done'") == [(6,)]

    in_loop(scenario())


# ---------------------------------------------------------------------- what a failure means


def letter(shown: Card, *, chat: int = ANN, edits: str | None = None, reply_to: str | None = None) -> Letter:
    private = Delivery.PRIVATE if reply_to else Delivery.POST
    return Letter(
        key="k",
        to=Address(platform="telegram", chat=str(chat)),
        card=encode(shown),
        language=Language.EN,
        due_at=MONDAY,
        delivery=Delivery.EDIT if edits else private,
        edits=edits,
        reply_to=reply_to,
        token="token" if shown.rows else None,
        commands=shown.commands,
    )


SHOWN = card("<Acme> & Co", rows=((Button("Undo", "/undo"),),))
GONE = "Bad Request: message to edit not found"


@contextlib.asynccontextmanager
async def sender(read_timeout: float = 5.0) -> AsyncIterator[tuple[TelegramServer, Sender]]:
    async with Telegram() as server:
        request = HTTPXRequest(read_timeout=read_timeout, connection_pool_size=1, pool_timeout=0.1)
        async with Bot(TOKEN, base_url=f"{server.root}/bot", request=request) as bot:
            server.open_private(ANN)
            server.open_group(GROUP)
            yield server, Sender(bot)


@pytest.mark.parametrize(
    ("fault", "outcome", "delivered"),
    [
        ({"code": 429, "retry_after": 3}, Outcome.NOT_SENT, 0),
        ({"code": 500}, Outcome.NOT_SENT, 0),
        ({"code": 502}, Outcome.UNKNOWN, 0),
        ({"code": 504, "description": "Gateway Timeout"}, Outcome.UNKNOWN, 0),
        ({"drop": True}, Outcome.UNKNOWN, 0),
        ({"accept_then_drop": True}, Outcome.UNKNOWN, 1),
        ({"delay_seconds": 1.0}, Outcome.UNKNOWN, 1),
        ({"code": 401}, Outcome.REVOKED, 0),
        ({"code": 403}, Outcome.DEAD, 0),
        ({"code": 403, "description": "Forbidden: user is deactivated"}, Outcome.DEAD, 0),
        ({"code": 400, "description": "Bad Request: chat not found"}, Outcome.DEAD, 0),
        ({"code": 400, "description": "Bad Request: message is too long", "times": 2}, Outcome.REFUSED, 0),
    ],
    ids=str,
)
def test_what_became_of_a_message(fault: dict[str, Any], outcome: Outcome, delivered: int) -> None:
    async def scenario() -> None:
        async with sender(read_timeout=0.2) as (server, channel):
            server.fault("sendMessage", **{"times": 1, **fault})
            with pytest.raises(SendFailed) as failed:
                await channel.send(letter(SHOWN), SHOWN)
            assert failed.value.outcome is outcome
            assert failed.value.retry_after == (3.0 if fault.get("code") == 429 else None)
            assert not failed.value.gone
            assert len(server.messages(ANN)) == delivered
            assert TOKEN not in str(failed.value)
            # Of a refused token there is something to ask before anything else is tried.
            proof = failed.value.proof
            assert (proof is None) == (outcome is not Outcome.REVOKED)
            if proof:
                assert await proof()
                server.fault("getMe", 1, code=401)
                assert not await proof()

    in_loop(scenario())


def test_no_connection_is_not_sent() -> None:
    async def scenario() -> None:
        async with sender() as (server, channel):
            await server.stop()
            with pytest.raises(SendFailed) as failed:
                await channel.send(letter(SHOWN), SHOWN)
            assert failed.value.outcome is Outcome.NOT_SENT

    in_loop(scenario())


def test_markup_that_is_refused_is_sent_as_plain_words() -> None:
    async def scenario() -> None:
        async with sender() as (server, channel):
            server.fault("sendMessage", 1, code=400, description="Bad Request: can't parse entities: <Acme>")
            number = await channel.send(letter(SHOWN), SHOWN)
            [message] = server.messages(ANN)
            assert (str(message.message_id), message.text, message.labels) == (
                number,
                "<Acme> & Co",
                ["Undo"],
            )
            assert message.entities == []

    in_loop(scenario())


def test_an_edit_that_changes_nothing_is_done_and_a_lost_message_is_gone() -> None:
    async def scenario() -> None:
        async with sender() as (server, channel):
            number = await channel.send(letter(SHOWN), SHOWN)
            assert await channel.send(letter(SHOWN, edits=number), SHOWN) == number
            changed = card("after")
            assert await channel.send(letter(changed, edits=number), changed) == number
            [message] = server.messages(ANN)
            assert (message.text, message.labels) == ("after", [])
            for description in (None, "Bad Request: message can't be edited"):
                server.fault("editMessageText", 1 if description else 0, code=400, description=description)
                with pytest.raises(SendFailed) as failed:
                    await channel.send(letter(SHOWN, edits="999"), SHOWN)
                assert failed.value.gone and failed.value.outcome is Outcome.REFUSED
            assert server.illegal == []

    in_loop(scenario())


# ---------------------------------------------------------------------- reading updates


PERSON = {"id": ANN, "is_bot": False, "first_name": "Ann", "last_name": "Lee", "language_code": "en"}


def update(kind: str = "message", person: dict[str, Any] = PERSON, **changed: Any) -> str:
    chat = {"id": changed.pop("chat_id", ANN), "type": changed.pop("type", "private")}
    message = {"message_id": 5, "date": 1583110800, "chat": chat, "from": person, **changed}
    return json.dumps({"update_id": 1, kind: message, "unknown": {"new": 1}})


def test_a_text_is_read_with_its_time_person_and_place() -> None:
    said = decode(update(text="/visit Acme", future_field=[1]))
    assert isinstance(said, Said)
    assert (said.at, said.private, said.text) == (Address(platform="telegram", chat="7"), True, "/visit Acme")
    assert (said.said_at, said.message) == (datetime(2020, 3, 2, 1, tzinfo=UTC), "5")
    assert (said.person.account, said.person.name, said.person.language) == ("7", "Ann Lee", Language.EN)


def test_halves_of_characters_are_not_let_in() -> None:
    said = decode(update(text="a\ud83d b", person={**PERSON, "first_name": "A\udc00"}))
    assert isinstance(said, Said)
    assert (said.text, said.person.name) == ("a\ufffd b", "A\ufffd Lee")


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("zh-hans", Language.ZH),
        ("zh-CN", Language.ZH),
        ("zh", Language.ZH),
        ("zh-hant", Language.ZH_HANT),
        ("zh-TW", Language.ZH_HANT),
        ("zh_HK", Language.ZH_HANT),
        ("en-GB", Language.EN),
        ("de", Language.EN),
        ("", None),
        (None, None),
    ],
)
def test_languages(code: str | None, language: Language | None) -> None:
    person = {"id": ANN, "is_bot": False, "first_name": "Ann", "language_code": code}
    said = decode(update(text="x", person=person))
    assert isinstance(said, Said) and said.person.language is language


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ({"animation": {}, "document": {}}, "video"),
        ({"voice": {}}, "voice"),
        ({"sticker": {}}, "sticker"),
        ({"venue": {}, "location": {}}, "location"),
        ({"something_new": {}}, "other"),
    ],
)
def test_what_is_not_words_is_named_in_private_and_passed_over_in_a_group(
    content: dict[str, Any], what: str
) -> None:
    unread = decode(update(**content))
    assert isinstance(unread, Unread) and unread.what == what
    assert f"what.{what}" in catalogue()
    assert decode(update(type="group", chat_id=GROUP, **content)) is None


@pytest.mark.parametrize(
    "body",
    [
        update(pinned_message={}),
        update(new_chat_members=[], type="group"),
        update("channel_post", text="x"),
        update(text="/visit Acme", person={"id": 3, "is_bot": True, "first_name": "Bot"}),
        update(text="talk", type="supergroup"),
        update(
            text="see /help", entities=[{"type": "bot_command", "offset": 4, "length": 5}], type="supergroup"
        ),
        '{"update_id": 1}',
    ],
)
def test_what_asks_for_nothing(body: str) -> None:
    assert decode(body) is None


@pytest.mark.parametrize("body", ["[]", "5", "null", "{", *map(json.dumps, poison(1))])
def test_what_cannot_be_read_is_a_value_error(body: str) -> None:
    with pytest.raises(ValueError):
        decode(body)


def test_a_press_carries_its_token_and_the_message_it_stands_under() -> None:
    person = {"id": ANN, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": 9, "date": 0, "chat": {"id": GROUP, "type": "supergroup"}}
    query = {"id": "q", "from": person, "message": message, "data": "abc.1"}
    pressed = decode(json.dumps({"update_id": 1, "callback_query": query}))
    assert isinstance(pressed, Pressed)
    assert (pressed.token, pressed.private, pressed.at.chat) == ("abc.1", False, str(ANN))
    # What stands in a group stays as it is: the answer is a message in private.
    assert (pressed.message, pressed.card_at) == ("", Address(platform="telegram", chat=str(GROUP)))
    assert pressed.said_at == AS_RECEIVED
    del query["message"]
    assert decode(json.dumps({"update_id": 1, "callback_query": query})) is None


def test_every_update_becomes_a_delivery_of_its_own_whatever_its_shape() -> None:
    strange: Sequence[object] = [
        None,
        5,
        "x",
        [],
        {},
        {"update_id": "7"},
        {"update_id": True},
        {"update_id": -1},
    ]
    good = json.loads(update(text="x"))
    made = deliveries([*strange, {**good, "update_id": 2**70}, good], "coach_bot")
    assert len({each.id for each in made}) == len(made) == len(strange) + 2
    assert (made[-1].id, made[-1].lane) == ("1", f"telegram:{ANN}")
    assert all(each.body.isascii() and each.lane.startswith("telegram:") for each in made)
    assert offset_after([*strange, good], 40) == 2
    assert offset_after(strange, 40) == 40
    assert list(query_ids([*strange, {"callback_query": {"id": "4"}}, {"callback_query": {"id": 4}}])) == [
        "4"
    ]
