"""R3: kill -9 at random points while updates and events arrive; nothing is lost and nothing is applied twice."""

import os
import random
from pathlib import Path

import pytest

from tests.faults.storm import storm

pytestmark = pytest.mark.faults


def seed() -> int:
    """A new one for every run, printed with the figures; DEALPACE_FAULT_SEED plays one again."""
    return int(os.environ.get("DEALPACE_FAULT_SEED") or random.SystemRandom().randrange(1_000_000))


def test_kills_during_a_burst_on_telegram(sqlite_url: str, tmp_path: Path) -> None:
    figures = storm(tmp_path, sqlite_url, kills=8, telegram=400, slack=0, seed=seed())
    assert figures.verdict() == []


def test_kills_during_a_burst_on_slack(sqlite_url: str, tmp_path: Path) -> None:
    figures = storm(tmp_path, sqlite_url, kills=5, telegram=0, slack=200, seed=seed())
    assert figures.verdict() == []


@pytest.mark.long
def test_two_hundred_kills_on_both_platforms(sqlite_url: str, tmp_path: Path) -> None:
    figures = storm(tmp_path, sqlite_url, kills=200, telegram=17_000, slack=3_000, seed=seed())
    assert figures.verdict() == []
