"""R17: three replicas on a real PostgreSQL, one killed every few seconds: nothing lost, nothing twice, one poller."""

from pathlib import Path

import pytest

from tests.faults.replicas import replica_storm
from tests.faults.test_kill import seed

pytestmark = pytest.mark.faults


def test_kills_among_replicas(postgres_url: str, tmp_path: Path) -> None:
    assert replica_storm(tmp_path, postgres_url, SHORT, seed=seed()).verdict() == []


@pytest.mark.long
def test_one_of_three_replicas_dies_every_five_seconds(postgres_url: str, tmp_path: Path) -> None:
    assert replica_storm(tmp_path, postgres_url, LONG, seed=seed()).verdict() == []
