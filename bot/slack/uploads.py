"""Files going out to Slack: their bytes are put there first, unseen, and shown by one last call."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.beside import Beside, Bytes, beside
from domain.files import FileKind
from domain.ports import Letter
from handlers.view import Card

log = structlog.get_logger()
ALT_MOST = 1000
UPLOAD_SECONDS = 60.0

# A file that was put there: its id and its title.
Put = dict[str, str]


# Makes sure of a session, and that the end of the process waits for the call.
Call = Callable[[Callable[[], Awaitable[Any]]], Awaitable[Any]]


class Uploads:
    """Puts the files of cards where Slack can show them."""

    def __init__(self, client: AsyncWebClient, call: Call, bytes_of: Bytes | None) -> None:
        self._client = client
        self._call = call
        self._bytes_of = bytes_of

    async def put(self, letter: Letter, shown: Card) -> list[Put]:
        """The card's files as Slack knows them, seen by nobody yet; none when one is gone or Slack takes none.

        Raises what the calls raise when trying again may help.
        """
        try:
            return [await self._put(each) for each in await beside(letter, shown, self._bytes_of)]
        except SlackApiError as error:
            if error.response.status_code >= 429 or error.response.get("error") == "ratelimited":
                raise
            # An app made before files could be sent lacks the scope: the words at least arrive.
            log.error("slack_file_refused", letter=letter.key, reason=str(error.response.get("error")))
            return []

    async def show(self, channel: str, files: list[Put], comment: str | None) -> None:
        """Makes them visible in a channel, all in one message."""
        said = {"files": json.dumps(files), "channel_id": channel}
        said |= {"initial_comment": comment} if comment else {}
        await self._ask("files.completeUploadExternal", said)

    async def _put(self, file: Beside) -> Put:
        name = file.name or "file"
        asked = {"filename": name, "length": str(len(file.content))}
        asked |= {"alt_txt": file.alt[:ALT_MOST]} if file.kind is FileKind.PHOTO else {}
        place = await self._ask("files.getUploadURLExternal", asked)
        await self._call(lambda: self._send(str(place["upload_url"]), file.content))
        return {"id": str(place["file_id"]), "title": name}

    async def _ask(self, method: str, said: dict[str, str]) -> Any:
        """These methods take forms; the library would put the words into the address, where there is little room."""
        return await self._call(lambda: self._client.api_call(method, data=said))

    async def _send(self, url: str, content: bytes) -> None:
        session = self._client.session
        if session is None:
            raise RuntimeError("a call makes sure of the session")
        timeout = aiohttp.ClientTimeout(total=UPLOAD_SECONDS)
        async with session.post(url, data=content, timeout=timeout, allow_redirects=False) as answer:
            answer.raise_for_status()
