"""R23: any order of plan, claim, send, commit, crash, take back and clock keeps what the outbox promises.

Never two sends of a key without something in between that left its fate unknown; never one after it was cancelled.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.outcomes import SendFailed, conclude
from domain.ports import ChangeId, Letter, Outcome, Urgency, Work
from handlers.wanted import keep_wanted
from storage.database import SqlDatabase
from tests.support.opened import CHAT, NINE, letter

pytestmark = pytest.mark.faults
KEYS = st.integers(1, 4)
# Long after everything's patience.
FOR_EVER = timedelta(days=400)


class Promises(RuleBasedStateMachine):
    """The outbox as the courier uses it, and a platform that remembers what it took."""

    def __init__(self) -> None:
        super().__init__()
        self.database = SqlDatabase("sqlite:///:memory:")
        self.database.create()
        self.transactions = self.database.connect()
        self.now = NINE
        # What happened to each key: "taken" by the platform, or left "unsure".
        self.happened: dict[str, list[str]] = defaultdict(list)
        # Claimed and not yet tried; taken by the platform and not yet noted.
        self.hand: list[Letter] = []
        self.left: list[Letter] = []
        self.cancelled: set[str] = set()

    def teardown(self) -> None:
        self.transactions.close()
        self.database.close()

    @contextmanager
    def work(self) -> Iterator[Work]:
        work = self.transactions.begin()
        try:
            yield work
            self.transactions.commit()
        except BaseException:
            self.transactions.rollback()
            raise

    def states(self) -> dict[str, str]:
        rows = self.transactions.connection.exec_driver_sql("SELECT key, state FROM letter").fetchall()
        return dict(rows)

    @rule(number=KEYS, urgency=st.sampled_from(list(Urgency)), patience=st.none() | st.integers(1, 90))
    def plan(self, number: int, urgency: Urgency, patience: int | None) -> None:
        """The same key again is the same letter, whoever plans it how often."""
        answer = urgency is Urgency.ANSWER
        known = self.states()
        made = letter(
            f"{urgency.name}:{number}",
            to=CHAT,
            urgency=urgency,
            change_id=ChangeId(number),
            org_id=None,
            due_at=self.now,
            not_after=self.now + timedelta(minutes=patience) if patience and not answer else None,
        )
        with self.work() as work:
            work.outbox.write(made)
        if answer and made.key not in known:
            # An answer is handed over with its commit.
            self.hand.append(made)

    @rule(most=st.integers(1, 5))
    def claim(self, most: int) -> None:
        with self.work() as work:
            claimed = work.outbox.claim(self.now, most)
            self.hand += keep_wanted(work, claimed)

    @precondition(lambda self: self.hand)
    @rule(which=st.integers(0, 9))
    def send(self, which: int) -> None:
        """The platform takes it and says so; it is noted later."""
        sent = self.hand.pop(which % len(self.hand))
        self.happened[sent.key].append("taken")
        self.left.append(sent)

    @precondition(lambda self: self.left)
    @rule()
    def note(self) -> None:
        with self.work() as work:
            for each in self.left:
                work.outbox.sent(each, "m", "digest", self.now)
        self.left = []

    @precondition(lambda self: self.hand)
    @rule(
        which=st.integers(0, 9),
        outcome=st.sampled_from([each for each in Outcome if each is not Outcome.SENT]),
        taken=st.booleans(),
    )
    def fail(self, which: int, outcome: Outcome, taken: bool) -> None:
        """Of an unknown outcome the platform may have taken it or not."""
        failed = self.hand.pop(which % len(self.hand))
        if outcome is Outcome.UNKNOWN:
            if taken:
                self.happened[failed.key].append("taken")
            self.happened[failed.key].append("unsure")
        with self.work() as work:
            conclude(work, failed, SendFailed(outcome, "said so"), self.now, lambda bits: "code")

    @precondition(lambda self: self.hand)
    @rule()
    def hold(self) -> None:
        """Back to the outbox, because its bucket is full."""
        with self.work() as work:
            for each in self.hand:
                work.outbox.retry(each.key, self.now + timedelta(seconds=30), Outcome.NOT_SENT)
        self.hand = []

    @rule(number=KEYS)
    def take_back(self, number: int) -> None:
        """The change is undone: what has not left is cancelled."""
        with self.work() as work:
            work.connection.exec_driver_sql(  # type: ignore[attr-defined]
                "UPDATE letter SET state = 'cancelled' WHERE change_id = ? AND state = 'due'", (number,)
            )
        self.cancelled |= {key for key, state in self.states().items() if state == "cancelled"}

    @rule(midway=st.booleans())
    def crash(self, midway: bool) -> None:
        """The process dies, perhaps in the middle of noting; the next start finds what was under way."""
        if midway and self.left:
            unfinished = self.transactions.begin()
            for each in self.left:
                unfinished.outbox.sent(each, "m", "digest", self.now)
            self.transactions.rollback()
        for key, state in self.states().items():
            if state == "sending":
                self.happened[key].append("unsure")
        self.hand, self.left = [], []
        with self.work() as work:
            work.outbox.recover(self.now)

    @rule(minutes=st.integers(-120, 2880))
    def jump(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @invariant()
    def no_two_sends_without_something_unsure_between(self) -> None:
        for key, events in self.happened.items():
            taken = [at for at, event in enumerate(events) if event == "taken"]
            for first, second in itertools.pairwise(taken):
                assert "unsure" in events[first:second], (key, events)

    @invariant()
    def what_is_cancelled_is_never_sent(self) -> None:
        states = self.states()
        for key in self.cancelled:
            assert states[key] == "cancelled", (key, states[key])

    @invariant()
    def what_may_have_been_sent_twice_says_so(self) -> None:
        rows = self.transactions.connection.exec_driver_sql("SELECT key, unsure + recovered FROM letter")
        counted: dict[str, Any] = dict(rows.fetchall())
        for key, events in self.happened.items():
            assert counted[key] == events.count("unsure")

    @rule()
    def all_comes_to_an_end(self) -> None:
        """From any state: a start, a platform that takes all, and time; nothing is left under way or lost."""
        self.crash(midway=False)
        for _ in range(4):
            with self.work() as work:
                claimed = keep_wanted(work, work.outbox.claim(self.now, 99))
                for each in claimed:
                    self.happened[each.key].append("taken")
                    work.outbox.sent(each, "m", "digest", self.now)
            self.now += FOR_EVER
        states = self.states()
        assert set(states.values()) <= {"sent", "cancelled", "expired", "dead", "unknown"}
        for key, state in states.items():
            assert state != "sent" or "taken" in self.happened[key]


class ForLong(Promises):
    """A hundred thousand steps."""


TestPromises = Promises.TestCase
TestPromises.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestForLong = pytest.mark.long(ForLong.TestCase)
TestForLong.settings = settings(
    max_examples=2000, stateful_step_count=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
