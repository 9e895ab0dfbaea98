"""The menus Telegram shows to whoever has none of their own: for each scope, in each language it may ask for."""

from collections.abc import Sequence
from dataclasses import dataclass

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
)

from domain.people import Language
from handlers.menus import for_room_admins, in_rooms, of_strangers
from handlers.registry import Command
from handlers.view import t
from handlers.words import catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Menu:
    """One list: where it shows, to whom by the language of their client (None: any other), and what is in it."""

    scope: BotCommandScope
    code: str | None
    language: Language
    commands: Sequence[Command]


# Telegram takes two letters and no script: who reads traditional gets their own menu once they are a member.
LANGUAGES = ((None, Language.EN), ("en", Language.EN), ("zh", Language.ZH))


def static() -> tuple[Menu, ...]:
    """Every scope in every language: the first scope that has any list hides what the later ones say."""
    scopes: tuple[tuple[BotCommandScope, Sequence[Command]], ...] = (
        (BotCommandScopeDefault(), of_strangers()),
        (BotCommandScopeAllPrivateChats(), of_strangers()),
        (BotCommandScopeAllGroupChats(), in_rooms()),
        (BotCommandScopeAllChatAdministrators(), for_room_admins()),
    )
    return tuple(
        Menu(scope=scope, code=code, language=language, commands=commands)
        for scope, commands in scopes
        for code, language in LANGUAGES
    )


def commands_of(menu: Menu) -> list[BotCommand]:
    """A menu as the Bot API wants it."""
    return [
        BotCommand(each.name, catalogue().say(t(f"{each.name}.command.summary"), menu.language))
        for each in menu.commands
    ]
