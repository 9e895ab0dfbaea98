"""The benchmark at its smallest: the floor runs what the product runs, and all contenders do all the work."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from tests.bench import __main__ as bench
from tests.bench.floor import Floor, Statement
from tests.bench.report import HEADS, figures, table
from tests.bench.rounds import COMMITS_EACH, Scale, measure, taped
from tests.bench.world import Size, counts, make

TINY = Scale(
    size=Size(organisations=2, reps_each=20),
    rounds=2,
    alone=6,
    together=40,
    usual_alone=4,
    usual_together=36,
    paced=10,
)
WRITTEN = {"inbox": 1, "activity": 1, "step": 1, "change": 1, "fact": 2, "letter": 1, "card_action": 1}

EFFECTS = [table for table in WRITTEN if table != "inbox"]


def _shape(statements: tuple[Statement, ...]) -> list[str]:
    return [each.sql for each in statements]


def test_the_floor_runs_the_very_statements_of_the_product(tmp_path: Path) -> None:
    world = tmp_path / "world.db"
    make(world, TINY.size)
    before = counts(world)
    slices, product = asyncio.run(taped(world, tmp_path, TINY))
    floor, heard = Floor(world, tmp_path / "floor.db"), list[str]()
    floor.connection.set_trace_callback(heard.append)
    for transactions in slices:
        floor.replay(transactions)
    floor.close()
    done = TINY.rounds * TINY.alone
    added = {table: number - before[table] for table, number in counts(product).items()}
    assert {table: number for table, number in added.items() if number} == {
        table: each * done for table, each in WRITTEN.items()
    }
    assert counts(product) == counts(tmp_path / "floor.db")
    assert heard.count("COMMIT") == heard.count("BEGIN IMMEDIATE") == COMMITS_EACH * done
    said = [each for transactions in slices for each in transactions]
    assert sum("SAVEPOINT turn" in _shape(each) for each in said) == COMMITS_EACH * done
    for effect in said[1::COMMITS_EACH]:
        words = " ".join(_shape(effect))
        assert all(f"INSERT INTO {name} " in words.replace('"', "") for name in EFFECTS)
        assert "UPDATE inbox" in words


def test_product_and_floor_leave_equal_rows(tmp_path: Path) -> None:
    world = tmp_path / "world.db"
    make(world, TINY.size)
    slices, product = asyncio.run(taped(world, tmp_path, TINY))
    floor = Floor(world, tmp_path / "floor.db")
    for transactions in slices:
        floor.replay(transactions)
    floor.close()
    query = "SELECT * FROM {} ORDER BY 1, 2, 3"
    for name in ("activity", "step", "change", "fact", "fact_words", "card_action", "inbox"):
        rows = []
        for path in (product, tmp_path / "floor.db"):
            connection = sqlite3.connect(path)
            rows.append(connection.execute(query.format(name)).fetchall())
            connection.close()
        assert rows[0] == rows[1], name


def test_every_bar_gets_its_figure() -> None:
    found = asyncio.run(measure(TINY))
    assert found.same
    assert found.usual_visits == TINY.rounds * (TINY.usual_alone + TINY.usual_together)
    assert len(found.paced) == TINY.paced
    rows = figures(found, bench.BARS)
    assert [row.bar for row in rows] == ["P1", "P2", "P2", "P2", "P3", "P3"]
    assert all(row.value > 0 for row in rows)
    assert table(rows).splitlines()[0].split()[0] == HEADS[0]


def test_a_bar_that_is_not_met_is_said_by_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench, "QUICK", TINY)
    status = bench.main(["--quick", "--only", "P1"])
    said = capsys.readouterr().out
    assert status == (1 if "BELOW" in said else 0)
    assert "P1" in said
    with pytest.raises(SystemExit):
        bench.main(["--only", "P99"])
