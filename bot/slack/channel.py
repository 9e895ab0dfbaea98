"""The sending side of Slack: letters to chat.* calls, and what each refusal means for the letter."""

import asyncio
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.buckets import Limit, Limits
from bot.courier import SendFailed
from bot.slack import render
from domain.ports import Delivery, Letter, Outcome, Urgency
from handlers.view import Card

Json = dict[str, Any]

CALL_SECONDS, CONNECT_SECONDS, DRAIN_SECONDS = 15.0, 5.0, 5.0
SERVER_ERROR = 500
RETRY_AFTER = 30.0

# What Slack's error codes mean for a letter (platforms 5.2); any other is a bug of ours.
MEANING = {
    Outcome.NOT_SENT: {"ratelimited", "rate_limited", "message_limit_exceeded"},
    Outcome.UNKNOWN: {"internal_error", "fatal_error", "service_unavailable", "request_timeout"},
    Outcome.DEAD: {
        "account_inactive",
        "cannot_dm_bot",
        "channel_not_found",
        "is_archived",
        "not_in_channel",
        "user_disabled",
        "user_not_found",
        "user_not_visible",
    },
    Outcome.REVOKED: {
        "access_denied",
        "invalid_auth",
        "missing_scope",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    },
}
OUTCOMES = {code: outcome for outcome, codes in MEANING.items() for code in codes}
GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
TOO_RICH = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "no_text"}
# Where nothing can be whispered, the answer goes to the person's own chat.
NOT_HERE = {"channel_not_found", "is_archived", "not_in_channel", "user_not_in_channel"}


class SlackChannel:
    """One workspace's bot, as the courier sees it. A message's id is its ts; its chat is the letter's."""

    # About one a second and channel with small bursts, several hundred a minute and workspace (platforms section 3).
    limits = Limits(bot=(Limit(most=200, seconds=60.0),), chat=(Limit(most=3, seconds=3.0),))

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._flying: set[asyncio.Future[Any]] = set()

    def is_group(self, chat: str) -> bool:
        return not chat.startswith("D")

    async def send(self, letter: Letter, shown: Card) -> str:
        """Posts, edits or whispers; the message's ts. Raises `SendFailed`."""
        said: Json = {
            "text": render.text(shown, letter.language),
            "blocks": render.blocks(shown, letter.language, letter.token),
        }
        try:
            try:
                return await self._deliver(letter, said)
            except SlackApiError as error:
                if code_of(error) not in TOO_RICH:
                    raise
                # Our bug; the words at least arrive.
                return await self._deliver(letter, said | {"blocks": []})
        except SlackApiError as error:
            raise await self._failed(error) from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise SendFailed(Outcome.NOT_SENT, type(error).__name__) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise SendFailed(Outcome.UNKNOWN, type(error).__name__) from error

    async def close(self) -> None:
        """Lets the calls in flight finish, then lets go of the connections; later calls open their own."""
        if self._flying:
            await asyncio.wait(set(self._flying), timeout=DRAIN_SECONDS)
        if self._client.session is not None:
            await self._client.session.close()

    async def _deliver(self, letter: Letter, said: Json) -> str:
        chat = letter.to.chat
        if letter.delivery is Delivery.EDIT and letter.edits:
            try:
                return str((await self._call("chat.update", channel=chat, ts=letter.edits, **said))["ts"])
            except SlackApiError as error:
                # An answer is said anew when the message it would have replaced is gone.
                if code_of(error) not in GONE or letter.urgency is not Urgency.ANSWER:
                    raise
        if letter.delivery is Delivery.PRIVATE and letter.reply_to and ":" in letter.reply_to:
            try:
                return await self._whisper(letter.reply_to, said)
            except SlackApiError as error:
                if code_of(error) not in NOT_HERE or self.is_group(chat):
                    raise
        quiet = {"unfurl_links": False, "unfurl_media": False, "mrkdwn": False}
        return str((await self._call("chat.postMessage", channel=chat, **said, **quiet))["ts"])

    async def _whisper(self, reply_to: str, said: Json) -> str:
        channel, user, *thread = reply_to.split(":")
        place = {"channel": channel, "user": user} | ({"thread_ts": thread[0]} if thread else {})
        return str((await self._call("chat.postEphemeral", **place, **said))["message_ts"])

    async def _call(self, method: str, **said: Any) -> Any:
        if self._client.session is None:
            timeout = aiohttp.ClientTimeout(total=CALL_SECONDS, sock_connect=CONNECT_SECONDS)
            self._client.session = aiohttp.ClientSession(timeout=timeout)
        call = asyncio.ensure_future(self._client.api_call(method, json=said))
        self._flying.add(call)
        call.add_done_callback(self._flying.discard)
        return await call

    async def _failed(self, error: SlackApiError) -> SendFailed:
        code, status = code_of(error), status_of(error)
        outcome = OUTCOMES.get(code, Outcome.UNKNOWN if status >= SERVER_ERROR else Outcome.REFUSED)
        if status == 429:
            outcome = Outcome.NOT_SENT
        if code == "account_inactive" and not await self._token_works():
            # Slack says the same of a person who left and of a workspace that removed the bot.
            outcome = Outcome.REVOKED
        retry_after = _retry_after(error) if outcome is Outcome.NOT_SENT else None
        return SendFailed(outcome, code or str(status), retry_after=retry_after, gone=code in GONE)

    async def _token_works(self) -> bool:
        try:
            await self._call("auth.test")
        except SlackApiError:
            return False
        except (aiohttp.ClientError, TimeoutError, OSError):
            return True
        return True


def code_of(error: SlackApiError) -> str:
    """Slack's error code, or "" where the answer was none of Slack's."""
    data = getattr(error.response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    return code if isinstance(code, str) else ""


def status_of(error: SlackApiError) -> int:
    """The HTTP status of the answer."""
    return int(getattr(error.response, "status_code", None) or getattr(error.response, "status", 0) or 0)


def _retry_after(error: SlackApiError) -> float:
    try:
        return float(error.response.headers.get("Retry-After", RETRY_AFTER))
    except (AttributeError, ValueError):
        return RETRY_AFTER
