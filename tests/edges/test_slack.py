"""The Slack door with the real slack-bolt over loopback: stored before acknowledged, answered once, never illegal."""

import asyncio
import json
import re
import sqlite3
import tomllib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import build
from bot.buckets import Buckets, Limit, Limits
from bot.clock import SetClock
from bot.courier import IN_FLIGHT, Lines
from bot.inbound import Edited, Inbound, Opened, Person, Pressed, Said, Submitted, Unread
from bot.outcomes import SendFailed
from bot.slack.adapter import SlackDoor, decode
from bot.slack.channel import SlackChannel
from bot.slack.connection import Patience
from bot.slack.payload import delivery_of, stored
from bot.slack.reading import language_of
from bot.slack.roster import Roster
from domain.people import Language
from domain.ports import Address, Letter, Outcome, Urgency, Work
from domain.ports import Delivery as How
from handlers.view import Button, card, encode, t
from handlers.view import decode as decode_card
from handlers.words import catalogue
from tests.support.slack_house import ANN, BOSS, HTTP, MONDAY, SOCKET, House, house, in_loop, label
from tests.support.slack_server import APP_TOKEN, BOT_TOKEN, SlackServer
from tests.support.slack_web_api import BOT_USER_ID, TEAM_ID, SlackMessage

Json = dict[str, Any]
WORDS: dict[str, str] = tomllib.loads(
    (Path(__file__).parent / "slack_words.toml").read_text(encoding="utf-8")
)


# A migrated file stands where each house looks for one: migrating takes longer than most tests.
pytestmark = pytest.mark.usefixtures("sqlite_url")

# ---------------------------------------------------------------------- the first loop


VISIT = "visit Acme\nmet: Li Wei (CFO)\nresult: budget confirmed\nnext: send quote by Fri"


@pytest.mark.parametrize("by", [SOCKET, HTTP])
def test_a_visit_and_its_undo_on_either_database(tmp_path: Path, database_url: str, by: str) -> None:
    async def scenario() -> None:
        async with house(tmp_path, url=database_url, by=by) as at:
            await at.founded()
            await at.joined()
            card = await at.commands(ANN, VISIT)
            assert "✓ Acme" in card.text and "1/5" in card.text
            await at.presses(ANN, card, label("button.undo"))
            assert "Undone" in card.text and card.labels == []
            again = await at.tells(ANN, VISIT)
            assert again.ts != card.ts and "1/5" in again.text

    in_loop(scenario())


def test_from_the_owner_code_to_a_visit_and_its_undo(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.founded()
            welcome = await at.joined()
            assert "Ann" in welcome.text or "ann" in welcome.text
            # Slack knows one command, so the example says how it is typed here.
            assert "/pace visit Acme" in str(welcome.blocks)

            card = await at.commands(ANN, VISIT)
            assert "✓ Acme" in card.text and "Li Wei" in card.text
            await at.presses(ANN, card, label("button.undo"))
            assert "Undone" in card.text and card.labels == []
            assert at.rows("SELECT count(*) FROM activity WHERE withdrawn = 0") == [(0,)]

            again = await at.tells(ANN, VISIT)
            assert again.ts != card.ts and "✓ Acme" in again.text
            assert at.rows("SELECT count(*) FROM activity WHERE withdrawn = 0") == [(1,)]

    in_loop(scenario())


def test_in_chinese(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.founded()
            await at.joined(locale="zh-CN", tz="Asia/Shanghai")
            card = await at.tells(ANN, WORDS["visit"])
            assert WORDS["customer"] in card.text and WORDS["result"] in card.text
            await at.presses(ANN, card, label("button.undo", Language.ZH))
            assert WORDS["undone"] in card.text
            assert WORDS["customer"] in (await at.commands(ANN, WORDS["slash"])).text

    in_loop(scenario())


def test_name_language_and_zone_come_from_slack(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.founded()
            await at.joined(name="wei", locale="zh-TW", tz="Asia/Taipei")
            query = "SELECT name, language, zone FROM member ORDER BY id DESC LIMIT 1"
            assert at.rows(query) == [("wei", "zh-Hant", "Asia/Taipei")]
            await at.tells(ANN, "today")
            assert len([call for call in at.server.calls_of("users.info") if call.params["user"] == ANN]) == 1

    in_loop(scenario())


def test_somebody_can_come_in_while_slack_will_not_say_who_they_are(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.founded()
            at.server.fault("users.info", 9, code=500)
            await at.joined()
            assert at.rows("SELECT name FROM member ORDER BY id DESC LIMIT 1") == [(ANN,)]

    in_loop(scenario())


def test_somebody_can_come_in_whom_slack_describes_in_a_way_of_its_own(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.founded()
            await at.joined(profile="none")
            assert at.rows("SELECT name FROM member ORDER BY id DESC LIMIT 1") == [(ANN,)]

    in_loop(scenario())


def test_a_question_about_a_person_that_broke_off_is_asked_again() -> None:
    async def scenario() -> None:
        async with SlackServer() as server:
            server.add_user(ANN, name="ann")
            roster = Roster(AsyncWebClient(token=BOT_TOKEN, base_url=server.api_root))
            first = asyncio.create_task(roster.known(ANN, with_dm=False))
            asks = Roster._ask.__qualname__
            while not (asking := [each for each in asyncio.all_tasks() if name_of(each) == asks]):
                await asyncio.sleep(0)
            asking[0].cancel()
            await asyncio.wait([first])
            assert first.cancelled()
            assert (await roster.known(ANN, with_dm=False))["name"] == "ann"

    in_loop(scenario())


def name_of(task: "asyncio.Task[Any]") -> str:
    """The function a task runs."""
    return str(getattr(task.get_coro(), "__qualname__", ""))


def test_the_morning_card_comes_in_the_direct_message(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            before = len(at.server.messages(ANN))
            await at.moved(datetime(2025, 3, 3, 17, 30, tzinfo=UTC))
            await at.moved(datetime(2025, 3, 4, 8, 30, tzinfo=UTC))
            morning = catalogue().say(t("button.visit"), Language.EN)
            found = await at.server.until(
                lambda: [one for one in at.server.messages(ANN)[before:] if morning in one.labels]
            )
            assert len(found) == 1 and found[0].channel == at.server.dm(ANN)
            assert "Today" in found[0].text
            # The card of the day is edited, not said again, when something is logged.
            await at.tells(ANN, "visit Acme; met: Li; result: ok; next: demo by Fri")
            stale = "SELECT 1 FROM card WHERE key LIKE 'day:%' AND version > shown"
            await at.server.until(lambda: at.rows(stale))
            await at.app.refresh()
            at.app.courier.wake()
            await at.server.until(lambda: found[0].history)

    in_loop(scenario())


# ---------------------------------------------------------------------- channels


def test_a_command_in_a_channel_is_answered_there_to_that_person_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            at.server.add_channel("C1", members=[BOSS, ANN])
            private = len(at.server.messages(ANN))
            assert (
                await at.server.user_commands(ANN, "/pace", "visit Acme; met: Li", channel="C1")
            ).acknowledged
            shown = (await at.server.until(lambda: at.server.ephemerals))[0]
            assert (shown.channel, shown.seen_only_by) == ("C1", ANN)
            assert "✓ Acme" in shown.text
            # What one person alone sees cannot be edited: the press is answered by another such message.
            await at.server.user_clicks(ANN, "C1", shown.ts, label("button.undo"))
            undone = (await at.server.until(lambda: at.server.ephemerals[1:]))[0]
            assert undone.seen_only_by == ANN and "Undone" in undone.text
            assert at.server.messages("C1") == [] and len(at.server.messages(ANN)) == private

            asked = await at.server.user_says(ANN, "<@U00000BOT> today", channel="C1")
            assert asked.acknowledged
            told = (await at.server.until(lambda: at.server.ephemerals[2:]))[0]
            assert told.seen_only_by == ANN and "Visits" in told.text

    in_loop(scenario())


def test_a_question_asked_in_a_channel_can_be_answered_in_the_direct_message(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            at.server.add_channel("C1", members=[ANN])
            # A mention opens no form.
            await at.server.user_says(ANN, "<@U00000BOT> visit", channel="C1")
            await at.server.until(lambda: at.server.ephemerals)
            assert "✓ Acme" in (await at.tells(ANN, "Acme")).text
            # A question is also answered by the command, which is all one has in a channel.
            await at.server.user_says(ANN, "<@U00000BOT> visit", channel="C1")
            await at.server.until(lambda: at.server.ephemerals[1:])
            await at.server.user_commands(ANN, "/pace", "Borealis", channel="C1")
            answered = await at.server.until(lambda: at.server.ephemerals[2:])
            assert "✓ Borealis" in answered[0].text

    in_loop(scenario())


def test_where_nothing_can_be_whispered_the_answer_comes_in_the_direct_message(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            at.server.add_channel("C2", members=[ANN], with_bot=False)
            before = len(at.server.messages(ANN))
            await at.server.user_commands(ANN, "/pace", "visit Acme; met: Li", channel="C2")
            assert "✓ Acme" in (await at.said(ANN, before + 1)).text

    in_loop(scenario())


def test_a_command_in_somebody_elses_direct_message_is_answered_in_ones_own(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            at.server.add_channel("D9", members=[ANN, BOSS], with_bot=False)
            before = len(at.server.messages(ANN))
            assert (await at.server.user_commands(ANN, "/pace", "today", channel="D9")).acknowledged
            assert "Visits" in (await at.said(ANN, before + 1)).text
            assert at.rows("SELECT count(*) FROM identity WHERE alive = 0") == [(0,)]

    in_loop(scenario())


@pytest.mark.parametrize("words", ["today", "undo"], ids=["answer", "refusal"])
def test_whose_direct_message_it_is_need_not_be_known_to_answer_in_ones_own(
    tmp_path: Path, words: str
) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            at.server.fault("conversations.open", 9, code=500)
            at.server.add_channel("D9", members=[ANN, BOSS], with_bot=False)
            before = len(at.server.messages(ANN))
            await at.server.user_commands(ANN, "/pace", words, channel="D9")
            assert (await at.said(ANN, before + 1)).channel == at.server.dm(ANN)
            assert at.rows("SELECT count(*) FROM letter WHERE state = 'dead'") == [(0,)]

    in_loop(scenario())


def test_whoever_comes_in_from_a_channel_gets_their_pushes_in_private(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.founded()
            code = await at.invite_code()
            at.server.add_user(ANN)
            at.server.add_channel("C1", members=[ANN])
            await at.server.user_commands(ANN, "/pace", code, channel="C1")
            (await at.server.until(lambda: at.server.ephemerals))[0]
            await at.moved(datetime(2025, 3, 4, 8, 30, tzinfo=UTC))
            assert "Today" in (await at.said(ANN)).text
            assert at.server.messages("C1") == []

    in_loop(scenario())


# ---------------------------------------------------------------------- hostile words


@pytest.mark.parametrize(
    "name", ["<!channel>", "<@U1>", "<!here> Ltd", "<http://evil.example|Acme>", "*A* & _B_"]
)
def test_a_customers_name_never_becomes_a_mention(tmp_path: Path, name: str) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            typed = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            card = await at.tells(ANN, f"visit {typed}\nmet: {typed}\nresult: {typed}")
            assert at.rows("SELECT name FROM customer") == [(name,)]
            shown = json.dumps(card.blocks, ensure_ascii=False).replace("\u2060", "")
            assert json.dumps(name)[1:-1] in shown
            assert not re.search(r"<[!@#h]", card.text)

    in_loop(scenario())


def test_nobody_presses_a_button_of_somebody_else(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            card = await at.tells(ANN, "visit Acme; met: Li")
            # A client can be made to say that it pressed anything.
            await at.server.user_clicks(BOSS, card.channel, card.ts, label("button.undo"))
            await at.server.until(lambda: at.rows("SELECT count(*) FROM inbox WHERE state = 'new'") == [(0,)])
            assert at.rows("SELECT count(*) FROM activity WHERE withdrawn = 0") == [(1,)]
            assert card.history == []

    in_loop(scenario())


# ---------------------------------------------------------------------- once, and never lost


def test_what_slack_delivers_twice_is_done_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            card = await at.tells(ANN, "visit Acme; met: Li")
            said = at.server.deliveries[-1]
            await at.commands(ANN, "call Borealis; result: ok")
            commanded = at.server.deliveries[-1]
            await at.presses(ANN, card, label("button.undo"))
            pressed = at.server.deliveries[-1]
            before = len(at.server.messages(ANN))
            for delivery in (said, commanded, pressed, said):
                assert (await at.server.redeliver(delivery)).acknowledged
            # Lanes keep order: once this is answered, all before it would have been.
            await at.tells(ANN, "today")
            assert len(at.server.messages(ANN)) == before + 1
            assert at.rows("SELECT count(*) FROM activity") == [(2,)]

    in_loop(scenario())


@contextmanager
def without_inbox(database: Path) -> Iterator[None]:
    """The inbox cannot be written to."""
    with closing(
        sqlite3.connect(database, autocommit=True) if False else sqlite3.connect(database)
    ) as opened:
        opened.execute("ALTER TABLE inbox RENAME TO inbox_away")
        opened.commit()
        try:
            yield
        finally:
            opened.execute("ALTER TABLE inbox_away RENAME TO inbox")
            opened.commit()


def test_nothing_is_acknowledged_that_could_not_be_stored(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path, ack_seconds=0.3, event_retry_seconds=(0.0,)) as at:
            await at.team()
            before = len(at.server.messages(ANN))
            with without_inbox(at.database):
                said = await at.server.user_says(ANN, "visit Acme; met: Li")
                commanded = await at.server.user_commands(ANN, "/pace", "today")
            assert not said.acknowledged and not commanded.acknowledged
            assert [ack.error for ack in said.attempts] == ["http_timeout"] * 2
            assert len(at.server.messages(ANN)) == before
            # Slack tries again, and then it is stored, acknowledged and answered.
            assert (await at.server.redeliver(said)).acknowledged
            assert "✓ Acme" in (await at.said(ANN, before + 1)).text

    in_loop(scenario())


def test_what_was_acknowledged_is_in_the_inbox(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.founded()
            delivery = await at.server.user_says(BOSS, "today")
            assert (delivery_of(delivery.payload),) in at.rows("SELECT delivery FROM inbox")

    in_loop(scenario())


def test_a_slow_answer_does_not_delay_the_acknowledgement(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            before = len(at.server.messages(ANN))
            at.server.fault("chat.postMessage", 1, delay_seconds=1.5)
            acks = [
                (await at.server.user_says(ANN, f"visit Acme {n}; met: Li")).attempts[-1] for n in range(5)
            ]
            assert all(ack.error is None and ack.ms < 1000 for ack in acks)
            await at.said(ANN, before + 5)

    in_loop(scenario())


def test_a_slow_users_info_delays_the_acknowledgement_by_a_second_at_most(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.founded()
            at.server.fault("users.info", 1, delay_seconds=2.5)
            at.server.add_user("U9")
            ack = (await at.server.user_says("U9", "hello")).attempts[-1]
            assert ack.error is None and ack.ms < 2000
            await at.said("U9")

    in_loop(scenario())


def test_words_said_at_once_keep_their_order(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            names = ["Alpine", "Borealis", "Cobalt", "Dune", "Ember", "Fjord"]
            await asyncio.gather(*(at.server.user_says(ANN, f"visit {name}; met: Li") for name in names))
            await at.server.until(lambda: at.rows("SELECT count(*) FROM customer") == [(6,)])
            assert [name for (name,) in at.rows("SELECT name FROM customer ORDER BY id")] == names

    in_loop(scenario())


# ---------------------------------------------------------------------- sending under faults


async def answered_under(at: House, user: str = ANN) -> list[SlackMessage]:
    """All answers to one `today` that met a fault, once the second try came through."""
    before, calls = len(at.server.messages(user)), len(at.server.calls_of("chat.postMessage"))
    assert (await at.server.user_says(user, "today")).acknowledged
    await at.server.until(lambda: at.rows("SELECT 1 FROM letter WHERE state = 'due' AND outcome IS NOT NULL"))
    # Nobody but the outbox sends again.
    assert len(at.server.calls_of("chat.postMessage")) == calls + 1
    at.clock.advance(timedelta(seconds=5))
    at.app.courier.wake()
    await at.server.until(lambda: len(at.server.calls_of("chat.postMessage")) == calls + 2)
    await at.server.until(lambda: at.rows("SELECT 1 FROM letter WHERE state != 'sent'") == [])
    return at.server.messages(user)[before:]


@pytest.mark.parametrize(
    ("fault", "outcome", "copies"),
    [
        ({"code": 429, "retry_after": 1}, Outcome.NOT_SENT, 1),
        ({"code": 500}, Outcome.UNKNOWN, 1),
        ({"code": 503, "description": "service_unavailable"}, Outcome.UNKNOWN, 1),
        ({"drop": True}, Outcome.UNKNOWN, 1),
        # Nobody can know whether it arrived: it is said again rather than lost.
        ({"accept_then_drop": True}, Outcome.UNKNOWN, 2),
    ],
)
def test_an_answer_that_met_a_fault_arrives(
    tmp_path: Path, fault: dict[str, Any], outcome: Outcome, copies: int
) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            at.server.fault("chat.postMessage", 1, **fault)
            answers = await answered_under(at)
            assert len(answers) == copies and all("Visits" in one.text for one in answers)

    in_loop(scenario())


def letter(**facts: Any) -> Letter:
    shown = card("Acme visit", rows=((Button("Undo", "/undo 1"),),))
    known: dict[str, Any] = {
        "key": "event:1",
        "to": Address(platform="slack", chat="D2"),
        "card": encode(shown),
        "language": Language.EN,
        "due_at": MONDAY,
        "token": "abc",
    }
    return Letter(**(known | facts))


@asynccontextmanager
async def channel(server: SlackServer) -> AsyncIterator[SlackChannel]:
    made = SlackChannel(AsyncWebClient(token=BOT_TOKEN, base_url=server.api_root, retry_handlers=[]))
    server.dm(ANN)
    try:
        yield made
    finally:
        await made.close()


async def send(made: SlackChannel, one: Letter) -> str:
    return await made.send(one, decode_card(one.card))


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"code": 429, "retry_after": 7}, Outcome.NOT_SENT),
        ({"code": 200, "description": "ratelimited", "retry_after": 7}, Outcome.NOT_SENT),
        ({"code": 500}, Outcome.UNKNOWN),
        ({"code": 200, "description": "internal_error"}, Outcome.UNKNOWN),
        ({"drop": True}, Outcome.UNKNOWN),
        ({"accept_then_drop": True}, Outcome.UNKNOWN),
        ({"code": 200, "description": "account_inactive"}, Outcome.DEAD),
        ({"code": 200, "description": "channel_not_found"}, Outcome.DEAD),
        ({"code": 200, "description": "is_archived"}, Outcome.DEAD),
        ({"code": 200, "description": "user_not_found"}, Outcome.DEAD),
        ({"code": 200, "description": "cannot_dm_bot"}, Outcome.DEAD),
        ({"code": 401}, Outcome.REVOKED),
        ({"code": 200, "description": "token_revoked"}, Outcome.REVOKED),
        ({"code": 200, "description": "not_authed"}, Outcome.REVOKED),
        ({"code": 200, "description": "restricted_action"}, Outcome.REFUSED),
    ],
)
def test_what_a_refusal_means_for_the_letter(fault: dict[str, Any], outcome: Outcome) -> None:
    async def scenario() -> None:
        async with SlackServer() as server, channel(server) as made:
            server.fault("chat.postMessage", 1, **fault)
            with pytest.raises(SendFailed) as raised:
                await send(made, letter())
            assert raised.value.outcome is outcome
            assert raised.value.retry_after == (7 if outcome is Outcome.NOT_SENT else None)
            # A workspace that does not take our token is asked whether it does, not about every letter.
            assert (raised.value.proof is None) == (outcome is not Outcome.REVOKED)
            assert len(server.calls_of("chat.postMessage")) == 1

    in_loop(scenario())


def test_what_took_our_rights_away_may_give_them_back(capsys: pytest.CaptureFixture[str]) -> None:
    async def scenario() -> None:
        async with SlackServer() as server, channel(server) as made:
            server.fault("*", 3, code=200, description="token_revoked")
            for _ in range(3):
                with pytest.raises(SendFailed) as raised:
                    await send(made, letter())
                assert raised.value.outcome is Outcome.REVOKED
            # Meanwhile only that is asked, and it is said once.
            assert len(server.calls_of("chat.postMessage")) == 1
            await send(made, letter())
            assert len(server.messages(ANN)) == 1

    in_loop(scenario())
    assert capsys.readouterr().out.count("slack_revoked") == 1


def test_an_inactive_account_is_the_bots_own_when_its_token_is_dead_too() -> None:
    async def scenario() -> None:
        async with SlackServer() as server, channel(server) as made:
            server.fault("*", 2, code=200, description="account_inactive")
            with pytest.raises(SendFailed) as raised:
                await send(made, letter())
            assert raised.value.outcome is Outcome.REVOKED

    in_loop(scenario())


def test_a_server_that_is_not_there_was_sent_nothing() -> None:
    async def scenario() -> None:
        async with SlackServer() as server, channel(server) as made:
            await server.stop()
            with pytest.raises(SendFailed) as raised:
                await send(made, letter())
            assert raised.value.outcome is Outcome.NOT_SENT

    in_loop(scenario())


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long"])
def test_a_card_that_slack_refuses_arrives_as_plain_words(error: str) -> None:
    async def scenario() -> None:
        async with SlackServer() as server, channel(server) as made:
            server.fault("chat.postMessage", 1, code=200, description=error)
            await send(made, letter())
            (told,) = server.messages(ANN)
            assert told.text == "Acme visit" and told.blocks == []
            server.fault("chat.postMessage", 2, code=200, description=error)
            with pytest.raises(SendFailed) as raised:
                await send(made, letter())
            assert raised.value.outcome is Outcome.REFUSED
            assert len(server.calls_of("chat.postMessage")) == 4

    in_loop(scenario())


@pytest.mark.parametrize("error", ["message_not_found", "cant_update_message"])
def test_an_edit_of_what_is_gone(error: str) -> None:
    async def scenario() -> None:
        async with SlackServer() as server, channel(server) as made:
            edit = {"delivery": How.EDIT, "edits": await send(made, letter())}
            server.fault("chat.update", 2, code=200, description=error)
            # An answer must be seen, so it is said anew; whether a card of the day is, the courier decides.
            again = await send(made, letter(**edit))
            assert [one.ts for one in server.messages(ANN)] == [edit["edits"], again]
            with pytest.raises(SendFailed) as raised:
                await send(made, letter(**edit, urgency=Urgency.EDIT))
            assert raised.value.gone and raised.value.outcome is Outcome.REFUSED

    in_loop(scenario())


def fly(buckets: Buckets, one: Letter, times: int, now: float = 0.0) -> float:
    """How long such a letter has to wait after so many others of its kind left."""
    for _ in range(times):
        buckets.of(one).take(one.to.chat, now, group=False)
    return buckets.of(one).wait(one.to.chat, now, group=False)


def test_what_slack_counts_apart_is_counted_apart() -> None:
    buckets = Buckets(SlackChannel.limits)
    edit = letter(delivery=How.EDIT, edits="1.0")
    home = letter(to=Address(platform="slack", chat="home:U2"), delivery=How.EDIT, edits="home")
    other_home = letter(to=Address(platform="slack", chat="home:U3"), delivery=How.EDIT, edits="home")
    form, post = letter(delivery=How.FORM), letter()
    assert fly(buckets, edit, 49) == 0 and fly(buckets, edit, 1) == 60
    assert fly(buckets, home, 1) == 5 and fly(buckets, other_home, 0) == 0
    assert fly(buckets, form, 99) == 0 and fly(buckets, form, 1) == 60
    assert fly(buckets, post, 2) == 0 and fly(buckets, post, 1) == 3
    # So are the pauses after a 429.
    buckets.of(edit).pause(300, 0)
    assert buckets.of(edit).wait("D2", 100, group=False) == 200
    assert buckets.of(post).wait("D2", 100, group=False) == 0


def test_a_form_overtakes_what_waits() -> None:
    async def scenario() -> None:
        lines = Lines()
        for key, urgency in (("push", Urgency.PUSH), ("first", Urgency.ANSWER), ("second", Urgency.ANSWER)):
            lines.add(letter(key=key, urgency=urgency))
        lines.add(letter(key="form", urgency=Urgency.ANSWER, delivery=How.FORM))
        left = []
        while ready := lines.ready():
            lines.start(ready[0])
            lines.finish(ready[0])
            left.append(ready[0].letter.key)
        assert left == ["form", "first", "second", "push"]

    in_loop(scenario())


def test_a_429_on_edits_does_not_hold_up_answers(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            card = await at.tells(ANN, "visit Acme; met: Li")
            at.server.fault("chat.update", 1, code=429, retry_after=60)
            await at.server.user_clicks(ANN, card.channel, card.ts, label("button.undo"))
            await at.server.until(lambda: at.server.calls_of("chat.update"))
            assert "Visits" in (await at.tells(ANN, "today")).text
            assert len(at.server.calls_of("chat.update")) == 1

    in_loop(scenario())


def test_edits_that_are_held_back_get_turns_of_their_own(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            at.server.fault("chat.update", IN_FLIGHT, code=429, retry_after=60)
            edits = [
                letter(
                    key=f"e{number}",
                    to=Address(platform="slack", chat=f"D{number}"),
                    urgency=Urgency.EDIT,
                    delivery=How.EDIT,
                    edits="1.0",
                    due_at=MONDAY,
                )
                for number in range(40)
            ]

            def job(work: Work) -> None:
                for each in edits:
                    work.outbox.write(each)

            await at.app.writer.run(job)
            at.app.courier.wake()
            held = "SELECT (try_at - due_at) / 1e6 FROM letter WHERE state = 'due' AND try_at > due_at"
            await at.server.until(lambda: len(at.rows(held)) == len(edits))
            turns = sorted(seconds for (seconds,) in at.rows(held))
            # 50 a minute, after the minute Slack asked for.
            assert turns[0] >= 59 and turns[-1] >= 60 + 1.2 * (len(edits) - IN_FLIGHT - 2)

    in_loop(scenario())


def test_turns_are_given_out_at_the_pace_of_the_bot_and_not_without_end() -> None:
    buckets = Buckets(Limits(bot=(Limit(most=2, seconds=60.0),), chat=(Limit(most=1, seconds=300.0),)))
    buckets.take("busy", 0.0, group=False)
    # Where the chat alone is full nobody else waits with it.
    assert [buckets.turn("busy", 0.0, group=False) for _ in range(2)] == [300, 300]
    buckets.take("other", 0.0, group=False)
    assert [buckets.turn(f"D{number}", 0.0, group=False) for number in range(3)] == [60, 90, 120]
    assert [buckets.turn("D9", 0.0, group=False) for _ in range(8)][-2:] == [330, 60]


def test_nothing_is_previewed() -> None:
    async def scenario() -> None:
        async with SlackServer() as server, channel(server) as made:
            await send(made, letter())
            (call,) = server.calls_of("chat.postMessage")
            assert call.params["unfurl_links"] is False and call.params["unfurl_media"] is False
            assert not {"parse", "link_names"} & set(call.params)

    in_loop(scenario())


# ---------------------------------------------------------------------- what comes in


def event(**facts: Any) -> Json:
    said = {"type": "message", "channel": "D2", "channel_type": "im", "user": ANN, "ts": "1740990000.000100"}
    envelope = {"type": "event_callback", "event_id": "Ev1", "team_id": TEAM_ID}
    return envelope | {"event": said | {"text": "visit Acme"} | facts}


def command(**facts: Any) -> Json:
    said = {"command": "/pace", "text": "visit Acme", "user_id": ANN, "channel_id": "D2", "team_id": TEAM_ID}
    return said | {"trigger_id": "1.a", "token": "secret", "response_url": "https://secret"} | facts


def press(**container: Any) -> Json:
    place = {"type": "message", "message_ts": "1.2", "channel_id": "D2", "is_ephemeral": False}
    return {
        "type": "block_actions",
        "user": {"id": ANN, "team_id": TEAM_ID},
        "team": {"id": TEAM_ID},
        "container": place | container,
        "message": {"text": "a card"},
        "actions": [{"action_id": "press.0", "value": "abc.0", "action_ts": "1740990000.5"}],
    }


def read(payload: Json, **known: Any) -> Inbound | None:
    return decode(json.dumps(as_stored(payload, **known)))


def as_stored(payload: Json, **known: Any) -> Json:
    return stored(payload, team=TEAM_ID, bot=BOT_USER_ID, received_at=MONDAY, known=known)


def words(payload: Json, **known: Any) -> str:
    said = read(payload, **known)
    assert isinstance(said, Said)
    return said.text


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("a &amp; b &lt;c&gt; &amp;lt;", "a & b <c> &lt;"),
        ("&lt;!channel&gt;", "<!channel>"),
        ("<!channel> <!here|here>", "@channel @here"),
        ("<!subteam^S1|@sales>", "@sales"),
        ("<!date^1392734382^{date}|18 Feb>", "18 Feb"),
        ("met <@U9> and <@U9|li wei>", "met @U9 and @li wei"),
        ("in <#C1|general> or <#C1>", "in #general or #C1"),
        ("<https://acme.example/a?b=1&amp;c=2>", "https://acme.example/a?b=1&c=2"),
        ("<https://acme.example|acme.example>", "acme.example"),
        ("<mailto:li@acme.example|li@acme.example>", "li@acme.example"),
        ("<tel:+441|+44 1>", "+44 1"),
        ("visit <http://Acme.com|Acme.com>\nmet: Li", "visit Acme.com\nmet: Li"),
        ("a < b and b > c", "a < b and b > c"),
    ],
)
def test_slacks_escapes_are_undone(typed: str, plain: str) -> None:
    assert words(event(text=typed)) == plain


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("visit Acme", "/visit Acme"),
        ("/visit Acme", "/visit Acme"),
        ("  VISIT Acme\nmet: Li", "/VISIT Acme\nmet: Li"),
        (WORDS["slash"], "/" + WORDS["slash"]),
        ("", "/help"),
        ("   ", "/help"),
        ("abcd-efgh", "abcd-efgh"),
        ("Li Wei (CFO)", "Li Wei (CFO)"),
    ],
)
def test_the_words_after_the_one_command(typed: str, line: str) -> None:
    assert words(command(text=typed)) == line


def test_where_and_when_it_was_said() -> None:
    told = read(event(), name="Ann", language="zh", zone="Asia/Shanghai")
    assert told == Said(
        person=Person(account=ANN, name="Ann", language=Language.ZH, zone="Asia/Shanghai"),
        at=Address(platform="slack", chat="D2"),
        private=True,
        text="visit Acme",
        said_at=datetime(2025, 3, 3, 8, 20, 0, 100, tzinfo=UTC),
        message="1740990000.000100",
    )
    in_channel = read(command(channel_id="C1"), dm="D2")
    assert isinstance(in_channel, Said)
    assert (in_channel.at.chat, in_channel.private, in_channel.reply_to) == ("D2", True, "C1:U2")
    assert in_channel.said_at == MONDAY and in_channel.trigger == "1.a"
    assert in_channel.room == Address(platform="slack", chat="C1")
    # Without their direct message they can only be answered where they are.
    alone = read(command(channel_id="C1"))
    assert isinstance(alone, Said)
    assert (alone.at.chat, alone.private, alone.reply_to) == ("C1", False, "C1:U2")
    mention = event(type="app_mention", channel="C1", channel_type="channel", thread_ts="1.0")
    asked = read(mention | {"event": mention["event"] | {"text": f"<@{BOT_USER_ID}> today"}}, dm="D2")
    assert isinstance(asked, Said) and asked.text == "today"
    assert (asked.at.chat, asked.private, asked.reply_to) == ("D2", False, "C1:U2:1.0")


def test_a_press() -> None:
    pressed = read(press() | {"trigger_id": "1.a"})
    assert isinstance(pressed, Pressed)
    assert (pressed.token, pressed.message, pressed.at.chat, pressed.reply_to) == ("abc.0", "1.2", "D2", None)
    assert (pressed.trigger, pressed.room, pressed.card_at) == ("1.a", None, None)
    hidden = read(press(channel_id="C1", is_ephemeral=True), dm="D2")
    assert isinstance(hidden, Pressed)
    assert (hidden.token, hidden.message, hidden.at.chat, hidden.reply_to) == ("abc.0", "", "D2", "C1:U2")
    assert hidden.room == Address(platform="slack", chat="C1")


def test_a_press_in_the_home() -> None:
    container = {"type": "view", "view_id": "V1"}
    pressed = read(press() | {"container": container, "view": {"type": "home"}}, dm="D2")
    assert isinstance(pressed, Pressed)
    assert (pressed.message, pressed.at.chat, pressed.private, pressed.reply_to) == ("", "D2", True, None)
    assert pressed.card_at == Address(platform="slack", chat="home:U2")
    # Without their direct message the person is found by who they are, and answered where they live.
    alone = read(press() | {"container": container, "view": {"type": "home"}})
    assert isinstance(alone, Pressed) and not alone.private


def submission(**facts: Any) -> Json:
    view = {
        "id": "V1",
        "type": "modal",
        "callback_id": "form",
        "private_metadata": "abc.1",
        "blocks": ["long"],
    }
    values = {
        "customer": {"value": {"type": "plain_text_input", "value": "Acme"}},
        "met": {"value": {"type": "plain_text_input", "value": None}},
        "replied": {"value": {"type": "static_select", "selected_option": {"value": "yes"}}},
        "kind": {"value": {"type": "static_select", "selected_option": None}},
    }
    return {
        "type": "view_submission",
        "trigger_id": "1.a",
        "user": {"id": ANN, "team_id": TEAM_ID},
        "team": {"id": TEAM_ID},
        "view": view | {"state": {"values": values}} | facts,
    }


def test_a_form_that_was_filled_in() -> None:
    told = read(submission(), dm="D2", name="Ann")
    assert told == Submitted(
        person=Person(account=ANN, name="Ann"),
        at=Address(platform="slack", chat="D2"),
        private=True,
        token="abc.1",
        values={"customer": "Acme", "replied": "yes"},
        said_at=MONDAY,
    )
    assert "long" not in json.dumps(as_stored(submission()))
    assert read(submission(callback_id="another")) is None


def test_a_shortcut_is_its_command() -> None:
    payload = {"type": "shortcut", "callback_id": "log_visit", "trigger_id": "1.a", "team": {"id": TEAM_ID}}
    told = read(payload | {"user": {"id": ANN, "team_id": TEAM_ID}}, dm="D2")
    assert isinstance(told, Said)
    assert (told.text, told.trigger, told.at.chat, told.private) == ("/visit", "1.a", "D2", True)


def test_a_home_that_was_opened() -> None:
    opened = {"type": "app_home_opened", "tab": "home", "event_ts": "1515449522000016", "view": {"id": "V1"}}
    told = read(event(**opened))
    assert isinstance(told, Opened)
    assert (told.at.chat, told.private, told.said_at) == ("home:U2", True, MONDAY)
    assert "V1" not in json.dumps(as_stored(event(**opened)))
    assert read(event(**opened | {"tab": "messages"})) is None


EDITED = {"user": ANN, "text": "visit Borealis", "ts": "1740990000.000100"}
CHANGED = {"subtype": "message_changed", "message": EDITED, "event_ts": "1740990001.0"}


def test_words_that_were_changed() -> None:
    told = read(event(**CHANGED, previous_message={"text": "visit"}))
    assert isinstance(told, Edited)
    assert (told.text, told.message, told.private) == ("visit Borealis", "1740990000.000100", True)
    assert told.said_at == datetime(2025, 3, 3, 8, 20, 1, tzinfo=UTC)
    assert told.written_at == datetime(2025, 3, 3, 8, 20, 0, 100, tzinfo=UTC)
    # A mention comes again when its message was edited.
    mention = event(type="app_mention", channel="C1", channel_type="channel", edited={"ts": "1740990001.0"})
    again = read(mention, dm="D2")
    assert isinstance(again, Edited)
    assert (again.message, again.reply_to) == ("1740990000.000100", "C1:U2")
    assert again.written_at < again.said_at


def test_what_cannot_be_read_yet() -> None:
    found = read(event(subtype="file_share", files=[{"id": "F1", "mimetype": "audio/webm"}]))
    assert isinstance(found, Unread) and (found.what, found.person.account) == ("voice", ANN)


@pytest.mark.parametrize(
    "payload",
    [
        event(bot_id="B1"),
        event(subtype="bot_message", bot_id="B1"),
        event(user=BOT_USER_ID),
        event(subtype="message_deleted"),
        event(subtype="channel_join"),
        event(channel="C1", channel_type="channel"),
        event(type="reaction_added"),
        # Slack adds the preview of a link, or we edit our own card: nobody's doing.
        event(subtype="message_changed", message=EDITED, previous_message=EDITED),
        event(subtype="message_changed", message=EDITED | {"bot_id": "B1"}, previous_message={"text": "x"}),
        # What was deleted in a thread leaves a stone.
        event(**CHANGED | {"message": EDITED | {"subtype": "tombstone"}}, previous_message={"text": "x"}),
        # People of other workspaces, from a shared channel.
        event() | {"team_id": "T2"},
        event(team="T2"),
        event(user_team="T2"),
        command(team_id="T2"),
        press() | {"user": {"id": ANN, "team_id": "T2"}},
        press() | {"team": {"id": "T2"}},
        press(type="view"),
        {"type": "shortcut", "user": {"id": ANN}, "team": {"id": TEAM_ID}, "callback_id": "of_another"},
    ],
)
def test_what_asks_for_no_answer(payload: Json) -> None:
    assert read(payload) is None


def test_what_is_kept_has_no_secrets_and_no_card_of_ours() -> None:
    for payload in (command(), press()):
        body = json.dumps(as_stored(payload))
        assert "secret" not in body and "a card" not in body


def test_each_thing_has_one_id_of_its_own() -> None:
    other = press()
    other["actions"][0]["action_ts"] = "1740990000.6"
    edited = event(client_msg_id="m", edited={"ts": "9.0"})
    things = [event(), command(), command(trigger_id="2.b"), press(), press(message_ts="1.3"), other]
    things += [event(client_msg_id="m"), event(client_msg_id="m", channel="D3"), edited, submission()]
    ids = [delivery_of(thing) for thing in things]
    assert len(set(ids)) == len(ids)
    # A repeated press may come with new rights, but it is the same press.
    assert delivery_of(press() | {"trigger_id": "9.z"}) == delivery_of(press())
    # One gesture can become two events, with different times and ids.
    again = event(client_msg_id="m", ts="1740990000.000200") | {"event_id": "Ev2"}
    assert delivery_of(again) == delivery_of(event(client_msg_id="m"))


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("en-GB", Language.EN),
        ("zh-CN", Language.ZH),
        ("zh-TW", Language.ZH_HANT),
        ("zh_HK", Language.ZH_HANT),
        ("de-DE", None),
        ("", None),
    ],
)
def test_the_language_of_a_locale(locale: str, language: Language | None) -> None:
    assert language_of(locale) == language


def test_what_asks_for_no_answer_is_acknowledged_and_not_kept(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            for payload in (event(bot_id="B1"), event(team="T2"), event(type="reaction_added")):
                assert (await at.server.push_event(payload["event"])).acknowledged
            assert (await at.server.push_event(event()["event"], team_id="T2")).acknowledged
            assert at.rows("SELECT count(*) FROM inbox") == [(0,)]

    in_loop(scenario())


def test_what_nobody_can_read_is_set_aside_alone(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.founded()
            for broken in ({"type": "message", "channel_type": "im"} | odd for odd in ODD_EVENTS):
                assert (await at.server.push_event(broken)).acknowledged
            await at.tells(BOSS, "today")
            aside = "SELECT count(*) FROM inbox WHERE state = 'poison'"
            await at.server.until(lambda: at.rows(aside) == [(len(ODD_EVENTS),)])

    in_loop(scenario())


ODD_EVENTS: list[Json] = [
    {"user": ANN, "ts": "not a time", "channel": "D2", "text": "visit"},
    {"user": ANN, "ts": "1.0", "channel": ["D2"], "text": "visit"},
    {"user": ANN, "ts": "1.0", "channel": "D2", "text": {"odd": 1}},
    # Read, but neither found nor told in any database; it comes twice, for what follows in its lane goes on.
    {"user": "U\ud800", "ts": "1.0", "channel": "D2", "text": "visit"},
    {"user": "U\ud800", "ts": "2.0", "channel": "D2", "text": "visit"},
]


def test_a_file_is_answered_politely(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.founded()
            before = len(at.server.messages(BOSS))
            shared = event(user=BOSS, channel=at.server.dm(BOSS), subtype="file_share", files=[{"id": "F1"}])
            await at.server.push_event(shared["event"])
            assert "nothing was saved" in (await at.said(BOSS, before + 1)).text

    in_loop(scenario())


# ---------------------------------------------------------------------- connections


async def goes_on(at: House, opened: int) -> None:
    """A fresh URL was asked for, and what people say arrives."""
    opens: Callable[[], int] = lambda: len(at.server.calls_of("apps.connections.open"))  # noqa: E731
    await at.server.until(lambda: opens() > opened and at.server.connections == 1)
    assert "Visits" in (await at.tells(ANN, "today")).text


@pytest.mark.parametrize("reason", ["refresh_requested", "warning", "too_many_websockets"])
def test_when_slack_asks_to_come_back(tmp_path: Path, reason: str) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            opened = len(at.server.calls_of("apps.connections.open"))
            await at.server.disconnect(reason)
            await goes_on(at, opened)

    in_loop(scenario())


def test_when_the_connection_breaks_without_a_word(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            opened = len(at.server.calls_of("apps.connections.open"))
            at.server.socket.cut()
            await goes_on(at, opened)

    in_loop(scenario())


def test_a_dead_url_is_not_tried_for_ever(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            opened = len(at.server.calls_of("apps.connections.open"))
            # The answer with the URL is so late that its ticket is no longer good.
            at.server.fault("apps.connections.open", 1, delay_seconds=0.3)
            at.server.socket.cut()
            await at.server.until(lambda: len(at.server.calls_of("apps.connections.open")) > opened)
            late = at.server.calls_of("apps.connections.open")[-1]
            await at.server.until(lambda: late.outcome == "ok")
            at.server.socket.expire_tickets()
            await goes_on(at, opened + 1)

    in_loop(scenario())


def test_when_slack_was_away_for_a_while(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house(tmp_path) as at:
            await at.team()
            opened = len(at.server.calls_of("apps.connections.open"))
            at.server.fault("apps.connections.open", 3, code=500)
            at.server.socket.cut()
            await goes_on(at, opened + 3)

    in_loop(scenario())


def test_a_connection_that_brings_nothing_is_replaced(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with SlackServer() as server:
            app = build(f"sqlite:///{tmp_path / 'quiet.db'}", SetClock(MONDAY), {"slack": decode})
            app.prepare()
            patience = Patience(connect=0.5, hello=0.5, check=0.05, ping=5.0, quiet=0.1, waits=(0.01,))
            task = asyncio.create_task(
                SlackDoor(app, BOT_TOKEN, APP_TOKEN, server.api_root, patience=patience).run()
            )
            await server.until(lambda: len(server.calls_of("apps.connections.open")) >= 3)
            assert not task.done()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await server.until(lambda: server.connections == 0)
            app.close()

    in_loop(scenario())
