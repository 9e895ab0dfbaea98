"""Telegram's calls to us: judged by their secret before they are read, answered once they are stored."""

import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.front import Unfit, body_of, json_of, not_now, refused
from bot.settings import Misconfigured

PATH = "/telegram/webhook"
# The only ports Telegram calls (core.telegram.org/bots/webhooks).
PORTS = frozenset({443, 80, 88, 8443})
SECRET_HEADER = "x-telegram-bot-api-secret-token"
SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
DERIVED_FOR = b"dealpace telegram webhook"
JSON = "application/json"

# Stores an update; whether it is kept, so that Telegram need not bring it again.
Take = Callable[[object], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """Where Telegram is to call us, and what it shows us each time."""

    url: str
    secret: str = field(repr=False)


def hook_of(public_url: str | None, token: str, secret: str | None) -> Hook:
    """The hook of an installation. Raises `Misconfigured`, which says what to set."""
    address = urlsplit(public_url or "")
    if not public_url or address.scheme != "https" or not address.hostname:
        raise Misconfigured(
            "Telegram calls https addresses only: set DEALPACE_PUBLIC_URL=https://..., "
            "or DEALPACE_TELEGRAM_MODE=polling"
        )
    if _port_of(address.netloc) not in PORTS:
        listed = ", ".join(map(str, sorted(PORTS)))
        raise Misconfigured(f"Telegram does not call the port of DEALPACE_PUBLIC_URL: use one of {listed}")
    if secret and not SECRET.fullmatch(secret):
        raise Misconfigured(
            "DEALPACE_TELEGRAM_WEBHOOK_SECRET should be 16 to 256 letters, digits, hyphens or underscores; "
            "leave it out to have it made from the token"
        )
    return Hook(url=public_url.rstrip("/") + PATH, secret=secret or derived_secret(token))


def derived_secret(token: str) -> str:
    """A secret that every process with the token knows, and nobody who only has the secret learns the token from."""
    return hmac.new(token.encode(), DERIVED_FOR, hashlib.sha256).hexdigest()


class Webhook:
    """The route Telegram calls. What it is told never reaches a log."""

    def __init__(self, secret: str, take: Take) -> None:
        self._secret = secret.encode()
        self._take = take

    def route(self) -> Route:
        return Route(PATH, self.called, methods=["POST"])

    async def called(self, request: Request) -> Response:
        """200 and nothing in it once the update is kept: words there would be run as a call of ours."""
        shown = request.headers.get(SECRET_HEADER, "").encode("latin-1")
        if not hmac.compare_digest(shown, self._secret):
            return refused(403)
        if request.headers.get("content-type", "").partition(";")[0].strip().casefold() != JSON:
            return refused(415)
        try:
            update = json_of(await body_of(request))
        except Unfit as unfit:
            return refused(unfit.status)
        return Response() if await self._take(update) else not_now()


def _port_of(netloc: str) -> int | None:
    """The port of an https address; None for one that is no number."""
    given = netloc.rpartition("@")[2].rpartition("]")[2].partition(":")[2]
    if not given:
        return 443
    return int(given) if given.isascii() and given.isdecimal() else None
