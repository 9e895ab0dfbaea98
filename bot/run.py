"""The running bot: recovers, opens the doors that are configured, ticks, and stops in good order."""

import asyncio
import contextlib
import errno
import gc
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from bot.app import App, build
from bot.clock import WallClock
from bot.dispatch import Decode
from bot.jobs.local import LocalJobs
from bot.jobs.port import Act, Jobs
from bot.pause import Paused, standing_of
from bot.pause import resume as take_up
from bot.replicas import shared_by
from bot.settings import Misconfigured, Settings
from bot.watch import NotReceiving, Receiver, Watch
from domain.installation import Standing, Why, Withheld
from domain.people import ADMINS, Member, MemberId, Organisation, OrgId, Role
from domain.ports import Work
from domain.upkeep import Quarantined, Reference

if TYPE_CHECKING:
    # HTTP is loaded where somebody comes in by it.
    from starlette.routing import Route

    from bot.front import Front
    from bot.telegram.webhook import Hook

log = structlog.get_logger()
TICK_SECONDS, REFRESH_SECONDS, TIDY_SECONDS = 15.0, 1.0, 3600.0
# Looked at every half hour, done once a night.
RECOUNT_SECONDS = 1800.0
# Among replicas: how often what a dead one left is looked for.
RECOVER_SECONDS = 10.0
LISTED_MOST = 200
# How soon a running bot hears that an operator wants silence.
PAUSE_SECONDS = 5.0
# From SIGTERM on: until when turns in work may go on, then letters in flight, then the connections; the writer gets
# its few seconds after that, and all is out in 25 s (quality R4).
TURNS_SECONDS, LETTERS_SECONDS, STOP_SECONDS = 14.0, 16.0, 20.0


class Door(Receiver, Protocol):
    """One platform: receives until cancelled, by its own connections or through `routes`; sends until closed."""

    def routes(self) -> "Sequence[Route]": ...
    async def close(self) -> None: ...


class NothingToRun(Misconfigured):
    """No platform is configured; the message says what to set."""


def doors(settings: Settings, app: App, decoders: dict[str, Decode]) -> list[Door]:
    """The platforms that are configured; each is imported only then."""
    opened: list[Door] = []
    if settings.telegram_token:
        from bot.telegram.adapter import TelegramDoor, decode

        decoders["telegram"] = decode
        token = settings.telegram_token.get_secret_value()
        hook = _hook(settings, token) if settings.telegram_mode == "webhook" else None
        opened.append(TelegramDoor(app, token, settings.telegram_api_root, hook=hook))
    if settings.slack_bot_token and (settings.slack_app_token or settings.slack_signing_secret):
        from bot.slack.adapter import SlackDoor
        from bot.slack.adapter import decode as decode_slack

        decoders["slack"] = decode_slack
        bot_token = settings.slack_bot_token.get_secret_value()
        app_token, signing_secret = (
            each.get_secret_value() if each else None
            for each in (settings.slack_app_token, settings.slack_signing_secret)
        )
        opened.append(
            SlackDoor(app, bot_token, app_token, settings.slack_api_root, signing_secret=signing_secret)
        )
    return opened


def _hook(settings: Settings, token: str) -> "Hook":
    """Where Telegram is to call us."""
    from bot.telegram.webhook import hook_of

    chosen = settings.telegram_webhook_secret
    return hook_of(settings.public_url, token, chosen.get_secret_value() if chosen else None)


async def run(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT; what is not finished then is taken up at the next start."""
    decoders: dict[str, Decode] = {}
    database_url, roles, jobs = shared_by(settings)
    app = build(database_url, WallClock(), decoders, folder=settings.files, roles=roles)
    try:
        app.prepare()
        if (standing := await standing_of(app)).paused:
            raise Paused(standing)
        opened = doors(settings, app, decoders)
        if not opened:
            raise NothingToRun(
                "Set DEALPACE_TELEGRAM_TOKEN, or DEALPACE_SLACK_BOT_TOKEN with DEALPACE_SLACK_APP_TOKEN "
                "or DEALPACE_SLACK_SIGNING_SECRET."
            )
        watch = Watch(opened, app.clock)
        front = _front(settings, app, opened, watch)
        if not await app.has_organisation():
            # Standard output on purpose: this one line is for the person who started the process.
            print(f"owner code: {await app.owner_code()}", flush=True)  # noqa: T201
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        silenced = asyncio.Event()
        await _serve(app, opened, front, watch, jobs, stopped, silenced)
        if silenced.is_set():
            # Asked only then: a database that hangs must not hold up any other end.
            raise Paused(await standing_of(app))
    except NotReceiving:
        # Said by the watch; there is nothing to be read in a trace of it.
        raise SystemExit(1) from None
    finally:
        app.close()


def _front(settings: Settings, app: App, opened: Sequence[Door], watch: Watch) -> "Front | None":
    """The HTTP server, imported only where a door has routes or somebody said where it is to listen.

    Whoever just polls on a machine of theirs needs no port, and hears of none that is taken. Raises `Misconfigured`.
    """
    routes = [route for door in opened for route in door.routes()]
    if not routes and "listen" not in settings.model_fields_set:
        return None
    from bot.front import Front, socket_at
    from bot.vitals import Vitals

    try:
        listening = socket_at(settings.host, settings.port)
    except OSError as error:
        what = (
            "is taken by another process" if error.errno == errno.EADDRINUSE else f"fails: {error.strerror}"
        )
        raise Misconfigured(f"DEALPACE_LISTEN={settings.listen} {what}; set another HOST:PORT") from None
    return Front(listening, (*routes, *Vitals(app, watch).routes()))


async def _serve(
    app: App,
    opened: list[Door],
    front: "Front | None",
    watch: Watch,
    jobs: Jobs,
    stopped: asyncio.Event,
    silenced: asyncio.Event,
) -> None:
    await app.recover()
    # What is loaded by now stays: no collection has to look at it again.
    gc.freeze()
    gc.enable()
    roles = asyncio.create_task(app.roles.run())
    tasks = [asyncio.create_task(watch.keep(door)) for door in opened]
    tasks.append(asyncio.create_task(watch.watch_clocks()))
    if front:
        tasks.append(asyncio.create_task(front.run()))
    courier = asyncio.create_task(app.courier.run())
    _give(jobs, app, watch)
    # Each process for itself: an operator who wants silence means all of them.
    own = LocalJobs()
    own.every(PAUSE_SECONDS, "pause", lambda: _paused(app, stopped, silenced))
    own.start()
    jobs.start()
    stopping: asyncio.Task[Any] = asyncio.create_task(stopped.wait())
    log.info("running", doors=len(opened))
    done, _ = await asyncio.wait([stopping, courier, roles, *tasks], return_when=asyncio.FIRST_COMPLETED)
    log.info("stopping")
    watch.stopping = True
    stopped_at = time.monotonic()
    for task in tasks:
        task.cancel()
    await _within(stopped_at + TURNS_SECONDS, app.dispatch.idle(), jobs.stop(), own.stop())
    app.dispatch.leave()
    app.courier.stop()
    await _within(stopped_at + LETTERS_SECONDS, *{courier} - done)
    await _within(stopped_at + STOP_SECONDS, app.roles.leave(), *set(tasks) - done)
    await _within(stopped_at + STOP_SECONDS, *(door.close() for door in opened))
    for each in (stopping, roles):
        each.cancel()
    for task in done - {stopping}:
        # A door, the courier or who holds the roles that ends by itself is a failure: the process exits and is started anew.
        task.result()


async def _within(until: float, *ends: Awaitable[Any]) -> None:
    """Waits for all of them until then, however they end; what is not over is told to end and not waited for."""
    if not ends:
        return
    left = max(until - time.monotonic(), 0.0)
    ended, late = await asyncio.wait([asyncio.ensure_future(each) for each in ends], timeout=left)
    for each in late:
        each.cancel()
    for each in ended:
        if not each.cancelled() and (error := each.exception()):
            log.warning("stop_hindered", error=type(error).__name__)


def _give(jobs: Jobs, app: App, watch: Watch) -> None:
    """The handful of jobs; all else that is to be done at some time is a row in the database."""

    async def share() -> None:
        await jobs.defer("slices")

    def then_ring(act: Callable[[], Awaitable[int]]) -> Act:
        async def job() -> None:
            if await act():
                await app.ring()

        return job

    async def tick() -> int:
        watch.ticking(TICK_SECONDS)
        await app.dispatch.again()
        return await app.tick(share)

    jobs.every(TICK_SECONDS, "tick", then_ring(tick))
    jobs.shared("slices", then_ring(app.push))
    jobs.every(REFRESH_SECONDS, "refresh", then_ring(app.refresh))
    jobs.every(TIDY_SECONDS, "tidy", app.tidy)
    jobs.every(RECOUNT_SECONDS, "recount", app.recount)
    if app.roles.shared:
        jobs.every(RECOVER_SECONDS, "recover", app.dispatch.recover)


async def _paused(app: App, stopped: asyncio.Event, silenced: asyncio.Event) -> None:
    """Ends the process in good order when it is to say nothing any more."""
    if (await standing_of(app)).paused:
        silenced.set()
        stopped.set()


@contextlib.asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[App]:
    """An app over the installation's database, without doors: for the operator's commands."""
    app = build(settings.database_url, WallClock(), {}, folder=settings.files)
    app.prepare()
    try:
        yield app
    finally:
        app.close()


async def owner_code(settings: Settings) -> str:
    """A new one-time code that makes an organisation."""
    async with _opened(settings) as app:
        return await app.owner_code()


async def organisations(settings: Settings) -> tuple[Organisation, ...]:
    """All organisations."""
    async with _opened(settings) as app:
        return await app.writer.run(lambda work: work.people.organisations())


async def members(settings: Settings, number: int) -> tuple[Member, ...]:
    """The members of an organisation."""
    async with _opened(settings) as app:
        return await app.writer.run(lambda work: work.store(OrgId(number)).members())


async def grant(settings: Settings, number: int, member: int) -> str:
    """Gives a member the role of admin besides their own; the name."""

    def job(work: Work) -> str:
        store = work.store(OrgId(number))
        found = store.member(MemberId(member))
        roles = [role for role in Role if role in found.roles | ADMINS]
        store.revise_member(found.id, roles=",".join(roles))
        return found.name

    async with _opened(settings) as app:
        return await app.writer.run(job)


async def quarantine(settings: Settings) -> tuple[Quarantined, ...]:
    """The deliveries that were set aside, the latest first."""
    async with _opened(settings) as app:
        return await app.writer.run(lambda work: work.upkeep.quarantine(LISTED_MOST))


async def requeue(settings: Settings, reference: str) -> bool:
    """Has a delivery that was set aside handled again; False when none is, or not any more."""
    async with _opened(settings) as app:
        return await app.writer.run(lambda work: work.upkeep.requeue(Reference(reference)))


async def pause(settings: Settings) -> Standing:
    """Silence until somebody resumes; a running bot ends within seconds."""
    async with _opened(settings) as app:
        now = app.clock.now()
        await app.writer.run(lambda work: work.installation.pause(now))
        return await standing_of(app)


async def standing(settings: Settings) -> tuple[Standing, Withheld]:
    """Whether it is paused, and what a restored copy would not say if it were resumed now."""
    async with _opened(settings) as app:
        now = app.clock.now()
        return await standing_of(app), await app.writer.run(lambda work: work.installation.withheld(now))


async def resume(settings: Settings) -> int:
    """Lets it speak again; how many letters a restored copy keeps to itself."""
    decoders: dict[str, Decode] = {}
    app = build(settings.database_url, WallClock(), decoders, folder=settings.files)
    try:
        app.prepare()
        # Their words are read and their files fetched by them; none of them is opened.
        known = doors(settings, app, decoders)
        try:
            if not known and (await standing_of(app)).paused is Why.RESTORED:
                raise NothingToRun(
                    "Set the tokens of the platforms first: what came in by them is to be read."
                )
            return await take_up(app)
        finally:
            for door in known:
                await door.close()
    finally:
        app.close()
