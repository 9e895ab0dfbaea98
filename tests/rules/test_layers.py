"""Who may import whom: the contracts of `pyproject.toml`, kept, and able to fail (architecture 2)."""

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TypeGuard

import pytest

from tests.rules.sources import BELOW, PACKAGES, ROOT, Source, imports, none, source, sources

LINTER = Path(sys.executable).parent / "lint-imports"
CONTRACTS = [
    contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
]
ENDED = " KEPT"
BROKEN = " BROKEN"
KNOWS_STORAGE = {"bot/app.py": "storage"}


def linted(folder: Path) -> str:
    return subprocess.run(
        [str(LINTER), "--no-cache", "--no-logo"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    ).stdout


def test_the_contracts_are_kept() -> None:
    said = linted(ROOT)
    assert [name for name in CONTRACTS if f"{name}{ENDED}" not in said] == [], said


@pytest.mark.parametrize(
    ("contract", "file", "line"),
    [
        (0, "domain/quota.py", "import handlers.view"),
        (0, "handlers/view.py", "import storage.tables"),
        (0, "storage/tables.py", "import bot.clock"),
        (1, "bot/courier.py", "import storage.tables"),
        (2, "bot/telegram/__init__.py", "import bot.slack"),
    ],
)
def test_a_contract_can_fail(contract: int, file: str, line: str, tmp_path: Path) -> None:
    """An empty house of the same rooms, with one wrong import in it."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for each in sources(*PACKAGES):
        path = tmp_path / each.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{line}\n" if each.name == file else "", encoding="utf-8")
    said = linted(tmp_path)
    assert f"{CONTRACTS[contract]}{BROKEN}" in said, said


def strangers(file: Source) -> list[str]:
    """Imports of the domain beside the standard library and itself."""
    known = sys.stdlib_module_names | {"domain"}
    return [f"{file.at(line)} {name}" for name, line in imports(file) if name.split(".")[0] not in known]


def test_the_domain_imports_the_standard_library_only() -> None:
    none(found for file in sources("domain") for found in strangers(file))
    assert strangers(source("domain/x.py", "import pydantic")) == ["domain/x.py:1 pydantic"]


def storage_imports(file: Source) -> list[str]:
    allowed = KNOWS_STORAGE.get(file.name)
    return [
        file.at(line)
        for name, line in imports(file)
        if name.split(".")[0] == "storage" and not (allowed and name.startswith(allowed))
    ]


def test_only_the_composition_root_knows_the_storage() -> None:
    none(found for file in sources("bot", "handlers", "domain") for found in storage_imports(file))
    assert storage_imports(source("bot/web/x.py", "from storage import tables")) != []
    assert storage_imports(source("bot/__main__.py", "from storage.tables import METADATA")) != []


def test_nothing_imports_the_tests() -> None:
    wrong = [
        file.at(line)
        for file in sources(*PACKAGES)
        for name, line in imports(file)
        if name.split(".")[0] == "tests" and file.name != "bot/__main__.py"
    ]
    none(wrong)


# What nothing below the edge may use: the core is synchronous and time is an argument (architecture 1.5 and 1.8).
IMPURE_MODULES = {"asyncio", "random"}
IMPURE_CALLS = {
    "time.time",
    "time.monotonic",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
}


def is_impure(node: ast.AST) -> TypeGuard[ast.expr | ast.stmt]:
    match node:
        case ast.AsyncFunctionDef() | ast.Await() | ast.AsyncFor() | ast.AsyncWith():
            return True
        case ast.Attribute():
            return ast.unparse(node).endswith(tuple(IMPURE_CALLS))
        case ast.Call():
            return ast.unparse(node.func) == "print"
        case _:
            return False


def impurities(file: Source) -> list[str]:
    found = [file.at(line) for name, line in imports(file) if name.split(".")[0] in IMPURE_MODULES]
    found += [file.at(node.lineno) for node in file.nodes() if is_impure(node)]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("folder", BELOW)
def test_the_core_has_no_clock_no_chance_and_never_waits(folder: str) -> None:
    none(found for file in sources(folder) for found in impurities(file))


@pytest.mark.parametrize(
    "text",
    [
        "import asyncio",
        "from random import choice",
        "x = datetime.datetime.now()",
        "x = date.today",
        "async def f(): ...",
        "print(1)",
    ],
)
def test_an_impurity_is_found(text: str) -> None:
    assert impurities(source("domain/x.py", text)) == ["domain/x.py:1"]
