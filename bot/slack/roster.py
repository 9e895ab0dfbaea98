"""What Slack knows of a person before they are known here: name, language, zone and their direct message."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.channel import code_of
from bot.slack.reading import language_of
from handlers.reading.typed import clean

Json = dict[str, Any]

log = structlog.get_logger()

# Asked before anything is acknowledged, so it may take only a part of Slack's three seconds.
ASK_SECONDS = 1.0
KNOWN_SECONDS, UNKNOWN_SECONDS = 24 * 3600.0, 60.0
MOST = 10_000


@dataclass(slots=True)
class Asked:
    """A question to Slack: one for all who wait for its answer, so that they keep their order."""

    answer: "asyncio.Task[Json]"
    until: float

    @property
    def failed(self) -> bool:
        """Whether it ended without an answer of any kind."""
        return self.answer.done() and (self.answer.cancelled() or self.answer.exception() is not None)


class Roster:
    """Asks once a day and person; without an answer things go on, with less known."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._asked: dict[tuple[str, str], Asked] = {}

    async def known(self, user: str, *, with_dm: bool) -> Json:
        """The person as Slack knows them; `with_dm` also where their direct message is."""
        asked = [self._once("users.info", user)]
        if with_dm:
            asked.append(self._once("conversations.open", user))
        facts: Json = {}
        for known in await asyncio.gather(*asked):
            facts |= known
        return facts

    async def _once(self, method: str, user: str) -> Json:
        now = time.monotonic()
        asked = self._asked.get((method, user))
        if asked is None or asked.until < now or asked.failed:
            if len(self._asked) >= MOST:
                self._asked.clear()
            asked = Asked(asyncio.ensure_future(self._ask(method, user)), now + KNOWN_SECONDS)
            self._asked[method, user] = asked
        known = await asyncio.shield(asked.answer)
        if not known:
            asked.until = min(asked.until, now + UNKNOWN_SECONDS)
        return known

    async def _ask(self, method: str, user: str) -> Json:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                if method == "users.info":
                    return _facts((await self._client.users_info(user=user, include_locale=True))["user"])
                return {"dm": str((await self._client.conversations_open(users=[user]))["channel"]["id"])}
        except SlackApiError as error:
            log.warning("slack_person_unknown", method=method, reason=code_of(error))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("slack_person_unknown", method=method, reason=type(error).__name__)
        except (LookupError, ValueError, TypeError, AttributeError) as error:
            # An answer of another shape than Slack describes.
            log.warning("slack_person_unknown", method=method, reason=type(error).__name__)
        return {}


def _facts(user: Json) -> Json:
    profile = user.get("profile") or {}
    return {
        "name": clean(profile.get("display_name") or user.get("real_name") or user.get("name") or ""),
        "language": language_of(user.get("locale") or ""),
        "zone": user.get("tz"),
    }
