"""The words of the product as data: complete, equal in all languages, plain, short, and all of them used."""

import ast
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

import pytest
from opencc import OpenCC

from bot.layout import width
from bot.web.guide import GUIDES
from domain.people import Language, Role
from handlers.answer import command_of
from handlers.args import Args, fill
from handlers.figures import FIGURES
from handlers.reading.typed import clean
from handlers.registry import MENU, MENU_MOST, MENUS, Command, registry
from handlers.view import t
from handlers.words import LOCALES, PLURAL_BY, TEXTS, Template, catalogue
from tests.rules.said_keys import MADE_UP, SEVERAL, filled, made_up_keys, plain_keys, said_directly
from tests.rules.sources import ROOT, Source, none, source, sources

KEYS = tuple(catalogue())
COMMANDS = tuple(registry().commands.values())
SPEAKING = ("handlers", "bot")
# A Monday.
TODAY = date(2026, 3, 2)
BUTTON_COLUMNS, SUMMARY_MOST = 30, 256
MARKUP = re.compile(r"[<>*_`]|://|www\.|&[a-z]+;")
SHOUTS = re.compile("[!\uff01]")
# You in Chinese, plain, polite and female: a sentence does without where it can.
YOU = re.compile("[\u4f60\u60a8\u59b3]")
EMOJI = re.compile("[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
# These stand in the language they name, in every column.
OWN_LANGUAGE = ("language.own_", "language.chosen_")
TELEGRAM_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")


def at(key: str) -> str:
    """The file and line of a text."""
    name, *entry = key.split(".")
    path = TEXTS / f"{name}.toml"
    table, last = ".".join(entry[:-1]), entry[-1]
    section, begins = "", re.compile(rf"(\[{re.escape('.'.join(entry))}\]|{re.escape(last)} = )")
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        found = begins.match(line)
        if found and (line.startswith("[") or section == table):
            return f"{path.relative_to(ROOT)}:{number} {key}"
        section = line.strip("[]") if line.startswith("[") else section
    return f"{path.relative_to(ROOT)}:1 {key}"


def said(template: Template) -> str:
    """The words of a text with a space for every placeholder."""
    return " ".join(before for before, _, _ in template.pieces)


def texts() -> Iterator[tuple[str, Language, str, Template]]:
    for key in KEYS:
        for language, forms in catalogue().forms(key).items():
            yield from ((key, language, form, template) for form, template in forms.items())


def own_words(key: str) -> bool:
    return key.startswith(OWN_LANGUAGE)


def test_every_text_has_every_language() -> None:
    none(at(key) for key in KEYS if set(catalogue().forms(key)) != set(Language))


def test_a_text_has_the_same_placeholders_in_every_language() -> None:
    wrong = []
    for key in KEYS:
        forms = catalogue().forms(key)
        expected = forms[Language.EN]["other"].placeholders
        for each in forms.values():
            wrong += [
                at(key)
                for form, template in each.items()
                if template.placeholders | ({PLURAL_BY} if form != "other" else set())
                != expected | ({PLURAL_BY} if form != "other" else set())
            ]
    none(wrong)


def test_plural_forms_are_those_of_the_language() -> None:
    wrong = []
    for key in KEYS:
        for language, forms in catalogue().forms(key).items():
            known = {*LOCALES[language].plural_form.tags, "other"}
            if len(forms) > 1 and (set(forms) != known or PLURAL_BY not in forms["other"].placeholders):
                wrong.append(at(key))
    none(wrong)


def test_formats_exist() -> None:
    formats = {key.removeprefix("formats.") for key in KEYS if key.startswith("formats.")}
    none(
        at(key)
        for key, _, _, each in texts()
        for _, name, spec in each.pieces
        if spec and spec not in formats
    )
    assert {"day", "time", "pair", *FIGURES} <= formats


@pytest.mark.parametrize(
    ("rule", "most"), [(MARKUP, 0), (SHOUTS, 0), (EMOJI, 1)], ids=["markup", "!", "emoji"]
)
def test_texts_are_plain(rule: re.Pattern[str], most: int) -> None:
    none(at(key) for key, _, _, each in texts() if len(rule.findall(said(each))) > most)


def test_texts_have_no_loose_blanks() -> None:
    wrong = [
        at(key) for key, _, _, each in texts() if (text := said(each)).strip() and text != text.strip("\n\t")
    ]
    none(wrong)


def test_chinese_does_without_you() -> None:
    none(at(key) for key, _, _, each in texts() if YOU.search(said(each)))


@lru_cache(maxsize=4)
def converter(name: str) -> OpenCC:
    return OpenCC(name)


def test_simplified_texts_are_simplified() -> None:
    wrong = [
        f"{at(key)} {text}"
        for key, language, _, each in texts()
        if language is Language.ZH and not own_words(key)
        if converter("t2s").convert(text := said(each)) != text
    ]
    none(wrong)


def test_traditional_texts_are_traditional() -> None:
    """Some characters have two traditional shapes; the text stands with one of both conversions."""
    wrong = [
        f"{at(key)} {text}"
        for key, language, _, each in texts()
        if language is Language.ZH_HANT and not own_words(key)
        if (text := said(each)) not in {converter(name).convert(text) for name in ("s2t", "s2tw")}
    ]
    none(wrong)


def test_the_two_scripts_are_told_apart() -> None:
    assert converter("t2s").convert("\u62dc\u8a2a") == "\u62dc\u8bbf"
    assert converter("s2t").convert("\u62dc\u8bbf") == "\u62dc\u8a2a"


def buttons(file: Source) -> Iterator[str]:
    """The keys of the labels of a file's buttons."""
    for node in file.nodes():
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Button" and node.args:
            inside = source(file.name, ast.unparse(node.args[0]))
            yield from (key for key, _ in said_directly(inside))
            yield from (key for pattern, _ in made_up_keys(inside) for key in filled(pattern))


def test_button_labels_are_short() -> None:
    labels = {key for file in sources("handlers", "bot") for key in buttons(file)}
    assert len(labels) > 20
    wrong = [at(key) for key, _, _, each in texts() if key in labels and width(said(each)) > BUTTON_COLUMNS]
    none(wrong)


@pytest.mark.parametrize("declared", COMMANDS, ids=lambda each: each.name)
def test_a_command_has_its_texts(declared: Command) -> None:
    for entry in ("summary", "example", "word"):
        assert f"{declared.name}.command.{entry}" in catalogue()
    none(f"no text {part.key}.ask" for part in declared.parts if f"{part.key}.ask" not in catalogue())
    assert any(alias for alias in declared.aliases if not alias.isascii())


@pytest.mark.parametrize("declared", COMMANDS, ids=lambda each: each.name)
def test_a_command_fits_the_menus(declared: Command) -> None:
    assert TELEGRAM_NAME.fullmatch(declared.name)
    key = f"{declared.name}.command.summary"
    for language in Language:
        assert 1 <= len(catalogue().say(t(key), language)) <= SUMMARY_MOST, at(key)


def test_the_menu_names_commands_that_exist() -> None:
    assert set(MENU) <= set(registry().commands)
    assert len(MENU) == len(set(MENU))


@pytest.mark.parametrize("role", MENUS)
def test_a_roles_menu_names_eight_commands_the_role_may_use(role: Role) -> None:
    allowed = {each.name for each in COMMANDS if role in each.roles and not each.hidden}
    assert [name for name in MENUS[role] if name not in allowed] == []
    assert len(set(MENUS[role])) == MENU_MOST


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("declared", COMMANDS, ids=lambda each: each.name)
def test_an_example_parses_as_its_command(declared: Command, language: Language) -> None:
    key = f"{declared.name}.command.example"
    line = clean(catalogue().say(t(key), language))
    assert command_of(line) == declared.name, at(key)
    word = re.match(r"\S+", line)
    assert word
    if language is not Language.EN:
        assert word[0] in declared.aliases, at(key)
    found = fill(declared.name, declared.args, line[word.end() :].strip(), {"today": TODAY})
    assert isinstance(found, Args), at(key)


def test_an_alias_is_written_in_one_language() -> None:
    """Aliases are words as typed: cleaning changes none, and no two commands share one (the registry says so)."""
    none(f"{each.name} {alias}" for each in COMMANDS for alias in each.aliases if clean(alias) != alias)


def test_every_text_in_the_code_exists() -> None:
    wrong = []
    for file in sources(*SPEAKING):
        for key, line in (*plain_keys(file), *said_directly(file)):
            if key not in catalogue():
                wrong.append(f"{file.at(line)} {key}")
        for pattern, line in made_up_keys(file):
            if pattern not in MADE_UP and pattern not in SEVERAL:
                wrong.append(
                    f"{file.at(line)} {pattern} is not among the made-up keys of tests/rules/said_keys.py"
                )
                continue
            wrong += [f"{file.at(line)} {key}" for key in filled(pattern) if key not in catalogue()]
    none(dict.fromkeys(wrong))


def test_a_missing_text_is_found() -> None:
    text = 't("no.text"); NotFound("visit.nothing"); t(f"state.{x}")'
    file = source("handlers/x.py", text)
    assert [key for key, _ in said_directly(file)] == ["no.text", "visit.nothing"]
    assert [key for key, _ in plain_keys(file)] == ["visit.nothing"]
    assert [pattern for pattern, _ in made_up_keys(file)] == ["state.{}"]


def used() -> set[str]:
    found = set()
    for file in sources(*SPEAKING):
        found |= {key for key, _ in (*plain_keys(file), *said_directly(file))}
        found |= {key for pattern, _ in made_up_keys(file) if pattern in MADE_UP for key in filled(pattern)}
        found |= {key for pattern, _ in made_up_keys(file) if pattern in SEVERAL for key in filled(pattern)}
    found |= {f"{part.key}.ask" for each in COMMANDS for part in each.parts}
    found |= {f"formats.{spec or 'day'}" for *_, each in texts() for _, _, spec in each.pieces}
    found |= {f"formats.{name}" for name in FIGURES}
    return found | PAGE | GUIDED


PAGE = {
    key
    for key in KEYS
    if key.startswith(("playground.page.", "playground.chip."))
    and re.search(
        rf"\b{key.split('.')[-1]}\b",
        "".join(
            (ROOT / "bot" / "web" / name).read_text(encoding="utf-8")
            for name in ("page.html", "playground.js", "playground.py", "panes.py")
        ),
    )
}


# The first minute of the playground: its tasks, and what a page says around them.
GUIDED = {
    *(f"playground.guide.{role}_{each.name}" for role, tasks in GUIDES.items() for each in tasks),
    *(f"playground.guide.{role}_{each.name}_do" for role, tasks in GUIDES.items() for each in tasks),
    *(f"playground.guide.{role}_end" for role in GUIDES),
    *(f"playground.guide.{name}" for name in ("title", "hide", "done", "now", "later")),
}


def test_every_text_is_used() -> None:
    found = used()
    none(at(key) for key in KEYS if key not in found)


def test_every_list_belongs_to_something() -> None:
    """Words that name a command or a part; the loader keeps lists apart from texts."""
    names = {name for each in COMMANDS for part in each.parts for name in part.names}
    names |= {alias for each in COMMANDS for alias in each.aliases}
    wrong = [
        f"handlers/texts/{path.name} {alias}"
        for path in sorted(TEXTS.glob("*.toml"))
        for alias in _aliases(tomllib.loads(path.read_text(encoding="utf-8")))
        if alias not in names
    ]
    none(wrong)


def _aliases(entry: object) -> Iterator[str]:
    if isinstance(entry, dict):
        for name, inner in entry.items():
            if name == "aliases":
                yield from inner
            else:
                yield from _aliases(inner)
