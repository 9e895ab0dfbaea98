"""The files people send on Telegram: asked for by their id, read from the same Bot API server."""

import ssl
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

import httpx
from telegram import Bot
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.fetch import FetchFailed, TooMuch
from bot.telegram.sender import asked_pause

TOO_BIG = "file is too big"
CHUNK = 64 * 1024
CONNECT_SECONDS, READ_SECONDS = 10.0, 20.0
SERVER_ERROR, TOO_MANY = 500, 429


class TelegramFiles:
    """Reads files through getFile. The library would read a file whole before anybody could count its bytes."""

    def __init__(self, bot: Bot, trust: ssl.SSLContext) -> None:
        self._bot = bot
        self._trust = trust
        self._client: httpx.AsyncClient | None = None

    async def chunks(self, ref: str) -> AsyncGenerator[bytes, None]:
        """The bytes of a file id. Raises `FetchFailed`, which never names the address: it holds the token."""
        address = await self._address(ref)
        try:
            # As they are: nothing is unpacked on the way.
            async with self._opened().stream(
                "GET", address, headers={"Accept-Encoding": "identity"}
            ) as answer:
                if answer.status_code != httpx.codes.OK:
                    passing = answer.status_code >= SERVER_ERROR or answer.status_code == TOO_MANY
                    raise FetchFailed(f"HTTP {answer.status_code}", lasting=not passing)
                async for chunk in answer.aiter_raw(CHUNK):
                    yield chunk
        except httpx.HTTPError as error:
            raise FetchFailed(type(error).__name__) from None

    async def close(self) -> None:
        if self._client:
            await self._client.aclose()

    async def _address(self, ref: str) -> str:
        try:
            found = await self._bot.get_file(ref)
        except RetryAfter as error:
            raise FetchFailed("too many requests", after=asked_pause(error)) from None
        except (BadRequest, Forbidden, InvalidToken) as error:
            if TOO_BIG in str(error).casefold():
                raise TooMuch from None
            raise FetchFailed(type(error).__name__, lasting=True) from None
        except TelegramError as error:
            raise FetchFailed(type(error).__name__) from None
        address = found.file_path or ""
        if not _is_below(address, self._bot.base_file_url):
            # A server in local mode names a file of its own disk.
            raise FetchFailed("an address elsewhere", lasting=True)
        return address

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
            self._client = httpx.AsyncClient(verify=self._trust, timeout=timeout, follow_redirects=False)
        return self._client


def _is_below(address: str, root: str) -> bool:
    """Whether a file's address is of the server the bot talks to, and in its own folder."""
    steps = urlsplit(address).path.split("/")
    return address.startswith(f"{root}/") and not {".", ".."} & set(steps)
