"""The sending side of Slack: letters to chat.* and views.* calls, and what each refusal means for the letter."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.beside import Bytes
from bot.buckets import Apart, Limit, Limits
from bot.inbound import HOME_MESSAGE
from bot.outcomes import Plainly, SendFailed
from bot.slack import modal, render
from bot.slack.reading import HOME
from bot.slack.uploads import Put, Uploads
from domain.ports import Delivery, Letter, Outcome, Urgency
from handlers.view import Card

Json = dict[str, Any]

log = structlog.get_logger()
CALL_SECONDS, CONNECT_SECONDS, DRAIN_SECONDS = 15.0, 5.0, 5.0
SERVER_ERROR = 500
RETRY_AFTER = 30.0
# A trigger opens a form for three seconds; what is not done by then is said instead.
TRIGGER_SECONDS = 3.0
# How many letters that stopped between their words and their files are remembered.
HALFWAY_MOST = 1000

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

    # About one a second and channel with small bursts, several hundred a minute and workspace; what is no message is
    # counted by method (platforms section 3).
    limits = Limits(
        bot=(Limit(most=200, seconds=60.0),),
        chat=(Limit(most=3, seconds=3.0),),
        apart=(
            Apart(
                fits=lambda letter: letter.to.chat.startswith(HOME),
                limits=Limits(bot=(Limit(most=100, seconds=60.0),), chat=(Limit(most=1, seconds=5.0),)),
            ),
            Apart(
                fits=lambda letter: letter.delivery is Delivery.FORM,
                limits=Limits(bot=(Limit(most=100, seconds=60.0),)),
            ),
            Apart(
                # Said to one person in a channel: a method of its own.
                fits=lambda letter: letter.delivery is Delivery.PRIVATE and ":" in (letter.reply_to or ""),
                limits=Limits(bot=(Limit(most=100, seconds=60.0),), chat=(Limit(most=3, seconds=3.0),)),
            ),
            Apart(
                fits=lambda letter: letter.delivery is Delivery.EDIT,
                limits=Limits(bot=(Limit(most=50, seconds=60.0),)),
            ),
        ),
    )
    menus = False

    def __init__(self, client: AsyncWebClient, bytes_of: Bytes | None = None) -> None:
        self._client = client
        self._uploads = Uploads(client, self._flown, bytes_of)
        # The message of a letter whose files are still to be shown.
        self._halfway: dict[str, str] = {}
        self._flying: set[asyncio.Future[Any]] = set()
        self._revoked = False

    def is_group(self, chat: str) -> bool:
        return not chat.startswith(("D", HOME))

    def revoke(self) -> None:
        """The workspace took our rights away: nothing is sent until Slack says that they are back."""
        if not self._revoked:
            log.error("slack_revoked")
        self._revoked = True

    async def send(self, letter: Letter, shown: Card) -> str:
        """Posts, edits, whispers, opens a form or shows a home; the message's ts. Raises `SendFailed`."""
        if self._revoked and not await self._token_works():
            raise SendFailed(Outcome.REVOKED, "revoked", proof=self._is_taken)
        self._revoked = False
        try:
            # A home shows no files, and a card that is brought up to date keeps those beside it.
            beside = letter.urgency is not Urgency.EDIT and not letter.to.chat.startswith(HOME)
            if shown.attachments and beside:
                return await self._with_files(letter, shown)
            return await self._say(letter, shown.without_charts())
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

    async def _say(self, letter: Letter, shown: Card) -> str:
        said: Json = {
            "text": render.text(shown, letter.language),
            "blocks": render.blocks(shown, letter.language, letter.token),
        }
        try:
            return await self._deliver(letter, shown, said)
        except SlackApiError as error:
            refused = code_of(error)
            if refused not in TOO_RICH:
                raise
        # Our bug; the words at least arrive.
        log.error("slack_refused_blocks", letter=letter.key, reason=refused)
        return Plainly(await self._deliver(letter, shown, said | {"blocks": []}), refused)

    async def _with_files(self, letter: Letter, shown: Card) -> str:
        """The words with the files, or before them where there are buttons; always new messages."""
        new = (
            replace(letter, delivery=Delivery.POST, edits=None)
            if letter.delivery is Delivery.EDIT
            else letter
        )
        files = await self._uploads.put(letter, shown)
        if not files:
            # What is not drawn is not spoken of: the words say the same.
            return self._halfway.pop(letter.key, None) or await self._say(new, shown.without_charts())
        words = shown.without_attachments()
        if letter.delivery is Delivery.POST and not shown.rows and not shown.key and words.blocks:
            await self._show(letter.to.chat, files, render.text(words, letter.language))
            return ""
        message = self._halfway.get(letter.key)
        if message is None:
            message = await self._say(new, words)
            if len(self._halfway) >= HALFWAY_MOST:
                self._halfway.clear()
            # What is tried again goes on where it stopped.
            self._halfway[letter.key] = message
        # What one person alone is to see goes to their own chat: no file can be whispered.
        await self._show(letter.to.chat, files, None)
        self._halfway.pop(letter.key, None)
        return message

    async def _show(self, chat: str, files: list[Put], comment: str | None) -> None:
        if chat.startswith(("U", "W")):
            # A person: files are shown in channels only.
            chat = str((await self._call("conversations.open", users=chat))["channel"]["id"])
        await self._uploads.show(chat, files, comment)

    async def _deliver(self, letter: Letter, shown: Card, said: Json) -> str:
        chat = letter.to.chat
        if chat.startswith(HOME):
            return await self._publish(letter, shown)
        if letter.delivery is Delivery.FORM and await self._opens(letter, shown):
            return ""
        if letter.delivery is Delivery.EDIT and letter.edits:
            try:
                return str((await self._call("chat.update", channel=chat, ts=letter.edits, **said))["ts"])
            except SlackApiError as error:
                # An answer is said anew when the message it would have replaced is gone.
                if code_of(error) not in GONE or letter.urgency is not Urgency.ANSWER:
                    raise
        alone = letter.delivery in (Delivery.PRIVATE, Delivery.FORM)
        if alone and letter.reply_to and ":" in letter.reply_to:
            try:
                return await self._whisper(letter.reply_to, said)
            except SlackApiError as error:
                if code_of(error) not in NOT_HERE or self.is_group(chat):
                    raise
        quiet = {"unfurl_links": False, "unfurl_media": False, "mrkdwn": False}
        return str((await self._call("chat.postMessage", channel=chat, **said, **quiet))["ts"])

    async def _publish(self, letter: Letter, shown: Card) -> str:
        view = render.home(shown, letter.language, letter.token)
        await self._call("views.publish", user_id=letter.to.chat.removeprefix(HOME), view=view)
        return HOME_MESSAGE

    async def _opens(self, letter: Letter, shown: Card) -> bool:
        """Opens the form while its trigger lives. Whatever stands in the way, the message with its button does not."""
        if not (shown.form and letter.token and letter.form_trigger):
            return False
        view = modal.view(shown, letter.language, letter.token)
        try:
            async with asyncio.timeout(TRIGGER_SECONDS):
                await self._call("views.open", trigger_id=letter.form_trigger, view=view)
        except SlackApiError as error:
            log.info("slack_form_not_opened", reason=code_of(error) or str(status_of(error)))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.info("slack_form_not_opened", reason=type(error).__name__)
        else:
            return True
        return False

    async def _whisper(self, reply_to: str, said: Json) -> str:
        channel, user, *thread = reply_to.split(":")
        place = {"channel": channel, "user": user} | ({"thread_ts": thread[0]} if thread else {})
        return str((await self._call("chat.postEphemeral", **place, **said))["message_ts"])

    async def _call(self, method: str, **said: Any) -> Any:
        return await self._flown(lambda: self._client.api_call(method, json=said))

    async def _flown(self, made: Callable[[], Awaitable[Any]]) -> Any:
        if self._client.session is None:
            timeout = aiohttp.ClientTimeout(total=CALL_SECONDS, sock_connect=CONNECT_SECONDS)
            self._client.session = aiohttp.ClientSession(timeout=timeout)
        call = asyncio.ensure_future(made())
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
        if outcome is Outcome.REVOKED:
            self.revoke()
        return SendFailed(
            outcome,
            code or str(status),
            retry_after=retry_after,
            gone=code in GONE,
            proof=self._is_taken if outcome is Outcome.REVOKED else None,
        )

    async def _is_taken(self) -> bool:
        """Whether Slack takes the token again; a workspace that cannot be reached has not said so."""
        try:
            await self._call("auth.test")
        except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError):
            return False
        self._revoked = False
        return True

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
