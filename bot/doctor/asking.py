"""Asks the platforms as the bot would, each in its time, and notes how far their clocks are from this machine's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from bot.clock import Clock

ANSWER_SECONDS = 4.0


class Unanswered(Exception):
    """No answer came; the message says why, without the address."""


class SomebodyElse(Unanswered):
    """An answer came, but not from the platform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A platform's JSON with its headers; a refusal is an answer too."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def is_ok(self) -> bool:
        return self.body.get("ok") is True

    @property
    def error(self) -> str:
        """The platform's word for its refusal."""
        return str(self.body.get("error") or self.body.get("description") or "")


@dataclass(slots=True)
class Asking:
    """One round of questions; `skews` is this machine's clock minus the platform's, in seconds."""

    clock: Clock
    skews: dict[str, float] = field(default_factory=dict)

    async def ask(self, platform: str, url: str, token: str = "") -> Answer:
        """The answer to one call. Raises `Unanswered`."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            async with httpx.AsyncClient(timeout=ANSWER_SECONDS, headers=headers) as client:
                response = await client.post(url)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise Unanswered("no connection") from None
        except httpx.TimeoutException:
            raise Unanswered("no answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unanswered(type(error).__name__) from None
        try:
            body = response.json()
        except ValueError:
            body = None
        if not isinstance(body, dict) or "ok" not in body:
            raise SomebodyElse(f"what answers there is not {platform} (HTTP {response.status_code})")
        self._note(platform, response.headers.get("date", ""))
        return Answer(body=body, headers=response.headers)

    def _note(self, platform: str, said: str) -> None:
        try:
            told = parsedate_to_datetime(said)
        except ValueError:
            return
        if told.tzinfo is not None:
            self.skews[platform] = (self.clock.now() - told).total_seconds()
