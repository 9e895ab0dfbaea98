"""R1 R2 R5 R6 R7 R20: everybody's morning card is due at once, and the platform fails, people block, the bot is killed."""

from pathlib import Path

import pytest

from tests.faults.pushes import LONG, SHORT, pushed
from tests.faults.test_kill import seed

pytestmark = pytest.mark.faults


# The others by their own command: each of them takes a platform's real minute or so.
EVERY_TIME = ("R1 Telegram", "R2 Slack", "R5", "R20")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in EVERY_TIME else pytest.mark.long) for name in SHORT]
)
def test_every_card_arrives_within_the_limits(name: str, sqlite_url: str, tmp_path: Path) -> None:
    assert pushed(tmp_path, sqlite_url, SHORT[name], seed()).verdict() == []


@pytest.mark.long
@pytest.mark.parametrize("name", LONG)
def test_the_full_size(name: str, sqlite_url: str, tmp_path: Path) -> None:
    figures = pushed(tmp_path, sqlite_url, LONG[name], seed())
    assert figures.verdict() == []
