"""What goes out beside the words of a card: the bytes of its files, and its charts drawn as pictures."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from domain.files import FileId, FileKind
from domain.people import Language, OrgId
from domain.ports import Letter
from handlers.charts import Theme
from handlers.view import Attachment, Card, Chart
from handlers.words import catalogue

log = structlog.get_logger()
PICTURE_NAME = "picture.png"

# The bytes of an organisation's file; None when they are gone.
Bytes = Callable[[OrgId, FileId], Awaitable[bytes | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A file or a picture as a platform is sent it; `alt` says what a picture shows."""

    kind: FileKind
    name: str
    alt: str
    content: bytes


async def beside(letter: Letter, shown: Card, bytes_of: Bytes | None) -> tuple[Beside, ...]:
    """All that the card shows beside its words; nothing when a file is gone: then the words name it.

    A chart that cannot be drawn is left out: the card says its numbers.
    """
    found = []
    for each in shown.attachments:
        content: bytes | None
        if isinstance(each, Chart):
            content = await drawn(each, letter.language)
            if content is None:
                continue
        else:
            content = await bytes_of(letter.org_id, each.file_id) if bytes_of and letter.org_id else None
            if content is None:
                return ()
        alt = catalogue().say(each.alt, letter.language)
        kind, name = _named(each)
        found.append(Beside(kind=kind, name=name, alt=alt, content=content))
    return tuple(found)


async def drawn(chart: Chart, language: Language, theme: Theme | None = None) -> bytes | None:
    """The picture of a chart as PNG; None, and a line in the log, when it cannot be drawn."""
    # Most processes never draw; those that do learn how at their first picture.
    from bot.charts import png_of

    try:
        return await asyncio.to_thread(png_of, chart, language, theme)
    except Exception as error:
        log.error("chart_not_drawn", kind=type(chart.drawing).__name__, exc_info=error)
        return None


def _named(each: Attachment | Chart) -> tuple[FileKind, str]:
    return (FileKind.PHOTO, PICTURE_NAME) if isinstance(each, Chart) else (each.kind, each.name)
