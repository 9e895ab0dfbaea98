"""Groups on Telegram: who is heard there, what leaves for the private chat, topics, moves, and being thrown out."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.buckets import Limit, Limits
from bot.clock import SetClock, WallClock
from bot.inbound import ChatChange, Edited, Membership, Said, Unread
from bot.telegram.updates import decode
from domain.people import Language, MemberId, OrgId, TeamId
from domain.ports import Address, Letter, Urgency, Work
from handlers.gone import GATHERED
from handlers.view import card, encode, t
from handlers.words import catalogue
from tests.support.telegram_bot_api import Refused
from tests.support.telegram_stage import ANN, BOSS, GROUP, MONDAY, VISIT, Stage, Telegram, in_loop, say, stage

ORG, TEAM, THE_BOSS = OrgId(1), TeamId(1), MemberId(1)
TOPIC, NEW_GROUP, STRANGER = 5, -100999, 99
BLOCKED = Refused(403, "Forbidden: bot was blocked by the user")


def at(chat: object) -> Address:
    return Address(platform="telegram", chat=str(chat))


def said(key: str, language: Language = Language.EN, **params: str) -> str:
    return catalogue().say(t(key, **params), language)


def posted(on: Stage, chat: int) -> list[str]:
    return [message.text for message in on.server.messages(chat)]


async def bind(on: Stage, chat: object) -> None:
    """The boss binds a room to the team."""
    await on.app.writer.run(lambda work: work.store(ORG).bind_room(TEAM, at(chat), THE_BOSS))


async def post(on: Stage, chat: object, *words: str) -> None:
    """What is to be said in a room waits in the outbox."""

    def job(work: Work) -> None:
        for each in words:
            work.outbox.write(
                Letter(
                    key=each,
                    to=at(chat),
                    card=encode(card(each)),
                    language=Language.EN,
                    due_at=on.app.clock.now(),
                    urgency=Urgency.PUSH,
                    org_id=ORG,
                )
            )

    await on.app.writer.run(job)
    on.app.courier.wake()


def rooms(on: Stage) -> list[str]:
    return sorted(chat for (chat,) in on.rows("SELECT chat FROM room"))


async def quiet(on: Stage) -> None:
    """All that was said is confirmed and answered."""
    await on.server.until(lambda: on.server.pending_updates() == 0)
    await on.app.dispatch.idle()


# ---------------------------------------------------------------------- who is heard


@pytest.mark.parametrize("pushed", [False, True], ids=["polled", "pushed"])
def test_only_commands_for_us_are_heard_and_answered_in_private(tmp_path: Path, pushed: bool) -> None:
    async def scenario() -> None:
        async with stage(tmp_path, pushed=pushed) as on:
            await on.found()
            await on.joins(ANN, "Ann")
            seen = len(on.server.messages(ANN))
            for talk in ("lunch?", "/visit@other_bot Acme", "see /today"):
                on.server.user_sends(ANN, talk, chat_id=GROUP)
            ours = on.server.user_sends(ANN, f"/visit@coach_bot {VISIT.partition(' ')[2]}", chat_id=GROUP)
            answer = (await on.server.until(lambda: on.server.messages(ANN)[seen:]))[0]
            assert answer.text.startswith("✓ Acme")
            await quiet(on)
            assert posted(on, GROUP) == []
            assert len(on.server.messages(ANN)) == seen + 1
            # What is not for us is not even kept.
            assert on.rows("SELECT delivery FROM inbox WHERE body LIKE '%supergroup%'") == [(str(ours),)]

            await on.clicks(ANN, answer, say("button.undo"))
            assert answer.text.startswith(catalogue().forms("undo.done")[Language.EN]["other"].pieces[0][0])

    in_loop(scenario())


def test_help_in_a_group_says_why_nothing_else_is_answered_there(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await on.found()
            await on.joins(ANN, "Ann")
            assert say("room.privacy") not in (await on.says(ANN, "/help")).text
            seen = len(on.server.messages(ANN))
            on.server.user_sends(ANN, "/help@coach_bot", chat_id=GROUP)
            [answer] = await on.server.until(lambda: on.server.messages(ANN)[seen:])
            assert say("room.privacy") in answer.text

    in_loop(scenario())


def test_who_never_wrote_to_us_is_shown_the_way_in_the_group(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await on.found()
            on.server.user_sends(STRANGER, "/today", chat_id=GROUP, language="zh-hans")
            await on.server.until(lambda: posted(on, GROUP))
            link = "https://t.me/coach_bot"
            assert posted(on, GROUP) == [said("room.write_first", Language.ZH, link=link)]
            assert posted(on, STRANGER) == []
            await on.says(STRANGER, "/start", language="zh-hans")

            on.server.user_sends(STRANGER, "/today", chat_id=GROUP)
            await on.server.until(lambda: len(posted(on, STRANGER)) == 2)
            assert posted(on, STRANGER)[1].startswith(said("doorstep.hello", Language.ZH))
            assert len(posted(on, GROUP)) == 1

    in_loop(scenario())


def test_a_code_said_in_a_group_opens_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await on.found()
            await on.says(STRANGER, "/start")
            code = next(
                word for word in (await on.says(BOSS, "/invite rep")).text.split() if word.count("-") == 1
            )
            on.server.user_sends(STRANGER, f"/start@coach_bot {code}", chat_id=GROUP)
            await on.server.until(lambda: len(posted(on, STRANGER)) == 2)
            assert on.rows("SELECT count(*) FROM identity") == [(1,)]

    in_loop(scenario())


def test_a_member_who_blocked_us_is_shown_the_way_and_the_manager_hears_once(tmp_path: Path) -> None:
    async def scenario() -> None:
        clock = SetClock(MONDAY)
        async with stage(tmp_path, clock) as on:
            await on.found()
            await on.joins(ANN, "Ann")
            on.server.api.chats[ANN].refusal = BLOCKED
            on.server.user_sends(ANN, "/today", chat_id=GROUP)
            await on.server.until(lambda: posted(on, GROUP))
            await on.server.until(lambda: on.rows("SELECT 1 FROM identity WHERE lost_at IS NOT NULL"))
            await on.tick()
            seen = len(posted(on, BOSS))
            # Together with whoever is lost in the minutes after.
            clock.set(MONDAY + GATHERED)
            await on.tick()
            # With the news of the day.
            clock.set(MONDAY + timedelta(hours=3))
            await on.tick()
            await on.server.until(lambda: len(posted(on, BOSS)) > seen)
            unreached = said("gone.unreached", name="Ann", platform=say("platform.telegram"))
            await on.server.until(lambda: any(unreached in each for each in posted(on, BOSS)))
            assert sum(unreached in each for each in posted(on, BOSS)) == 1

    in_loop(scenario())


def test_nobody_makes_us_flood_a_group(tmp_path: Path) -> None:
    async def scenario() -> None:
        limits = Limits(group=(Limit(most=1, seconds=3600.0),))
        async with stage(tmp_path, limits=limits) as on:
            await on.found()
            for person in (STRANGER, STRANGER + 1):
                for _ in range(3):
                    on.server.user_sends(person, "/today", chat_id=GROUP)
            refused = "SELECT count(*) FROM letter WHERE state = 'dead'"
            await on.server.until(lambda: on.rows(refused) == [(6,)])
            shown = "SELECT count(*), count(not_after) FROM letter WHERE key LIKE 'way:%'"
            assert on.rows(shown) == [(2, 2)]
            # The second of them waits for the group's bucket, as anything else that is posted there.
            await on.server.until(lambda: posted(on, GROUP))
            await quiet(on)
            await on.says(BOSS, "/help")
            assert len(posted(on, GROUP)) == 1

    in_loop(scenario())


def test_somebody_without_a_name_is_told_why_once_per_command_and_does_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await on.found()
            await bind(on, GROUP)
            for talk in ("lunch?", "/visit@other_bot Acme", "/visit Acme"):
                on.server.unnamed_sends(GROUP, talk)
            on.server.unnamed_sends(GROUP, "/today@coach_bot", channel_id=-100777)
            await on.server.until(lambda: len(posted(on, GROUP)) == 2)
            await quiet(on)
            assert posted(on, GROUP) == [say("room.nobody")] * 2
            assert on.rows("SELECT count(*) FROM activity") == [(0,)]

    in_loop(scenario())


# ---------------------------------------------------------------------- coming and going


@pytest.mark.parametrize(
    ("code", "language"), [("en-GB", Language.EN), ("zh-hans", Language.ZH), ("zh-hant", Language.ZH_HANT)]
)
def test_a_group_we_are_added_to_is_told_once_how_to_bind_it(
    tmp_path: Path, code: str, language: Language
) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            on.server.add_to_group(GROUP, by=ANN, language=code)
            await on.server.until(lambda: posted(on, GROUP))
            await quiet(on)
            assert posted(on, GROUP) == [say("room.joined", language)]

    in_loop(scenario())


@pytest.mark.parametrize("told", [True, False], ids=["told", "found out"])
def test_a_group_that_threw_us_out_is_no_room_any_more(tmp_path: Path, told: bool) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await on.found()
            for chat in (GROUP, f"{GROUP}/{TOPIC}", NEW_GROUP):
                await bind(on, chat)
            seen = len(posted(on, BOSS))
            if told:
                on.server.kick(GROUP, by=ANN)
            else:
                on.server.open_group(GROUP).refusal = Refused(403, "Forbidden: bot was kicked from the group")
                await post(on, GROUP, "board")
            await on.server.until(lambda: rooms(on) == [str(NEW_GROUP)])
            await on.server.until(lambda: len(posted(on, BOSS)) > seen)
            on.server.kick(GROUP, by=ANN)
            await quiet(on)
            await on.says(BOSS, "/help")
            lost = said("room.lost", platform=say("platform.telegram"))
            assert posted(on, BOSS)[seen:].count(lost) == 1

            on.server.add_to_group(GROUP, by=ANN)
            await on.server.until(lambda: posted(on, GROUP) == [say("room.joined")])
            assert rooms(on) == [str(NEW_GROUP)]

    in_loop(scenario())


def test_what_follows_from_a_failure_is_kept_whole_or_tried_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        clock = SetClock(MONDAY)
        async with stage(tmp_path, clock) as on:
            await on.found()
            await bind(on, GROUP)
            seen = len(posted(on, BOSS))
            on.server.open_group(GROUP).refusal = Refused(403, "Forbidden: bot was kicked from the group")
            with closing(sqlite3.connect(on.file)) as database:
                database.execute(
                    "CREATE TRIGGER kept BEFORE DELETE ON room BEGIN SELECT RAISE(ABORT, 'a bug'); END"
                )
            await post(on, GROUP, "board")
            put_off = "SELECT state, outcome FROM letter WHERE key = 'board' AND try_at > due_at"
            await on.server.until(lambda: on.rows(put_off) == [("due", "not_sent")])
            assert rooms(on) == [str(GROUP)]

            with closing(sqlite3.connect(on.file)) as database:
                database.execute("DROP TRIGGER kept")
            clock.set(MONDAY + timedelta(minutes=2))
            on.app.courier.wake()
            await on.server.until(lambda: rooms(on) == [])
            assert on.rows("SELECT state, outcome FROM letter WHERE key = 'board'") == [("dead", "dead")]
            lost = said("room.lost", platform=say("platform.telegram"))
            await on.server.until(lambda: posted(on, BOSS)[seen:] == [lost])

    in_loop(scenario())


# ---------------------------------------------------------------------- topics


def test_a_deleted_topic_is_no_room_any_more_and_what_was_for_it_is_said_in_the_group(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path, WallClock()) as on:
            await on.found()
            on.server.open_topic(GROUP, TOPIC)
            await bind(on, f"{GROUP}/{TOPIC}")
            await post(on, f"{GROUP}/{TOPIC}", "in the topic")
            [message] = await on.server.until(lambda: on.server.messages(GROUP))
            assert message.body["message_thread_id"] == TOPIC

            seen = len(posted(on, BOSS))
            on.server.delete_topic(GROUP, TOPIC)
            await post(on, f"{GROUP}/{TOPIC}", "one", "two")
            await on.server.until(lambda: len(posted(on, GROUP)) == 3)
            assert {each.body.get("message_thread_id") for each in on.server.messages(GROUP)[1:]} == {None}
            assert rooms(on) == []
            lost = said("room.lost", platform=say("platform.telegram"))
            await on.server.until(lambda: posted(on, BOSS)[seen:])
            await on.says(BOSS, "/help")
            assert posted(on, BOSS)[seen:].count(lost) == 1

    in_loop(scenario())


@pytest.mark.parametrize("theirs", [str(GROUP), f"{GROUP}/9"], ids=["the group", "another topic"])
def test_what_was_for_a_lost_topic_never_reaches_another_teams_room(tmp_path: Path, theirs: str) -> None:
    async def scenario() -> None:
        async with stage(tmp_path, WallClock()) as on:
            await on.found()
            on.server.open_topic(GROUP, TOPIC)
            await bind(on, f"{GROUP}/{TOPIC}")
            other = await on.app.writer.run(lambda work: work.store(ORG).add_team("South"))
            await on.app.writer.run(lambda work: work.store(ORG).bind_room(other, at(theirs), THE_BOSS))
            on.server.delete_topic(GROUP, TOPIC)
            await post(on, f"{GROUP}/{TOPIC}", "one", "two")
            dead = "SELECT count(*) FROM letter WHERE state = 'dead'"
            await on.server.until(lambda: on.rows(dead) == [(2,)])
            assert on.rows("SELECT team_id, chat FROM room") == [(other, theirs)]
            await quiet(on)
            assert posted(on, GROUP) == []

    in_loop(scenario())


def test_a_manager_binds_the_topic_they_speak_in(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await on.found()
            on.server.user_sends(BOSS, "/room@coach_bot", chat_id=GROUP, thread_id=TOPIC)
            await on.server.until(lambda: rooms(on) == [f"{GROUP}/{TOPIC}"])
            told = await on.server.until(lambda: on.server.messages(GROUP))
            assert {each.body.get("message_thread_id") for each in told} == {TOPIC}

    in_loop(scenario())


def test_the_topics_of_a_group_share_its_allowance(tmp_path: Path) -> None:
    async def scenario() -> None:
        limits = Limits(group=(Limit(most=2, seconds=1.0),))
        async with (
            Telegram(limits=True) as server,
            stage(tmp_path, WallClock(), server=server, limits=limits) as on,
        ):
            await on.found()
            for topic in (2, 3, 4):
                server.open_topic(GROUP, topic)
                await post(on, f"{GROUP}/{topic}", f"a{topic}", f"b{topic}")
            await server.until(lambda: len(posted(on, GROUP)) == 6)
            assert server.busiest(0.9, GROUP) == 2

    in_loop(scenario())


# ---------------------------------------------------------------------- a group becomes a supergroup


async def _told_first(on: Stage) -> None:
    on.server.upgrade_group(-5, NEW_GROUP, by=BOSS)
    await quiet(on)
    await post(on, -5, *WORDS)


async def _found_out_first(on: Stage) -> None:
    on.server.api.chats[-5].refusal = UPGRADED
    on.server.open_group(NEW_GROUP)
    await post(on, -5, *WORDS)


async def _both_at_once(on: Stage) -> None:
    await post(on, -5, *WORDS)
    on.server.upgrade_group(-5, NEW_GROUP, by=BOSS)
    on.server.upgrade_group(-5, NEW_GROUP, by=BOSS)


# R19: fifty wait.
WORDS = tuple(f"line {number:02}" for number in range(50))
UPGRADED = Refused(
    400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=NEW_GROUP
)


@pytest.mark.parametrize("order", [_told_first, _found_out_first, _both_at_once])
def test_what_waits_for_a_group_arrives_at_its_new_number(
    tmp_path: Path, order: Callable[[Stage], Any]
) -> None:
    async def scenario() -> None:
        async with stage(tmp_path, WallClock()) as on:
            await on.found()
            on.server.open_group(-5, kind="group")
            await bind(on, -5)
            await order(on)
            await on.server.until(lambda: len({*posted(on, -5), *posted(on, NEW_GROUP)}) == len(WORDS))
            if order is not _both_at_once:
                assert sorted(posted(on, NEW_GROUP)) == sorted(WORDS)
            await on.server.until(lambda: rooms(on) == [str(NEW_GROUP)])
            unsent = "SELECT count(*) FROM letter WHERE state <> 'sent'"
            await on.server.until(lambda: on.rows(unsent) == [(0,)])

    in_loop(scenario())


def test_a_room_bound_anew_after_the_move_holds(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await on.found()
            await bind(on, -5)
            await bind(on, NEW_GROUP)
            on.server.upgrade_group(-5, NEW_GROUP, by=BOSS)
            await quiet(on)
            assert rooms(on) == [str(NEW_GROUP)]
            assert on.rows("SELECT count(*) FROM inbox WHERE state = 'poison'") == [(0,)]

    in_loop(scenario())


# ---------------------------------------------------------------------- changed messages


@pytest.mark.parametrize("chat", [ANN, GROUP], ids=["private", "group"])
def test_a_changed_message_is_read_as_it_reads_now(tmp_path: Path, chat: int) -> None:
    async def scenario() -> None:
        async with stage(tmp_path, SetClock(MONDAY)) as on:
            await on.found()
            await on.joins(ANN, "Ann")
            seen = len(posted(on, ANN))
            on.server.user_sends(ANN, "/help@coach_bot", chat_id=chat)
            await on.server.until(lambda: len(posted(on, ANN)) == seen + 1)
            number = max(
                key
                for key, each in on.server.api.chats[chat].messages.items()
                if each.text.startswith("/help")
            )
            on.server.user_sends(ANN, "/language@coach_bot", chat_id=chat, edit_of=number)
            await on.server.until(lambda: len(posted(on, ANN)) == seen + 2)
            assert posted(on, ANN)[-1] == say("language.which")
            if chat == GROUP:
                on.server.user_sends(ANN, "only talk", chat_id=chat, edit_of=number)
                await quiet(on)
                assert len(posted(on, ANN)) == seen + 2

    in_loop(scenario())


# ---------------------------------------------------------------------- reading updates

PERSON = {"id": ANN, "is_bot": False, "first_name": "Ann", "language_code": "en"}
COMMAND: dict[str, Any] = {"text": "/today", "entities": [{"type": "bot_command", "offset": 0, "length": 6}]}
SECONDS, WHEN = 1583110800, datetime(2020, 3, 2, 1, tzinfo=UTC)


def update(kind: str = "message", chat: int = GROUP, type_: str = "supergroup", **fields: Any) -> str:
    message = {"message_id": 5, "date": SECONDS, "chat": {"id": chat, "type": type_}, "from": PERSON}
    return json.dumps({"update_id": 1, kind: message | fields})


@pytest.mark.parametrize(
    ("fields", "room"),
    [
        ({}, str(GROUP)),
        ({"message_thread_id": TOPIC, "is_topic_message": True}, f"{GROUP}/{TOPIC}"),
        # A thread of replies is no topic, and neither is the one that every forum has.
        ({"message_thread_id": TOPIC}, str(GROUP)),
        ({"message_thread_id": 1, "is_topic_message": True}, str(GROUP)),
    ],
)
def test_a_command_in_a_group_keeps_the_speakers_own_chat_and_the_room(
    fields: dict[str, Any], room: str
) -> None:
    inbound = decode(update(**COMMAND, **fields))
    assert isinstance(inbound, Said)
    assert (inbound.at, inbound.private, inbound.room, inbound.reply_to) == (at(ANN), False, at(room), room)


def test_a_topic_of_a_private_chat_is_the_chat() -> None:
    inbound = decode(update(chat=ANN, type_="private", text="x", message_thread_id=9, is_topic_message=True))
    assert isinstance(inbound, Said)
    assert (inbound.at, inbound.private, inbound.room, inbound.reply_to) == (at(ANN), True, None, None)


@pytest.mark.parametrize(
    ("before", "after", "kind", "what"),
    [
        ({"status": "member"}, {"status": "kicked"}, "private", ChatChange.GONE),
        ({"status": "kicked"}, {"status": "member"}, "private", ChatChange.BACK),
        ({"status": "left"}, {"status": "member"}, "group", ChatChange.JOINED),
        ({"status": "kicked"}, {"status": "administrator"}, "supergroup", ChatChange.JOINED),
        ({"status": "member"}, {"status": "left"}, "group", ChatChange.GONE),
        ({"status": "administrator"}, {"status": "kicked"}, "supergroup", ChatChange.GONE),
        ({"status": "restricted", "is_member": True}, {"status": "left"}, "supergroup", ChatChange.GONE),
        ({"status": "member"}, {"status": "administrator"}, "supergroup", None),
        ({"status": "member"}, {"status": "restricted", "is_member": True}, "supergroup", None),
        ({"status": "left"}, {"status": "restricted", "is_member": False}, "supergroup", None),
        ({"status": "left"}, {"status": "administrator"}, "channel", None),
    ],
)
def test_what_a_change_of_our_membership_means(
    before: dict[str, Any], after: dict[str, Any], kind: str, what: ChatChange | None
) -> None:
    change: dict[str, Any] = {"old_chat_member": before, "new_chat_member": after}
    inbound = decode(update("my_chat_member", type_=kind, **change))
    if what is None:
        assert inbound is None
        return
    language = Language.EN if what is ChatChange.JOINED else None
    assert inbound == Membership(at=at(GROUP), what=what, said_at=WHEN, language=language)


def test_a_move_is_the_same_from_either_side() -> None:
    moved = Membership(at=at(-5), what=ChatChange.MOVED, said_at=WHEN, to=at(GROUP))
    assert decode(update(chat=-5, type_="group", migrate_to_chat_id=GROUP)) == moved
    assert decode(update(migrate_from_chat_id=-5)) == moved
    nameless: dict[str, Any] = {
        "from": {"id": 1087968824, "is_bot": True, "first_name": "Group"},
        "sender_chat": {"id": GROUP},
    }
    assert decode(update(migrate_from_chat_id=-5, **nameless)) == moved


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"from": {"id": 1087968824, "is_bot": True}, "sender_chat": {"id": GROUP}}, True),
        ({"from": {"id": 136817688, "is_bot": True}, "sender_chat": {"id": -100777}}, True),
        ({"sender_chat": {"id": -100777}}, True),
        # A post of the linked channel, which Telegram brings by itself.
        ({"from": {"id": 777000}, "sender_chat": {"id": -100777}}, False),
        ({"from": {"id": 3, "is_bot": True, "first_name": "Bot"}}, False),
    ],
)
def test_a_command_by_nobody(fields: dict[str, Any], told: bool) -> None:
    nobody = Membership(at=at(GROUP), what=ChatChange.NOBODY, said_at=WHEN)
    assert decode(update(**COMMAND, **fields)) == (nobody if told else None)
    assert decode(update(text="talk", **fields)) is None
    assert decode(update("edited_message", edit_date=SECONDS, **COMMAND, **fields)) is None


def test_what_is_edited() -> None:
    private: dict[str, Any] = {"chat": ANN, "type_": "private", "edit_date": SECONDS + 100}
    edit = decode(update("edited_message", text="/visit Acme", **private))
    assert isinstance(edit, Edited)
    assert (edit.text, edit.message, edit.said_at.timestamp()) == ("/visit Acme", "5", SECONDS + 100)
    assert edit.written_at.timestamp() == SECONDS
    photo = decode(update("edited_message", photo=[{}], caption="x", **private))
    assert isinstance(photo, Unread) and photo.what == "edit"
    # A live location moves by itself.
    assert decode(update("edited_message", location={}, **private)) is None
    in_group = decode(update("edited_message", edit_date=SECONDS, **COMMAND))
    assert isinstance(in_group, Edited)
    assert (in_group.at, in_group.room) == (at(ANN), at(GROUP))
    assert decode(update("edited_message", edit_date=SECONDS, text="talk")) is None
