"""The documentation is true: its commands, settings, links, pictures and conversations are those of the product."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import pytest
from typer.main import get_command

from bot.__main__ import app
from bot.demo import story_of
from bot.settings import PREFIX, Settings
from bot.slack.render import COMMAND as SLACK_COMMAND
from bot.transcript import replay
from domain.people import Language
from domain.refusals import Refusal
from handlers.answer import command_of
from handlers.args import fill
from handlers.reading.typed import clean
from handlers.registry import registry
from handlers.words import catalogue
from tests.rules.sources import ROOT, none
from tests.support.screenshots import PICTURES

DOCS = ROOT / "docs"
# For people; the others are for those who work on the product.
PAGES = ("README.md", "docs/rep.md", "docs/rep.zh.md", "docs/manager.md", "docs/admin.md")
READ = (
    *PAGES,
    *(f"docs/{path.name}" for path in sorted(DOCS.glob("*.md")) if f"docs/{path.name}" not in PAGES),
)
TALKS = {"README.md": "readme.chat", "docs/rep.zh.md": "readme.zh.chat"}
# What tests read from the environment; no setting of the bot.
OF_TESTS = {"DEALPACE_REQUIRE", "DEALPACE_EMULATE", "DEALPACE_FAULT_SEED"}
OF_BOTFATHER = {"/newbot", "/mybots"}
# A Monday.
TODAY = date(2026, 3, 2)
LARGEST_PICTURE = 250_000

FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
SAID = re.compile(r"/[a-z]+(?=\s|$)|[\u4e00-\u9fff]")
PROGRAM = re.compile(r"\bdealpace((?: (?:--)?[a-z][a-z-]*)+)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
SETTING = re.compile(rf"\b{PREFIX}[A-Z_]+\b")
SCENE = re.compile(r"/\?scene=(\w+)")
ALIASED = re.compile(r"`/([a-z]+)` ([\u4e00-\u9fff]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """A fenced block: its language and its lines, without the indent of a list around it."""

    kind: str
    text: str


@lru_cache
def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def fences(page: str) -> Iterator[Fence]:
    for indent, kind, text in FENCE.findall(text_of(page)):
        yield Fence(
            kind=kind, text="".join(line.removeprefix(indent) for line in text.splitlines(keepends=True))
        )


def prose(page: str) -> str:
    return FENCE.sub("", text_of(page))


def spans(page: str) -> list[str]:
    return [each for each in SPAN.findall(prose(page)) if not each.startswith("/?")]


def lines_said(page: str) -> Iterator[str]:
    """What a page tells people to say: spans that begin like a command, and messages in blocks of no language."""
    yield from (
        each for each in spans(page) if SAID.match(each) and each not in OF_BOTFATHER and not is_part(each)
    )
    for fence in fences(page):
        if not fence.kind:
            yield from fence.text.strip().split("\n\n")


def is_part(said: str) -> bool:
    """Whether it is a part of some command alone: `next: ...` in Chinese."""
    named, colon, _ = said.partition("\uff1a")
    return bool(colon) and any(
        named in part.names for each in registry().commands.values() for part in each.parts
    )


def misread(said: str) -> str | None:
    """Why a line is not the command it begins with; the words after `/pace` are the same."""
    line = clean(said.removeprefix(SLACK_COMMAND).strip() if said.startswith(SLACK_COMMAND) else said)
    if not line:
        return None
    name = command_of(line)
    if name is None:
        return f"no command: {said}"
    word = re.match(r"\S+", line)
    assert word
    declared = registry().commands[name]
    try:
        # Arguments that are still missing are asked for; those that are there must be understood.
        fill(name, declared.args, line[word.end() :].strip(), {"today": TODAY})
    except Refusal as refusal:
        return f"{refusal.key}: {said}"
    return None


@pytest.mark.parametrize("page", PAGES)
def test_what_people_are_told_to_say_is_understood(page: str) -> None:
    said = list(lines_said(page))
    assert said
    none(f"{page} {wrong}" for each in said if (wrong := misread(each)))


def test_a_line_that_is_no_command_is_found() -> None:
    assert misread("/fly Acme") == "no command: /fly Acme"
    assert misread("/visit Acme; next: send quote yesterday") is not None
    assert misread("/log calls 8; effective: 5") is None
    assert misread(f"{SLACK_COMMAND} visit Acme") is None


@pytest.mark.parametrize("page", PAGES)
def test_chinese_words_beside_a_command_are_its_aliases(page: str) -> None:
    none(
        f"{page} /{name} {word}"
        for name, word in ALIASED.findall(text_of(page))
        if f"/{name}" != SLACK_COMMAND and word not in registry().commands[name].aliases
    )


@lru_cache
def labels() -> re.Pattern[str]:
    """Every text that has words of its own, as it may be shown: with anything for its placeholders."""
    shown = set()
    for key in catalogue():
        for forms in catalogue().forms(key).values():
            for template in forms.values():
                if re.search(r"[^\W\d_]", "".join(before for before, _, _ in template.pieces)):
                    shown.add(
                        "".join(
                            re.escape(before) + (".+" if name else "") for before, name, _ in template.pieces
                        )
                    )
    return re.compile("|".join(sorted(shown, key=len)))


@pytest.mark.parametrize("page", PAGES)
def test_buttons_are_named_as_they_are_labelled(page: str) -> None:
    named = [each[1:-1] for each in spans(page) if each.startswith("[") and each.endswith("]")]
    none(f"{page} [{label}]" for label in named if label != "\u22ef" and not labels().fullmatch(label))
    assert not labels().fullmatch("Fly home")


def known(words: list[str]) -> bool:
    """Whether a line of the operator's program names a command and options that exist."""
    declared = get_command(app)
    options: set[str] = set()
    for word in words:
        if word.startswith("--"):
            if word not in options:
                return False
            continue
        inner = getattr(declared, "commands", None)
        if inner is None:
            return True
        if word not in inner:
            return False
        declared = inner[word]
        options = {name for each in declared.params for name in (*each.opts, *each.secondary_opts)}
    return not hasattr(declared, "commands")


@pytest.mark.parametrize("page", READ)
def test_the_operators_commands_exist(page: str) -> None:
    quoted = [
        *spans(page),
        *(line for each in fences(page) if each.kind in ("", "sh") for line in each.text.split("\n")),
    ]
    found = [words.split() for each in quoted for words in PROGRAM.findall(each.split("#")[0])]
    none(f"{page} dealpace {' '.join(words)}" for words in found if not known(words))


def test_an_operators_command_that_is_not_there_is_found() -> None:
    assert known(["admin", "owner-code"])
    assert known(["replay", "--check"])
    assert not known(["admin"])
    assert not known(["fly"])
    assert not known(["doctor", "--fast"])


@pytest.mark.parametrize("page", READ)
def test_settings_exist(page: str) -> None:
    fields = {f"{PREFIX}{name}".upper() for name in Settings.model_fields} | OF_TESTS
    none(f"{page} {name}" for name in SETTING.findall(text_of(page)) if name not in fields)
    for fence in fences(page):
        if fence.kind == "env":
            none(
                f"{page} {line}"
                for line in fence.text.strip().split("\n")
                if line.partition("=")[0] not in fields - OF_TESTS
            )


def test_the_readme_has_every_setting_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| ([^|]+) \|", text_of("README.md"), re.MULTILINE))
    assert set(rows) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        if field.default is not None:
            assert rows[name.upper()] == f"`{field.default}`"


def slug(heading: str) -> str:
    """How GitHub names the anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().casefold()).replace(" ", "-")


@pytest.mark.parametrize("page", READ)
def test_links_and_pictures_lead_somewhere(page: str) -> None:
    wrong = []
    for target in LINK.findall(text_of(page)):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        path = ((ROOT / page).parent / name).resolve() if name else ROOT / page
        if not path.is_file():
            wrong.append(f"{page} {target}")
        elif anchor:
            headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            wrong += [] if anchor in map(slug, headings) else [f"{page} {target}"]
    none(wrong)


def test_pictures_are_taken_shown_and_small() -> None:
    taken = {each.file for each in PICTURES}
    there = {*DOCS.glob("*.png"), *(DOCS / "images").glob("*")}
    assert there == taken
    shown = {
        ((ROOT / page).parent / target).resolve()
        for page in PAGES
        for target in LINK.findall(text_of(page))
        if target.endswith(".png")
    }
    none(f"{path.relative_to(ROOT)} is on no page" for path in taken - shown)
    none(f"{path.relative_to(ROOT)} is too large" for path in taken if path.stat().st_size > LARGEST_PICTURE)


@pytest.mark.parametrize("page", PAGES)
def test_scenes_exist(page: str) -> None:
    none(
        f"{page} {name}" for name in SCENE.findall(text_of(page)) if name not in story_of(Language.EN).scenes
    )


@pytest.mark.parametrize("page", TALKS)
def test_a_conversation_is_what_the_bot_says(page: str) -> None:
    """The words on the page stand, line by line, in what the player prints for the whole conversation."""
    shown = [each.text for each in fences(page) if each.kind == "chat"]
    assert shown
    played = asyncio.run(replay(ROOT / "tests" / "flows" / TALKS[page])).text
    none(f"{page} differs from tests/flows/{TALKS[page]}:\n{each}" for each in shown if each not in played)


def test_the_two_commands_of_a_new_user() -> None:
    commands = [each.text.strip() for each in fences("README.md") if each.kind == "sh"]
    assert commands == ["python3 -m pip install -q uv && uv run dealpace demo", "uv run pytest"]
