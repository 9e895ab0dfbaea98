"""The files the rules look at, read and parsed once, and how a breach is named."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "handlers", "domain", "storage")
# Everything below the edge: pure, without a clock of its own.
BELOW = ("handlers", "domain", "storage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One Python file; `name` is its path from the root."""

    name: str
    text: str
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.name.split("/")[0]

    @property
    def stem(self) -> str:
        return Path(self.name).stem

    def at(self, line: int) -> str:
        """Where a breach is, for a message one can click."""
        return f"{self.name}:{line}"

    def nodes(self) -> Iterator[ast.AST]:
        return ast.walk(self.tree)


def files(*folders: str, endings: tuple[str, ...]) -> tuple[Path, ...]:
    """The files of the folders with one of the endings."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*"))
    return tuple(sorted(path for path in found if path.suffix in endings and path.is_file()))


def source(name: str, text: str) -> Source:
    return Source(name=name, text=text, tree=ast.parse(text))


@lru_cache(maxsize=8)
def sources(*folders: str) -> tuple[Source, ...]:
    """The Python files of the folders, parsed."""
    return tuple(
        source(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
        for path in files(*folders, endings=(".py",))
    )


def imports(file: Source) -> Iterator[tuple[str, int]]:
    """The modules a file imports, wherever in it, with their lines."""
    for node in file.nodes():
        if isinstance(node, ast.Import):
            yield from ((each.name, node.lineno) for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{each.name}", node.lineno) for each in node.names)


def none(breaches: Iterable[str]) -> None:
    """Fails with every breach on a line of its own."""
    found = list(breaches)
    assert not found, "\n".join(("", *found))
