"""Evidence given on one platform and looked at on the other, with the real libraries: the very bytes, for the right eyes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from domain.files import FILE_MOST
from domain.people import Role
from storage import tables
from tests.support.across import Both, both, person
from tests.support.keeping import JPEG, PDF
from tests.support.slack_house import ANN as CARL
from tests.support.slack_house import BOSS
from tests.support.slack_web_api import SlackMessage
from tests.support.telegram_bot_api import StoredMessage
from tests.support.telegram_stage import ANN, BOB, GROUP, in_loop, opening, say

MARY, STRANGER = 31, 99
# North: the rep on Telegram, the manager on Slack. South: the other way round.
TEAMS = [
    (
        "North",
        [
            person(BOSS, "Boss", Role.MANAGER),
            person(ANN, "Ann", Role.REP),
            person(BOB, "Bob", Role.REP),
        ],
    ),
    ("South", [person(MARY, "Mary", Role.MANAGER), person(CARL, "Carl", Role.REP)]),
]
# Where minutes and the customer's view are to be proved.
OPENED = ("/deal new Acme\namount: 60k\nclose: 30 Apr", "/advance D1 unproven", "/advance D1 unproven")
HELD = ("Li Wei", {"type": "hidden_user", "sender_user_name": "Li Wei"})
BIG = bytes(FILE_MOST + 1_000_000)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("bot.fetch.LONGEST_WAIT", 0.01)
    yield


def on_disk(folder: Path) -> list[bytes]:
    return sorted(each.read_bytes() for each in folder.iterdir()) if folder.exists() else []


async def kept(at: Both) -> tuple[int, int]:
    """How many files and how many pieces of evidence the books have."""
    one, other = [await at.rows(select(each.c.id)) for each in (tables.file, tables.evidence)]
    return len(one), len(other)


def sent_on_slack(at: Both, message: SlackMessage) -> list[tuple[str, bytes | None]]:
    """The files that hang on a message of the bot: under which name, and the bytes that were put up."""
    files = [at.slack.api.files[each["id"]] for each in message.body.get("files", ())]
    assert all(each.shared for each in files)
    return [(each.name, each.content) for each in files]


def sent_on_telegram(at: Both, message: StoredMessage) -> bytes:
    body = message.body
    sent = body["photo"][-1] if "photo" in body else body["document"]
    return at.telegram.api.files[sent["file_id"]].content


async def looked_at_on_slack(at: Both, user: str, number: str) -> tuple[SlackMessage, SlackMessage]:
    """The words about a piece of evidence, and the message with its file."""
    before = len(at.slack.messages(user))
    await at.writes(user, f"/evidence {number}")
    found = await at.slack.until(lambda: shown if len(shown := at.slack.messages(user)[before:]) == 2 else [])
    return found[0], found[1]


async def on_telegram(at: Both) -> None:
    """Ann's deal stands where it needs proof."""
    for line in OPENED:
        await at.says(ANN, line)


async def on_slack(at: Both) -> None:
    """Carl's deal stands where it needs proof."""
    for line in OPENED:
        await at.writes(CARL, line)


def test_given_on_telegram_seen_on_slack(database_url: str, tmp_path: Path) -> None:
    async def scenario() -> None:
        folder = tmp_path / "files"
        async with both(database_url, TEAMS, folder) as at:
            await on_telegram(at)
            # A document answers the question.
            assert (await at.says(ANN, "/evidence D1 minutes")).text.startswith("minutes: forward it here")
            told = await at.answered(
                ANN, lambda: at.telegram.user_uploads(ANN, PDF, file_name="minutes.pdf", caption="the demo")
            )
            assert told.text.startswith("✓ Kept for D1: minutes")
            # A photo without a question asks for what it is; nothing is evidence before that.
            told = await at.answered(
                ANN, lambda: at.telegram.user_photographs(ANN, JPEG, caption="their board")
            )
            assert told.text == say("evidence.for_which_deal") and await kept(at) == (2, 1)
            await at.taps(ANN, told, "D1 Acme")
            await at.taps(ANN, told, "customer's view")
            assert told.text.startswith("✓ Kept for D1: customer's view")
            assert on_disk(folder) == sorted([JPEG, PDF])
            # The manager gets the very files.
            words, file = await looked_at_on_slack(at, BOSS, "E1")
            assert "Document, Ann" in words.text and "the demo" in words.text
            assert words.labels == [say("evidence.all_button")]
            assert sent_on_slack(at, file) == [("minutes.pdf", PDF)]
            words, file = await looked_at_on_slack(at, BOSS, "E2")
            assert "Photo, Ann" in words.text and "their board" in words.text
            assert [content for _, content in sent_on_slack(at, file)] == [JPEG]
            # What is taken back can be looked at by nobody.
            assert "Undone" in (await at.says(ANN, "/undo")).text
            assert (await at.writes(BOSS, "/evidence E2")).text == "There is no evidence E2."

    in_loop(scenario())


def test_given_on_slack_seen_on_telegram(database_url: str, tmp_path: Path) -> None:
    async def scenario() -> None:
        folder = tmp_path / "files"
        async with both(database_url, TEAMS, folder) as at:
            await on_slack(at)
            await at.writes(CARL, "/evidence D1 minutes")
            told = await at.shares(CARL, ("minutes.pdf", "application/pdf", PDF), text="the demo")
            assert told.text.startswith("✓ Kept for D1: minutes")
            told = await at.shares(CARL, ("board.jpg", "image/jpeg", JPEG), text="their board")
            assert told.text == say("evidence.for_which_deal") and await kept(at) == (2, 1)
            await at.presses(CARL, told, "D1 Acme")
            await at.slack.until(lambda: "customer's view" in told.labels)
            await at.presses(CARL, told, "customer's view")
            await at.slack.until(lambda: told.text.startswith("✓ Kept for D1: customer's view"))
            assert on_disk(folder) == sorted([JPEG, PDF])
            seen = await at.says(MARY, "/evidence E1")
            assert "Document, Carl" in seen.text and seen.body["document"]["file_name"] == "minutes.pdf"
            assert sent_on_telegram(at, seen) == PDF and seen.labels == [say("evidence.all_button")]
            seen = await at.says(MARY, "/evidence E2")
            assert "Photo, Carl" in seen.text and "photo" in seen.body
            assert sent_on_telegram(at, seen) == JPEG

    in_loop(scenario())


def test_21_megabytes_are_refused_and_cost_nothing(sqlite_url: str, tmp_path: Path) -> None:
    """Nothing is fetched, kept or written, and the question still waits for a smaller copy."""

    async def scenario() -> None:
        folder = tmp_path / "files"
        async with both(sqlite_url, TEAMS, folder) as at:
            await on_telegram(at)
            await at.says(ANN, "/evidence D1 minutes")
            refused = "big.pdf is over 20 MB and was not kept."
            told = await at.answered(ANN, lambda: at.telegram.user_uploads(ANN, BIG, file_name="big.pdf"))
            assert told.text.startswith(refused) and await kept(at) == (0, 0)
            assert at.telegram.calls_of("getFile") == [] and on_disk(folder) == []
            told = await at.answered(ANN, lambda: at.telegram.user_uploads(ANN, PDF, file_name="small.pdf"))
            assert told.text.startswith("✓ Kept for D1: minutes") and await kept(at) == (1, 1)
            for line in OPENED:
                await at.writes(CARL, line.replace("Acme", "Zenith").replace("D1", "D2"))
            await at.writes(CARL, "/evidence D2 minutes")
            shared = await at.shares(CARL, ("big.pdf", "application/pdf", BIG))
            assert shared.text.startswith(refused) and await kept(at) == (1, 1)
            assert at.slack.calls_of("download") == [] and on_disk(folder) == [PDF]
            shared = await at.shares(CARL, ("small.pdf", "application/pdf", PDF))
            assert shared.text.startswith("✓ Kept for D2: minutes") and await kept(at) == (2, 2)

    in_loop(scenario())


def test_a_forwarded_message_says_whose_words_they_are(sqlite_url: str, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with both(sqlite_url, TEAMS, tmp_path / "files") as at:
            name, origin = HELD
            await on_telegram(at)
            told = await at.answered(
                ANN, lambda: at.telegram.user_forwards(ANN, "/lost D1 they pay by May", origin)
            )
            assert told.text == say("evidence.for_which_deal")
            await at.taps(ANN, told, "D1 Acme")
            await at.taps(ANN, told, "customer's view")
            seen = await at.writes(BOSS, "/evidence E1")
            assert "Forwarded, Ann" in seen.text and f"From {name}" in seen.text
            # As Slack types our commands; nothing of it was run.
            assert "lost D1 they pay by May" in seen.text
            # A file that is passed on keeps whose it was, too.
            await at.says(ANN, "/evidence D1 minutes")
            await at.answered(
                ANN, lambda: at.telegram.user_uploads(ANN, PDF, file_name="minutes.pdf", origin=origin)
            )
            words, file = await looked_at_on_slack(at, BOSS, "E2")
            assert f"From {name}" in words.text and sent_on_slack(at, file) == [("minutes.pdf", PDF)]
            # And from Slack to Telegram.
            for line in OPENED:
                await at.writes(CARL, line.replace("Acme", "Zenith").replace("D1", "D2"))
            await at.writes(CARL, "/evidence D2 customer_view")
            before = len(at.slack.messages(CARL))
            assert (await at.slack.user_forwards(CARL, "we take it & all", author=name)).acknowledged
            kept_card = (await at.slack.until(lambda: at.slack.messages(CARL)[before:]))[0]
            assert kept_card.text.startswith("✓ Kept for D2: customer's view")
            shown = await at.says(MARY, "/evidence E3")
            assert "Forwarded, Carl" in shown.text and f"From {name}" in shown.text
            assert "we take it & all" in shown.text

    in_loop(scenario())


def test_nobody_else_gets_it_by_its_number(sqlite_url: str, tmp_path: Path) -> None:
    """A colleague, another team's rep and manager, a stranger: neither by E1, nor by D1, nor by the file's F1."""

    async def scenario() -> None:
        async with both(sqlite_url, TEAMS, tmp_path / "files") as at:
            await on_telegram(at)
            await at.says(ANN, "/evidence D1 minutes")
            await at.answered(
                ANN, lambda: at.telegram.user_uploads(ANN, PDF, file_name="minutes.pdf", caption="a secret")
            )
            for line in OPENED:
                await at.writes(CARL, line.replace("Acme", "Zenith").replace("D1", "D2"))
            whose = "D1 is there; Ann has it."
            at.slack.add_user("U9", name="zoe")
            for words in ("E1", "D1", "D1 minutes\ntext: mine"):
                for who in (BOB, MARY):
                    assert (await at.says(who, f"/evidence {words}")).text == whose, (who, words)
                assert (await at.writes(CARL, f"/evidence {words}")).text == whose, words
                hello = opening("doorstep.hello")
                assert (await at.says(STRANGER, f"/evidence {words}")).text.startswith(hello)
                assert (await at.writes("U9", f"/evidence {words}")).text.startswith(hello)
            # The number of somebody else's file is none to give as one's own evidence.
            refused = await at.writes(CARL, "/evidence D2 minutes\nfile: F1")
            assert not refused.text.startswith("✓") and await kept(at) == (1, 1)
            everything: list[Any] = [*at.telegram.messages(BOB), *at.telegram.messages(MARY)]
            everything += [
                *at.telegram.messages(STRANGER),
                *at.slack.messages(CARL),
                *at.slack.messages("U9"),
            ]
            assert not any({"document", "photo", "files"} & set(each.body) for each in everything)
            assert not any("a secret" in str(each.body) for each in everything)
            assert at.slack.calls_of("upload") == [] and at.telegram.calls_of("sendDocument") == []

    in_loop(scenario())


def test_asked_for_in_a_room_it_comes_in_private(sqlite_url: str, tmp_path: Path) -> None:
    """A room may hold anybody: neither the words nor the file of a piece of evidence are for it."""

    async def scenario() -> None:
        async with both(sqlite_url, TEAMS, tmp_path / "files") as at:
            await on_telegram(at)
            await at.says(ANN, "/evidence D1 minutes")
            await at.answered(
                ANN, lambda: at.telegram.user_uploads(ANN, PDF, file_name="minutes.pdf", caption="a secret")
            )
            seen = await at.answered(
                ANN, lambda: at.telegram.user_sends(ANN, "/evidence@coach_bot E1", chat_id=GROUP)
            )
            assert "a secret" in seen.text and sent_on_telegram(at, seen) == PDF
            at.slack.add_channel("C1", members=[BOSS, CARL])
            await at.slack.user_commands(BOSS, "/pace", "evidence E1", channel="C1")
            file = (await at.slack.until(lambda: at.slack.messages(BOSS)))[0]
            assert sent_on_slack(at, file) == [("minutes.pdf", PDF)]
            assert [each.seen_only_by for each in at.slack.ephemerals] == [BOSS]
            shown: list[Any] = [*at.telegram.messages(GROUP), *at.slack.messages("C1")]
            assert not any("a secret" in str(each.body) or "minutes.pdf" in str(each.body) for each in shown)

    in_loop(scenario())
