"""Every transcript in this folder says what stands in it; those without an English twin, and the twins, on both databases."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest

from bot.transcript import replay
from tests.conftest import migrated
from tests.support.postgres import cluster

FOLDER = Path(__file__).parent
TRANSCRIPTS = sorted(FOLDER.rglob("*.chat"))
# What a twin in Chinese adds is words, and no database reads those: PostgreSQL is spared them.
TWINS = frozenset(
    each
    for each in TRANSCRIPTS
    if each.suffixes[:-1] and each.with_name(each.name.split(".")[0] + ".chat").exists()
)


def in_memory() -> AbstractContextManager[str]:
    return nullcontext("sqlite:///:memory:")


@contextmanager
def on_postgres() -> Iterator[str]:
    server = cluster()
    with server.lent(server.template(migrated)) as url:
        yield url


def test_there_are_transcripts() -> None:
    assert TRANSCRIPTS


PLAYED = [
    pytest.param(path, database, id=f"{path.relative_to(FOLDER)}-{name}")
    for path in TRANSCRIPTS
    for name, database in (("sqlite", in_memory), ("postgres", on_postgres))
    if name == "sqlite" or path not in TWINS
]


@pytest.mark.parametrize(("path", "database"), PLAYED)
def test_a_transcript_is_as_it_stands(
    path: Path, database: Callable[[], AbstractContextManager[str]]
) -> None:
    with database() as url:
        played = asyncio.run(replay(path, url))
    assert not played.differences, "\n\n".join(played.differences)
