"""What people do while the bot dies again and again, and what must therefore be in the books at the end."""

import random
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.faults.people import Rep
from tests.faults.process import NAP, Fake, until

CUSTOMER = re.compile(r"Firm \w+ n\d+")
MOST_BURST, MOST_AHEAD = 40, 150
UNDO_SHARE, PRESS_SHARE, AGAIN_SHARE = 0.08, 0.04, 0.05
REDELIVERIES = 400
SLACK_SECONDS = 120.0


@dataclass(slots=True)
class Story:
    """What one person told: customers in the order they were sent, and which of them were taken back."""

    rep: Rep
    customers: list[str] = field(default_factory=list)
    undone: set[str] = field(default_factory=set)

    def visit(self) -> str:
        """The words of the next visit, to a customer nobody else names."""
        customer = f"Firm {self.rep.account.lower()} n{len(self.customers) + 1:05d}"
        self.customers.append(customer)
        return f'/visit "{customer}"; met: Li Wei; result: r{len(self.customers)}; next: call by Fri'


class Traffic(Protocol):
    """People of one platform; `feed` says all they have to say, `updates` is how many deliveries that makes."""

    @property
    def fake(self) -> Fake: ...
    @property
    def stories(self) -> Sequence[Story]: ...
    @property
    def updates(self) -> int: ...
    def feed(self) -> None: ...


class TelegramTraffic:
    """Bursts of messages, typed undos and presses of Undo, never far ahead of the answers."""

    def __init__(self, fake: Fake, *, people: int, updates: int, seed: int) -> None:
        self.fake = fake
        numbers = [str(5001 + each) for each in range(people)]
        self.stories = [Story(Rep(platform="telegram", account=each, chat=each)) for each in numbers]
        self.updates = updates
        self._random = random.Random(seed)
        self._said = 0
        self._owed = 0
        self._clock = threading.Event()

    def feed(self) -> None:
        while self._said < self.updates:
            for _ in range(min(self._random.randint(1, MOST_BURST), self.updates - self._said)):
                self._act(self._random.choice(self.stories))
            until(lambda: self._owed - self.fake.sent() < MOST_AHEAD, "answers to what was said", 180)
            self._clock.wait(self._random.random() * 0.05)

    def _act(self, story: Story) -> None:
        if self._said >= self.updates:
            return
        chance = self._random.random()
        if chance < PRESS_SHARE and self._press(story):
            return
        self._say(story, story.visit())
        self._owed += 1
        if chance > 1 - UNDO_SHARE and self._said < self.updates:
            story.undone.add(story.customers[-1])
            # The answer that is taken back may be cancelled, so of the two only one is certain.
            self._say(story, "/undo")

    def _say(self, story: Story, text: str) -> None:
        self.fake.act("send", user_id=int(story.rep.account), text=text)
        self._said += 1

    def _press(self, story: Story) -> bool:
        """Presses Undo under the newest answer that can still be taken back."""
        for message in reversed(self.fake.get(f"/_chat/{story.rep.chat}")):
            named = CUSTOMER.search(message["body"].get("text", ""))
            if named and named[0] not in story.undone and "Undo" in labels(message):
                story.undone.add(named[0])
                self.fake.act(
                    "click",
                    user_id=int(story.rep.account),
                    message_id=message["body"]["message_id"],
                    button_label="Undo",
                )
                self._said += 1
                self._owed += 1
                return True
        return False


def labels(message: dict[str, Any]) -> list[str]:
    rows = message["body"].get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


class SlackTraffic:
    """People who write in their direct message; what is not acknowledged comes again, as Slack does it."""

    def __init__(self, fake: Fake, *, people: int, updates: int, seed: int) -> None:
        self.fake = fake
        self.updates = updates
        accounts = [f"U{each:03d}" for each in range(people)]
        for account in accounts:
            fake.act("add_user", user_id=account)
        self.stories = [
            Story(Rep(platform="slack", account=each, chat=fake.act("dm", user_id=each))) for each in accounts
        ]
        self.repeats = 0
        self._seed = seed
        self._owed = 0
        self._counting = threading.Lock()
        self._left = iter(range(updates))
        self._failed: list[BaseException] = []

    def feed(self) -> None:
        """A thread per person: a person's next event comes when the last was acknowledged."""
        threads = [
            threading.Thread(
                target=self._guarded, args=(story, random.Random(f"{self._seed}{story.rep.account}"))
            )
            for story in self.stories
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._failed:
            raise self._failed[0]

    def _guarded(self, story: Story, chance: random.Random) -> None:
        try:
            for _ in self._shares():
                self._say(story, chance)
        except BaseException as error:
            self._failed.append(error)

    def _shares(self) -> Iterator[int]:
        while True:
            with self._counting:
                number = next(self._left, None)
                if number is None or self._failed:
                    return
                self._owed += 1
            until(lambda: self._owed - self.fake.sent() < MOST_AHEAD, "answers on Slack", 240)
            yield number

    def _say(self, story: Story, chance: random.Random) -> None:
        delivery = self.fake.act("say", user_id=story.rep.account, text=story.visit())
        tries = 0
        while delivery["attempts"][-1]["error"] is not None:
            tries += 1
            assert tries < REDELIVERIES, "an event was never acknowledged"
            until(lambda: self.fake.act("connections"), "a socket", SLACK_SECONDS)
            delivery = self._again(delivery)
        if chance.random() < AGAIN_SHARE:
            self._again(delivery)

    def _again(self, delivery: dict[str, Any]) -> dict[str, Any]:
        with self._counting:
            self.repeats += 1
        payload = delivery["payload"]
        told: dict[str, Any] = self.fake.act("event", event=payload["event"], event_id=payload["event_id"])
        return told


class Feeder:
    """All traffics at once, each in its own thread, beside the killing."""

    def __init__(self, traffics: Sequence[Traffic]) -> None:
        self._failed: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._run, args=(each.feed,), daemon=True) for each in traffics
        ]
        for thread in self._threads:
            thread.start()

    def _run(self, feed: Callable[[], None]) -> None:
        try:
            feed()
        except BaseException as error:
            self._failed.append(error)

    def finished(self) -> bool:
        """Whether everything was said; what failed in a thread fails here."""
        if self._failed:
            raise self._failed[0]
        return not any(thread.is_alive() for thread in self._threads)

    def rest(self, seconds: float) -> None:
        """A pause of a random kill point, ended early when all was said."""
        self._threads[0].join(max(NAP, seconds))
