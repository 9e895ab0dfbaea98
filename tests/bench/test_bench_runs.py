"""The benchmark at its smallest: the floor runs what the product runs, and all contenders do all the work."""

import asyncio
import importlib.util
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from domain.people import OrgId
from handlers.registry import registry
from storage.database import SqlDatabase
from tests.bench import __main__ as bench
from tests.bench import (
    adapter,
    deadlines,
    durable,
    footprint,
    outbox,
    pacing,
    pictures,
    reminders,
    slack_ack,
    tryton,
    weeks,
)
from tests.bench.durable import figures
from tests.bench.floor import Floor, Statement
from tests.bench.product import Product
from tests.bench.report import HEADS, page, table
from tests.bench.rounds import COMMITS_EACH, Scale, measure, taped
from tests.bench.statements import statements
from tests.bench.world import Size, commands, counts, make
from tests.support.postgres import cluster

TINY = Scale(
    size=Size(organisations=2, reps_each=20),
    rounds=2,
    alone=6,
    together=40,
    usual_alone=4,
    usual_together=36,
    paced=10,
)
# A visit to a key customer: contacts, visits, key visits and records of the day; of the week the key visits are new.
WRITTEN = {
    "inbox": 1,
    "activity": 1,
    "step": 1,
    "change": 1,
    "fact": 2,
    "letter": 1,
    "card_action": 1,
    "rollup_day": 4,
    "rollup_week": 1,
}

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
    # A command alone in its group needs no savepoint; those of one chat at a time are alone.
    assert sum("SAVEPOINT turn" in _shape(each) for each in said) < COMMITS_EACH * done
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
    rows = figures(found, durable.BARS)
    assert [row.bar for row in rows] == ["P1", "P2", "P2", "P2", "P3", "P3"]
    assert all(row.value > 0 for row in rows)
    assert table(rows).splitlines()[0].split()[0] == HEADS[0]


def test_a_bar_that_is_not_met_is_said_by_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(durable, "QUICK", TINY)
    status = bench.main(["--quick", "--only", "P1"])
    said = capsys.readouterr().out
    assert status == (1 if "BELOW" in said else 0)
    assert "P1" in said
    with pytest.raises(SystemExit):
        bench.main(["--only", "P99"])


def test_both_adapters_send_what_they_were_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "QUICK", adapter.Adapting(rounds=2, updates=3))
    found = asyncio.run(adapter.run(True, ["P4"]))
    assert [row.bar for row in found.figures] == ["P4", "P4"]
    assert all(0 < row.spread[0] <= row.value <= row.spread[1] for row in found.figures)
    assert all(row.row[0] in page([found], True) for row in found.figures)


@pytest.mark.parametrize("count", [adapter.ONE, adapter.MANY])
def test_so_many_commands_are_registered_and_no_other(count: int) -> None:
    before = dict(registry().commands), dict(registry().names)
    with adapter.registered(count):
        assert len(registry().commands) == count
        assert set(registry().names.values()) == set(registry().commands.values())
        assert registry().find(adapter.LIGHT)
    assert (dict(registry().commands), dict(registry().names)) == before


def test_every_signed_command_is_stored_when_it_is_acknowledged(tmp_path: Path) -> None:
    scale = slack_ack.Acking(rounds=1, commands=2)
    (each,) = asyncio.run(slack_ack.acking(tmp_path, scale))
    assert min(each.ours, each.slow, each.bolt) > 0
    for contender in ("quick", "slow"):
        with closing(sqlite3.connect(tmp_path / contender / "dealpace.db")) as opened:
            rows = opened.execute("SELECT count(*) FROM inbox WHERE platform = 'slack'").fetchone()
        assert rows == ((1 + scale.rounds) * scale.commands,)


def test_the_reference_imports_the_libraries_of_the_running_product_and_no_other(tmp_path: Path) -> None:
    database = tmp_path / "installation.db"
    footprint.installation(database)
    asyncio.run(footprint.first_answer(database, tmp_path, "-X", "importtime"))
    ours = _libraries(tmp_path / footprint.LOG)
    footprint.imported(tmp_path, "-X", "importtime")
    assert _libraries(tmp_path / footprint.LOG) == ours
    assert "telegram" in ours


def _libraries(log: Path) -> set[str]:
    """The packages from outside of the standard library and the checkout that a process imported."""
    lines = [line.split("|") for line in log.read_text().splitlines() if line.startswith("import time:")]
    names = {line[2].strip().partition(".")[0] for line in lines[1:]}
    found = {name: importlib.util.find_spec(name) for name in names if not name.startswith("_")}
    return {name for name, spec in found.items() if spec and "site-packages" in str(spec.origin)}


def test_the_memory_of_a_process_is_measured(tmp_path: Path) -> None:
    world = tmp_path / "world.db"
    scale = footprint.Footing(rounds=1, commands=20, size=TINY.size)
    make(world, scale.size)
    before, after = footprint.resident(world, tmp_path, scale)
    assert 2**24 < before <= after < 2**30


def test_the_stored_levels_are_those_of_the_query_and_both_find_the_first(tmp_path: Path) -> None:
    found = deadlines.measured(tmp_path, deadlines.Ageing(deals=2_000, rounds=1, reads=1))
    assert not found.broken
    assert [row.bar for row in found.figures] == ["P10", "P10"]
    assert all(row.value > 0 for row in found.figures)
    with (
        closing(deadlines.Reading(tmp_path / "deals.db")) as ours,
        closing(deadlines.Ages(tmp_path / "deals.db")) as ages,
    ):
        critical, every = ours.totals()
        assert 0 < critical < every < 2_000
        assert len(ages.read()) == ours.first() == deadlines.FIRST


def test_a_picture_is_drawn_by_a_process_that_had_nothing_loaded(tmp_path: Path) -> None:
    drawn = pictures.ours(tmp_path / "ours.png")
    assert drawn.first > drawn.later > 0
    wide, high = pictures.size(tmp_path / "ours.png")
    assert (wide, high > 1000) == (1440, True)


def test_pictures_are_compared_round_by_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reference is fetched only by a run of the benchmark itself."""

    def made(first: float, later: float, high: int = 2) -> Callable[[Path], pictures.Drawn]:
        def one(kept: Path) -> pictures.Drawn:
            kept.write_bytes(bytes(16) + (1).to_bytes(4, "big") + high.to_bytes(4, "big"))
            return pictures.Drawn(first=first, later=later)

        return one

    monkeypatch.setattr(pictures, "ours", made(0.5, 0.05))
    monkeypatch.setattr(pictures, "theirs", made(2.5, 0.1))
    found = asyncio.run(pictures.run(True, ["P12"]))
    assert [row.value for row in found.figures] == [0.5, 0.2] and not found.broken
    monkeypatch.setattr(pictures, "theirs", made(2.5, 0.1, high=3))
    assert asyncio.run(pictures.run(True, ["P12"])).broken


RACE = tryton.Racing(size=Size(organisations=1, reps_each=20), rounds=1, each=2)


def test_every_deal_asked_for_goes_through_its_gate(tmp_path: Path) -> None:
    world = tmp_path / "world.db"
    tryton.filled(world, RACE)
    before = tryton.done(world)

    async def moved() -> Path:
        product = Product(world, tmp_path / "product.db")
        await product.start()
        await product.sequential(commands(RACE.size, 0, RACE.deals))
        await product.sequential(tryton.advances(RACE.size, 0, RACE.deals))
        await product.stop()
        return product.path

    after = tryton.done(asyncio.run(moved()))
    assert {name: after[name] - before[name] for name in after} == {"log": RACE.deals, "move": RACE.deals}


def test_a_contender_that_cannot_be_had_is_said_and_fails_only_a_strict_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tryton, "UV", ("there-is-no-such-uv",))
    assert bench.main(["--quick", "--only", "P11"]) == 0
    assert "P11: not run: there is no uv here" in capsys.readouterr().out
    assert bench.main(["--quick", "--only", "P11", "--strict"]) == 1


def test_statements_are_counted_while_something_is_done(tmp_path: Path) -> None:
    make(tmp_path / "world.db", TINY.size)
    database = SqlDatabase(f"sqlite:///{tmp_path / 'world.db'}")
    transactions = database.connect()
    work = transactions.begin()
    store = work.store(OrgId(1))
    one = statements(work, store.organisation)
    assert one > 0
    assert statements(work, lambda: (store.organisation(), store.organisation())) == 2 * one
    transactions.rollback()
    transactions.close()
    database.close()


# Tryton is fetched from PyPI and its database made: minutes, where nothing is there yet.
@pytest.mark.long
def test_tryton_does_what_it_is_asked(tmp_path: Path) -> None:
    try:
        found = asyncio.run(tryton.measured(tmp_path, RACE))
    except tryton.Absent as why:
        pytest.skip(f"Tryton cannot be had: {why}")
    assert not found.broken
    assert [row.bar for row in found.figures] == ["P11", "P11", "P11"]


def test_every_letter_is_claimed_and_marked_by_both_loops(tmp_path: Path) -> None:
    scale = outbox.Claiming(letters=250, rounds=2, jobs=0, size=Size(organisations=1, reps_each=20))
    rounds, broken = asyncio.run(outbox.on_sqlite(tmp_path, scale))
    assert not broken and len(rounds) == 2
    assert all(each.ours > 0 and each.other > 0 for each in rounds)


def test_letters_and_jobs_are_done_side_by_side_on_a_server() -> None:
    """The server is the benchmark's own; what is compared is that all of it is done."""
    cluster()
    scale = outbox.Claiming(letters=120, rounds=1, jobs=5, size=Size(organisations=1, reps_each=20))
    [each] = asyncio.run(outbox.on_postgres(scale))
    assert each.ours > 0 and each.other > 0


def test_what_arrives_is_counted_by_second_and_group(tmp_path: Path) -> None:
    scale = pacing.Pacing(letters=120, to_room=25, seconds=2.5)
    channel, handed = asyncio.run(pacing.sent(tmp_path, scale))
    assert channel.to_room and handed.keys() <= channel.answers.keys()
    assert pacing.most(channel.to_room, 3.0) <= 3
    assert pacing.most([0.0, 0.5, 0.9, 1.5, 3.0], 1.0) == 3
    rows = pacing.found(channel, handed, scale).figures
    assert [row.bar for row in rows] == ["P8"] * 4
    assert all(row.value >= 0 for row in rows)


def test_cells_duckdb_and_the_loop_find_the_same_weeks(tmp_path: Path) -> None:
    scale = weeks.Scoring(reps=100, rounds=1, letters=1, every=10, upkeep=4, size=TINY.size)
    found = asyncio.run(weeks.measured(tmp_path, scale))
    assert not found.broken
    assert [row.bar for row in found.figures] == ["P9"] * 4
    assert all(row.value > 0 for row in found.figures)


def test_reminders_are_fired_by_all_contenders(tmp_path: Path) -> None:
    scale = reminders.Crowd(rounds=1, reminders=250, stored=20)
    took = reminders.rounds(tmp_path, scale)
    assert [row.bar for row in reminders.figures(took, scale)] == ["P6"] * 5
    with closing(sqlite3.connect(tmp_path / "ours0.db")) as connection:
        assert connection.execute("SELECT count(*), count(DISTINCT key) FROM letter").fetchone() == (250, 250)
        assert connection.execute("SELECT label, served, count(*) FROM due GROUP BY 1, 2").fetchall() == [
            ("2026-03-03", "2026-03-02", 250)
        ]
