"""The files people send on Slack: read with the bot's token, from where Slack keeps files and from nowhere else."""

from collections.abc import AsyncGenerator
from urllib.parse import urlsplit

import aiohttp

from bot.fetch import FetchFailed

# Where `url_private_download` leads.
FILE_HOSTS = frozenset({"files.slack.com", "slack-files.com"})
CHUNK = 64 * 1024
CONNECT_SECONDS, READ_SECONDS = 10.0, 20.0
SERVER_ERROR, TOO_MANY = 500, 429
HTML = "text/html"


class SlackFiles:
    """Reads private files. The token goes to Slack's file hosts, and to the host of an API root that was set."""

    def __init__(self, token: str, api_root: str) -> None:
        self._token = token
        self._root = urlsplit(api_root)
        self._session: aiohttp.ClientSession | None = None

    async def chunks(self, ref: str) -> AsyncGenerator[bytes, None]:
        """The bytes of a file's address. Raises `FetchFailed`."""
        if not self._is_slack(ref):
            raise FetchFailed("an address elsewhere", lasting=True)
        headers = {"Authorization": f"Bearer {self._token}", "Accept-Encoding": "identity"}
        try:
            # A redirect leads to a page for people to sign in: whoever follows it takes that for the file.
            async with self._opened().get(ref, headers=headers, allow_redirects=False) as answer:
                if answer.status != 200:
                    passing = answer.status >= SERVER_ERROR or answer.status == TOO_MANY
                    raise FetchFailed(f"HTTP {answer.status}", lasting=not passing, after=_pause(answer))
                if answer.content_type == HTML:
                    raise FetchFailed("a page instead: is the scope files:read there?", lasting=True)
                async for chunk in answer.content.iter_chunked(CHUNK):
                    yield chunk
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise FetchFailed(type(error).__name__) from None

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    def _is_slack(self, address: str) -> bool:
        try:
            parts = urlsplit(address)
            place = (parts.scheme, parts.hostname, parts.port)
            own = (self._root.scheme, self._root.hostname, self._root.port)
        except ValueError:
            return False
        if parts.username is not None or parts.password is not None:
            return False
        return place == own or (place[0] == "https" and place[1] in FILE_HOSTS and place[2] in (None, 443))

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS)
            # As they are: nothing is unpacked on the way.
            self._session = aiohttp.ClientSession(timeout=timeout, auto_decompress=False)
        return self._session


def _pause(answer: aiohttp.ClientResponse) -> float | None:
    asked = answer.headers.get("Retry-After", "")
    return float(asked) if asked.isascii() and asked.isdigit() else None
