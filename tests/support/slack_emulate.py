"""A workspace whose Web API is somebody else's code: npm `emulate` keeps the state, our strict fake stands before it.

What `emulate` lacks (the socket, signed calls, commands, presses, forms) and what it lets pass (any token, blocks beyond
the limits) is the fake's; people, messages, views, triggers and what is refused are `emulate`'s own.
"""

import asyncio
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.loopback import free_port
from tests.support.required import require
from tests.support.slack_delivery import Delivery, Kind
from tests.support.slack_server import BOT_TOKEN, SlackServer
from tests.support.slack_web_api import APP_ID, BOT_ID, BOT_USER_ID, SlackMessage, SlackRefused

Json = dict[str, Any]
# Where `npm i emulate@0.11.2` was run.
PLACE = "DEALPACE_EMULATE"
START = Path("node_modules/emulate/dist/index.js")
PEOPLE = ("boss", "ann")
START_SECONDS = 20.0


def installed() -> Path:
    """The program; the test is skipped where there is none."""
    place = os.environ.get(PLACE)
    missing = None
    if shutil.which("node") is None:
        missing = "there is no node"
    elif not place:
        missing = f"{PLACE} does not say where emulate is installed"
    elif not (Path(place) / START).is_file():
        missing = f"{PLACE} holds no emulate"
    require("node", missing)
    return Path(str(place)) / START


class EmulatedSlack(SlackServer):
    """The doors, the people and the strictness of the fake over the state of `emulate`."""

    def __init__(self, program: Path) -> None:
        super().__init__()
        self._program = program
        self._root = ""
        self.people: dict[str, str] = {}
        # Whether somebody else was quicker with every trigger.
        self.spends_triggers = False
        self._triggered: dict[str, str] = {}
        self._seen: dict[tuple[str, str], Json] = {}

    async def start(self, port: int = 0) -> None:
        await super().start(port)
        self._session = aiohttp.ClientSession()
        self._folder = tempfile.TemporaryDirectory()
        behind = free_port()
        self._root = f"http://127.0.0.1:{behind}/api"
        seed = Path(self._folder.name) / "seed.json"
        seed.write_text(json.dumps({"slack": _seed()}), encoding="utf-8")
        self._process = await asyncio.create_subprocess_exec(
            *("node", str(self._program), "start", "--service", "slack"),
            *("--port", str(behind), "--seed", str(seed)),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await self._up()
        for user in (await self.asked("users.list", {}))["members"]:
            if user["name"] in PEOPLE:
                self.people[user["name"]] = user["id"]
                self.api.add_user(user["id"], name=user["name"])
                opened = await self.asked("conversations.open", {"users": user["id"]})
                self.api.open_dm(user["id"], opened["channel"]["id"])

    async def stop(self) -> None:
        await super().stop()
        self._process.terminate()
        await self._process.wait()
        await self._session.close()
        self._folder.cleanup()

    async def asked(self, method: str, args: Json, token: str = BOT_TOKEN) -> Json:
        """One call of `emulate`, in the one way it reads arguments. Raises `SlackRefused`."""
        form = {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in args.items()
            if key != "token"
        }
        headers = {"Authorization": f"Bearer {token}"}
        async with self._session.post(f"{self._root}/{method}", data=form, headers=headers) as answer:
            said: Json = await answer.json()
        if not said.pop("ok", False):
            raise SlackRefused(str(said.get("error")))
        return said

    async def performed(self, method: str, args: Json) -> Json:
        """Carried out by `emulate`; what a person sees of it then is what `emulate` says it is."""
        said = await self.asked(method, args)
        match method:
            case "chat.postMessage" | "chat.update":
                await self._look_into(said["channel"])
            case "views.open":
                view, user = said["view"], self._triggered[args["trigger_id"]]
                self.api.views[view["id"]] = self._seen_view(view)
                self.api.modals.setdefault(user, []).append(view["id"])
            case "views.publish":
                self.api.homes[args["user_id"]] = self.api.views[said["view"]["id"]] = self._seen_view(
                    said["view"]
                )
        return said

    async def user_says(
        self, user_id: str, text: str, *, channel: str | None = None, thread_ts: str | None = None
    ) -> Delivery:
        place = self.api.channel({"channel": channel or self.dm(user_id)})
        posted = await self.asked(
            "chat.postMessage", {"channel": place.id, "text": text}, _token(self._name(user_id))
        )
        await self._look_into(place.id)
        event = self.api.message(place.id, posted["ts"]).body | {"type": "message", "user": user_id}
        return await self.push_event(event | {"channel": place.id, "channel_type": place.kind})

    async def history(self, channel: str) -> list[Json]:
        """The messages of a channel as `emulate` has them, newest first."""
        found: list[Json] = (await self.asked("conversations.history", {"channel": channel}))["messages"]
        return found

    async def _deliver(self, kind: Kind, payload: Json) -> Delivery:
        """The triggers of what people do are `emulate`'s."""
        if "trigger_id" in payload:
            user = payload.get("user_id") or payload["user"]["id"]
            made = await self.asked("views.generateTriggerId", {"user_id": user})
            payload = payload | {"trigger_id": made["trigger_id"]}
            self._triggered[made["trigger_id"]] = user
            if self.spends_triggers:
                await self.asked("views.open", {"trigger_id": made["trigger_id"], "view": _ANOTHER})
        return await super()._deliver(kind, payload)

    async def _look_into(self, channel: str) -> None:
        """Brings what people see up to date. Slack gives blocks an id where they have none; `emulate` does not."""
        messages = self.api.channels[channel].messages
        for body in reversed(await self.history(channel)):
            ts, before = body["ts"], self._seen.get((channel, body["ts"]))
            if body == before:
                continue
            self._seen[channel, ts] = body
            shown = body | {"blocks": self.api.with_ids(body.get("blocks") or [])}
            if before is None:
                messages[ts] = SlackMessage(channel, shown)
            else:
                messages[ts].replace(**shown)
        self.changed()

    def _seen_view(self, given: Json) -> Json:
        """A view as `emulate` has it, with what Slack always says of one."""
        always = {"notify_on_close": False, "callback_id": "", "private_metadata": ""}
        return always | given | {"blocks": self.api.with_ids(given["blocks"])}

    def _name(self, user_id: str) -> str:
        return next(name for name, known in self.people.items() if known == user_id)

    async def _up(self) -> None:
        async with asyncio.timeout(START_SECONDS):
            while True:
                try:
                    await self.asked("auth.test", {})
                    return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)


_ANOTHER = {"type": "modal", "title": {"type": "plain_text", "text": "Another"}, "blocks": []}


def _token(name: str) -> str:
    return f"xoxp-{name}"


def _seed() -> Json:
    """The workspace: two people with tokens of their own, our app with its bot."""
    bot = {"bot_id": BOT_ID, "bot_user_id": BOT_USER_ID, "app_id": APP_ID}
    scopes = ["chat:write", "commands", "im:write", "im:history", "users:read", "app_mentions:read"]
    app = {"client_id": "1.1", "client_secret": "s", "name": "Coach", "bot_name": "coach", "scopes": scopes}
    people = [{"token": _token(name), "user": name, "scopes": ["chat:write"]} for name in PEOPLE]
    return {
        "team": {"name": "T", "domain": "t"},
        "users": [{"name": name, "real_name": name.title()} for name in PEOPLE],
        "oauth_apps": [app | bot | {"redirect_uris": ["http://127.0.0.1/"]}],
        "tokens": [
            {"token": BOT_TOKEN, "type": "bot", "user_id": BOT_USER_ID, "scopes": scopes, **bot},
            *people,
        ],
        "strict_scopes": True,
    }
