"""The sending side of Telegram: posts and edits cards, and reads from a failure what it means."""

from datetime import timedelta

import httpx
import structlog
from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.buckets import Limit, Limits
from bot.courier import SendFailed
from bot.telegram.render import Message, render
from domain.ports import Delivery, Letter, Outcome
from handlers.view import Card

log = structlog.get_logger()
# Below what Telegram lets through (platforms section 2): the bot, one chat, one group.
LIMITS = Limits(
    bot=(Limit(most=25, seconds=1.0), Limit(most=5, seconds=0.2)),
    chat=(Limit(most=3, seconds=3.0),),
    group=(Limit(most=18, seconds=60.0),),
)
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
NOT_MODIFIED = "message is not modified"
# Telegram's words for a message that can no longer be edited, and for a chat that is no more.
GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
DEAD = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "group chat was deactivated",
    "chat_write_forbidden",
)
# Causes that show that the request never left.
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
# A 500 with Telegram's own words did nothing; the gateways' 502 to 504 know no better than we do.
DID_NOTHING = "internal server error"


class Sender:
    """The channel the courier sends through."""

    def __init__(self, bot: Bot, limits: Limits = LIMITS) -> None:
        self.limits = limits
        self._bot = bot

    def is_group(self, chat: str) -> bool:
        return chat.startswith("-")

    async def send(self, letter: Letter, shown: Card) -> str:
        """Posts or edits; Telegram's id of the message. Raises `SendFailed`."""
        message = render(shown, letter.language, letter.token)
        try:
            return await self._attempt(letter, message)
        except SendFailed as failure:
            if failure.outcome is Outcome.DEAD and _target(letter) != letter.to.chat:
                # The person cannot be reached; the room the letter was for lives on.
                raise SendFailed(Outcome.REFUSED, str(failure)) from None
            raise

    async def _attempt(self, letter: Letter, message: Message) -> str:
        try:
            return await self._put(letter, message, marked_up=True)
        except BadRequest as error:
            failure = _refused(error)
            if failure:
                raise failure from error
            log.error("telegram_refused_markup", letter=letter.key, reason=_reason(error))
        except TelegramError as error:
            raise failed(error) from error
        try:
            return await self._put(letter, message, marked_up=False)
        except TelegramError as error:
            raise failed(error) from error

    async def _put(self, letter: Letter, message: Message, *, marked_up: bool) -> str:
        chat = int(_target(letter))
        text = message.html if marked_up else message.plain
        parse_mode = ParseMode.HTML if marked_up else None
        keyboard = InlineKeyboardMarkup.de_json(message.markup, None) if message.markup else None
        if letter.delivery is Delivery.EDIT and letter.edits:
            try:
                await self._bot.edit_message_text(
                    text,
                    chat,
                    int(letter.edits),
                    parse_mode=parse_mode,
                    reply_markup=keyboard,
                    link_preview_options=NO_PREVIEW,
                )
            except BadRequest as error:
                if NOT_MODIFIED not in str(error).casefold():
                    raise
            return letter.edits
        sent = await self._bot.send_message(
            chat, text, parse_mode=parse_mode, reply_markup=keyboard, link_preview_options=NO_PREVIEW
        )
        return str(sent.message_id)


def _target(letter: Letter) -> str:
    """The chat of a letter; what is for one person alone leaves a group for that person's own chat."""
    if letter.delivery is Delivery.PRIVATE and letter.reply_to and letter.to.chat.startswith("-"):
        return letter.reply_to
    return letter.to.chat


def asked_pause(error: RetryAfter) -> float:
    """The seconds Telegram asks us to wait; the library is moving from whole numbers to time spans."""
    pause = error.retry_after
    return pause.total_seconds() if isinstance(pause, timedelta) else float(pause)


def failed(error: TelegramError) -> SendFailed:
    """What a failure means, by its cause (platforms 5.2); most classes of the library descend from each other."""
    match error:
        case RetryAfter():
            return SendFailed(Outcome.NOT_SENT, "too many requests", retry_after=asked_pause(error))
        case ChatMigrated():
            log.warning("telegram_chat_migrated")
            return SendFailed(Outcome.NOT_SENT, "the group has a new number")
        case InvalidToken():
            return SendFailed(Outcome.REVOKED, "the token is refused")
        case Forbidden():
            return SendFailed(Outcome.DEAD, _reason(error))
        case BadRequest():
            return _refused(error) or SendFailed(Outcome.REFUSED, _reason(error))
        case _ if isinstance(error.__cause__, NEVER_LEFT):
            return SendFailed(Outcome.NOT_SENT, "no connection")
        case NetworkError() if DID_NOTHING in str(error).casefold():
            return SendFailed(Outcome.NOT_SENT, "an error of Telegram's")
        case _:
            return SendFailed(Outcome.UNKNOWN, type(error.__cause__ or error).__name__)


def _refused(error: BadRequest) -> SendFailed | None:
    """The refusals that are not our mistake: the message or the chat is no more."""
    said = str(error).casefold()
    if any(words in said for words in GONE):
        return SendFailed(Outcome.REFUSED, _reason(error), gone=True)
    if any(words in said for words in DEAD):
        return SendFailed(Outcome.DEAD, _reason(error))
    return None


def _reason(error: TelegramError) -> str:
    """Telegram's words up to where they may quote ours."""
    return str(error).removeprefix("Forbidden: ").partition(":")[0][:80]
