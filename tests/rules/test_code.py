"""The manners of the code: names, docstrings, where errors are caught, and no Chinese in it (architecture 7)."""

import ast
import re
from pathlib import Path

import pytest

from tests.rules.sources import PACKAGES, ROOT, Source, files, none, source, sources

# Ideographs, their punctuation, and the full-width forms: all of it is data.
CHINESE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]")
CODE = (".py", ".html", ".js", ".css")
TEXTS = (*CODE, ".toml", ".chat", ".md", ".json")
NO_NAMES = {"util", "utils", "helper", "helpers", "common", "base", "manager", "service", "misc", "lib"}
# The edge modules that turn a bug into a card, a retry or a log line.
EDGES = {
    "bot/beside.py",
    "bot/courier.py",
    "bot/dispatch.py",
    "bot/writer.py",
    "bot/jobs/local.py",
    "bot/jobs/replicas.py",
    "bot/slack/adapter.py",
    "bot/telegram/adapter.py",
    "bot/web/adapter.py",
}
# A tree of refusals follows the sentence here; tests may tell the theory of a fault below theirs.
TALKATIVE = {"domain/refusals.py"}


def chinese(name: str, text: str) -> list[str]:
    return [f"{name}:{n}" for n, line in enumerate(text.split("\n"), 1) if CHINESE.search(line)]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_chinese_in_code() -> None:
    looked_at = (*files(*PACKAGES, endings=CODE), *files("tests", endings=(".py",)))
    wrong = [each for path in looked_at for each in chinese(relative(path), path.read_text(encoding="utf-8"))]
    none(wrong)
    assert chinese("x.py", "a\nb = '\u6d77'") == ["x.py:2"]


def test_every_file_ends_with_a_newline() -> None:
    wrong = [
        relative(path)
        for path in files(*PACKAGES, "tests", endings=TEXTS)
        if (text := path.read_bytes()) and not text.endswith(b"\n")
    ]
    none(wrong)


def test_no_module_is_named_for_nothing() -> None:
    wrong = [
        file.name
        for file in sources(*PACKAGES, "tests")
        if NO_NAMES & {*Path(file.name).parts[:-1], *file.stem.removeprefix("test_").split("_")}
    ]
    none(wrong)


def unsaid(file: Source) -> list[str]:
    """A module without its one sentence: what it owns; a command's is its usage and its own help."""
    said = ast.get_docstring(file.tree)
    if not file.text.strip():
        return []
    if said is None:
        return [f"{file.at(1)} says nothing"]
    if file.name.startswith("handlers/commands/"):
        begins = re.match(rf"/{re.escape(file.stem)}(?![\w-])", said)
        return [] if begins else [f"{file.at(1)} does not begin with /{file.stem}"]
    first, _, rest = said.partition("\n\n")
    sentence = " ".join(first.split())
    if not sentence.endswith(".") or re.search(r"[.!?] [A-Z]", sentence):
        return [f"{file.at(1)} is not one sentence"]
    more = rest and file.package in PACKAGES and file.name not in TALKATIVE
    return [f"{file.at(1)} says more than a sentence"] if more else []


def test_a_module_says_in_a_sentence_what_it_owns() -> None:
    none(found for file in sources(*PACKAGES, "tests") for found in unsaid(file))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bot/x.py", "import this\n"),
        ("bot/x.py", '"""One. Two."""\n'),
        ("bot/x.py", '"""No end"""\n'),
        ("bot/x.py", '"""One.\n\nTwo."""\n'),
        ("handlers/commands/visit.py", '"""/visits CUSTOMER"""\n'),
    ],
)
def test_a_poor_docstring_is_found(name: str, text: str) -> None:
    assert len(unsaid(source(name, text))) == 1


def silent_functions(file: Source) -> list[str]:
    return [
        f"{file.at(node.lineno)} {node.name}"
        for node in file.tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]


def test_public_names_of_the_domain_say_what_they_are() -> None:
    none(found for file in sources("domain") for found in silent_functions(file))
    assert silent_functions(source("domain/x.py", "def f(): ...")) == ["domain/x.py:1 f"]


def catches_all(file: Source) -> list[str]:
    """Handlers of every error, but for those that only put things back and raise it again."""
    return [
        file.at(node.lineno)
        for node in file.nodes()
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or re.search(r"\b(Base)?Exception\b", ast.unparse(node.type)))
        and ast.unparse(node.body[-1]) != "raise"
    ]


def test_only_the_edges_catch_everything() -> None:
    wrong = [found for file in sources(*PACKAGES) if file.name not in EDGES for found in catches_all(file)]
    none(wrong)
    text = "try: f()\nexcept (OSError, Exception): pass\ntry: f()\nexcept: pass\ntry: f()\nexcept OSError: pass\n"
    assert catches_all(source("domain/x.py", text)) == ["domain/x.py:2", "domain/x.py:4"]


def loose_classes(file: Source) -> list[str]:
    """Dataclasses that can be changed, have a dict, or take arguments by place where they have many."""
    found = []
    for node in file.nodes():
        if not isinstance(node, ast.ClassDef):
            continue
        for each in node.decorator_list:
            said = ast.unparse(each)
            if said.startswith("dataclass") and not ("frozen=True" in said and "slots=True" in said):
                found.append(file.at(node.lineno))
    return found


def test_values_are_frozen_and_slotted() -> None:
    none(found for file in sources("domain", "handlers") for found in loose_classes(file))
    assert loose_classes(source("domain/x.py", "@dataclass\nclass A: ...")) == ["domain/x.py:2"]


def unfinished(name: str, text: str) -> list[str]:
    """Marks of work left over; the words are put together so that this file has none."""
    marks = re.compile(rf"\b({'TO' + 'DO'}|{'FIX' + 'ME'}|{'XX' + 'X'})\b|raise NotImplementedError")
    return [f"{name}:{n}" for n, line in enumerate(text.split("\n"), 1) if marks.search(line)]


def test_nothing_is_left_unfinished() -> None:
    none(found for file in sources(*PACKAGES) for found in unfinished(file.name, file.text))
    assert unfinished("x.py", "# TO" + "DO: later") == ["x.py:1"]
