"""The pictures of the documentation, taken of the playground's scenes: `python -m tests.support.screenshots [NAME...]`."""

import asyncio
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.async_api import Browser, FloatRect, Page, async_playwright

from bot.demo import Act, Demo, story_of
from bot.web.playground import listen_at, server_of
from bot.web.stages import SCENES_ON, Stages
from domain.people import Language
from handlers.view import t
from handlers.words import catalogue

DOCS = Path(__file__).parents[2] / "docs"
HOST = "127.0.0.1"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--font-render-hinting=none"]
DESK, PHONE = (1280, 800), (400, 1600)
GAP, EDGE = 3, 12
DONE = "/done S"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One file under `docs/`: a scene, what is done in it besides, and the last messages of a chat.

    Without `messages` it is the whole page on a desk. A step is said, pressed, or an instant the clock goes on to; where
    `tidy` is set the rep has done before what was due.
    """

    name: str
    scene: str
    steps: tuple[Act | datetime, ...] = ()
    tidy: bool = False
    chat: str = "ann"
    messages: int = 0

    @property
    def file(self) -> Path:
        return DOCS / f"{self.name}.png"


def says(who: str, words: str) -> Act:
    return Act(who=who, say=words)


def presses(who: str, label: str) -> Act:
    return Act(who=who, press=label)


def march(day: int, hour: int, minute: int = 0) -> datetime:
    """A time on the demo team's wall, in the month of the scenes."""
    zone = ZoneInfo(story_of(Language.EN).zone)
    return datetime(SCENES_ON.year, SCENES_ON.month, day, hour, minute, tzinfo=zone)


# Two evenings of the team: Raj leaves Tuesday open, and on Wednesday two have until 10:00 of Thursday.
TWO_EVENINGS: tuple[Act | datetime, ...] = (
    march(3, 17, 40),
    *(says(who, "/report close") for who in ("ann", "bob", "mei")),
    march(4, 17, 40),
    *(says(who, "/report close") for who in ("ann", "mei")),
    march(5, 9),
)
# All that the first gate asks for, so that the manager is asked.
READY: tuple[Act, ...] = (
    says("ann", "/visit Orbit Robotics\nmet: Priya Nair\nresult: wants two references; deal: D6"),
    says("ann", "/customer Orbit Robotics; segment: machine builders"),
    says("ann", "/tool D6 need; need: gripper cells for a second shift; reason: orders doubled"),
    says("ann", "/who D6 Priya Nair; role: user; influence: 4; stance: for"),
    says("ann", "/bid D6 4 5 3 4 4; conditions: spec, relation, genuine; signs: none"),
    says("ann", "/expense D6; budget: 5k"),
    says("ann", "/advance D6"),
)
PLAN = "/visit Kestrel Marine Thu 3pm\nmet: Samuel Ong"
TODAY = catalogue().say(t("today.command.word"), Language.ZH)
PICTURES = (
    Picture(name="playground", scene="visit"),
    Picture(name="images/morning", scene="morning", messages=1),
    Picture(name="images/visit", scene="visit", messages=2),
    Picture(name="images/thin", scene="morning", steps=(says("ann", "/visit Delta Packaging"),), messages=2),
    Picture(name="images/form", scene="form", messages=1),
    Picture(name="images/plan", scene="morning", steps=(says("ann", PLAN),), messages=2),
    Picture(name="images/deal", scene="morning", steps=(says("ann", "/deal D1"),), messages=2),
    Picture(name="images/gate", scene="morning", steps=(says("ann", "/advance D1"),), messages=2),
    Picture(name="images/evening", scene="visit", tidy=True, steps=(march(3, 17, 30),), messages=1),
    Picture(
        name="images/closed",
        scene="visit",
        tidy=True,
        steps=(march(3, 17, 30), presses("ann", "Close day as is")),
        messages=1,
    ),
    Picture(name="images/week", scene="evening", steps=(says("ann", "/week last"),), messages=1),
    Picture(name="images/month", scene="evening", steps=(says("ann", "/month"),), messages=1),
    Picture(name="images/me", scene="visit", steps=(says("ann", "/me"),), messages=1),
    Picture(name="images/settings", scene="visit", steps=(says("ann", "/settings"),), messages=1),
    Picture(name="images/digest", scene="evening", steps=TWO_EVENINGS, chat="boss", messages=1),
    Picture(name="images/approval", scene="morning", steps=READY, chat="boss", messages=1),
    Picture(name="images/invite", scene="manager", chat="boss", messages=1),
    Picture(
        name="images/members", scene="manager", steps=(says("boss", "/members"),), chat="boss", messages=1
    ),
    Picture(
        name="images/dayplan",
        scene="morning",
        steps=(says("boss", "/dayplan Ann Lee"),),
        chat="boss",
        messages=1,
    ),
    Picture(
        name="images/day_off",
        scene="morning",
        steps=(says("boss", "/calendar off today Typhoon"),),
        chat="boss",
        messages=1,
    ),
    Picture(name="images/setup", scene="morning", steps=(says("boss", "/setup"),), chat="boss", messages=1),
    Picture(name="images/chinese", scene="chinese", messages=2),
    Picture(name="images/chinese_deal", scene="chinese", steps=(says("ann", "/deal D1"),), messages=1),
    Picture(name="images/chinese_today", scene="chinese", steps=(says("ann", TODAY),), messages=1),
)


async def play(demo: Demo, picture: Picture, language: Language) -> None:
    """What the picture adds to its scene."""
    while picture.tidy and (label := due(demo)):
        await demo.play([presses("ann", label)], language)
    for step in picture.steps:
        if isinstance(step, datetime):
            await demo.run_until(step)
        else:
            await demo.play([step], language)


def due(demo: Demo) -> str | None:
    """The label of a button that ticks off a step of the rep's day, while there is one."""
    for message in reversed(demo.chats.of("ann")):
        for button in (button for row in (message.card.rows if message.card else ()) for button in row):
            if button.command.startswith(DONE):
                return catalogue().say(button.label, message.language)
    return None


async def take(browser: Browser, stages: Stages, url: str, picture: Picture) -> None:
    """Sets the scene anew, plays what the picture adds, and keeps what the page then shows."""
    place = stages.place({"scene": picture.scene})
    await stages.restart(place)
    playground = await stages.at(place)
    await play(playground.demo, picture, place.language)
    width, height = PHONE if picture.messages else DESK
    page = await browser.new_page(
        viewport={"width": width, "height": height}, color_scheme="light", reduced_motion="reduce"
    )
    await page.goto(f"{url}?scene={picture.scene}&theme=light")
    await page.wait_for_selector("body[data-ready]")
    if picture.messages:
        await page.click(f"#tab-{picture.chat}")
    await page.evaluate("document.fonts.ready")
    clip = await around(page, picture) if picture.messages else None
    picture.file.parent.mkdir(exist_ok=True)
    await page.screenshot(path=picture.file, animations="disabled", caret="hide", clip=clip)
    await page.close()


async def around(page: Page, picture: Picture) -> FloatRect:
    """The last messages of the chat, as wide as the phone."""
    messages = await page.locator(f"#pane-{picture.chat} .message").all()
    boxes = [box for each in messages[-picture.messages :] if (box := await each.bounding_box())]
    top = min(box["y"] for box in boxes) - GAP
    bottom = max(box["y"] + box["height"] for box in boxes) + EDGE
    return {"x": 0, "y": top, "width": PHONE[0], "height": bottom - top}


async def take_all(names: Sequence[str]) -> None:
    """Takes the pictures that are named, or all of them."""
    stages, listening = Stages(Language.EN, SCENES_ON), listen_at(HOST, 0)
    server = server_of(stages, HOST)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    url = f"http://{HOST}:{listening.getsockname()[1]}/"
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=FLAGS)
        for picture in PICTURES:
            if not names or picture.file.stem in names:
                await take(browser, stages, url, picture)
                print(f"{picture.file.relative_to(DOCS.parent)}  {picture.file.stat().st_size // 1024} kB")
        await browser.close()
    stages.hang_up()
    server.should_exit = True
    await serving
    await stages.close()


if __name__ == "__main__":
    asyncio.run(take_all(sys.argv[1:]))
