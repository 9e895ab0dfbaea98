"""An installation that says nothing: why, until when, and how a restored copy takes up its work without repeating any."""

from datetime import datetime

from bot.app import App
from bot.settings import Misconfigured
from domain.installation import Standing, Why, Withheld

# Beyond the size of any week: rounds of deadlines that follow from deadlines end.
ROUNDS = 20


class Paused(Misconfigured):
    """Nothing may be sent; the message says why and what to do. The process is not to be started again by itself."""

    # EX_TEMPFAIL of sysexits.h: a supervisor can tell it from a failure (RestartPreventExitStatus of systemd).
    code = 75

    def __init__(self, standing: Standing) -> None:
        super().__init__(f"{told(standing)} Nothing is received or sent. What to do: dealpace admin resume")


def told(standing: Standing) -> str:
    """Why, in a sentence."""
    if standing.paused is Why.OPERATOR:
        return f"This installation is paused by an operator since {_minute(standing.paused_at)}."
    copied = f" of {_minute(standing.restored_from)}" if standing.restored_from else ""
    return f"This installation was restored from a backup{copied}, and the original may have gone on since."


def would(found: Withheld) -> str:
    """What a restored copy will not say."""
    return (
        f"Not sent, because the original may have: unsent letters {found.letters}, "
        f"answers to messages {found.deliveries}, pushes whose time has passed {found.pushes}, "
        f"reminders of requests and targets {found.deadlines}."
    )


def _minute(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "?"


async def standing_of(app: App) -> Standing:
    return await app.writer.run(lambda work: work.installation.standing())


async def resume(app: App) -> int:
    """Takes up the work; how many letters a restored copy keeps to itself.

    Whatever the original may have said until now the copy does without a word: it carries out what was taken in, lets
    every push and deadline that is due pass as the bot does, and keeps what is written about it. So nothing is said
    twice, and nothing is left undone.
    """
    standing = await standing_of(app)
    if standing.paused is None:
        return 0
    kept = await _in_silence(app) if standing.paused is Why.RESTORED else 0
    await app.writer.run(lambda work: work.installation.resume())
    return kept


async def _in_silence(app: App) -> int:
    """Nobody sends here: the courier is not running."""
    await app.dispatch.recover()
    await app.dispatch.idle()
    kept = 0
    for _ in range(ROUNDS):
        written = await app.tick()
        kept += await _withhold(app, app.clock.now())
        if not written:
            break
    return kept


async def _withhold(app: App, now: datetime) -> int:
    return await app.writer.run(lambda work: work.installation.withhold(now))
