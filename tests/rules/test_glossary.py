"""The glossary follows the code: every name in it exists, every term stands once."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

import pytest

from tests.rules.sources import PACKAGES, ROOT, sources

GLOSSARY = ROOT / "domain" / "GLOSSARY.md"
ROW = re.compile(r"\| (?P<term>[^|]+) \| `(?P<name>[^`|]+)` \| (?P<meaning>[^|]+) \|")
ROWS = [
    (found["term"], found["name"], number)
    for number, line in enumerate(GLOSSARY.read_text(encoding="utf-8").split("\n"), 1)
    if (found := ROW.fullmatch(line))
]


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """Modules by their dotted name; classes, their members, functions and constants by theirs."""
    found = {file.name.removesuffix(".py").replace("/", ".") for file in sources(*PACKAGES)}
    for file in sources(*PACKAGES):
        found |= set(_defined(file.tree, ""))
    return frozenset(found)


def _defined(inside: ast.Module | ast.ClassDef, prefix: str) -> Iterator[str]:
    for node in inside.body:
        match node:
            case ast.FunctionDef(name=name):
                yield prefix + name
            case ast.ClassDef(name=name):
                yield prefix + name
                yield from _defined(node, f"{name}.")
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield prefix + name
            case _:
                pass


@pytest.mark.parametrize(("term", "name", "line"), ROWS, ids=[name for _, name, _ in ROWS])
def test_a_name_of_the_glossary_exists(term: str, name: str, line: int) -> None:
    assert name in names(), f"domain/GLOSSARY.md:{line} {term} {name}"


def test_a_term_stands_once() -> None:
    terms = [term for term, _, _ in ROWS]
    assert sorted(terms) == sorted(set(terms))
    assert len(terms) > 40


def test_every_row_is_read() -> None:
    """A row that the pattern misses would not be looked up."""
    lines = GLOSSARY.read_text(encoding="utf-8").split("\n")
    rows = [line for line in lines if line.startswith("|") and "---" not in line and "in code" not in line]
    assert len(rows) == len(ROWS)


def test_a_name_that_does_not_exist_is_missed() -> None:
    assert not {"Visit", "Metric.DEALS", "domain.nothing", "recredit_all"} & names()
