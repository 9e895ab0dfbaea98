"""The playground as a visitor meets it: a real Chromium at a real server, and the doors it must keep shut."""

import asyncio
import contextlib
import http.client
import itertools
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect, sync_playwright

from bot.charts import png_of
from bot.demo import open_demo, story_of
from bot.web.adapter import BOT, ROOM, Message
from bot.web.playground import BODY_MOST, listen_at, server_of
from bot.web.stage import Playground
from bot.web.stages import SCENES_ON, Stages
from domain.files import FILE_MOST
from domain.people import Language
from domain.workdays import Calendar
from handlers.charting import charted
from handlers.charts import Theme
from handlers.view import t
from handlers.words import catalogue
from tests.support.drawings import drawing
from tests.support.keeping import JPEG, PDF, keeping
from tests.support.required import require

# One worker holds the browser and the page.
pytestmark = pytest.mark.xdist_group("playground")

T = TypeVar("T")
SUNDAY = date(2026, 11, 22)
# Enough for every page; the full three weeks are played once for each language.
SHORT = 4
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
        stages = Stages(language, SUNDAY, SHORT)
        playground = await stages.at(stages.place({}))
        listening = listen_at("127.0.0.1", 0)
        server = server_of(stages, "127.0.0.1")
        loop = asyncio.get_running_loop()
        served = Served(playground, listening.getsockname()[1])
        found.append((served, lambda: loop.call_soon_threadsafe(server.handle_exit, signal.SIGTERM, None)))  # type: ignore[arg-type]
        ready.set()
        try:
            await server.serve(sockets=[listening])
        finally:
            await stages.close()

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
    browser: Browser,
    served: Served,
    *,
    width: int = 1440,
    height: int = 900,
    dark: bool = False,
    scene: str = "",
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
    page.goto(f"{served.url}{scene}")
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    yield page
    assert complaints == []
    context.close()


def write(page: Page, chat: str, lines: list[str]) -> None:
    """Types as a person does: Shift+Enter between the lines, Enter at the end."""
    area = page.locator(f"#pane-{chat} .composer textarea")
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


def test_the_page_opens_on_a_working_team(browser: Browser) -> None:
    with serving() as served, page_at(browser, served) as page:
        expect(page.locator("#date")).to_have_text("Fri 20 Nov")
        expect(page.locator("#time")).to_have_text("08:25")
        expect(page.locator(".pane:visible")).to_have_count(3)
        expect(page.locator(".curtain")).to_be_hidden()
        expect(last_card(page, "room")).to_contain_text("won a deal")
        write(page, "ann", EXAMPLE)
        expect(last_card(page)).to_contain_text("budget confirmed")
        expect(page.locator("#pane-ann .mine .tick").last).to_have_attribute("aria-label", "Read")
        page.locator(".jump", has_text="Next push").click()
        expect(page.locator("#time")).to_have_text("08:30")
        expect(last_card(page)).to_contain_text("Today, Fri 20 Nov · 2 planned")
        expect(page.locator("#pane-ann .day").last).to_have_text("Today")
        messages = page.locator("#pane-ann .message").all_inner_texts()[-40:]
        page.reload()
        page.wait_for_selector("body[data-ready]")
        assert page.locator("#pane-ann .message").all_inner_texts()[-40:] == messages
        expect(page.locator("#time")).to_have_text("08:30")


def now(page: Page, chat: str) -> Any:
    return page.locator(f"#pane-{chat} .guide [data-state=now]")


def states(page: Page, chat: str) -> list[str | None]:
    return [each.get_attribute("data-state") for each in page.locator(f"#pane-{chat} .guide li").all()]


@pytest.mark.parametrize("language", Language)
def test_the_first_minute_ticks_itself(browser: Browser, language: Language) -> None:
    with serving(language) as served, page_at(browser, served) as page:
        does = page.locator("#pane-ann .guide .do")
        # To be answered is not to be told: the language switch ticks nothing.
        answered = served.last("boss")
        assert served.post("/language", {"language": language})[0] == 200
        assert served.since(answered) == ["boss", BOT]
        assert states(page, "boss") == ["now", "later", "later"]
        for task in ("hello", "customer"):
            expect(now(page, "ann")).to_have_attribute("data-task", task)
            expect(page.locator("#pane-ann .task")).to_have_text(
                say(f"playground.guide.rep_{task}", language)
            )
            does.click()
        expect(now(page, "ann")).to_have_attribute("data-task", "visit")
        does.click()
        # An example in the composer is nothing done yet.
        expect(page.locator("#pane-ann .composer textarea")).to_be_focused()
        assert states(page, "ann").count("done") == 2
        page.keyboard.press("Enter")
        expect(now(page, "ann")).to_have_attribute("data-task", "card")
        does.click()
        expect(now(page, "ann")).to_have_attribute("data-task", "seen")
        assert states(page, "boss") == ["now", "later", "later"]
        told = served.last("boss")
        does.click()
        expect(page.locator("#pane-ann .mine").last).to_be_visible()
        # The news of a day come together: the clock has to go there.
        for _ in range(6):
            was = page.locator("#time").inner_text()
            page.locator(".jump", has_text=say("playground.page.next_push", language)).click()
            expect(page.locator("#time")).not_to_have_text(was)
            if does.is_hidden():
                break
        expect(page.locator("#pane-ann .task")).to_have_text(say("playground.guide.rep_end", language))
        expect(does).to_be_hidden()
        assert set(served.since(told)) == {BOT}
        # What the rep's guide made happen is the manager's second task too.
        assert states(page, "boss") == ["done", "done", "now"]
        page.locator("#pane-boss .guide .do").click()
        expect(page.locator("#pane-boss .guide [data-state=done]")).to_have_count(3)
        expect(page.locator("#pane-boss .task")).to_have_text(say("playground.guide.manager_end", language))
        expect(last_card(page, "boss")).to_contain_text(
            catalogue().say(t("invite.made", role=t("role.rep")), language)
        )
        page.reload()
        page.wait_for_selector("body[data-ready]")
        assert {*states(page, "ann"), *states(page, "boss")} == {"done"}


def test_the_first_minute_can_be_put_away(browser: Browser, served: Served) -> None:
    with page_at(browser, served) as page:
        page.get_by_role("button", name="Hide the first minute").first.click()
        expect(page.locator("#pane-ann .guide")).to_be_hidden()
        expect(page.locator("#pane-ann .composer textarea")).to_be_focused()
        expect(page.locator("#pane-boss .guide")).to_be_visible()
        page.reload()
        page.wait_for_selector("body[data-ready]")
        expect(page.locator("#pane-boss .guide")).to_be_visible()
        expect(page.locator("#pane-ann .guide")).to_be_hidden()


def test_commands_are_offered_while_one_types(browser: Browser, served: Served) -> None:
    with page_at(browser, served) as page:
        area = page.locator("#pane-ann .composer textarea")
        options = page.locator("#pane-ann [role=option]")
        area.focus()
        page.keyboard.type("/")
        assert options.count() > 6
        assert "/invite" not in options.all_inner_texts()
        page.keyboard.type("vi")
        expect(options).to_have_count(1)
        expect(options).to_contain_text("log or plan a visit")
        expect(area).to_have_attribute("aria-activedescendant", str(options.get_attribute("id")))
        expect(area).to_have_attribute("aria-controls", str(options.locator("xpath=..").get_attribute("id")))
        page.keyboard.press("Enter")
        expect(area).to_have_value("/visit ")
        expect(options).to_have_count(0)
        expect(area).not_to_have_attribute("aria-activedescendant", re.compile(".*"))
        # Up and down go round; Escape leaves what was typed.
        area.fill("/")
        chosen = page.locator("#pane-ann [role=option][aria-selected=true]")
        first = chosen.inner_text()
        page.keyboard.press("ArrowUp")
        assert chosen.inner_text() != first
        page.keyboard.press("ArrowDown")
        assert chosen.inner_text() == first
        page.keyboard.press("Escape")
        expect(options).to_have_count(0)
        expect(area).to_have_value("/")
        # A word that is whole is sent by one Enter.
        before = served.last("ann")
        area.fill("/today")
        page.keyboard.press("Enter")
        expect(page.locator("#pane-ann .mine .said").last).to_have_text("/today")
        assert served.since(before)[0] == "ann"
        # The manager is offered what a manager may; the pointer serves as well as the keys.
        page.locator("#pane-boss .composer textarea").type("/inv")
        page.locator("#pane-boss [role=option]").click()
        expect(page.locator("#pane-boss .composer textarea")).to_have_value("/invite ")
        expect(page.locator("#pane-boss .composer textarea")).to_be_focused()


def test_chinese_words_are_offered_without_a_slash(browser: Browser, served: Served) -> None:
    word = say("visit.command.word", Language.ZH)
    with page_at(browser, served, scene="?lang=zh") as page:
        page.locator("#pane-ann .composer textarea").type(word[0])
        offered = page.locator("#pane-ann [role=option] b")
        expect(offered).to_have_text([word])
        page.keyboard.press("Tab")
        expect(page.locator("#pane-ann .composer textarea")).to_have_value(f"{word} ")


# Scenes


def test_a_scene_is_the_same_whenever_it_is_opened() -> None:
    async def played(place: dict[str, str], today: date) -> list[tuple[str, str]]:
        stages = Stages(Language.EN, today, SHORT)
        try:
            playground = await stages.at(stages.place(place))
            wall = f"{playground.demo.wall():%Y-%m-%d %H:%M}"
            chats = [("", wall)]
            for chat in ("ann", "boss"):
                chats += [(each.author, "\n".join(each.lines)) for each in playground.demo.chats.of(chat)]
            return chats
        finally:
            await stages.close()

    first = in_thread(lambda: played({"scene": "visit"}, SUNDAY))
    assert first == in_thread(lambda: played({"scene": "visit"}, date(2027, 5, 1)))
    assert first[0] == ("", "2026-03-03 10:58")


SCENES = {
    "morning": ("08:30", "ann", ("Today, Tue 3 Mar",)),
    "visit": ("10:58", "ann", ("Atlas Port Authority · Rachel Goh", "Visits this week")),
    "evening": ("17:30", "ann", ("left today", "Close day as is")),
    "manager": ("09:10", "boss", ("An invitation for one rep", "Code:")),
    "form": ("10:52", "ann", ("Which customer?", "Save")),
}


@pytest.mark.parametrize("scene", SCENES)
def test_a_link_leads_to_a_scene(browser: Browser, served: Served, scene: str) -> None:
    at, chat, words = SCENES[scene]
    with page_at(browser, served, scene=f"?scene={scene}&theme=dark") as page:
        expect(page.locator("#time")).to_have_text(at)
        expect(page.locator("#date")).to_have_text("Tue 3 Mar")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        for each in words:
            expect(last_card(page, chat)).to_contain_text(each)
        # A ready state is not a first minute, and the plain page is none the wiser.
        expect(page.locator(".guide:visible")).to_have_count(0)
        assert served.playground.demo.wall().date() != date(2026, 3, 3)


@pytest.mark.parametrize("language", [Language.ZH, Language.ZH_HANT])
def test_chinese_plays_every_scene_too(language: Language) -> None:
    """The bot understood each line: somebody's words are followed by an answer that asks nothing."""

    async def played() -> dict[str, list[tuple[str, str]]]:
        stages, answers = Stages(language, SUNDAY, SHORT), {}
        try:
            for scene in story_of(language).scenes:
                playground = await stages.at(stages.place({"scene": scene}))
                chats = playground.demo.chats
                today = [
                    each
                    for chat in ("ann", "boss")
                    for each in chats.of(chat)
                    if each.at.astimezone(playground.demo.wall().tzinfo).date() == SCENES_ON
                ]
                answers[scene] = [(each.author, "\n".join(each.lines)) for each in today]
            return answers
        finally:
            await stages.close()

    played_scenes = in_thread(played)
    assert list(played_scenes) == ["morning", "visit", "evening", "manager", "form", "chinese"]
    for scene, messages in played_scenes.items():
        for (author, _), (answerer, answer) in itertools.pairwise(messages):
            if author != BOT:
                assert answerer == BOT, scene
                # A question would mean that something was not understood; the form is one.
                assert scene == "form" or not re.search("[?\uff1f]", answer), answer


def test_the_chinese_scene_is_chinese_all_the_way(browser: Browser, served: Served) -> None:
    with page_at(browser, served, scene="?scene=chinese") as page:
        expect(page.locator("html")).to_have_attribute("lang", "zh")
        # The names of customers and of the product, and a code, are nobody's language.
        named = " ".join(f"{each.name} {' '.join(each.met)}" for each in story_of(Language.ZH).customers)
        text = re.sub(r"\w+-\w+", "", page.locator("body").inner_text())
        latin = {*re.findall(r"[A-Za-z]{2,}", text)}
        assert latin - {"Dealpace", "English", *re.findall(r"[A-Za-z]+", named)} == set()


def test_an_unknown_scene_is_the_plain_page_with_a_word_about_it(browser: Browser, served: Served) -> None:
    with page_at(browser, served, scene="?scene=%3Cb%3Enone") as page:
        expect(page.locator("#date")).to_have_text(served.playground.clock()["date"])
        expect(page.locator("#scenes")).to_contain_text("There is no such scene.")
        assert page.locator("#scenes a").all_inner_texts() == [*SCENES, "chinese"]
        page.locator("#scenes").get_by_role("button", name="Close").click()
        expect(page.locator("#scenes")).to_have_count(0)


def test_starting_over_begins_anew_for_everybody(browser: Browser, served: Served) -> None:
    scene = "?scene=morning&lang=zh-Hant"
    with page_at(browser, served, scene=scene) as page, page_at(browser, served, scene=scene) as other:
        before = last_card(page).inner_text()
        page.locator("#pane-ann .chip").first.click()
        expect(other.locator("#pane-ann .mine").last).to_contain_text(
            say("playground.chip.today", Language.ZH_HANT)
        )
        page.locator("#restart").click()
        for each in (page, other):
            expect(each.locator("#pane-ann .message").last).not_to_have_class(
                re.compile("new"), timeout=60_000
            )
            expect(last_card(each)).to_have_text(re.compile(re.escape(before.split("\n")[0])))


def test_what_the_room_is_told_is_shown_there(browser: Browser) -> None:
    with serving() as served, page_at(browser, served) as page:
        write(page, "boss", ["/calendar off today"])
        expect(last_card(page, "boss")).to_contain_text("Day off today")
        # A post to a room waits until it can no longer be undone.
        expect(last_card(page, "room")).not_to_contain_text("off today")
        page.locator(".jump", has_text="+1 h").click()
        expect(last_card(page, "room")).to_contain_text("off today")
        assert served.last(ROOM).author == BOT


# Forms


def test_a_form_is_filled_in_and_put_right(browser: Browser, served: Served) -> None:
    with page_at(browser, served, scene="?scene=form&lang=en") as page:
        form = page.locator("#pane-ann .form")
        expect(form).to_have_attribute("aria-label", say("visit.command.summary", Language.EN))
        customer = form.locator("[name=customer]")
        expect(customer).to_have_attribute("aria-required", "true")
        form.locator("[name=result]").fill("budget confirmed")
        form.get_by_role("button", name="Save").click()
        # Said at the field, in words that a screen reader reads with it; nothing typed is lost.
        expect(customer).to_be_focused()
        expect(customer).to_have_attribute("aria-invalid", "true")
        wrong = page.locator(f"#{str(customer.get_attribute('aria-describedby')).split()[-1]}")
        expect(wrong).to_have_text(say("answer.needed", Language.EN))
        expect(form.locator("[name=result]")).to_have_value("budget confirmed")
        customer.fill("Form Works")
        form.locator("[name=met]").fill("Li Wei (CFO)")
        form.locator("[name=next]").fill("send quote")
        form.get_by_role("button", name="Save").click()
        expect(form).to_have_count(0)
        expect(last_card(page)).to_contain_text("Form Works · Li Wei")
        expect(last_card(page)).to_contain_text("budget confirmed")
        page.reload()
        page.wait_for_selector("body[data-ready]")
        expect(form).to_have_count(0)


def test_a_form_keeps_nobody_from_typing_or_pressing(browser: Browser, served: Served) -> None:
    with page_at(browser, served) as page:
        write(page, "ann", ["/visit"])
        form = page.locator("#pane-ann .form").last
        form.locator("[name=result]").fill("not sent")
        write(page, "ann", ["Typed Instead"])
        expect(last_card(page)).to_contain_text("Typed Instead")
        write(page, "ann", ["/visit"])
        expect(page.locator("#pane-ann .message").last.locator(".form")).to_be_visible()
        number = page.locator("#pane-ann .message").last.get_attribute("id")
        page.locator(f"#{number} .key").first.click()
        expect(page.locator(f"#{number} .form")).to_have_count(0)


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
        page.locator(".jump", has_text="Next working day").click()
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
            expect(page.locator("#pane-ann .guide h3")).to_have_text(say("playground.guide.title", language))
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


def _answered(messages: Sequence[Message]) -> list[tuple[str, str]]:
    """What was said in a chat, each with the answer under it."""
    pairs = itertools.pairwise(messages)
    return [(one.text, "\n".join(next_.lines)) for one, next_ in pairs if one.author != BOT]


@pytest.mark.parametrize("language", Language)
def test_every_language_has_its_own_demo_team(language: Language) -> None:
    """Nothing in the past was misunderstood, and it holds days of every kind."""

    async def past() -> tuple[str, list[tuple[str, str]], list[tuple[str, str]]]:
        demo = await open_demo(language, SUNDAY)
        try:
            wall = f"{demo.wall():%a %H:%M}"
            who = Playground(demo, language).speaker("ann")
            for line in ("/week", "/week last"):
                await demo.door.say(who, line)
                await demo.app.settle()
            said = {chat: _answered(demo.chats.of(chat)) for chat in ("ann", "boss")}
            return wall, said["ann"], said["boss"]
        finally:
            demo.close()

    wall, answered, led = in_thread(past)
    won = [answer for said, answer in led if "HT-" in said]
    assert won
    assert [answer for answer in won if not answer.startswith("✓")] == []
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
        for _ in range(6):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
        assert reached == ["Next push", "+1 h", "Next working day", "restart", "theme", "language"]
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) == "solid"
        page.keyboard.press("Tab")
        expect(page.locator("#pane-ann .skip")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#pane-ann .composer textarea")).to_be_focused()
        page.keyboard.type("/visit Keyboard Works")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("result: tidy")
        page.keyboard.press("Enter")
        expect(last_card(page)).to_contain_text("Keyboard Works")
        expect(page.locator("#pane-ann .composer textarea")).to_have_value("")
        undo = last_card(page).get_by_role("button", name="Undo")
        number = last_card(page).get_attribute("id")
        undo.focus()
        page.keyboard.press("Enter")
        expect(page.locator(f"#{number}")).to_contain_text("Undone")
        # The button is gone with the edit; focus does not fall out of the pane.
        assert page.evaluate("document.activeElement.closest('.pane')?.dataset.chat") == "ann"


def test_the_theme_is_the_systems_until_one_is_chosen(browser: Browser, served: Served) -> None:
    with page_at(browser, served, dark=True) as page:
        colour = "getComputedStyle(document.body).backgroundColor"
        dark = page.evaluate(colour)
        button = page.locator("#theme")
        seen = []
        for _ in range(3):
            seen.append((button.get_attribute("aria-label"), page.evaluate(colour) == dark))
            button.click()
        assert seen == [
            ("Appearance: as the system", True),
            ("Appearance: light", False),
            ("Appearance: dark", True),
        ]
        button.click()
        page.reload()
        page.wait_for_selector("body[data-ready]")
        expect(button).to_have_attribute("aria-label", "Appearance: light")
        assert page.evaluate(colour) != dark


# What a screen reader or a checker would look for, in the page's own words.
AUDIT = """() => {
  const shown = (it) => it.checkVisibility({ visibilityProperty: true });
  const named = (it) => it.getAttribute("aria-label")?.trim() || it.textContent.trim() || it.labels?.[0]?.textContent.trim()
    || document.getElementById(it.getAttribute("aria-labelledby"))?.textContent.trim();
  const all = (selector) => [...document.querySelectorAll(selector)];
  const faults = [];
  const fault = (what, it) => faults.push(`${what}: ${it.outerHTML.slice(0, 120)}`);
  for (const it of all("button, select, input, textarea, a, summary, section, nav, form[aria-label], [role]:not([role=status], [role=alert])"))
    if (shown(it) && !named(it)) fault("no name", it);
  for (const it of all("[aria-labelledby], [aria-controls], [aria-describedby], [aria-activedescendant]"))
    for (const name of ["labelledby", "controls", "describedby", "activedescendant"])
      for (const id of (it.getAttribute(`aria-${name}`) || "").split(" ").filter(Boolean))
        if (!document.getElementById(id)) fault(`no such ${name} ${id}`, it);
  const ids = all("[id]").map((it) => it.id);
  ids.filter((id, place) => ids.indexOf(id) !== place).forEach((id) => faults.push(`twice: ${id}`));
  for (const it of all("svg, .avatar")) if (!it.closest("[aria-hidden=true]")) fault("not hidden", it);
  for (const it of all("[aria-hidden=true]")) if (it.querySelector("button, a, input, [tabindex]")) fault("hidden control", it);
  if (all("h1").length !== 1) faults.push(`${all("h1").length} h1`);
  if (all("main").length !== 1 || all("body > header").length !== 1) faults.push("landmarks");
  let level = 0;
  for (const it of all("h1, h2, h3")) {
    if (it.tagName[1] - level > 1) fault("skips a level", it);
    level = Number(it.tagName[1]);
  }
  if (all("[role=log][aria-live=polite][tabindex='0']").length !== 3) faults.push("logs");
  if (!document.getElementById("notice").matches("[role=status]")) faults.push("notice");
  for (const it of all("button, select, a, summary, input")) {
    const box = it.getBoundingClientRect();
    if (shown(it) && !it.matches(".skip") && box.width && (box.width < 24 || box.height < 24)) fault("small target", it);
  }
  return faults;
}"""

# Every text that can be seen, against what is painted behind it (WCAG 1.4.3), and the edges of fields (1.4.11).
CONTRAST = """() => {
  const ink = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    ink.clearRect(0, 0, 1, 1);
    ink.fillStyle = colour;
    ink.fillRect(0, 0, 1, 1);
    return [...ink.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((each) => each / 255).map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ratio = (one, two) => (Math.max(light(one), light(two)) + 0.05) / (Math.min(light(one), light(two)) + 0.05);
  const behind = (it) => {
    for (let each = it; each; each = each.parentElement) {
      const colour = rgba(getComputedStyle(each).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const faults = new Set();
  let looked = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const it = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !it.checkVisibility({ visibilityProperty: true }) || it.closest(".unseen, .skip, script")) continue;
    looked++;
    const style = getComputedStyle(it);
    const big = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
    const found = ratio(rgba(style.color), behind(it));
    if (found < (big ? 3 : 4.5)) faults.add(`${it.tagName}.${it.className} ${found.toFixed(2)}`);
  }
  for (const it of document.querySelectorAll("input, select, textarea")) {
    const style = getComputedStyle(it);
    const edge = it.matches(":focus-visible") ? style.outlineColor : style.borderTopColor;
    const found = ratio(rgba(edge), behind(it.parentElement));
    if (it.checkVisibility() && found < 3) faults.add(`edge of ${it.tagName} ${found.toFixed(2)}`);
    const faint = getComputedStyle(it, "::placeholder").color;
    if (it.placeholder && ratio(rgba(faint), behind(it)) < 4.5) faults.add(`placeholder of ${it.tagName}`);
  }
  const accent = getComputedStyle(document.documentElement).getPropertyValue("--accent");
  document.body.style.outlineColor = accent;
  for (const it of document.querySelectorAll(".bar, .pane, .who"))
    if (ratio(rgba(getComputedStyle(document.body).outlineColor), behind(it)) < 3) faults.add("focus ring");
  document.body.style.outlineColor = "";
  return [looked, [...faults]];
}"""


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("scene", ["", "?scene=form&lang=en", "?scene=evening", "?scene=none&lang=zh"])
def test_everybody_can_use_it(browser: Browser, served: Served, scene: str, dark: bool, width: int) -> None:
    with page_at(browser, served, dark=dark, width=width, scene=scene) as page:
        if "form" in scene:
            write(page, "ann", ["/visit"])
            page.locator("#pane-ann .message").last.locator(".save").click()
            expect(page.locator("#pane-ann .form [aria-invalid=true]").last).to_be_focused()
        if not scene:
            page.locator("#pane-ann .composer textarea").type("/")
            expect(page.locator("#pane-ann [role=option]").first).to_be_visible()
        assert page.evaluate(AUDIT) == []
        looked, faint = page.evaluate(CONTRAST)
        assert looked > 40
        assert faint == []
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_checks_find_what_is_wrong(browser: Browser, served: Served) -> None:
    with page_at(browser, served) as page:
        page.evaluate("document.querySelector('#theme').removeAttribute('aria-label')")
        page.evaluate("document.querySelector('h2').style.color = '#9ab'")
        assert [each.split(":")[0] for each in page.evaluate(AUDIT)] == ["no name"]
        (faint,) = page.evaluate(CONTRAST)[1]
        assert faint.startswith("H2.")


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
        ("/submit", {"chat": "ann", "message": "m1", "token": "x.0", "values": {"met": 1}}, 400),
        ("/submit", {"chat": "room", "message": "m1", "token": "x.0", "values": {}}, 400),
        ("/restart", b"", 400),
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
    assert served.post("/restart", b"{}", form)[0] == 415
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
    message = served.last("ann")
    assert message.card is not None
    last = len(message.card.commands) - 1
    pressed = {"message": message.id, "token": f"{message.token}.{last}"}
    served.post("/press", {"chat": "boss", **pressed})
    assert served.last("ann") is message
    edits = [message.edits]
    for _ in range(2):
        served.post("/press", {"chat": "ann", **pressed})
        edits.append(message.edits)
    assert edits == [0, 1, 1]
    assert served.last("ann").author == BOT
    for token in ("nothing.0", f"{message.token}.99", f"{message.token}.x", ""):
        assert served.post("/press", {"chat": "ann", "message": message.id, "token": token})[0] == 200
        status, answer = served.post(
            "/submit", {"chat": "ann", "message": message.id, "token": token, "values": {"met": "Li Wei"}}
        )
        assert (status, answer) == (200, {"ok": False, "errors": {"": say("press.unknown", Language.EN)}})


def test_the_same_delivery_twice_is_once(served: Served) -> None:
    before = served.last("ann")
    for _ in range(2):
        served.post("/say", {"chat": "ann", "text": "/week", "id": "page-1"})
    assert served.since(before) == ["ann", BOT]


# Files


def attached(
    served: Served, name: str, content: bytes, headers: Mapping[str, str] | None = None, **said: Any
) -> int:
    """Sends a file as the page does; the status of the answer."""
    asked = {"chat": "ann", "name": name, "size": len(content)} | said.pop("asked", {}) | said
    path = f"/attach?{urlencode(asked)}"
    sent = {"Content-Type": "application/octet-stream"} if headers is None else dict(headers)
    return served.ask("POST", path, content, sent)[0]


def fetched(served: Served, **asked: Any) -> tuple[int, str, str, bytes]:
    """A file as a page gets it: status, type, how it is to be shown, and the bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    try:
        connection.request("GET", f"/file?{urlencode(asked)}")
        answer = connection.getresponse()
        shown = answer.headers.get("Content-Disposition", "")
        return answer.status, answer.headers.get_content_type(), shown, answer.read()
    finally:
        connection.close()


def test_a_file_is_sent_answered_and_shown(served: Served) -> None:
    with keeping():
        before = served.last("ann")
        assert attached(served, "../../card.jpg", JPEG, caption="his card") == 200
        *_, own, card = served.playground.demo.chats.of("ann")
        assert served.since(before) == ["ann", BOT]
        assert own.text == "his card" and own.file is not None and own.file.name == "card.jpg"
        assert re.fullmatch(
            rf"took \[F\d+ card.jpg image/jpeg {len(JPEG)}\] caption \[his card\].*", card.lines[0]
        )
        assert fetched(served, chat="ann", message=own.id) == (200, "image/jpeg", "", JPEG)
        number = card.lines[0].split()[1].strip("[")
        served.post("/say", {"chat": "ann", "text": f"/keep Acme\ntext: it\nfile: {number}"})
        shown = served.last("ann")
        assert fetched(served, chat="ann", message=shown.id, n=0)[3] == JPEG


def test_a_chart_is_drawn_in_the_colours_that_are_asked_for(served: Served) -> None:
    with keeping():
        served.post("/say", {"chat": "ann", "text": "/draw trend"})
        shown = served.last("ann")
        [picture] = [each for each in rendered(served, shown)["blocks"] if each["kind"] == "chart"]
        assert picture["text"].startswith("Ann's points, Last 8 weeks: W2 71; W3 68; ")
        made = charted(drawing("trend", Language.EN))
        for theme in Theme:
            found = fetched(served, chat="ann", message=shown.id, n=0, theme=theme)
            assert found == (200, "image/png", "", png_of(made, Language.EN, theme))
        assert fetched(served, chat="ann", message=shown.id, n=0, theme="pink")[0] == 400
        assert fetched(served, chat="ann", message=shown.id, n=1)[0] == 404


def rendered(served: Served, message: Message) -> dict[str, Any]:
    found: dict[str, Any] = served.playground._message(message)["card"]
    return found


def test_a_visitor_sees_a_chart_in_the_pages_theme(browser: Browser, served: Served) -> None:
    with keeping(), page_at(browser, served, dark=True) as page:
        pane = page.locator("#pane-ann")
        pane.locator(".composer textarea").fill("/draw scorecard")
        page.keyboard.press("Enter")
        picture = last_card(page).locator("img.chart")
        expect(picture).to_have_attribute("alt", re.compile("^Ann's week, Week 9"))
        expect(picture).to_have_attribute("src", re.compile("theme=dark$"))
        wide = "image => image.decode().then(() => image.naturalWidth)"
        assert picture.evaluate(wide) == 1440
        page.locator("#theme").click()
        expect(picture).to_have_attribute("src", re.compile("theme=light$"))
        assert picture.evaluate(wide) == 1440
        expect(last_card(page).get_by_role("button", name="Plain")).to_be_visible()


def test_what_is_no_picture_is_saved_and_never_run(served: Served) -> None:
    with keeping():
        assert attached(served, 'a "b".html', b"<script>1</script>") == 200
        *_, own, card = served.playground.demo.chats.of("ann")
        assert "is a web page or a program" in card.lines[0]
        assert fetched(served, chat="ann", message=own.id)[0] == 404
        assert attached(served, "offer \u62a5.pdf", PDF) == 200
        *_, own, _ = served.playground.demo.chats.of("ann")
        status, kind, shown, content = fetched(served, chat="ann", message=own.id)
        assert (status, kind, content) == (200, "application/octet-stream", PDF)
        assert shown == "attachment; filename*=UTF-8''offer%20%E6%8A%A5.pdf"


def test_a_file_that_is_too_large_is_refused_in_words(served: Served) -> None:
    with keeping():
        assert attached(served, "big.pdf", b"", size=FILE_MOST + 1) == 200
        *_, own, card = served.playground.demo.chats.of("ann")
        assert card.lines[0].startswith("big.pdf is over 20 MB and was not kept.")
        # There is nothing to show, and the page is told so.
        assert served.playground._message(own)["file"] == {
            "kind": "document",
            "name": "big.pdf",
            "there": False,
        }
        before = served.last("ann")
        # A page that sends it all the same is told before it is through.
        with contextlib.suppress(ConnectionError):
            assert attached(served, "big.pdf", bytes(FILE_MOST + 1)) == 413
        assert served.last("ann") is before


@pytest.mark.parametrize(
    ("said", "headers", "status"),
    [
        ({}, {"Content-Type": "text/plain"}, 415),
        ({}, {"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"chat": "cho"}, None, 400),
        ({"chat": "room"}, None, 400),
        ({"size": 0}, None, 400),
        ({"size": "x"}, None, 400),
        ({"asked": {"name": "n" * 256}}, None, 400),
        ({"size": 9}, None, 413),
        ({}, {"Content-Type": "application/octet-stream", "Origin": "https://evil.example"}, 403),
    ],
)
def test_a_malformed_file_changes_nothing(
    served: Served, said: dict[str, Any], headers: dict[str, str] | None, status: int
) -> None:
    with keeping():
        before = served.last("ann")
        assert attached(served, "a.pdf", PDF, headers, **said) == status
        assert served.last("ann") is before


def test_a_file_is_shown_at_its_own_stage_only(served: Served) -> None:
    with keeping():
        attached(served, "card.jpg", JPEG)
        *_, own, card = served.playground.demo.chats.of("ann")
        assert fetched(served, chat="ann", message=own.id, lang="en")[0] == 200
        for asked in (
            {"chat": "boss", "message": own.id},
            {"chat": "ann", "message": own.id, "n": 1},
            {"chat": "ann", "message": card.id},
            {"chat": "ann", "message": own.id, "lang": "zh"},
            {"chat": "ann", "message": "m999999"},
        ):
            assert fetched(served, **asked)[0] == 404, asked
        for asked in (
            {"chat": "zoe", "message": own.id},
            {"chat": "ann"},
            {"chat": "ann", "message": "m", "n": -1},
        ):
            assert fetched(served, **asked)[0] == 400, asked


def test_the_same_file_twice_is_once(served: Served) -> None:
    with keeping():
        before = served.last("ann")
        for _ in range(2):
            assert attached(served, "card.jpg", JPEG, id="page-file-1") == 200
        assert served.since(before) == ["ann", BOT]


def drawn(side: int) -> bytes:
    """A picture of one colour that a browser can show."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x1f\x4e\x5f" * side) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_visitor_sends_a_photo_and_sees_it(browser: Browser, served: Served) -> None:
    with keeping(), page_at(browser, served) as page:
        pane = page.locator("#pane-ann")
        pane.locator(".composer textarea").fill("the stand")
        with page.expect_file_chooser() as chosen:
            pane.get_by_role("button", name=say("playground.page.attach", Language.EN)).click()
        chosen.value.set_files(FilePayload(name="stand.png", mimeType="image/png", buffer=drawn(2)))
        expect(last_card(page)).to_contain_text("took [F")
        expect(last_card(page)).to_contain_text("caption [the stand]")
        expect(pane.locator(".composer textarea")).to_have_value("")
        own = pane.locator(".message.mine").last
        expect(own.locator("img.picture")).to_have_attribute("alt", "stand.png")
        assert (
            own.locator("img.picture").evaluate("image => image.decode().then(() => image.naturalWidth)") == 2
        )
        with page.expect_file_chooser() as chosen:
            pane.locator(".clip").click()
        chosen.value.set_files(FilePayload(name="offer.pdf", mimeType="application/pdf", buffer=PDF))
        link = pane.locator(".message.mine").last.locator("a.file")
        expect(link).to_have_text("offer.pdf")
        with page.expect_download() as saved:
            link.click()
        assert saved.value.suggested_filename == "offer.pdf"
        # What the bot shows of it is in its card.
        number = last_card(page).inner_text().split()[1].strip("[")
        write(page, "ann", ["/keep Acme", "text: it", f"file: {number}"])
        expect(last_card(page).locator("a.file")).to_have_text("offer.pdf")
        page.reload()
        page.wait_for_selector("body[data-ready]")
        expect(pane.locator(".message.mine img.picture").last).to_be_visible()


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
