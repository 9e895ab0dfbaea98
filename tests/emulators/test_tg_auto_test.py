"""Our cards through somebody else's Telegram: tg-auto-test parses what we send and makes the updates we read."""

import asyncio
import importlib
import importlib.util
import json
import random
from pathlib import Path
from typing import Any, Final

import pytest
from telegram import Update
from telegram.ext import ContextTypes, TypeHandler

from bot.app import build
from bot.buckets import Limits
from bot.clock import SetClock
from bot.telegram.adapter import decode
from bot.telegram.sender import Sender
from bot.telegram.updates import deliveries, query_ids
from domain.people import Language, OrgId
from domain.ports import Work
from handlers.tick import plan_pushes
from handlers.view import t
from handlers.words import catalogue
from tests.support.required import require
from tests.support.telegram_stage import MONDAY

PACKAGE: Final = "tg_auto_test"
if importlib.util.find_spec(PACKAGE) is None:
    require(PACKAGE, "tg-auto-test needs Python 3.12 and an environment of its own (docs/testing.md)")
client_module: Any = pytest.importorskip(f"{PACKAGE}.test_utils.serverless_telegram_client")
request_module: Any = pytest.importorskip(f"{PACKAGE}.test_utils.stub_request")

NAME = "test_bot"
# Where a founder who says nothing else is taken to be.
MORNING_IN_LONDON = MONDAY.replace(hour=8, minute=30)


class AnyCase(request_module.StubTelegramRequest):  # type: ignore[misc]
    """Telegram reads the names of methods in any case; the emulator knows one spelling."""

    async def do_request(self, url: str, *args: Any, **kwargs: Any) -> Any:
        root, _, method = url.rpartition("/")
        return await super().do_request(f"{root}/{method[:1].lower()}{method[1:]}", *args, **kwargs)


@pytest.mark.parametrize("language", [Language.EN, Language.ZH])
def test_the_first_day_with_somebody_elses_telegram(
    tmp_path: Path, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = importlib.import_module(f"{PACKAGE}.test_utils.serverless_telegram_client_core")
    monkeypatch.setattr(core, "StubTelegramRequest", AnyCase)
    clock = SetClock(MONDAY)
    app = build(f"sqlite:///{tmp_path / 'bot.db'}", clock, {"telegram": decode}, random.Random(1))
    app.prepare()

    def application(builder: Any) -> Any:
        made = builder.build()
        app.courier.join("telegram", Sender(made.bot, Limits()))

        async def take(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
            raw = json.loads(update.to_json())
            if "message" in raw:
                # The emulator's own clock stands at 1970.
                raw["message"]["date"] = int(clock.now().timestamp())
            await app.intake.take("telegram", deliveries([raw], NAME))
            for query in query_ids([raw]):
                await made.bot.answer_callback_query(query)
            await app.settle()

        made.add_handler(TypeHandler(Update, take))
        return made

    def sells(work: Work) -> None:
        """The emulator has one person; the founder gets the day of a rep besides."""
        store = work.store(OrgId(1))
        [boss] = store.members()
        store.revise_member(boss.id, roles="admin,manager,rep")
        plan_pushes(store, store.organisation(), store.member(boss.id), clock.now())

    async def scenario() -> None:
        client = client_module.ServerlessTelegramClient(build_application=application, bot_username=NAME)
        await client.connect()
        async with client.conversation(NAME) as chat:

            async def says(words: str) -> Any:
                await chat.send_message(words, parse_mode=None)
                return await chat.get_response()

            code = await app.owner_code()
            assert catalogue().say(t("doorstep.founded"), Language.EN) in (await says(f"/start {code}")).text
            await says("Acme <Sales> & Co")
            await says(f"/language {language}")
            logged = await says(catalogue().say(t("answer.example"), language))
            assert logged.text.startswith("✓ ")
            undo = catalogue().say(t("button.undo"), language)
            await logged.click(text=undo)
            undone = await chat.get_edit()
            assert undone.id == logged.id
            assert not undone.text.startswith("✓ ")

            await app.writer.run(sells)
            opened = await says("/deal new Nova\ntitle: press line\namount: 800k")
            assert opened.text.startswith("✓ ") and "D1" in opened.text and "M1" in opened.text
            await opened.click(text=catalogue().say(t("deal.advance_button"), language))
            refused = await chat.get_edit()
            assert refused.id == opened.id and refused.text.count("○") >= 3
            assert "they wrote it down" not in refused.text
            await says("/evidence D1 other\ntext: they wrote it down\nfrom: Li Wei")
            assert "they wrote it down" in (await says("/evidence E1")).text

            hostile = await says("/visit </b><i>Fish & Chips\nresult: <a href='x'>paid</a>")
            assert "</b><i>Fish & Chips" in hostile.text
            assert {type(entity).__name__ for entity in hostile.entities} <= {
                "MessageEntityBold",
                "MessageEntityCode",
                "MessageEntityPre",
            }

        clock.set(MORNING_IN_LONDON)
        sent = len(client._api_calls)
        await app.settle()
        pushed = [
            call.result["text"] for call in client._api_calls[sent:] if call.api_method == "sendMessage"
        ]
        assert catalogue().say(t("day.open", on=MONDAY.date()), language) in "".join(pushed)
        menus = [call for call in client._api_calls if call.api_method == "setMyCommands"]
        assert [json.loads(call.parameters["scope"])["type"] for call in menus] == ["chat", "chat"]
        await client.disconnect()

    try:
        asyncio.run(asyncio.wait_for(scenario(), 120))
    finally:
        app.close()
