"""The page of commands and platforms, made from the declarations: who may, what it takes, how each platform asks."""

from collections.abc import Iterator

from domain.people import EVERYBODY, Language
from handlers.answer import FORM_FROM
from handlers.registry import Command, Room, registry
from handlers.view import t
from handlers.words import catalogue

HEAD = """# Commands and platforms

Made by `dealpace commands > docs/commands.md` from the declarations in `handlers/`; a test compares. On Telegram a
command is `/visit ...`, on Slack `/pace visit ...` or the bare words in the bot's direct messages, in the playground
either. The Chinese words work everywhere. Capitals are needed and asked for; all else may be left out.

| command | Chinese words | who | parts | Telegram asks | Slack asks | playground asks | in a room |
|---|---|---|---|---|---|---|---|"""
PLATFORMS = """
## What each platform gives

| | Telegram | Slack | playground |
|---|---|---|---|
| comes in by | long polling or a webhook | Socket Mode or signed HTTP | the page |
| menu | 8 commands per role and language | usage hint of `/pace`, shortcut "Log visit" | suggestions while typing |
| many parts | one question after the other, with buttons | a form with errors at the field | a form in the chat |
| today's card | one message a day, edited | one message a day, edited, and the App Home | one message a day, edited |
| edited messages | edit the record | edit the record | - |
| private answers in a room | in the own chat | seen by the asker alone | - |
| rooms | groups and their topics | channels and threads | the team room |
| time zone and language | language guessed, zone asked | from the profile | the page's switch |
"""


def page() -> str:
    """The whole page."""
    shown = sorted(
        (each for each in registry().commands.values() if not each.hidden), key=lambda each: each.name
    )
    return "\n".join((HEAD, *(_row(each) for each in shown), PLATFORMS))


def _row(each: Command) -> str:
    ask = _asks(each)
    room = "publicly" if each.room is Room.PUBLIC else "privately"
    words = ", ".join(f"`{alias}`" for alias in each.aliases) or "-"
    who = "all" if each.roles == EVERYBODY else ", ".join(sorted(each.roles))
    cells = (f"`/{each.name}`", words, who, ", ".join(_parts(each)) or "-", *ask, room)
    return "| " + " | ".join(cells) + " |"


def _parts(each: Command) -> Iterator[str]:
    for spec in each.parts:
        key = f"{spec.key}.label"
        chinese = catalogue().say(t(key), Language.ZH) if key in catalogue() else ""
        name = spec.field.upper() if spec.required else spec.field
        yield f"`{name}` {chinese}".strip()


def _asks(each: Command) -> tuple[str, str, str]:
    """How what is missing is asked for: a form where enough parts are open, else one question."""
    if not any(spec.required for spec in each.parts):
        return "-", "-", "-"
    if len(each.parts) < FORM_FROM:
        return "one question", "one question", "one question"
    return "step by step", "a form", "a form"
