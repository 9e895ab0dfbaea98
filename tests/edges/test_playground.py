"""The playground as a visitor meets it: a real Chromium at a real server, and the doors it must keep shut."""

import asyncio
import contextlib
import http.client
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.demo import open_demo
from bot.web.adapter import BOT, Message
from bot.web.playground import BODY_MOST, listen_at, server_of
from bot.web.stage import Playground
from domain.people import Language
from domain.workdays import Calendar
from handlers.view import t
from handlers.words import catalogue
from tests.support.required import require

T = TypeVar("T")
SUNDAY = date(2026, 11, 22)
EXAMPLE = ["/visit Acme", "met: Li Wei (CFO)", "result: budget confirmed", "next: send quote by Fri"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A busy machine is no failure.
expect.set_options(timeout=20_000)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def in_thread(run: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Playwright's synchronous face keeps this thread's loop; ours gets a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(run())).result()


@dataclass(slots=True)
class Served:
    """A playground that is being served."""

    playground: Playground
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def post(
        self, path: str, body: Mapping[str, Any] | bytes, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask("POST", path, sent, {"Content-Type": "application/json", **(headers or {})})

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            text = answer.read()
            is_json = answer.headers.get_content_type() == "application/json"
            return answer.status, json.loads(text) if is_json else {}
        finally:
            connection.close()

    def last(self, chat: str) -> Message:
        return self.playground.demo.chats.of(chat)[-1]

    def since(self, message: Message) -> list[str]:
        """Who wrote in the chat after a message; a chat forgets its oldest, so a count would not do."""
        messages = self.playground.demo.chats.of(message.chat)
        return [each.author for each in messages[messages.index(message) + 1 :]]


@contextlib.contextmanager
def serving(language: Language = Language.EN) -> Iterator[Served]:
    """A playground of its own in a thread, until the block ends."""
    ready, found = threading.Event(), list[tuple[Served, Callable[[], None]]]()

    async def serve() -> None:
        demo = await open_demo(language, SUNDAY)
        playground = Playground(demo, language)
        listening = listen_at("127.0.0.1", 0)
        server = server_of(playground, "127.0.0.1")
        loop = asyncio.get_running_loop()
        served = Served(playground, listening.getsockname()[1])
        found.append((served, lambda: loop.call_soon_threadsafe(server.handle_exit, signal.SIGTERM, None)))  # type: ignore[arg-type]
        ready.set()
        try:
            await server.serve(sockets=[listening])
        finally:
            demo.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(60)
    served, stop = found[0]
    try:
        yield served
    finally:
        stop()
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving() as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    require("browser", None if program else f"none of {', '.join(BROWSERS)} is installed")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield made
        made.close()


@contextlib.contextmanager
def page_at(
    browser: Browser, served: Served, *, width: int = 1440, height: int = 900, dark: bool = False
) -> Iterator[Page]:
    """A page that is loaded; what it logs or fetches from elsewhere fails the test."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith(served.url) else complaints.append(request.url),
    )
    page.goto(served.url)
    page.wait_for_selector("body[data-ready]")
    yield page
    assert complaints == []
    context.close()


def write(page: Page, chat: str, lines: list[str]) -> None:
    """Types as a person does: Shift+Enter between the lines, Enter at the end."""
    area = page.locator(f"#pane-{chat} textarea")
    area.focus()
    for place, line in enumerate(lines):
        if place:
            page.keyboard.press("Shift+Enter")
        page.keyboard.type(line)
    page.keyboard.press("Enter")


def last_card(page: Page, chat: str = "ann") -> Any:
    return page.locator(f"#pane-{chat} .message:not(.mine)").last


def say(key: str, language: Language) -> str:
    return catalogue().say(t(key), language)


# The page


def test_the_first_minute(browser: Browser) -> None:
    with serving() as served, page_at(browser, served) as page:
        expect(page.locator("#date")).to_have_text("Fri 20 Nov")
        expect(page.locator("#time")).to_have_text("08:25")
        expect(page.locator(".pane:visible")).to_have_count(3)
        expect(page.locator("#pane-room .quiet")).to_contain_text(
            "The team room is quiet. Boards and celebrations come here."
        )
        page.click(".hint .take")
        expect(page.locator("#pane-ann textarea")).to_have_value("\n".join(EXAMPLE))
        expect(page.locator("#pane-ann textarea")).to_be_focused()
        page.keyboard.press("Enter")
        expect(last_card(page)).to_contain_text("budget confirmed")
        expect(page.locator(".hint")).to_be_hidden()
        page.click("text=Next push")
        expect(page.locator("#time")).to_have_text("08:30")
        expect(last_card(page)).to_contain_text("Today, Fri 20 Nov · 2 planned")
        messages = page.locator("#pane-ann .message").all_inner_texts()[-40:]
        page.reload()
        page.wait_for_selector("body[data-ready]")
        assert page.locator("#pane-ann .message").all_inner_texts()[-40:] == messages
        expect(page.locator("#time")).to_have_text("08:30")
        expect(page.locator(".hint")).to_be_hidden()


def test_a_visit_is_typed_and_undone_in_place(browser: Browser, served: Served) -> None:
    with page_at(browser, served) as page:
        write(page, "ann", ["/visit Silverline Foods", *EXAMPLE[1:]])
        expect(last_card(page)).to_contain_text("Silverline Foods")
        expect(page.locator("#pane-ann .mine").last).to_contain_text("met: Li Wei (CFO)\nresult")
        shown, number = served.last("ann"), last_card(page).get_attribute("id")
        last_card(page).get_by_role("button", name="Undo").click()
        changed = page.locator(f"#{number}.changed")
        expect(changed).to_contain_text("Undone")
        expect(changed.locator(".stamp")).to_contain_text("edited")
        assert served.last("ann") is shown


def test_the_clock_is_in_the_visitors_hand(browser: Browser, served: Served) -> None:
    with page_at(browser, served) as page:
        before = served.playground.demo.wall()
        page.click("text=+1 h")
        expect(page.locator("#time")).to_have_text(f"{before.hour + 1:02}:{before.minute:02}")
        page.click("text=Next working day")
        expect(page.locator("#date")).to_have_text(
            f"{Calendar(week=frozenset(range(1, 6))).after(before.date()):%a %-d %b}"
        )
        expect(page.locator("#time")).to_have_text("08:30")
        expect(last_card(page)).to_contain_text("Today, ")


@pytest.fixture
def english_again(served: Served) -> Iterator[None]:
    yield
    served.post("/language", {"language": "en"})


@pytest.mark.usefixtures("english_again")
def test_the_language_switch_changes_the_page_and_the_bot(browser: Browser, served: Served) -> None:
    with page_at(browser, served) as page:
        for language in (Language.ZH, Language.ZH_HANT):
            page.select_option("#language", language)
            expect(page.locator("html")).to_have_attribute("lang", language)
            expect(page.locator(".jump").first).to_have_text(say("playground.page.next_push", language))
            expect(page.locator("#pane-room .quiet")).to_contain_text(
                say("playground.page.room_quiet", language)
            )
            for chat in ("ann", "boss"):
                expect(last_card(page, chat)).to_contain_text(say(f"language.chosen_{language}", language))
            page.locator("#pane-ann .chip").first.click()
            expect(page.locator("#pane-ann .mine").last).to_contain_text(
                say("playground.chip.today", language)
            )
            expect(last_card(page).get_by_role("button", name=say("button.visit", language))).to_be_visible()
        example = say("visit.command.example", Language.ZH).split("\n")
        write(page, "ann", example)
        expect(last_card(page)).to_contain_text(example[0].split()[1])
        expect(last_card(page).get_by_role("button").last).to_have_text(say("button.undo", Language.ZH_HANT))


@pytest.mark.parametrize("language", Language)
def test_every_language_has_its_own_demo_team(language: Language) -> None:
    """Nothing in the past was misunderstood, and it holds days of every kind."""

    async def past() -> tuple[str, list[tuple[str, str]]]:
        demo = await open_demo(language, SUNDAY)
        try:
            wall = f"{demo.wall():%a %H:%M}"
            who = Playground(demo, language).speaker("ann")
            for line in ("/week", "/week last"):
                await demo.door.say(who, line)
                await demo.app.settle()
            messages = demo.chats.of("ann")
            pairs = itertools.pairwise(messages)
            return wall, [(one.text, "\n".join(next_.lines)) for one, next_ in pairs if one.author != BOT]
        finally:
            demo.close()

    wall, answered = in_thread(past)
    *history, this_week, last_week = answered
    assert wall == "Fri 08:25"
    assert len(history) > 30
    assert [said for said, answer in history if not answer.startswith("✓")] == []
    for state in ("on_time", "missed", "excused"):
        assert say(f"state.{state}", language) in this_week[1] + last_week[1]


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_one_chat_at_a_time(browser: Browser, served: Served, dark: bool) -> None:
    with page_at(browser, served, width=390, height=844, dark=dark) as page:
        expect(page.locator(".pane:visible")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.get_by_role("tab", name="Marcus Tan").click()
        expect(page.locator("#pane-boss")).to_be_visible()
        expect(page.locator("#pane-ann")).to_be_hidden()
        page.click("#pane-boss .chip >> text=/help")
        expect(last_card(page, "boss")).to_contain_text("/visit")
        served.post("/say", {"chat": "ann", "text": "/today"})
        expect(page.locator("#tab-ann .unread")).not_to_be_empty()
        page.keyboard.press("Shift+Tab")
        page.locator("#tab-boss").focus()
        page.keyboard.press("ArrowRight")
        expect(page.locator("#pane-room")).to_be_visible()
        expect(page.get_by_role("tab", name="Team room")).to_be_focused()


def test_dark_is_dark_and_light_is_light(browser: Browser, served: Served) -> None:
    def brightness(dark: bool) -> list[float]:
        with page_at(browser, served, dark=dark) as page:
            colours = [
                page.locator(selector).first.evaluate("it => getComputedStyle(it).backgroundColor")
                for selector in ("body", ".pane", ".bubble", ".bar")
            ]
        return [sum(map(float, each.removeprefix("rgb(").rstrip(")").split(","))) / 3 for each in colours]

    assert max(brightness(dark=True)) < 80
    assert min(brightness(dark=False)) > 200


def test_the_keyboard_alone_is_enough(browser: Browser, served: Served) -> None:
    with page_at(browser, served) as page:
        reached: list[str] = []
        for _ in range(4):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
        assert reached == ["Next push", "+1 h", "Next working day", "language"]
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) == "solid"
        page.keyboard.press("Tab")
        expect(page.locator("#pane-ann .skip")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#pane-ann textarea")).to_be_focused()
        page.keyboard.type("/visit Keyboard Works")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("result: tidy")
        page.keyboard.press("Enter")
        expect(last_card(page)).to_contain_text("Keyboard Works")
        expect(page.locator("#pane-ann textarea")).to_have_value("")
        undo = last_card(page).get_by_role("button", name="Undo")
        number = last_card(page).get_attribute("id")
        undo.focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"#{number}")).to_contain_text("Undone")
        # The button is gone with the edit; focus does not fall out of the pane.
        assert page.evaluate("document.activeElement.closest('.pane')?.dataset.chat") == "ann"


def test_every_control_has_a_name(browser: Browser, served: Served) -> None:
    with page_at(browser, served) as page:
        nameless = page.evaluate(
            """[...document.querySelectorAll("button, select, textarea, [role]")].filter((it) =>
                 !(it.getAttribute("aria-label") || it.getAttribute("aria-labelledby") || it.textContent.trim()
                   || it.labels?.length || it.id === "notice")).map((it) => it.outerHTML)"""
        )
        assert nameless == []
        assert page.locator("[role=log][aria-live=polite]").count() == 3


def test_a_hostile_name_stays_text(browser: Browser, served: Served) -> None:
    name = "<img src=x onerror=document.title='owned'> <b>Evil</b> & Co"
    with page_at(browser, served) as page:
        title = page.title()
        write(
            page,
            "ann",
            [f"/visit {name}", "met: <script>document.title='owned'</script>", "result: {{ 7*7 }}"],
        )
        expect(last_card(page)).to_contain_text("<img src=x onerror=")
        expect(last_card(page)).to_contain_text("{{ 7*7 }}")
        assert page.locator(".log img, .log b:not(.fact b), .log script").count() == 0
        page.reload()
        page.wait_for_selector("body[data-ready]")
        expect(last_card(page)).to_contain_text("<img src=x onerror=")
        assert page.locator(".log img, .log script").count() == 0
        assert page.title() == title


# The doors


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:8080"},
        {"Host": ""},
    ],
)
def test_other_sites_are_turned_away(served: Served, headers: dict[str, str]) -> None:
    before = served.last("ann")
    assert served.post("/say", {"chat": "ann", "text": "/today"}, headers)[0] == 403
    assert served.ask("GET", "/events", headers=headers)[0] == 403
    assert served.last("ann") is before


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/say", b"{", 400),
        ("/say", {"chat": "ann"}, 400),
        ("/say", {"chat": "room", "text": "/today"}, 400),
        ("/say", {"chat": "bob", "text": "/today"}, 400),
        ("/say", {"chat": "ann", "text": ["/today"]}, 400),
        ("/say", {"chat": "ann", "text": "half \ud83d a sign"}, 400),
        ("/say", b"[" * 60_000, 400),
        ("/say", b'{"chat": "ann", "text": "' + b"x" * BODY_MOST + b'"}', 413),
        ("/press", {"chat": "ann", "message": "m1", "token": "x" * 65}, 400),
        ("/clock", {"jump": "backwards"}, 400),
        ("/language", {"language": "tlh"}, 400),
    ],
)
def test_malformed_requests_change_nothing(
    served: Served, path: str, body: Mapping[str, Any] | bytes, status: int
) -> None:
    before, clock = served.last("ann"), served.playground.clock()
    assert served.post(path, body)[0] == status
    assert served.last("ann") is before
    assert served.playground.clock() == clock


def test_only_json_is_read(served: Served) -> None:
    form = {"Content-Type": "text/plain"}
    assert served.post("/say", {"chat": "ann", "text": "/today"}, form)[0] == 415
    assert served.ask("GET", "/say")[0] == 405
    assert served.ask("GET", "/page.html")[0] == 404
    assert served.ask("GET", "/../demo.en.toml")[0] == 404


def test_bad_words_get_a_polite_answer(served: Served) -> None:
    for text in (
        "\U0001f680\U0001f680",
        "x" * 10_000,
        "\u202e/visit",
        "\u200b",
        "=1+1",
    ):
        before = served.last("ann")
        assert served.post("/say", {"chat": "ann", "text": text}) == (200, {"ok": True})
        assert served.since(before) == ["ann", BOT]


def test_a_foreign_or_old_button_does_nothing(served: Served) -> None:
    served.post("/say", {"chat": "ann", "text": "/visit Foreign Button Ltd\nresult: ok"})
    card = served.last("ann")
    assert card.card is not None
    last = len(card.card.commands) - 1
    pressed = {"message": card.id, "token": f"{card.token}.{last}"}
    served.post("/press", {"chat": "boss", **pressed})
    assert served.last("ann") is card
    edits = [card.edits]
    for _ in range(2):
        served.post("/press", {"chat": "ann", **pressed})
        edits.append(card.edits)
    assert edits == [0, 1, 1]
    assert served.last("ann").author == BOT
    for token in ("nothing.0", f"{card.token}.99", f"{card.token}.x", ""):
        assert served.post("/press", {"chat": "ann", "message": card.id, "token": token})[0] == 200


def test_the_same_delivery_twice_is_once(served: Served) -> None:
    before = served.last("ann")
    for _ in range(2):
        served.post("/say", {"chat": "ann", "text": "/week", "id": "page-1"})
    assert served.since(before) == ["ann", BOT]


def test_a_page_that_does_not_read_is_cut_off_and_keeps_nobody_waiting(served: Served) -> None:
    playground = served.playground

    async def slow() -> list[str]:
        events = playground.events()
        first = await anext(events)
        for number in range(2_000):
            playground._tell("clock", {"at": str(number)})
        rest = [each async for each in events]
        return [first, *rest]

    got = in_thread(slow)
    assert got[0].startswith("event: snapshot\n")
    assert 0 < len(got) < 1_000


def test_a_taken_port_gives_the_next_and_an_interrupt_ends_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        program = (
            "from datetime import date; from bot.web.playground import serve_demo; "
            "from domain.people import Language; "
            f"serve_demo('127.0.0.1', {port}, language=Language.EN, open_browser=False, today=date(2026, 11, 22))"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONUTF8": "1"},
        )
        try:
            assert process.stdout is not None
            said = [process.stdout.readline() for _ in range(3)]
            assert said[0].startswith(f"Port {port} is taken")
            url = said[2].split()[1]
            assert not url.endswith(f":{port}/")
            # An open stream does not hold the end up.
            connection = http.client.HTTPConnection(url.removeprefix("http://").rstrip("/"), timeout=30)
            connection.request("GET", "/events")
            assert connection.getresponse().read(15) == b"event: snapshot"
            process.send_signal(signal.SIGINT)
            _, complaints = process.communicate(timeout=30)
            connection.close()
            assert (process.returncode, complaints) == (0, "")
        finally:
            process.kill()
            process.wait()
