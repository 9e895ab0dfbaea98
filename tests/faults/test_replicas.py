"""R17: three replicas on a real PostgreSQL, one killed every few seconds: nothing lost, nothing twice, one poller."""

from pathlib import Path

import pytest

from tests.faults.people import Rep, founded
from tests.faults.process import Bot, Fake, until
from tests.faults.replicas import CALLED, LONG, SHORT, PostgresBooks, replica_storm, replicas, second_pollers
from tests.faults.storm import TELEGRAM
from tests.faults.test_kill import seed
from tests.faults.test_stop import MOST_SECONDS
from tests.support.postgres import cluster

pytestmark = pytest.mark.faults
ANN = Rep(platform="telegram", account="7001", chat="7001")


def test_kills_among_replicas(postgres_url: str, tmp_path: Path) -> None:
    assert replica_storm(tmp_path, postgres_url, SHORT, seed=seed()).verdict() == []


def test_kills_among_replicas_that_telegram_calls(postgres_url: str, tmp_path: Path) -> None:
    assert replica_storm(tmp_path, postgres_url, CALLED, seed=seed()).verdict() == []


@pytest.mark.long
def test_one_of_three_replicas_dies_every_five_seconds(postgres_url: str, tmp_path: Path) -> None:
    assert replica_storm(tmp_path, postgres_url, LONG, seed=seed()).verdict() == []


def test_one_after_the_other_comes_and_goes(tmp_path: Path) -> None:
    """All start at once on an empty database; then SIGTERM to the one that receives and sends."""
    with cluster().lent() as url, Fake(TELEGRAM) as fake, replicas(tmp_path, url, fake, None) as bots:
        until(lambda: all(bot.alive() and bot.events("running") for bot in bots), "all run", 120)
        # One made our tables and the queue's, the others waited and found them.
        assert PostgresBooks(url).one("SELECT count(*) FROM alembic_version") == 1
        founded(url, [ANN])
        fake.act("send", user_id=int(ANN.account), text="/today")
        until(lambda: fake.sent() == 1, "the first answer")
        owner = next(bot for bot in bots if _receives(bot))
        code, seconds = owner.terminate()
        assert code == 0
        assert seconds <= MOST_SECONDS
        # What it gave back another one has at once.
        fake.act("send", user_id=int(ANN.account), text="/today")
        rest = [bot for bot in bots if bot is not owner]
        until(lambda: all(bot.alive() for bot in rest) and fake.sent() == 2, "the second answer")
        assert sum(_receives(bot) for bot in rest) == 1
        for bot in rest:
            assert bot.terminate()[0] == 0
        assert second_pollers(fake) == 0
        assert fake.sent() == 2


def _receives(bot: Bot) -> bool:
    return any(each["role"].startswith("receive:") for each in bot.events("role_taken"))
