"""Every card that a transcript shows: what the tests of all cards look at."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain
from pathlib import Path

from bot.transcript import Played, Recorder, Shown, replay
from domain.ports import Letter
from handlers.view import Card, Line, Note, Text, Words

FLOWS = Path(__file__).parents[1] / "flows"
TRANSCRIPTS = sorted(FLOWS.rglob("*.chat"))


@dataclass(slots=True)
class Keeping(Recorder):
    """Also keeps every card as it was first shown."""

    everything: list[Shown] = field(default_factory=list)

    async def send(self, letter: Letter, shown: Card) -> str:
        message = await super(Keeping, self).send(letter, shown)
        self.everything.append(replace(self.sent[-1]))
        return message


@cache
def played(path: Path) -> tuple[Played, tuple[Shown, ...]]:
    """A transcript on a database in memory and every card it shows: played once for all tests of one worker."""
    recorder = Keeping()
    return asyncio.run(replay(path, recorder=recorder)), tuple(recorder.everything)


@cache
def shown_in_transcripts() -> tuple[tuple[str, Shown], ...]:
    """Every card of every transcript, with the file it is from."""
    return tuple((path.name, each) for path in TRANSCRIPTS for each in played(path)[1])


def keys(words: Words) -> Iterator[str]:
    """The keys of a text and of the texts within it."""
    if isinstance(words, Text):
        yield words.key
        for value in words.params.values():
            yield from keys(value) if isinstance(value, Text) else ()


def keys_of(card: Card) -> set[str]:
    """The keys of all lines and notes of a card."""
    words = [block.words for block in card.blocks if isinstance(block, Line | Note)]
    return set(chain.from_iterable(map(keys, words)))
