"""The fakes stand trial: the official libraries talk to them, and they refuse what the platforms refuse."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from aiohttp import ClientError, ClientSession, web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, NetworkError, RetryAfter
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes

from tests.support.payloads import slack_problems, telegram_problems
from tests.support.slack_server import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, SlackServer
from tests.support.slack_web_api import BOT_USER_ID, SlackMessage
from tests.support.telegram_bot_api import StoredMessage
from tests.support.telegram_server import TOKEN, TelegramServer

Json = dict[str, Any]
ANN = 7
GROUP = -100200300


def in_loop(scenario: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(scenario, 20))


# ---------------------------------------------------------------------- Telegram


@asynccontextmanager
async def telegram_bot(server: TelegramServer) -> AsyncIterator[Bot]:
    async with Bot(TOKEN, base_url=f"{server.root}/bot", base_file_url=f"{server.root}/file/bot") as bot:
        yield bot


async def visit(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    name = " ".join(context.args or [])
    advance = InlineKeyboardMarkup([[InlineKeyboardButton("Advance deal", callback_data=f"adv:{name}")]])
    assert update.effective_message is not None
    await update.effective_message.reply_html(f"Visit to <b>{name}</b> logged.", reply_markup=advance)


async def clicked(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    assert query is not None and query.data is not None
    await query.answer("ok")
    await query.edit_message_text(f"Deal {query.data[4:]} advanced.")


def coach(server: TelegramServer) -> Application[Any, Any, Any, Any, Any, Any]:
    builder = Application.builder().token(TOKEN).base_url(f"{server.root}/bot")
    application = builder.base_file_url(f"{server.root}/file/bot").build()
    application.add_handler(CommandHandler("visit", visit))
    application.add_handler(CallbackQueryHandler(clicked, pattern="^adv:"))
    return application


async def visit_and_click(server: TelegramServer) -> None:
    server.user_sends(ANN, "/visit Acme", name="Ann")
    [message] = await server.until(lambda: server.messages(ANN))
    assert message.text == "Visit to Acme logged."
    assert message.entities == [{"type": "bold", "offset": 9, "length": 4}]
    assert message.labels == ["Advance deal"]

    server.user_clicks(ANN, message.message_id, "Advance deal")
    await server.until(lambda: message.history)
    assert (message.text, message.labels) == ("Deal Acme advanced.", [])
    assert [answer["text"] for answer in server.api.answers.values()] == ["ok"]
    assert server.illegal == []


def test_telegram_flow_by_polling() -> None:
    async def scenario() -> None:
        async with TelegramServer() as server, coach(server) as application:
            assert application.updater is not None
            await application.updater.start_polling(timeout=10)
            await application.start()
            await visit_and_click(server)
            await application.updater.stop()
            await application.stop()
            assert server.pending_updates() == 0

    in_loop(scenario())


def test_telegram_flow_by_webhook_with_failures_on_the_way() -> None:
    async def scenario() -> None:
        async with TelegramServer() as server, coach(server) as application:
            refusals = [503, 500]

            async def hook(request: web.Request) -> web.Response:
                assert request.headers["X-Telegram-Bot-Api-Secret-Token"] == "s3cret"
                if refusals:
                    return web.Response(status=refusals.pop())
                await application.update_queue.put(Update.de_json(await request.json(), application.bot))
                return web.Response()

            async with listening(hook) as url:
                await application.start()
                await application.bot.set_webhook(server.behind_tls(url), secret_token="s3cret")
                await visit_and_click(server)
                await server.until(lambda: server.pending_updates() == 0)
                assert (await application.bot.get_webhook_info()).last_error_message
                with pytest.raises(Conflict, match="webhook is active"):
                    await application.bot.get_updates()
                await application.stop()

    in_loop(scenario())


def test_a_deleted_webhook_gives_its_updates_back() -> None:
    async def scenario() -> None:
        async def hook(request: web.Request) -> web.Response:
            return web.Response(status=503, headers={"Retry-After": "3600"})

        async with TelegramServer() as server, telegram_bot(server) as bot, listening(hook) as url:
            await bot.set_webhook(server.behind_tls(url))
            server.user_sends(ANN, "hello")
            await server.until(lambda: server._webhook and server._webhook.errors)
            await bot.delete_webhook()
            [update] = await bot.get_updates()
            assert update.message is not None and update.message.text == "hello"

    in_loop(scenario())


def test_a_webhook_answer_may_be_a_call() -> None:
    async def scenario() -> None:
        async def hook(request: web.Request) -> web.Response:
            return web.json_response({"method": "sendMessage", "chat_id": ANN, "text": "in the reply"})

        async with TelegramServer() as server, telegram_bot(server) as bot, listening(hook) as url:
            await bot.set_webhook(server.behind_tls(url))
            server.user_sends(ANN, "hello")
            [message] = await server.until(lambda: server.messages(ANN))
            assert message.text == "in the reply"

    in_loop(scenario())


@asynccontextmanager
async def listening(handler: Any) -> AsyncIterator[str]:
    """A loopback URL that posts to `handler`."""
    application = web.Application()
    application.add_routes([web.post("/hook", handler)])
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


def test_updates_are_repeated_until_confirmed() -> None:
    async def scenario() -> None:
        async with TelegramServer() as server, telegram_bot(server) as bot:
            first, second = server.user_sends(ANN, "one"), server.user_sends(ANN, "two")
            assert [update.update_id for update in await bot.get_updates()] == [first, second]
            assert [update.update_id for update in await bot.get_updates()] == [first, second]
            assert [update.update_id for update in await bot.get_updates(offset=second)] == [second]
            assert await bot.get_updates(offset=second + 1) == ()
            assert server.pending_updates() == 0

    in_loop(scenario())


def test_ids_may_repeat_jump_and_fall() -> None:
    async def scenario() -> None:
        async with TelegramServer() as server, telegram_bot(server) as bot:
            seen: list[int] = []
            for update_id in (500, 500, 503, 17, 18):
                server.push_raw({"update_id": update_id})
                for update in await bot.get_updates(offset=seen[-1] + 1 if seen else 0):
                    seen.append(update.update_id)
            assert seen == [500, 500, 503, 17, 18]
            await bot.get_updates(offset=19)
            assert server.pending_updates() == 0

    in_loop(scenario())


def test_a_batch_out_of_order_is_confirmed_as_delivered() -> None:
    async def scenario() -> None:
        async with TelegramServer() as server, telegram_bot(server) as bot:
            for update_id in (900, 901, 17):
                server.push_raw({"update_id": update_id})
            assert len(await bot.get_updates()) == 3
            server.push_raw({"update_id": 18})
            assert [update.update_id for update in await bot.get_updates(offset=18)] == [18]

    in_loop(scenario())


def test_allowed_updates_persist_and_touch_only_what_comes_later() -> None:
    async def scenario() -> None:
        async with TelegramServer() as server, telegram_bot(server) as bot:
            blocked = server.block(ANN)
            assert len(await bot.get_updates(allowed_updates=["message"])) == 1
            server.block(ANN + 1)
            server.user_sends(ANN + 2, "hello")
            [update] = await bot.get_updates(offset=blocked + 1)
            assert update.message is not None

    in_loop(scenario())


def test_the_second_poller_ends_the_first_with_409() -> None:
    async def scenario() -> None:
        async with TelegramServer() as server, telegram_bot(server) as one, telegram_bot(server) as other:
            waiting = asyncio.create_task(one.get_updates(timeout=30))
            await server.until(lambda: server.calls_of("getUpdates"))
            assert await other.get_updates() == ()
            with pytest.raises(Conflict, match="only one bot instance"):
                await waiting

    in_loop(scenario())


def test_twenty_thousand_updates_are_served_in_hundreds() -> None:
    async def scenario() -> None:
        async with TelegramServer() as server, ClientSession() as session:
            for number in range(20_000):
                server.push_raw({"update_id": number + 1})
            taken, offset = 0, 0
            while True:
                url = f"{server.root}/bot{TOKEN}/getUpdates"
                async with session.post(url, json={"offset": offset, "limit": 100}) as response:
                    batch = (await response.json())["result"]
                if not batch:
                    break
                assert len(batch) == 100
                taken, offset = taken + len(batch), batch[-1]["update_id"] + 1
            assert taken == 20_000

    in_loop(scenario())


@pytest.mark.filterwarnings("ignore:Deprecated since version v22.2")
def test_planned_telegram_faults() -> None:
    async def scenario() -> None:
        async with TelegramServer() as server, telegram_bot(server) as bot:
            server.open_private(ANN)
            server.fault("sendMessage", 1, code=429, retry_after=3)
            with pytest.raises(RetryAfter) as pause:
                await bot.send_message(ANN, "a")
            assert pause.value._retry_after.total_seconds() == 3

            server.fault("sendMessage", 1, code=502)
            with pytest.raises(NetworkError, match="Bad Gateway"):
                await bot.send_message(ANN, "b")

            server.fault("sendMessage", 1, drop=True)
            with pytest.raises(NetworkError):
                await bot.send_message(ANN, "c")
            assert server.messages(ANN) == []

            server.fault("sendMessage", 1, accept_then_drop=True)
            with pytest.raises(NetworkError):
                await bot.send_message(ANN, "d")
            assert [message.text for message in server.messages(ANN)] == ["d"]

            server.fault("sendMessage", 1, code=500, every=2, when=lambda params: params["chat_id"] == ANN)
            await bot.send_message(ANN, "e")
            with pytest.raises(NetworkError):
                await bot.send_message(ANN, "f")
            await bot.send_message(ANN, "g")
            outcomes = [call.outcome for call in server.calls_of("sendMessage")]
            assert outcomes == [
                "fault 429",
                "fault 502",
                "dropped",
                "ok, then dropped",
                "ok",
                "fault 500",
                "ok",
            ]

    in_loop(scenario())


def test_telegram_refuses_in_its_own_words() -> None:
    async def scenario() -> None:
        async with TelegramServer() as server, telegram_bot(server) as bot:
            with pytest.raises(BadRequest, match="Chat not found"):
                await bot.send_message(ANN, "hello")
            server.user_sends(ANN, "hi")
            mine = await bot.send_message(ANN, "hello")
            with pytest.raises(BadRequest, match="Message is not modified"):
                await bot.edit_message_text("hello", ANN, mine.message_id)
            with pytest.raises(BadRequest, match="Message to edit not found"):
                await bot.edit_message_text("hello", ANN, 4711)
            with pytest.raises(BadRequest, match="Query is too old"):
                await bot.answer_callback_query("1")
            server.block(ANN)
            with pytest.raises(Forbidden, match="blocked by the user"):
                await bot.send_message(ANN, "hello?")
            server.user_sends(ANN, "/start")
            assert await bot.delete_message(ANN, mine.message_id)
            server.upgrade_group(-55, GROUP, by=ANN)
            with pytest.raises(ChatMigrated) as moved:
                await bot.send_message(-55, "hello")
            assert moved.value.new_chat_id == GROUP
            assert (server.messages(ANN), server.illegal) == ([], [])

    in_loop(scenario())


def keyboard(*rows: list[Json], **stray: Any) -> Json:
    return {"chat_id": ANN, "text": "x", "reply_markup": {"inline_keyboard": list(rows), **stray}}


def commands(*listed: Json) -> Json:
    return {"commands": list(listed)}


BUTTON: Json = {"text": "Go", "callback_data": "go"}
ILLEGAL_FOR_TELEGRAM: dict[str, tuple[str, Json, str]] = {
    "tag left open": ("sendMessage", {"text": "<b>x", "parse_mode": "HTML"}, "can't parse entities"),
    "tag of the web": ("sendMessage", {"text": "<p>x</p>", "parse_mode": "HTML"}, "Unsupported start tag"),
    "bare less-than": ("sendMessage", {"text": "3 < 4", "parse_mode": "HTML"}, "can't parse entities"),
    "no text": ("sendMessage", {"text": "<b> </b>", "parse_mode": "HTML"}, "message text is empty"),
    "4097 units": ("sendMessage", {"text": "\N{PARTY POPPER}" * 2048 + "x"}, "message is too long"),
    "surrogate": ("sendMessage", {"text": "\ud83d"}, "UTF-8"),
    "parse mode": ("sendMessage", {"text": "x", "parse_mode": "rst"}, "unsupported parse_mode"),
    "caption": ("sendPhoto", {"photo": "F1", "caption": "x" * 1025}, "caption is too long"),
    "misspelt": ("sendMessage", {"text": "x", "replymarkup": {}}, "unknown parameter replymarkup"),
    "entity outside": (
        "sendMessage",
        {"text": "x", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
        "beyond the text",
    ),
    "101 entities": ("sendMessage", {"text": "<b>x</b> " * 101, "parse_mode": "HTML"}, "100 entities"),
    "65 bytes": (
        "sendMessage",
        keyboard([{**BUTTON, "callback_data": "\u5ba2" * 22}]),
        "BUTTON_DATA_INVALID",
    ),
    "empty data": ("sendMessage", keyboard([{**BUTTON, "callback_data": ""}]), "BUTTON_DATA_INVALID"),
    "no action": ("sendMessage", keyboard([{"text": "Go"}]), "Text buttons are unallowed"),
    "two actions": ("sendMessage", keyboard([{**BUTTON, "url": "https://x.y"}]), "several actions"),
    "bad url": ("sendMessage", keyboard([{"text": "Go", "url": "x y"}]), "BUTTON_URL_INVALID"),
    "stray key": ("sendMessage", keyboard([{**BUTTON, "colour": "red"}]), "unknown keys in button"),
    "stray markup key": ("sendMessage", keyboard([BUTTON], rows=1), "unknown keys in reply_markup"),
    "9 in a row": ("sendMessage", keyboard([BUTTON] * 9), "more than 8"),
    "101 buttons": ("sendMessage", keyboard(*[[BUTTON]] * 101), "too long"),
    "not a markup": ("sendMessage", {"text": "x", "reply_markup": {"buttons": []}}, "unknown reply markup"),
    "answer": ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "MESSAGE_TOO_LONG"),
    "capitals": ("setMyCommands", commands({"command": "Visit", "description": "x"}), "BOT_COMMAND_INVALID"),
    "undescribed": (
        "setMyCommands",
        commands({"command": "visit", "description": ""}),
        "BOT_COMMAND_DESCRIPTION_INVALID",
    ),
    "101 commands": (
        "setMyCommands",
        commands(*[{"command": f"c{n}", "description": "x"} for n in range(101)]),
        "BOT_COMMANDS_TOO_MUCH",
    ),
    "scope": ("setMyCommands", {"commands": [], "scope": {"type": "moon"}}, "BotCommandScope"),
    "language": ("setMyCommands", {"commands": [], "language_code": "zh-CN"}, "invalid language code"),
    "description": ("setMyShortDescription", {"short_description": "x" * 121}, "BOT_ABOUT_INVALID"),
}


@pytest.mark.parametrize("name", ILLEGAL_FOR_TELEGRAM)
def test_a_payload_illegal_for_telegram(name: str) -> None:
    method, params, complaint = ILLEGAL_FOR_TELEGRAM[name]
    problems = telegram_problems(method, params)
    assert any(complaint in problem for problem in problems), problems


def test_telegram_refuses_and_records_every_illegal_payload() -> None:
    async def scenario() -> None:
        async with TelegramServer() as server, ClientSession() as session:
            server.open_private(ANN)
            for method, params, _ in ILLEGAL_FOR_TELEGRAM.values():
                given = {"chat_id": ANN} | params if method.startswith("send") else params
                async with session.post(f"{server.root}/bot{TOKEN}/{method}", json=given) as response:
                    assert response.status == 400
            asked = [method for method, _, _ in ILLEGAL_FOR_TELEGRAM.values()]
            assert [illegal.method for illegal in server.illegal] == asked
            assert server.messages(ANN) == []

    in_loop(scenario())


def test_legal_telegram_payloads_have_no_problems() -> None:
    text = "R&amp;D <b>\u5ba2\u6237</b> " + "<i>x</i>" * 50 + '<a href="https://x.y">z</a>'
    assert telegram_problems("sendMessage", {"chat_id": ANN, "text": text, "parse_mode": "HTML"}) == []
    assert telegram_problems("sendMessage", {"text": "<b>" + "x" * 4096 + "</b>", "parse_mode": "HTML"}) == []
    assert telegram_problems("sendMessage", keyboard([{**BUTTON, "callback_data": "x" * 64}])) == []
    assert telegram_problems("sendMessage", keyboard(*[[BUTTON] * 8] * 12)) == []
    assert telegram_problems("setMyCommands", commands({"command": "visit", "description": "x"})) == []


def test_commands_profile_files_and_the_rest() -> None:
    async def scenario() -> None:
        async with TelegramServer() as server, telegram_bot(server) as bot:
            await bot.set_my_commands([BotCommand("visit", "Log a visit")], language_code="en")
            assert await bot.get_my_commands() == ()
            assert (await bot.get_my_commands(language_code="en"))[0].command == "visit"
            await bot.delete_my_commands(language_code="en")
            assert await bot.get_my_commands(language_code="en") == ()
            await bot.set_my_short_description("A coach")
            assert (await bot.get_my_short_description()).short_description == "A coach"

            server.open_private(ANN)
            photo = await bot.send_photo(ANN, b"\xff\xd8\xff", caption="<b>Pace</b>", parse_mode="HTML")
            with pytest.raises(BadRequest, match=r"(?i)image_process_failed"):
                await bot.send_photo(ANN, b"no picture")
            assert photo.caption == "Pace" and photo.caption_entities[0].type == "bold"
            server.user_uploads(ANN, b"%PDF", file_name="offer.pdf")
            [update] = await bot.get_updates()
            assert update.message is not None and update.message.document is not None
            fetched = await update.message.document.get_file()
            assert await fetched.download_as_bytearray() == b"%PDF"
            assert await bot.pin_chat_message(ANN, photo.message_id)
            assert await bot.set_message_reaction(ANN, photo.message_id, "\N{THUMBS UP SIGN}")
            assert await bot.send_chat_action(ANN, "typing")
            assert (await bot.get_chat(ANN)).first_name == "Ann"

    in_loop(scenario())


def stray_keys_of(seen: Any) -> dict[str, Any]:
    """What PTB did not know in an object and everything inside it."""
    found = dict(seen.api_kwargs)
    for name in seen.__slots__:
        inner = getattr(seen, name, None)
        for one in inner if isinstance(inner, list | tuple) else [inner]:
            if hasattr(one, "api_kwargs"):
                found |= stray_keys_of(one)
    return found


def test_updates_of_the_fake_are_well_formed() -> None:
    async def scenario() -> None:
        async with TelegramServer() as server, telegram_bot(server) as bot:
            update_id = server.user_sends(
                ANN, "/visit@coach_bot Acme, see https://example.com or a@b.co at 12:30"
            )
            sent_id = server.updates.pending()[0].update["message"]["message_id"]
            server.user_sends(ANN, "/visit Beta", edit_of=sent_id)
            server.user_sends(ANN, "hello", chat_id=GROUP, thread_id=3)
            mine = await bot.send_message(
                ANN,
                "x",
                reply_markup=InlineKeyboardMarkup.from_button(InlineKeyboardButton("Go", callback_data="go")),
            )
            server.user_sends(ANN, "yes", reply_to=mine.message_id)
            server.user_clicks(ANN, mine.message_id, "Go")
            server.user_photographs(ANN, b"\xff\xd8\xff" * 9, caption="x")
            server.user_forwards(ANN, "/undo", {"type": "hidden_user", "sender_user_name": "Li"})
            li = {"id": 9, "is_bot": False, "first_name": "Li"}
            origin = {"type": "user", "sender_user": li, "date": 1}
            server.user_uploads(ANN, b"%PDF", origin=origin)
            server.kick(GROUP, by=ANN)
            server.block(ANN)
            server.upgrade_group(-55, -100999, by=ANN)
            raw = [queued.update for queued in server.updates.pending()]
            assert [update["update_id"] for update in raw] == list(range(update_id, update_id + len(raw)))
            for update in raw:
                parsed = Update.de_json(json.loads(json.dumps(update)), bot)
                assert stray_keys_of(parsed) == {}
                assert len(set(update) - {"update_id"}) == 1
            message = raw[0]["message"]
            assert [entity["type"] for entity in message["entities"]] == ["bot_command", "url", "email"]
            assert stray_keys_of(Message.de_json(server.messages(ANN)[0].body, bot)) == {}
            assert stray_keys_of(await bot.get_me()) == {}

    in_loop(scenario())


def test_telegram_comes_back_after_a_stop_with_its_memory() -> None:
    async def scenario() -> None:
        async with TelegramServer(limits=True) as server, telegram_bot(server) as bot:
            server.open_private(ANN)
            await bot.send_message(ANN, "one")
            waiting = asyncio.create_task(bot.get_updates(offset=99, timeout=30))
            await server.until(lambda: server.calls_of("getUpdates"))
            await server.stop()
            with pytest.raises(NetworkError):
                await waiting
            with pytest.raises(NetworkError):
                await bot.send_message(ANN, "two")
            await server.start()
            await bot.send_message(ANN, "three")
            assert [message.text for message in server.messages(ANN)] == ["one", "three"]
            assert server.busiest(60.0) == server.busiest(60.0, ANN) == 2

    in_loop(scenario())


# ---------------------------------------------------------------------- Slack


def slack_app(server: SlackServer) -> AsyncApp:
    client = AsyncWebClient(token=BOT_TOKEN, base_url=server.api_root)
    app = AsyncApp(client=client, signing_secret=SIGNING_SECRET)

    @app.command("/visit")
    async def log_visit(ack: Any, command: Json, client: AsyncWebClient) -> None:
        await ack()
        name = command["text"]
        button = {"type": "button", "action_id": "advance", "value": name, "text": plain_text("Advance deal")}
        blocks = [section(f"Visit to *{name}* logged."), {"type": "actions", "elements": [button]}]
        await client.chat_postMessage(
            channel=command["user_id"], text=f"Visit to {name} logged.", blocks=blocks
        )

    @app.action("advance")
    async def advance(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        said = f"Deal {body['actions'][0]['value']} advanced."
        place = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        await client.chat_update(**place, text=said, blocks=[section(said)])

    @app.command("/form")
    async def open_form(ack: Any, command: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=MODAL)

    @app.view("visit_form")
    async def submitted(ack: Any, view: Json, body: Json, client: AsyncWebClient) -> None:
        typed = view["state"]["values"]["company"]["name"]["value"]
        if typed == "?":
            await ack(response_action="errors", errors={"company": "Unknown company"})
            return
        await ack()
        await client.chat_postMessage(channel=body["user"]["id"], text=f"Saved {typed}")

    @app.event("app_home_opened")
    async def home(event: Json, client: AsyncWebClient) -> None:
        view = {"type": "home", "blocks": [section("Welcome")]}
        await client.views_publish(user_id=event["user"], view=view)

    @app.event("message")
    async def heard(event: Json, client: AsyncWebClient) -> None:
        await client.chat_postMessage(channel=event["channel"], text=f"Heard {event['text']}")

    @app.command("/quiet")
    async def quiet(ack: Any, respond: Any) -> None:
        await ack("In the ack")
        await respond("Through the response_url")

    return app


def plain_text(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


COMPANY: Json = {
    "type": "input",
    "block_id": "company",
    "label": plain_text("Company"),
    "element": {"type": "plain_text_input", "action_id": "name"},
}
MODAL: Json = {
    "type": "modal",
    "callback_id": "visit_form",
    "title": plain_text("Visit"),
    "submit": plain_text("Save"),
    "blocks": [COMPANY],
}


@asynccontextmanager
async def by_socket(server: SlackServer) -> AsyncIterator[None]:
    opener = AsyncWebClient(token=APP_TOKEN, base_url=server.api_root)
    handler = AsyncSocketModeHandler(slack_app(server), APP_TOKEN, web_client=opener)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await server.until(lambda: server.connections)
    yield
    await handler.close_async()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def by_http(server: SlackServer) -> AsyncIterator[None]:
    app = slack_app(server)

    async def hook(request: web.Request) -> web.Response:
        headers: dict[str, str | Sequence[str]] = {
            key.lower(): value for key, value in request.headers.items()
        }
        bolt = AsyncBoltRequest(body=await request.text(), headers=headers)
        answer = await app.async_dispatch(bolt)
        content_type = answer.first_headers_without_set_cookie().get("content-type", "text/plain")
        return web.Response(
            status=answer.status, body=answer.body.encode(), headers={"content-type": content_type}
        )

    async with listening(hook) as url:
        server.deliver_to(url)
        yield


ways = pytest.mark.parametrize("way", [by_socket, by_http])


@ways
def test_slack_flow(way: Any) -> None:
    async def scenario() -> None:
        async with SlackServer() as server, way(server):
            command = await server.user_commands("U1", "/visit", "Acme")
            assert command.acknowledged
            [message] = await server.until(lambda: server.messages("U1"))
            assert (message.text, message.labels) == ("Visit to Acme logged.", ["Advance deal"])
            assert message.channel == server.dm("U1")

            await server.user_clicks("U1", message.channel, message.ts, "Advance deal")
            await server.until(lambda: message.history)
            assert (message.text, message.labels) == ("Deal Acme advanced.", [])
            assert all(ack.ms < 3000 for ack in server.acks)
            assert server.illegal == []

    in_loop(scenario())


@ways
def test_slack_modal_home_message_and_response_url(way: Any) -> None:
    async def scenario() -> None:
        async with SlackServer() as server, way(server):
            await server.user_commands("U1", "/form")
            await server.until(lambda: server.modal("U1"))
            refused = await server.user_submits("U1", {"company": "?"})
            assert refused.response is not None and refused.response["errors"] == {
                "company": "Unknown company"
            }
            assert server.modal("U1")
            await server.user_submits("U1", {"company": "Acme"})
            assert server.modal("U1") is None
            await server.until(lambda: said(server.messages("U1")) == ["Saved Acme"])

            await server.app_home("U2")
            await server.until(lambda: server.home("U2"))

            told = await server.user_says("U2", "pipeline")
            await server.until(lambda: said(server.messages("U2")) == ["Heard pipeline"])
            again = await server.redeliver(told)
            assert again.event_id == told.event_id
            await server.until(lambda: len(server.messages("U2")) == 2)

            await server.user_commands("U3", "/quiet")
            await server.until(lambda: len(server.ephemerals) == 2)
            assert set(said(server.ephemerals)) == {"In the ack", "Through the response_url"}
            assert {one.seen_only_by for one in server.ephemerals} == {"U3"}
            assert server.illegal == []

    in_loop(scenario())


def said(messages: list[SlackMessage]) -> list[str]:
    return [message.text for message in messages]


def test_the_socket_comes_back_after_a_refresh() -> None:
    async def scenario() -> None:
        async with SlackServer() as server, by_socket(server):
            await server.disconnect()
            await server.until(lambda: server.connections)
            await server.user_commands("U1", "/visit", "Acme")
            await server.until(lambda: server.messages("U1"))
            assert len(server.calls_of("apps.connections.open")) == 2

    in_loop(scenario())


def test_expired_tickets_a_broken_socket_and_a_refused_opening() -> None:
    async def scenario() -> None:
        async with SlackServer(event_retry_seconds=()) as server, by_socket(server):
            server.socket.cut()
            lost = await server.user_says("U1", "into the void")
            assert [ack.error for ack in lost.attempts] == ["connection_failed"]
            opener = AsyncWebClient(token=APP_TOKEN, base_url=server.api_root)
            url = str((await opener.apps_connections_open(app_token=APP_TOKEN))["url"])
            server.socket.expire_tickets()
            server.fault("apps.connections.open", 1, code=200, description="internal_error")
            with pytest.raises(SlackApiError, match="internal_error"):
                await opener.apps_connections_open(app_token=APP_TOKEN)
            async with ClientSession() as session, session.get(url.replace("ws", "http", 1)) as refused:
                assert refused.status == 404

    in_loop(scenario())


def test_a_socket_ticket_is_good_once() -> None:
    async def scenario() -> None:
        async with SlackServer() as server, ClientSession() as session:
            opener = AsyncWebClient(token=APP_TOKEN, base_url=server.api_root)
            url = str((await opener.apps_connections_open(app_token=APP_TOKEN))["url"])
            async with session.ws_connect(url) as socket:
                assert (await socket.receive_json())["type"] == "hello"
            async with session.get(url.replace("ws", "http", 1)) as refused:
                assert refused.status == 404

    in_loop(scenario())


def test_an_event_without_ack_is_repeated_and_a_command_is_not() -> None:
    async def scenario() -> None:
        headers_seen: list[tuple[str | None, str | None]] = []
        statuses = [500, 500, 200]

        async def hook(request: web.Request) -> web.Response:
            headers = request.headers
            headers_seen.append((headers.get("x-slack-retry-num"), headers.get("x-slack-retry-reason")))
            return web.Response(status=statuses.pop(0))

        server = SlackServer(event_retry_seconds=(0.0, 0.0, 0.0))
        async with server, listening(hook) as url:
            server.deliver_to(url)
            told = await server.user_says("U1", "hello")
            assert told.acknowledged and len({ack.event_id for ack in server.acks}) == 1
            assert headers_seen == [(None, None), ("1", "http_error 500"), ("2", "http_error 500")]

            statuses[:] = [500, 200]
            assert not (await server.user_commands("U1", "/visit", "Acme")).acknowledged
            assert statuses == [200]

    in_loop(scenario())


def test_a_late_ack_counts_as_none() -> None:
    async def scenario() -> None:
        async def hook(request: web.Request) -> web.Response:
            await asyncio.Event().wait()
            return web.Response()

        server = SlackServer(ack_seconds=0.02, event_retry_seconds=(0.0,))
        async with server, listening(hook) as url:
            server.deliver_to(url)
            told = await server.user_says("U1", "hello")
            assert [ack.error for ack in told.attempts] == ["http_timeout", "http_timeout"]

    in_loop(scenario())


def test_a_wrong_signature_is_refused_by_bolt() -> None:
    async def scenario() -> None:
        async with SlackServer() as server, by_http(server):
            assert server._http is not None
            server.deliver_to(server._http.url, "another secret")
            told = await server.user_commands("U1", "/visit", "Acme")
            assert [ack.error for ack in told.attempts] == ["http_error 401"]
            assert server.messages("U1") == []

    in_loop(scenario())


def test_planned_slack_faults() -> None:
    async def scenario() -> None:
        async with SlackServer(limits=True) as server:
            client = AsyncWebClient(token=BOT_TOKEN, base_url=server.api_root, retry_handlers=[])
            server.add_user("U1")
            server.fault("chat.postMessage", 1, code=429, retry_after=7)
            with pytest.raises(SlackApiError) as limited:
                await client.chat_postMessage(channel="U1", text="a")
            assert limited.value.response.headers["Retry-After"] == "7"
            assert limited.value.response["error"] == "ratelimited"

            server.fault("chat.postMessage", 1, accept_then_drop=True)
            with pytest.raises(ClientError):
                await client.chat_postMessage(channel="U1", text="b")
            server.fault("chat.postMessage", 1, drop=True)
            with pytest.raises(ClientError):
                await client.chat_postMessage(channel="U1", text="c")
            assert said(server.messages("U1")) == ["b"] and server.busiest(1.0) == 1

    in_loop(scenario())


def test_slack_takes_and_gives_files() -> None:
    """By the library's own way of uploading, and by the address of a file with and without the token."""

    async def scenario() -> None:
        async with SlackServer() as server, ClientSession() as session:
            channel = server.dm("U1")
            client = AsyncWebClient(token=BOT_TOKEN, base_url=server.api_root)
            await client.files_upload_v2(
                channel=channel,
                content=b"%PDF",
                filename="a.pdf",
                title="A",
                alt_txt="it",
                initial_comment="see",
            )
            [message] = server.messages("U1")
            [file] = server.api.files.values()
            assert (message.text, message.body["files"][0]["name"]) == ("see", "a.pdf")
            assert (file.content, file.title, file.alt_text, file.shared) == (b"%PDF", "A", "it", True)

            place = await client.files_getUploadURLExternal(filename="b", length=3)
            async with session.post(place["upload_url"], data=b"four") as answer:
                assert answer.status == 400
            for files in ([{"id": place["file_id"]}], []):
                with pytest.raises(SlackApiError, match="file_not_found"):
                    await client.files_completeUploadExternal(files=files, channel_id=channel)
            async with session.post(place["upload_url"], data=b"abc") as answer:
                assert answer.status == 200
            with pytest.raises(SlackApiError, match="channel_not_found"):
                await client.files_completeUploadExternal(files=[{"id": place["file_id"]}], channel_id="U1")
            server.scopes = "chat:write"
            with pytest.raises(SlackApiError, match="missing_scope"):
                await client.files_getUploadURLExternal(filename="c", length=3)

            server.scopes = "files:read"
            address = server._described(server.api.add_file("d", "text/plain", b"d"))["url_private"]
            for token, status in ((BOT_TOKEN, 200), ("xoxb-other", 302)):
                headers = {"Authorization": f"Bearer {token}"}
                async with session.get(address, headers=headers, allow_redirects=False) as answer:
                    assert answer.status == status
            server.scopes = "chat:write"
            headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
            async with session.get(address, headers=headers, allow_redirects=False) as answer:
                assert answer.status == 302

    in_loop(scenario())


def test_slack_refuses_with_its_own_codes() -> None:
    async def scenario() -> None:
        async with SlackServer() as server:
            server.add_user("U1", name="ann", tz="Asia/Shanghai", locale="zh-CN")
            server.add_channel("C1", members=["U1"])
            server.add_channel("C2", name="secret", members=["U1"], with_bot=False)
            client = AsyncWebClient(token=BOT_TOKEN, base_url=server.api_root)

            async def error_of(call: Any) -> str:
                with pytest.raises(SlackApiError) as refused:
                    await call
                return str(refused.value.response["error"])

            assert (await client.users_info(user="U1", include_locale=True))["user"]["locale"] == "zh-CN"
            assert "locale" not in (await client.users_info(user="U1"))["user"]
            assert (await client.conversations_members(channel="C1"))["members"] == ["U1", BOT_USER_ID]
            assert (await client.conversations_open(users="U1"))["channel"]["id"] == server.dm("U1")
            assert len((await client.users_list(limit=1))["members"]) == 1

            assert await error_of(client.chat_postMessage(channel="C9", text="x")) == "channel_not_found"
            assert await error_of(client.chat_postMessage(channel="C2", text="x")) == "not_in_channel"
            assert await error_of(client.chat_update(channel="C1", ts="1.1", text="x")) == "message_not_found"
            ephemeral = client.chat_postEphemeral(channel="C1", user="U9", text="x")
            assert await error_of(ephemeral) == "user_not_in_channel"
            assert await error_of(client.views_open(trigger_id="t", view=MODAL)) == "invalid_trigger_id"
            assert (
                await error_of(client.apps_connections_open(app_token=BOT_TOKEN)) == "not_allowed_token_type"
            )
            stranger = AsyncWebClient(token="xoxb-other", base_url=server.api_root)
            assert await error_of(stranger.auth_test()) == "invalid_auth"

            posted = await client.chat_postMessage(channel="C1", text="x")
            await client.reactions_add(channel="C1", timestamp=str(posted["ts"]), name="eyes")
            twice = client.reactions_add(channel="C1", timestamp=str(posted["ts"]), name="eyes")
            assert await error_of(twice) == "already_reacted"
            await client.chat_delete(channel="C1", ts=str(posted["ts"]))
            assert (server.messages("C1"), server.illegal) == ([], [])

    in_loop(scenario())


def post(*blocks: Json, text: str = "fallback", **more: Any) -> Json:
    return {"channel": "U1", "text": text, "blocks": list(blocks), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def button(label: str = "Go", **more: Any) -> Json:
    return {"type": "button", "action_id": "go", "text": plain_text(label), **more}


def view(**changed: Any) -> Json:
    return {"trigger_id": "t", "view": {key: value for key, value in (MODAL | changed).items() if value}}


def option(label: str, value: str = "v") -> Json:
    return {"text": plain_text(label), "value": value}


def form_input(**changed: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "said", "placeholder": plain_text("Acme")}
    return {"type": "input", "block_id": "customer", "label": plain_text("Who"), "element": element} | changed


def choice(*options: Json, **changed: Any) -> Json:
    element = {"type": "static_select", "action_id": "pick", "options": list(options or [option("Visit")])}
    return form_input(block_id="kind", element=element | changed)


ILLEGAL_FOR_SLACK: dict[str, tuple[str, Json, str]] = {
    "51 blocks": ("chat.postMessage", post(*[{"type": "divider"}] * 51), "more than 50 blocks"),
    "unknown block": ("chat.postMessage", post({"type": "carpet"}), "unsupported block type"),
    "unknown key": ("chat.postMessage", post(section("x", colour="red")), "unknown or misplaced key"),
    "section 3001": ("chat.postMessage", post(section("x" * 3001)), "3000"),
    "field 2001": (
        "chat.postMessage",
        post({"type": "section", "fields": [plain_text("x" * 2001)]}),
        "field longer than 2000",
    ),
    "header markup": (
        "chat.postMessage",
        post({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}),
        "header text must be plain_text",
    ),
    "button markup": (
        "chat.postMessage",
        post(actions(button() | {"text": {"type": "mrkdwn", "text": "x"}})),
        "button text must be plain_text",
    ),
    "button 76": ("chat.postMessage", post(actions(button("x" * 76))), "75"),
    "value 2001": ("chat.postMessage", post(actions(button(value="x" * 2001))), "2000"),
    "26 elements": (
        "chat.postMessage",
        post(actions(*[button() | {"action_id": f"a{n}"} for n in range(26)])),
        "25",
    ),
    "same action_id": ("chat.postMessage", post(actions(button(), button())), "duplicate action_id go"),
    "same block_id": (
        "chat.postMessage",
        post(section("x", block_id="b"), section("y", block_id="b")),
        "duplicate block_id b",
    ),
    "empty text": ("chat.postMessage", post(section(" ")), "empty text"),
    "no fallback": ("chat.postMessage", post(section("x"), text=""), "no_text"),
    "nothing": ("chat.postMessage", post(text=""), "no_text"),
    "40001": ("chat.postMessage", post(text="x" * 40001), "msg_too_long"),
    "broadcast": ("chat.postMessage", post(text="hi <!channel>"), "mention: <!channel>"),
    "mention": ("chat.postMessage", post(section("hi <@U1>")), "mention: <@U1>"),
    "misspelt": ("chat.postMessage", post(text="x", blockz=[]), "unknown argument blockz"),
    "picture": (
        "chat.postMessage",
        post({"type": "image", "image_url": "https://x.y/z.png", "alt_text": ""}),
        "alt_text",
    ),
    "no title": ("views.open", view(title=None), "a modal needs a title"),
    "no submit": ("views.open", view(submit=None), "an input block needs submit"),
    "title 25": ("views.open", view(title=plain_text("x" * 25)), "24"),
    "metadata": ("views.open", view(private_metadata="x" * 3001), "3000"),
    "101 blocks": ("views.open", view(blocks=[{"type": "divider"}] * 101), "100"),
    "view key": ("views.open", view(colour="red"), "unknown or misplaced key"),
    "label 2001": ("views.open", view(blocks=[form_input(label=plain_text("x" * 2001))]), "2000"),
    "placeholder 151": ("views.open", view(blocks=[choice(placeholder=plain_text("x" * 151))]), "150"),
    "option 76": ("views.open", view(blocks=[choice(option("x" * 76))]), "option text longer than 75"),
    "option value 151": ("views.open", view(blocks=[choice(option("x", "v" * 151))]), "longer than 150"),
    "emoji count two": ("views.open", view(title=plain_text("\U0001f600" * 13)), "title longer than 24"),
    "no options": ("views.open", view(blocks=[choice(options=[])]), "no options"),
    "same option": ("views.open", view(blocks=[choice(option("a"), option("b"))]), "duplicate option v"),
    "chosen elsewhere": (
        "views.open",
        view(blocks=[choice(option("a"), initial_option=option("b", "w"))]),
        "what is chosen is no option",
    ),
    "no element": ("views.open", view(blocks=[form_input() | {"element": None}]), "element"),
    "unknown to the types": (
        "chat.postMessage",
        post({"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": ["x"]}]}),
        "@slack/types RichTextBlock",
    ),
    "home in modal": (
        "views.open",
        {"view": {"type": "home", "blocks": [section("x")]}},
        "does not take a home",
    ),
}


@pytest.mark.parametrize("name", ILLEGAL_FOR_SLACK)
def test_a_payload_illegal_for_slack(name: str) -> None:
    method, args, complaint = ILLEGAL_FOR_SLACK[name]
    problems = slack_problems(method, args)
    assert any(complaint in problem for problem in problems), problems


def test_slack_refuses_and_records_every_illegal_payload() -> None:
    async def scenario() -> None:
        async with SlackServer() as server, ClientSession() as session:
            server.add_user("U1")
            headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
            for method, args, _ in ILLEGAL_FOR_SLACK.values():
                async with session.post(f"{server.api_root}{method}", json=args, headers=headers) as response:
                    assert (await response.json())["ok"] is False
            asked = [method for method, _, _ in ILLEGAL_FOR_SLACK.values()]
            assert [illegal.method for illegal in server.illegal] == asked
            assert server.messages("U1") == []

    in_loop(scenario())


def test_legal_slack_payloads_have_no_problems() -> None:
    menu = {
        "type": "static_select",
        "action_id": "pick",
        "placeholder": plain_text("Zone"),
        "options": [{"text": plain_text("Paris"), "value": "p"}],
    }
    blocks = [
        {"type": "header", "text": plain_text("Pace")},
        section("*Acme* &amp; Co <https://x.y|deal>", accessory=button()),
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*a*"}, plain_text("b")]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "since Monday"}]},
        actions(button(style="primary", value="v"), menu),
        {"type": "divider"},
    ]
    assert slack_problems("chat.postMessage", post(*blocks)) == []
    assert slack_problems("chat.postMessage", post() | {"blocks": json.dumps(blocks)}) == []
    assert slack_problems("chat.update", post(text="hello <@U1>"), allow={"<@U1>"}) == []
    assert slack_problems("views.open", view()) == []
    form = [form_input(hint=plain_text("as on the card"), optional=True), choice(option("Visit"))]
    assert slack_problems("views.open", view(blocks=form, close=plain_text("Cancel"))) == []
    home = {"type": "home", "blocks": [*blocks, COMPANY]}
    assert slack_problems("views.publish", {"user_id": "U1", "view": home}) == []


def test_a_trigger_is_good_once() -> None:
    async def scenario() -> None:
        async with SlackServer() as server:
            server.add_user("U1")
            client = AsyncWebClient(token=BOT_TOKEN, base_url=server.api_root)
            trigger = server.api.new_trigger("U1")
            opened = await client.views_open(trigger_id=trigger, view=MODAL)
            with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
                await client.views_open(trigger_id=trigger, view=MODAL)
            changed = MODAL | {"title": plain_text("Meeting")}
            with pytest.raises(SlackApiError, match="hash_conflict"):
                await client.views_update(view_id=opened["view"]["id"], hash="old", view=changed)
            await client.views_update(view_id=opened["view"]["id"], hash=opened["view"]["hash"], view=changed)
            shown = server.modal("U1")
            assert shown is not None and shown["title"]["text"] == "Meeting"

    in_loop(scenario())


# ---------------------------------------------------------------------- as processes of their own


def ask(url: str, body: Json | None = None, token: str = "") -> Any:
    headers = {"content-type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data=data, headers=headers), timeout=5) as answer:
        return json.loads(answer.read())


@asynccontextmanager
async def own_process(module: str) -> AsyncIterator[str]:
    command = [sys.executable, "-m", f"tests.support.{module}", "0"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.terminate()
        assert await process.wait() == 0


def test_telegram_server_as_a_process() -> None:
    async def scenario() -> None:
        async with own_process("telegram_server") as root:
            assert ask(f"{root}/_user/send", {"user_id": ANN, "text": "/visit Acme"}) == 1
            ask(f"{root}/_fault", {"method": "getMe", "times": 1, "code": 502})
            with pytest.raises(HTTPError, match="502"):
                ask(f"{root}/bot{TOKEN}/getMe")
            markup = {"inline_keyboard": [[BUTTON]]}
            sent = ask(
                f"{root}/bot{TOKEN}/sendMessage", {"chat_id": ANN, "text": "x", "reply_markup": markup}
            )
            clicked = {"user_id": ANN, "message_id": sent["result"]["message_id"], "button_label": "Go"}
            assert ask(f"{root}/_user/click", clicked) == 2
            assert ask(f"{root}/_user/pending", {}) == 2
            [message] = ask(f"{root}/_chat/{ANN}")
            assert message["body"]["text"] == "x"
            assert [call["outcome"] for call in ask(f"{root}/_calls")] == ["fault 502", "ok"]
            assert ask(f"{root}/_illegal") == []

    in_loop(scenario())


def test_slack_server_as_a_process() -> None:
    async def scenario() -> None:
        async with own_process("slack_server") as root:
            channel = ask(f"{root}/_user/dm", {"user_id": "U1"})
            ask(f"{root}/api/chat.postMessage", {"channel": channel, "text": "x"}, BOT_TOKEN)
            [message] = ask(f"{root}/_channel/{channel}")
            assert message["body"]["text"] == "x"
            told = ask(f"{root}/_user/command", {"user_id": "U1", "command": "/visit"})
            assert told["attempts"][0]["error"] == "connection_failed"

    in_loop(scenario())


def test_a_missing_button_is_an_error_of_the_test() -> None:
    async def scenario() -> None:
        async with TelegramServer() as server, telegram_bot(server) as bot:
            server.open_private(ANN)
            await bot.send_message(ANN, "x")
            message: StoredMessage = server.messages(ANN)[0]
            with pytest.raises(LookupError, match="Go"):
                server.user_clicks(ANN, message.message_id, "Go")

    in_loop(scenario())
