"""The menus on Telegram: what each person sees, by Telegram's own rule of which list is shown."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from telegram.constants import BotCommandLimit

from domain.people import Language, Member, MemberId, OrgId, Profile, Role
from domain.ports import Delivery, Work
from handlers.letters import Teller
from handlers.menus import clear_menu, for_room_admins, in_rooms, of_member, of_strangers, set_menu
from handlers.registry import MENU_MOST, Command, offered, registry
from handlers.view import t
from handlers.words import catalogue
from tests.support.telegram_server import TelegramServer
from tests.support.telegram_stage import ANN, BOSS, Stage, Telegram, in_loop, say, stage

STRANGER = 99
# Languages of clients: ours, one written otherwise, and two that we do not speak.
CODES = {
    "en": Language.EN,
    "en-GB": Language.EN,
    "zh-hans": Language.ZH,
    "zh": Language.ZH,
    "de": Language.EN,
}
STATIC = {
    (json.dumps({"type": scope}), code)
    for scope in ("default", "all_private_chats", "all_group_chats", "all_chat_administrators")
    for code in ("", "en", "zh")
}


def seen(
    server: TelegramServer, user: int, code: str, *, group: int | None = None, admin: bool = False
) -> list[tuple[str, str]]:
    """What a client shows: the first scope that has a list, first in the client's language, then in none."""
    for scope in _scopes(user, group, admin=admin):
        for language in (code[:2], ""):
            key = json.dumps(scope, sort_keys=True), language
            if key in server.api.commands:
                return [(each["command"], each["description"]) for each in server.api.commands[key]]
    return []


def _scopes(user: int, group: int | None, *, admin: bool) -> Iterator[dict[str, object]]:
    """The scopes in the order of "Determining list of commands" (core.telegram.org/bots/api#botcommandscope)."""
    if group is None:
        yield {"type": "chat", "chat_id": user}
        yield {"type": "all_private_chats"}
    else:
        yield {"type": "chat_member", "chat_id": group, "user_id": user}
        if admin:
            yield {"type": "chat_administrators", "chat_id": group}
        yield {"type": "chat", "chat_id": group}
        if admin:
            yield {"type": "all_chat_administrators"}
        yield {"type": "all_group_chats"}
    yield {"type": "default"}


def listed(commands: tuple[Command, ...], language: Language) -> list[tuple[str, str]]:
    return [(each.name, say(f"{each.name}.command.summary", language)) for each in commands]


async def static(on: Stage) -> None:
    await on.server.until(lambda: on.server.api.commands.keys() >= STATIC)


async def member_of(on: Stage, chat: int) -> Member:
    [(number,)] = on.rows(f"SELECT member_id FROM identity WHERE chat = '{chat}'")
    return await on.app.writer.run(lambda work: work.store(OrgId(1)).member(MemberId(number)))


async def shows(on: Stage, chat: int, language: Language) -> None:
    """The person sees the menu of their roles in their own language, whatever their client's is."""
    member = await member_of(on, chat)
    wanted = listed(of_member(member), language)
    await on.server.until(lambda: seen(on.server, chat, "de") == wanted)
    assert all(seen(on.server, chat, code) == wanted for code in (*CODES, "zh-hant"))


def teller(on: Stage, work: Work) -> Teller:
    return Teller(
        store=work.store(OrgId(1)), org=OrgId(1), event=None, now=on.app.clock.now(), codes=on.app.codes
    )


def test_who_is_not_a_member_sees_how_to_come_in_and_groups_what_is_done_there(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await static(on)
            assert on.server.api.commands.keys() == STATIC
            for code, language in CODES.items():
                assert seen(on.server, STRANGER, code) == listed(of_strangers(), language)
                assert seen(on.server, STRANGER, code, group=-5) == listed(in_rooms(), language)
                assert seen(on.server, STRANGER, code, group=-5, admin=True) == listed(
                    for_room_admins(), language
                )

    in_loop(scenario())


@pytest.mark.parametrize(
    ("code", "language"), [("en", Language.EN), ("zh-hans", Language.ZH), ("zh-tw", Language.ZH_HANT)]
)
def test_a_member_sees_the_commands_of_their_role_in_their_language(
    tmp_path: Path, code: str, language: Language
) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await static(on)
            await on.found()
            await shows(on, BOSS, Language.EN)
            await on.joins(ANN, "Ann", code)
            await shows(on, ANN, language)
            assert ("visit", say("visit.command.summary", language)) in seen(on.server, ANN, code)
            other = Language.ZH if language is Language.EN else Language.EN
            await on.says(ANN, f"/language {other}")
            await shows(on, ANN, other)
            # Nobody else's menu has changed.
            await shows(on, BOSS, Language.EN)
            assert seen(on.server, STRANGER, "zh-hans") == listed(of_strangers(), Language.ZH)

    in_loop(scenario())


def test_a_role_that_waits_has_a_strangers_menu_until_it_is_accepted(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await static(on)
            await on.found()
            code = (await on.says(BOSS, "/invite manager")).text.rpartition("start=")[2].split()[0]
            before = len(on.server.messages(BOSS))
            await on.says(ANN, f"/start {code}")
            [asked] = await on.server.until(lambda: on.server.messages(BOSS)[before:])
            assert seen(on.server, ANN, "en") == listed(of_strangers(), Language.EN)
            await on.clicks(BOSS, asked, say("invite.accept"))
            await shows(on, ANN, Language.EN)
            assert (await member_of(on, ANN)).roles == frozenset({Role.MANAGER})

    in_loop(scenario())


def test_who_leaves_is_a_stranger_again_and_start_brings_a_menu_back(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await static(on)
            await on.found()
            await on.joins(ANN, "Ann")
            await shows(on, ANN, Language.EN)
            member = await member_of(on, ANN)
            on.server.api.commands.pop((json.dumps({"chat_id": ANN, "type": "chat"}), ""))
            await on.says(ANN, "/start")
            await shows(on, ANN, Language.EN)

            def leave(work: Work) -> None:
                clear_menu(teller(on, work), member)
                work.store(OrgId(1)).dismiss(member.id, on.app.clock.now().date())

            await on.app.writer.run(leave)
            on.app.courier.wake()
            await on.server.until(
                lambda: seen(on.server, ANN, "zh-hans") == listed(of_strangers(), Language.ZH)
            )

    in_loop(scenario())


@pytest.mark.parametrize("code", [400, 403])
def test_a_menu_that_cannot_be_set_leaves_the_person_alive(tmp_path: Path, code: int) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await static(on)
            await on.found()
            description = "Bad Request: chat not found" if code == 400 else None
            on.server.fault("setMyCommands", 1, code=code, description=description)
            await on.joins(ANN, "Ann")
            dead = "SELECT count(*) FROM letter WHERE delivery = 'menu' AND state = 'dead'"
            await on.server.until(lambda: on.rows(dead) == [(1,)])
            assert on.rows("SELECT count(*) FROM identity WHERE NOT alive") == [(0,)]

    in_loop(scenario())


def test_a_menu_waits_for_telegram_to_come_back(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with Telegram() as server:
            server.fault("setMyCommands", 2, code=500)
            async with stage(tmp_path, server=server) as on:
                await static(on)
                await on.found()
                await shows(on, BOSS, Language.EN)

    in_loop(scenario())


def test_menus_of_the_same_moment_are_one(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with stage(tmp_path) as on:
            await on.found()
            member = await member_of(on, BOSS)

            def twice(work: Work) -> None:
                for _ in range(2):
                    set_menu(teller(on, work), member)

            before = on.rows("SELECT count(*) FROM letter")[0][0]
            await on.app.writer.run(twice)
            assert on.rows("SELECT count(*) FROM letter") == [(before + 1,)]
            [(delivery, token)] = on.rows("SELECT delivery, token FROM letter ORDER BY id DESC LIMIT 1")
            assert (delivery, token) == (Delivery.MENU, None)

    in_loop(scenario())


@pytest.mark.parametrize("role", Role)
def test_a_role_has_at_most_eight_commands_which_it_may_use_and_help(role: Role) -> None:
    member = Member(
        id=MemberId(1),
        name="Ann",
        roles=frozenset({role}),
        team_id=None,
        language=Language.EN,
        zone="UTC",
        profile=Profile.FIELD,
        joined_on=date(2020, 3, 2),
    )
    commands = of_member(member)
    assert len({each.name for each in commands}) == min(MENU_MOST, len(offered(member)))
    assert "help" in {each.name for each in commands}
    for each in commands:
        assert each.name in registry().commands and not each.hidden
        for language in Language:
            said = catalogue().say(t(f"{each.name}.command.summary"), language)
            assert 1 <= len(said) <= BotCommandLimit.MAX_DESCRIPTION
