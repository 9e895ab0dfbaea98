"""Every transcript in this folder says on both databases what stands in it."""

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


def in_memory() -> AbstractContextManager[str]:
    return nullcontext("sqlite:///:memory:")


@contextmanager
def on_postgres() -> Iterator[str]:
    server = cluster()
    with server.lent(server.template(migrated)) as url:
        yield url


def test_there_are_transcripts() -> None:
    assert TRANSCRIPTS


@pytest.mark.parametrize("database", [in_memory, on_postgres], ids=["sqlite", "postgres"])
@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_transcript_is_as_it_stands(
    path: Path, database: Callable[[], AbstractContextManager[str]]
) -> None:
    with database() as url:
        played = asyncio.run(replay(path, url))
    assert not played.differences, "\n\n".join(played.differences)
