"""The stages of one server: each scene and language has a demo team of its own, made when it is first asked for."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.demo import HISTORY_DAYS, open_demo, story_of
from bot.web.stage import Playground
from domain.people import Language

# A scene is the same on every machine and every day.
SCENES_ON = date(2026, 3, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which stage a page is at; the plain page has no scene."""

    scene: str
    language: Language


class Stages:
    """All that is being played, and what there is to play."""

    def __init__(self, language: Language, today: date, history_days: int = HISTORY_DAYS) -> None:
        self._language = language
        self._today = today
        self._history_days = history_days
        self._made: dict[Place, asyncio.Task[Playground]] = {}

    def place(self, asked: Mapping[str, str]) -> Place:
        """The stage that a page's address asks for; an unknown scene is the plain page."""
        lang = asked.get("lang")
        language = Language(lang) if lang in list(Language) else self._language
        scene = story_of(language).scenes.get(asked.get("scene", ""))
        if scene is None:
            return Place(scene="", language=language)
        return Place(scene=asked["scene"], language=scene.language or language)

    async def at(self, place: Place) -> Playground:
        """The stage, set on first use."""
        task = self._made.get(place)
        if task is None:
            task = self._made[place] = asyncio.create_task(self._set(place))
        try:
            # A page that is closed while it waits takes nobody's stage away.
            return await asyncio.shield(task)
        finally:
            # What failed is tried anew by the next page.
            if task.done() and task.exception() and self._made.get(place) is task:
                del self._made[place]

    def spoken(self, place: Place) -> Language:
        """The language a stage speaks now: visitors may have changed it."""
        task = self._made.get(place)
        is_set = task is not None and task.done() and not task.exception()
        return task.result().language if task and is_set else place.language

    async def restart(self, place: Place) -> None:
        """Clears a stage; whoever looks at it is sent to a new one."""
        if task := self._made.pop(place, None):
            playground = await task
            playground.restart()
            await playground.close()

    def hang_up(self) -> None:
        """Ends every open stream, so that the server can stop at once."""
        for task in self._made.values():
            if task.done() and not task.exception():
                task.result().hang_up()

    async def close(self) -> None:
        for made in await asyncio.gather(*self._made.values(), return_exceptions=True):
            if isinstance(made, Playground):
                await made.close()
        self._made.clear()

    async def _set(self, place: Place) -> Playground:
        if not place.scene:
            demo = await open_demo(place.language, self._today, self._history_days)
            return Playground(demo, place.language)
        demo = await open_demo(place.language, SCENES_ON, self._history_days)
        await demo.play(story_of(place.language).scenes[place.scene].acts, place.language)
        return Playground(demo, place.language, guided=False)
