"""The sending side of Telegram: posts and edits cards, and reads from a failure what it means."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import structlog
from telegram import Bot, BotCommand, BotCommandScopeChat, InputFile
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.beside import Beside, Bytes, beside
from bot.buckets import Limit, Limits
from bot.outcomes import Plainly, SendFailed, WayIn
from bot.telegram.render import Message, render, units
from domain.files import PICTURES, FileKind, sniffed
from domain.ports import Delivery, Letter, Outcome, Urgency
from handlers.view import Card, card, t
from handlers.words import catalogue

log = structlog.get_logger()
# Below what Telegram lets through (platforms section 2): the bot, one chat, one group.
LIMITS = Limits(
    # Five at once at most; what one wake-up was late the next may make good, within the 25.
    bot=(Limit(most=25, seconds=1.0), Limit(most=5, seconds=0.16)),
    chat=(Limit(most=3, seconds=3.0),),
    group=(Limit(most=18, seconds=60.0),),
    # Telegram's 429 does not say whether it means the chat or the bot.
    by_chat=True,
)
PLAIN: dict[str, Any] = {"link_preview_options": {"is_disabled": True}}
# Telegram reads a method's name in any case. Under its own spelling the library would read the whole message that
# comes back into objects, a third of what an answer costs, for the one number we want.
SEND, EDIT = "SendMessage", "EditMessageText"
SEND_PHOTO, SEND_DOCUMENT, EDIT_CAPTION = "SendPhoto", "SendDocument", "EditMessageCaption"
# A caption is short, counted as Telegram does, and a photo small; anything else is a document.
CAPTION_MOST, PHOTO_MOST = 1024, 10_000_000
# Telegram's words for a message that is a picture or a file: what it says cannot become a card.
HAS_NO_TEXT = "there is no text in the message to edit"
# How many letters that stopped between their words and their files are remembered.
HALFWAY_MOST = 1000
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
# Telegram's words for a topic that takes nothing any more; the group around it does.
NO_TOPIC = ("message thread not found", "topic_deleted", "topic_closed")
# Causes that show that the request never left.
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
# A 500 with Telegram's own words did nothing; the gateways' 502 to 504 know no better than we do.
DID_NOTHING = "internal server error"


class Sender:
    """The channel the courier sends through."""

    menus = True

    def __init__(self, bot: Bot, limits: Limits = LIMITS, bytes_of: Bytes | None = None) -> None:
        self.limits = limits
        self._bot = bot
        self._bytes_of = bytes_of
        # What left of a letter before one of its files failed: its message, and how many files.
        self._halfway: dict[str, tuple[str, int]] = {}

    def is_group(self, chat: str) -> bool:
        return chat.startswith("-")

    async def send(self, letter: Letter, shown: Card) -> str:
        """Posts or edits; Telegram's id of the message. Raises `SendFailed`."""
        if letter.delivery is Delivery.MENU:
            return await self._set_menu(letter, shown)
        try:
            # A card that is brought up to date keeps what it shows: only its words are edited.
            new = letter.urgency is not Urgency.EDIT
            if new and shown.attachments and (files := await beside(letter, shown, self._bytes_of)):
                return await self._send_files(letter, shown, files)
            # What is not drawn is not spoken of: the words say the same.
            return await self._attempt(letter, render(shown.without_charts(), letter.language, letter.token))
        except SendFailed as failure:
            if failure.outcome is Outcome.DEAD and letter.delivery is Delivery.PRIVATE and letter.reply_to:
                # A bot may not write first: the room says where to begin.
                shown = card(t("room.write_first", link=self._bot.link))
                failure.way_in = WayIn(room=letter.reply_to, shown=shown)
            raise

    async def _set_menu(self, letter: Letter, shown: Card) -> str:
        """The commands of the card become the menu of a person's chat; without any it is everybody's again."""
        scope = BotCommandScopeChat(int(letter.to.chat))
        commands = [
            BotCommand(button.command.removeprefix("/"), catalogue().say(button.label, letter.language))
            for row in shown.rows
            for button in row
        ]
        try:
            if commands:
                await self._bot.set_my_commands(commands, scope=scope)
            else:
                await self._bot.delete_my_commands(scope=scope)
        except TelegramError as error:
            failure = self._failed(error, "")
            if failure.outcome is Outcome.DEAD:
                # Whether the chat takes messages is for messages to find out.
                raise SendFailed(Outcome.REFUSED, str(failure)) from error
            raise failure from error
        return ""

    async def _send_files(self, letter: Letter, shown: Card, files: Sequence[Beside]) -> str:
        """The words as the first file's caption where they fit, else before the files; always new messages."""
        new = (
            replace(letter, delivery=Delivery.POST, edits=None)
            if letter.delivery is Delivery.EDIT
            else letter
        )
        words = render(shown.without_attachments(), letter.language, letter.token)
        message, done = self._halfway.get(letter.key, ("", 0))
        if not message and units(words.plain) > CAPTION_MOST:
            message = await self._attempt(new, words)
            self._note(letter.key, message, 0)
        for each in files[done:]:
            sent = await self._put_file(new, each, None if message else words)
            message, done = message or sent, done + 1
            self._note(letter.key, message, done)
        self._halfway.pop(letter.key, None)
        return message

    def _note(self, key: str, message: str, done: int) -> None:
        """A letter that is tried again goes on where it stopped."""
        if len(self._halfway) >= HALFWAY_MOST:
            self._halfway.clear()
        self._halfway[key] = (message, done)

    async def _put_file(self, letter: Letter, file: Beside, words: Message | None) -> str:
        """One file; a picture that Telegram does not take as a photo, and words whose markup it refuses, go plain."""
        is_photo = (
            file.kind is FileKind.PHOTO
            and len(file.content) <= PHOTO_MOST
            and sniffed(file.content, file.name) in PICTURES
        )
        ways = [(SEND_PHOTO, "photo", True)] if is_photo else []
        ways += [(SEND_DOCUMENT, "document", True), (SEND_DOCUMENT, "document", False)]
        last: BadRequest | None = None
        for method, part, marked_up in ways:
            asked: dict[str, Any] = {part: InputFile(file.content, filename=file.name or None)}
            if words:
                asked |= {
                    "caption": words.html if marked_up else words.plain,
                    "parse_mode": ParseMode.HTML if marked_up else None,
                    "reply_markup": words.markup,
                }
            try:
                sent: dict[str, Any] = await self._bot.do_api_request(
                    method, {**asked, **_place(letter.to.chat)}
                )
            except BadRequest as error:
                if failure := _refused(error, letter.to.chat):
                    raise failure from error
                log.error("telegram_refused_file", letter=letter.key, reason=_reason(error))
                last = error
            except TelegramError as error:
                raise self._failed(error, letter.to.chat) from error
            else:
                message = str(sent["message_id"])
                return message if last is None else Plainly(message, _reason(last))
        raise failed(last or BadRequest("no way is left"), letter.to.chat)

    async def _attempt(self, letter: Letter, message: Message) -> str:
        try:
            return await self._put(letter, message, marked_up=True)
        except BadRequest as error:
            failure = _refused(error, letter.to.chat)
            if failure:
                raise failure from error
            refused = _reason(error)
            log.error("telegram_refused_markup", letter=letter.key, reason=refused)
        except TelegramError as error:
            raise self._failed(error, letter.to.chat) from error
        try:
            return Plainly(await self._put(letter, message, marked_up=False), refused)
        except TelegramError as error:
            raise self._failed(error, letter.to.chat) from error

    def _failed(self, error: TelegramError, chat: str) -> SendFailed:
        failure = failed(error, chat)
        if failure.outcome is Outcome.REVOKED:
            failure.proof = self._is_taken
        return failure

    async def _is_taken(self) -> bool:
        """Whether Telegram takes the token again."""
        try:
            await self._bot.get_me()
        except TelegramError:
            return False
        return True

    async def _put(self, letter: Letter, message: Message, *, marked_up: bool) -> str:
        asked = {
            **PLAIN,
            "text": message.html if marked_up else message.plain,
            "parse_mode": ParseMode.HTML if marked_up else None,
            "reply_markup": message.markup,
        }
        place = _place(letter.to.chat)
        if letter.delivery is Delivery.EDIT and letter.edits:
            message_id, chat = int(letter.edits), place["chat_id"]
            try:
                await self._bot.do_api_request(EDIT, {**asked, "chat_id": chat, "message_id": message_id})
            except BadRequest as error:
                if HAS_NO_TEXT in str(error).casefold():
                    return await self._under_a_file(letter, message, asked, place)
                if NOT_MODIFIED not in str(error).casefold():
                    raise
            return letter.edits
        return await self._post(asked, place)

    async def _under_a_file(
        self, letter: Letter, message: Message, asked: dict[str, Any], place: dict[str, int]
    ) -> str:
        """The message is a picture or a file: an answer comes as a new one, an edit by ourselves changes its caption."""
        if letter.urgency is not Urgency.EDIT or not letter.edits or units(message.plain) > CAPTION_MOST:
            return await self._post(asked, place)
        caption = {
            "caption": asked["text"],
            "parse_mode": asked["parse_mode"],
            "reply_markup": message.markup,
        }
        try:
            await self._bot.do_api_request(
                EDIT_CAPTION,
                {**caption, "chat_id": place["chat_id"], "message_id": int(letter.edits)},
            )
        except BadRequest as error:
            if NOT_MODIFIED not in str(error).casefold():
                raise
        return letter.edits

    async def _post(self, asked: dict[str, Any], place: dict[str, int]) -> str:
        sent: dict[str, Any] = await self._bot.do_api_request(SEND, {**asked, **place})
        return str(sent["message_id"])


def _place(chat: str) -> dict[str, int]:
    """Where a message is posted; a place in a forum is "chat/topic"."""
    number, _, topic = chat.partition("/")
    return {"chat_id": int(number), **({"message_thread_id": int(topic)} if topic else {})}


def asked_pause(error: RetryAfter) -> float:
    """The seconds Telegram asks us to wait; the library is moving from whole numbers to time spans."""
    pause = error.retry_after
    return pause.total_seconds() if isinstance(pause, timedelta) else float(pause)


def failed(error: TelegramError, chat: str = "") -> SendFailed:
    """What a failure of a call to `chat` means, by its cause (platforms 5.2).

    Most classes of the library descend from each other.
    """
    match error:
        case RetryAfter():
            return SendFailed(Outcome.NOT_SENT, "too many requests", retry_after=asked_pause(error))
        case ChatMigrated():
            return SendFailed(Outcome.NOT_SENT, "the group has a new number", moved_to=str(error.new_chat_id))
        case InvalidToken() | EndPointNotFound():
            # The library's name for it when the request was bare.
            return SendFailed(Outcome.REVOKED, "the token is refused")
        case Forbidden():
            return SendFailed(Outcome.DEAD, _reason(error))
        case BadRequest():
            return _refused(error, chat) or SendFailed(Outcome.REFUSED, _reason(error))
        case _ if isinstance(error.__cause__, NEVER_LEFT):
            return SendFailed(Outcome.NOT_SENT, "no connection")
        case NetworkError() if DID_NOTHING in str(error).casefold():
            return SendFailed(Outcome.NOT_SENT, "an error of Telegram's")
        case _:
            return SendFailed(Outcome.UNKNOWN, type(error.__cause__ or error).__name__)


def _refused(error: BadRequest, chat: str) -> SendFailed | None:
    """The refusals that are not our mistake: the message, the topic or the chat is no more."""
    said = str(error).casefold()
    if "/" in chat and any(words in said for words in NO_TOPIC):
        return SendFailed(Outcome.DEAD, _reason(error), lost_topic=True)
    if any(words in said for words in GONE):
        return SendFailed(Outcome.REFUSED, _reason(error), gone=True)
    if any(words in said for words in DEAD):
        return SendFailed(Outcome.DEAD, _reason(error))
    return None


def _reason(error: TelegramError) -> str:
    """Telegram's words up to where they may quote ours."""
    return str(error).removeprefix("Forbidden: ").partition(":")[0][:80]
