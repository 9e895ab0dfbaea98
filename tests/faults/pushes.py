"""One run of pushes: everybody's morning card is due at once while the platform fails, blocks or the bot is killed."""

import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.courier import IN_FLIGHT
from tests.faults.ledger import Books
from tests.faults.people import Rep, founded
from tests.faults.process import Bot, Fake, until
from tests.faults.storm import SLACK, TELEGRAM

STARTING_SECONDS, LAST_MOMENT_SECONDS = 1.5, 0.06
# Out of so many kills one comes while the bot is still starting.
EARLY_OF = 5
SEND = {"telegram": "sendMessage", "slack": "chat.postMessage"}
# Platforms section 2: what Telegram lets through, a little above what the bot allows itself.
TELEGRAM_MOST = {"a second": 30, "3 s to a chat": 3}
LATE_MOST = {"telegram": 60.0, "slack": 360.0}
TWO_PERCENT = 50
# 2 % each of a 429, an error of the platform's and a message that was taken and whose answer is lost (R2).
MIXED: tuple[Mapping[str, Any], ...] = (
    {"times": 10**6, "every": TWO_PERCENT, "code": 429, "retry_after": 1},
    {"times": 10**6, "every": TWO_PERCENT, "code": 500},
    {"times": 10**6, "every": TWO_PERCENT, "accept_then_drop": True},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What a run is of: so many people on each platform, the kills, the faults, and for how many seconds all fails."""

    what: str
    telegram: int = 0
    slack: int = 0
    kills: int = 0
    faults: Sequence[Mapping[str, Any]] = ()
    storm: Mapping[str, Any] | None = None
    storm_seconds: float = 0.0
    # Of the people on Telegram, the share whose chat takes nothing.
    blocked: float = 0.0
    patience: float = 900.0


@dataclass(slots=True, kw_only=True)
class PushFigures:
    """What was measured, at the fakes and in the books; `bound` is how many cards may be repeated."""

    what: str
    seed: int
    people: int
    kills: int
    seconds: float = 0.0
    # Arrived nowhere, and arrived nowhere although the books say that nobody knows.
    lost: int = 0
    left_unknown: int = 0
    repeated: int = 0
    bound: int = 0
    # Sent more than once by the books' own count of what may have been: at least what was repeated.
    possible: int = 0
    retried_blocked: int = 0
    asked_in_pause: int = 0
    busiest: dict[str, int] = field(default_factory=dict)
    late: dict[str, float] = field(default_factory=dict)
    integrity: str = "ok"

    def verdict(self) -> list[str]:
        """What is not as promised, in words; how late things are is the machine's and said apart."""
        zero = ("lost", "retried_blocked", "asked_in_pause")
        wrong = [f"{getattr(self, name)} {name}" for name in zero if getattr(self, name)]
        if self.repeated > self.bound:
            wrong.append(f"{self.repeated} cards repeated, {self.bound} allowed")
        if self.possible < self.repeated:
            wrong.append(f"{self.repeated} cards repeated, the books say {self.possible} may be")
        wrong += [
            f"{self.busiest[name]} in {name}"
            for name, most in TELEGRAM_MOST.items()
            if self.busiest.get(name, 0) > most
        ]
        if self.integrity != "ok":
            wrong.append(f"integrity: {self.integrity}")
        return wrong

    def late_verdict(self) -> list[str]:
        """What came later than promised (R6); only where nothing failed."""
        return [
            f"p99 on {name}: {seconds:.0f} s"
            for name, seconds in self.late.items()
            if seconds > LATE_MOST[name]
        ]


def pushed(folder: Path, database_url: str, push: Push, seed: int) -> PushFigures:
    """The figures when all is quiet."""
    print(f"seed {seed}: {push}")
    chance, began = random.Random(seed), time.monotonic()
    found = PushFigures(what=push.what, seed=seed, people=push.telegram + push.slack, kills=push.kills)
    books = Books(database_url)
    with ExitStack() as stack:
        fakes: dict[str, Fake] = {}
        if push.telegram:
            fakes["telegram"] = stack.enter_context(Fake(TELEGRAM))
        if push.slack:
            fakes["slack"] = stack.enter_context(Fake(SLACK))
        blocked, reps = _people(push, fakes, chance)
        founded(database_url, reps, morning_due=True)
        bot = stack.enter_context(
            Bot(folder, database_url, telegram=fakes.get("telegram"), slack=fakes.get("slack"))
        )
        for name, fake in fakes.items():
            for fault in push.faults:
                fake.fault(SEND[name], **fault)
            if push.storm:
                fake.fault(SEND[name], **push.storm)
        for point in sorted(chance.sample(range(1, max(2, len(reps) - len(blocked) - 1)), push.kills)):
            bot.start()
            _run_to(bot, fakes, point, chance)
            bot.kill()
        ran = len(bot.events("running"))
        bot.start()
        # All may have left before the last kill: SIGTERM is meant for a bot that runs.
        until(lambda: bot.alive() and len(bot.events("running")) > ran, "running")
        if push.storm:
            _sit_out(bot, fakes, push.storm_seconds)
        until(
            lambda: bot.alive() and _all_written(books, reps) and not books.waiting(),
            "all cards",
            push.patience,
        )
        assert bot.terminate()[0] == 0
        for fake in fakes.values():
            assert fake.get("/_illegal") == []
        calls = {name: _calls(name, fake) for name, fake in fakes.items()}
        found.busiest = _busiest(calls.get("telegram", []))
    _count(found, push, books, reps, blocked, calls)
    found.seconds = round(time.monotonic() - began)
    print(found)
    return found


def _people(push: Push, fakes: Mapping[str, Fake], chance: random.Random) -> tuple[set[str], list[Rep]]:
    """Who is there; a chat on Telegram that nobody began takes nothing."""
    reps = [Rep(platform="telegram", account=str(n), chat=str(n)) for n in range(6001, 6001 + push.telegram)]
    blocked = {rep.chat for rep in chance.sample(reps, int(push.blocked * len(reps)))}
    for rep in reps:
        if rep.chat not in blocked:
            fakes["telegram"].act("open_private", user_id=int(rep.account))
    for number in range(push.slack):
        account = f"U{number:05d}"
        fakes["slack"].act("add_user", user_id=account)
        reps.append(Rep(platform="slack", account=account, chat=fakes["slack"].act("dm", user_id=account)))
    return blocked, reps


def _sent(fakes: Mapping[str, Fake]) -> int:
    return sum(fake.sent() for fake in fakes.values())


def _run_to(bot: Bot, fakes: Mapping[str, Fake], point: int, chance: random.Random) -> None:
    """Until so many cards were taken, or a random moment of the start."""
    if chance.randrange(EARLY_OF) == 0:
        time.sleep(chance.random() * STARTING_SECONDS)
        return
    until(lambda: bot.alive() and _sent(fakes) >= point, f"{point} cards", 180)
    time.sleep(chance.random() * LAST_MOMENT_SECONDS)


def _sit_out(bot: Bot, fakes: Mapping[str, Fake], seconds: float) -> None:
    """The storm goes on for so long from the first refusal on; then the platform takes everything."""
    until(lambda: bot.alive() and any(_refused(name, fake) for name, fake in fakes.items()), "a refusal")
    ends = time.monotonic() + seconds
    until(lambda: bot.alive() and time.monotonic() >= ends, "the end of the storm", seconds + 60)
    for fake in fakes.values():
        fake.act("forget_faults")


def _refused(name: str, fake: Fake) -> bool:
    return any(call["outcome"].startswith("fault") for call in _calls(name, fake))


def _all_written(books: Books, reps: Sequence[Rep]) -> bool:
    """Whether the tick has written a card for everybody."""
    written: int = books.one("SELECT count(*) FROM letter WHERE card_key LIKE 'day:%' AND delivery = 'post'")
    return written >= len(reps)


def _calls(name: str, fake: Fake) -> list[dict[str, Any]]:
    return [call for call in fake.get("/_calls") if call["method"] == SEND[name]]


def _chat(call: Mapping[str, Any]) -> str:
    return str(call["params"].get("chat_id") or call["params"].get("channel"))


def _busiest(calls: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The most that Telegram was asked in any second, and for any chat in any three."""
    by_chat: dict[str, list[float]] = defaultdict(list)
    for call in calls:
        by_chat[_chat(call)].append(call["at"])
    each = max((_most([*instants], 3.0) for instants in by_chat.values()), default=0)
    return {"a second": _most([call["at"] for call in calls], 1.0), "3 s to a chat": each}


def _most(instants: list[float], window: float) -> int:
    instants.sort()
    most = first = 0
    for last, instant in enumerate(instants):
        while instants[first] <= instant - window:
            first += 1
        most = max(most, last - first + 1)
    return most


def _asked_in_pause(calls: Sequence[Mapping[str, Any]], pause: float) -> int:
    """How often a chat was asked again before the pause it had been told was over."""
    told: dict[str, float] = {}
    early = 0
    for call in sorted(calls, key=lambda each: each["at"]):
        chat = _chat(call)
        early += call["at"] < told.get(chat, 0.0)
        if call["outcome"] == "fault 429":
            told[chat] = call["at"] + pause
    return early


def _count(
    found: PushFigures,
    push: Push,
    books: Books,
    reps: Sequence[Rep],
    blocked: set[str],
    calls: Mapping[str, Sequence[Mapping[str, Any]]],
) -> None:
    letters = {
        (platform, chat): (state, unsure, recovered)
        for platform, chat, state, unsure, recovered in books.rows(
            "SELECT platform, chat, state, unsure, recovered FROM letter"
            " WHERE card_key LIKE 'day:%' AND delivery = 'post'"
        )
    }
    taken = Counter(
        (name, _chat(call))
        for name, said in calls.items()
        for call in said
        if call["outcome"].startswith("ok")
    )
    for rep in reps:
        state, unsure, recovered = letters.get((rep.platform, rep.chat), ("", 0, 0))
        copies = taken[rep.platform, rep.chat]
        found.possible += unsure + recovered
        if rep.platform == "telegram" and rep.chat in blocked:
            tries = sum(_chat(call) == rep.chat for call in calls["telegram"])
            found.retried_blocked += max(0, tries - 1 - recovered)
            continue
        found.repeated += max(0, copies - 1)
        found.lost += copies == 0 and state not in ("unknown", "expired")
        found.left_unknown += copies == 0 and state == "unknown"
    ambiguous = sum("dropped" in call["outcome"] for said in calls.values() for call in said)
    found.bound = push.kills * IN_FLIGHT * len(calls) + ambiguous
    if push.storm and "retry_after" in push.storm:
        found.asked_in_pause = sum(
            _asked_in_pause(said, push.storm["retry_after"]) for said in calls.values()
        )
    for name in calls:
        late = [
            microseconds / 1e6
            for (microseconds,) in books.rows(
                "SELECT sent_at - due_at FROM letter WHERE state = 'sent' AND platform = ?"
                " AND card_key LIKE 'day:%' AND delivery = 'post'",
                name,
            )
        ]
        if len(late) > 1:
            found.late[name] = statistics.quantiles(late, n=100)[98]
    found.integrity = books.integrity()


# Small enough for every run of CI.
SHORT: Mapping[str, Push] = {
    "R1 Telegram": Push(what="kill -9 while pushes are due", telegram=60, kills=2),
    "R1 Slack": Push(what="kill -9 while pushes are due", slack=60, kills=2),
    "R2 Telegram": Push(
        what="the same with 2 % of 429, 500 and lost answers", telegram=100, kills=1, faults=MIXED
    ),
    "R2 Slack": Push(what="the same with 2 % of 429, 500 and lost answers", slack=100, kills=1, faults=MIXED),
    "R5": Push(
        what="a 429 storm",
        telegram=60,
        storm={"times": 10**6, "code": 429, "retry_after": 2},
        storm_seconds=5.0,
    ),
    "R6": Push(what="all due at once", telegram=150),
    "R7": Push(
        what="errors of the platform's", telegram=40, storm={"times": 10**6, "code": 500}, storm_seconds=5.0
    ),
    "R20": Push(what="30 % blocked the bot", telegram=60, blocked=0.3),
}
# As the bars say it. Slack lets 200 messages a minute through, so its share of ten thousand is what ten minutes take.
LONG: Mapping[str, Push] = {
    "R1": Push(what="kill -9 while pushes are due", telegram=8_000, slack=2_000, kills=200, patience=3600),
    "R2": Push(
        what="the same with 2 % of 429, 500 and lost answers",
        telegram=8_000,
        slack=2_000,
        kills=200,
        faults=MIXED,
        patience=3600,
    ),
    "R5": Push(
        what="a 429 storm",
        telegram=500,
        storm={"times": 10**6, "code": 429, "retry_after": 15},
        storm_seconds=300.0,
    ),
    "R6": Push(what="all due at once", telegram=1_000, slack=1_000),
    "R7": Push(
        what="errors of the platform's",
        telegram=200,
        storm={"times": 10**6, "code": 500},
        storm_seconds=1800.0,
        patience=900,
    ),
    "R20": Push(what="30 % blocked the bot", telegram=1_000, blocked=0.3),
}
