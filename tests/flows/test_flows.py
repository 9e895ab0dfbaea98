"""Every transcript in this folder says what stands in it; those without an English twin, and the twins, on both databases."""

import asyncio
from pathlib import Path

import pytest

from bot.transcript import Played, replay
from tests.conftest import migrated
from tests.support.postgres import cluster
from tests.support.shown import FLOWS, TRANSCRIPTS, played

# What a twin in Chinese adds is words, and no database reads those: PostgreSQL is spared them.
SPARED = frozenset(
    each
    for each in TRANSCRIPTS
    if each.suffixes[:-1] and each.with_name(each.name.split(".")[0] + ".chat").exists()
)


def test_there_are_transcripts() -> None:
    assert TRANSCRIPTS


def is_as_it_stands(replayed: Played) -> None:
    assert not replayed.differences, "\n\n".join(replayed.differences)


# One worker plays each once in memory, for this and for every test that looks at the cards.
@pytest.mark.xdist_group("transcripts")
@pytest.mark.parametrize(
    "path", [pytest.param(each, id=str(each.relative_to(FLOWS))) for each in TRANSCRIPTS]
)
def test_a_transcript_is_as_it_stands(path: Path) -> None:
    is_as_it_stands(played(path)[0])


@pytest.mark.parametrize(
    "path",
    [pytest.param(each, id=str(each.relative_to(FLOWS))) for each in TRANSCRIPTS if each not in SPARED],
)
def test_a_transcript_is_as_it_stands_on_postgres(path: Path) -> None:
    server = cluster()
    with server.lent(server.template(migrated)) as url:
        is_as_it_stands(asyncio.run(replay(path, url)))
