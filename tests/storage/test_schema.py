"""Migrations lead to the tables of the code and back, on both databases; a database from the future is refused."""

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from bot.app import build
from bot.clock import WallClock
from storage import schema, tables
from storage.database import SqlDatabase, open_engine
from storage.schema import SchemaTooNew


@pytest.fixture
def empty(empty_url: str) -> Iterator[Engine]:
    engine = open_engine(empty_url)
    yield engine
    engine.dispose()


@pytest.fixture
def ready(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


def at_revision(engine: Engine, revision: str) -> None:
    with engine.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})


def test_up_down_up_ends_at_the_tables_of_the_code(empty: Engine) -> None:
    schema.upgrade(empty)
    assert schema.check(empty).is_ready
    schema.downgrade(empty)
    assert set(inspect(empty).get_table_names()) == {"alembic_version"}
    schema.upgrade(empty)
    assert schema.check(empty) == schema.Health(revision=schema.HEAD, differences=())


def test_check_names_what_is_missing_or_different(ready: Engine) -> None:
    with ready.connect() as connection:
        connection.execute(text("DROP INDEX ix_due_order"))
        connection.execute(text("ALTER TABLE team ADD COLUMN motto TEXT"))
        connection.execute(text("CREATE TABLE somebody_elses (id INTEGER)"))
    found = schema.check(ready)
    assert not found.is_ready
    assert len(found.differences) == 2
    assert any("ix_due_order" in each for each in found.differences)
    assert any("motto" in each for each in found.differences)


def test_check_changes_nothing_in_an_empty_database(empty: Engine) -> None:
    found = schema.check(empty)
    assert found.revision is None
    assert len(found.differences) >= len(tables.metadata.tables)
    assert inspect(empty).get_table_names() == []


def test_prepare_migrates_an_empty_database_and_leaves_a_ready_one_alone(empty: Engine) -> None:
    schema.prepare(empty)
    assert schema.check(empty).is_ready
    with empty.connect() as connection:
        connection.execute(text("INSERT INTO poll_offset (platform, next) VALUES ('telegram', 7)"))
    schema.prepare(empty)
    with empty.connect() as connection:
        assert connection.execute(text("SELECT next FROM poll_offset")).scalar() == 7


@pytest.mark.parametrize(
    "step", [schema.prepare, schema.upgrade, schema.downgrade, schema.check], ids=lambda step: step.__name__
)
def test_a_revision_of_a_newer_release_is_refused_and_left_alone(ready: Engine, step: object) -> None:
    at_revision(ready, "9999")
    assert callable(step)
    with pytest.raises(SchemaTooNew, match=r"9999.*newer release"):
        step(ready)
    with ready.connect() as connection:
        assert schema.revision_of(connection) == "9999"
    assert inspect(ready).has_table("org")


def test_a_failed_migration_leaves_nothing_behind(empty: Engine) -> None:
    with empty.connect() as connection:
        connection.execute(text("CREATE TABLE step (something_else INTEGER)"))
    with pytest.raises(Exception, match="step"):
        schema.upgrade(empty)
    assert set(inspect(empty).get_table_names()) == {"step"}
    with empty.connect() as connection:
        connection.execute(text("DROP TABLE step"))
    schema.upgrade(empty)
    assert schema.check(empty).is_ready


def test_two_that_start_at_once_migrate_once(empty_url: str) -> None:
    def start(_: int) -> None:
        engine = open_engine(empty_url)
        schema.prepare(engine)
        engine.dispose()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(start, range(4))) == [None] * 4
    engine = open_engine(empty_url)
    assert schema.check(engine).is_ready
    engine.dispose()


def test_an_app_makes_its_database_ready(empty_url: str) -> None:
    app = build(empty_url, WallClock(), {})
    app.prepare()
    app.close()
    engine = open_engine(empty_url)
    assert schema.check(engine).is_ready
    engine.dispose()


def test_numbers_that_must_never_come_twice_survive_the_migrations(tmp_path: Path) -> None:
    """SQLite does not tell AUTOINCREMENT, so a table that a migration makes anew could lose it unseen."""
    engine = open_engine(f"sqlite:///{tmp_path / 'dealpace.db'}")
    schema.upgrade(engine)
    with engine.connect() as connection:
        made = connection.execute(text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"))
        counted = set(made.scalars())
    engine.dispose()
    wanted = {
        each.name
        for each in tables.metadata.tables.values()
        if each.dialect_options["sqlite"]["autoincrement"]
    }
    assert counted == wanted
    assert "org" in wanted


def test_a_database_in_memory_has_the_same_tables() -> None:
    database = SqlDatabase("sqlite:///:memory:")
    database.create()
    assert schema.check(database.engine).differences == ()
    database.close()


def test_a_sqlite_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "new" / "dealpace.db"
    database = SqlDatabase(f"sqlite:///{file}")
    database.create()
    transactions = database.connect()
    transactions.begin().inbox.keep_offset("telegram", 1)
    transactions.commit()
    beside = sorted(file.parent.iterdir())
    assert [each.name for each in beside] == ["dealpace.db", "dealpace.db-shm", "dealpace.db-wal"]
    assert {stat.S_IMODE(each.stat().st_mode) for each in beside} == {0o600}
    transactions.close()
    database.close()


def test_the_newest_revision_is_the_one_the_code_names() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.FOLDER))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_every_table_of_an_organisation_is_protected(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    with engine.connect() as connection:
        connection.execute(text("ALTER TABLE customer NO FORCE ROW LEVEL SECURITY"))
    assert schema.check(engine).differences == ("no row-level security on customer",)
    engine.dispose()


def test_deals_won_before_results_were_kept_count_for_whoever_sold_them(empty: Engine) -> None:
    """An odd cent of 60 to 40 goes to the larger remainder; a deal that was lost counts for nobody."""
    _to_revision(empty, "0004")
    with empty.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT set_config('dealpace.org', 'installation', true)")
        for statement in OF_OLD:
            connection.execute(text(statement))
        connection.exec_driver_sql("COMMIT")
    schema.upgrade(empty)
    with empty.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT set_config('dealpace.org', 'installation', true)")
        found = connection.execute(text("SELECT id, member_id, value, deal_id FROM result ORDER BY id")).all()
        assert [tuple(row) for row in found] == [(1, 1, 6001, 1), (2, 2, 4000, 1)]
        stays = connection.execute(text("SELECT member_id, team_id FROM team_stay ORDER BY id")).all()
        assert [tuple(row) for row in stays] == [(1, None), (2, None)]
        connection.exec_driver_sql("ROLLBACK")


def _to_revision(engine: Engine, revision: str) -> None:
    from alembic import command

    schema._migrate(engine, lambda config: command.upgrade(config, revision))


_DEAL = (
    "INSERT INTO deal (org_id, id, customer_id, owner_id, team_id, title, state, milestone, opened_on, entered_on, amount,"
    " moves, backs, phase, template_id, imported, unproven, overridden, approved, held_days, reason, note, lesson, kept,"
    " contract, closed_on, standing, shift, shift_reason, snooze_reason, level, quiets, withdrawn) VALUES (1, {id}, 1, 1,"
    " NULL, '', '{state}', 7, '2026-01-05', '2026-02-02', 10001, 0, 0, 'delivery', 0, false, ',', ',', 0, 0, '', '', '',"
    " '', '', '2026-02-02', '', 0, '', '', 0, 0, false)"
)
_MEMBER = (
    "INSERT INTO member (org_id, id, name, roles, language, zone, profile, joined_on, day_starts, nudged, quantities,"
    " digest_at) VALUES (1, {id}, 'Old', 'rep', 'en', 'UTC', 'field', '2026-01-01', '08:30', true, '{{}}', '09:00')"
)
OF_OLD = (
    "INSERT INTO org (id, name, language, zone, currency, week, profile, started_on, quantities)"
    " VALUES (1, 'Old', 'en', 'UTC', 'EUR', '12345', 'field', '2026-01-01', '{}')",
    _MEMBER.format(id=1),
    _MEMBER.format(id=2),
    "INSERT INTO customer (org_id, id, name, key, owner_id, is_key, segment, buyer_type, withdrawn)"
    " VALUES (1, 1, 'Acme', 'acme', 1, false, '', '', false)",
    _DEAL.format(id=1, state="won"),
    _DEAL.format(id=2, state="lost"),
    "INSERT INTO seller (org_id, id, deal_id, member_id, part, share, withdrawn) VALUES (1, 1, 1, 2, 'rep', 40, false)",
)
